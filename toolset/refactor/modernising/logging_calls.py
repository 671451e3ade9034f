"""Write calls of a module's logger in place of print()."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.checks import parse
from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.evidence import Evidence, Leftover, Place, Refactoring
from toolset.refactor.files_in import files_in, unread_in
from toolset.refactor.modernising.bindings import is_bound, is_used
from toolset.refactor.modernising.module_loggers import NEW_LOGGER, find_logger, with_logger
from toolset.refactor.modernising.print_calls import Unwritable, as_logging
from toolset.refactor.positions import Positions
from toolset.refactor.ranges import Replacement, replaced
from toolset.refactor.requests import UseLogging
from toolset.ruff import check
from toolset.workspace import SourceFile

_LEVELS = ("debug", "info", "warning", "error")
_DOUBT = (
    "What was printed now goes where the program sends its log, or nowhere: "
    "without logging.basicConfig() or a handler, Python shows warnings and errors only, on stderr."
)


def use_logging(draft: Draft, request: UseLogging) -> Refactoring:
    """Stage a call of the module's logger for each print() that it can stand for.

    The text of the message stays the same; where it goes does not, so the evidence is never more
    than likely. Raises RefactoringRefused for a level that logging does not have, for a path that
    names no Python file, and where ruff cannot run.
    """
    if request.level not in _LEVELS:
        raise RefactoringRefused(f"{request.level!r} is no level. Use {', '.join(_LEVELS)}.")
    sources = [one for one in files_in(draft, request.paths) if "print" in one.text]
    evidence = Evidence(leftovers=unread_in(draft, request.paths))
    found: dict[PurePosixPath, set[tuple[int, int]]] = defaultdict(set)
    for one in check({source.path: source.text for source in sources}, ["T201"]):
        if one.code == "T201":
            found[one.path].add((one.line, one.column))
    for source in sources:
        if source.path in found:
            text, told = _with_logging(source, found[source.path], request.level)
            evidence += told
            if told.changed:
                draft.write(source.path, text)
    count = len(evidence.changed)
    if count:
        evidence += Evidence(doubts=(_DOUBT,))
    title = f"Write {count} call{'s' * (count != 1)} of a logger" if count else "No print() to log"
    return Refactoring(title, draft.changes(), evidence)


@dataclass(frozen=True, slots=True)
class _Print:
    """A call of print(): whether it is a statement of its own, and whether a function holds it."""

    call: ast.Call
    is_statement: bool
    is_late: bool


def _with_logging(
    source: SourceFile, told: set[tuple[int, int]], level: str
) -> tuple[str, Evidence]:
    """Return the text with the calls rewritten that ruff told of, by line and column."""
    tree, positions = parse(source.path, source.state), Positions(source.text)
    known = find_logger(tree)
    method = f"{known[0] if known else NEW_LOGGER}.{level}"
    ranges: list[Replacement] = []
    changed: dict[Place, tuple[str, ...]] = {}
    left: list[Leftover] = []
    for one in _prints(tree):
        at = positions.start(one.call)
        place = positions.place(source.path, at)
        if (place.line, place.column) not in told:
            continue
        try:
            _require_reachable(tree, one, known)
            ranges += as_logging(positions, one.call, method)
            changed[place] = ("ruff", "syntax")
        except Unwritable as reason:
            left.append(positions.leftover(source.path, at, str(reason)))
    text = replaced(source.text, ranges)
    try:
        text = with_logger(text) if changed and known is None else text
    except RefactoringRefused as refused:
        why = f"print() in a file that gets no logger: {refused}"
        starts = [positions.offset(place.line, place.column) for place in changed]
        left += [positions.leftover(source.path, at, why) for at in starts]
        changed = {}
    return text, Evidence(changed, tuple(sorted(left)))


def _prints(node: ast.AST, *, is_late: bool = False) -> Iterator[_Print]:
    is_late = is_late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Call(func=ast.Name(id="print")):
                yield _Print(child, isinstance(node, ast.Expr), is_late)
        yield from _prints(child, is_late=is_late)


def _require_reachable(tree: ast.Module, one: _Print, known: tuple[str, ast.Assign] | None) -> None:
    """Raise Unwritable where the logger's name, or print, is something else or not yet made."""
    if not one.is_statement:
        raise Unwritable("print() inside an expression")
    if is_bound(tree, "print"):
        raise Unwritable("print() that is not Python's own")
    if known is None and is_used(tree, NEW_LOGGER):
        raise Unwritable(f"print() in a file where {NEW_LOGGER} is something else")
    if known is not None and not one.is_late and one.call.lineno <= known[1].lineno:
        raise Unwritable("print() before the logger is made")
