"""How a change looks: to a program, on a screen with colours, without them, and on a narrow one."""

from __future__ import annotations

import io
from pathlib import PurePosixPath

import pytest
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from alma_agent.terminal.consoles import PlainConsole
from alma_agent.terminal.render import change
from toolset.edits import ChangeSet, Edit, FileState

APP = PurePosixPath("app.py")
CODE = (
    "from pathlib import Path\n\n\ndef load(path: Path) -> list[str]:\n"
    '    """Return the lines of a file."""\n    return path.read_text().splitlines()\n\n\n'
    "def count(path: Path) -> int:\n    return len(load(path))\n"
)


def state(text: str | bytes, mode: int = 0o644) -> FileState:
    return FileState(text.encode() if isinstance(text, str) else text, mode)


CHANGES = {
    "a rename in two hunks": Edit(APP, state(CODE), state(CODE.replace("load", "read_lines"))),
    "a new file": Edit(APP, None, state("x = 1\n")),
    "a file that goes": Edit(APP, state("x = 1\n"), None),
    "an empty file": Edit(APP, None, state("")),
    "a mode": Edit(APP, state("x = 1\n"), state("x = 1\n", 0o755)),
    "no last newline": Edit(APP, state("x = 1"), state("x = 2")),
    "CRLF": Edit(APP, state("x = 1\r\ny = 2\r\n"), state("x = 1\r\ny = 3\r\n")),
    "line ends that change": Edit(APP, state("x = 1\r\n"), state("x = 1\n")),
    "tabs": Edit(APP, state("if x:\n\ty = 1\n"), state("if x:\n\ty = 2\n")),
    "wide and joined letters": Edit(APP, state('x = "日本語 é"\n'), state('x = "日本 e\u0301"\n')),
    "text that gives orders to the screen": Edit(
        APP, state("x = 1\n"), state('x = "\x1b[2J\x9b31m\u202e"\n')
    ),
    "no code": Edit(PurePosixPath("notes.txt"), state("one two three\n"), state("one 2 three\n")),
}
CONSOLES = {
    "for a program": {"force_terminal": False},
    "in colours": {"force_terminal": True, "color_system": "truecolor", "width": 100},
    "without colours": {
        "force_terminal": True,
        "color_system": "truecolor",
        "no_color": True,
        "width": 100,
    },
    "narrow": {"force_terminal": True, "color_system": "standard", "width": 40},
}


@pytest.mark.parametrize("how", CONSOLES)
@pytest.mark.parametrize("what", CHANGES)
def test_a_change_looks_so(what: str, how: str, snapshot: SnapshotAssertion) -> None:
    console: Console = PlainConsole(
        file=io.StringIO(), highlight=False, markup=False, emoji=False, **CONSOLES[how]
    )

    console.print(change(ChangeSet((CHANGES[what],))), soft_wrap=True)

    told = console.file.getvalue()  # type: ignore[attr-defined]
    assert told.replace("\x1b", "␛") == snapshot
