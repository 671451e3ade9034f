from __future__ import annotations

import sys
import time
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolset.edits import Edit, FileState
from toolset.errors import SpillsOver
from toolset.spills import require_tokens_outside_kept

A = PurePosixPath("a.py")

DOCUMENTED = '''\
def f():
    """Say f."""
    x = 1
    return x


def g():
    """Say g."""
    y = 2
    return y
'''
TEXT = '''\
NOTE = """
Dear {name},
we don't know.
"""
x = 1
'''
CALLS = "a = 1\nb = 2\n-a\nc = 3\n"


def changed(before: str, after: str, path: str = "a.py") -> Edit:
    return Edit(PurePosixPath(path), FileState(before.encode()), FileState(after.encode()))


def replaced(before: str, old: str, new: str) -> Edit:
    assert before.count(old) == 1
    return changed(before, before.replace(old, new))


@pytest.mark.parametrize(
    ("edit", "line", "what"),
    [
        pytest.param(
            changed(DOCUMENTED, DOCUMENTED.replace('f."""', "f.").replace('"""Say g."""', '"""')),
            3,
            "it becomes part of a string",
            id="an unclosed docstring swallows the code below it",
        ),
        pytest.param(
            changed(
                DOCUMENTED,
                DOCUMENTED.replace('"""Say f."""', 'x = """a""" + """').replace(
                    '"""Say g."""', '"""'
                ),
            ),
            3,
            "it becomes part of a string",
            id="an unclosed string after a closed one",
        ),
        pytest.param(
            changed("x = 1\ny = 2\n", '"""\nx = 1\n"""\ny = 2\n'),
            1,
            "it becomes part of a string",
            id="code put in quotes",
        ),
        pytest.param(
            changed("x = 1\ny = 2\n", "'''\nx = 1\n'''\ny = 2\n"),
            1,
            "it becomes part of a string",
            id="code put in single quotes",
        ),
        pytest.param(
            changed('z = 0\n"""\nx = 1\n"""\ny = 2\n', "z = 0\nx = 1\ny = 2\n"),
            3,
            "it is no longer part of a string",
            id="quotes taken away",
        ),
        pytest.param(
            changed("def f():\n    '''\n    x = 1\n    '''\n", "def f():\n    x = 1\n"),
            3,
            "it is no longer part of a string",
            id="a docstring's text becomes the body",
        ),
        pytest.param(
            changed("x = 1\n# note\ny = 2\n", 's = """\nx = 1\n# note\n"""\ny = 2\n'),
            1,
            "it becomes part of a string",
            id="a string opened in an assignment",
        ),
        pytest.param(
            changed('y = 0\n# one\nz = 1\nx = """a"""\n', 'y = 0\nq = """\n# one\nz = 1\n"""\n'),
            2,
            "it becomes part of a string",
            id="a comment becomes text",
        ),
        pytest.param(
            replaced(CALLS, "b = 2", "b = 2 \\"),
            3,
            "a backslash joins it to the line above",
            id="a backslash at the end of a changed line",
        ),
        pytest.param(
            changed("x = \\\n1\ny\n", "x = \\\ny\n"),
            3,
            "a backslash joins it to the line above",
            id="a backslash above a line taken away",
        ),
        pytest.param(
            changed("b = 2 \\\n-a\nc = 3\n", "b = 2\n-a\nc = 3\n"),
            2,
            "it is no longer joined to the line above",
            id="a backslash taken away",
        ),
        pytest.param(
            changed("x = 'a\\\n b'\ny = 1\n'c'\n", "x = 'a\\\n y = 1\\\ny = 1\\\n'\n'c'\n"),
            None,
            None,
            id="a changed line is no business of this",
        ),
        pytest.param(
            changed("x = 1\r\ny = 2\r\n", '"""\r\nx = 1\r\n"""\r\ny = 2\r\n'),
            1,
            "it becomes part of a string",
            id="CRLF",
        ),
        pytest.param(
            changed("# é\nx = 'é'\ny = 2\n", "# é\n'''é\nx = 'é'\n'''\ny = 2\n"),
            2,
            "it becomes part of a string",
            id="not ASCII",
        ),
    ],
)
def test_an_edit_that_spills_over_is_refused(
    edit: Edit, line: int | None, what: str | None
) -> None:
    assert spill(edit) == (None if line is None else (line, what))


