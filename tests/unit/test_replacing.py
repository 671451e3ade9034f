from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from toolset.errors import Ambiguous, Elided, NoMatch
from toolset.replacing import replace_once

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
        pytest.param("a\r\nbee\r\n", "\nbee", "\nx", "a\r\nx\r\n", 2, id="begins with a line end"),
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
        pytest.param("a-a\n", "a", (1, 1), id="twice on a line"),
        pytest.param("-a-a-a\n", "-a-", (1, 1), id="overlapping"),
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


METHOD = "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n"


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        pytest.param(
            METHOD,
            "def f(self):\n    return 1\n",
            "def f(self):\n    # why\n    return 3\n",
            METHOD.replace("        return 1", "        # why\n        return 3"),
            id="indentation left out",
        ),
        pytest.param(
            METHOD,
            "        def f(self):\n            return 1\n",
            "        def f(self):\n            return 3\n",
            METHOD.replace("return 1", "return 3"),
            id="indentation too deep",
        ),
        pytest.param(
            "def f():\n\tif a:\n\t\treturn 1\n",
            "    if a:\n        return 1\n",
            "    if a:\n        if b:\n            return 1\n",
            "def f():\n\tif a:\n\t\tif b:\n\t\t\treturn 1\n",
            id="spaces for tabs",
        ),
        pytest.param(
            METHOD,
            "return 1",
            "x = 1\nreturn x",
            METHOD.replace("return 1", "x = 1\n        return x"),
            id="one line, indentation left out",
        ),
        pytest.param(
            "- a:\n    text\n",
            "text\n",
            "\nother\n",
            "- a:\n\n    other\n",
            id="a blank line first",
        ),
        pytest.param(
            METHOD,
            "def f(self):\n        return 1",
            "def f(self, x):\n        return x",
            METHOD.replace("f(self)", "f(self, x)").replace("return 1", "return x"),
            id="indentation left out of the first line alone",
        ),
        pytest.param(
            "one = 1  \ntwo = 2\n",
            "one = 1\ntwo = 2\n",
            "one = 1\ntwo = 3\n",
            "one = 1  \ntwo = 3\n",
            id="white space at a line's end in the file stays",
        ),
        pytest.param(
            "one = 1\ntwo = 2\n",
            "one = 1  \ntwo = 2\n",
            "one = 1\ntwo = 3\n",
            "one = 1\ntwo = 3\n",
            id="white space at a line's end in the edit",
        ),
        pytest.param("zero\none\n", "\none\n", "two\n", "zero\ntwo\n", id="a blank line too many"),
        pytest.param(
            "zero\n\none\n", "\none\n", "two\n", "zero\ntwo\n", id="a blank line that is there"
        ),
        pytest.param(
            "zero\none\n", "\none\n", "\ntwo\n", "zero\ntwo\n", id="a blank line too many in both"
        ),
        pytest.param(
            "say(“one”)\n",
            'say("one")\n',
            'say("two")\n',
            "say(“two”)\n",
            id="typographic quotes in the file stay",
        ),
        pytest.param(
            'say("one")\n',
            "say(“one”)\n",
            'say("two")\n',
            'say("two")\n',
            id="typographic quotes in the edit",
        ),
        pytest.param("one\ntwo", "two\n", "three\n", "one\nthree", id="an unfinished last line"),
        pytest.param("one\ntwo\n", "one\n", "three", "three\ntwo\n", id="lines are not joined"),
        pytest.param(
            "    if a:\n", "    if a:", "    if b:", "    if b:\n", id="not the deeper one"
        ),
        pytest.param(
            "x = 1\nmax = 1\n", "x = 1", "x = 2", "x = 2\nmax = 1\n", id="no part of a name"
        ),
    ],
)
def test_a_place_is_found_by_looser_readings(text: str, old: str, new: str, expected: str) -> None:
    assert replace_once(A, text, old, new).text == expected


BLANK_ENDS = [
    pytest.param("one\ntwo\n", "two\n\n", "three\n\n", "one\nthree\n", id="at the end of the file"),
    pytest.param(
        "one \ntwo\n\nx\n", "one\ntwo\n\n", "one\ntwo\n", "one \ntwo\nx\n", id="asked to go"
    ),
    pytest.param(
        "if a:\n    bee()\n", "bee()\n", "\nc()\nbee()\n", "if a:\n\n    c()\n    bee()\n", id="new"
    ),
]


