"""Where the nodes of a syntax tree stand, in characters: `ast` counts bytes of UTF-8."""

from __future__ import annotations

import ast
import bisect
import re
from pathlib import PurePosixPath

from toolset.refactor.evidence import Leftover, Place

_SHOWN = 120  # characters of a line
Node = ast.expr | ast.stmt | ast.alias | ast.keyword | ast.pattern


def last_name(node: ast.expr) -> str:
    """Return `c` of `a.b.c`; empty if it ends in no name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


class Positions:
    """Offsets in characters of one text whose lines end with LF or CRLF."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line from 1 and a column from 0 in characters."""
        return self._starts[line - 1] + column

    def start(self, node: Node) -> int:
        return self._of_bytes(node.lineno, node.col_offset)

    def end(self, node: Node) -> int:
        return self._of_bytes(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def code(self, node: Node) -> str:
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
