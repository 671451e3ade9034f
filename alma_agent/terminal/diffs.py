"""A change as a person reads it: hunk by hunk, changed words marked, code in its colours.

Where nobody sits in front of a terminal it is a unified diff, as `patch` and `git apply` take it.
Its signs say everything; colours only help.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.text import Text

from alma_agent.terminal.changed_words import Range, changed_words
from alma_agent.terminal.consoles import visible
from alma_agent.terminal.syntax_colours import Painter, Theme, Tokens, coloured
from toolset.edits import ChangeSet
from toolset.selection import Hunk, Line, hunks_of

Means = Literal["backgrounds", "attributes"]
_SIGNS = {"+": "green", "-": "red", "@": "cyan", "\\": "dim"}
# The foregrounds on them are Pygments' own, for dark backgrounds: readable on any terminal.
_LINES = {"+": "on #002800", "-": "on #3f0001"}
_WORDS = {"+": "bold on #006000", "-": "bold on #901011"}
_MARKED = "bold underline"
_MOST_WORDED = 5_000  # lines of a diff: beyond, somebody would wait for its colours


@dataclass(frozen=True, slots=True)
class Unified:
    """A unified diff; in colour where there is one."""

    text: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # Segments, not Text: that would expand tabs, and drop spaces at the end of long lines.
        for line in self.text.removesuffix("\n").split("\n") if self.text else ():
            yield Segment(visible(line) + "\n", console.get_style(_style(line)))


@dataclass(frozen=True, slots=True)
class Changes:
    """A whole ChangeSet."""

    changes: ChangeSet

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        unified = self.changes.diff()
        if not console.is_terminal or unified.count("\n") > _MOST_WORDED:
            yield from Unified(unified).__rich_console__(console, options)
            return
        painter, means = Painter(), _means(console)
        for _, hunks in groupby(hunks_of(self.changes), key=lambda hunk: hunk.path):
            of_file = list(hunks)
            yield from _names(of_file[0])
            for hunk in of_file:
                if heading := hunk.heading():
                    yield Text(f"{heading} {hunk.symbol}".rstrip(), style="cyan")
                yield from _body(hunk, painter, means)


@dataclass(frozen=True, slots=True)
class NumberedHunk:
    """One hunk of several, for a person who chooses."""

    hunk: Hunk
    number: int
    of: int
    painter: Painter

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(f"Hunk {self.number} of {self.of}: {self.hunk.where}", style="bold cyan")
        if self.hunk.kind not in ("lines", "bytes"):
            yield Text(f"({_KINDS[self.hunk.kind]})", style="cyan")
        yield from _body(self.hunk, self.painter, _means(console))


_KINDS = {
    "create": "a new file",
    "delete": "the file is deleted",
    "move": "the file gets this name",
    "mode": "who may read, write and run it",
}


def _means(console: Console) -> Means:
    """Return how a console can show what a line is: some know 16 colours, some want none."""
    many = console.color_system in ("256", "truecolor") and not console.no_color
    return "backgrounds" if many else "attributes"


def _names(hunk: Hunk) -> Iterator[Text]:
    old, new = f"a/{hunk.path}", f"b/{hunk.path}"
    if hunk.goes:
        yield Text(f"rename from {hunk.goes.path}\nrename to {hunk.path}")
        old = f"a/{hunk.goes.path}"
    old = "/dev/null" if hunk.kind == "create" else old
    new = "/dev/null" if hunk.kind == "delete" else new
    yield Text(f"--- {old}\n+++ {new}", style="bold")


def _body(hunk: Hunk, painter: Painter, means: Means) -> Iterator[Text]:
    lines = hunk.lines()
    code = _painted(hunk, lines, painter) if means == "backgrounds" else None
    marks = _marks(lines)
    for number, line in enumerate(lines):
        if line.sign not in ("+", "-", " "):
            yield Text(visible(line.sign + line.text), style=_SIGNS.get(line.sign, "dim"))
        elif code is None:
            yield _in_one_colour(line, marks[number])
        else:
            yield _on_background(line, code[number], marks[number])


def _in_one_colour(line: Line, marks: Sequence[Range]) -> Text:
    shown = Text(line.sign + visible(line.text), style=_SIGNS.get(line.sign, ""))
    for start, end in marks:
        shown.stylize(_MARKED, start + 1, end + 1)
    return shown


def _on_background(line: Line, code: Text, marks: Sequence[Range]) -> Text:
    shown = Text.assemble((line.sign, f"bold {_SIGNS.get(line.sign, '')}".strip()), code)
    shown.stylize(_LINES.get(line.sign, ""))
    for start, end in marks:
        shown.stylize(_WORDS[line.sign], start + 1, end + 1)
    return shown


def _marks(lines: Sequence[Line]) -> list[list[Range]]:
    """Return the changed words of each line: of lines that go, and those that come right after."""
    marks: list[list[Range]] = [[] for _ in lines]
    runs = [(sign, list(run)) for sign, run in groupby(range(len(lines)), lambda n: lines[n].sign)]
    runs = [(sign, run) for sign, run in runs if sign != "\\"]
    for (sign, old), (next_sign, new) in pairwise(runs):
        if sign == "-" and next_sign == "+":
            texts = ([visible(lines[n].text) for n in side] for side in (old, new))
            for side, found in zip((old, new), changed_words(*texts), strict=True):
                for number, ranges in zip(side, found, strict=True):
                    marks[number] = ranges
    return marks


def _painted(hunk: Hunk, lines: Sequence[Line], painter: Painter) -> list[Text]:
    """Return the lines' code in colour: what goes on our backgrounds, and what stays on none."""
    old, new = _sides(hunk, lines, painter)
    code: list[Text] = []
    for line in lines:
        was = next(old, None) if line.sign in (" ", "-") else None
        is_ = next(new, None) if line.sign in (" ", "+") else None
        tokens = is_ or was
        theme: Theme = "ansi_dark" if line.sign == " " else "monokai"
        code.append(coloured(tokens, theme) if tokens else Text(visible(line.text)))
    return code


def _sides(hunk: Hunk, lines: Sequence[Line], painter: Painter) -> list[Iterator[Tokens]]:
    """Return the tokens of the lines that a hunk shows of the old text, and of the new one.

    Whole files are read where they are not too long: a hunk may begin inside a string.
    """
    of_files = [(painter.read(hunk.path, whole), first) for whole, first in hunk.around()]
    if of_files and all(read for read, _ in of_files):
        return [iter((read or [])[first:]) for read, first in of_files]
    shown = ([line.text for line in lines if line.sign in signs] for signs in (" -", " +"))
    return [iter(painter.read(hunk.path, side) or []) for side in shown]


def _style(line: str) -> str:
    if line.startswith(("--- ", "+++ ")):
        return "bold"
    return _SIGNS.get(line[:1], "")
