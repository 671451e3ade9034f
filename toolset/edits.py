"""What an edit is: frozen values that invert and describe themselves. No disk."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from toolset.digest import Digest
from toolset.encoding import decode_leniently

__all__ = ["ChangeSet", "Digest", "Edit", "EditKind", "FileState"]

EditKind = Literal["create", "change", "delete"]


@dataclass(frozen=True, slots=True)
class FileState:
    """The bytes of one file and its permission bits (`st_mode & 0o7777`)."""

    data: bytes
    mode: int = 0o644

    @property
    def digest(self) -> Digest:
        return Digest.of(self.data)


@dataclass(frozen=True, slots=True)
class Edit:
    """One file before and after; None where there is no file."""

    path: PurePosixPath
    before: FileState | None
    after: FileState | None

    @property
    def kind(self) -> EditKind:
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "change"

    def inverted(self) -> Edit:
        return Edit(self.path, before=self.after, after=self.before)

    def diff(self, context: int = 3) -> str:
        """Return a unified diff for people to read; line endings are shown as LF."""
        old = [] if self.before is None else _lines(self.path, self.before)
        new = [] if self.after is None else _lines(self.path, self.after)
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in difflib.unified_diff(
                old,
                new,
                fromfile="/dev/null" if self.before is None else f"a/{self.path}",
                tofile="/dev/null" if self.after is None else f"b/{self.path}",
                n=context,
            )
        )


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Edits that belong together: all of them are applied, or none. One edit a path, by path."""

    edits: tuple[Edit, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.edits)

    def __iter__(self) -> Iterator[Edit]:
        return iter(self.edits)

    def __len__(self) -> int:
        return len(self.edits)

    @property
    def paths(self) -> tuple[PurePosixPath, ...]:
        return tuple(edit.path for edit in self.edits)

    def inverted(self) -> ChangeSet:
        return ChangeSet(tuple(edit.inverted() for edit in self.edits))

    def diff(self) -> str:
        return "".join(edit.diff() for edit in self.edits)


def _lines(path: PurePosixPath, state: FileState) -> list[str]:
    text = decode_leniently(path, state.data).replace("\r\n", "\n")
    # Only "\n" ends a line here: splitlines() would also split at form feeds and U+2028.
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + ([last] if last else [])
