"""Folders and repositories to work in: real files, real git, nothing of this machine's settings."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from toolset.edits import ChangeSet
from toolset.workspace import Workspace

Files = Mapping[str, str | bytes]
Tree = dict[str, tuple[bytes, int]]


@pytest.fixture(scope="session", autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the settings, trust and histories of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture(scope="session", autouse=True)
def _git_on_its_own() -> Iterator[None]:
    """Keep the settings and the identity of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_OPTIONAL_LOCKS", "0")  # looking at the index must not refresh it
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "A Person")
            patch.setenv(f"GIT_{role}_EMAIL", "person@example.org")
        yield


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return an empty folder without git."""
    return make_workspace(tmp_path / "project", {})


@pytest.fixture
def repository(tmp_path: Path) -> Workspace:
    """Return a git repository with one commit."""
    return make_repository(tmp_path / "project", {"a.py": "x = 1\n", "b.py": "y = 2\n"})


def make_workspace(root: Path, files: Files) -> Workspace:
    write_files(root, files)
    return Workspace(root.resolve())


def make_repository(root: Path, files: Files) -> Workspace:
    write_files(root, files)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "--all")
    git(root, "commit", "-q", "--allow-empty", "-m", "first")
    return Workspace(root.resolve())


def write_files(root: Path, files: Files) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def git(root: Path, *arguments: str) -> str:
    """Run git and return what it printed."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


def tree(root: Path) -> Tree:
    """Return each regular file's bytes and mode, but for git's own and alma's."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {".git", ".alma"} & set(path.relative_to(root).parts)
    }


def after(workspace: Workspace, changes: ChangeSet) -> dict[str, bytes]:
    """Return the files of `changes` as they would be."""
    assert all(edit.before == workspace.state_of(edit.path) for edit in changes)
    return {str(edit.path): edit.after.data for edit in changes if edit.after is not None}
