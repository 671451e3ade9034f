"""Apply a ChangeSet to a workspace: every edit, or none.

The only module that writes the user's files. It takes no checkpoint and no lock; who calls it does
both first. The order that makes it safe against a kill at any point:

1. every file is what the ChangeSet says it was, or nothing happens;
2. the plan and the old bytes are durable before anything else is written;
3. the new bytes lie durable beside their targets, under other names;
4. renames; then the mark `committed`.

Without the mark the next `recover` puts the old files back; with it, the new files stay. The
journal goes when the caller says that its own books are written (`close`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolset.edits import ChangeSet, Digest, Edit, FileState
from toolset.errors import (
    FileExists,
    HalfWritten,
    OutsideWorkspace,
    PathRefused,
    StaleEdit,
    WriteFailed,
)
from toolset.folders import Folder, OpenFolders
from toolset.journal import (
    Entry,
    Journal,
    Mark,
    close_journal,
    open_journals,
    remove_remains,
    start_journal,
)
from toolset.names import require_distinct
from toolset.workspace import Workspace

_SYNCS_AT_ONCE = 8
_BATCH = 16
_FOREIGN = Mark(Digest(""), 0)
_NO_FOLDER = (FileNotFoundError, NotADirectoryError, OutsideWorkspace)


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

    Raises StaleEdit, FileExists, NameClash, ReadOnlyFile, SharedFile, OutsideWorkspace before
    anything is written, and WriteFailed when the disk refuses half way; in every case, Ctrl-C too,
    the files are as before.
    """
    with _disk_errors_explained(workspace.root):
        _require_applicable(workspace, changes)
        journal = start_journal(workspace, changes, id=id, memo=memo)
        try:
            with OpenFolders(workspace.root) as folders:
                _write_all(workspace.root, folders, journal, changes)
            journal.commit()
        except BaseException as error:  # Ctrl-C too: a half-applied tree is worse than a slow exit
            if not journal.is_committed:
                _take_back(workspace, journal, error)
            raise


def close(workspace: Workspace, id: str) -> None:
    """Forget a finished transaction: whoever applied it has written their own books."""
    close_journal(workspace, id)


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


def _require_applicable(workspace: Workspace, changes: ChangeSet) -> None:
    """Raise unless every file is as `changes` says, and may be written."""
    with OpenFolders(workspace.root) as folders:
        for edit in changes:
            workspace.require_inside(edit.path)
            _require_unchanged(edit, _state(folders, edit.path))
            workspace.require_writable_file(edit.path)
    for parent in {edit.path.parent for edit in changes}:
        workspace.require_writable_folder(parent)
    require_distinct(workspace, changes)


def _state(folders: OpenFolders, path: PurePosixPath) -> FileState | None:
    try:
        return folders.at(path.parent).state(path.name)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _write_all(root: Path, folders: OpenFolders, journal: Journal, changes: ChangeSet) -> None:
    """Write all new bytes, make them durable together, then give them their names."""
    pairs = list(zip(journal.entries, changes, strict=True))
    for path in reversed(journal.made_folders):
        with _disk_errors_explained(path):
            folders.at(path, make=True)
    _write_new(root, folders, journal, changes)
    for entry, edit in sorted(pairs, key=lambda pair: _turn(pair[1])):
        with _disk_errors_explained(edit.path):
            folder = folders.at(edit.path.parent)
            _require_unchanged(edit, folder.state(edit.path.name))
            _put(folder, journal, entry)
    _sync_folders(folders, journal)
    for path in _deepest_first(changes.old_folders):
        with suppress(*_NO_FOLDER):
            folders.at(path.parent).remove_if_empty(path.name)


def _write_new(root: Path, folders: OpenFolders, journal: Journal, changes: ChangeSet) -> None:
    """Write all new bytes beside their targets; then make them durable, some files at once."""
    old_names = {move.new: move.old for move in changes.moves}
    written = []
    for entry, edit in zip(journal.entries, changes, strict=True):
        if edit.after is not None:
            with _disk_errors_explained(entry.path):
                _write_beside(folders, journal, entry, edit.after, old_names.get(entry.path))
            written.append(entry)
    batches = [written[first : first + _BATCH] for first in range(0, len(written), _BATCH)]
    if len(batches) == 1:
        _sync_files(root, journal, batches[0])
        return
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
        for sync in [pool.submit(_sync_files, root, journal, batch) for batch in batches]:
            sync.result()