@pytest.mark.parametrize(("text", "old", "new", "expected"), BLANK_ENDS)
def test_blank_lines_at_the_ends_of_an_edit(text: str, old: str, new: str, expected: str) -> None:
    assert replace_once(A, text, old, new).text == expected


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        pytest.param("self.x = 1\nb = 2\n", "x = 1\nb = 2\n", "x", id="the end of a longer line"),
        pytest.param("f(1)  # so\n", "f(1)\n", "g(1)\n", id="the start of a longer line"),
        pytest.param("a = `\n  b\n c`\n", "a = `\n b\n c`\n", "x\n", id="uneven shift in a string"),
        pytest.param(METHOD, "class A:\n    return 2\n", "x", id="lines left out between"),
        pytest.param(METHOD, "class A:\n    ...\n        return 2\n", "x", id="dots for lines"),
        pytest.param("reload()\n", "load", "read", id="only part of a name"),
        pytest.param("}\n", "    }\n", "    ]\n", id="a bracket proves nothing"),
        pytest.param("a\n\nb\n", "\n\n", "\n", id="blank lines alone"),
        pytest.param('f("a")\n', "f(“a”)\n", "f(“a”, “b”)\n", id="would add typographic quotes"),
        pytest.param(
            "if a:\n      b()\n    c()\n", "if a:\n  b()\n  c()\n", "x\n", id="uneven shift"
        ),
        pytest.param("    text\n", "text", "text\n    more", id="unclear indentation"),
    ],
)
def test_what_is_not_proven_is_refused(text: str, old: str, new: str) -> None:
    with pytest.raises(NoMatch):
        replace_once(A, text, old, new)


def test_code_that_is_left_out_is_refused() -> None:
    text = "def f():\n    a()\n    b()\n    c()\n    return 1\n"

    with pytest.raises(Elided, match="rest of the code"):
        replace_once(A, text, text, "def f():\n    # ... rest of the code ...\n    return 2\n")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("# rest of the code unchanged", id="no dots"),
        pytest.param("{/* ... existing code ... */}", id="JSX"),
        pytest.param("a = 1\n...", id="dots alone"),
        pytest.param("# … same as before", id="one character for three dots"),
    ],
)
def test_lines_left_out_are_seen_in_many_forms(line: str) -> None:
    with pytest.raises(Elided):
        replace_once(A, "a\nb\nc\nd\n", "a\nb\nc\nd\n", f"a\n{line}\n")


def test_a_stub_is_not_taken_for_code_left_out() -> None:
    text = "def f():\n    a()\n    b()\n    c()\n"

    assert replace_once(A, text, text, "def f():\n    ...\n").text == "def f():\n    ...\n"


def test_a_comment_with_dots_that_leaves_nothing_out_is_taken() -> None:
    replaced = replace_once(A, "a = 1\n", "a = 1\n", "# ... as in the existing code ...\na = 1\n")

    assert replaced.text.endswith("a = 1\n")


def test_a_line_number_decides_between_equal_places() -> None:
    assert replace_once(A, "a\nb\na\n", "a", "x", line=3) == ("a\nb\nx\n", 3)


def test_a_refusal_shows_the_difference() -> None:
    with pytest.raises(NoMatch) as refusal:
        replace_once(A, METHOD, "def f(self):\n    return 9\n", "x")

    assert "2:     def f(self):\n  3:         return 1" in str(refusal.value)
    assert "line 3: the file has '        return 1', the edit '    return 9'" in str(refusal.value)


def test_a_refusal_says_that_the_replacement_is_there_already() -> None:
    with pytest.raises(NoMatch) as refusal:
        replace_once(A, METHOD, "return 0", "def g(self):\n    return 2\n")

    assert refusal.value.already_at == 5


def test_candidates_are_shown_with_their_numbers() -> None:
    with pytest.raises(Ambiguous) as refusal:
        replace_once(A, METHOD.replace("2", "1"), "return 1", "x")

    assert "  3:         return 1" in str(refusal.value)
    assert "  6:         return 1" in str(refusal.value)
