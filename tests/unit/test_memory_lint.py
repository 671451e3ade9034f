"""`alma memory lint`: exported memories that can be read, and files that agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from alma_agent.memory.exchange import export
from alma_agent.memory.exchange.lines import encode_forgotten
from alma_agent.memory.ledger import Ledger
from alma_agent.terminal.memory.lint import memory_lint
from tests.shared_memories import A_DECISION, a_fact, keep, lines_of, page_of

Told = tuple[int, dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project's folder of two exported memories; the test stands in the project."""
    project = tmp_path / "project"
    project.mkdir()
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    keep(ledger, a_fact(), A_DECISION)
    export(ledger, project / ".alma" / "memories")
    monkeypatch.chdir(project)
    return project / ".alma" / "memories"


def linted(capsys: pytest.CaptureFixture[str], *arguments: str) -> Told:
    app = typer.Typer()
    app.command()(memory_lint)
    code = app(["--json", *arguments], prog_name="alma memory lint", standalone_mode=False)
    return code or 0, json.loads(capsys.readouterr().out)["result"]


def test_what_was_exported_is_sound(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    code, told = linted(capsys)
    assert (code, told["folders"], told["memories"]) == (0, [".alma/memories"], 2)
    assert told["problems"] == []


def test_where_nothing_was_exported_nothing_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, told = linted(capsys)
    assert (code, told["folders"]) == (0, [])


def test_all_that_cannot_be_read_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = [page_of(folder, "aa11"), lines_of(folder, "bb22")]
    for file in broken:
        file.write_text("{}\n")
    code, told = linted(capsys)
    assert code == 1
    assert sorted(one.split(":")[0] for one in told["problems"]) == sorted(
        str(path.relative_to(Path.cwd())) for path in broken
    )


def test_files_of_one_folder_are_read_once_and_together(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(one.relative_to(Path.cwd())) for one in folder.rglob("*") if one.is_file()]
    code, told = linted(capsys, *files)
    assert (code, told["folders"], told["memories"]) == (0, [".alma/memories"], 2)


def test_a_page_that_was_deleted_by_hand_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page_of(folder, "aa11").unlink()
    code, told = linted(capsys)
    assert code == 1
    assert "aa11 has no page" in told["problems"][0]


def test_a_forgotten_memory_that_is_still_there_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lines_of(folder, "bb22").open("a") as lines:
        lines.write(encode_forgotten("bb22") + "\n")
    code, told = linted(capsys)
    assert code == 1
    assert len(told["problems"]) == 2
    assert all("bb22 was forgotten" in one for one in told["problems"])


def test_memories_that_supersede_each_other_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = page_of(folder, "aa11")
    page.write_text(page.read_text().replace("id: ", 'supersedes: "bb22"\nid: ', 1))
    code, told = linted(capsys)
    assert code == 1
    assert any("supersedes itself" in one for one in told["problems"])


def test_an_edit_by_hand_is_no_mistake(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = page_of(folder, "aa11")
    page.write_text(page.read_text().replace("read lazily", "read at once"))
    code, told = linted(capsys)
    assert (code, told["edited"]) == (0, [str(page.relative_to(Path.cwd()))])


def test_a_path_that_is_not_there_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = linted(capsys, str(folder / "facts" / "none.md"))
    assert code == 2
