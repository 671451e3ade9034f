from __future__ import annotations

import subprocess
import sys
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import git, make_workspace, write_files
from toolset.draft import Draft
from toolset.edits import ChangeSet, Edit, FileState, Move
from toolset.errors import MalformedScope, OutOfScope, ReadOnlyFile
from toolset.scope import EditScope, require_in_scope
from toolset.workspace import Workspace

A, B, SRC = PurePosixPath("a.py"), PurePosixPath("b.py"), PurePosixPath("src/a.py")


@pytest.mark.parametrize(
    ("globs", "path", "allowed"),
    [
        pytest.param((), "any/thing.py", True, id="no glob allows all"),
        pytest.param(("app.py",), "app.py", True, id="a name"),
        pytest.param(("app.py",), "pkg/app.py", True, id="a bare name at any depth"),
        pytest.param(("/app.py",), "pkg/app.py", False, id="a slash in front anchors"),
        pytest.param(("pkg/app.py",), "x/pkg/app.py", False, id="a slash inside anchors"),
        pytest.param(("./app.py",), "app.py", True, id="as a shell names it"),
        pytest.param(("./app.py",), "pkg/app.py", False, id="as a shell names it, at the root"),
        pytest.param((".",), "src/a.py", True, id="the folder one stands in"),
        pytest.param(("src/",), "src/deep/a.py", True, id="a folder holds what lies below"),
        pytest.param(("src/",), "src", False, id="a folder is no file"),
        pytest.param(("src/",), "srcs/a.py", False, id="a folder is no prefix"),
        pytest.param(("src",), "src/a.py", True, id="a folder without its slash"),
        pytest.param(("src/**",), "src/deep/a.py", True, id="two stars"),
        pytest.param(("src/*.py",), "src/deep/a.py", False, id="one star stays in a folder"),
        pytest.param(("src/**/*.py",), "src/a.py", True, id="two stars are no folder, too"),
        pytest.param(("*.py",), "src/deep/a.py", True, id="an ending"),
        pytest.param(("*.py",), "src/a.pyi", False, id="another ending"),
        pytest.param(("a[12].py",), "a2.py", True, id="one sign of some"),
        pytest.param(("a.py", "tests/"), "tests/test_a.py", True, id="the second of two"),
        pytest.param(("src/", "!src/key.py"), "src/key.py", False, id="taken away"),
        pytest.param(("src/", "!src/key.py"), "src/a.py", True, id="not taken away"),
        pytest.param(("src/**", "!src/gen/**"), "src/gen/x/a.py", False, id="folder taken away"),
        pytest.param(("src/**", "!src/gen/"), "src/gen/x/a.py", False, id="folder by its slash"),
        pytest.param(("!src/key.py", "src/"), "src/key.py", True, id="the last one decides"),
        pytest.param(("src/", "!src/key.py"), "src/KEY.py", False, id="one file on some systems"),
        pytest.param(("!key.py",), "a.py", True, id="all but"),
        pytest.param(("!key.py",), "src/key.py", False, id="all but, taken away"),
        pytest.param(("A.py",), "a.py", False, id="case counts"),
        pytest.param(("caf\u00e9.py",), "cafe\u0301.py", True, id="composed for decomposed"),
        pytest.param(("日本/",), "日本/語.py", True, id="other scripts"),
        pytest.param((r"\#a.py",), "#a.py", True, id="escaped"),
        pytest.param(("**",), "/etc/passwd", False, id="absolute"),
        pytest.param(("src/",), "src/../a.py", False, id="out again"),
        pytest.param(("src/",), "../src/a.py", False, id="above"),
        pytest.param(("src/",), "src/..a.py", True, id="dots of a name"),
    ],
)
def test_what_a_scope_allows(globs: tuple[str, ...], path: str, allowed: bool) -> None:
    assert EditScope(globs).allows(PurePosixPath(path)) is allowed


@pytest.mark.parametrize(
    "glob", ["", "  ", "!", "/", "!//", "# a comment", "a\\", "[z-a]"], ids=repr
)
def test_a_glob_that_names_nothing_is_refused(glob: str) -> None:
    with pytest.raises(MalformedScope, match="does not say which files may change"):
        EditScope(("src/", glob))


