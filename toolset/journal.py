"""What a transaction needs to be finished by somebody else: the plan and the old bytes, durable.

One file a transaction in `.alma/journal/`: `<id>.open` from the moment it is durable, then
`<id>.committed`. It holds the plan as one line of JSON, and behind it the old bytes of every file.
Being one file it is there whole or not at all, and costs one sync, however many files it is about.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from toolset.edits import ChangeSet, Digest, FileState
from toolset.errors import PathRefused
from toolset.workspace import Workspace, is_protected

_OPEN, _COMMITTED, _UNFINISHED, _CONFLICT = ".open", ".committed", ".tmp", ".conflict"
_VERSION = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """How one file was or will be: its digest and mode."""

    digest: Digest
    mode: int

    @classmethod
    def of(cls, state: FileState | None) -> Mark | None:
        return None if state is None else cls(state.digest, state.mode)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a transaction; None where there is no file.

    Its old bytes are the journal's from `offset` on, `size` of them.
    """

    number: int
    path: PurePosixPath
    before: Mark | None
    after: Mark | None
    offset: int = 0
    size: int = 0


@dataclass(frozen=True)
class Journal:
    """One transaction. `made_folders` were missing before it, deepest first."""

    home: Path
    id: str
    memo: str
    entries: tuple[Entry, ...]
    made_folders: tuple[PurePosixPath, ...]

    @property
    def is_committed(self) -> bool:
        return self._file(_COMMITTED).exists()

    def commit(self) -> None:
        """Say, durably, that every new file is in place."""
        self._file(_OPEN).rename(self._file(_COMMITTED))
        try:
            sync_folder(self.home)
        except OSError:
            with suppress(OSError):  # not durable is not committed
                self._file(_COMMITTED).rename(self._file(_OPEN))
            if not self.is_committed:
                raise

    def before(self, entry: Entry) -> FileState | None:
        """Return the file as it was, or None where there was none.

        Raises PathRefused if the journal's bytes are not those that it says it holds.
        """
        if entry.before is None:
            return None
        path = self._file(_COMMITTED if self.is_committed else _OPEN)
        with path.open("rb") as file:
            start = len(file.readline())
            file.seek(start + entry.offset)
            state = FileState(file.read(entry.size), entry.before.mode)
        if state.digest != entry.before.digest:
            raise PathRefused(path, f"holds other bytes of {entry.path} than it says.")
        return state

    def temporary(self, entry: Entry) -> str:
        """Return the name under which the new bytes wait beside their target."""
        return f".alma-{self.id}-{entry.number}.tmp"

    def close(self) -> None:
        """Forget the transaction."""
        _forget(self.home, self.id)

    def set_aside(self) -> Path:
        """Keep the old bytes for a person to look at, a file each; return their folder."""
        kept = self._file(_CONFLICT)
        for entry in self.entries:
            state = self.before(entry)
            if state is not None:
                target = kept / entry.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(state.data)
        self.close()
        return kept

    def _file(self, suffix: str) -> Path:
        return self.home / f"{self.id}{suffix}"


def start_journal(workspace: Workspace, changes: ChangeSet, *, id: str, memo: str) -> Journal:
    """Make the plan and the old bytes durable. Nothing of the user's has been written yet."""
    home = workspace.state_folder("journal")
    journal = Journal(
        home, id, memo, tuple(_entries(changes)), tuple(_folders_to_make(workspace, changes))
    )
    unfinished = home / f"{id}{_UNFINISHED}"
    old = b"".join(edit.before.data for edit in changes if edit.before is not None)
    write_durably(unfinished, json.dumps(_to_json(journal)).encode() + b"\n" + old)
    unfinished.rename(home / f"{id}{_OPEN}")
    sync_folder(home)
    return journal


def open_journals(workspace: Workspace) -> list[Journal]:
    """Return the transactions that nobody closed, oldest first.

    Raises PathRefused for a journal that alma cannot have written: it may have come with the
    repository, and must not lead anybody's hand.
    """
    home = workspace.state_path("journal")
    if not home.is_dir():
        return []
    live = [path for path in home.iterdir() if path.suffix in (_OPEN, _COMMITTED)]
    return [_from_file(path) for path in sorted(live, key=lambda path: path.stat().st_mtime_ns)]


def close_journal(workspace: Workspace, id: str) -> None:
    """Forget a transaction by its id."""
    _forget(workspace.state_path("journal"), id)


def remove_remains(workspace: Workspace) -> None:
    """Delete journals that never began. The caller holds the lock."""
    home = workspace.state_path("journal")
    if home.is_dir():
        for path in home.iterdir():
            if path.suffix == _UNFINISHED:
                path.unlink()


def write_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Create `path` with these bytes and this mode, on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget(home: Path, id: str) -> None:
    for suffix in (_OPEN, _COMMITTED):
        (home / f"{id}{suffix}").unlink(missing_ok=True)


def _entries(changes: ChangeSet) -> Iterator[Entry]:
    offset = 0
    for number, edit in enumerate(changes):
        size = len(edit.before.data) if edit.before else 0
        before, after = Mark.of(edit.before), Mark.of(edit.after)
        yield Entry(number, edit.path, before, after, offset, size)
        offset += size


def _folders_to_make(workspace: Workspace, changes: ChangeSet) -> Iterator[PurePosixPath]:
    """Yield the folders that are missing, deepest first."""
    parents = {parent for edit in changes if edit.after is not None for parent in edit.path.parents}
    missing = {parent for parent in parents if not workspace.absolute(parent).exists()}
    return iter(sorted(missing, key=lambda folder: len(folder.parts), reverse=True))


def _to_json(journal: Journal) -> dict[str, Any]:
    def mark(value: Mark | None) -> list[Any] | None:
        return None if value is None else [value.digest.hex, value.mode]

    return {
        "version": _VERSION,
        "memo": journal.memo,
        "entries": [
            [str(e.path), mark(e.before), mark(e.after), e.offset, e.size] for e in journal.entries
        ],
        "made_folders": [str(folder) for folder in journal.made_folders],
    }


def _from_file(path: Path) -> Journal:
    try:
        return _parsed(path)
    except (ValueError, KeyError, TypeError, IndexError, OSError) as error:
        why = "is no journal of alma's. Look at it, and move it away."
        raise PathRefused(path, why) from error


def _parsed(path: Path) -> Journal:
    def mark(value: list[Any] | None) -> Mark | None:
        return None if value is None else Mark(Digest(str(value[0])), int(value[1]) & 0o7777)

    with path.open("rb") as file:
        content = json.loads(file.readline())
    if content["version"] != _VERSION:
        raise ValueError(content["version"])
    return Journal(
        path.parent,
        path.stem,
        str(content["memo"]),
        tuple(
            Entry(number, _inside(name), mark(before), mark(after), int(offset), int(size))
            for number, (name, before, after, offset, size) in enumerate(content["entries"])
        ),
        tuple(_inside(folder) for folder in content["made_folders"]),
    )


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or is_protected(path):
        raise ValueError(name)
    return path
