"""What is longer than the screen goes through the user's pager, and only where there is one."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest

from alma_agent.terminal.paging import is_longer

ROOT = Path(__file__).parents[2]
SHOW = (
    "from alma_agent.terminal.consoles import out; from alma_agent.terminal.paging import page; "
    "import sys; page(out, '\\n'.join(f'line {n}' for n in range(int(sys.argv[1])))); "
    "print('asked')"
)


def seen(lines: int, tmp_path: Path, **environment: str) -> str:
    """Return what a person sees of so many lines on a screen of 24."""
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho LESS=$LESS $@\nhead -2\n")
    pager.chmod(0o755)
    known = {"PATH": "/usr/bin:/bin", "TERM": "xterm", "PAGER": f"{pager} --its flags"}
    child = pexpect.spawn(
        sys.executable,
        ["-c", SHOW, str(lines)],
        cwd=str(ROOT),
        env=known | environment,
        encoding="utf-8",
        timeout=30,
    )
    child.expect("asked")
    return str(child.before)


def test_a_long_text_is_paged_with_the_user_s_own_program(tmp_path: Path) -> None:
    shown = seen(100, tmp_path)

    assert "FRX" in shown
    assert "--its flags" in shown
    assert "line 1\r\n" in shown
    assert "line 2\r\n" not in shown  # it was left after two


@pytest.mark.parametrize(
    ("lines", "environment"),
    [
        pytest.param(10, {}, id="short"),
        pytest.param(100, {"TERM": "dumb"}, id="a terminal that cannot"),
        pytest.param(100, {"PAGER": "cat"}, id="cat"),
        pytest.param(100, {"PAGER": ""}, id="none wanted"),
        pytest.param(100, {"PAGER": "no-such-pager"}, id="no such program"),
        pytest.param(100, {"PAGER": "less '"}, id="no command"),
    ],
)
def test_else_it_is_printed_whole(lines: int, environment: dict[str, str], tmp_path: Path) -> None:
    shown = seen(lines, tmp_path, **environment)

    assert "LESS=" not in shown
    assert shown.count("line ") == lines


def test_the_user_s_own_settings_for_less_are_kept(tmp_path: Path) -> None:
    assert "LESS=-S --its" in seen(100, tmp_path, LESS="-S")


@pytest.mark.parametrize(
    ("text", "longer"),
    [
        pytest.param("x\n" * 22, False, id="fits, with a question below"),
        pytest.param("x\n" * 23, True, id="one line more"),
        pytest.param("x" * 22 * 80 + "\n", False, id="one long line that fits"),
        pytest.param("x" * (22 * 80 + 1) + "\n", True, id="one long line"),
        pytest.param("\x1b[31m" + "x" * 22 * 80 + "\x1b[0m\n", False, id="colours take no room"),
        pytest.param("字" * 22 * 40 + "字\n", True, id="wide characters"),
    ],
)
def test_what_is_longer_than_the_screen(text: str, longer: bool) -> None:
    assert is_longer(text, width=80, height=24) is longer
