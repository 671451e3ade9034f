from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Files, git, make_workspace, tree, write_files
from toolset import (
    analyze_file_structure,
    checkpoints,
    safe_apply_patch,
    safe_create_file,
    safe_edit_imports,
    safe_edit_symbol,
    safe_replace_text_in_file,
    safe_undo,
)
from toolset.checkpoints import changes_of, load
from toolset.edits import FileState
from toolset.functions import SymbolAction
from toolset.workspace import Workspace


@pytest.fixture(params=["git", "no git"])
def project(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Workspace:
    """Return the current folder, with git and without."""
    workspace = make_workspace(tmp_path / "project", {"a.py": "x = 1\ny = 2\n"})
    if request.param == "git":
        git(workspace.root, "init", "-q")
    monkeypatch.chdir(workspace.root)
    return workspace


def test_replacing(project: Workspace) -> None:
    result = safe_replace_text_in_file("a.py", "y = 2", "y = 3\nz = 4")
    checkpoint = result.pop("checkpoint")

    assert result == {
        "success": True,
        "file_path": "a.py",
        "lines_modified": [2, 3],
        "message": "Replaced 2 lines in a.py.",
    }
    assert tree(project.root) == {"a.py": (b"x = 1\ny = 3\nz = 4\n", 0o644)}
    (edit,) = changes_of(project, load(project, checkpoint))
    assert edit.before == FileState(b"x = 1\ny = 2\n")


def test_replacing_by_the_same_text_writes_nothing(project: Workspace) -> None:
    result = safe_replace_text_in_file("a.py", "y = 2", "y = 2")

    assert result == {
        "success": True,
        "file_path": "a.py",
        "lines_modified": [],
        "message": "The new text is the old one.",
    }
    assert not (project.root / ".alma").exists()


def test_a_replacement_is_told_by_the_lines_of_the_new_file(project: Workspace) -> None:
    write_files(project.root, {"a.py": "a = 1\r\n\x0c\r\nb = 2\r\nc = 3\r\n"})

    result = safe_replace_text_in_file("a.py", "b = 2\nc = 3", "b = 2\nc = 4")

    assert result["lines_modified"] == [4]
    assert tree(project.root)["a.py"] == (b"a = 1\r\n\x0c\r\nb = 2\r\nc = 4\r\n", 0o644)


def test_a_file_that_did_not_parse_may_be_mended_step_by_step(project: Workspace) -> None:
    write_files(project.root, {"a.py": "x = (\ny = [\n"})

    assert safe_replace_text_in_file("a.py", "x = (", "x = 1")["success"]


def test_creating(project: Workspace) -> None:
    result = safe_create_file("new/b.py", "x = 1\ny = '\x0c'\n")
    result.pop("checkpoint")

    assert result == {
        "success": True,
        "file_path": "new/b.py",
        "lines_modified": [1, 2],
        "message": "Created new/b.py with 2 lines.",
    }
    assert tree(project.root)["new/b.py"] == (b"x = 1\ny = '\x0c'\n", 0o644)


def test_an_absolute_path_and_a_path_from_a_folder_below_work(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.state_folder()
    (project.root / "pkg").mkdir()
    monkeypatch.chdir(project.root / "pkg")

    assert safe_create_file("b.py", "")["success"]
    assert safe_replace_text_in_file(str(project.root / "a.py"), "x", "z")["success"]
    assert sorted(tree(project.root)) == ["a.py", "pkg/b.py"]


def test_analysing(project: Workspace) -> None:
    write_files(project.root, {"a.py": "def f(x):\n    return [i for i in x if i]\n"})

    result = analyze_file_structure("a.py")

    assert result["success"]
    assert result["structure"]["functions"] == ["f"]
    assert result["scopes_count"] == 3
    assert isinstance(result["complexity_score"], int)
    assert json.loads(json.dumps(result)) is not None


def test_analysing_writes_nothing(project: Workspace) -> None:
    before = sorted(project.root.rglob("*"))

    analyze_file_structure("a.py")

    assert sorted(project.root.rglob("*")) == before


def refused(project: Workspace, result: dict[str, Any], file_path: str, before: Any) -> str:
    """Return the error of a refusal that is as it should be."""
    error = result.pop("error")
    assert result == {"success": False, "file_path": file_path}
    assert tree(project.root.parent) == before
    assert isinstance(error, str)
    return error


@pytest.mark.parametrize(
    ("files", "path", "old", "error"),
    [
        pytest.param({}, "b.py", "x", "does not exist", id="missing"),
        pytest.param({}, "no/such/folder/b.py", "x", "does not exist", id="missing folder"),
        pytest.param({}, "a.py/b.py", "x", "does not exist", id="under a file"),
        pytest.param({}, "", "x", "", id="empty path"),
        pytest.param({}, ".", "x", "", id="the folder itself"),
        pytest.param({"pkg/b.py": ""}, "pkg", "x", "is a directory", id="directory"),
        pytest.param({}, "a\0.py", "x", "is no file name", id="NUL in the name"),
        pytest.param({}, "a\n.py", "x", "cannot write down", id="newline in the name"),
        pytest.param({}, "a\udcff.py", "x", "cannot write down", id="name that is not UTF-8"),
        pytest.param({}, "n" * 300, "x", "", id="name too long"),
        pytest.param({}, ".alma/x", "x", "belongs to git or to alma", id="state"),
        pytest.param({}, "link.py", "x", "outside", id="link to outside"),
        pytest.param({}, "loop.py", "x", "", id="link to itself"),
        pytest.param({}, "pipe", "x", "is a pipe", id="pipe"),
        pytest.param({}, "a.py", "nothing", "is not in a.py", id="no match"),
        pytest.param({}, "a.py", "", "is not in a.py", id="nothing to look for"),
        pytest.param({}, "a.py", " = ", "stands 2 times", id="ambiguous"),
        pytest.param({}, "a.py", "x = 1\n", "no longer parse", id="would not parse"),
        pytest.param({}, "a.py", "\ud800", "is not in a.py", id="half a surrogate pair"),
        pytest.param({"a.py": b"\xe9"}, "a.py", "x", "not text", id="undecodable"),
        pytest.param({"b": b"\x7fELF\0"}, "b", "x", "not text", id="binary"),
        pytest.param(
            {"a.py": b"# coding: idna\nx = 1..2\n"}, "a.py", "x", "not text", id="odd coding"
        ),
    ],
)
def test_a_replacement_that_cannot_be_made_is_told_and_harms_nothing(
    project: Workspace, files: Files, path: str, old: str, error: str
) -> None:
    write_files(project.root, files)
    write_files(project.root.parent, {"outside.py": "x = 1\n"})
    (project.root / "link.py").symlink_to("../outside.py")
    (project.root / "loop.py").symlink_to("loop.py")
    os.mkfifo(project.root / "pipe")
    before = tree(project.root.parent)

    result = safe_replace_text_in_file(path, old, "(")

    assert error in refused(project, result, path, before)


@pytest.mark.parametrize("new", ["\ud800", "\0"], ids=["half a surrogate pair", "NUL"])
def test_a_new_text_that_cannot_be_written_is_refused(project: Workspace, new: str) -> None:
    before = tree(project.root.parent)

    result = safe_replace_text_in_file("a.py", "1", new)

    assert "not text" in refused(project, result, "a.py", before)


@pytest.mark.parametrize(
    ("path", "content", "error"),
    [
        pytest.param("a.py", "x = 3\n", "already exists", id="exists"),
        pytest.param("link.py", "x = 3\n", "already exists", id="a link to one that exists"),
        pytest.param("pkg", "x = 3\n", "is a directory", id="directory"),
        pytest.param("a.py/b.py", "x = 3\n", "is a file, not a folder", id="under a file"),
        pytest.param("b.py", "def f(:\n", "would no longer parse", id="syntax"),
        pytest.param("b.py", "x = '\ud800'\n", "not text", id="half a surrogate pair"),
        pytest.param("b.txt", "\0", "not text", id="NUL"),
        pytest.param("b.py", "# coding: latin-1\nx = 'é'\n", "not text", id="other coding"),
        pytest.param(".git/hooks/pre-commit", "", "belongs to git", id="a hook"),
        pytest.param(".alma/x", "", "belongs to git or to alma", id="state"),
        pytest.param("n" * 300 + ".py", "", "", id="name too long"),
        pytest.param("b\n.py", "", "cannot write down", id="newline in the name"),
        pytest.param("locked/b.py", "", "is read-only", id="read-only folder"),
    ],
)
def test_a_file_that_cannot_be_created_is_told_and_harms_nothing(
    project: Workspace, path: str, content: str, error: str
) -> None:
    write_files(project.root, {"pkg/c.py": "", "locked/c.py": ""})
    (project.root / "link.py").symlink_to("a.py")
    (project.root / "locked").chmod(0o555)
    before = tree(project.root.parent)

    result = safe_create_file(path, content)

    assert error in refused(project, result, path, before)


@pytest.mark.parametrize("mode", [0o444, 0o555])
def test_a_read_only_file_is_told_and_left_alone(project: Workspace, mode: int) -> None:
    (project.root / "a.py").chmod(mode)
    before = tree(project.root.parent)

    result = safe_replace_text_in_file("a.py", "1", "2")

    assert "chmod u+w a.py" in refused(project, result, "a.py", before)


def test_a_hard_link_is_told_and_left_alone(project: Workspace) -> None:
    os.link(project.root / "a.py", project.root / "b.py")
    before = tree(project.root.parent)

    result = safe_replace_text_in_file("a.py", "1", "2")

    assert "2 hard links" in refused(project, result, "a.py", before)


@pytest.mark.parametrize(
    ("files", "path", "error"),
    [
        pytest.param({}, "b.py", "does not exist", id="missing"),
        pytest.param({"pkg/b.py": ""}, "pkg", "is a directory", id="directory"),
        pytest.param({"a.py": "x = 1\ndef f(:\n"}, "a.py", "a.py:2 does not parse", id="syntax"),
        pytest.param({"a.py": "x = 1\ry = 2\r"}, "a.py", "CR alone", id="CR only"),
        pytest.param(
            {"a.py": "x = " + " + ".join(["1"] * 3_000)}, "a.py", "too deeply", id="3,000 terms"
        ),
        pytest.param({"a.py": b"\xff"}, "a.py", "not text", id="undecodable"),
        pytest.param(
            {"a.py": b"# coding: raw_unicode_escape\nx = '\\ud800'\n"},
            "a.py",
            "no valid text",
            id="half a surrogate pair by way of the coding",
        ),
        pytest.param({"a.txt": "hello world"}, "a.txt", "does not parse", id="no Python"),
    ],
)
def test_a_file_that_cannot_be_analysed_is_told_and_left_alone(
    project: Workspace, files: Files, path: str, error: str
) -> None:
    write_files(project.root, files)
    before = tree(project.root.parent)

    result = analyze_file_structure(path)

    assert error in refused(project, result, path, before)


def test_the_home_folder_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {"a.py": "x = 1\n"})
    monkeypatch.setenv("HOME", str(tmp_path.resolve()))
    monkeypatch.chdir(tmp_path)

    assert "is no project folder" in safe_replace_text_in_file("a.py", "1", "2")["error"]


CLASS = "class A:\n  def f(self):\n    return 'a'\n\n  def g(self):\n    return 'b'\n"


@pytest.mark.parametrize(
    ("action", "code", "expected"),
    [
        ("replace body", 'return "c"', CLASS.replace("'a'", "'c'")),
        ("replace", "def f(self):\n    return 1", CLASS.replace("'a'", "1")),
        ("delete", "", "class A:\n  def g(self):\n    return 'b'\n"),
        ("decorate", "property", CLASS.replace("  def f", "  @property\n  def f")),
        ("insert after", "x = 1", CLASS.replace("\n\n", "\n\n  x = 1\n\n")),
        ("insert before", "x = 1", CLASS.replace("A:\n", "A:\n  x = 1\n\n")),
    ],
)
def test_a_symbol_is_edited(
    project: Workspace, action: SymbolAction, code: str, expected: str
) -> None:
    write_files(project.root, {"pkg/a.py": CLASS})

    result = safe_edit_symbol("pkg/a.py::A.f", action, code)

    assert result["success"], result["error"]
    assert (project.root / "pkg/a.py").read_text() == expected


@pytest.mark.parametrize(
    ("address", "action", "error"),
    [
        ("a.py::f", "delete", "f"),
        ("a.py", "delete", "a.py"),
        ("a.py::x", "explode", "is none of"),
        ("b.py::x", "delete", "does not exist"),
    ],
)
def test_a_symbol_that_cannot_be_edited_is_told(
    project: Workspace, address: str, action: SymbolAction, error: str
) -> None:
    before = tree(project.root)

    result = safe_edit_symbol(address, action)

    assert not result["success"]
    assert error in result["error"]
    assert tree(project.root) == before


def test_imports_are_edited(project: Workspace) -> None:
    write_files(project.root, {"b.py": "import os\nimport sys\n\nprint(sys.argv)\n"})

    result = safe_edit_imports("b.py", add=["from pathlib import Path"], remove=["import os"])

    assert result["success"], result["error"]
    written = (project.root / "b.py").read_text()
    assert written == "import sys\nfrom pathlib import Path\n\nprint(sys.argv)\n"


def test_an_import_in_use_stays(project: Workspace) -> None:
    write_files(project.root, {"b.py": "import sys\n\nprint(sys.argv)\n"})

    assert "used" in safe_edit_imports("b.py", remove=["import sys"])["error"]


def test_what_was_done_is_taken_back_and_brought_again(project: Workspace) -> None:
    before = tree(project.root)
    done = safe_replace_text_in_file("a.py", "y = 2", "y = 3")
    after = tree(project.root)

    undone = safe_undo(done["checkpoint"])
    assert undone["success"], undone["error"]
    assert undone["files"] == ["a.py"]
    assert tree(project.root) == before

    assert safe_undo(undone["checkpoint"])["success"]
    assert tree(project.root) == after


def test_later_work_in_the_same_lines_is_not_undone(project: Workspace) -> None:
    done = safe_replace_text_in_file("a.py", "y = 2", "y = 3")
    write_files(project.root, {"a.py": "x = 1\ny = 'mine'\n"})

    result = safe_undo(done["checkpoint"])

    assert "y = 'mine'" in result["error"]
    assert (project.root / "a.py").read_text() == "x = 1\ny = 'mine'\n"


@pytest.mark.parametrize("id_", ["nothing", "", "*", None, 5])
def test_an_unknown_checkpoint_is_told(project: Workspace, id_: Any) -> None:
    safe_create_file("new.py", "x = 1\n")

    result = safe_undo(id_)

    assert not result["success"]
    assert "No checkpoint" in result["error"] or "must be a string" in result["error"]
    assert (project.root / "new.py").exists()


def test_a_change_in_another_folder_is_taken_back_by_its_path(
    project: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "v.py"
    elsewhere.write_text("A = 1\n")
    done = safe_replace_text_in_file(str(elsewhere), "A = 1", "A = 2")

    assert not safe_undo(done["checkpoint"])["success"]
    assert elsewhere.read_text() == "A = 2\n"
    assert safe_undo(done["checkpoint"], path=str(elsewhere))["success"]
    assert elsewhere.read_text() == "A = 1\n"
    assert not (project.root / "v.py").exists()


def test_a_created_file_that_grew_is_not_taken_away(project: Workspace) -> None:
    done = safe_create_file("new.py", "x = 1\n")
    (project.root / "new.py").write_text("x = 1\ny = 2\n")

    result = safe_undo(done["checkpoint"])

    assert "new.py was changed again after" in result["error"]
    assert "would delete" in result["error"]
    assert (project.root / "new.py").read_text() == "x = 1\ny = 2\n"


_ODD: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
    (safe_replace_text_in_file, ("a.py", None, "b"), {}),
    (safe_replace_text_in_file, ("a.py", "x", b"b"), {}),
    (safe_replace_text_in_file, (None, "x", "b"), {}),
    (safe_replace_text_in_file, ("a\0.py", "x", "b"), {}),
    (safe_create_file, ("new.py", None), {}),
    (safe_create_file, ("new.py", b"x"), {}),
    (safe_create_file, ("", "x"), {}),
    (safe_edit_symbol, (None, "replace", "x"), {}),
    (safe_edit_symbol, ("a.py::f", "replace", 5), {}),
    (safe_edit_symbol, ("a.py::f", None, "x"), {}),
    (safe_edit_symbol, ("a.py::f", [], "x"), {}),
    (safe_edit_imports, ("a.py",), {"add": [None]}),
    (safe_edit_imports, ("a.py",), {"add": "import re"}),
    (safe_edit_imports, ("a.py",), {"remove": None}),
    (safe_undo, ("",), {"path": None}),
    (safe_apply_patch, (None,), {}),
    (safe_apply_patch, ("*** Begin Patch",), {"path": 5}),
    (analyze_file_structure, (7,), {}),
]


@pytest.mark.parametrize(("function", "positional", "named"), _ODD)
def test_odd_arguments_are_told_and_change_nothing(
    project: Workspace,
    function: Callable[..., Any],
    positional: tuple[Any, ...],
    named: dict[str, Any],
) -> None:
    write_files(project.root, {"a.py": "def f() -> None:\n    x\n"})

    result = function(*positional, **named)

    assert result["success"] is False
    assert "object has no attribute" not in result["error"]
    assert "unsupported operand" not in result["error"]
    assert {path.name for path in project.root.glob("*.py")} == {"a.py"}


def test_what_deserves_a_look_is_told(project: Workspace) -> None:
    marked = "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n"
    write_files(project.root, {"notes.txt": "one\ntwo\n"})

    result = safe_replace_text_in_file("notes.txt", "two\n", marked)

    assert result["success"]
    assert "notes.txt:2: " in result["warnings"][0]
    assert "conflict" in result["warnings"][0]


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"remove": ["os"]}, "Write: import os"),
        ({"remove": ["import os"]}, "import os is not in this file"),
        ({"add": ["nonsense here"]}, "Write: from a import b"),
    ],
)
def test_a_refused_import_is_told_with_a_cure(
    project: Workspace, changes: dict[str, Any], advice: str
) -> None:
    assert advice in safe_edit_imports(str(project.root / "a.py"), **changes)["error"]


