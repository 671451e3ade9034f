"""A recipe carried out again: its refactorings, on a private work tree of a commit. No model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alma_agent.proposals.artefact import ProposalDocument, Step
from alma_agent.proposals.refusals import NotSound
from toolset.git import Repository
from toolset.trees import Trees
from toolset.work_tree import tree_with

if TYPE_CHECKING:
    from toolset.edits import ChangeSet
    from toolset.refactor.requests import Request


def replay_of(trees: Trees, document: ProposalDocument) -> Callable[[str], str] | None:
    """Return what makes a proposal's recipe again over a commit; None if it has none."""
    if document.recipe is None:
        return None
    return partial(replayed, trees, document.recipe, document.scope)


def replayed(trees: Trees, steps: Sequence[Step], scope: Sequence[str], onto: str) -> str:
    """Return the tree that a recipe makes of the commit `onto`.

    Raises NotSound for a recipe that no alma writes, ToolsetError where it cannot be carried out
    there, GitFailed.
    """
    from toolset.draft import Draft
    from toolset.refactor.catalogue import plan  # the engines take 0.1 s to load
    from toolset.scope import EditScope
    from toolset.workspace import Workspace

    requests = [request_of(step) for step in steps]
    with trees.worktree(onto) as top:
        draft = Draft(Workspace(top), scope=EditScope(tuple(scope)))
        for request in requests:
            draft.stage(plan(draft, request).changes)
        return _tree_written(top, draft.changes())


def step_of(request: Request) -> Step:
    """Return a request as it stands in a proposal."""
    from toolset.refactor.catalogue import slug

    said = {one.name: getattr(request, one.name) for one in fields(request)}
    arguments = {
        name: list(value) if isinstance(value, tuple) else value for name, value in said.items()
    }
    return Step(refactoring=slug(type(request)), arguments=arguments)


def request_of(step: Step) -> Request:
    """Return what a step of a recipe asks for. Raises NotSound if it is not what alma writes."""
    from toolset.refactor.catalogue import KINDS

    kind = KINDS.get(step.refactoring)
    if kind is None:
        raise NotSound("schema", f"Its recipe names {step.refactoring!r}, which is no refactoring.")
    known = {one.name: one for one in fields(kind)}
    required = {name for name, one in known.items() if one.default is MISSING}
    given: Mapping[str, Any] = step.arguments
    if odd := sorted((given.keys() - known.keys()) | (required - given.keys())):
        raise NotSound("schema", f"Its recipe's {step.refactoring} does not take {odd[0]!r} so.")
    return kind(**{name: _value(known[name], value) for name, value in given.items()})


def _value(one: Field[Any], value: object) -> object:
    """Return a value as a field takes it: a text, a yes or no, or several texts."""
    said = str(one.type)
    if said.startswith("tuple") and isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            return tuple(value)
    elif (said == "str" and isinstance(value, str)) or (said == "bool" and isinstance(value, bool)):
        return value
    raise NotSound("schema", f"Its recipe has {value!r:.60} for {one.name!r}, which takes {said}.")


def _tree_written(top: Path, changes: ChangeSet) -> str:
    """Write changes into a private work tree; return the tree that git makes of it."""
    # What goes, goes first: a folder may come where a file was.
    for edit in sorted(changes, key=lambda one: one.after is not None):
        path = top / edit.path
        if edit.after is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(edit.after.data)
        path.chmod(edit.after.mode)
    return tree_with(Repository(top), changes.paths)
