"""The way back, and forward again: what files were before an apply, and what they became.

With git as commits under `refs/alma/`, without as byte snapshots under `.alma/snapshots/`. A folder
that became a repository later still finds its snapshots.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Protocol

from toolset.checkpoint_refs import SIDES, CheckpointRefs, Side
from toolset.edits import ChangeSet, Edit, FileState, Move
from toolset.errors import (
    CheckpointFailed,
    CheckpointGone,
    NoSuchCheckpoint,
    ToolsetError,
)
from toolset.git import GitFailed, Repository
from toolset.snapshots import Snapshots
from toolset.workspace import Workspace

LIBRARY_LABEL = "toolset: "  # begins what a change is called that no interaction tells of
_ID = re.compile(r"[0-9A-Za-z_-]+")


@dataclass(frozen=True, slots=True)
class FileModes:
    """One file's mode before and after; None where there is no file."""

    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A change that was about to be applied; `changes_of` gives it whole.

    `worktree` names the linked worktree it was made in: all of a repository share their refs.
    """

    id: str
    at: datetime
    label: str
    files: dict[PurePosixPath, FileModes]
    moves: tuple[Move, ...] = ()
    new_folders: tuple[PurePosixPath, ...] = ()
    old_folders: tuple[PurePosixPath, ...] = ()
    worktree: str = ""


def save(workspace: Workspace, changes: ChangeSet, *, id: str, label: str) -> Checkpoint:
    """Keep both sides of `changes`. Raises CheckpointFailed: then nothing may be written."""
    try:
        checkpoint = Checkpoint(
            id,
            datetime.now(UTC),
            " ".join(label.split()),
            {edit.path: FileModes(_mode(edit.before), _mode(edit.after)) for edit in changes},
            changes.moves,
            changes.new_folders,
            changes.old_folders,
            _worktree(workspace),
        )
        manifest = _to_json(checkpoint)
        if workspace.has_git:
            refs = CheckpointRefs(Repository(workspace.root))
            refs.write(id, manifest, checkpoint.label, checkpoint.at, changes)
        else:
            Snapshots(workspace).write(id, manifest, changes)
    except (GitFailed, OSError) as error:
        raise CheckpointFailed(str(error)) from error
    return checkpoint


@contextmanager
def kept(workspace: Workspace, changes: ChangeSet, *, id: str, label: str) -> Iterator[None]:
    """Save a checkpoint for what the block applies; forget it if that is refused.

    Raises CheckpointFailed before the block runs.
    """
    checkpoint = save(workspace, changes, id=id, label=label)
    try:
        yield
    except ToolsetError:
        with suppress(CheckpointGone):  # a full disk may refuse this too
            remove(workspace, [checkpoint])
        raise


def load(workspace: Workspace, id: str) -> Checkpoint:
    """Return one checkpoint. Raises NoSuchCheckpoint."""
    with _gone(f"checkpoint {id} cannot be read"):
        _, manifest = _held(workspace, id)
        for checkpoint in _ours(workspace, [_from_json(manifest)]):
            return checkpoint
        raise NoSuchCheckpoint(id, workspace.root)


def saved(workspace: Workspace) -> list[Checkpoint]:
    """Return every checkpoint, newest first. Raises CheckpointGone if they cannot be read.

    Those of worktrees that are there no more are among them: nobody else could forget them.
    """
    with _gone("the checkpoints cannot be listed"):
        manifests = [text for store in _stores(workspace) for text in store.manifests()]
        ours = _ours(workspace, map(_from_json, manifests))
        return sorted(ours, key=lambda one: one.at, reverse=True)


def changes_of(workspace: Workspace, checkpoint: Checkpoint) -> ChangeSet:
    """Return the change that a checkpoint was taken for. Raises CheckpointGone."""
    with _gone(f"the files of checkpoint {checkpoint.id} are gone"):
        store, _ = _held(workspace, checkpoint.id)
        before, after = (_states(store, checkpoint, side) for side in SIDES)
    return ChangeSet(
        tuple(Edit(path, before[path], after[path]) for path in checkpoint.files),
        checkpoint.moves,
        new_folders=checkpoint.new_folders,
        old_folders=checkpoint.old_folders,
    )


def expired(
    checkpoints: Sequence[Checkpoint], *, keep: int, days: float, now: datetime
) -> list[Checkpoint]:
    """Return those that are neither among the newest `keep` nor younger than `days`."""
    newest_first = sorted(checkpoints, key=lambda one: one.at, reverse=True)
    return [one for one in newest_first[keep:] if now - one.at > timedelta(days=days)]


def remove(workspace: Workspace, checkpoints: Iterable[Checkpoint]) -> None:
    """Forget checkpoints: what they lead back to can no longer be undone. Raises CheckpointGone."""
    with _gone("not every checkpoint could be removed"):
        for checkpoint in checkpoints:
            store, _ = _held(workspace, checkpoint.id)
            store.remove(checkpoint.id)


def relabel(workspace: Workspace, id: str, label: str) -> Checkpoint:
    """Call a checkpoint something else; its files, and what undo makes of it, stay as they are.

    In git the old commits are reachable from nothing of alma's then; git drops them when it next
    collects its garbage. The caller holds the workspace's lock. Raises NoSuchCheckpoint,
    CheckpointGone.
    """
    with _gone(f"checkpoint {id} cannot be relabelled"):
        store, manifest = _held(workspace, id)
        checkpoint = replace(_from_json(manifest), label=" ".join(label.split()))
        store.relabel(id, _to_json(checkpoint), checkpoint.label)
    return checkpoint


class _Store(Protocol):
    def manifest(self, id: str) -> str: ...

    def manifests(self) -> list[str]: ...

    def data(
        self, id: str, side: Side, paths: Sequence[PurePosixPath], order: Sequence[PurePosixPath]
    ) -> list[bytes]: ...

    def relabel(self, id: str, manifest: str, label: str) -> None: ...

    def remove(self, id: str) -> None: ...


def _stores(workspace: Workspace) -> list[_Store]:
    snapshots = Snapshots(workspace)
    return (
        [CheckpointRefs(Repository(workspace.root)), snapshots]
        if workspace.has_git
        else [snapshots]
    )


def _held(workspace: Workspace, id: str) -> tuple[_Store, str]:
    """Return the store that has a checkpoint, and its manifest.

    It may be either: a folder may have become a repository since.
    """
    if _ID.fullmatch(id):  # to git a name with `*` in it is a pattern, and "" is every name
        for store in _stores(workspace):
            if manifest := store.manifest(id):
                return store, manifest
    raise NoSuchCheckpoint(id, workspace.root)


def _worktree(workspace: Workspace) -> str:
    return Repository(workspace.root).worktree if workspace.has_git else ""


def _ours(workspace: Workspace, checkpoints: Iterable[Checkpoint]) -> list[Checkpoint]:
    """Leave out what belongs to another worktree that is still there."""
    if not workspace.has_git:
        return list(checkpoints)
    repository = Repository(workspace.root)
    others = {"", *repository.worktrees()} - {repository.worktree}
    return [one for one in checkpoints if one.worktree not in others]


def _states(
    store: _Store, checkpoint: Checkpoint, side: Side
) -> dict[PurePosixPath, FileState | None]:
    order = list(checkpoint.files)
    modes: dict[PurePosixPath, int | None] = {
        path: both.before if side == "before" else both.after
        for path, both in checkpoint.files.items()
    }
    present = [path for path in order if modes[path] is not None]
    found = dict(zip(present, store.data(checkpoint.id, side, present, order), strict=True))
    return {
        path: None if mode is None else FileState(found[path], mode) for path, mode in modes.items()
    }


@contextmanager
def _gone(what: str) -> Iterator[None]:
    try:
        yield
    except (GitFailed, OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointGone(what) from error


def _mode(state: FileState | None) -> int | None:
    return None if state is None else state.mode


def _to_json(checkpoint: Checkpoint) -> str:
    return json.dumps(
        {
            "id": checkpoint.id,
            "at": checkpoint.at.isoformat(),
            "label": checkpoint.label,
            "files": {str(path): [m.before, m.after] for path, m in checkpoint.files.items()},
            "moves": [[str(move.old), str(move.new)] for move in checkpoint.moves],
            "new_folders": [str(folder) for folder in checkpoint.new_folders],
            "old_folders": [str(folder) for folder in checkpoint.old_folders],
            "worktree": checkpoint.worktree,
        }
    )


def _from_json(text: str) -> Checkpoint:
    content: dict[str, Any] = json.loads(text)
    return Checkpoint(
        content["id"],
        datetime.fromisoformat(content["at"]),
        content["label"],
        {PurePosixPath(path): FileModes(*modes) for path, modes in content["files"].items()},
        tuple(Move(PurePosixPath(old), PurePosixPath(new)) for old, new in content["moves"]),
        tuple(PurePosixPath(folder) for folder in content["new_folders"]),
        tuple(PurePosixPath(folder) for folder in content["old_folders"]),
        content.get("worktree", ""),
    )
