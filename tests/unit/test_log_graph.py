"""The lanes of `alma log --graph`, for each way that runs, undos and redos can lie."""

from __future__ import annotations

import pytest
from rich.console import Console

from alma_agent.records import Interaction, Refused, Undone, reverted
from alma_agent.terminal import graph
from tests.making import an_interaction, an_undo

A, B, C = (an_interaction(letter * 3, f"change {letter}") for letter in "abc")
NO = an_interaction("nnn", "say no", outcome=Refused("no"))


def a_redo(id_: str, of: str) -> Interaction:
    return an_interaction(id_, f"redo {of}", outcome=Undone(of, id_, "redo"))


def drawn(*history: Interaction) -> list[str]:
    """Return the lanes and the ids; `history` is oldest first."""
    told = graph.rows(history[::-1], reverted(history))
    return [f"{row.lanes} {row.told.id}" for row in told]


def seen(*history: Interaction, width: int = 100, encoding: str = "utf-8") -> list[str]:
    """Return what stands on a screen."""
    console = Console(width=width, force_terminal=True, color_system=None, highlight=False)
    options = console.options.update()
    options.encoding = encoding
    shown = graph.lanes(history[::-1], reverted(history))
    lines = console.render_lines(shown, options, pad=False)
    return ["".join(segment.text for segment in line) for line in lines]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([A, NO, B], ["● bbb", "✗ nnn", "● aaa"], id="runs follow each other"),
        pytest.param(
            [A, B, an_undo("u", "bbb")], ["●─╮ u", "│ ○ bbb", "● aaa"], id="a change taken back"
        ),
        pytest.param(
            [A, an_undo("u", "aaa"), B],
            ["● bbb", "●─╮ u", "  ○ aaa"],
            id="the first change taken back",
        ),
        pytest.param(
            [A, B, an_undo("u", "aaa")],
            ["●─╮ u", "● │ bbb", "  ○ aaa"],
            id="past a later one",
        ),
        pytest.param(
            [A, B, an_undo("u", "bbb"), an_undo("v", "aaa")],
            ["●─╮ v", "●─┼─╮ u", "  │ ○ bbb", "  ○ aaa"],
            id="two, one after the other",
        ),
        pytest.param(
            [A, an_undo("u", "aaa"), a_redo("r", "u")],
            ["●─╮ r", "│ ○ u", "●─╯ aaa"],
            id="brought in again",
        ),
        pytest.param(
            [A, an_undo("u", "aaa"), a_redo("r", "u"), an_undo("w", "aaa")],
            ["●─╮ w", "●─┼─╮ r", "  │ ○ u", "  ○─╯ aaa"],
            id="and taken back once more",
        ),
        pytest.param(
            [A, an_undo("u", "zzz"), B],
            ["● bbb", "● u", "● aaa"],
            id="an undo of what is not shown",
        ),
        pytest.param([], [], id="nothing"),
    ],
)
def test_lanes(history: list[Interaction], expected: list[str]) -> None:
    assert drawn(*history) == expected


def test_what_is_taken_back_stands_alone_if_its_undo_is_not_shown() -> None:
    told = graph.rows([B, A], {"aaa"})

    assert [f"{row.lanes} {row.kind}" for row in told] == ["● applied", "○ reverted"]


def test_a_screen_without_unicode_gets_lanes_of_ascii() -> None:
    history = (A, an_undo("u", "aaa"), a_redo("r", "u"))

    lines = seen(*history, encoding="ascii")

    assert [line[:3] for line in lines] == ["*-.", "| o", "*-'"]


@pytest.mark.parametrize("width", [40, 80])
def test_a_line_an_interaction_however_narrow_the_screen(width: int) -> None:
    long = an_interaction("ccc", "a goal\nof several lines " * 20)

    lines = seen(A, long, an_undo("u", "aaa"), width=width)

    assert len(lines) == 3
    assert max(map(len, lines)) <= width


def test_a_goal_cannot_move_the_cursor() -> None:
    assert "\x1b" not in "".join(seen(an_interaction("ccc", "clear \x1b[2J it")))