def spill(edit: Edit) -> tuple[int, str] | None:
    try:
        require_tokens_outside_kept(edit)
    except SpillsOver as error:
        return error.line, error.what
    return None


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(changed(DOCUMENTED, DOCUMENTED), id="nothing changed"),
        pytest.param(replaced(DOCUMENTED, "x = 1", "x = 3"), id="one line"),
        pytest.param(replaced(DOCUMENTED, "Say f.", "Don't say f."), id="an apostrophe"),
        pytest.param(
            replaced(DOCUMENTED, '"""Say f."""', '"""\n    Say f.\n    """'),
            id="a docstring gets more lines",
        ),
        pytest.param(
            changed(
                'def f():\n    """Doc.\n    """\n    return 1\n',
                'def f():\n    """\n    Doc."""\n    return 2\n',
            ),
            id="closing quotes become opening ones, with nothing lost",
        ),
        pytest.param(replaced(DOCUMENTED, '"""Say f."""', "pass"), id="a docstring goes"),
        pytest.param(replaced(TEXT, 'NOTE = """', 'NOTE = f"""'), id="a prefix"),
        pytest.param(changed(TEXT, TEXT.replace('"""', "'''")), id="other quotes"),
        pytest.param(replaced(TEXT, "Dear", "Hello"), id="a line inside a string"),
        pytest.param(replaced(TEXT, "we don't know.", "Bye."), id="an apostrophe inside a string"),
        pytest.param(
            changed("a(\n    1,\n)\n", "a(\n    [\n    1,\n    ]\n)\n"), id="brackets around lines"
        ),
        pytest.param(
            changed(CALLS, "a = 1\nz = (\nb := 2\n)\n-a\nc = 3\n"), id="brackets around statements"
        ),
        pytest.param(changed("a\n-b\nc\n", "a\n(\n-b\n)\nc\n"), id="brackets around an expression"),
        pytest.param(
            changed("x = a \\\n  + b \\\n  + c\n", "x = (a\n  + b \\\n  + c\n)\n"),
            id="brackets in a backslash's place",
        ),
        pytest.param(
            changed("x = (a\n  + b)\n", "x = (a \\\n  + b)\n"), id="a backslash inside brackets"
        ),
        pytest.param(
            changed("x = 1\ny = 2\n", "if x:\n    x = 1\n    y = 2\n"), id="lines put in a block"
        ),
        pytest.param(
            changed("def f():\n    a\n    b\n", "def f():\n    a\n\ndef g():\n    b\n"),
            id="a function cut in two",
        ),
        pytest.param(changed("a\nb\nc\n", "c\nb\na\n"), id="lines moved"),
        pytest.param(changed("x = 1", "x = 1\ny = 2\n"), id="no newline at the end"),
        pytest.param(
            changed("x = 1\r\ny = '''\r\n'''\r\n", "x = 1\ny = '''\n'''\n"), id="CRLF to LF"
        ),
        pytest.param(changed('x = """\n', 'x = 1\ny = 2\n"""a"""\n'), id="did not parse before"),
        pytest.param(changed("x = 1\ny = 2\n", '"""\nx = 1\ny = 2\n'), id="does not parse after"),
        pytest.param(changed("(\n\n", '"""\n(\n"""\n'), id="an open bracket before"),
        pytest.param(changed("  x\n y\n", '"""\n  x\n y\n"""\n'), id="bad indentation before"),
        pytest.param(changed("x = 1\n", '"""\nx = 1\n"""\n', "a.md"), id="not Python"),
        pytest.param(Edit(A, None, FileState(b'"""\n')), id="created"),
        pytest.param(Edit(A, FileState(b"x\n"), None), id="deleted"),
        pytest.param(Edit(A, FileState(b"\0"), FileState(b"x\n")), id="binary before"),
        pytest.param(changed("", DOCUMENTED), id="empty before"),
        pytest.param(changed(DOCUMENTED, ""), id="empty after"),
    ],
)
def test_an_edit_that_leaves_other_lines_as_they_were_passes(edit: Edit) -> None:
    assert spill(edit) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('x = f"{a}"\ny = 1\n', 'x = f"{a[0]}"\ny = 1\n', id="a field"),
        pytest.param(
            'x = f"""\n{a}\nb\n"""\ny = 1\n', 'x = f"""\n{a} {c}\nb\n"""\ny = 1\n', id="over lines"
        ),
        pytest.param('x = f"""\n{a}\nb\n"""\n', 'x = """\n{a}\nb\n"""\n', id="prefix taken away"),
        pytest.param(
            "x = f'\\{a}'\ny = 1\nz = 1\n",
            "x = f'\\{b}'\ny = 1 + \\\n 1\nz = 1\n",
            id="odd escapes",
        ),
        pytest.param("x = f'{{'\n'''\na\n'''\n", "x = f'}}'\n'''\na\n'''\n", id="doubled braces"),
    ],
)
def test_an_fstring_is_one_string_whatever_its_fields(before: str, after: str) -> None:
    assert spill(changed(before, after)) is None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no Python before 3.12 parses this")
