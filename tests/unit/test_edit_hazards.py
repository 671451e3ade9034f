"""Twenty-one ways in which files are not as one thinks, one by one, through the public door."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import make_workspace, tree, write_files
from toolset import safe_create_file, safe_replace_text_in_file
from toolset.apply import apply
from toolset.draft import Draft
from toolset.edits import ChangeSet, Edit, FileState
from toolset.errors import NameClash, OutsideWorkspace
from toolset.workspace import Workspace


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return the current folder, with a neighbour that must never change."""
    workspace = make_workspace(tmp_path / "project", {"neighbour.py": "x = 1\r\n"})
    write_files(tmp_path, {"outside.py": "x = 1\n"})
    monkeypatch.chdir(workspace.root)
    return workspace


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        pytest.param("a.py", b"x = 1\r\ny = 2\r\n", b"x = 3\r\nz = 4\r\ny = 2\r\n", id="1 CRLF"),
        pytest.param("a.py", b"w = 0\nx = 1\r\ny = 2\n", b"w = 0\nx = 3\r\nz = 4\r\ny = 2\n",
                     id="2 mixed line ends"),
        pytest.param("a.py", b"\xef\xbb\xbfy = 2\nx = 1\n", b"\xef\xbb\xbfy = 2\nx = 3\nz = 4\n",
                     id="3 BOM"),
        pytest.param("a.py", b"\xef\xbb\xbfx = 1\n", b"\xef\xbb\xbfx = 3\nz = 4\n",
                     id="4 line 1 of a BOM file"),
        pytest.param("a.py", b"# coding: latin-1\nx = 1\ny = '\xe9'\n",
                     b"# coding: latin-1\nx = 3\nz = 4\ny = '\xe9'\n", id="5 latin-1"),
        pytest.param("a.txt", b"caf\xe9 cr\xe8me\nx = 1\n", b"caf\xe9 cr\xe8me\nx = 3\nz = 4\n",
                     id="5 latin-1 prose"),
        pytest.param("a.txt", "\ufeffé\r\nx = 1\r\n".encode("utf-16-le"),
                     "\ufeffé\r\nx = 3\r\nz = 4\r\n".encode("utf-16-le"), id="6 UTF-16"),
        pytest.param("a.py", b"y = 2\nx = 1", b"y = 2\nx = 3\nz = 4", id="7 no final newline"),
    ],
)  # fmt: skip
def test_bytes_around_an_edit_stay(
    project: Workspace, name: str, before: bytes, after: bytes
) -> None:
    write_files(project.root, {name: before})

    assert safe_replace_text_in_file(name, "x = 1", "x = 3\nz = 4")["success"]

    assert (project.root / name).read_bytes() == after


def test_8_a_mode_stays(project: Workspace) -> None:
    write_files(project.root, {"run": "#!/bin/sh\necho 1\n"})
    (project.root / "run").chmod(0o755)

    assert safe_replace_text_in_file("run", "echo 1", "echo 2")["success"]

    assert stat.S_IMODE((project.root / "run").stat().st_mode) == 0o755


def test_9_a_hard_link_is_refused_and_said(project: Workspace) -> None:
    os.link(project.root / "neighbour.py", project.root / "twin.py")

    error = safe_replace_text_in_file("twin.py", "x = 1", "x = 2")["error"]

    assert "has 2 hard links" in error
    assert (project.root / "neighbour.py").read_bytes() == b"x = 1\r\n"


def test_10_an_inner_link_is_followed_and_stays_a_link(project: Workspace) -> None:
    (project.root / "link.py").symlink_to("neighbour.py")

    assert safe_replace_text_in_file("link.py", "x = 1", "x = 2")["success"]

    assert (project.root / "link.py").is_symlink()
    assert (project.root / "neighbour.py").read_bytes() == b"x = 2\r\n"


DOORS = {
    "read": lambda draft, path: draft.read(path),
    "write": lambda draft, path: draft.replace(path, "x = 1", "x = 2"),
    "create": lambda draft, path: draft.create(path.with_suffix(".new"), ""),
    "delete": lambda draft, path: draft.delete(path),
    "rename": lambda draft, path: draft.move(path, PurePosixPath("b.py")),
    "rename to": lambda draft, path: draft.move(PurePosixPath("neighbour.py"), path / "b.py"),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("folder/outside.py", id="11 through an outer link"),
        pytest.param("../outside.py", id="12 dot dot"),
        pytest.param("/etc/hostname", id="13 absolute path"),
    ],
)
def test_what_leads_outside_is_refused_on_every_door(
    project: Workspace, path: str, door: Callable[[Draft, PurePosixPath], object]
) -> None:
    (project.root / "folder").symlink_to("..")
    before = tree(project.root.parent)

    with pytest.raises(OutsideWorkspace):
        door(Draft(project), PurePosixPath(path))

    assert tree(project.root.parent) == before


