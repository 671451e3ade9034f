from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import git, make_repository, make_workspace, tree, write_files
from tests.unit.test_workspace import merge_with_conflict
from toolset import checkpoints
from toolset.checkpoints import Checkpoint, changes_of, load
from toolset.edits import ChangeSet, Edit, FileState
from toolset.errors import CheckpointFailed, CheckpointGone, NoSuchCheckpoint
from toolset.git import GitFailed, Repository
from toolset.workspace import Workspace


def save(
    workspace: Workspace, paths: Iterable[PurePosixPath], *, id: str, label: str
) -> Checkpoint:
    """Take a checkpoint for a change that leaves everything as it is."""
    states = {path: workspace.state_of(path) for path in paths}
    changes = ChangeSet(tuple(Edit(path, state, state) for path, state in states.items()))
    return checkpoints.save(workspace, changes, id=id, label=label)


def state_at(workspace: Workspace, checkpoint: Checkpoint, path: PurePosixPath) -> FileState | None:
    (state,) = (edit.before for edit in changes_of(workspace, checkpoint) if edit.path == path)
    return state


A, B, MISSING = PurePosixPath("a.py"), PurePosixPath("b.py"), PurePosixPath("new.py")


def plain(root: Path) -> Workspace:
    return make_workspace(root, {"a.py": "x = 1\n"})


def with_git(root: Path) -> Workspace:
    return make_repository(root, {"a.py": "x = 1\n"})


def without_commits(root: Path) -> Workspace:
    workspace = make_workspace(root, {"a.py": "x = 1\n"})
    git(root, "init", "-q")
    return workspace


def with_a_detached_head(root: Path) -> Workspace:
    workspace = with_git(root)
    git(root, "checkout", "-q", "--detach")
    return workspace


def linked_worktree(root: Path) -> Workspace:
    git(with_git(root).root, "worktree", "add", "-q", "../linked")
    return Workspace((root.parent / "linked").resolve())


def dirty(root: Path) -> Workspace:
    workspace = with_git(root)
    write_files(root, {"a.py": "staged = 1\n"})
    git(root, "add", "a.py")
    write_files(root, {"a.py": "x = 'not staged'\n", "b.py": "untracked = 1\n"})
    return workspace


def in_the_middle_of_a_merge(root: Path) -> Workspace:
    workspace = with_git(root)
    merge_with_conflict(root)
    return workspace


