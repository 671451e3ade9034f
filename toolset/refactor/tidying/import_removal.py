"""Take names out of import statements, or the statements with them, and nothing else.

What would take other code or a comment along, or leave a block empty, is not removed.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from toolset.refactor.positions import Positions
from toolset.refactor.ranges import Replacement
from toolset.refactor.tidying.imported_names import ImportedName

_PRAGMA = re.compile(r"#\s*(?:type:\s*ignore|pyright:|mypy:|isort:|pragma:|noqa|nosec)")
_FILES_OWN = re.compile(r"#!|#.*coding[:=]")
_BLANK = re.compile(r"[ \t\f]*\r?\n")


@dataclass(slots=True)
class Removal:
    """What can be removed, and the ranges for it; `kept` holds the others, each with the reason.

    `comments` are the offsets of comments right above a statement that goes; they stay.
    """

    removed: list[ImportedName] = field(default_factory=list)
    kept: list[tuple[ImportedName, str]] = field(default_factory=list)
    ranges: list[Replacement] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)


def removal(positions: Positions, names: Iterable[ImportedName]) -> Removal:
    """Return how to remove `names` from the text of `positions`."""
    result, whole = Removal(), []
    for statement, group in _by_statement(names):
        if len(group) == len(statement.names):
            whole.append(group)
        else:
            _take_names(positions, statement, group, result)
    lines = []
    for group in whole:
        if reason := _why_kept(positions, group, whole):
            result.kept += [(one, reason) for one in group]
        else:
            result.removed += group
            lines.append(_lines_of(positions, group[0].statement))
    result.comments += [at for start, _ in lines for at in comment_above(positions.text, start)]
    result.ranges += _without(positions.text, lines)
    return result


def comments_in(text: str, start: int, end: int) -> list[str]:
    """Return the comments that begin in a range of a Python text."""
    return [comment for at, comment in comments_of(text) if start <= at < end]


@lru_cache(maxsize=8)  # a text is asked about many of its ranges
def comments_of(text: str) -> tuple[tuple[int, str], ...]:
    """Return each comment of a Python text that parses, with its offset."""
    at = Positions(text)
    tokens = tokenize.generate_tokens(io.StringIO(text, newline="").readline)
    return tuple(
        (at.offset(*token.start), token.string.rstrip("\r"))
        for token in tokens
        if token.type == tokenize.COMMENT
    )


def is_pragma(comment: str) -> bool:
    """Say whether a comment only tells a tool about its own line."""
    return bool(_PRAGMA.match(comment))


def comment_above(text: str, start: int) -> Iterator[int]:
    """Yield where a comment stands in the line right above the one that begins at `start`."""
    above = text.rfind("\n", 0, start - 1) + 1 if start else 0
    line = text[above:start].strip()
    if line.startswith("#") and not is_pragma(line) and not _FILES_OWN.match(line):
        yield above + text[above:start].index("#")


def _by_statement(
    names: Iterable[ImportedName],
) -> Iterator[tuple[ast.Import | ast.ImportFrom, list[ImportedName]]]:
    groups: dict[int, list[ImportedName]] = defaultdict(list)
    for one in names:
        groups[id(one.statement)].append(one)
    for group in groups.values():
        yield group[0].statement, group


def _why_kept(
    positions: Positions, group: Sequence[ImportedName], whole: Iterable[Sequence[ImportedName]]
) -> str | None:
    first = group[0]
    gone = {id(one[0].statement) for one in whole}
    if len(first.parents) > 1 and all(id(one) in gone for one in first.block):
        return "unused import, all that its block holds"
    start, end = _lines_of(positions, first.statement)
    before = positions.text[start : positions.start(first.statement)]
    after = positions.text[positions.end(first.statement) : end].strip()
    if before.strip() or (after and not after.startswith("#")):
        return "unused import that shares its line with other code"
    if not all(map(is_pragma, comments_in(positions.text, start, end))):
        return "unused import with a comment"
    return None


def _lines_of(positions: Positions, statement: ast.stmt) -> tuple[int, int]:
    text, start, end = positions.text, positions.start(statement), positions.end(statement)
    return text.rfind("\n", 0, start) + 1, text.find("\n", end) + 1 or len(text)


def _without(text: str, lines: Iterable[tuple[int, int]]) -> Iterator[Replacement]:
    """Yield the ranges of whole lines, and of the smaller gap around them."""
    for start, end in _merged(text, sorted(lines)):
        if end == len(text):  # the line above becomes the last one, and ends as this one did
            above = text[:start].rstrip()
            ending = re.match(r"[ \t\f]*\r?\n", text[len(above) :]) if text.endswith("\n") else None
            yield Replacement(len(above) + (ending.end() if ending and above else 0), end, "")
            continue
        below = [end]
        while blank := _BLANK.match(text, below[-1]):
            below.append(blank.end())
        above_count = _blank_above(text, start)
        is_first = not text[:start].strip()
        spare = len(below) - 1 if is_first else min(above_count, len(below) - 1)
        yield Replacement(start, below[spare], "")


def _merged(text: str, lines: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in lines:
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return [(start, end if text[end:].strip() else len(text)) for start, end in merged]


def _blank_above(text: str, start: int) -> int:
    count, at = 0, start
    while at > 0:
        above = text.rfind("\n", 0, at - 1) + 1
        if text[above:at].strip():
            break
        count, at = count + 1, above
    return count


def _take_names(
    positions: Positions,
    statement: ast.Import | ast.ImportFrom,
    group: Sequence[ImportedName],
    result: Removal,
) -> None:
    """Remove some names of a statement that keeps others."""
    gone = {id(one.alias) for one in group}
    ranges = []
    for start, end, aliases in _runs(positions, statement.names, gone):
        inside = comments_in(positions.text, start, end)
        if not all(map(is_pragma, inside)):
            ids = {id(alias) for alias in aliases}
            kept = [one for one in group if id(one.alias) in ids]
            result.kept += [(one, "unused import with a comment") for one in kept]
            gone -= ids
        else:
            ranges.append(Replacement(start, end, ""))
            result.comments += comment_above(positions.text, start)
    result.ranges += ranges
    result.removed += [one for one in group if id(one.alias) in gone]


def _runs(
    positions: Positions, aliases: Sequence[ast.alias], gone: set[int]
) -> Iterator[tuple[int, int, list[ast.alias]]]:
    """Yield the range of each run of names that go; ranges do not meet."""
    index = 0
    while index < len(aliases):
        last = index
        while last < len(aliases) and id(aliases[last]) in gone:
            last += 1
        if last > index:
            run = list(aliases[index:last])
            before = aliases[index - 1] if index else None
            after = aliases[last] if last < len(aliases) else None
            yield (*_range_of(positions, run, before, after), run)
        index = last + 1


def _range_of(
    positions: Positions,
    run: Sequence[ast.alias],
    before: ast.alias | None,
    after: ast.alias | None,
) -> tuple[int, int]:
    text = positions.text
    start, end = positions.start(run[0]), positions.end(run[-1])
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end) + 1
    rest = re.match(r"[ \t]*,?[ \t]*(?:#.*)?\r?$", text[end : line_end - 1]) if line_end else None
    if not text[line_start:start].strip() and rest and not _continued(text, line_start):
        return line_start, line_end
    if after is not None and (before is None or "\n" not in text[end : positions.start(after)]):
        return start, positions.start(after)
    return positions.end(before) if before is not None else start, end


def _continued(text: str, line_start: int) -> bool:
    """Say whether a backslash joins the line to the one above."""
    return text[:line_start].rstrip("\r\n").endswith("\\")
