"""Checkpoints that are called something else: the old name is gone, the way back is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import git, make_repository, make_workspace, tree
from toolset import checkpoints
from toolset.edits import ChangeSet, Edit, FileState
from toolset.errors import CheckpointGone, NoSuchCheckpoint
from toolset.workspace import Workspace

A = PurePosixPath("a.py")
SAID = "the zebra sleeps"
CHANGES = ChangeSet((Edit(A, FileState(b"x = 1\n"), FileState(b"\xff\r\n", 0o755)),))


def plain(root: Path) -> Workspace:
    return make_workspace(root, {"a.py": "x = 1\n"})


def with_git(root: Path) -> Workspace:
    return make_repository(root, {"a.py": "x = 1\n"})


def without_commits(root: Path) -> Workspace:
    workspace = plain(root)
    git(root, "init", "-q")
    return workspace


def linked_worktree(root: Path) -> Workspace:
    git(with_git(root).root, "worktree", "add", "-q", "../linked")
    return Workspace((root.parent / "linked").resolve())


def with_logs_of_every_ref(root: Path) -> Workspace:
    workspace = with_git(root)
    git(root, "config", "core.logAllRefUpdates", "always")
    return workspace


PLACES = [plain, with_git, without_commits, linked_worktree, with_logs_of_every_ref]
place = pytest.mark.parametrize("make", PLACES)
in_git = pytest.mark.parametrize("make", PLACES[1:])


def reachable(root: Path) -> str:
    """Return all that git can reach from alma's refs, and what it wrote down of their past."""
    return git(root, "log", "--format=raw", "--glob=refs/alma/", "--reflog")


@place
def test_a_checkpoint_has_its_new_name_and_nothing_else_new(
    tmp_path: Path, make: Callable[[Path], Workspace]
) -> None:
    workspace = make(tmp_path / "project")
    saved = checkpoints.save(workspace, CHANGES, id="c1", label=SAID)

    relabelled = checkpoints.relabel(workspace, "c1", "[forgotten]")

    assert relabelled == checkpoints.load(workspace, "c1") == replace(saved, label="[forgotten]")
    assert checkpoints.changes_of(workspace, relabelled) == CHANGES
    assert checkpoints.saved(workspace) == [relabelled]


@in_git
def test_git_reaches_the_old_name_no_more(
    tmp_path: Path, make: Callable[[Path], Workspace]
) -> None:
    workspace = make(tmp_path / "project")
    checkpoints.save(workspace, CHANGES, id="c1", label=SAID)
    if (workspace.root / ".git").is_dir():
        git(workspace.root, "pack-refs", "--all")
    assert SAID in reachable(workspace.root)

    checkpoints.relabel(workspace, "c1", "[forgotten]")

    assert SAID not in reachable(workspace.root)
    assert "[forgotten]" in reachable(workspace.root)


@in_git
def test_git_keeps_no_object_with_the_old_name_when_it_collects_its_garbage(
    tmp_path: Path, make: Callable[[Path], Workspace]
) -> None:
    workspace = make(tmp_path / "project")
    checkpoints.save(workspace, CHANGES, id="c1", label=SAID)
    (old,) = git(workspace.root, "rev-parse", "refs/alma/results/c1").split()

    checkpoints.relabel(workspace, "c1", "[forgotten]")
    git(workspace.root, "gc", "-q", "--prune=now")

    assert old not in git(workspace.root, "cat-file", "--batch-all-objects", "--batch-check")
    assert checkpoints.changes_of(workspace, checkpoints.load(workspace, "c1")) == CHANGES


def test_a_snapshot_keeps_nothing_of_the_old_name(workspace: Workspace) -> None:
    checkpoints.save(workspace, CHANGES, id="c1", label=SAID)
    checkpoints.relabel(workspace, "c1", "[forgotten]")
    files = (path for path in (workspace.root / ".alma").rglob("*") if path.is_file())
    assert not [path for path in files if SAID.encode() in path.read_bytes()]


def test_it_touches_nothing_of_the_user_s(repository: Workspace) -> None:
    checkpoints.save(repository, CHANGES, id="c1", label=SAID)
    before = tree(repository.root), git(repository.root, "status", "--porcelain=v2", "--branch")
    checkpoints.relabel(repository, "c1", "x")
    after = tree(repository.root), git(repository.root, "status", "--porcelain=v2", "--branch")
    assert after == before


def test_other_checkpoints_keep_their_names(repository: Workspace) -> None:
    checkpoints.save(repository, CHANGES, id="c1", label=SAID)
    other = checkpoints.save(repository, CHANGES, id="c11", label="another")
    checkpoints.relabel(repository, "c1", "x")
    assert checkpoints.load(repository, "c11") == other


@pytest.mark.parametrize("id_", ["none", "", "*", "../c1"])
@pytest.mark.parametrize("make", [plain, with_git])
def test_what_is_not_there_is_not_relabelled(
    tmp_path: Path, make: Callable[[Path], Workspace], id_: str
) -> None:
    workspace = make(tmp_path / "project")
    checkpoints.save(workspace, CHANGES, id="c1", label=SAID)
    with pytest.raises(NoSuchCheckpoint):
        checkpoints.relabel(workspace, id_, "x")


def test_a_checkpoint_that_lost_its_other_side_is_told(repository: Workspace) -> None:
    checkpoints.save(repository, CHANGES, id="c1", label=SAID)
    git(repository.root, "update-ref", "-d", "refs/alma/results/c1")
    with pytest.raises(CheckpointGone, match="c1 cannot be relabelled"):
        checkpoints.relabel(repository, "c1", "x")
