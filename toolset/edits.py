"""What an edit is: frozen values that invert and describe themselves. No disk."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from toolset.digest import Digest
from toolset.encoding import decode_leniently

__all__ = ["ChangeSet", "Digest", "Edit", "EditKind", "FileState", "Move"]

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

    def diff(self, context: int = 3, *, moved_from: PurePosixPath | None = None) -> str:
        """Return a unified diff for people to read.

        Line endings are shown as LF where all are the same before and after; else a CR is shown.
        What has no text to compare (an empty file, a mode) is said in words. `moved_from` is the
        file's name before.
        """
        texts = [self._text(self.before), self._text(self.after)]
        if len({end for text in texts for end in re.findall("\r?\n", text)}) == 1:
            texts = [text.replace("\r\n", "\n") for text in texts]
        old_name = "/dev/null" if self.before is None else f"a/{moved_from or self.path}"
        new_name = "/dev/null" if self.after is None else f"b/{self.path}"
        old, new = (_lines(text) for text in texts)
        body = difflib.unified_diff(old, new, fromfile=old_name, tofile=new_name, n=context)
        shown = "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in body
        )
        if moved_from is not None:
            shown = f"rename from {moved_from}\nrename to {self.path}\n{shown}"
        if shown or self.before == self.after:
            return shown
        what = "its mode or byte order mark changes" if self.kind == "change" else "an empty file"
        return f"--- {old_name}\n+++ {new_name}\n({what})\n"

    def _text(self, state: FileState | None) -> str:
        return "" if state is None else decode_leniently(self.path, state.data)


@dataclass(frozen=True, slots=True)
class Move:
    """A file's new name: `old` is deleted and `new` created in the same ChangeSet."""

    old: PurePosixPath
    new: PurePosixPath


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Edits that belong together: all of them are applied, or none. One edit a path, by path.

    `moves` says which of the files that go and come are the same. `new_folders` come into being
    with the edits; `old_folders` go, if nothing is left in them.
    """

    edits: tuple[Edit, ...] = ()
    moves: tuple[Move, ...] = ()
    new_folders: tuple[PurePosixPath, ...] = ()
    old_folders: tuple[PurePosixPath, ...] = ()

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
        return ChangeSet(
            tuple(edit.inverted() for edit in self.edits),
            tuple(Move(old=move.new, new=move.old) for move in self.moves),
            new_folders=self.old_folders,
            old_folders=self.new_folders,
        )

    def diff(self) -> str:
        by_path = {edit.path: edit for edit in self.edits}
        old_names = {move.new: move.old for move in self.moves}
        gone = set(old_names.values())
        shown = []
        for path, edit in by_path.items():
            if path in old_names:
                whole = Edit(path, by_path[old_names[path]].before, edit.after)
                shown.append(whole.diff(moved_from=old_names[path]))
            elif path not in gone:
                shown.append(edit.diff())
        return "".join(shown)


def _lines(text: str) -> list[str]:
    # Only "\n" ends a line here: splitlines() would also split at form feeds and U+2028.
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + ([last] if last else [])
