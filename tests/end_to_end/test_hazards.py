"""Files and folders that a run must refuse, or get right; each refusal leaves all bytes alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import git, make_repository, make_workspace
from tests.end_to_end.conftest import ACCEPTED, Project, clean_environment

RENAME = "rename load to read_csv"


def outside(root: Path) -> str:
    (root.parent / "outside.py").write_text("def load(): ...\n")
    return str(root.parent / "outside.py")


def above(root: Path) -> str:
    outside(root)
    return "../outside.py"


def link_out(root: Path) -> str:
    (root / "link.py").symlink_to(outside(root))
    return "link.py"


def folder_link_out(root: Path) -> str:
    outside(root)
    (root / "linked").symlink_to(root.parent)
    return "linked/outside.py"


def folder(root: Path) -> str:
    (root / "package").mkdir()
    return "package"


def missing(_: Path) -> str:
    return "missing.py"


def binary(root: Path) -> str:
    (root / "binary.py").write_bytes(b"load = 1\n\0\1\2")
    return "binary.py"


def undecodable(root: Path) -> str:
    (root / "bytes.py").write_bytes(b"x = 1\ny = 2\nload = '\xff\xfe\xfa'\n")
    return "bytes.py"


def broken(root: Path) -> str:
    (root / "broken.py").write_text("def load():\n    return 1\n\nx = = 1\n")
    return "broken.py"


def read_only(root: Path) -> str:
    (root / "app.py").chmod(0o444)
    return "app.py"


def hard_linked(root: Path) -> str:
    (root.parent / "twin.py").hardlink_to(root / "app.py")
    return "app.py"


def in_git(_: Path) -> str:
    return ".git/config"


def pipe(root: Path) -> str:
    os.mkfifo(root / "pipe.py")
    return "pipe.py"


@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        pytest.param(outside, 8, "lies outside", id="a file outside the repository"),
        pytest.param(above, 8, "lies outside", id="a path with .."),
        pytest.param(link_out, 8, "is a link that leads outside", id="a symlink out of it"),
        pytest.param(folder_link_out, 8, "lies outside", id="through a folder that links out"),
        pytest.param(folder, 2, "is a directory, not a file", id="a directory"),
        pytest.param(pipe, 2, "is a pipe, not a file", id="a pipe"),
        pytest.param(missing, 2, "does not exist", id="no such file"),
        pytest.param(in_git, 8, "belongs to git", id="git's own files"),
        pytest.param(binary, 1, "binary data", id="a binary file"),
        pytest.param(undecodable, 1, "cannot be read as utf-8", id="undecodable text"),
        pytest.param(broken, 1, "broken.py:4 does not parse", id="a file that does not parse"),
        pytest.param(read_only, 8, "is read-only", id="a read-only file"),
        pytest.param(hard_linked, 8, "2 hard links", id="a file with two names"),
    ],
)
def test_a_file_that_alma_refuses(
    flat: Project, make: Callable[[Path], str], code: int, says: str
) -> None:
    file = make(flat.root)
    before = flat.files()

    done = flat.alma("run", RENAME, "--file", file, *ACCEPTED)

    assert (done.returncode, says in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    assert flat.files() == before


@pytest.mark.parametrize("goal", ["", "   ", "\n"])
def test_an_empty_goal_is_a_wrong_command(flat: Project, goal: str) -> None:
    done = flat.alma("run", goal, *ACCEPTED)

    assert done.returncode == 2
    assert "The goal is empty" in done.stderr


def test_a_read_only_file_elsewhere_stops_the_whole_rename(flat: Project) -> None:
    (flat.root / "report.py").chmod(0o444)
    before = flat.files()

    done = flat.alma("run", RENAME, "--file", "app.py", *ACCEPTED)

    assert done.returncode == 8
    assert "report.py: is read-only" in done.stderr
    assert flat.files() == before


def test_a_repository_without_commits_works_and_has_a_way_back(tmp_path: Path) -> None:
    root = tmp_path / "young"
    make_workspace(root, {"a.py": "def load(): ...\n"})
    git(root, "init", "-q")
    project = Project(root)
    before = project.files()

    assert project.alma("run", RENAME, "--file", "a.py", *ACCEPTED).returncode == 0
    assert (root / "a.py").read_text() == "def read_csv(): ...\n"
    assert project.alma("undo").returncode == 0
    assert project.files() == before


def test_a_folder_without_git_works_and_has_a_way_back(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    make_workspace(root, {"a.py": "def load(): ...\r\n", "b.py": "from a import load\n"})
    project = Project(root)
    before = project.files()

    assert project.alma("run", RENAME, "--file", "a.py", *ACCEPTED).returncode == 0
    assert (root / "a.py").read_bytes() == b"def read_csv(): ...\r\n"
    assert (root / "b.py").read_bytes() == b"from a import read_csv\n"
    assert project.alma("undo").returncode == 0
    assert project.files() == before


def test_a_link_inside_the_repository_is_followed(flat: Project) -> None:
    (flat.root / "link.py").symlink_to("app.py")

    done = flat.alma("run", RENAME, "--file", "link.py", *ACCEPTED)

    assert done.returncode == 0, done.stderr
    assert "def read_csv" in (flat.root / "app.py").read_text()
    assert (flat.root / "link.py").is_symlink()


def test_only_the_renamed_words_differ_in_files_of_every_encoding(shapes: Project) -> None:
    before = shapes.files()

    done = shapes.alma("run", "rename Square to Carre", "--file", "shapes/polygons.py", *ACCEPTED)

    assert done.returncode == 0, done.stderr
    after = shapes.files()
    changed = {name for name in before if before[name] != after[name]}
    assert {"shapes/legacy.py", "shapes/polygons.py"} <= changed
    for name in changed:
        data, mode = after[name]
        assert (data.replace(b"Carre", b"Square"), mode) == before[name]


def test_a_run_from_a_folder_below_finds_the_repository(shapes: Project) -> None:
    below = shapes.root / "shapes"

    done = shapes.alma(
        "run", "rename make to build", "--file", "registry.py", *ACCEPTED, folder=below
    )

    assert done.returncode == 0, done.stderr
    assert (shapes.root / ".alma").is_dir()
    assert not (below / ".alma").exists()


def test_state_is_private_and_out_of_git(flat: Project) -> None:
    flat.alma("run", RENAME, "--file", "app.py", *ACCEPTED)
    flat.alma("undo")

    assert git(flat.root, "status", "--porcelain") == ""
    assert (flat.root / ".alma").stat().st_mode & 0o077 == 0
    assert (flat.root / ".alma" / "ledger.sqlite3").stat().st_mode & 0o077 == 0


def test_a_repository_that_leads_alma_s_state_elsewhere_is_refused(
    flat: Project, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (flat.root / ".alma").symlink_to(tmp_path / "elsewhere")

    done = flat.alma("run", RENAME, "--file", "app.py", *ACCEPTED)

    assert done.returncode == 8
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_called_from_a_git_hook_it_still_works_on_its_own_repository(
    flat: Project, tmp_path: Path
) -> None:
    make_repository(tmp_path / "other", {"x.py": "x = 1\n"})
    borrowed = {
        "GIT_DIR": str(tmp_path / "other" / ".git"),
        "GIT_INDEX_FILE": str(tmp_path / "other" / ".git" / "index"),
    }

    done = flat.alma("run", RENAME, "--file", "app.py", *ACCEPTED, environment=borrowed)

    assert done.returncode == 0, done.stderr
    assert "refs/alma/checkpoints" in git(flat.root, "for-each-ref")
    assert git(tmp_path / "other", "for-each-ref", "refs/alma") == ""


def test_a_current_folder_that_is_gone_is_told(flat: Project) -> None:
    gone = flat.root / "gone"
    gone.mkdir()
    command = f"cd {gone} && rmdir {gone} && exec {sys.executable} -m alma_agent log"
    environment = {**clean_environment(), "PYTHONPATH": str(Path(__file__).parents[2])}

    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "the current folder is gone" in done.stderr


def test_too_many_is_a_wrong_command(flat: Project) -> None:
    assert flat.alma("log", "-n", "99999999999999999999").returncode == 2