_NAMES = st.text(st.sampled_from("ab .*?[]!#\\-é{}~") | st.characters(codec="utf-8"), min_size=1)


def _is_a_path(name: str) -> bool:
    path = PurePosixPath(name)
    return name.isprintable() and str(path) == name and ".." not in path.parts and name != "."


@given(_NAMES.filter(_is_a_path).filter(lambda name: not name.startswith("/")))
def test_the_scope_of_a_file_is_that_file_whatever_its_name(name: str) -> None:
    path = PurePosixPath(name)
    scope = EditScope.of_file(path)

    assert scope.allows(path)
    assert not scope.allows("x" / path)
    assert not scope.allows(path / "x")
    assert not scope.allows(path.with_name(f"{path.name}x"))


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (EditScope(), "the whole project"),
        (EditScope(("app.py", "src/**")), "app.py, src/**"),
        (EditScope(("src/", "!src/key.py")), "src/, not src/key.py"),
        (EditScope.of_file(PurePosixPath("src/[a].py")), "src/[a].py"),
    ],
    ids=str,
)
def test_a_scope_reads_as_people_write_it(scope: EditScope, text: str) -> None:
    assert str(scope) == text


def test_the_refusal_says_what_may_change_and_who_can_widen_it() -> None:
    with pytest.raises(OutOfScope) as refusal:
        EditScope(("src/", "tests/")).require(A)

    assert str(refusal.value) == (
        "a.py: is out of scope. This task may change src/, tests/, and nothing else. Leave the "
        "file as it is; whoever set the task can widen it with --scope."
    )


def test_a_scope_is_a_value() -> None:
    asked = EditScope(("src/",))
    asked.allows(A)

    assert (asked, hash(asked)) == (EditScope(("src/",)), hash(EditScope(("src/",))))


def test_the_whole_project_loads_no_library_for_globs() -> None:
    script = (
        "import sys; from toolset.scope import EditScope; from pathlib import PurePosixPath as P;"
        " EditScope().require(P('a')); sys.exit('pathspec' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


_STATE = FileState(b"x = 1\n")
IN_SRC = EditScope(("src/",))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(ChangeSet((Edit(A, _STATE, FileState(b"")),)), id="an edit"),
        pytest.param(ChangeSet((Edit(A, None, _STATE),)), id="a new file"),
        pytest.param(ChangeSet((Edit(A, _STATE, None),)), id="a deletion"),
        pytest.param(
            ChangeSet((Edit(SRC, None, _STATE), Edit(A, _STATE, None)), (Move(A, SRC),)),
            id="a move in",
        ),
        pytest.param(
            ChangeSet((Edit(A, None, _STATE), Edit(SRC, _STATE, None)), (Move(SRC, A),)),
            id="a move out",
        ),
        pytest.param(ChangeSet(moves=(Move(A, SRC),)), id="a move's old name alone"),
        pytest.param(ChangeSet(moves=(Move(SRC, A),)), id="a move's new name alone"),
        pytest.param(ChangeSet(new_folders=(PurePosixPath("other"),)), id="a new folder"),
        pytest.param(ChangeSet(old_folders=(PurePosixPath("other"),)), id="an old folder"),
    ],
)
def test_changes_out_of_scope_are_refused(changes: ChangeSet) -> None:
    with pytest.raises(OutOfScope):
        require_in_scope(changes, IN_SRC)


@pytest.mark.parametrize(
    ("globs", "path"),
    [
        pytest.param(("src/",), "src/new/deep/a.py", id="below a folder"),
        pytest.param(("src/**/*.py",), "src/new/a.py", id="of files only"),
    ],
)
def test_the_folders_of_a_file_in_scope_come_and_go_with_it(
    workspace: Workspace, globs: tuple[str, ...], path: str
) -> None:
    draft = Draft(workspace)
    draft.create(PurePosixPath(path), "")

    require_in_scope(draft.changes(), EditScope(globs))
    require_in_scope(draft.changes().inverted(), EditScope(globs))