def test_11_an_outer_link_is_refused(project: Workspace) -> None:
    (project.root / "link.py").symlink_to("../outside.py")

    error = safe_replace_text_in_file("link.py", "x = 1", "x = 2")["error"]

    assert "is a link that leads outside" in error
    assert (project.root.parent / "outside.py").read_text() == "x = 1\n"


@pytest.mark.parametrize(
    ("name", "before", "old", "new", "error"),
    [
        pytest.param("a.bin", b"x = 1\0\n", "x = 1", "x", "binary", id="14 binary"),
        pytest.param("a.py", b"x = 1\nx = 1\n", "x = 1", "y = 1", "2 times", id="15 two places"),
        pytest.param("a.py", b"x = 1\n", "x = 1", "x = (", "no longer parse", id="16 invalid"),
        pytest.param("a.py", b"x = 1\ny = '''\nz\n'''\n", "x = 1", "x = '''", "parse",
                     id="16 swallowing"),
        pytest.param("a.py", b"x = 1\nf()\ng('''\nh\n''')\n", "x = 1", "x = '''\n1",
                     "parse", id="16 a string that goes on"),
        pytest.param("a.py", b"x = 1\n", "x = 1", "<<<<<<< a\nx = 1\n=======\nx = 2\n>>>>>>> b",
                     "no longer parse", id="17 conflict markers in Python"),
    ],
)  # fmt: skip
def test_an_edit_that_is_not_sound_is_refused(
    project: Workspace, name: str, before: bytes, *, old: str, new: str, error: str
) -> None:
    write_files(project.root, {name: before})

    result = safe_replace_text_in_file(name, old, new)

    assert error in result["error"]
    assert (project.root / name).read_bytes() == before


@pytest.mark.parametrize("name", ["big.py", "big.txt"], ids=["18 12 MB Python", "18 12 MB prose"])
def test_18_a_file_of_12_mb_is_edited(project: Workspace, name: str) -> None:
    line = b"'%b'\n" % (b"word " * 2_000)
    write_files(project.root, {name: line * 1_200 + b"x = 1\n"})

    assert safe_replace_text_in_file(name, "x = 1", "x = 2")["success"]

    assert (project.root / name).read_bytes() == line * 1_200 + b"x = 2\n"


def test_19_a_read_only_folder_is_refused(project: Workspace) -> None:
    write_files(project.root, {"pkg/a.py": "x = 1\n"})
    (project.root / "pkg").chmod(0o555)

    error = safe_replace_text_in_file("pkg/a.py", "x = 1", "x = 2")["error"]
    (project.root / "pkg").chmod(0o755)

    assert "is read-only" in error


@pytest.mark.parametrize(
    ("there", "new"),
    [
        pytest.param("app.py", "App.py", id="a file"),
        pytest.param("pkg/app.py", "Pkg/other.py", id="a folder"),
        pytest.param("\u00e9.py", "e\u0301.py", id="composed and decomposed"),
    ],
)
def test_20_a_name_that_clashes_elsewhere_is_refused(
    project: Workspace, there: str, new: str
) -> None:
    write_files(project.root, {there: "x = 1\n"})

    error = safe_create_file(new, "y = 1\n")["error"]

    assert "they would be one file" in error
    assert not (project.root / new).exists()


def test_20_two_new_names_that_clash_are_refused(project: Workspace) -> None:
    names = (PurePosixPath("New.py"), PurePosixPath("new.py"))

    with pytest.raises(NameClash):
        apply(project, ChangeSet(tuple(Edit(n, None, FileState(b"")) for n in names)), id="t")


def test_20_a_file_can_be_renamed_in_case_only(project: Workspace) -> None:
    old, new = PurePosixPath("neighbour.py"), PurePosixPath("Neighbour.py")
    state = project.state_of(old)

    apply(project, ChangeSet((Edit(new, None, state), Edit(old, state, None))), id="t")

    assert list(tree(project.root)) == ["Neighbour.py"]


@pytest.mark.parametrize("name", ["a\nb.py", "a\udcff.py"], ids=["21 newline", "21 not UTF-8"])
def test_21_a_name_that_cannot_be_written_down_is_refused(project: Workspace, name: str) -> None:
    (project.root / name).write_bytes(b"x = 1\n")

    error = safe_replace_text_in_file(name, "x = 1", "x = 2")["error"]

    assert "cannot write down" in error
    assert (project.root / name).read_bytes() == b"x = 1\n"
