"""What a person is shown of a change, with colours and without."""

from __future__ import annotations

import subprocess
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from rich.text import Text

from alma_agent.terminal.changed_words import changed_words
from alma_agent.terminal.consoles import PlainConsole
from alma_agent.terminal.diffs import Changes, NumberedHunk
from alma_agent.terminal.syntax_colours import Painter
from toolset.edits import ChangeSet, Edit, FileState
from toolset.selection import hunks_of

OLD = b'''"""Doc.

More of it.
"""

class Cart:
    def total(self, prices):
\treturn sum(prices)
'''
NEW = OLD.replace(b"More of", b"Less of").replace(b"sum(prices)", b"round(sum(prices), 2)")


def a_change(before: bytes, after: bytes) -> ChangeSet:
    edit = Edit(PurePosixPath("shop/cart.py"), FileState(before), FileState(after))
    return ChangeSet((edit,))


def printed(shown: Any, **console: Any) -> str:
    file = StringIO()
    plain = PlainConsole(file=file, width=console.pop("width", 80), highlight=False, **console)
    plain.print(shown, soft_wrap=True)
    return file.getvalue()


TERMINAL = {"force_terminal": True, "_environ": {"TERM": "xterm-256color"}}


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        pytest.param(["x = load(1)"], ["x = read(1)"], ("load", "read"), id="another word"),
        pytest.param(["f(a)"], ["f(a, b)"], ("", ", b"), id="one more"),
        pytest.param(["f(a, b)"], ["f(", "    a,", "    b,", ")"], ("", ","), id="on more lines"),
        pytest.param(["import os"], ["class Cart:"], ("", ""), id="nothing in common"),
        pytest.param(["    x = 1"], ["        x = 1"], ("", ""), id="only indented"),
    ],
)
def test_changed_words(old: list[str], new: list[str], marked: tuple[str, str]) -> None:
    found = [
        "".join(line[a:b] for line, ranges in zip(lines, side, strict=True) for a, b in ranges)
        for lines, side in zip((old, new), changed_words(old, new), strict=True)
    ]

    assert tuple(found) == marked


def test_without_a_terminal_it_is_what_patch_reads(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    file = tmp_path / "shop/cart.py"
    file.write_bytes(OLD)

    diff = printed(Changes(a_change(OLD, NEW)), width=20)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff.encode(), check=True)

    assert file.read_bytes() == NEW


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"color_system": None}, id="no colours"),
        pytest.param({"color_system": "standard"}, id="16 colours"),
        pytest.param({"color_system": "truecolor"}, id="all colours"),
        pytest.param({"color_system": "256", "no_color": True}, id="NO_COLOR"),
        pytest.param({"color_system": "256", "width": 40}, id="40 columns"),
    ],
)
def test_the_signs_say_it_however_it_is_coloured(how: dict[str, Any]) -> None:
    shown = Text.from_ansi(printed(Changes(a_change(OLD, NEW)), **TERMINAL, **how)).plain

    assert shown.splitlines() == [
        "--- a/shop/cart.py",
        "+++ b/shop/cart.py",
        "@@ -1,8 +1,8 @@",
        ' """Doc.',
        " ",
        "-More of it.",
        "+Less of it.",
        ' """',
        " ",
        " class Cart:",
        "     def total(self, prices):",
        "-       return sum(prices)",
        "+       return round(sum(prices), 2)",
    ]


def test_changed_words_are_marked_where_colours_are_not_wanted() -> None:
    shown = printed(
        Changes(a_change(b"x = load()\n", b"x = read()\n")),
        color_system="256",
        no_color=True,
        **TERMINAL,
    )

    assert "-x = \x1b[1;4mload\x1b[0m()" in shown


def test_code_has_its_colours_and_a_string_is_one_from_its_first_line_on() -> None:
    shown = Text.from_ansi(
        printed(Changes(a_change(OLD, NEW)), color_system="truecolor", **TERMINAL)
    )
    styles = {(shown.plain[one.start : one.end], str(one.style)) for one in shown.spans}

    assert ("More", "bold #e6db74 on #901011") in styles  # the colour of a docstring
    assert (" of it.", "#e6db74 on #3f0001") in styles
    assert ("return", "#66d9ef on #002800") in styles


def test_no_escape_sequence_of_a_file_reaches_the_terminal() -> None:
    evil = a_change(b"x = 1\n", b"x = '\x1b[2K\x1b[1A'\r\n")

    shown = printed(Changes(evil), color_system="truecolor", **TERMINAL)

    assert "\x1b[2K" not in shown
    assert "\\x1b[2K" in Text.from_ansi(shown).plain
    assert "\\r" in Text.from_ansi(shown).plain


def test_a_hunk_to_choose_has_its_number_and_where_it_is() -> None:
    source = OLD.replace(b"\t", b"        ")
    changes = a_change(source, source.replace(b"sum(", b"max("))

    shown = printed(NumberedHunk(hunks_of(changes)[0], 2, 5, Painter()), color_system=None)

    assert shown.splitlines()[0] == "Hunk 2 of 5: shop/cart.py:8 Cart.total"