def _sync_files(root: Path, journal: Journal, entries: Sequence[Entry]) -> None:
    """Make new bytes durable; with folders of its own, as it runs beside others."""
    with OpenFolders(root) as folders:
        for entry in entries:
            with _disk_errors_explained(entry.path):
                folders.at(entry.path.parent).sync_file(journal.temporary(entry))


def _take_back(workspace: Workspace, journal: Journal, error: BaseException) -> None:
    """Put the old files back at once. Raises HalfWritten if the disk refuses that too."""
    try:
        conflicts = _restore(workspace, journal)
        journal.set_aside() if conflicts else journal.close()
    except OSError as again:
        raise HalfWritten(workspace.root, again.strerror or str(again)) from error


def _turn(edit: Edit) -> int:
    """Deletions come first: a file system may take the new name for the old one."""
    return {"delete": 0, "change": 1, "create": 2}[edit.kind]


def _put(folder: Folder, journal: Journal, entry: Entry) -> None:
    temporary = journal.temporary(entry)
    if entry.after is None:
        folder.unlink(entry.path.name)
    elif entry.before is None:
        # A link refuses a name that exists by now, where a rename would overwrite it.
        folder.link(temporary, entry.path.name)
        folder.unlink(temporary)
    else:
        folder.replace(temporary, entry.path.name)


def _restore(workspace: Workspace, journal: Journal) -> tuple[PurePosixPath, ...]:
    """Put the old files back; return those that are neither old nor new, which are left alone."""
    conflicts = []
    with OpenFolders(workspace.root) as folders:
        for entry in journal.entries:
            with suppress(*_NO_FOLDER):
                folders.at(entry.path.parent).unlink(journal.temporary(entry))
            now = _mark_now(folders, entry.path)
            if now == entry.before:
                continue
            if now != entry.after:
                conflicts.append(entry.path)
                continue
            _put_back(folders, journal, entry)
        _sync_folders(folders, journal)
        folders.close()  # what is removed must not be held open
        for path in journal.made_folders:
            with suppress(*_NO_FOLDER):
                folders.at(path.parent).remove_if_empty(path.name)
    return tuple(conflicts)


def _put_back(folders: OpenFolders, journal: Journal, entry: Entry) -> None:
    before = journal.before(entry)
    if before is None:
        folders.at(entry.path.parent).unlink(entry.path.name)
        return
    folder = folders.at(entry.path.parent, make=True)
    _write_beside(folders, journal, entry, before, None)
    folder.sync_file(journal.temporary(entry))
    folder.replace(journal.temporary(entry), entry.path.name)


def _write_beside(
    folders: OpenFolders,
    journal: Journal,
    entry: Entry,
    state: FileState,
    old_name: PurePosixPath | None,
) -> None:
    """Write the new bytes beside the target, with the owner and attributes that it has."""
    original = old_name or entry.path
    like = folders.at(original.parent), original.name
    try:
        folders.at(entry.path.parent).create(journal.temporary(entry), state, like=like)
    except PermissionError as error:
        raise WriteFailed(entry.path, "its owner or attributes cannot be kept") from error


def _require_unchanged(edit: Edit, now: FileState | None) -> None:
    if now == edit.before:
        return
    if edit.before is None:
        raise FileExists(edit.path)
    raise StaleEdit(edit.path, edit.before.digest, now.digest if now else None)


def _mark_now(folders: OpenFolders, path: PurePosixPath) -> Mark | None:
    try:
        return Mark.of(folders.at(path.parent).state(path.name))
    except FileNotFoundError:
        return None
    except (PathRefused, OSError):  # a folder or a link by now: neither the old file nor the new
        return _FOREIGN


def _sync_folders(folders: OpenFolders, journal: Journal) -> None:
    touched = {entry.path.parent for entry in journal.entries}
    for path in touched | {folder.parent for folder in journal.made_folders}:
        with suppress(*_NO_FOLDER):
            folders.at(path).sync()


def _deepest_first(paths: tuple[PurePosixPath, ...]) -> list[PurePosixPath]:
    return sorted(paths, key=lambda path: len(path.parts), reverse=True)


@contextmanager
def _disk_errors_explained(where: PurePosixPath | Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise FileExists(str(where)) from error
    except OSError as error:
        raise WriteFailed(str(where), error.strerror or str(error)) from error
