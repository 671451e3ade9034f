from __future__ import annotations

from io import StringIO

import pytest
from rich.text import Text

from alma_agent.terminal import consoles, render
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


@pytest.mark.parametrize("json", [False, True], ids=["result", "document"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("a\n\n  b ", id="lines"),
        pytest.param("a b " * 40 + "  ", id="longer than the screen"),
        pytest.param("wide 日本" * 30, id="wide"),
        pytest.param("[red]x[/red] :smile: 12", id="what could be markup"),
        pytest.param("a\tb\x1b[2K\r", id="what cannot be seen"),
    ],
)
def test_a_text_is_told_alike_before_rich_is_loaded(
    text: str, json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(consoles.manner, "result", {})
    monkeypatch.setattr(consoles.manner, "json", json)

    consoles.tell({}, text)
    with_rich = capsys.readouterr().out
    monkeypatch.delattr(consoles, "out")
    consoles.tell({}, text)

    assert capsys.readouterr().out == with_rich
    assert bool(with_rich) is not json


def test_consoles_that_are_made_late_follow_the_manner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("out", "progress"):
        getattr(consoles, name)  # what is taken away is put back
        monkeypatch.delattr(consoles, name)
    kept = StringIO()
    consoles.speak(json=False, quiet=True, verbose=False)
    consoles.collect(kept)
    try:
        consoles.out.print("result")
        consoles.progress.print("progress")
    finally:
        consoles.speak(json=False, quiet=False, verbose=False)

    assert kept.getvalue() == "result\n"
    assert capsys.readouterr() == ("", "")
