"""Apply a ChangeSet to a workspace: every edit, or none.

The only module that writes the user's files. It takes no checkpoint and no lock; who calls it does
both first. The order that makes it safe against a kill at any point:

1. every file is what the ChangeSet says it was, or nothing happens;
2. the old bytes, then the journal's manifest, are durable before anything else is written;
3. the new bytes lie durable beside their targets, under other names;
4. renames; then the mark `committed`.

Without the mark the next `recover` puts the old files back; with it, the new files stay. The
journal goes when the caller says that its own books are written (`close`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolset.edits import ChangeSet, Digest, Edit, FileState
from toolset.errors import FileExists, PathRefused, StaleEdit, WriteFailed
from toolset.journal import (
    Entry,
    Journal,
    Mark,
    open_journals,
    remove_remains,
    start_journal,
    sync_folder,
    write_durably,
)
from toolset.workspace import Workspace

_FOREIGN = Mark(Digest(""), 0)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What `recover` found of an interrupted transaction.

    `applied`: all new files were in place, and stay; else the old files are back. `memo` is the
    text that the interrupted caller gave to `apply`. `conflicts` are files that held neither the
    old nor the new bytes (somebody edited them since) and were left alone; the old bytes of all
    files are then kept at `kept_at`.
    """

    id: str
    memo: str
    applied: bool
    paths: tuple[PurePosixPath, ...]
    conflicts: tuple[PurePosixPath, ...] = ()
    kept_at: Path | None = None


def apply(workspace: Workspace, changes: ChangeSet, *, id: str, memo: str = "") -> None:
    """Write every edit of `changes`, or none. The journal stays until `close(workspace, id)`.

    Raises StaleEdit, FileExists, ReadOnlyFile, SharedFile, OutsideWorkspace before anything is
    written, and WriteFailed when the disk refuses half way; in every case, Ctrl-C too, the files
    are as before.
    """
    for edit in changes:
        _require_unchanged(workspace, edit)
        workspace.require_writable(edit.path)
    with _disk_errors_explained(workspace):
        journal = start_journal(workspace, changes, id=id, memo=memo)
        try:
            _write_all(workspace, journal, changes)
            journal.commit()
        except BaseException:  # Ctrl-C too: a half-applied tree is worse than a slow exit
            if not journal.is_committed:
                conflicts = _restore(workspace, journal)
                journal.set_aside() if conflicts else journal.close()
            raise


def close(workspace: Workspace, id: str) -> None:
    """Forget a finished transaction: whoever applied it has written their own books."""
    for journal in open_journals(workspace):
        if journal.id == id:
            journal.close()


def needs_recovery(workspace: Workspace) -> bool:
    """Say whether a transaction is open: interrupted, or in the hands of a running process."""
    return bool(open_journals(workspace))


def belongs_to_a_caller(workspace: Workspace) -> bool:
    """Say whether an open transaction carries a memo: then only its caller may close it."""
    return any(journal.memo for journal in open_journals(workspace))


def recover(workspace: Workspace) -> list[Recovery]:
    """Finish what a killed process left: each transaction whole, forwards or back.

    The caller holds the workspace's lock, and calls `close` on each result once it is recorded.
    Doing it twice is harmless.
    """
    if needs_recovery(workspace):
        workspace.require_own_state()
    remove_remains(workspace)
    return [_recover_one(workspace, journal) for journal in open_journals(workspace)]


def _recover_one(workspace: Workspace, journal: Journal) -> Recovery:
    paths = tuple(entry.path for entry in journal.entries)
    if journal.is_committed:
        return Recovery(journal.id, journal.memo, applied=True, paths=paths)
    conflicts = _restore(workspace, journal)
    kept = journal.set_aside() if conflicts else None
    return Recovery(
        journal.id, journal.memo, applied=False, paths=paths, conflicts=conflicts, kept_at=kept
    )


def _write_all(workspace: Workspace, journal: Journal, changes: ChangeSet) -> None:
    for folder in reversed(journal.made_folders):
        workspace.absolute(folder).mkdir(exist_ok=True)
    for entry, edit in zip(journal.entries, changes, strict=True):
        if edit.after is not None:
            _write_beside(workspace, journal, entry, edit.after)
    for entry, edit in zip(journal.entries, changes, strict=True):
        _require_unchanged(workspace, edit)
        _put(workspace, journal, entry)
    _sync_folders(workspace, journal)


def _put(workspace: Workspace, journal: Journal, entry: Entry) -> None:
    target = workspace.absolute(entry.path)
    temporary = journal.temporary(workspace, entry)
    if entry.after is None:
        target.unlink()
    elif entry.before is None:
        # link() refuses a name that exists by now, where rename() would overwrite it.
        os.link(temporary, target)
        temporary.unlink()
    else:
        temporary.replace(target)


def _restore(workspace: Workspace, journal: Journal) -> tuple[PurePosixPath, ...]:
    """Put the old files back; return those that are neither old nor new, which are left alone."""
    conflicts = []
    for entry in journal.entries:
        with suppress(FileNotFoundError, NotADirectoryError, PathRefused):
            workspace.require_inside(entry.path)
            journal.temporary(workspace, entry).unlink()
        now = _mark_now(workspace, entry.path)
        if now == entry.before:
            continue
        if now != entry.after:
            conflicts.append(entry.path)
            continue
        before = journal.before(entry)
        if before is None:
            workspace.absolute(entry.path).unlink()
        else:
            workspace.absolute(entry.path).parent.mkdir(parents=True, exist_ok=True)
            _write_beside(workspace, journal, entry, before)
            journal.temporary(workspace, entry).replace(workspace.absolute(entry.path))
    _sync_folders(workspace, journal)
    for folder in journal.made_folders:
        _remove_if_empty(workspace.absolute(folder))
    return tuple(conflicts)


def _write_beside(workspace: Workspace, journal: Journal, entry: Entry, state: FileState) -> None:
    temporary = journal.temporary(workspace, entry)
    write_durably(temporary, state.data, mode=state.mode)
    try:
        owner = workspace.absolute(entry.path).stat()
    except FileNotFoundError:
        return
    if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        try:
            os.chown(temporary, owner.st_uid, owner.st_gid)
            temporary.chmod(state.mode)  # chown clears the set-id bits
        except PermissionError as error:
            raise WriteFailed(entry.path, "it belongs to another user") from error


def _require_unchanged(workspace: Workspace, edit: Edit) -> None:
    now = workspace.state_of(edit.path)
    if now == edit.before:
        return
    if edit.before is None:
        raise FileExists(edit.path)
    raise StaleEdit(edit.path, edit.before.digest, now.digest if now else None)


def _mark_now(workspace: Workspace, path: PurePosixPath) -> Mark | None:
    try:
        return Mark.of(workspace.state_of(path))
    except PathRefused:  # a folder or a link by now: neither the old file nor the new one
        return _FOREIGN


def _sync_folders(workspace: Workspace, journal: Journal) -> None:
    for folder in {workspace.absolute(entry.path).parent for entry in journal.entries}:
        if folder.is_dir():
            sync_folder(folder)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # somebody put something into it meanwhile: theirs to keep
        return


@contextmanager
def _disk_errors_explained(workspace: Workspace) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or workspace.root
        raise WriteFailed(str(where), error.strerror or str(error)) from error
