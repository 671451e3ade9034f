"""Replace one passage of a text: one proven place, or a refusal that shows what there is.

Exact text first; then whole lines by the ladder of `matching`. Line endings are the file's own:
models send LF. Lines that an edit repeats unchanged keep the file's bytes.
"""

from __future__ import annotations

import ast
import difflib
import re
import string
import warnings
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from toolset.elision import refuse_elision
from toolset.errors import Ambiguous, NoMatch
from toolset.lines import Add, Drop, Keep, Lines, Step
from toolset.matching import (
    Indentation,
    Place,
    indent_of,
    indentation_matters,
    is_typographic,
    places,
    plain,
)
from toolset.nearest import already_there, candidates, nearest

# Of names in code: prose in other scripts has no gaps between its words.
_WORD = frozenset(f"{string.ascii_letters}{string.digits}_")


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
    file = Lines.of(text)
    refuse_elision(path, text, old, new)
    spans = list(_occurrences(text, old)) if old.strip() else []
    if len(spans) > 1 and line:
        spans = [span for span in spans if _line_of(text, span[0]) == line] or spans
    if len(spans) == 1:
        return _replace_exactly(path, text, spans[0], old, new)
    if spans:
        raise _ambiguous(path, file, [_lines_of(text, span) for span in spans])
    return _replace_lines(path, file, old, new, line)


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
    new = _with_first_indent(path, text, span, old, new)
    default = Lines.of(there).newline() if "\n" in there else Lines.of(text).newline()
    return Replaced(head + with_line_ends_of(there, new, default) + tail, _line_of(text, start))


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
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, first, end, new_first, new_end in matcher.get_opcodes():
        if tag == "equal":
            steps += [Keep(number) for number in range(first, end)]
        else:
            steps += [Drop(number) for number in range(first, end)]
            steps += [Add(line) for line in new[new_first:new_end]]
    return steps


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
    if there is None or len(asked.strip()) != len(there.strip()):
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
        if not folded and any(is_typographic(one) and one in asked for one in put):
            raise _typographic(path, line)
        result.append(put)
    return indent_of(moved) + "".join(result)


def _typographic(path: PurePosixPath, line: str) -> NoMatch:
    return NoMatch(
        path, None, why=f"{line.strip()!r} has typographic quotes or dashes that the file has not"
    )


def _occurrences(text: str, old: str) -> Iterator[tuple[int, int]]:
    """Yield where `old` stands as it is, and cuts no word, no indentation and no line's end."""
    # Inside a look-ahead, so that overlapping matches count as the two places that they are.
    for match in re.finditer(f"(?=({_pattern(old)}))", text):
        start, end = match.span(1)
        first, newline, _ = old.partition("\n")
        if newline and not first.strip() and start and text[start - 1] != "\n":
            continue  # a blank line, not the end of the line before
        if not _cuts(text, start) and not _cuts(text, end):
            yield start, end
    if old.endswith("\n") and not text.endswith("\n"):
        yield from _at_unfinished_end(text, old[:-1])


def _at_unfinished_end(text: str, old: str) -> Iterator[tuple[int, int]]:
    """Yield where `old` is the end of a text whose last line has no line end."""
    match = re.search(f"(?:{_pattern(old)})\\Z", text)
    if old.strip() and match and not _cuts(text, match.start()):
        yield match.span()


def _cuts(text: str, at: int) -> bool:
    """Say whether this offset lies inside a word, or inside white space."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before in " \t" and after in " \t":
        return True
    return before in _WORD and after in _WORD


def _pattern(old: str) -> str:
    # The LF of a CRLF is no line end of its own, or "\nx" would stand there twice.
    return r"(?:\r\n|(?<!\r)\n)".join(re.escape(line) for line in old.split("\n"))


def _with_first_indent(
    path: PurePosixPath, text: str, span: tuple[int, int], old: str, new: str
) -> str:
    """Return `new` moved to where a line stands whose indentation the edit left out.

    A one-line `old` does not tell whether the lines after the first were left unindented too. What
    parses decides; if that does not, the edit is refused.
    """
    start, end = span
    line_start = text.rfind("\n", 0, start) + 1
    left_out = text[line_start:start]
    whole = text[end : end + 1] in ("", "\n", "\r") or old.endswith("\n")
    lines = new.split("\n")
    others = [line for line in lines[1:] if line.strip()]
    if not left_out or left_out.strip() or not whole or "\n" in old[:-1] or not others:
        return new
    move = Indentation(added=left_out)
    moved = "\n".join([lines[0], *(move.moved(line) or "" for line in lines[1:])])
    if any(not line.startswith(left_out) for line in others):
        return moved
    parsing = [put for put in (moved, new) if _parses(text[:start] + put + text[end:])]
    if len(parsing) != 1:
        why = "It is not clear how the lines after the first are indented"
        raise NoMatch(path, None, why=why)
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


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _lines_of(text: str, span: tuple[int, int]) -> tuple[int, int]:
    first = text.count("\n", 0, span[0])
    return first, first + max(1, text.count("\n", *span))
