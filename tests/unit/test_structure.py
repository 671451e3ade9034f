from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest

from toolset.edits import FileState
from toolset.errors import DoesNotParse
from toolset.structure import Assignment, Import, ScopeInfo, Structure, Symbol, structure_of
from toolset.workspace import source_file

A = PurePosixPath("a.py")


def read(source: str | bytes) -> Structure:
    data = source.encode() if isinstance(source, str) else source
    return structure_of(source_file(A, FileState(data)))


def one(source: str | bytes, name: str) -> Symbol:
    (found,) = (symbol for symbol in read(source).symbols if symbol.qualified_name == name)
    return found


@pytest.mark.parametrize(
    ("source", "name", "lines"),
    [
        pytest.param("def f():\n    pass\n", "f", (1, 2, 1), id="function"),
        pytest.param("x = 1\n\n\ndef f(): pass\n\n\n", "f", (4, 4, 4), id="blank lines around"),
        pytest.param("@a\n@b(\n    1\n)\ndef f():\n    pass\n", "f", (1, 6, 5), id="decorators"),
        pytest.param("# note\n@a\n# note\ndef f(): pass\n", "f", (2, 4, 4), id="comments"),
        pytest.param("@a\nclass C:\n    x = 1\n", "C", (1, 3, 2), id="decorated class"),
        pytest.param("async def f():\n    pass\n", "f", (1, 2, 1), id="async"),
        pytest.param(
            "class C:\n    @p\n    def f(self):\n        return 1\n\n    y = 1\n",
            "C.f",
            (2, 4, 3),
            id="method",
        ),
        pytest.param(
            "def f():\n    def g():\n        pass\n    return g\n", "f.g", (2, 3, 2), id="nested"
        ),
        pytest.param("def f(\n    a,\n):\n    return '''\n'''\n", "f", (1, 5, 1), id="long text"),
        pytest.param("def f():\r\n    pass\r\n", "f", (1, 2, 1), id="CRLF"),
        pytest.param(b"\xef\xbb\xbfdef f():\n    pass", "f", (1, 2, 1), id="BOM, no last newline"),
        pytest.param("x = '\u2028\x0c'\n\x0c\ndef f(): pass\n", "f", (3, 3, 3), id="form feeds"),
        pytest.param("if 1:\n\tdef f():\n\t\tpass\n", "f", (2, 3, 2), id="tabs"),
    ],
)
def test_a_symbol_s_lines(source: str | bytes, name: str, lines: tuple[int, int, int]) -> None:
    symbol = one(source, name)

    assert (symbol.start_line, symbol.end_line, symbol.name_line) == lines


def test_a_function_says_all_about_itself() -> None:
    source = (
        "class C:\n    @cache\n    async def f(self, p, /, q, *args, k=1, **kw):\n"
        '        """Docs."""\n        return 1 if q else 2\n'
    )

    assert one(source, "C.f") == Symbol(
        name="f",
        qualified_name="C.f",
        kind="method",
        start_line=2,
        end_line=5,
        name_line=3,
        decorators=("cache",),
        parameters=("self", "p", "q", "*args", "k", "**kw"),
        bases=(),
        docstring="Docs.",
        is_async=True,
        complexity=1,
    )


def test_a_class_names_its_bases_but_not_its_metaclass() -> None:
    assert one("class C(A, b.B[int], metaclass=M): pass\n", "C").bases == ("A", "b.B[int]")


def test_a_function_in_a_method_is_no_method() -> None:
    source = "class C:\n    def f(self):\n        def g(): pass\n"

    assert [(s.qualified_name, s.kind) for s in read(source).symbols] == [
        ("C", "class"),
        ("C.f", "method"),
        ("C.f.g", "function"),
    ]


def test_imports() -> None:
    source = (
        "import os.path, sys as s\nfrom . import x\nfrom ..a import (\n    b,\n    c as d,\n)\n"
    )

    assert read(source + "from z import *\n").imports == (
        Import("os.path", None, None, 1),
        Import("sys", None, "s", 1),
        Import(".", "x", None, 2),
        Import("..a", "b", None, 4),
        Import("..a", "c", "d", 5),
        Import("z", "*", None, 7),
    )


def test_assignments_in_bodies_of_modules_and_classes_only() -> None:
    source = "N: int = 3\na = b = 1\nclass C:\n    x = 1\n    def f(self): y = 2\n"

    assert read(source).assignments == (
        Assignment("N", "int", 1),
        Assignment("a", None, 2),
        Assignment("b", None, 2),
        Assignment("C.x", None, 4),
    )


def test_scopes() -> None:
    source = (
        "import os\nclass C:\n    def f(self, a):\n        return [i for i in a]\ng = lambda v: v\n"
    )

    assert read(source).scopes == (
        ScopeInfo("module", "", ("C", "g", "os")),
        ScopeInfo("function", "<lambda>", ("v",)),
        ScopeInfo("class", "C", ("f",)),
        ScopeInfo("function", "C.f", ("a", "self")),
        ScopeInfo("comprehension", "C.f.<comprehension>", ("i",)),
    )


@pytest.mark.parametrize(
    ("source", "count"),
    [
        pytest.param("", 0, id="empty"),
        pytest.param("x = 1", 1, id="no final newline"),
        pytest.param("x = 1\n\n", 2, id="blank line at the end"),
        pytest.param("x = '\u2028\x0c\x1c'\r\ny = 1\r\n", 2, id="only LF ends a line"),
    ],
)
def test_lines(source: str, count: int) -> None:
    assert read(source).lines == count


def test_complexity_counts_branches_and_their_depth() -> None:
    source = "def f(x):\n    if x:\n        for i in x:\n            if i: pass\n"

    assert (one(source, "f").complexity, read(source).complexity_score) == (6, 6)


def test_the_dictionary_is_ready_for_json() -> None:
    content = json.loads(json.dumps(read("class C:\n    def f(self): pass\n").to_dict()))

    assert (content["path"], content["classes"], content["functions"]) == ("a.py", ["C"], ["C.f"])


def test_new_text_is_read_anew() -> None:
    before = read("x = 1\n")

    assert read("y = 1\n") != before
    assert read("x = 1\n") is before


@pytest.mark.parametrize(
    ("source", "line"),
    [
        pytest.param("x = 1\ndef f(:\n    pass\n", 2, id="syntax"),
        pytest.param("def f():\npass\n", 2, id="indentation"),
        pytest.param("\x0c\nx = '\u2028'\ny = (\n", 3, id="after form feeds"),
        pytest.param("x = 1\r\n\r\ny = = 2\r\n", 3, id="CRLF"),
    ],
)
def test_a_syntax_error_is_told_at_its_line(source: str, line: int) -> None:
    with pytest.raises(DoesNotParse) as refusal:
        read(source)

    assert refusal.value.line == line


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = 1\ry = 2\r", id="CR only"),
        pytest.param("x = 1\r\ny = 2\rz = 3\n", id="a CR among others"),
        pytest.param("x = " + " + ".join(["1"] * 3_000) + "\n", id="3,000 terms"),
    ],
)
def test_what_cannot_be_read_faithfully_is_refused(source: str) -> None:
    with pytest.raises(DoesNotParse):
        read(source)
