"""Code that memories are bound to, in real folders with and without git."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from alma_agent.errors import UsageError
from alma_agent.memory.anchoring.surveying import Survey
from alma_agent.remembered import Anchor, Standing
from tests.conftest import git, make_repository, make_workspace, write_files
from tests.making import a_memory
from toolset.digest import Digest
from toolset.errors import PathRefused
from toolset.workspace import Workspace

APP, OTHER, NOTES = (PurePosixPath(name) for name in ("app.py", "pkg/other.py", "notes.txt"))
LOAD = """\
def load(path, limit=None):
    rows = [line.strip() for line in open(path) if line.strip()]
    if limit is not None:
        rows = rows[:limit]
    return sorted(rows)
"""
SAVE = """

def save(path, rows):
    with open(path, "w") as file:
        for row in rows:
            file.write(f"{row}\\n")
"""
FILES = {"app.py": LOAD + SAVE, "pkg/other.py": "LIMIT = 3\n", "notes.txt": "Rows are sorted.\n"}

Change = Callable[[Path], object]


@pytest.fixture(params=["git", "no git"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    make = make_repository if request.param == "git" else make_workspace
    return make(tmp_path / "project", FILES)


@pytest.fixture
def repository(tmp_path: Path) -> Workspace:
    return make_repository(tmp_path / "project", FILES)


def anchored(workspace: Workspace, path: PurePosixPath = APP, symbol: str = "load") -> Anchor:
    return Survey(workspace).anchor(path, symbol)


def became(workspace: Workspace, anchor: Anchor) -> Standing:
    (standing,) = Survey(workspace).standings(a_memory("one", anchors=(anchor,)))
    return standing


def told(standing: Standing) -> tuple[str, str, str]:
    return standing.verdict, str(standing.path), standing.symbol


def rewritten(name: str, old: str, new: str) -> Change:
    def change(root: Path) -> None:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))

    return change


def moved(old: str, new: str) -> Change:
    return lambda root: (root / old).rename(root / new)


def parted(root: Path) -> None:
    """Put `load` into another file, where other code is."""
    write_files(root, {"app.py": SAVE, "pkg/other.py": FILES["pkg/other.py"] + "\n\n" + LOAD})


@pytest.mark.parametrize(
    ("path", "symbol"), [(APP, "load"), (APP, ""), (NOTES, "")], ids=["symbol", "module", "text"]
)
def test_what_was_just_looked_at_is_fresh(
    project: Workspace, path: PurePosixPath, symbol: str
) -> None:
    anchor = anchored(project, path, symbol)

    assert anchor.digest
    assert told(became(project, anchor)) == ("fresh", str(path), symbol)


def test_an_anchor_knows_its_code_and_its_commit(repository: Workspace) -> None:
    anchor = anchored(repository)

    assert anchor.source.strip() == LOAD.strip()
    assert anchor.head == git(repository.root, "rev-parse", "HEAD").strip()


def test_without_git_and_before_the_first_commit_there_is_no_commit(tmp_path: Path) -> None:
    begun = make_workspace(tmp_path / "begun", FILES)
    git(begun.root, "init", "-q")

    heads = [anchored(one).head for one in (make_workspace(tmp_path / "none", FILES), begun)]

    assert heads == ["", ""]
    assert told(became(begun, anchored(begun))) == ("fresh", "app.py", "load")


def test_a_symbol_that_is_not_there_is_refused(project: Workspace) -> None:
    with pytest.raises(UsageError, match=r"app\.py has no lost\. See alma outline"):
        anchored(project, symbol="lost")


@pytest.mark.parametrize("path", ["../app.py", "/etc/hostname", ".git/config", ".alma/x"])
def test_what_is_not_the_projects_is_refused(project: Workspace, path: str) -> None:
    with pytest.raises(PathRefused):
        anchored(project, PurePosixPath(path), "")


@pytest.mark.parametrize("path", ["gone.py", "pkg"])
def test_where_there_is_no_file_the_anchor_says_so(project: Workspace, path: str) -> None:
    anchor = anchored(project, PurePosixPath(path), "")

    assert anchor.digest is None
    assert became(project, anchor).verdict == "fresh"


def test_a_file_that_comes_to_be_where_none_was_has_drifted(project: Workspace) -> None:
    anchor = anchored(project, PurePosixPath("new.py"), "")

    write_files(project.root, {"new.py": "x = 1\n"})

    assert became(project, anchor).verdict == "drifted"


SAME_PLACE = ("fresh", "app.py", "load")
CHANGES: list[tuple[str, Change, tuple[str, str, str]]] = [
    ("elsewhere in the file", rewritten("app.py", '"w"', '"a"'), SAME_PLACE),
    (
        "formatted",
        rewritten("app.py", "(path, limit=None)", "(\n    path, limit=None\n)"),
        SAME_PLACE,
    ),
    ("a comment", rewritten("app.py", "    return", "    # in order\n    return"), SAME_PLACE),
    ("line ends", rewritten("app.py", "\n", "\r\n"), SAME_PLACE),
    ("edited", rewritten("app.py", "sorted(rows)", "rows"), ("drifted", "app.py", "load")),
    ("renamed", rewritten("app.py", "def load", "def read"), ("moved", "app.py", "read")),
    ("the file moved", moved("app.py", "pkg/app.py"), ("moved", "pkg/app.py", "load")),
    ("to another file", parted, ("moved", "pkg/other.py", "load")),
    ("deleted", rewritten("app.py", LOAD, ""), ("orphaned", "app.py", "load")),
    ("no file", lambda root: (root / "app.py").unlink(), ("orphaned", "app.py", "load")),
    ("half a file", rewritten("app.py", SAVE, "\n\ndef save(:\n"), SAME_PLACE),
]


@pytest.mark.parametrize(
    ("change", "expected"), [one[1:] for one in CHANGES], ids=[one[0] for one in CHANGES]
)
def test_what_became_of_a_function(
    project: Workspace, change: Change, expected: tuple[str, str, str]
) -> None:
    anchor = anchored(project)

    change(project.root)

    assert told(became(project, anchor)) == expected


@pytest.mark.parametrize(
    ("change", "expected"), [one[1:] for one in CHANGES[:-1]], ids=[one[0] for one in CHANGES[:-1]]
)
def test_what_became_of_a_function_is_the_same_once_it_is_committed(
    repository: Workspace, change: Change, expected: tuple[str, str, str]
) -> None:
    anchor = anchored(repository)

    change(repository.root)
    git(repository.root, "add", "--all")
    git(repository.root, "commit", "-q", "-m", "second")

    assert told(became(repository, anchor)) == expected


def test_what_changed_is_shown(project: Workspace) -> None:
    anchor = anchored(project)

    rewritten("app.py", "sorted(rows)", "rows")(project.root)

    difference = became(project, anchor).difference.splitlines()
    assert "-    return sorted(rows)" in difference
    assert "+    return rows" in difference


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda _: None, ("fresh", "notes.txt", "")),
        (rewritten("notes.txt", "sorted", "loose"), ("drifted", "notes.txt", "")),
        (moved("notes.txt", "rows.txt"), ("moved", "rows.txt", "")),
        (lambda root: (root / "notes.txt").unlink(), ("orphaned", "notes.txt", "")),
    ],
    ids=["as it was", "edited", "moved", "deleted"],
)
def test_what_became_of_a_text(
    project: Workspace, change: Change, expected: tuple[str, str, str]
) -> None:
    anchor = anchored(project, NOTES, "")

    change(project.root)

    assert told(became(project, anchor)) == expected


def test_a_copy_is_not_a_move(project: Workspace) -> None:
    anchor = anchored(project)

    write_files(project.root, {"copy.py": LOAD + SAVE})

    assert told(became(project, anchor)) == SAME_PLACE


def test_a_link_in_the_place_of_a_file_is_not_followed(project: Workspace, tmp_path: Path) -> None:
    anchor = anchored(project)
    write_files(tmp_path, {"elsewhere.py": LOAD})

    (project.root / "app.py").unlink()
    (project.root / "app.py").symlink_to(tmp_path / "elsewhere.py")

    assert became(project, anchor).verdict == "orphaned"


def test_where_the_commit_is_unknown_the_files_are_asked(repository: Workspace) -> None:
    here = anchored(repository)
    elsewhere = Anchor(here.path, here.symbol, here.digest, "f" * 40, here.source)

    moved("app.py", "pkg/app.py")(repository.root)

    assert told(became(repository, elsewhere)) == ("moved", "pkg/app.py", "load")


def test_names_that_git_would_quote_are_followed(repository: Workspace) -> None:
    name = "größe x.py"
    write_files(repository.root, {name: LOAD})
    git(repository.root, "add", "--all")
    git(repository.root, "commit", "-q", "-m", "second")
    anchor = anchored(repository, PurePosixPath(name))

    git(repository.root, "mv", name, 'tab "y".py')

    assert told(became(repository, anchor)) == ("moved", 'tab "y".py', "load")


def test_ignored_files_are_not_searched(repository: Workspace) -> None:
    write_files(repository.root, {".gitignore": "build/\n"})
    anchor = anchored(repository)

    os.renames(repository.root / "app.py", repository.root / "build/app.py")

    assert became(repository, anchor).verdict == "orphaned"


def test_a_project_of_too_many_files_is_not_searched(
    project: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchor = anchored(project)
    monkeypatch.setattr("toolset.workspace._MAX_FILES", 1)

    moved("app.py", "pkg/app.py")(project.root)

    assert became(project, anchor).verdict == "orphaned"


def test_a_survey_looks_at_a_file_once(project: Workspace) -> None:
    survey = Survey(project)
    memory = a_memory("one", anchors=(survey.anchor(APP, "load"),))

    rewritten("app.py", "sorted(rows)", "rows")(project.root)

    assert [one.verdict for one in survey.standings(memory)] == ["fresh"]
    assert [one.verdict for one in Survey(project).standings(memory)] == ["drifted"]


def test_every_anchor_of_a_memory_is_told_of(project: Workspace) -> None:
    survey = Survey(project)
    memory = a_memory("one", anchors=(survey.anchor(APP, "load"), survey.anchor(NOTES)))

    rewritten("notes.txt", "sorted", "loose")(project.root)

    assert [told(one) for one in Survey(project).standings(memory)] == [
        SAME_PLACE,
        ("drifted", "notes.txt", ""),
    ]


def left(workspace: Workspace, path: PurePosixPath = APP) -> Digest:
    return Digest.of(workspace.absolute(path).read_bytes())


def test_what_a_change_left_is_bound_symbol_by_symbol(project: Workspace) -> None:
    found = Survey(project).anchors_as_left(APP, ("load", "save"), left(project))

    assert [one.symbol for one in found] == ["load", "save"]
    assert {became(project, one).verdict for one in found} == {"fresh"}


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [((), [""]), (("lost", "save"), ["save"]), (("lost",), [""])],
    ids=["none known", "one of them gone", "all gone"],
)
def test_where_a_symbol_is_gone_the_others_or_the_file_stand_for_it(
    project: Workspace, symbols: tuple[str, ...], expected: list[str]
) -> None:
    found = Survey(project).anchors_as_left(APP, symbols, left(project))

    assert [one.symbol for one in found] == expected


def test_of_a_file_that_was_edited_since_the_whole_is_bound(project: Workspace) -> None:
    before = left(project)
    rewritten("app.py", "sorted(rows)", "rows")(project.root)

    (found,) = Survey(project).anchors_as_left(APP, ("load",), before)

    assert (found.symbol, found.digest) == ("", before.hex)
    assert became(project, found).verdict == "drifted"


def test_what_a_change_deleted_is_fresh_while_it_is_away(project: Workspace) -> None:
    project.absolute(APP).unlink()

    (found,) = Survey(project).anchors_as_left(APP, (), None)
    assert became(project, found).verdict == "fresh"

    write_files(project.root, {"app.py": LOAD})
    assert became(project, found).verdict == "drifted"
