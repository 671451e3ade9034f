from __future__ import annotations

import os
import threading
import time
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import git, make_repository, make_workspace, tree
from toolset.outline.repository import outline
from toolset.outline.values import FileOutline
from toolset.workspace import Workspace

CACHE = Path(".alma", "outline.txt")
PROJECT = {
    "a.py": "def f(): pass\n",
    "pkg/b.py": "class B:\n    def g(self): pass\n",
    "pkg/c.js": "function h() {}\n",
    "notes.md": "def no(): pass\n",
    "broken.py": "x = 1\ndef f(:\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", PROJECT)


def paths(outlines: tuple[FileOutline, ...]) -> list[str]:
    return [str(one.path) for one in outlines]


def named(one: FileOutline) -> list[tuple[str, str, int, int]]:
    return [(s.qualified_name, s.kind, s.start_line, s.end_line) for s in one.symbols]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an hour pass since every file was written."""
    now = time.time_ns
    monkeypatch.setattr("toolset.outline.cache.time.time_ns", lambda: now() + 3_600 * 10**9)


@pytest.mark.usefixtures("later")
def test_what_is_kept_equals_what_was_made(project: Workspace) -> None:
    made = outline(project)

    assert (project.root / CACHE).exists()
    assert outline(project) == made


@pytest.mark.usefixtures("later")
def test_what_is_kept_is_not_made_again(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = outline(project)
    monkeypatch.setattr("toolset.outline.repository.outline_of", None)
    monkeypatch.setattr(Workspace, "state_of", None)

    assert outline(project) == made


@pytest.mark.usefixtures("later")
def test_a_touched_file_is_known_by_its_bytes(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = outline(project)
    os.utime(project.root / "a.py", ns=(0, 0))
    monkeypatch.setattr("toolset.outline.repository.outline_of", None)

    assert outline(project) == made


@pytest.mark.usefixtures("later")
def test_a_changed_file_is_read_anew_though_its_size_and_time_stay(project: Workspace) -> None:
    outline(project)
    path = project.root / "a.py"
    status = path.stat()
    path.write_text("def g(): pass\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert named(outline(project)[0]) == [("g", "function", 1, 1)]


def test_a_file_changed_twice_within_a_moment_is_read_anew(project: Workspace) -> None:
    for name in "ghijk":
        (project.root / "a.py").write_text(f"def {name}(): pass\n")

        assert named(outline(project)[0]) == [(name, "function", 1, 1)]


@pytest.mark.usefixtures("later")
def test_what_is_gone_is_forgotten(project: Workspace) -> None:
    outline(project)
    (project.root / "a.py").unlink()

    assert "a.py" not in paths(outline(project))
    assert '"a.py"' not in (project.root / CACHE).read_text()


@pytest.mark.usefixtures("later")
def test_a_part_of_the_project_does_not_push_out_the_rest(project: Workspace) -> None:
    outline(project)
    (project.root / "pkg" / "b.py").write_text("def other(): pass\n")
    outline(project, PurePosixPath("pkg"))

    assert '"a.py"' in (project.root / CACHE).read_text()


_LONG = "[" * 100_000


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda kept: kept[: len(kept) // 2], id="cut off"),
        pytest.param(lambda _: b"\x80\x04\x95\xff", id="no text"),
        pytest.param(lambda kept: kept.replace(b"alma outline", b"other"), id="another format"),
        pytest.param(lambda kept: kept.replace(b'"python"', b"[}"), id="no JSON"),
        pytest.param(lambda kept: kept.replace(b"[[", b"[7,["), id="other values"),
        pytest.param(lambda kept: kept.replace(b"\t[", b"\t" + _LONG.encode()), id="deep"),
        pytest.param(lambda kept: kept.replace(b"\t", b" "), id="no columns"),
        pytest.param(lambda kept: kept + b"\n\n\t\t\t\n7\t\t\t\n", id="odd lines"),
    ],
)
def test_a_spoilt_cache_is_made_anew(project: Workspace, spoil: object) -> None:
    assert callable(spoil)
    made = outline(project)
    kept = project.root / CACHE
    kept.write_bytes(spoil(kept.read_bytes()))

    assert outline(project) == made
    assert outline(project) == made


@pytest.mark.usefixtures("later")
def test_a_cache_that_cannot_be_written_is_done_without(project: Workspace) -> None:
    (project.root / ".alma").write_text("no folder")

    assert len(outline(project)) == 4


@pytest.mark.usefixtures("later")
def test_a_cache_that_is_a_link_is_neither_read_nor_followed(
    project: Workspace, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text("precious")
    (project.root / ".alma").mkdir()
    (project.root / CACHE).symlink_to(elsewhere)

    assert len(outline(project)) == 4
    assert elsewhere.read_text() == "precious"


@pytest.mark.usefixtures("later")
def test_a_cache_that_came_with_the_repository_is_not_believed(project: Workspace) -> None:
    made = outline(project)
    kept = project.root / CACHE
    lie = kept.read_text().replace('"f"', '"lie"')
    kept.write_text(lie)
    git(project.root, "add", "--force", str(CACHE))

    assert outline(project) == made
    assert kept.read_text() == lie


def test_a_look_leaves_no_trace_in_a_folder_without_git(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, PROJECT)
    outline(workspace)

    assert not (tmp_path / ".alma").exists()


def test_git_does_not_see_the_cache(project: Workspace) -> None:
    outline(project)

    assert git(project.root, "status", "--porcelain") == ""


@pytest.mark.usefixtures("later")
def test_two_at_once_are_harmless(project: Workspace) -> None:
    before, made = tree(project.root), outline(project)
    found: list[tuple[FileOutline, ...]] = []

    def look() -> None:
        for _ in range(5):
            (project.root / CACHE).unlink(missing_ok=True)
            found.append(outline(project))

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for one in lookers:
        one.start()
    for one in lookers:
        one.join()

    assert len(found) == 20
    assert set(found) == {made}
    assert tree(project.root) == before
    assert sorted(path.name for path in (project.root / ".alma").iterdir()) == [
        ".gitignore",
        "outline.txt",
    ]
