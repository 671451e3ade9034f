"""Ranges that change one import statement of several names, or put another statement below it."""

from __future__ import annotations

import re

from toolset.encoding import newline_of
from toolset.refactor.moving.file_imports import FileImports, Span, Standing
from toolset.refactor.ranges import Replacement

_COMMENT = re.compile(r"#[^\r\n]*")


def statement_below(
    one: Standing, file: FileImports, statement: str, comment: str = ""
) -> Replacement:
    """Return what puts a statement below an import, in its block, or behind it on a shared line."""
    text, (start, end) = file.text, one.statement
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    if indent.strip() or shares_line(file, end):
        return Replacement(end, end, f"; {statement}")
    at = line_end(text, end)
    behind = f"  {comment}" if comment else ""
    return Replacement(at, at, f"{newline_of(text)}{indent}{statement}{behind}")


def comment_in(text: str, span: Span) -> str:
    """Return the comment that goes with a range; empty if there is none."""
    found = _COMMENT.search(text, *span)
    return found[0].rstrip() if found else ""


def last_word(file: FileImports, span: Span) -> int:
    """Return where the last part of a dotted name begins."""
    start = span[0] + file.text[slice(*span)].rstrip().rfind(".") + 1
    return start + len(file.text[start : span[1]]) - len(file.text[start : span[1]].lstrip())


def without_item(one: Standing, file: FileImports) -> tuple[int, int]:
    """Return the range that goes with one name of several: with its comma, or its own line."""
    text = file.text
    same = [other for other in file.names if other.node is one.node]
    start, end = one.item
    line_start = text.rfind("\n", 0, start) + 1
    if one is not same[-1]:
        after = same[one.index + 1].item[0]
        line_end_ = text.find("\n", end) + 1
        if not text[line_start:start].strip() and 0 < line_end_ <= after:
            return line_start, line_end_
        return start, after
    before = same[one.index - 1].item[1]
    rest_end = text.find("\n", end) + 1
    rest = text[end:rest_end].strip()
    alone = not text[line_start:start].strip() and rest_end <= one.statement[1]
    if alone and (not rest.strip(",") or rest.strip(", ").startswith("#")):
        return line_start, rest_end
    # A comment between the two is the one's that stays.
    return (start, end) if "#" in text[before:start] else (before, end)


def line_end(text: str, at: int) -> int:
    """Return where the line at an offset ends, before its line ending."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def shares_line(file: FileImports, end: int) -> bool:
    """Say whether other code follows a statement on its line."""
    rest = file.text[end : line_end(file.text, end)].strip()
    return bool(rest) and not rest.startswith("#")