def test_quotes_nested_in_a_field_do_not_count_as_the_end() -> None:
    before = 'a = 1\nd = {"#": 2}\ny = 3\n'

    assert spill(replaced(before, "a = 1", 'a = f"{d["#"]}"')) is None


def test_a_string_opened_after_an_fstring_is_seen() -> None:
    edit = changed("x = 1\ny = 2\n", 'a = f"{0}" f"""\nx = 1\n"""\ny = 2\n')

    assert spill(edit) == (1, "it becomes part of a string")


def test_the_refusal_says_where_and_what_to_do() -> None:
    with pytest.raises(SpillsOver) as caught:
        require_tokens_outside_kept(changed("x = 1\ny = 2\n", '"""\nx = 1\n"""\ny = 2\n'))

    assert str(caught.value) == (
        "a.py:1: the edit changes how line 1 is read, which it does not touch "
        "(it becomes part of a string). Nothing was written. "
        "Close what the edit opens, or edit that line too."
    )


def long_file(*, functions: int = 1_000) -> str:
    """Return 10 lines a function."""
    return "".join(
        f'def f{n}(a, b="x"):\n    """Don\'t say f{n}.\n\n    More.\n    """\n'
        f"    c = a + b  # it's\n    if c:\n        return c\n    return {{'a': {n}}}\n\n"
        for n in range(functions)
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("    return {'a': 500}", "    return {'a': '5'}", id="code"),
        pytest.param('    """Don\'t say f500.', '    """Don\'t!', id="a docstring's first line"),
    ],
)
def test_one_line_of_ten_thousand_takes_no_time(old: str, new: str) -> None:
    edit = replaced(long_file(), old, new)
    started = time.perf_counter()

    require_tokens_outside_kept(edit)

    assert time.perf_counter() - started < 0.5  # 0.02 s here; tests share a machine


def test_a_rename_all_over_a_long_file_takes_seconds_at_most() -> None:
    before = long_file()
    edit = changed(before, "import x\n" + before.replace("c", "total") + "x.y\n")
    started = time.perf_counter()

    require_tokens_outside_kept(edit)

    assert time.perf_counter() - started < 3


PIECES = (
    *("x = 1", '"""', "'''", 'y = """a', 'b"""', "# it's \\", "(", ")", "z \\", "'a\\", "b'"),
    *("    w", "if x:", 'f"{x}"', 'f"""{', "}", "\f", "\r", "\0", "\ud800", "é"),
)
texts = st.one_of(st.lists(st.sampled_from(PIECES)).map("\n".join), st.text())


@given(texts, texts)
@example("\ud800", '"""\ud800"""')
@example("x = 1 \\", "x = 1\n\\")
def test_no_two_texts_crash_it(before: str, after: str) -> None:
    encoded = (FileState(text.encode("utf-8", "surrogatepass")) for text in (before, after))

    assert spill(Edit(A, *encoded)) is None or before != after


@given(st.binary(), st.binary())
def test_no_bytes_crash_it(before: bytes, after: bytes) -> None:
    spill(Edit(A, FileState(before), FileState(after)))
