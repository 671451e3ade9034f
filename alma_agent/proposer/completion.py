"""A request as it was said becomes complete: the file that `load`, or lines 10-20, are in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.requests import (
    Extract,
    InFiles,
    ReplacePattern,
    Request,
    Targeted,
)

_LINES = re.compile(r"\d+(-\d+)?")


def in_file(request: Request, file: PurePosixPath | None) -> Request:
    """Return the request, in the file that the task is about if it names no other place."""
    match request:
        case Targeted(target) if file and "/" not in target and "::" not in target:
            return replace(request, target=f"{file}::{target}")
        case InFiles(()) | ReplacePattern(paths=()) if file:
            return replace(request, paths=(str(file),))
        case Extract(where):
            return replace(request, where=_lines_in_file(where, file))
    return request


def function_named(request: Request) -> str:
    """Return the function that lines are said to be of; empty if a file is named, or no lines."""
    match request:
        case Extract(where):
            place = where.rpartition(":")[0]
            return place if _is_symbol(place) else ""
    return ""


def in_function(draft: Draft, request: Request, target: str) -> Request:
    """Return the request for the file that holds the function, by its address.

    Raises RefactoringRefused if the lines are not the function's, or there is no such function;
    AmbiguousTarget if there are several.
    """
    from toolset.checks import parse
    from toolset.refactor.target import find_definition  # the engines take 0.1 s to load

    if not isinstance(request, Extract):
        return request
    found = find_definition(draft, target)
    lines = request.where.rpartition(":")[2]
    first, _, last = lines.partition("-")
    spans = list(_spans(parse(found.source.path, found.source.state), found.name))
    if not any(start <= int(first) and int(last or first) <= end for start, end in spans):
        stands = " and ".join(f"lines {start}-{end}" for start, end in spans)
        raise RefactoringRefused(
            f"{lines} is not within {found.name}, which stands at {stands} of {found.source.path}. "
            "Lines are counted from the top of the file. Nothing was changed."
        )
    return replace(request, where=f"{found.source.path}:{lines}")


def _lines_in_file(where: str, file: PurePosixPath | None) -> str:
    place, _, lines = where.rpartition(":")
    if not _LINES.fullmatch(lines):
        raise RefactoringRefused(
            f"Which lines of {where}? Name them, as in {where}:10-20. Nothing was changed."
        )
    if place and not _is_symbol(place):
        return where
    if not place and file is None:
        raise RefactoringRefused(
            f"In which file is {lines}? Name it, as in path/file.py:{lines}. Nothing was changed."
        )
    if file is None or "::" in place:
        return where
    return f"{file}::{where}" if place else f"{file}:{lines}"


def _is_symbol(place: str) -> bool:
    if "::" in place:
        return True
    names = place.split(".")
    return names[-1] not in ("py", "pyi") and all(name.isidentifier() for name in names)


def _spans(tree: ast.AST, dotted: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last line of each definition of a dotted name, decorators included."""
    name, _, rest = dotted.partition(".")
    for node in _definitions(tree):
        if node.name != name:
            continue
        if rest:
            yield from _spans(node, rest)
        else:
            first = min(one.lineno for one in (node, *node.decorator_list))
            yield first, node.end_lineno or first


def _definitions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield child
        else:
            yield from _definitions(child)
