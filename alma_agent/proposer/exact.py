"""Exact refactorings as a proposer: what was asked for, one after the other, on one draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from alma_agent.records import Proposal, Recollection, Task
from toolset.draft import Draft
from toolset.errors import AmbiguousTarget
from toolset.refactor.evidence import Evidence, Refactoring
from toolset.refactor.requests import InFiles, ReplacePattern, Request, Targeted
from toolset.workspace import Workspace

Choose = Callable[[AmbiguousTarget], str]
"""Picks one of the candidates, or raises the error that it is given."""


class ExactRefactorer:
    """Proposes what exact refactorings make of a task."""

    def __init__(
        self, workspace: Workspace, requests: Sequence[Request], choose: Choose | None = None
    ) -> None:
        self._workspace = workspace
        self._requests = requests
        self._choose = choose

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:  # noqa: ARG002
        """Raises RefactoringRefused if one of the refactorings cannot be done safely."""
        draft, evidence, titles = Draft(self._workspace), Evidence(), []
        for request in self._requests:
            done = self._planned(draft, _in_file(request, task.file))
            draft.stage(done.changes)
            evidence += done.evidence
            titles.append(done.title)
        return Proposal(
            draft.changes(), "; then ".join(titles), proposer="planner", evidence=evidence
        )

    def _planned(self, draft: Draft, request: Request) -> Refactoring:
        from toolset.refactor.catalogue import plan  # the engines take 0.1 s to load

        try:
            return plan(draft, request)
        except AmbiguousTarget as ambiguous:
            if self._choose is None or not isinstance(request, Targeted):
                raise
            return plan(draft, replace(request, target=self._choose(ambiguous)))


def _in_file(request: Request, file: PurePosixPath | None) -> Request:
    """Return the request, in the file that the task is about if it names no other place."""
    match request:
        case Targeted(target) if file and "/" not in target and "::" not in target:
            return replace(request, target=f"{file}::{target}")
        case InFiles(()) | ReplacePattern(paths=()) if file:
            return replace(request, paths=(str(file),))
    return request
