"""Tools that carry out exact refactorings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field

from alma_agent.proposer.tools.desk import Desk, OutsideTask
from alma_agent.proposer.tools.secret_files import SecretFile, holds_secrets
from alma_agent.proposer.tools.showing import listed, shortened
from toolset.draft import Draft
from toolset.errors import ToolsetError
from toolset.refactor.catalogue import KINDS, plan
from toolset.refactor.evidence import Evidence, Refactoring
from toolset.refactor.requests import InFiles, MoveSymbol, Rename, ReplacePattern, Request
from toolset.refactor.spelling import about, read, usage
from toolset.refactor.target import find_definition

_MOST_LEFT = 20
_LONGEST_LINE = 200
_LEGEND = """\
TARGET is path/file.py::Class.method, or the name alone where only one has it; of a module, its
path. WHERE is path/file.py:10-20; for an expression path/file.py:10. [] may be left out."""


def rename_symbol(
    desk: Desk,
    old: Annotated[str, Field(description="The present name; `Class.method` for a member.")],
    new: Annotated[str, Field(description="The new name.")],
    path: Annotated[
        str, Field(description="The file that defines it, if several files define the name.")
    ] = "",
) -> str:
    """Rename a function, method, class, variable, parameter or attribute, with all its uses.

    Exact: same-named symbols elsewhere stay. Says which occurrences were left, to look at.
    """
    located = f"{desk.locate(path)}::" if path.strip() else ""
    return _carried_out(desk, Rename(f"{located}{old.strip()}", new.strip()))


def refactor(
    desk: Desk,
    name: Annotated[str, Field(description="As list_refactorings names it: `move-symbol`.")],
    arguments: Annotated[
        list[str],
        Field(description='What it takes, in order, options last: ["a.py::load", "b.py"].'),
    ],
) -> str:
    """Carry out an exact refactoring in the whole project, uses included.

    Prefer it to edits by hand. Says which places were left, to look at.
    """
    return _carried_out(desk, read(name.strip(), arguments))


def list_refactorings(desk: Desk) -> str:  # noqa: ARG001
    """List the exact refactorings and what each takes."""
    return "\n".join([*(f"{usage(kind)}: {about(kind)}" for kind in KINDS.values()), _LEGEND])


def _carried_out(desk: Desk, request: Request) -> str:
    """Stage a refactoring, if all that it touches is in scope; tell how sure it is."""
    desk.require_edits()
    # Planned without the scope, so that every file outside it can be named.
    done = plan(Draft(desk.draft.workspace, desk.draft.changes()), request)
    touched = [edit.path for edit in done.changes if edit.after != desk.draft.state_of(edit.path)]
    of_files = isinstance(request, InFiles | ReplacePattern)
    _require_allowed(desk, touched, is_of_files=of_files)
    _require_begun_in_hand(desk, request, done)
    before = desk.state
    desk.draft.stage(done.changes)
    desk.evidence = done.evidence if desk.evidence is None else desk.evidence + done.evidence
    nothing = "\nThis changed nothing." if desk.state == before else ""
    return f"{_told(done)}{nothing}"


def _require_allowed(desk: Desk, touched: list[PurePosixPath], *, is_of_files: bool) -> None:
    """Raise OutsideTask or SecretFile. `is_of_files`: what changes follows from no one symbol."""
    scope = desk.task.scope
    if outside := [path for path in touched if not scope.allows(path)]:
        raise OutsideTask(outside, str(scope))
    # With a file in hand and no scope, a refactoring may lead out of the file, but not begin there.
    in_hand = desk.task.hand_scope
    beyond = [path for path in touched if not in_hand.allows(path)]
    if in_hand != scope and beyond and (is_of_files or len(beyond) == len(touched)):
        raise OutsideTask(beyond, str(in_hand), _MUST_TOUCH)
    for path in touched:
        if holds_secrets(path):
            raise SecretFile(path)


def _require_begun_in_hand(desk: Desk, request: Request, done: Refactoring) -> None:
    """Raise OutsideTask if, with a file in hand, another file's symbol is what changes.

    Or if code would come to stand in another file: it may have been written by hand a moment ago.
    """
    in_hand = desk.task.hand_scope
    if in_hand == desk.task.scope:
        return
    moved = {move.new for move in done.changes.moves}
    made = [edit.path for edit in done.changes if edit.before is None and edit.path not in moved]
    begun = [_defined_in(desk, request)] if isinstance(request, Rename | MoveSymbol) else []
    into = [desk.locate(request.to)] if isinstance(request, MoveSymbol) else []
    beyond = [path for path in (*begun, *made, *into) if path and not in_hand.allows(path)]
    if beyond:
        raise OutsideTask(dict.fromkeys(beyond), str(in_hand), _MUST_TOUCH)


def _defined_in(desk: Desk, request: Rename | MoveSymbol) -> PurePosixPath | None:
    try:
        return find_definition(desk.draft, request.target).source.path
    except ToolsetError:  # a module, say
        return None


_MUST_TOUCH = " A refactoring must change that file too, and be of what it defines."


def _told(done: Refactoring) -> str:
    evidence = done.evidence
    doubts = "".join(f"\nDoubt: {doubt}" for doubt in evidence.doubts)
    told = f"Staged: {done.title}; {evidence.summary()}.{doubts}"
    left = _left(evidence)
    return f"{told}\nLeft as they are:\n{listed(left, _MOST_LEFT, _rest)}" if left else told


def _left(evidence: Evidence) -> list[str]:
    return [
        f"{one.place} ({one.kind}): {shortened(one.text.strip(), longest=_LONGEST_LINE)}"
        for one in evidence.leftovers
        if not holds_secrets(one.place.path)
    ]


_rest: Callable[[int], str] = "({} more places; search_text finds them)".format
