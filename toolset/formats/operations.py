"""What edits ask for, whatever their format was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from toolset.hunks import Hunk


@dataclass(frozen=True, slots=True)
class Block:
    """One passage to replace: `old` and `new` as whole lines. `line` is where `old` should begin.

    `unnumbered` are both texts without the line numbers in front that the edit may have copied.
    """

    old: str
    new: str
    line: int | None = None
    unnumbered: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ReplaceIn:
    """Replace passages, one after the other. `path` None: of the only file there is."""

    path: str | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class UpdateFile:
    """Change a file hunk by hunk, and then its name or its mode.

    `ends_with_newline` is how the file is to end; None leaves it. `newline` is for a file that has
    no line ends of its own. `overwrites`: the new name may be another file's.
    """

    path: str | None
    hunks: tuple[Hunk, ...] = ()
    moved_to: str | None = None
    mode: int | None = None
    overwrites: bool = False
    ends_with_newline: bool | None = None
    newline: str = "\n"


@dataclass(frozen=True, slots=True)
class AddFile:
    """Make a file with this text; one that is there is written over only if it `overwrites`."""

    path: str
    text: str
    mode: int | None = None
    overwrites: bool = False


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Make the file's whole text this one, or make the file."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Remove a file. `hunks`, if there are any, take out all its lines: it must still have them."""

    path: str
    hunks: tuple[Hunk, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a reply asks for, and its lines that were not read as edits."""

    operations: tuple[Operation, ...]
    rest: Sequence[str]


Operation = ReplaceIn | UpdateFile | AddFile | WriteFile | DeleteFile


def names(operations: Iterable[Operation]) -> tuple[str, ...]:
    """Return every file's path as it is named, in order, each once."""
    found: dict[str, None] = {}
    for one in operations:
        for name in (one.path, one.moved_to if isinstance(one, UpdateFile) else None):
            if name is not None:
                found[str(PurePosixPath(name))] = None
    return tuple(found)
