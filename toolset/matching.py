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
    newline = newline_of(text[start:end]) if "\n" in text[start:end] else newline_of(text)
    put = new.replace("\r\n", "\n").replace("\n", newline)
    return Replaced(text[:start] + put + text[end:], _line_of(text, start))


def _pattern(old: str) -> str:
    lines = old.replace("\r\n", "\n").split("\n")
    return "\r?\n".join(re.escape(line) for line in lines)


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _nearest(text: str, old: str) -> str | None:
    """Return the line of `text` most like the first line of `old`, with its number."""
    wanted = next((line.strip() for line in old.splitlines() if line.strip()), "")
    lines = text.splitlines()
    if not wanted or len(lines) > _NEAREST_MAX_LINES:
        return None
    close = difflib.get_close_matches(wanted, [line.strip() for line in lines], n=1, cutoff=0.6)
    if not close:
        return None
    at = next(number for number, line in enumerate(lines, 1) if line.strip() == close[0])
    return f"  {at}: {lines[at - 1]}"
