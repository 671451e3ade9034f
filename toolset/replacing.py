"""Replace one passage of a text: one proven place, or a refusal that shows what there is.

Exact text first; then whole lines by the ladder of `matching`. Line endings are the file's own:
models send LF. Lines that an edit repeats unchanged keep the file's bytes.
"""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from toolset.elision import refuse_elision
from toolset.encoding import newline_of
from toolset.errors import Ambiguous, NoMatch
from toolset.exact import line_at, line_starts, spans_of
from toolset.lines import Add, Drop, Keep, Lines, Step
from toolset.matching import (
    Place,
    indent_of,
    indentation_matters,
    is_typographic,
    places,
    plain,
)
from toolset.nearest import already_there, candidates, nearest

_ONLY_A_PART = (
    "The text stands only as a part of longer words or lines (line {line}); give them whole"
)
_OPENERS = tuple(":{([")
_QUICK_FROM = 250_000  # pairs of lines, from which a diff may be less than the shortest
_LONGEST_LINE = 2_000


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


def steps_between(old: Sequence[str], new: Sequence[str]) -> list[Step]:
    """Return the shortest way from the old lines to the new ones, line by line."""
    steps: list[Step] = []
    head = common_length(old, new)
    tail = common_length(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    steps += [Keep(number) for number in range(head)]
    middle, put = old[head:old_end], new[head:new_end]
    quick = len(middle) * len(put) > _QUICK_FROM
    matcher = difflib.SequenceMatcher(None, middle, put, autojunk=quick)
    for tag, first, end, put_first, put_end in matcher.get_opcodes():
        if tag == "equal":
            steps += [Keep(head + number) for number in range(first, end)]
        else:
            steps += [Drop(head + number) for number in range(first, end)]
            steps += [Add(line) for line in put[put_first:put_end]]
    return [*steps, *(Keep(number) for number in range(old_end, len(old)))]


def common_length(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def bent(
    path: PurePosixPath, file: Lines, place: Place, wanted: Sequence[str], steps: Sequence[Step]
) -> list[Step]:
    """Return `steps` over `wanted` as steps over the place's own lines, re-indented as they are."""
    result: list[Step] = []
    dropped: list[int] = []
    for step in steps:
        if isinstance(step, Add):
            there = file.texts[place.first + dropped[0]] if dropped else None
            asked = wanted[dropped.pop(0) + place.skipped] if there is not None else ""
            result.append(Add(_bent_line(path, place, step.text, asked, there)))
            continue
        number = step.old - place.skipped
        if isinstance(step, Keep):
            dropped = []
        if 0 <= number < place.end - place.first:
            result.append(type(step)(number))
            if isinstance(step, Drop):
                dropped.append(number)
    return result


def put_at(
    file: Lines, changes: Sequence[tuple[Place, Sequence[Step]]], *, newline: str | None = None
) -> Lines:
    """Return the file with each place's lines rewritten; the places do not overlap.

    `newline` is for lines without a neighbour; by default the ending that most lines have.
    """
    newline = newline or file.newline()
    result = Lines([], [])
    at = 0
    for place, steps in sorted(changes, key=lambda change: change[0].first):
        before = file.slice(at, place.first)
        there = file.slice(place.first, place.end)
        beside = file.ends[place.first - 1] if place.first else ""
        for part in (before, there.rewritten(steps, default=beside or newline)):
            _append(result, part, newline)
        at = place.end
    _append(result, file.slice(at, len(file)), newline)
    if changes and at == len(file) and place.first == at and not (file.ends or ["\n"])[-1]:
        result.ends[-1] = ""  # lines put after an unfinished last line leave it unfinished
    return result


def _append(result: Lines, part: Lines, newline: str) -> None:
    """Add lines; the one before them is finished, if it was not."""
    if part.texts and result.ends and not result.ends[-1]:
        result.ends[-1] = newline
    result.texts.extend(part.texts)
    result.ends.extend(part.ends)


def _bent_line(path: PurePosixPath, place: Place, line: str, asked: str, there: str | None) -> str:
    moved = place.indentation.moved(line)
    if moved is None:
        raise NoMatch(
            path,
            None,
            why=f"The indentation of {line.strip()!r} cannot be carried over to the file's",
        )
    return _as_typed(path, line, moved, asked=asked, there=there) if place.is_plain else moved


def _as_typed(path: PurePosixPath, line: str, moved: str, *, asked: str, there: str | None) -> str:
    """Return the line with the file's own quotes and dashes wherever the edit left them alone."""
    if there is None or len(asked.strip()) != len(there.strip()) or len(there) > _LONGEST_LINE:
        if any(is_typographic(character) for character in line):
            raise _typographic(path, line)
        return moved
    old, new, own = asked.strip(), line.strip(), there.strip()
    result = []
    for tag, first, end, new_first, new_end in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            result.append(own[first:end])
            continue
        put = new[new_first:new_end]
        folded = tag == "replace" and plain(put) == plain(old[first:end])
        if not folded and any(map(is_typographic, put)):
            raise _typographic(path, line)
        result.append(put)
    return indent_of(moved) + "".join(result)


def _typographic(path: PurePosixPath, line: str) -> NoMatch:
    return NoMatch(
        path, None, why=f"{line.strip()!r} has typographic quotes or dashes that the file has not"
    )


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
