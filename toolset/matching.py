"""Where a text to replace stands: one proven place, or a refusal that shows what there is.

Exact text only, with one allowance: line endings. Models send LF; the file keeps its own.
"""

from __future__ import annotations

import difflib
import re
from pathlib import PurePosixPath
from typing import NamedTuple

from toolset.encoding import newline_of
from toolset.errors import Ambiguous, NoMatch

_NEAREST_MAX_LINES = 4_000


class Replaced(NamedTuple):
    """A text with one place replaced, and the line where it stood, counted from 1."""

    text: str
    line: int


def replace_once(path: PurePosixPath, text: str, old: str, new: str) -> Replaced:
    """Replace the one place in `text` where `old` stands.

    `old` may have LF where `text` has CRLF; `new` takes the line endings of the place it goes to.
    Raises NoMatch, or Ambiguous with the line numbers. An empty `old` is NoMatch.
    """
    if not old:
        raise NoMatch(path)
    # Inside a look-ahead, so that overlapping matches count as the two places that they are.
    found = [match.span(1) for match in re.finditer(f"(?=({_pattern(old)}))", text)]
    if not found:
        raise NoMatch(path, _nearest(text, old))
    if len(found) > 1:
        raise Ambiguous(path, [_line_of(text, start) for start, _ in found])
    start, end = found[0]
    place = text[start:end]
    put = with_line_ends_of(place, new, newline_of(place if "\n" in place else text))
    return Replaced(text[:start] + put + text[end:], _line_of(text, start))


def _pattern(old: str) -> str:
    lines = old.replace("\r\n", "\n").split("\n")
    # The LF of a CRLF is no line end of its own, or "\nx" would stand there twice.
    return r"(?:\r\n|(?<!\r)\n)".join(re.escape(line) for line in lines)


def with_line_ends_of(place: str, new: str, newline: str) -> str:
    """Return `new` with the line endings of `place`; where those are mixed, each line's own."""
    lines = new.replace("\r\n", "\n").split("\n")
    was, ends = re.split("\r?\n", place), [*re.findall("\r?\n", place), newline]
    if len(set(ends)) == 1:
        return newline.join(lines)
    put = [newline] * len(lines)
    matcher = difflib.SequenceMatcher(None, was, lines, autojunk=False)
    for _, was_first, was_end, first, end in matcher.get_opcodes():
        if was_end - was_first == end - first:
            put[first:end] = ends[was_first:was_end]
    return "".join(line + end for line, end in zip(lines, [*put[:-1], ""], strict=True))


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _nearest(text: str, old: str) -> str | None:
    """Return the line of `text` most like the first line of `old`, with its number."""
    wanted = next((line.strip() for line in old.splitlines() if line.strip()), "")
    lines = text.split("\n")
    if not wanted or len(lines) > _NEAREST_MAX_LINES:
        return None
    close = difflib.get_close_matches(wanted, [line.strip() for line in lines], n=1, cutoff=0.6)
    if not close:
        return None
    at = next(number for number, line in enumerate(lines, 1) if line.strip() == close[0])
    return f"  {at}: {lines[at - 1].rstrip()}"
