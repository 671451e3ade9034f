"""A text under way: ranges replaced stage by stage, and where each place stood at first.

Some rewrites need several rounds: a string in an annotation is opened before what stands in it can
be rewritten, and an import goes once its last use has gone. Evidence names the places of the file
as it was, so each stage remembers its ranges.
"""

from __future__ import annotations

from collections.abc import Iterable

from toolset.refactor.evidence import Leftover, Place
from toolset.refactor.positions import Positions
from toolset.refactor.ranges import Replacement, replaced
from toolset.workspace import SourceFile


class Rewriting:
    """One file's text, changed in stages. Offsets are those of the text as it stands."""

    def __init__(self, source: SourceFile) -> None:
        self.source, self.path, self.text = source, source.path, source.text
        self._stages: list[list[Replacement]] = []
        self._first = Positions(source.text)

    @property
    def is_changed(self) -> bool:
        return self.text != self.source.text

    def replace(self, replacements: Iterable[Replacement]) -> None:
        """Make all replacements at once. Raises RefactoringRefused if two of them overlap."""
        stage = sorted(replacements)
        self.text = replaced(self.text, stage)
        self._stages.append(stage)

    def retyped(self, text: str) -> None:
        """Take over a text that differs from the present one in a single range."""
        old = self.text
        start = len(_common_start(old, text))
        kept = len(_common_start(old[start:][::-1], text[start:][::-1]))
        self.replace([Replacement(start, len(old) - kept, text[start : len(text) - kept])])

    def place(self, offset: int) -> Place:
        """Return where in the file, as it was at first, the character at `offset` stood."""
        for stage in reversed(self._stages):
            offset = _before(stage, offset)
        return self._first.place(self.path, offset)

    def leftover(self, offset: int, kind: str) -> Leftover:
        """Return a leftover at a place of the first text, with the line as it stood there."""
        place = self.place(offset)
        at = self._first.offset(place.line, place.column)
        return self._first.leftover(self.path, at, kind)


def _before(stage: Iterable[Replacement], offset: int) -> int:
    """Return the offset before a stage of what is at `offset` after it."""
    shift = 0
    for one in stage:
        start = one.start + shift
        if offset < start:
            break
        if offset < start + len(one.new):
            return one.start
        shift += len(one.new) - (one.end - one.start)
    return offset - shift


def _common_start(one: str, other: str) -> str:
    # Whole texts are compared by halves: a loop over characters is slow in a long file.
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return one[:low]
