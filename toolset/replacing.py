"""Replace one passage of a text: one proven place, or a refusal that shows what there is.

Exact text first; then whole lines by the ladder of `matching`. Line endings are the file's own:
models send LF. Lines that an edit repeats unchanged keep the file's bytes.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from toolset.elision import refuse_elision
from toolset.encoding import newline_of
from toolset.errors import Ambiguous, NoMatch
from toolset.exact import line_at, line_starts, spans_of
from toolset.lines import Add, Drop, Lines
from toolset.matching import Place, indent_of, indentation_matters, places
from toolset.nearest import already_there, candidates, nearest
from toolset.placing import bent, put_at, steps_between

_ONLY_A_PART = (
    "The text stands only as a part of longer words or lines (line {line}); give them whole"
)
_OPENERS = tuple(":{([")


class Replaced(NamedTuple):
    """A text with one place replaced, and the line where it stood, counted from 1."""

    text: str
    line: int


def replace_once(
    path: PurePosixPath, text: str, old: str, new: str, *, line: int | None = None
) -> Replaced:
    """Replace the one place in `text` where `old` stands.

    `line`, counted from 1, is where the edit says that `old` begins; it decides between equal
    places, and nothing else. An `old` that ends with a line end means whole lines.

    Raises NoMatch, Ambiguous with the line numbers, Elided if `new` leaves code out.
    """
    old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    refuse_elision(path, text, old, new)
    spans = spans_of(text, old)
    if spans and (line or len(spans) > 1):
        spans = _at_line(path, text, spans, line)
    if spans:
        return _replace_exactly(path, text, spans[0], old, new)
    try:
        return _replace_lines(path, Lines.of(text), old, new, line)
    except NoMatch:
        bare = text.replace("\r\n", "\n")
        if not old.strip() or old not in bare:
            raise
        where = bare.count("\n", 0, bare.index(old)) + 1
        raise NoMatch(path, None, why=_ONLY_A_PART.format(line=where)) from None


def _at_line(
    path: PurePosixPath, text: str, spans: list[tuple[int, int]], line: int | None
) -> list[tuple[int, int]]:
    """Return the one span that begins at `line`, or is the only one."""
    starts = line_starts(text)
    lines = [(line_at(starts, start), line_at(starts, max(start, end - 1))) for start, end in spans]
    named = [span for span, (first, _) in zip(spans, lines, strict=True) if first == line]
    if len(named or spans) > 1:
        raise _ambiguous(path, Lines.of(text), [(first - 1, last) for first, last in lines])
    return named or spans


def no_match(path: PurePosixPath, file: Lines, old: Sequence[str], new: Sequence[str]) -> NoMatch:
    return NoMatch(
        path, nearest(file.texts, old), already_at=already_there(file.texts, _lines(new, old))
    )


def _lines(new: Sequence[str], old: Sequence[str]) -> Sequence[str]:
    return new if list(new) != list(old) else ()


def _replace_exactly(
    path: PurePosixPath, text: str, span: tuple[int, int], old: str, new: str
) -> Replaced:
    start, end = span
    head, there, tail = text[:start], text[start:end], text[end:]
    if old.endswith("\n") and new and not new.endswith("\n") and tail:
        new += "\n"  # whole lines go, so whole lines come: the next line must not be joined
    if old.endswith("\n") and not there.endswith("\n"):
        new = new.removesuffix("\n")  # the file's last line stays unfinished
    if new.startswith("\n") and not head.rpartition("\n")[2].strip():
        head = head.rstrip(" \t")  # indentation that the edit left out is none of a blank line's
    default = Lines.of(there).newline() if "\n" in there else _line_end_at(text, end)
    literal = Replaced(
        head + with_line_ends_of(there, new, default) + tail, text.count("\n", 0, start) + 1
    )
    left_out = _indentation_left_out(text, span, old, new)
    if not left_out:
        return literal
    moved = _replace_lines(path, Lines.of(text), old, new, literal.line)
    return _likelier(path, literal, moved, new, left_out)


def _line_end_at(text: str, offset: int) -> str:
    """Return how the line that an offset lies in ends; if it does not, how most lines do."""
    at = text.find("\n", offset)
    if at < 0:
        return newline_of(text)
    return "\r\n" if text[at - 1 : at] == "\r" else "\n"


def with_line_ends_of(there: str, new: str, newline: str) -> str:
    """Return `new` with the line endings of the text that it replaces, line by line if mixed.

    `newline` is for lines that have no neighbour.
    """
    new = new.replace("\r\n", "\n")
    was = Lines.of(there)
    if len({end for end in was.ends if end} | {newline}) == 1:
        return new.replace("\n", newline)
    put = was.rewritten(steps_between(was.texts, Lines.of(new).texts), default=newline)
    if put.ends:
        put.ends[-1] = (put.ends[-1] or newline) if new.endswith("\n") else ""
    return str(put)


def _replace_lines(
    path: PurePosixPath, file: Lines, old: str, new: str, line: int | None
) -> Replaced:
    wanted: Sequence[str] = Lines.of(old).texts
    put: Sequence[str] = Lines.of(new).texts
    found = places(file.texts, wanted, indentation_matters=indentation_matters(path))
    if len(found) > 1 and line:
        found = [place for place in found if place.first + 1 == line] or found
    if not found:
        raise no_match(path, file, wanted, put)
    if len(found) > 1:
        raise _ambiguous(path, file, [(place.first, place.end) for place in found])
    (place,) = found
    if new.endswith("\n") and not old.endswith("\n"):
        put = [*put, ""]  # a line end more than was asked to go
    wanted, put = _trimmed(place, wanted, put)
    place = place._replace(skipped=0)
    steps = steps_between(wanted, put)
    if place.is_rewritten:
        steps = [*(Drop(number) for number in range(len(wanted))), *(Add(text) for text in put)]
    bent_steps = bent(path, file, place, wanted, steps)
    return Replaced(str(put_at(file, [(place, bent_steps)])), place.first + 1)


def _trimmed(
    place: Place, wanted: Sequence[str], put: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Return both without the blank lines at the ends of `wanted` that the file has not."""
    above, end = place.skipped, place.skipped + place.end - place.first
    below = len(wanted) - end
    wanted = wanted[above:end]
    while above and put and not put[0].strip():
        put, above = put[1:], above - 1
    while below and put and not put[-1].strip():
        put, below = put[:-1], below - 1
    return wanted, put


