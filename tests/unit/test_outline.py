from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import make_repository, make_workspace
from toolset.draft import Draft
from toolset.errors import FileMissing, PathRefused, ToolsetError
from toolset.outline.repository import outline
from toolset.outline.values import FileOutline, Unread
from toolset.workspace import Workspace

A = PurePosixPath("a.py")
PROJECT = {
    "a.py": "def f(): pass\n",
    "pkg/b.py": "class B:\n    def g(self): pass\n",
    "pkg/c.js": "function h() {}\n",
    "notes.md": "def no(): pass\n",
    "broken.py": "x = 1\ndef f(:\n",
}


def named(one: FileOutline) -> list[tuple[str, str, int, int]]:
    return [(s.qualified_name, s.kind, s.start_line, s.end_line) for s in one.symbols]


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", PROJECT)


def paths(outlines: tuple[FileOutline, ...]) -> list[str]:
    return [str(one.path) for one in outlines]


def test_every_source_file_is_outlined_in_order(project: Workspace) -> None:
    found = outline(project)

    assert paths(found) == ["a.py", "broken.py", "pkg/b.py", "pkg/c.js"]
    assert found[1].error == Unread(2, "invalid syntax")
    assert named(found[2]) == [("B", "class", 1, 2), ("B.g", "method", 2, 2)]


def test_what_git_ignores_is_left_out(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, {".gitignore": "out/\n", "a.py": "", "out/b.py": ""})

    assert paths(outline(repository)) == ["a.py"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("a.py", ["a.py"], id="file"),
        pytest.param("pkg", ["pkg/b.py", "pkg/c.js"], id="folder"),
        pytest.param(".", ["a.py", "broken.py", "pkg/b.py", "pkg/c.js"], id="all"),
    ],
)
def test_a_part_of_the_project(project: Workspace, path: str, found: list[str]) -> None:
    assert paths(outline(project, project.locate(path))) == found


def test_a_file_that_is_not_there(project: Workspace) -> None:
    with pytest.raises(FileMissing):
        outline(project, PurePosixPath("pkg/z.py"))


def test_a_file_of_an_unknown_language(project: Workspace) -> None:
    with pytest.raises(PathRefused, match=r"notes\.md: is in no language"):
        outline(project, PurePosixPath("notes.md"))


def test_staged_edits_are_seen(project: Workspace) -> None:
    draft = Draft(project)
    draft.write(A, "def new(): pass\n")
    draft.create(PurePosixPath("d.py"), "def d(): pass\n")
    draft.delete(PurePosixPath("pkg/b.py"))
    found = outline(draft)

    assert paths(found) == ["a.py", "broken.py", "d.py", "pkg/c.js"]
    assert named(found[0]) == [("new", "function", 1, 1)]
    assert named(outline(draft, A)[0]) == [("new", "function", 1, 1)]
    assert named(outline(project)[0]) == [("f", "function", 1, 1)]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {"a.py": b"x = '\xff'\n"})
    (found,) = outline(workspace)

    assert found.error is not None
    assert found.error.message.startswith("a.py is not text")


def test_the_dictionary_is_ready_for_json(project: Workspace) -> None:
    told = json.loads(json.dumps([one.to_dict() for one in outline(project)]))

    assert told[1]["error"] == {"line": 2, "message": "invalid syntax"}
    assert told[2]["symbols"][1]["parameters"] == ["self"]


def test_errors_are_the_toolset_s_own(project: Workspace) -> None:
    with pytest.raises(ToolsetError):
        outline(project, PurePosixPath("../outside"))
