from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from toolset.errors import Ambiguous, NoMatch
from toolset.matching import replace_once

A = PurePosixPath("a.py")


@pytest.mark.parametrize(
    ("text", "old", "new", "expected", "line"),
    [
        pytest.param("a\nb\nc\n", "b", "x", "a\nx\nc\n", 2, id="unique"),
        pytest.param("a\nb", "b", "x", "a\nx", 2, id="no final newline"),
        pytest.param("a\nb\n", "b\n", "", "a\n", 2, id="removes a line"),
        pytest.param("a\nb\nc\n", "a\nb", "x", "x\nc\n", 1, id="several lines"),
        pytest.param("f(.*)\n", "(.*)", "[$1]", "f[$1]\n", 1, id="nothing is a pattern"),
        pytest.param("a\\1\n", "\\1", "\\g<0>", "a\\g<0>\n", 1, id="no back reference"),
        pytest.param("a\r\nb\r\n", "a\nb", "x\ny\nz", "x\r\ny\r\nz\r\n", 1, id="LF for CRLF"),
        pytest.param("a\r\nb\r\n", "a\r\nb", "x\r\ny", "x\r\ny\r\n", 1, id="CRLF for CRLF"),
        pytest.param("a\nb\n", "a\r\nb", "x\r\ny", "x\ny\n", 1, id="CRLF for LF"),
        pytest.param("a\r\nb\r\n", "b", "x\ny", "a\r\nx\r\ny\r\n", 2, id="one line by two"),
        pytest.param("a\r\nb\r\n", "\nb", "\nx", "a\r\nx\r\n", 1, id="begins with a line end"),
        pytest.param("a\r\nb", "\n", "\n\n", "a\r\n\r\nb", 1, id="a line end alone"),
        pytest.param("a\nb\r\nc\n", "b", "x", "a\nx\r\nc\n", 2, id="mixed, one line"),
        pytest.param(
            "a\nb\r\nc\nd\r\n",
            "a\nb\nc\nd\n",
            "a\nx\nc\nd\n",
            "a\nx\r\nc\nd\r\n",
            1,
            id="mixed, each line keeps its own",
        ),
        pytest.param(
            "a\nb\nc\r\nd\n",
            "a\nb\nc\nd",
            "a\nb\nx\ny\nc\nd",
            "a\nb\nx\ny\nc\r\nd\n",
            1,
            id="mixed, lines put in between",
        ),
        pytest.param(
            "a\r\nb\n\r\nc\n",
            "a\nb\n\nc\n",
            "a\nc\n",
            "a\r\nc\n",
            1,
            id="mixed, lines taken out",
        ),
        pytest.param("a\x0cb\u2028c\n", "c", "x", "a\x0cb\u2028x\n", 1, id="only LF counts lines"),
        pytest.param("x\tb \n", "\tb ", "\tc ", "x\tc \n", 1, id="white space is exact"),
    ],
)
def test_replace_once(text: str, old: str, new: str, expected: str, line: int) -> None:
    assert replace_once(A, text, old, new) == (expected, line)


@pytest.mark.parametrize(
    ("text", "old", "lines"),
    [
        pytest.param("a\nb\na\n", "a", (1, 3), id="two lines"),
        pytest.param("aa\n", "a", (1, 1), id="twice on a line"),
        pytest.param("a\n\n\nb\n", "\n\n", (1, 2), id="overlapping"),
        pytest.param("a\nb\na\nb\na\n", "a\nb\na", (1, 3), id="overlapping lines"),
        pytest.param("a\r\nb\na\nb\n", "a\nb", (1, 3), id="one CRLF, one LF"),
    ],
)
def test_several_places_are_refused_with_their_lines(
    text: str, old: str, lines: tuple[int, ...]
) -> None:
    with pytest.raises(Ambiguous) as refusal:
        replace_once(A, text, old, "x")

    assert refusal.value.lines == lines


@pytest.mark.parametrize(
    ("text", "old"),
    [
        pytest.param("a\n", "b", id="nowhere"),
        pytest.param("a\n", "", id="nothing to look for"),
        pytest.param("", "a", id="empty file"),
        pytest.param("a  b\n", "a b", id="other white space"),
        pytest.param("load()\n", "LOAD()", id="other case"),
    ],
)
def test_a_text_that_stands_nowhere_is_refused(text: str, old: str) -> None:
    with pytest.raises(NoMatch, match=r"is not in a\.py"):
        replace_once(A, text, old, "x")


def test_the_nearest_line_is_shown() -> None:
    with pytest.raises(NoMatch) as refusal:
        replace_once(A, "import os\n\n    total = add(a, b)\n", "total = add(a, c)\n", "x")

    assert refusal.value.nearest == "  3:     total = add(a, b)"


def test_the_nearest_line_is_counted_by_line_feeds() -> None:
    with pytest.raises(NoMatch) as refusal:
        replace_once(A, "\x0c\u2028import os\r\ntotal = add(a, b)\r\n", "total = add(a, c)", "x")

    assert refusal.value.nearest == "  2: total = add(a, b)"


def test_nothing_is_shown_where_nothing_is_near() -> None:
    with pytest.raises(NoMatch) as refusal:
        replace_once(A, "import os\n", "a quite different sentence", "x")

    assert refusal.value.nearest is None
