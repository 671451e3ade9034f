"""Every command line of alma's on a page is one that alma understands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer import TyperException
from typer.main import get_command

from alma_agent.terminal.cli import app
from alma_agent.terminal.refactor_commands import commands
from tests.docs.console import ROOT
from tests.docs.test_links import PAGES

_BLOCK = re.compile(r"^```(?P<kind>sh|console)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_ALMA = re.compile(r"^(?:.*[|&] )?alma (?P<rest>.+)$", re.MULTILINE)
_STOPS = {"|", "||", "&&", ">", "<", ";", "2>"}


def command_lines(page: str) -> Iterator[list[str]]:
    """Yield the arguments of each `alma …` in the blocks of a page."""
    for block in _BLOCK.finditer(page):
        text = block["text"].replace("\\\n", " ")
        if block["kind"] == "console":
            text = "\n".join(re.findall(r"^\$ (.*)$", text, re.MULTILINE))
        for found in _ALMA.finditer(text):
            try:
                words = shlex.split(found["rest"], comments=True)
            except ValueError:  # a quote that goes on elsewhere: no command line
                continue
            ends = [at for at, word in enumerate(words) if word in _STOPS]
            yield words[: min(ends, default=len(words))]


def understood(words: list[str]) -> None:
    """Raise TyperException for a command line that alma does not take. Nothing is carried out."""
    command: Any = get_command(app)
    context = command.make_context("alma", ["-"], resilient_parsing=True)
    while known := getattr(command, "commands", None):
        name, *words = words
        if name.startswith("-"):
            return
        if name not in known:
            raise TyperException(f"There is no command {name}.")
        command = get_command(commands()) if name == "refactor" else known[name]
        if not getattr(command, "commands", None):
            command.make_context(name, list(words), parent=context)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_line_is_understood(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALMA_MODEL", "ALMA_CHECK"):
        monkeypatch.delenv(name, raising=False)
    wrong = []
    for words in command_lines(path.read_text(encoding="utf-8")):
        try:
            understood(words)
        except TyperException as error:
            wrong.append(f"alma {shlex.join(words)}: {error}")

    assert wrong == []


def test_a_wrong_flag_is_found() -> None:
    with pytest.raises(TyperException):
        understood(["run", "a goal", "--chekc", "x"])
