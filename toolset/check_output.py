"""The part of a check's output that tells why it failed: what a person would scroll back to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

LIMIT = 4_000  # characters

_END = 1_500  # of these, at least so many for the end, where summaries stand
_FIRST_LINES = 12  # from the first failure on
_NEIGHBOURS = (-1, 1, -2, 2)
_LONGEST_LINE = 400
_MARK = len("… 1,000,000 lines left out …\n")

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TELLING = re.compile(
    r"""
      _{3,}[ ].+[ ]_{3,}$               # pytest: what failed
    | [E>][ ]{2,}\S                     # pytest: the line, and what is wrong with it
    | (FAILED|FAIL|ERROR)[ :]           # pytest, unittest: a line for each failure
    | Traceback[ ]\(most[ ]recent
    | [ ]+File[ ]".+",[ ]line[ ]\d      # a frame of it
    | [\w.]*(Error|Exception|Exit|Interrupt)(:[ ]|$)
    | \S+:\d+(:\d+)?:[ ](?!note|info|warning|\w*Warning)  # compilers, linters, pytest
    | \S+:\d+[ ]-[ ]error[ ]           # tsc
    | [A-Z]+\d{3,4}[ ]                  # ruff: what is wrong
    | [ ]*-->[ ]\S+:\d+                 # ruff, rustc: where
    | ([\w.+-]+:[ ])?(fatal[ ])?error(\[\w+\])?:[ ]
    | \S+:[ ]\*\*\*[ ]                  # make
    | not[ ]ok[ ]                       # TAP
    """,
    re.VERBOSE,
)


def shortened(text: str, limit: int = LIMIT) -> str:
    """Return at most `limit` characters of a program's output, without its colours.

    Of what is too long: the first failure with the lines after it, the lines that tell of others,
    and the end. Where lines are left out, a line says how many.
    """
    text = _COLOURS.sub("", text)
    if len(text) <= limit:
        return text
    lines = [_clipped(line) for line in text.rstrip("\n").split("\n")]
    telling = [number for number, line in enumerate(lines) if _TELLING.match(line)]
    if not telling:
        return _end(text, limit)
    kept = _Kept(lines, limit)
    kept.add_end(min(_END, limit // 2))
    for number in _by_weight(telling, len(lines)):
        kept.add(number)
    kept.add_end(limit)
    return str(kept)


class _Kept:
    """Some of the lines, in order, as long as they and the marks between them fit."""

    def __init__(self, lines: Sequence[str], limit: int) -> None:
        self._lines, self._limit = lines, limit
        self._numbers: set[int] = set()
        self._size = _MARK  # for all that is left out as yet

    def add(self, number: int) -> bool:
        """Keep a line, if there is room for it; say whether it is kept."""
        if number in self._numbers:
            return True
        size = self._size + len(self._lines[number]) + 1 + self._marks_more(number) * _MARK
        if size > self._limit:
            return False
        self._numbers.add(number)
        self._size = size
        return True

    def add_end(self, limit: int) -> None:
        """Keep lines from the last one back, until all that is kept has `limit` characters."""
        for number in reversed(range(len(self._lines))):
            if self._size > limit or not self.add(number):
                return

    def __str__(self) -> str:
        return "".join(self._parts())

    def _marks_more(self, number: int) -> int:
        """Return how many gaps more there are with a line: 1 if it splits one, -1 if it fills."""
        gaps = sum(
            0 <= beside < len(self._lines) and beside not in self._numbers
            for beside in (number - 1, number + 1)
        )
        return gaps - 1

    def _parts(self) -> Iterator[str]:
        following = 0
        for number in (*sorted(self._numbers), len(self._lines)):
            gap = "".join(f"{line}\n" for line in self._lines[following:number])
            yield min(gap, _mark(number - following), key=len)
            if number < len(self._lines):
                yield f"{self._lines[number]}\n"
            following = number + 1


def _by_weight(telling: Sequence[int], count: int) -> Iterator[int]:
    """Yield the numbers of lines, those first that tell most."""
    yield from range(telling[0], min(telling[0] + _FIRST_LINES, count))
    yield from telling
    for number in telling:
        yield from (number + by for by in _NEIGHBOURS if 0 <= number + by < count)


def _end(text: str, limit: int) -> str:
    kept = text[len(text) - limit + _MARK :]
    mark = _mark(text.count("\n", 0, len(text) - len(kept)))
    return mark + text[len(text) - limit + len(mark) :]


def _mark(count: int) -> str:
    return f"… {count:,} line{'' if count == 1 else 's'} left out …\n"


def _clipped(line: str) -> str:
    """Return a line as a screen shows it (what is written over is gone), not too long."""
    line = line.rstrip("\r").rpartition("\r")[2]
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[: _LONGEST_LINE * 3 // 4]} … {line[-_LONGEST_LINE // 5 :]}"