def bare_of_settings(root: Path) -> Workspace:
    workspace = with_git(root)
    (root / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 0\n")
    return workspace


def in_a_submodule(root: Path) -> Workspace:
    library = make_repository(root.parent / "library", {"a.py": "x = 1\n"})
    outer = make_repository(root, {"outer.py": ""})
    allow = ("-c", "protocol.file.allow=always")
    git(outer.root, *allow, "submodule", "--quiet", "add", str(library.root), "sub")
    return Workspace(outer.root / "sub")


_IN_GIT = [
    pytest.param(with_git, id="git"),
    pytest.param(without_commits, id="no commits"),
    pytest.param(with_a_detached_head, id="detached HEAD"),
    pytest.param(linked_worktree, id="linked worktree"),
    pytest.param(dirty, id="dirty"),
    pytest.param(in_a_submodule, id="submodule"),
    pytest.param(in_the_middle_of_a_merge, id="mid-merge"),
    pytest.param(bare_of_settings, id="no settings"),
]
_PLACES = [pytest.param(plain, id="no git"), *_IN_GIT]


@pytest.mark.parametrize("make", _PLACES)
def test_a_checkpoint_gives_back_what_it_was_given(
    tmp_path: Path, make: Callable[[Path], Workspace]
) -> None:
    workspace = make(tmp_path / "project")
    state = FileState(b"\xff\0binary\r\n", 0o750)
    (workspace.root / "a.py").write_bytes(state.data)
    (workspace.root / "a.py").chmod(state.mode)

    save(workspace, [A, MISSING], id="c1", label="rename load")
    (workspace.root / "a.py").unlink()
    checkpoint = load(workspace, "c1")

    assert state_at(workspace, checkpoint, A) == state
    assert state_at(workspace, checkpoint, MISSING) is None


@pytest.mark.parametrize("make", _PLACES)
def test_a_loaded_checkpoint_is_the_saved_one(
    tmp_path: Path, make: Callable[[Path], Workspace]
) -> None:
    workspace = make(tmp_path / "project")

    saved = save(workspace, [A], id="c1", label="rename é to 'x'\nand\n\nmore")

    assert load(workspace, "c1") == saved
    assert saved.label == "rename é to 'x' and more"


def fingerprint(root: Path) -> dict[str, object]:
    """Return everything of the user's that git knows, and every file of theirs."""
    private = Path(git(root, "rev-parse", "--absolute-git-dir").strip())
    index = private / "index"
    return {
        "index": hashlib.sha256(index.read_bytes()).hexdigest() if index.exists() else None,
        "HEAD": (private / "HEAD").read_bytes(),
        "reflog": {
            path.relative_to(private).as_posix(): path.read_bytes()
            for path in sorted((private / "logs").rglob("*"))
            if path.is_file()
        },
        "refs": git(root, "for-each-ref", "refs/heads", "refs/tags", "refs/stash", "refs/remotes"),
        "config": git(root, "config", "--local", "--list"),
        "merge": sorted(path.name for path in private.glob("*MERGE*")),
        "files": tree(root),
        "status": git(root, "status", "--porcelain=v2", "--branch"),
    }


@pytest.mark.parametrize("make", _IN_GIT)
def test_a_checkpoint_touches_nothing_of_the_user_s(
    tmp_path: Path, make: Callable[[Path], Workspace]
) -> None:
    workspace = make(tmp_path / "project")
    before = fingerprint(workspace.root)

    save(workspace, [A, MISSING], id="c1", label="x")

    assert fingerprint(workspace.root) == before


def test_a_stash_stays(repository: Workspace) -> None:
    write_files(repository.root, {"a.py": "stashed = 1\n"})
    git(repository.root, "stash")
    before = git(repository.root, "stash", "list", "--format=%H %gs")

    save(repository, [A], id="c1", label="x")

    assert git(repository.root, "stash", "list", "--format=%H %gs") == before


@pytest.mark.parametrize("setting", [None, "core.logAllRefUpdates=always"])
def test_no_hook_runs(repository: Workspace, setting: str | None) -> None:
    marker = repository.root.parent / "a hook ran"
    hooks = repository.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "post-commit", "reference-transaction", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{marker}'\n")
        (hooks / name).chmod(0o755)
    git(repository.root, "config", "core.hooksPath", str(hooks))
    git(repository.root, "config", *(setting or "a.b=c").split("="))
    marker.unlink(missing_ok=True)

    save(repository, [A], id="c1", label="x")
    load(repository, "c1")
    repository.files()

    assert not marker.exists()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"a\r\nb\r\n", id="CRLF"),
        pytest.param(b"a\nb\r\n", id="mixed"),
        pytest.param(b"$Id$ \xff\0", id="binary with a keyword"),
        pytest.param(b"", id="empty"),
        pytest.param(b"data 3\nM 100644 inline x\n", id="looks like a command of fast-import"),
    ],
)
def test_no_filter_of_git_s_changes_the_bytes(repository: Workspace, data: bytes) -> None:
    git(repository.root, "config", "core.autocrlf", "true")
    git(repository.root, "config", "filter.shout.clean", "tr a-z A-Z")
    git(repository.root, "config", "filter.shout.smudge", "tr a-z A-Z")
    write_files(
        repository.root,
        {".gitattributes": "*.py text eol=crlf ident filter=shout\n", "a.py": data},
    )

    save(repository, [A], id="c1", label="x")

    assert state_at(repository, load(repository, "c1"), A) == FileState(data)


def test_an_ignored_file_is_kept(repository: Workspace) -> None:
    write_files(repository.root, {".gitignore": "*.log\n", "x.log": "precious"})
    path = PurePosixPath("x.log")

    save(repository, [path], id="c1", label="x")

    assert state_at(repository, load(repository, "c1"), path) == FileState(b"precious")


