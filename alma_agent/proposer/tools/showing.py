"""Text as the model reads it: numbered lines, lists, all cut to a size, and how to see the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

MOST_CHARACTERS = 12_000  # of one result
MOST_LINES = 400
_LONGEST_LINE = 1_000


def numbered(
    lines: Sequence[str], first: int, last: int, go_on: Callable[[int], str] = lambda _: ""
) -> str:
    """Return lines `first` to `last`, counted from 1, each with its number.

    If they are too many, `go_on` says what to call for the rest, which begins at the line given.
    """
    shown: list[str] = []
    room = MOST_CHARACTERS
    for number in range(first, last + 1):
        line = f"{number}: {shortened(lines[number - 1])}"
        room -= len(line) + 1
        if shown and (room < 0 or len(shown) == MOST_LINES):
            break
        shown.append(line)
    until = first + len(shown) - 1
    if until < last:
        shown.append(f"(lines {first}-{until} of {len(lines)}; for more: {go_on(until + 1)})")
    elif (first, last) != (1, len(lines)):
        shown.append(f"(lines {first}-{last} of {len(lines)})")
    return "\n".join(shown)


def shortened(line: str, at: int = 0, longest: int = _LONGEST_LINE) -> str:
    """Return a line, or the part of it around `at`, with what was cut off said."""
    line = line.rstrip("\r\n")
    if len(line) <= longest:
        return line
    start = max(0, min(at - longest // 4, len(line) - longest))
    end = start + longest
    before = f"[{start} characters] ..." if start else ""
    after = f"... [{len(line) - end} characters more]" if end < len(line) else ""
    return f"{before}{line[start:end]}{after}"


def listed(lines: Sequence[str], most: int, rest: Callable[[int], str]) -> str:
    """Return lines, as many as there is room for; `rest` tells of as many as were left out."""
    room = MOST_CHARACTERS
    shown: list[str] = []
    for line in lines[:most]:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    left = len(lines) - len(shown)
    return "\n".join([*shown, rest(left)] if left else shown)


def cut(text: str, rest: str) -> str:
    """Return a text, cut at a line if it is too long; `rest` says where the rest is."""
    if len(text) <= MOST_CHARACTERS:
        return text
    kept = text[: MOST_CHARACTERS + 1].rpartition("\n")[0] or text[:MOST_CHARACTERS]
    return f"{kept}\n({len(text) - len(kept)} characters more; {rest})"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