PATCH = """\
*** Begin Patch
*** Update File: a.py
@@
-x = 1
+x = 5
*** Add File: pkg/new.py
+z = 3
*** End Patch
"""


def test_a_patch_is_carried_out_whole_and_taken_back_whole(project: Workspace) -> None:
    before = tree(project.root)

    done = safe_apply_patch(PATCH)

    assert done["files"] == ["a.py", "pkg/new.py"]
    assert (project.root / "a.py").read_text() == "x = 5\ny = 2\n"
    assert (project.root / "pkg/new.py").read_text() == "z = 3\n"
    assert safe_undo(done["checkpoint"])["success"]
    assert tree(project.root) == before


def test_a_patch_that_names_no_file_is_for_the_one_that_is_given(project: Workspace) -> None:
    reply = "<<<<<<< SEARCH\ny = 2\n=======\ny = 7\n>>>>>>> REPLACE\n"

    assert "which file it is for" in safe_apply_patch(reply)["error"]
    assert safe_apply_patch(reply, path="a.py")["files"] == ["a.py"]
    assert (project.root / "a.py").read_text() == "x = 1\ny = 7\n"


def test_a_patch_of_which_one_edit_does_not_fit_changes_nothing(project: Workspace) -> None:
    before = tree(project.root)

    result = safe_apply_patch(PATCH.replace("-x = 1", "-x = 9"))

    assert not result["success"]
    assert tree(project.root) == before