@pytest.fixture
def draft(workspace: Workspace) -> Draft:
    write_files(workspace.root, {"a.py": "x = 1\n", "src/a.py": "x = 1\n", "src/b.py": "y = 1\n"})
    return Draft(workspace, scope=IN_SRC)


SECRET = PurePosixPath("other/new.py")


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda draft: draft.replace(A, "1", "2"), id="replace"),
        pytest.param(lambda draft: draft.replace(A, "no such text", "2"), id="replace nothing"),
        pytest.param(lambda draft: draft.write(A, ""), id="write"),
        pytest.param(lambda draft: draft.write(SECRET, ""), id="write what is not there"),
        pytest.param(lambda draft: draft.create(SECRET, ""), id="create"),
        pytest.param(lambda draft: draft.delete(A), id="delete"),
        pytest.param(lambda draft: draft.move(SRC, SECRET), id="move out"),
        pytest.param(lambda draft: draft.move(A, PurePosixPath("src/c.py")), id="move in"),
        pytest.param(
            lambda draft: draft.stage(ChangeSet((Edit(SRC, _STATE, None), Edit(A, _STATE, None)))),
            id="stage",
        ),
        pytest.param(
            lambda draft: draft.stage(
                ChangeSet(
                    (Edit(PurePosixPath("src/c.py"), None, _STATE),),
                    (Move(A, PurePosixPath("src/c.py")),),
                )
            ),
            id="stage a move",
        ),
        pytest.param(lambda draft: draft.patch("@@\n-x = 1\n+x = 2", only=A), id="patch of a file"),
    ],
)
def test_every_way_to_stage_is_refused_out_of_scope(draft: Draft, edit: object) -> None:
    with pytest.raises(OutOfScope):
        edit(draft)  # type: ignore[operator]

    assert not draft.changes()


PATCHES = {
    "update": "*** Update File: a.py\n@@\n-x = 1\n+x = 2\n",
    "add": "*** Add File: other/new.py\n+x\n",
    "delete": "*** Delete File: a.py\n",
    "move out": "*** Update File: src/b.py\n*** Move to: b.py\n",
    "move in": "*** Update File: a.py\n*** Move to: src/c.py\n",
    "by its whole path": "*** Update File: src/../a.py\n@@\n-x = 1\n+x = 2\n",
}


@pytest.mark.parametrize("part", PATCHES.values(), ids=list(PATCHES))
def test_a_patch_that_is_partly_out_of_scope_stages_nothing(draft: Draft, part: str) -> None:
    inside = "*** Update File: src/a.py\n@@\n-x = 1\n+x = 2\n"

    with pytest.raises(OutOfScope):
        draft.patch(f"*** Begin Patch\n{inside}{part}*** End Patch")

    assert not draft.changes()


def test_a_link_is_what_it_leads_to(draft: Draft) -> None:
    (draft.workspace.root / "src" / "link.py").symlink_to("../a.py")

    with pytest.raises(OutOfScope, match=r"^a\.py"):
        draft.patch("*** Begin Patch\n*** Delete File: src/link.py\n*** End Patch")


def test_what_is_out_of_scope_can_be_read(draft: Draft) -> None:
    assert draft.read(A).text == "x = 1\n"


def test_a_copy_keeps_the_scope(draft: Draft) -> None:
    with pytest.raises(OutOfScope):
        draft.copy().delete(A)


def test_a_draft_does_not_begin_with_changes_out_of_scope(draft: Draft) -> None:
    with pytest.raises(OutOfScope):
        Draft(draft.workspace, ChangeSet((Edit(A, _STATE, None),)), scope=IN_SRC)


def test_edits_of_which_one_cannot_be_written_are_not_staged(draft: Draft) -> None:
    (draft.workspace.root / "src" / "b.py").chmod(0o444)
    other = FileState(b"y = 1\n", 0o444)

    with pytest.raises(ReadOnlyFile):
        draft.stage(
            ChangeSet((Edit(SRC, _STATE, None), Edit(PurePosixPath("src/b.py"), other, None)))
        )

    assert not draft.changes()


