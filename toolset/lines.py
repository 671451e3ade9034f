"""A text as its lines, each with its own ending; and new lines with the endings they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Keep(NamedTuple):
    """The line of this number stays as the file has it."""

    old: int


class Drop(NamedTuple):
    """The line of this number goes."""

    old: int


class Add(NamedTuple):
    """A new line, without its ending."""

    text: str


Step = Keep | Drop | Add


@dataclass(frozen=True, slots=True)
class Lines:
    """`texts` without, and `ends` the line endings: LF, CRLF, or none for an unfinished last line.

    Only LF ends a line, as editors count; a form feed, U+2028 or a lone CR does not.
    """

    texts: list[str]
    ends: list[str]

    @classmethod
    def of(cls, text: str, *, returns_are_text: bool = False) -> Lines:
        """Cut a text. `returns_are_text` leaves the CR of a CRLF with the line."""
        texts = text.split("\n")
        ends = ["\n"] * (len(texts) - 1) + [""]
        if not texts[-1]:
            texts.pop()
            ends.pop()
        if "\r" in text and not returns_are_text:
            for number, line in enumerate(texts):
                if line.endswith("\r") and ends[number]:
                    texts[number], ends[number] = line[:-1], "\r\n"
        return cls(texts, ends)

    def __str__(self) -> str:
        return "".join(text + end for text, end in zip(self.texts, self.ends, strict=True))

    def __len__(self) -> int:
        return len(self.texts)

    def slice(self, first: int, end: int) -> Lines:
        return Lines(self.texts[first:end], self.ends[first:end])

    def newline(self) -> str:
        """Return the ending that most lines have; LF where there is none."""
        crlf = self.ends.count("\r\n")
        return "\r\n" if crlf > self.ends.count("\n") else "\n"

    def rewritten(self, steps: Sequence[Step], *, default: str | None = None) -> Lines:
        """Return these lines after `steps`; each line that is not kept or dropped goes too.

        A new line takes the ending of the line whose place it takes, else that of its neighbour,
        else `default`. What was the unfinished last line is unfinished again.
        """
        newline = default or self.newline()
        result = Lines([], [])
        for run in _runs(steps):
            freed = [self.ends[step.old] or newline for step in run if isinstance(step, Drop)]
            for step in run:
                if isinstance(step, Keep):
                    result.texts.append(self.texts[step.old])
                    result.ends.append(self.ends[step.old] or newline)
                elif isinstance(step, Add):
                    before = result.ends[-1] if result.ends else self._first_end(steps)
                    result.texts.append(step.text)
                    result.ends.append(freed.pop(0) if freed else before or newline)
        if result.ends and self.ends and not self.ends[-1]:
            result.ends[-1] = ""
        return result

    def _first_end(self, steps: Sequence[Step]) -> str | None:
        return next((self.ends[step.old] for step in steps if not isinstance(step, Add)), None)


def _runs(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Cut steps into kept lines, one by one, and the changes between them."""
    run: list[Step] = []
    for step in steps:
        if isinstance(step, Keep):
            yield run
            yield [step]
            run = []
        else:
            run.append(step)
    yield run
