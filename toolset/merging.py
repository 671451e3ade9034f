"""Changes carried over to files that have moved on: merged line by line, or refused.

What an edit does not touch may change under it; the lines that it touches may not. The merge is
git's own three-way merge, on bytes, without a repository.
"""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath

from toolset.edits import ChangeSet, Edit, FileState
from toolset.errors import FileExists, LaterWork, StaleEdit
from toolset.git import GitFailed, merge_files
from toolset.workspace import Workspace

_SHOWN_LINES = 20


def rebased(workspace: Workspace, changes: ChangeSet) -> ChangeSet:
    """Return `changes` over the files as they are now; `changes` itself if these did not change.

    An edit that is in its file already falls out. Raises StaleEdit, with the lines in question, if
    a file has changed in the same lines; FileExists if a file to create is there.
    """
    now = {edit.path: workspace.state_of(edit.path) for edit in changes}
    changes_of_moved = _moved_on(changes, now)
    edits = [changes_of_moved.get(edit.path) or _rebased(edit, now[edit.path]) for edit in changes]
    if all(new is old for new, old in zip(edits, changes, strict=True)):
        return changes
    kept = tuple(edit for edit in edits if edit.before != edit.after)
    paths = {edit.path for edit in kept}
    moves = tuple(move for move in changes.moves if {move.old, move.new} <= paths)
    return ChangeSet(kept, moves, new_folders=changes.new_folders, old_folders=changes.old_folders)


def taken_back(workspace: Workspace, changes: ChangeSet, *, id: str) -> ChangeSet:
    """Return what takes `changes` out of the files as they are now; empty if it is out already.

    Raises LaterWork, which calls the change by its `id`, if its lines have changed since.
    """
    try:
        return rebased(workspace, changes.inverted())
    except StaleEdit as error:
        raise LaterWork(error, id) from error


def _moved_on(
    changes: ChangeSet, now: dict[PurePosixPath, FileState | None]
) -> dict[PurePosixPath, Edit]:
    """Return the edits of files that move and have changed since: they move as they are now."""
    by_path = {edit.path: edit for edit in changes}
    found: dict[PurePosixPath, Edit] = {}
    for move in changes.moves:
        goes, comes, state = by_path[move.old], by_path[move.new], now[move.old]
        if state is None or state == goes.before or now[move.new] is not None:
            continue
        whole = _rebased(Edit(move.old, goes.before, comes.after), state)
        found[move.old] = Edit(move.old, state, None)
        found[move.new] = Edit(move.new, None, whole.after)
    return found


def _rebased(edit: Edit, now: FileState | None) -> Edit:
    if now == edit.before:
        return edit
    if now == edit.after:
        return Edit(edit.path, now, now)
    if edit.before is None:
        raise FileExists(edit.path)
    if edit.after is None or now is None:
        raise _stale(edit, now)
    mode = _merged_mode(edit, edit.before.mode, edit.after.mode, now)
    if now.data == edit.before.data:
        return Edit(edit.path, now, FileState(edit.after.data, mode))
    return Edit(edit.path, now, FileState(_merged(edit, edit.before, edit.after, now), mode))


def _merged_mode(edit: Edit, before: int, after: int, now: FileState) -> int:
    if before == after:
        return now.mode
    if now.mode not in (before, after):
        shown = f"  mode {now.mode:04o}, {before:04o}, {after:04o}"
        raise _stale(edit, now, shown=shown)
    return after


def _merged(edit: Edit, before: FileState, after: FileState, now: FileState) -> bytes:
    if after.data == before.data:
        return now.data
    with tempfile.TemporaryDirectory(prefix="alma-") as folder:
        files = [Path(folder) / name for name in ("now", "before", "proposed")]
        for file, state in zip(files, (now, before, after), strict=True):
            file.write_bytes(state.data)
        try:
            merged, conflicts = merge_files(*files)
        except GitFailed as error:
            raise _stale(edit, now) from error
    if conflicts:
        raise _stale(edit, now, shown=_first_conflict(merged))
    return merged


def _first_conflict(merged: bytes) -> str:
    lines = merged.decode("utf-8", errors="backslashreplace").splitlines()
    first = next((n for n, line in enumerate(lines) if line.startswith("<<<<<<< ")), 0)
    shown = lines[first : first + _SHOWN_LINES]
    end = next((n for n, line in enumerate(shown) if line.startswith(">>>>>>> ")), len(shown))
    return "\n".join(f"  {line}" for line in shown[: end + 1])


def _stale(edit: Edit, now: FileState | None, *, shown: str = "") -> StaleEdit:
    before = edit.before.digest if edit.before else None
    return StaleEdit(edit.path, before, now.digest if now else None, shown=shown)
