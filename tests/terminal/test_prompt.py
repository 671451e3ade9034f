"""The prompt in a real pseudo-terminal, key by key."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import make_workspace
from tests.terminal.screens import ALT_ENTER, CTRL_C, CTRL_D, ENTER, SHIFT_TAB, Terminal

_HERE = Path(__file__).parents[2]
_FILES = {
    "shop/pricing.py": "class Basket:\n    def total(self): ...\n",
    "shop/tea.py": "def brew(): ...\n",
    "my notes.txt": "tea\n",
}
Open = Callable[..., Terminal]


@pytest.fixture
def prompting(tmp_path: Path) -> Iterator[Open]:
    """Return a function that starts a prompt in a project of three files."""
    project = make_workspace(tmp_path / "project", _FILES).root
    opened: list[Terminal] = []

    def open_(columns: int = 80, **environment: str) -> Terminal:
        known = {"PYTHONPATH": str(_HERE), "XDG_STATE_HOME": str(tmp_path / "state")}
        opened.append(
            Terminal(
                [sys.executable, "-m", "tests.terminal.prompting"],
                folder=project,
                environment=known | environment,
                columns=columns,
            )
        )
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


@pytest.fixture
def prompt(prompting: Open) -> Terminal:
    """Return a terminal of 80 columns with a prompt that waits."""
    terminal = prompting()
    terminal.shows("ask>", "$0.02")
    return terminal


def test_enter_sends_a_line_and_the_next_prompt_waits(prompt: Terminal) -> None:
    prompt.type("rename load" + ENTER)

    assert prompt.shows("read 'rename load'\nask>").count("ask>") == 2


@pytest.mark.parametrize(
    ("keys", "read"),
    [
        pytest.param("a" + ALT_ENTER + "b" + ENTER, "read 'a\\nb'", id="alt-enter"),
        pytest.param("a\nb" + ENTER, "read 'a\\nb'", id="ctrl-j"),
        pytest.param("a\\" + ENTER + "b" + ENTER, "read 'a\\nb'", id="backslash"),
        pytest.param(
            "```\rx = 1\r```\r", "read '```\\nx = 1\\n```'", id="a fence is open until it is closed"
        ),
        pytest.param("```\rx\r\r\r", "read '```\\nx'", id="two empty lines send anyway"),
        pytest.param("\n\nhi\r", "read 'hi'", id="Enters that were typed before the prompt"),
        pytest.param(
            "\x1b[200~one\rtwo\r\x1b[201~" + ENTER,
            "read 'one\\ntwo'",
            id="what is pasted is not sent line by line",
        ),
        pytest.param("\x1b[200~a\x1b[31mb\x1b[201~" + ENTER, "read 'a[31mb'", id="no escapes"),
    ],
)
def test_a_text_of_several_lines_is_one_text(prompt: Terminal, keys: str, read: str) -> None:
    prompt.type(keys)

    prompt.shows(read)


def test_ctrl_c_clears_what_is_typed_and_interrupts_an_empty_line(prompt: Terminal) -> None:
    prompt.type("half a thought")
    prompt.shows("half a thought")
    prompt.type(CTRL_C)
    prompt.settles()

    assert "half" not in prompt.text
    assert "interrupted" not in prompt.text
    prompt.type(CTRL_C)
    prompt.shows("interrupted")


def test_ctrl_d_on_an_empty_line_is_the_end(prompt: Terminal) -> None:
    prompt.type(CTRL_D)

    assert prompt.ends() == 0
    assert "the end" in prompt.text


def test_shift_tab_cycles_the_mode_and_both_lines_say_so(prompt: Terminal) -> None:
    for mode in ("auto-edit", "plan", "ask"):
        prompt.type(SHIFT_TAB)
        prompt.shows(f"{mode}>", f" {mode} | gpt-5")


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        pytest.param("/un", "/undo", id="a command"),
        pytest.param("see @pric", "see @shop/pricing.py", id="a file by its name"),
        pytest.param("see @Bask", "see @shop/pricing.py::Basket", id="a symbol"),
        pytest.param("see @tot", "see @shop/pricing.py::Basket.total", id="a method"),
        pytest.param("see @notes", 'see @"my notes.txt"', id="a name with a space"),
    ],
)
def test_tab_completes_what_is_meant(prompt: Terminal, typed: str, chosen: str) -> None:
    before = prompt.settles()
    prompt.type(typed)
    prompt.shows(typed)
    while prompt.settles() == before:  # the names are gathered in the background
        pass
    prompt.type("\t" + ENTER)
    prompt.shows(f"ask> {chosen}")
    prompt.type(ENTER)

    prompt.shows(f"read {chosen!r}")


def test_ctrl_r_finds_what_was_typed_in_an_earlier_process(prompting: Open) -> None:
    first = prompting()
    first.shows("ask>")
    first.type("rename load to read_csv" + ENTER)
    first.shows("read")
    first.kill()

    second = prompting()
    second.shows("ask>")
    second.type("\x12load")
    second.shows("rename load to read_csv")
    second.type(ENTER + ENTER)

    second.shows("read 'rename load to read_csv'")


def test_the_history_is_its_owners_alone_and_holds_no_key(prompt: Terminal, tmp_path: Path) -> None:
    key = "sk-proj-" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF" + "gH2jK4"
    prompt.type(f"the key is {key}" + ENTER)
    prompt.shows("read")

    (kept,) = (tmp_path / "state" / "alma" / "history").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert key not in kept.read_text()
    assert "the key is [redacted" in kept.read_text()


def test_an_editor_may_be_used_for_a_longer_text(prompting: Open, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "from the editor" > "$1"\n')
    editor.chmod(0o755)
    terminal = prompting(EDITOR=str(editor), VISUAL="")
    terminal.shows("ask>")

    terminal.type("\x18\x05")
    terminal.shows("ask> from the editor")
    terminal.type(ENTER)

    terminal.shows("read 'from the editor'")


def test_a_window_made_narrow_while_typing_shows_the_whole_text(prompt: Terminal) -> None:
    prompt.type("a text that needs more than forty columns to be shown whole")
    prompt.shows("shown whole")
    prompt.resize(columns=40)
    prompt.settles()

    typed = "".join(line.removeprefix("ask> ").strip(" ") for line in prompt.lines[:-1])
    assert "shown whole" in " ".join(typed.split())
    assert prompt.text.count("gpt-5") == 1
    prompt.type(ENTER)
    prompt.shows("read 'a text that")


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"LC_ALL": "C"}, id="C locale"),
        pytest.param({"LC_ALL": "C", "PYTHONUTF8": "0"}, id="C locale without UTF-8 mode"),
        pytest.param({"NO_COLOR": "1"}, id="no colour"),
        pytest.param({"TERM": "vt100"}, id="an old terminal"),
        pytest.param({"TERM": "dumb"}, id="a dumb terminal"),
    ],
)
def test_any_terminal_will_do(prompting: Open, environment: dict[str, str]) -> None:
    terminal = prompting(columns=40, **environment)
    terminal.shows("ask>")
    terminal.type("for the café" + ENTER)
    terminal.shows("read 'for the caf")
    terminal.type("bye" + ENTER)
    terminal.shows("read 'bye'")
    terminal.type(CTRL_D)

    assert terminal.ends() == 0


def test_a_dumb_terminal_gets_no_escape_sequence(prompting: Open) -> None:
    terminal = prompting(TERM="dumb")
    terminal.shows("ask>")
    terminal.type("```" + ENTER)
    terminal.shows("...")
    terminal.type("x" + ENTER + "```" + ENTER)
    terminal.shows("read '```\\nx\\n```'")

    assert b"\x1b" not in terminal.heard


@pytest.mark.parametrize("kind", ["xterm-256color", "dumb"])
def test_half_a_character_is_no_reason_to_end(prompting: Open, kind: str) -> None:
    terminal = prompting(TERM=kind)
    terminal.shows("ask>")
    terminal.type(b"caf\xc3" + ENTER.encode())
    terminal.shows("read 'caf")
    terminal.type("bye" + ENTER)

    terminal.shows("read 'bye'")


def test_a_history_that_cannot_be_kept_is_no_reason_not_to_ask(
    prompting: Open, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    terminal = prompting()
    terminal.shows("ask>")
    terminal.type("hello" + ENTER)

    terminal.shows("read 'hello'\nask>")
