"""What a hostile repository, model or moment could do; each was done once, and is a test now."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

import pytest

from alma_agent.records import Task
from alma_agent.run import run
from alma_agent.testing import RememberingLibrary, ScriptedProposer
from alma_agent.undo import undo
from tests.conftest import git, tree, write_files
from tests.unit.test_run import A, crew, edit
from toolset.apply import apply, recover
from toolset.draft import Draft
from toolset.edits import ChangeSet, Digest, Edit, FileState
from toolset.errors import PathRefused, ToolsetError
from toolset.functions import safe_create_file
from toolset.journal import start_journal
from toolset.workspace import Workspace

NEW = PurePosixPath("pkg/new.py")


def hostile_journal(root: Path, *entries: object) -> None:
    folder = root / ".alma" / "journal"
    folder.mkdir(parents=True)
    plan = {"version": 2, "memo": "", "entries": entries, "made_folders": []}
    (folder / "abcd.open").write_bytes(json.dumps(plan).encode() + b"\nevil")


def test_a_folder_that_became_a_link_is_not_written_through(
    repository: Workspace, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    changes = ChangeSet((Edit(NEW, None, FileState(b"x = 1\n")),))
    (repository.root / "pkg").symlink_to(outside)

    with pytest.raises(PathRefused, match="outside"):
        apply(repository, changes, id="one")

    assert list(outside.iterdir()) == []


def test_a_journal_that_came_with_the_repository_is_not_followed(repository: Workspace) -> None:
    sha = Digest.of(b"precious").hex
    write_files(repository.root, {"victim.txt": "precious"})
    hostile_journal(repository.root, ["victim.txt", None, [sha, 0o644], 0, 0])
    git(repository.root, "add", "--force", ".alma")
    before = tree(repository.root)

    with pytest.raises(PathRefused, match="is tracked by git"):
        recover(repository)

    assert tree(repository.root) == before


def test_a_journal_is_not_followed_out_of_the_workspace(
    workspace: Workspace, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (workspace.root / "link").symlink_to(outside)
    hostile_journal(workspace.root, ["link/pwned", [Digest.of(b"evil").hex, 0o755], None, 0, 4])

    recover(workspace)

    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("path", ["../up.txt", "a/../../up.txt", "/etc/hostname", ".git/config"])
def test_no_path_of_a_record_leads_out(repository: Workspace, path: str) -> None:
    with pytest.raises(PathRefused):
        repository.state_of(PurePosixPath(path))


async def test_a_run_killed_meanwhile_does_not_take_this_one_back(repository: Workspace) -> None:
    """Two runs with the same change: the killed one's journal fitted the other's files."""
    changes = edit(repository)
    start_journal(repository, changes, id="killed", memo="")

    await run(Task("x"), repository, crew(ScriptedProposer(changes)))

    assert recover(repository) == []
    assert repository.absolute(A).read_text() == "x = 2\n"


async def test_undo_keeps_a_mode_that_was_set_since(repository: Workspace) -> None:
    library = RememberingLibrary()
    await run(Task("x"), repository, crew(ScriptedProposer(edit(repository)), library))
    repository.absolute(A).chmod(0o755)

    await undo(repository, library)

    assert repository.absolute(A).stat().st_mode & 0o777 == 0o755


def test_an_empty_file_is_seen_in_the_diff() -> None:
    created = Edit(NEW, None, FileState(b""))

    assert created.diff() == "--- /dev/null\n+++ b/pkg/new.py\n(an empty file)\n"
    assert "(an empty file)" in created.inverted().diff()


def test_changed_line_endings_are_seen_in_the_diff() -> None:
    changed = Edit(A, FileState(b"a\r\nb\n"), FileState(b"a\nb\n"))

    assert "-a\r\n" in changed.diff()


def test_the_ignore_file_is_mended(repository: Workspace) -> None:
    folder = repository.state_folder()
    (folder / ".gitignore").write_text("")

    repository.state_folder()

    assert git(repository.root, "status", "--porcelain") == ""


def test_a_link_in_place_of_the_ignore_file_is_not_written_through(
    repository: Workspace, tmp_path: Path
) -> None:
    (repository.root / ".alma").mkdir()
    (repository.root / ".alma" / ".gitignore").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ToolsetError):
        repository.state_folder()

    assert not (tmp_path / "elsewhere").exists()


def test_a_killed_run_is_left_for_its_own_alma_to_record(repository: Workspace) -> None:
    draft = Draft(repository)
    draft.write(A, "x = 2\n")
    apply(repository, draft.changes(), id="one", memo="a run's own account")

    result = safe_create_file(str(repository.absolute(NEW)), "y = 1\n")

    assert "Finish it first: alma log" in result["error"]
    assert not repository.absolute(NEW).exists()


@pytest.mark.parametrize("path", ["/", "", 7, None], ids=repr)
def test_the_public_functions_raise_nothing(path: str) -> None:
    assert safe_create_file(path, "x")["success"] is False
