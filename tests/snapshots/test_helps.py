"""The help of each command, as it is printed at 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from alma_agent.at_once import HELP
from alma_agent.terminal.cli import app
from alma_agent.terminal.refactor_commands import commands
from scripts.help_text import help_text


def paths(command: Any, *above: str) -> Iterator[tuple[str, ...]]:
    """Yield the words that lead to each command below one."""
    for name, below in getattr(command, "commands", {}).items():
        yield (*above, name)
        yield from paths(below, *above, name)


ALL = sorted(paths(typer.main.get_command(app)))
REFACTORINGS = sorted(paths(typer.main.get_command(commands())))


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALMA_MODEL", "ALMA_CHECK", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_the_help_of_a_command(words: tuple[str, ...], snapshot: SnapshotAssertion) -> None:
    told = CliRunner().invoke(app, [*words, "--help"], prog_name="alma")

    assert told.exit_code == 0
    assert told.stdout == snapshot


@pytest.mark.parametrize("words", REFACTORINGS, ids=" ".join)
def test_the_help_of_a_refactoring(words: tuple[str, ...], snapshot: SnapshotAssertion) -> None:
    told = CliRunner().invoke(commands(), [*words, "--help"], prog_name="alma refactor")

    assert told.exit_code == 0
    assert told.stdout == snapshot


def test_the_help_that_is_kept_is_what_the_commands_say() -> None:
    kept = Path(HELP).read_text(encoding="utf-8")

    assert help_text() == kept, "run `python scripts/help_text.py`"
