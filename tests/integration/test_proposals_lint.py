"""`alma proposals lint`: folders that are whole, and every one that is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from alma_agent.proposals import folder
from alma_agent.proposals.artefact import ApprovalDocument, Person, encode
from alma_agent.proposals.making import Told, made
from alma_agent.terminal.proposals.lint_command import lint_proposals
from tests.conftest import git, make_repository
from toolset.git import Repository
from toolset.trees import Entry, Trees
from toolset.workspace import Workspace

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ADA = Person(name="Ada", email="ada@example.org")
FIRST, SECOND = "0123456789ab", "ba9876543210"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a repository with two proposals; the test stands in it."""
    workspace = make_repository(tmp_path / "project", {"a.py": "x = 1\n"})
    for id_ in (FIRST, SECOND):
        propose(workspace, id_)
    monkeypatch.chdir(workspace.root)
    return workspace


def propose(workspace: Workspace, id: str) -> None:
    trees = Trees(Repository(workspace.root))
    base = git(workspace.root, "rev-parse", "HEAD").strip()
    path = workspace.locate("a.py")
    entry = Entry("100644", trees.write_blob(b"x = 2\r\n"))
    result = trees.with_entries(base, {path: entry})
    told = Told(goal="Two", author=ADA, origin="diff", created_at=AT, id=id)
    folder.write(workspace, *made(trees, base, result, told))


def place_of(workspace: Workspace, id: str) -> Path:
    return folder.find(workspace, id).place


def approve(workspace: Workspace, id: str, about: str) -> Path:
    found = folder.find(workspace, id)
    approval = ApprovalDocument(
        version=1,
        proposal=about,
        revision=1,
        sha256=found.sha256,
        decision="approved",
        reviewer=ADA,
        reason="",
        at="2026-03-04T05:06:07Z",
    )
    folder.add(found, {"approvals/ada.json": encode(approval)})
    return found.place / "approvals" / "ada.json"


def linted(capsys: pytest.CaptureFixture[str], *which: str) -> tuple[int, dict[str, list[str]]]:
    app = typer.Typer()
    app.command()(lint_proposals)
    code = app(["--json", *which], prog_name="alma proposals lint", standalone_mode=False)
    told: dict[str, Any] = json.loads(capsys.readouterr().out)["result"]
    return code or 0, {one["id"]: one["problems"] for one in told.get("proposals", [])}


def test_whole_folders_are_sound(project: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    approve(project, FIRST, about=FIRST)
    assert linted(capsys) == (0, {FIRST: [], SECOND: []})


def test_every_broken_folder_is_told(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    for id_ in (FIRST, SECOND):
        (patch,) = place_of(project, id_).glob("*.patch")
        patch.write_bytes(patch.read_bytes().replace(b"x = 2", b"x = 3"))
    code, told = linted(capsys)
    assert code == 8
    assert all("somebody changed it" in told[id_][0] for id_ in (FIRST, SECOND))


def test_files_of_one_folder_count_once(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(one) for one in place_of(project, FIRST).iterdir()]
    assert linted(capsys, *files) == (0, {FIRST: []})


def test_the_beginning_of_an_id_names_a_proposal(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert linted(capsys, SECOND[:4])[1].keys() == {SECOND}
    assert project.has_git


def test_an_id_of_no_proposal_is_refused(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert linted(capsys, "ffffffffffff") == (2, {})
    assert project.has_git


def test_an_approval_that_cannot_be_read_is_told(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    approve(project, FIRST, about=FIRST).write_text("{}\n")
    code, told = linted(capsys)
    assert code == 8
    assert "is no approval" in told[FIRST][0]


def test_an_approval_of_another_proposal_is_told(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    approve(project, FIRST, about=SECOND)
    code, told = linted(capsys)
    assert code == 8
    assert "is about another proposal" in told[FIRST][0]


def test_a_signature_without_its_approval_is_told(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    approval = approve(project, FIRST, about=FIRST)
    approval.rename(approval.with_name("ada.json.sig"))
    code, told = linted(capsys)
    assert code == 8
    assert "signs a file that is not there" in told[FIRST][0]


def test_a_hidden_file_is_told(project: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    (place_of(project, FIRST) / ".hidden").write_text("")
    code, told = linted(capsys)
    assert code == 8
    assert "is hidden" in told[FIRST][0]


def test_a_link_to_a_proposal_is_told(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_of(project, FIRST)
    elsewhere = project.root / "elsewhere"
    place.rename(elsewhere)
    place.symlink_to(elsewhere)
    code, told = linted(capsys)
    assert code == 8
    assert told[FIRST] != []


def test_what_is_no_folder_of_a_proposal_is_told(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.home(project) / "notes.md").write_text("Hello\n")
    code, told = linted(capsys, ".alma/proposals/notes.md")
    assert code == 8
    assert "is no folder of a proposal" in told[""][0]


def test_without_proposals_there_is_nothing_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(make_repository(tmp_path / "empty", {}).root)
    assert linted(capsys) == (0, {})


def test_git_leaves_the_line_ends_of_proposals_alone(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / ".gitattributes").write_text("* text=auto eol=lf\n")
    git(project.root, "add", "--all")
    for path in place_of(project, FIRST).iterdir():
        path.unlink()
    git(project.root, "checkout", "--", ".alma")
    assert linted(capsys) == (0, {FIRST: [], SECOND: []})
