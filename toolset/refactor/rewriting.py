"""A text under way: ranges replaced stage by stage, and where each place stood at first.

Some rewrites need several rounds: a string in an annotation is opened before what stands in it can
be rewritten, and an import goes once its last use has gone. Evidence names the places of the file
as it was, so each stage remembers its ranges.
"""

from __future__ import annotations

import ast
import bisect
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from toolset.refactor.evidence import Leftover, Place
from toolset.refactor.ranges import Replacement, replaced
from toolset.workspace import SourceFile

_SHOWN = 120  # characters of a line


class Positions:
    """Offsets in characters of one text whose lines end with LF or CRLF."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line from 1 and a column from 0 in characters."""
        return self._starts[line - 1] + column

    def start(self, node: ast.expr | ast.stmt | ast.alias | ast.keyword) -> int:
        return self._of_bytes(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.alias | ast.keyword) -> int:
        return self._of_bytes(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def code(self, node: ast.expr | ast.stmt | ast.alias | ast.keyword) -> str:
        return self.text[self.start(node) : self.end(node)]

    def place(self, path: PurePosixPath, offset: int) -> Place:
        line = bisect.bisect_right(self._starts, offset)
        return Place(path, line, offset - self._starts[line - 1])

    def leftover(self, path: PurePosixPath, offset: int, kind: str) -> Leftover:
        """Return a leftover that shows its line."""
        place = self.place(path, offset)
        line, _, _ = self.text[self._starts[place.line - 1] :].partition("\n")
        return Leftover(place, kind, line.strip()[:_SHOWN])

    def _of_bytes(self, line: int, column: int) -> int:
        start = self._starts[line - 1]
        # A column of UTF-8 bytes holds at most as many characters.
        return start + len(self.text[start : start + column].encode()[:column].decode())


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
