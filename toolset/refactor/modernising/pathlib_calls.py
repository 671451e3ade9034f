"""One file's calls of os and os.path written with pathlib, and its import of Path."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from toolset.errors import RefactoringRefused
from toolset.imports import add_import
from toolset.refactor.evidence import Evidence, Leftover, Place
from toolset.refactor.modernising.bindings import bindings, imports_of
from toolset.refactor.modernising.path_calls import PathCalls, Unpathlike
from toolset.refactor.positions import Positions
from toolset.refactor.ranges import Replacement
from toolset.refactor.rewriting import Rewriting
from toolset.ruff import Diagnostic

_DOUBT = (
    'Path() takes no bytes and no file descriptors, reads "" as the current folder, drops a last '
    "slash, and may raise where os.path says False; whether a path here is such was not shown."
)


def with_pathlib(rewriting: Rewriting, told: Sequence[Diagnostic]) -> Evidence:
    """Rewrite the calls that ruff told of; where Path is something else, none."""
    tree, positions = ast.parse(rewriting.text), Positions(rewriting.text)
    calls = PathCalls(positions, tree)
    ranges: list[Replacement] = []
    changed: dict[Place, tuple[str, ...]] = {}
    left: list[Leftover] = []
    is_sure = True
    for one in reversed(told):  # what stands in another call comes behind it
        at = positions.offset(one.line, one.column)
        try:
            call = calls.find(one.line, one.column)
            ranges += calls.rewritten(call, one.code)
            changed[rewriting.place(at)] = ("ruff", "calls")
            is_sure = is_sure and calls.is_sure(call)
        except Unpathlike as reason:
            left.append(rewriting.leftover(at, str(reason)))
    if changed:
        try:
            _require_own_path(tree)
            rewriting.replace(ranges)
            rewriting.retyped(add_import(rewriting.text, "from pathlib import Path"))
        except RefactoringRefused:
            return _unchanged(rewriting.source.text, rewriting, changed, left)
    return Evidence(changed, tuple(sorted(left)), () if is_sure or not changed else (_DOUBT,))


def _require_own_path(tree: ast.Module) -> None:
    if bindings(tree, "Path") and imports_of(tree).get("Path") != "pathlib.Path":
        raise RefactoringRefused("Path means something else here.")


def _unchanged(
    text: str, rewriting: Rewriting, changed: dict[Place, tuple[str, ...]], left: list[Leftover]
) -> Evidence:
    rewriting.retyped(text)
    positions, why = Positions(text), "os call in a file where Path cannot be imported"
    starts = [positions.offset(place.line, place.column) for place in changed]
    kept = [positions.leftover(rewriting.path, at, why) for at in starts]
    return Evidence(leftovers=tuple(sorted([*left, *kept])))
