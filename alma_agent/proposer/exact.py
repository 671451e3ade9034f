"""Exact refactorings as a proposer: what was asked for, one after the other, on one draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from alma_agent.proposer.completion import function_named, in_file, in_function
from alma_agent.proposer.paths import with_whole_paths
from alma_agent.records import Proposal, Task
from alma_agent.remembered import Recollection
from toolset.draft import Draft
from toolset.errors import AmbiguousTarget
from toolset.refactor.evidence import Evidence, Refactoring
from toolset.refactor.requests import Request, Targeted
from toolset.workspace import Workspace

Choose = Callable[[AmbiguousTarget], str]
"""Picks one of the candidates, or raises the error that it is given."""


ROOT = PurePosixPath()


class ExactRefactorer:
    """Proposes what exact refactorings make of a task."""

    def __init__(
        self,
        workspace: Workspace,
        requests: Sequence[Request],
        choose: Choose | None = None,
        folder: PurePosixPath = ROOT,
    ) -> None:
        """`folder` is where the requests were said: paths may count from there."""
        self._workspace = workspace
        self._requests = requests
        self._choose = choose
        self._folder = folder

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:  # noqa: ARG002
        """Raises RefactoringRefused if one of the refactorings cannot be done safely."""
        draft, evidence, titles = Draft(self._workspace, scope=task.scope), Evidence(), []
        recipe = []
        for request in self._requests:
            whole = with_whole_paths(request, draft.files(), self._folder)
            done, asked = self._planned(draft, in_file(whole, task.file))
            draft.stage(done.changes)
            evidence += done.evidence
            titles.append(done.title)
            recipe.append(asked)
        return Proposal(
            draft.changes(),
            "; then ".join(titles),
            proposer="planner",
            evidence=evidence,
            recipe=tuple(recipe),
        )

    def _planned(self, draft: Draft, request: Request) -> tuple[Refactoring, Request]:
        """Return a refactoring, and the request that says all of it."""
        from toolset.refactor.catalogue import plan  # the engines take 0.1 s to load

        if function := function_named(request):
            request = self._in_function(draft, request, function)
        try:
            return plan(draft, request), request
        except AmbiguousTarget as ambiguous:
            if self._choose is None or not isinstance(request, Targeted):
                raise
            request = replace(request, target=self._choose(ambiguous))
            return plan(draft, request), request

    def _in_function(self, draft: Draft, request: Request, function: str) -> Request:
        try:
            return in_function(draft, request, function)
        except AmbiguousTarget as ambiguous:
            if self._choose is None:
                raise
            return in_function(draft, request, self._choose(ambiguous))