def test_an_untracked_file_in_an_untracked_folder_is_kept(repository: Workspace) -> None:
    path = PurePosixPath("new/deep/x.py")
    write_files(repository.root, {str(path): "precious"})

    save(repository, [path], id="c1", label="x")

    assert state_at(repository, load(repository, "c1"), path) == FileState(b"precious")


@pytest.mark.parametrize(
    "make", [pytest.param(plain, id="no git"), pytest.param(with_git, id="git")]
)
@pytest.mark.parametrize(
    "name",
    [
        "with space.py",
        " leading and trailing ",
        "it's.py",
        'say "hi".py',
        "back\\slash.py",
        "\\n.py",
        "é/ünï/日本.py",
        "-rf",
        "colon:and*glob?[x].py",
        ":(top)x.py",
        "HEAD",
        "tab-less #comment.py",
    ],
)
def test_odd_names_are_kept(tmp_path: Path, name: str, make: Callable[[Path], Workspace]) -> None:
    workspace = make(tmp_path / "project")
    write_files(workspace.root, {name: "precious"})
    path = workspace.locate(name)

    save(workspace, [path], id="c1", label="x")

    assert state_at(workspace, load(workspace, "c1"), path) == FileState(b"precious")


@pytest.mark.parametrize(
    "variable",
    [
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_NAMESPACE",
        "GIT_CEILING_DIRECTORIES",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_PREFIX",
    ],
)
def test_a_borrowed_environment_leads_nowhere(
    repository: Workspace, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    before = fingerprint(repository.root)
    monkeypatch.setenv(variable, "/nonsense")

    save(repository, [A], id="c1", label="x")
    found = state_at(repository, load(repository, "c1"), A)
    listed = repository.files()
    monkeypatch.delenv(variable)

    assert found == FileState(b"x = 1\n")
    assert listed == (A, B)
    assert fingerprint(repository.root) == before


def test_another_repository_in_the_environment_is_not_written_to(
    repository: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repository(tmp_path / "other", {"o.py": "o = 1\n"})
    before = sorted((other.root / ".git").rglob("*"))
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git" / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))

    save(repository, [A], id="c1", label="x")

    assert sorted((other.root / ".git").rglob("*")) == before
    assert repository.files() == (A, B)


def test_a_worktree_sees_and_forgets_its_own_checkpoints_alone(tmp_path: Path) -> None:
    linked = linked_worktree(tmp_path / "project")
    main = Workspace(tmp_path / "project")

    save(linked, [A], id="c1", label="x")
    save(main, [A], id="c2", label="x")

    assert [one.id for one in checkpoints.saved(linked)] == ["c1"]
    assert [one.id for one in checkpoints.saved(main)] == ["c2"]
    for workspace, other in ((main, "c1"), (linked, "c2")):
        with pytest.raises(NoSuchCheckpoint, match="another folder or worktree"):
            load(workspace, other)


def test_the_checkpoints_of_a_removed_worktree_can_be_forgotten(tmp_path: Path) -> None:
    linked = linked_worktree(tmp_path / "project")
    main = Workspace(tmp_path / "project")
    save(linked, [A], id="c1", label="x")

    git(main.root, "worktree", "remove", "--force", str(linked.root))

    assert [one.id for one in checkpoints.saved(main)] == ["c1"]
    checkpoints.remove(main, checkpoints.saved(main))
    assert checkpoints.saved(main) == []


@pytest.mark.parametrize("id_", ["", "*", "c?", "[c]1", "../c1", "c", "c1/"])
def test_only_a_whole_id_names_a_checkpoint(repository: Workspace, id_: str) -> None:
    save(repository, [A], id="c1", label="x")

    with pytest.raises(NoSuchCheckpoint):
        load(repository, id_)


def test_a_checkpoint_outlives_git_s_garbage_collection(repository: Workspace) -> None:
    write_files(repository.root, {"a.py": "precious"})
    save(repository, [A], id="c1", label="x")

    git(repository.root, "gc", "-q", "--prune=now")

    assert state_at(repository, load(repository, "c1"), A) == FileState(b"precious")


def test_a_checkpoint_is_not_pushed_or_shown_as_a_branch(repository: Workspace) -> None:
    save(repository, [A], id="c1", label="x")

    assert git(repository.root, "branch", "--all", "--format=%(refname)") == "refs/heads/main\n"
    assert git(repository.root, "tag") == ""


def test_a_checkpoint_holds_the_whole_project_as_it_was(repository: Workspace) -> None:
    write_files(repository.root, {"a.py": "x = 'dirty'\n"})

    save(repository, [A], id="c1", label="x")

    reference = "refs/alma/checkpoints/c1"
    assert git(repository.root, "show", f"{reference}:a.py") == "x = 'dirty'\n"
    assert git(repository.root, "show", f"{reference}:b.py") == "y = 2\n"


@pytest.mark.parametrize(
    "make", [pytest.param(plain, id="no git"), pytest.param(with_git, id="git")]
)
def test_a_checkpoint_that_is_gone_says_so(
    tmp_path: Path, make: Callable[[Path], Workspace]
) -> None:
    with pytest.raises(CheckpointGone, match="No checkpoint 'c1' is kept"):
        load(make(tmp_path / "project"), "c1")


@pytest.mark.parametrize(
    "make", [pytest.param(plain, id="no git"), pytest.param(with_git, id="git")]
)
def test_a_checkpoint_is_never_overwritten(
    tmp_path: Path, make: Callable[[Path], Workspace]
) -> None:
    workspace = make(tmp_path / "project")
    save(workspace, [A], id="c1", label="first")
    write_files(workspace.root, {"a.py": "changed = 1\n"})

    with pytest.raises(CheckpointFailed):
        save(workspace, [A], id="c1", label="second")

    assert load(workspace, "c1").label == "first"


def test_a_broken_repository_gives_no_checkpoint(repository: Workspace) -> None:
    shutil.rmtree(repository.root / ".git" / "objects")

    with pytest.raises(CheckpointFailed, match="nothing was written"):
        save(repository, [A], id="c1", label="x")


def test_without_git_on_the_path_there_is_no_checkpoint(
    repository: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonsense")

    with pytest.raises(CheckpointFailed, match="git is not installed"):
        save(repository, [A], id="c1", label="x")


def test_snapshots_are_private(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "secret = 1\n"})

    save(workspace, [A], id="c1", label="x")

    kept = [path for path in (workspace.root / ".alma" / "snapshots").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o077 for path in kept} == {0}


def test_what_was_left_of_an_unfinished_snapshot_is_no_obstacle(workspace: Workspace) -> None:
    write_files(workspace.root, {"a.py": "x = 1\n", ".alma/snapshots/c1.tmp/0": "half"})

    save(workspace, [A], id="c1", label="x")

    assert state_at(workspace, load(workspace, "c1"), A) == FileState(b"x = 1\n")


def test_a_repository_of_another_owner_is_not_trusted(repository: Workspace) -> None:
    try:
        for path in (repository.root, repository.root / ".git"):
            os.chown(path, 12345, -1)
    except OSError as error:
        pytest.skip(f"no file can be given to somebody else here ({error.strerror})")

    with pytest.raises(CheckpointFailed, match="dubious ownership"):
        save(repository, [A], id="c1", label="x")


def test_a_repository_s_settings_cannot_make_a_fetch_run_a_program(
    repository: Workspace, tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    for name, value in {
        "extensions.partialClone": "origin",
        "remote.origin.url": str(repository.root),
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": f"touch {marker}; false",
        "protocol.file.allow": "always",
    }.items():
        git(repository.root, "config", name, value)
    git(repository.root, "config", "core.repositoryformatversion", "1")
    blob = git(repository.root, "rev-parse", "HEAD:a.py").strip()
    (repository.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(GitFailed):
        Repository(repository.root).blobs(["HEAD:a.py"])

    assert not marker.exists()


def test_a_file_of_a_submodule_is_kept_from_outside_too(tmp_path: Path) -> None:
    outer = Workspace(in_a_submodule(tmp_path / "outer").root.parent)
    path = PurePosixPath("sub/a.py")
    before = fingerprint(outer.root)

    checkpoint = save(outer, [path], id="c1", label="x")

    assert state_at(outer, checkpoint, path) == FileState(b"x = 1\n")
    assert fingerprint(outer.root) == before
