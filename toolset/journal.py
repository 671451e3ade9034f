"""What a transaction needs to be finished by somebody else: the old bytes and the plan, durable.

A journal is a folder `.alma/journal/<id>/`: `<n>.before` for each old file, then `manifest.json`
(the transaction exists from that rename on), then `committed`. It is closed by being renamed away,
so that no half-deleted journal is ever taken for a live one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from toolset.edits import ChangeSet, Digest, FileState
from toolset.errors import PathRefused
from toolset.workspace import Workspace, is_protected

_MANIFEST, _COMMITTED, _DONE, _CONFLICT = "manifest.json", "committed", ".done", ".conflict"


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
    """One file of a transaction; None where there is no file. `number` names its kept bytes."""

    number: int
    path: PurePosixPath
    before: Mark | None
    after: Mark | None


@dataclass(frozen=True)
class Journal:
    """One open transaction."""

    folder: Path
    memo: str
    entries: tuple[Entry, ...]
    made_folders: tuple[PurePosixPath, ...]

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def is_committed(self) -> bool:
        return (self.folder / _COMMITTED).exists()

    def commit(self) -> None:
        """Say, durably, that every new file is in place."""
        write_durably(self.folder / _COMMITTED, b"")
        sync_folder(self.folder)

    def before(self, entry: Entry) -> FileState | None:
        """Return the file as it was, or None where there was none."""
        if entry.before is None:
            return None
        return FileState((self.folder / f"{entry.number}.before").read_bytes(), entry.before.mode)

    def temporary(self, workspace: Workspace, entry: Entry) -> Path:
        """Return where the new bytes wait: beside their target, so that a rename suffices."""
        target = workspace.absolute(entry.path)
        return target.with_name(f".alma-{self.id}-{entry.number}.tmp")

    def close(self) -> None:
        """Forget the transaction."""
        done = self.folder.with_name(self.id + _DONE)
        self.folder.rename(done)
        sync_folder(done.parent)
        shutil.rmtree(done, ignore_errors=True)

    def set_aside(self) -> Path:
        """Keep the old bytes for a person to look at; return their folder."""
        kept = self.folder.with_name(self.id + _CONFLICT)
        self.folder.rename(kept)
        return kept


def start_journal(workspace: Workspace, changes: ChangeSet, *, id: str, memo: str) -> Journal:
    """Make the old bytes and the plan durable. Nothing of the user's has been written yet."""
    folder = workspace.state_folder("journal") / id
    folder.mkdir(mode=0o700)
    entries = tuple(
        Entry(number, edit.path, Mark.of(edit.before), Mark.of(edit.after))
        for number, edit in enumerate(changes)
    )
    for entry, edit in zip(entries, changes, strict=True):
        if edit.before is not None:
            write_durably(folder / f"{entry.number}.before", edit.before.data)
    journal = Journal(folder, memo, entries, tuple(_folders_to_make(workspace, changes)))
    unfinished = folder / "manifest.tmp"
    write_durably(unfinished, json.dumps(_to_json(journal)).encode())
    unfinished.rename(folder / _MANIFEST)
    sync_folder(folder)
    sync_folder(folder.parent)
    return journal


def open_journals(workspace: Workspace) -> list[Journal]:
    """Return the transactions that nobody closed, oldest first.

    Raises PathRefused for a journal that alma cannot have written: it may have come with the
    repository, and must not lead anybody's hand.
    """
    home = workspace.state_path("journal")
    if not home.is_dir():
        return []
    manifests = [folder / _MANIFEST for folder in home.iterdir() if not folder.suffix]
    live = [manifest for manifest in manifests if manifest.exists()]
    return [_from_json(path) for path in sorted(live, key=lambda path: path.stat().st_mtime_ns)]


def remove_remains(workspace: Workspace) -> None:
    """Delete journals that never began or were closed. The caller holds the lock."""
    home = workspace.state_path("journal")
    if not home.is_dir():
        return
    for folder in home.iterdir():
        never_began = not folder.suffix and not (folder / _MANIFEST).exists()
        if folder.suffix == _DONE or never_began:
            shutil.rmtree(folder, ignore_errors=True)


def write_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Create `path` with these bytes and this mode, on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folders_to_make(workspace: Workspace, changes: ChangeSet) -> Iterator[PurePosixPath]:
    """Yield the folders that are missing, deepest first."""
    missing = {
        parent
        for edit in changes
        if edit.after is not None
        for parent in edit.path.parents
        if not workspace.absolute(parent).exists()
    }
    return iter(sorted(missing, key=lambda folder: len(folder.parts), reverse=True))


def _to_json(journal: Journal) -> dict[str, Any]:
    def mark(value: Mark | None) -> list[Any] | None:
        return None if value is None else [value.digest.hex, value.mode]

    return {
        "version": 1,
        "memo": journal.memo,
        "entries": [[str(e.path), mark(e.before), mark(e.after)] for e in journal.entries],
        "made_folders": [str(folder) for folder in journal.made_folders],
    }


def _from_json(manifest: Path) -> Journal:
    try:
        return _parsed(manifest)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        why = "is no journal of alma's. Look at it, and move it away."
        raise PathRefused(manifest, why) from error


def _parsed(manifest: Path) -> Journal:
    def mark(value: list[Any] | None) -> Mark | None:
        return None if value is None else Mark(Digest(value[0]), value[1])

    content = json.loads(manifest.read_bytes())
    return Journal(
        manifest.parent,
        content["memo"],
        tuple(
            Entry(number, _inside(path), mark(before), mark(after))
            for number, (path, before, after) in enumerate(content["entries"])
        ),
        tuple(_inside(folder) for folder in content["made_folders"]),
    )


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or is_protected(path):
        raise ValueError(name)
    return path
