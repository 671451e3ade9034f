"""A unified diff of one file as lines to lay out, with the words that changed in them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alma_agent.terminal.changed_words import Range, changed_words

_SORTS = {"+": "add", "-": "del", "@": "hunk", "\\": "note"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its sort, which its sign tells too, and its text in pieces, changed or not."""

    sort: str
    pieces: tuple[tuple[str, bool], ...]


def diff_lines(diff: str) -> list[Line]:
    """Return the lines of a diff; those before the first hunk are its head."""
    lines = diff.removesuffix("\n").split("\n")
    head = next((n for n, line in enumerate(lines) if line.startswith("@@")), len(lines))
    told = [Line("head", ((line, False),)) for line in lines[:head]]
    while head < len(lines):
        end = _end(lines, head, "-")
        both = _end(lines, end, "+")
        if head < end < both:
            told += _changed(lines[head:end], lines[end:both])
            head = both
        else:
            line = lines[head]
            told.append(Line(_SORTS.get(line[:1], "same"), ((line, False),)))
            head += 1
    return told


def _end(lines: Sequence[str], begin: int, sign: str) -> int:
    """Return where the lines with this sign end that begin here."""
    end = begin
    while end < len(lines) and lines[end].startswith(sign):
        end += 1
    return end


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    was, is_ = changed_words([line[1:] for line in old], [line[1:] for line in new])
    for sort, lines, ranges in (("del", old, was), ("add", new, is_)):
        for line, columns in zip(lines, ranges, strict=True):
            yield Line(sort, tuple(_pieces(line, columns)))


def _pieces(line: str, columns: Sequence[Range]) -> Iterator[tuple[str, bool]]:
    """Yield a line cut at the columns, which count behind its sign."""
    at = 0
    for begin, end in columns:
        yield line[at : begin + 1], False
        yield line[begin + 1 : end + 1], True
        at = end + 1
    yield line[at:], False
