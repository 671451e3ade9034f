from __future__ import annotations

from io import StringIO

import pytest
from rich.text import Text

from alma_agent.terminal import render
from alma_agent.terminal.consoles import PlainConsole, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[2K\x1b[1Ahidden", "\\x1b[2K\\x1b[1Ahidden", id="escape sequence"),
        pytest.param("\x9b2J", "\\x9b2J", id="C1"),
        pytest.param("a\u202eb", "a\\u202eb", id="text turned right to left"),
        pytest.param("a\u200bb", "a\\u200bb", id="zero width"),
        pytest.param("a\tb\nc", "a\tb\nc", id="tabs and line feeds stay"),
        pytest.param("périmètre λ 🙂", "périmètre λ 🙂", id="other scripts stay"),
    ],
)
def test_what_cannot_be_seen_is_spelt_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("colour", [False, True], ids=["plain", "colour"])
def test_no_printed_text_can_move_the_cursor(colour: bool) -> None:
    file = StringIO()
    console = PlainConsole(file=file, force_terminal=colour, width=200, highlight=False)

    console.print("\x1b[1A\x1b[2K", Text("\x1b]0;title\x07"), style="red")

    left = file.getvalue().replace("\x1b[31m", "").replace("\x1b[0m", "")
    assert "\x1b" not in left
    assert "\\x1b[1A" in left


def test_a_carriage_return_in_a_diff_is_seen() -> None:
    file = StringIO()

    PlainConsole(file=file).print(render.diff("+evil()\r+good()\n"))

    assert file.getvalue() == "+evil()\\r+good()\n"