def test_two_names_of_one_file_are_refused(project: Workspace) -> None:
    (project.root / "src").mkdir()
    (project.root / "src/m.txt").write_text("a\nb\n")
    (project.root / "lib").symlink_to("src")
    reply = "".join(
        f"{name}\n<<<<<<< SEARCH\n{old}\n=======\n{old * 3}\n>>>>>>> REPLACE\n"
        for name, old in (("src/m.txt", "a"), ("lib/m.txt", "b"))
    )

    assert "are one file" in safe_apply_patch(reply)["error"]
    assert (project.root / "src/m.txt").read_text() == "a\nb\n"


def test_a_block_without_a_name_is_not_for_the_file_of_the_next(project: Workspace) -> None:
    reply = "".join(
        f"{name}<<<<<<< SEARCH\n{old}\n=======\nz = 0\n>>>>>>> REPLACE\n"
        for name, old in (("", "x = 1"), ("a.py\n", "y = 2"))
    )

    assert "which file" in safe_apply_patch(reply)["error"]
    assert (project.root / "a.py").read_text() == "x = 1\ny = 2\n"


def test_the_mode_travels_through_a_chain_of_moves(project: Workspace) -> None:
    write_files(project.root, {"run.sh": "echo\n"})
    (project.root / "run.sh").chmod(0o755)
    moves = "".join(
        f"diff --git a/{old} b/{new}\nsimilarity index 100%\nrename from {old}\nrename to {new}\n"
        for old, new in (("run.sh", "bin/a.sh"), ("bin/a.sh", "bin/b.sh"))
    )

    assert safe_apply_patch(moves)["success"]
    assert (project.root / "bin/b.sh").stat().st_mode & 0o777 == 0o755


def test_a_mode_that_a_person_changed_since_is_not_taken_back(project: Workspace) -> None:
    (project.root / "a.py").chmod(0o755)
    mode = "diff --git a/a.py b/a.py\nold mode 100755\nnew mode 100644\n"
    done = safe_apply_patch(mode)
    (project.root / "a.py").chmod(0o700)

    result = safe_undo(done["checkpoint"])

    assert "mode 0700, 0644, 0755" in result["error"]
    assert (project.root / "a.py").stat().st_mode & 0o777 == 0o700


def test_a_refused_change_leaves_no_checkpoint(project: Workspace) -> None:
    write_files(project.root, {"App.txt": "x\n"})

    assert "cannot stand beside" in safe_create_file("app.txt", "x\n")["error"]
    assert checkpoints.saved(project) == []


def test_what_the_library_imports_may_come_from_a_generator(project: Workspace) -> None:
    assert safe_edit_imports("a.py", add=(one for one in ["import re"]))["success"]  # type: ignore[arg-type]
    assert (project.root / "a.py").read_text().startswith("import re\n")
