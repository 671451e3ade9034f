"""What is shown while work goes on, as a terminal shows it, and as a file gets it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.screens import ENTER, Terminal

_HERE = Path(__file__).parents[2]
Start = Callable[..., Terminal]


@pytest.fixture
def speaking(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts the program that tells of its work."""
    opened: list[Terminal] = []

    def start(*deeds: str, columns: int = 80, rows: int = 24, **environment: str) -> Terminal:
        opened.append(
            Terminal(
                [sys.executable, "-m", "tests.terminal.speaking", *deeds],
                folder=tmp_path,
                environment={"PYTHONPATH": str(_HERE)} | environment,
                columns=columns,
                rows=rows,
            )
        )
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.mark.parametrize("columns", [80, 40])
def test_one_line_says_the_step_its_seconds_the_tokens_and_the_money(
    speaking: Start, columns: int
) -> None:
    terminal = speaking("step", "spend", "step", "wait", columns=columns)
    terminal.shows("asking", "12.3k tokens", "$0.0123")

    (line,) = terminal.lines
    assert re.search(r"asking.* 0 s +12\.3k tokens +\$0\.0123$", line)
    terminal.shows(" 1 s ")
    assert len(terminal.lines) == 1


def test_the_status_is_gone_when_anything_is_printed_and_when_something_is_asked(
    speaking: Start,
) -> None:
    terminal = speaking("step", "note", "step", "result", "step", "ask", "step")
    terminal.shows("Apply this?")
    terminal.settles()

    assert terminal.lines == ["a note", "the result", "Apply this?"]
    terminal.type("y" + ENTER)
    assert terminal.ends() == 0
    assert terminal.lines[-1].endswith("answer: y")


def test_the_status_never_stands_between_the_lines_of_others(speaking: Start) -> None:
    terminal = speaking("hammer", rows=120)

    assert terminal.ends() == 0
    assert terminal.lines == [f"line {number}." for number in range(100)]


def test_finished_blocks_are_printed_once_and_the_rest_when_it_ends(speaking: Start) -> None:
    terminal = speaking("step", "say", "wait", "end", "step")
    terminal.shows("Plan", "First this.", "Then that.", "asking")
    terminal.type("\n")

    assert terminal.ends() == 0
    assert terminal.text.split("\n") == [
        "Plan",
        "",
        "First this.",
        "",
        " • one",
        " • two",
        "",
        "Then that.",
    ]


@pytest.mark.parametrize("columns", [20, 130])
def test_a_window_that_changes_its_width_keeps_nothing_of_the_status(
    speaking: Start, columns: int
) -> None:
    terminal = speaking("step", "wait", "result")
    terminal.shows("asking")
    terminal.resize(columns=columns)
    terminal.settles(at_most=0.5)
    terminal.type("\n")

    assert terminal.ends() == 0
    assert terminal.lines == ["the result"]


def test_a_first_sign_gives_way_to_what_is_told_next(speaking: Start) -> None:
    terminal = speaking("sign", "wait", "step", "wait", "result")
    terminal.shows("starting")
    terminal.type("\n")
    terminal.shows("asking gpt-5")
    assert len(terminal.lines) == 1
    terminal.type("\n")

    assert terminal.ends() == 0
    assert terminal.lines == ["the result"]


def test_long_work_has_a_bar_that_goes_when_it_is_done(speaking: Start) -> None:
    terminal = speaking("count", "result")
    for done in ("0/300", "100/300", "200/300", "300/300"):
        terminal.shows("reading the code", f" {done}")
        terminal.type("\n")

    assert terminal.ends() == 0
    assert terminal.lines == ["the result"]


def test_more_is_told_to_who_asks_for_it(speaking: Start) -> None:
    terminal = speaking("verbose", "step", "spend", "step", "result")

    assert terminal.ends() == 0
    assert [line.strip() for line in terminal.lines] == [
        "… asking gpt-5 (turn 1)",
        "12,000 tokens in, 345 out, $0.0123, 1.5 s",
        "… asking gpt-5 (turn 1)",
        "the result",
    ]


def test_who_wants_quiet_has_it(speaking: Start) -> None:
    terminal = speaking("quiet", "step", "say", "end", "spend", "result")

    assert terminal.ends() == 0
    assert terminal.lines == ["the result"]


def test_a_dumb_terminal_gets_lines_and_no_escape_sequence(speaking: Start) -> None:
    terminal = speaking("step", "say", "end", "result", TERM="dumb")

    assert terminal.ends() == 0
    assert b"\x1b" not in terminal.heard
    assert terminal.lines[:3] == ["… asking gpt-5 (turn 1)", "# Plan", "First **this**."]


@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}], ids=["plain", "FORCE_COLOR"])
def test_without_a_terminal_nothing_moves(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.terminal.speaking", "step", "say", "end", "count", "result"],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd=_HERE,
        env={**os.environ, **environment},
        text=True,
        check=True,
    )

    told = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)
    assert told.splitlines()[0] == "… asking gpt-5 (turn 1)"
    assert "Then that.\n… reading the code\n" in told
    assert not re.search(r"[\x1b\r]", told)
    assert done.stdout.endswith("the result\n")