def test_a_refused_edit_leaves_what_was_staged(draft: Draft) -> None:
    draft.replace(SRC, "1", "2")
    before = draft.changes()

    with pytest.raises(OutOfScope):
        draft.move(SRC, B)

    assert draft.changes() == before


_FILES = {"a.py": "x = 1\n", "src/a.py": "x = 1\n", "src/key.py": "x = 1\n", "docs/a.md": "x = 1\n"}
_PATHS = st.sampled_from([*_FILES, "new.py", "src/new.py", "src/deep/new.py", "SRC/a.py"])
_GLOBS = st.lists(
    st.sampled_from(["src/", "!src/key.py", "*.py", "/a.py", "docs/**", "!src/", "src/deep/"]),
    max_size=3,
).map(tuple)
_PART = st.one_of(
    st.builds("*** Update File: {}\n@@\n-x = 1\n+x = 2\n".format, _PATHS),
    st.builds("*** Update File: {}\n*** Move to: {}\n".format, _PATHS, _PATHS),
    st.builds("*** Add File: {}\n+x = 1\n".format, _PATHS),
    st.builds("*** Delete File: {}\n".format, _PATHS),
)
_STEPS = st.one_of(
    st.tuples(st.just("patch"), st.lists(_PART, min_size=1, max_size=3).map("".join)),
    st.tuples(st.just("replace"), _PATHS),
    st.tuples(st.just("create"), _PATHS),
    st.tuples(st.just("delete"), _PATHS),
    st.tuples(st.just("move"), _PATHS, _PATHS),
    st.tuples(st.just("stage"), _PATHS, _PATHS),
)


def _carry_out(draft: Draft, step: tuple[str, ...]) -> None:
    match step:
        case ("patch", text):
            draft.patch(f"*** Begin Patch\n{text}*** End Patch")
        case ("replace", path):
            draft.replace(PurePosixPath(path), "x = 1", "x = 2")
        case ("create", path):
            draft.create(PurePosixPath(path), "x = 1\n")
        case ("delete", path):
            draft.delete(PurePosixPath(path))
        case ("move", old, new):
            draft.move(PurePosixPath(old), PurePosixPath(new))
        case ("stage", one, other):
            paths = sorted({PurePosixPath(one), PurePosixPath(other)})
            states = {path: draft.state_of(path) for path in paths}
            draft.stage(
                ChangeSet(tuple(Edit(path, states[path], FileState(b"y\n")) for path in paths))
            )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return one workspace for all examples: drafts do not touch it."""
    return make_workspace(tmp_path_factory.mktemp("scope") / "p", _FILES)


@given(globs=_GLOBS, steps=st.lists(_STEPS, max_size=6))
def test_a_draft_only_ever_holds_what_its_scope_allows(
    shared: Workspace, globs: tuple[str, ...], steps: list[tuple[str, ...]]
) -> None:
    draft = Draft(shared, scope=EditScope(globs))
    for step in steps:
        before, files = draft.changes(), draft.files()
        try:
            _carry_out(draft, step)
        except Exception:  # noqa: BLE001 - whatever it is, nothing may have been staged
            assert (draft.changes(), draft.files()) == (before, files)
        require_in_scope(draft.changes(), draft.scope)
        assert all(draft.scope.allows(path) for path in draft.changes().paths)


def test_git_understands_the_globs_as_alma_does(repository: Workspace) -> None:
    names = ["a.py", "src/a.py", "src/gen/a.py", "docs/a.md", "docs/x/a.md", "srcs/a.py", "b c.py"]
    globs = ("src/", "/a.py", "b\\ c.py", "docs/**/*.md")
    (repository.root / ".gitignore").write_text("\n".join(globs))
    git(repository.root, "rm", "-q", "--cached", "-r", ".")

    ignored = git(repository.root, "check-ignore", *names).splitlines()

    assert [name for name in names if EditScope(globs).allows(PurePosixPath(name))] == ignored