def _indentation_left_out(text: str, span: tuple[int, int], old: str, new: str) -> str:
    """Return the indentation that one line lacks which is to become several; else nothing."""
    start, end = span
    left_out = text[text.rfind("\n", 0, start) + 1 : start]
    is_whole = text[end : end + 1] in ("", "\n", "\r") or old.endswith("\n")
    is_one_line, more = "\n" not in old[:-1], new.partition("\n")[2]
    is_so = not left_out.strip() and is_whole and is_one_line and more.strip()
    return left_out if is_so else ""


def _likelier(
    path: PurePosixPath, literal: Replaced, moved: Replaced, new: str, left_out: str
) -> Replaced:
    """Choose whether the lines after the first were left unindented too, or only the first.

    If the text does not say it, then what parses; if that does not, the edit is refused.
    """
    first, *others = new.split("\n")
    others = [line for line in others if line.strip()]
    opens = first.rstrip()[-1:] in _OPENERS and bool(others)
    if any(not line.startswith(left_out) for line in others):
        return moved
    if opens and len(indent_of(others[0])) <= len(left_out):
        return moved
    parsing = [one for one in (moved, literal) if _parses(one.text)]
    if len(parsing) != 1:
        raise NoMatch(path, None, why="It is not clear how the lines after the first are indented")
    return parsing[0]


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _ambiguous(path: PurePosixPath, file: Lines, spans: list[tuple[int, int]]) -> Ambiguous:
    return Ambiguous(path, [first + 1 for first, _ in spans], shown=candidates(file.texts, spans))
