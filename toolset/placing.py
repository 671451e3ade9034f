"""Lines put in their place: indented as it is, with the file's own signs and line ends."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import PurePosixPath

from toolset.errors import NoMatch
from toolset.lines import Add, Drop, Keep, Lines, Step
from toolset.matching import Place, indent_of, is_typographic, plain

_QUICK_FROM = 250_000  # pairs of lines, from which a diff may be less than the shortest
_LONGEST_LINE = 2_000


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
