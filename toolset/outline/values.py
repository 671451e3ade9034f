"""What an outline says of a file: its symbols, where they stand, and what could not be read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

SymbolKind = Literal[
    "class",
    "function",
    "method",
    "interface",
    "struct",
    "union",
    "enum",
    "trait",
    "type",
    "module",
    "namespace",
    "macro",
]


@dataclass(frozen=True, slots=True)
class OutlinedSymbol:
    """Something that a file defines under a name.

    Lines count from 1, both ends included; `start_line` is that of the first decorator,
    `name_line` that of the name. `parameters` are names in Python (`*` and `**` before those that
    take many), and as written in other languages. `cognitive_complexity` is complexipy's, for
    Python functions; None for all else, and for a function inside a function, whose complexity
    counts towards the outer one.
    """

    name: str
    qualified_name: str
    kind: SymbolKind
    start_line: int
    end_line: int
    name_line: int
    parameters: tuple[str, ...] = ()
    is_async: bool = False
    cognitive_complexity: int | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a file, or the part around `line` (from 1; None: all of it), could not be read."""

    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class FileOutline:
    """One source file, its symbols in the order of their lines.

    `cognitive_complexity` is that of the whole file (complexipy), None if it is not Python or
    could not be read. With an `error`, a Python file has no symbols; in another language those
    that could be made out are given.
    """

    path: PurePosixPath
    language: str
    lines: int
    symbols: tuple[OutlinedSymbol, ...] = ()
    cognitive_complexity: int | None = None
    error: Unread | None = None

    def enclosing(self, line: int) -> OutlinedSymbol | None:
        """Return the innermost symbol that holds `line`."""
        holding = (one for one in self.symbols if one.start_line <= line <= one.end_line)
        return max(holding, key=lambda one: (one.start_line, -one.end_line), default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain dictionaries and lists, ready for JSON."""
        return {**asdict(self), "path": str(self.path)}
