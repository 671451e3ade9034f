"""A command in a fork is the same as one that an interpreter of its own was started for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.conftest import ACCEPTED, Project, clean_environment
from tests.forked import OnTerminal, run
from tests.forked.service import service

COMMANDS = [
    ("--version",),
    ("--help",),
    ("refactor", "rename", "--help"),
    ("no-such-command",),
    ("run", "rename load to read_csv", "--file", "app.py", "-n"),
    ("run", "rename nothing to something", *ACCEPTED),
    ("log",),
    ("outline", "stats.py", "--json"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_it_says_the_same_and_ends_the_same(flat: Project, arguments: tuple[str, ...]) -> None:
    assert service().may(clean_environment())

    forked, started = (flat.alma(*arguments, forked=how) for how in (True, False))

    assert forked.returncode == started.returncode
    assert forked.stdout == started.stdout
    assert forked.stderr == started.stderr


def test_it_has_its_own_environment_and_none_of_another_s(flat: Project) -> None:
    where = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}

    told = flat.alma("run", "x", environment=where)
    again = flat.alma("run", "x", "--yes")

    assert "--model" in told.stderr
    assert told.returncode == 2
    assert again.returncode == 4


def test_nothing_of_one_command_is_left_for_the_next(flat: Project, tmp_path: Path) -> None:
    flat.alma("memory", "add", "Rows are read lazily.")
    elsewhere = Project(tmp_path)

    told = json.loads(elsewhere.alma("memory", "list", "--json").stdout)

    assert told["result"]["memories"] == []


def test_an_environment_that_python_reads_at_its_start_is_no_place_for_a_fork() -> None:
    here = clean_environment()

    assert service().may(here | {"ALMA_MODEL": "small", "COLUMNS": "40"})
    for name in ("PYTHONPATH", "LC_ALL", "PYTHONUTF8", "OPENAI_LOG", "TMPDIR"):
        assert not service().may(here | {name: "x"}), name


def test_standard_input_is_what_is_said(flat: Project) -> None:
    whole = clean_environment()

    done = run(("memory", "add", "-"), flat.root, whole, said="Prices are in euros.\n")

    assert done.returncode == 0, done.stderr
    assert "Prices are in euros." in flat.alma("memory", "list").stdout


def test_on_a_terminal_it_is_killed_and_resized_like_any_program(flat: Project) -> None:
    whole = clean_environment() | {"TERM": "xterm", "PAGER": "cat"}
    alma = OnTerminal(("run", "rename load to read_csv", "--file", "app.py"), flat.root, whole)
    alma.expect(r"Apply this to \d files\?")
    alma.setwinsize(24, 80)
    assert alma.isalive()
    alma.kill()
    alma.close()

    assert (alma.exitstatus, alma.signalstatus) == (None, 9)
    assert not alma.isalive()
