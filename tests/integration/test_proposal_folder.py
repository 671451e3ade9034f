"""Proposals' folders on the disk: what is found, what is refused, what a write leaves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alma_agent.proposals import folder
from alma_agent.proposals.refusals import NoSuchProposal, NotSound
from tests.conftest import git, make_repository
from toolset.workspace import Workspace

NAME = "2026-01-02-rename-load-0123456789ab"
OTHER = "2026-01-03-rename-save-01ff56789abc"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / ".git").mkdir()
    return Workspace(tmp_path)


@pytest.fixture
def place(workspace: Workspace) -> Path:
    return folder.write(workspace, NAME, {"proposal.json": b"{}", "logs/check-1.txt": b"ok\n"})


@pytest.mark.parametrize(
    "wanted", ["0123456789ab", "0123", NAME, f".alma/proposals/{NAME}", f"/x/{NAME}/"]
)
@pytest.mark.usefixtures("place")
def test_a_folder_is_found_by_its_id_its_name_and_its_path(
    workspace: Workspace, wanted: str
) -> None:
    assert folder.find(workspace, wanted).data("logs/check-1.txt") == b"ok\n"


@pytest.mark.parametrize("wanted", ["", "0", "01", "ffff", "..", "../x", "rename-load"])
@pytest.mark.usefixtures("place")
def test_what_means_none_or_several_is_refused(workspace: Workspace, wanted: str) -> None:
    folder.write(workspace, OTHER, {"proposal.json": b"{}"})

    with pytest.raises(NoSuchProposal, match="alma proposals list"):
        folder.find(workspace, wanted)


def test_where_there_are_none_there_is_none(workspace: Workspace) -> None:
    assert folder.names(workspace) == ()


def test_a_file_that_is_a_link_is_refused(workspace: Workspace, place: Path) -> None:
    (place / "proposal.json").unlink()
    (place / "proposal.json").symlink_to("/etc/passwd")

    with pytest.raises(NotSound, match="cannot be read"):
        folder.find(workspace, NAME)


def test_a_folder_that_is_a_link_is_refused(workspace: Workspace, place: Path) -> None:
    (place / "approvals").symlink_to("/etc")

    with pytest.raises(NotSound):
        folder.find(workspace, NAME)


def test_a_pipe_is_refused_and_not_waited_for(workspace: Workspace, place: Path) -> None:
    os.mkfifo(place / "result.json")

    with pytest.raises(NotSound, match="no file"):
        folder.find(workspace, NAME)


def test_a_folder_that_no_proposal_has_is_refused(workspace: Workspace, place: Path) -> None:
    (place / "hooks").mkdir()

    with pytest.raises(NotSound, match="hooks"):
        folder.find(workspace, NAME)


def test_too_many_files_are_refused(workspace: Workspace, place: Path) -> None:
    for number in range(1001):
        (place / "logs" / f"{number}.txt").touch()

    with pytest.raises(NotSound, match="too many"):
        folder.find(workspace, NAME)


def test_a_new_revision_takes_the_place_of_the_old_one(workspace: Workspace, place: Path) -> None:
    folder.write(workspace, NAME, {"proposal.json": b"[]"})

    assert [path.name for path in place.rglob("*")] == ["proposal.json"]
    assert {path.name for path in place.parent.iterdir()} == {NAME, ".gitattributes", ".gitignore"}


def test_a_write_that_fails_leaves_the_old_revision(workspace: Workspace, place: Path) -> None:
    with pytest.raises(OSError, match="too long"):
        folder.write(workspace, NAME, {"proposal.json": b"[]", "x" * 300: b""})

    assert (place / "proposal.json").read_bytes() == b"{}"
    assert {path.name for path in place.parent.iterdir()} == {NAME, ".gitattributes", ".gitignore"}


@pytest.mark.usefixtures("place")
def test_what_is_added_replaces_that_file_alone(workspace: Workspace) -> None:
    folder.add(folder.find(workspace, NAME), {"approvals/a.json": b"1", "result.json": b"2"})
    folder.add(folder.find(workspace, NAME), {"result.json": b"3"})

    found = folder.find(workspace, NAME)

    assert {str(name) for name in found.files} == {
        "approvals/a.json",
        "logs/check-1.txt",
        "proposal.json",
        "result.json",
    }
    assert found.data("result.json") == b"3"


def test_nothing_is_added_through_a_link(
    workspace: Workspace, place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    found = folder.find(workspace, NAME)
    (place / "approvals").symlink_to(elsewhere)

    with pytest.raises(NotSound, match="link"):
        folder.add(found, {"approvals/a.json": b"1"})

    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize(
    ("goal", "name"),
    [
        ("Rename `load` to read_csv!", "2026-01-02-rename-load-to-read-csv-0123456789ab"),
        ("\u2026", "2026-01-02-change-0123456789ab"),
        ("../../x", "2026-01-02-x-0123456789ab"),
        ("a" * 200, f"2026-01-02-{'a' * 40}-0123456789ab"),
    ],
)
def test_a_folder_is_named_by_its_day_its_goal_and_its_id(goal: str, name: str) -> None:
    assert folder.name_of("2026-01-02T03:04:05Z", goal, "0123456789ab") == name


def test_git_sees_a_proposal_and_not_the_reports_of_those_who_land_it(tmp_path: Path) -> None:
    """Else the reports of two people meet at the next `git pull`."""
    project = make_repository(tmp_path / "project", {}).root
    workspace = Workspace(project)
    for name in (NAME, OTHER):
        folder.write(workspace, name, {"proposal.json": b"{}", "approvals/a.json": b"{}"})
    reports = ("result.json", "junit.xml", "sarif.json", "statement.intoto.json")
    folder.add(folder.find(workspace, NAME), dict.fromkeys(reports, b"{}"))

    git(project, "add", ".alma/proposals")

    assert git(project, "diff", "--cached", "--name-only").split() == [
        ".alma/proposals/.gitattributes",
        ".alma/proposals/.gitignore",
        f".alma/proposals/{NAME}/approvals/a.json",
        f".alma/proposals/{NAME}/proposal.json",
        f".alma/proposals/{OTHER}/approvals/a.json",
        f".alma/proposals/{OTHER}/proposal.json",
    ]
    assert git(project, "status", "--porcelain", "--untracked-files=all", ".alma").count("??") == 0


def test_proposals_from_before_reports_were_left_out_get_what_leaves_them_out(
    workspace: Workspace, place: Path
) -> None:
    (place.parent / ".gitignore").unlink()

    folder.write(workspace, OTHER, {"proposal.json": b"{}"})

    assert "result.json" in (place.parent / ".gitignore").read_text()


def test_what_a_team_leaves_out_besides_stays(workspace: Workspace, place: Path) -> None:
    (place.parent / ".gitignore").write_text("*.orig\n")

    folder.write(workspace, OTHER, {"proposal.json": b"{}"})

    assert (place.parent / ".gitignore").read_text() == "*.orig\n"
