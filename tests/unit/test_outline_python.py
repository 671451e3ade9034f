from __future__ import annotations

import importlib.util
from pathlib import Path, PurePosixPath

import pytest

from toolset.edits import FileState
from toolset.outline.python import outline_python
from toolset.outline.values import FileOutline, OutlinedSymbol
from toolset.structure import structure_of
from toolset.workspace import SourceFile, source_file

A = PurePosixPath("a.py")


def file(name: str, text: str | bytes) -> SourceFile:
    data = text.encode() if isinstance(text, str) else text
    return source_file(PurePosixPath(name), FileState(data))


def python(text: str | bytes) -> FileOutline:
    return outline_python(file("a.py", text))


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("", id="empty"),
        pytest.param("def f(a, b, /, c, *d, e, **g): pass\n", id="all parameters"),
        pytest.param("def f(a, *, b): pass\n", id="bare star"),
        pytest.param("class A:\n    @p\n    async def f(self): pass\n    x = 1\n", id="method"),
        pytest.param("class A:\n    if x:\n        def f(self): pass\n", id="conditional method"),
        pytest.param("class A:\n    class B:\n        def f(self): pass\n", id="class in class"),
        pytest.param("def f():\n    def g():\n        class C: pass\n    return g\n", id="nested"),
        pytest.param("def f(): pass\n\n\ndef f(): pass\n", id="twice"),
        pytest.param("@(\n    a\n)\ndef f(): pass\n", id="decorator on a line of its own"),
        pytest.param("@a\n# @b\n@(\n    b\n)\nclass C: pass\n", id="decorators and a comment"),
        pytest.param("@a('''\n@b\n''')\ndef f(): pass\n", id="at sign in a decorator's text"),
        pytest.param("def \\\n    f(): pass\n", id="name on the next line"),
        pytest.param("async \\\n def \\\n\\\n  f(): pass\n", id="name four lines on"),
        pytest.param("class \\\r\n  A: pass\r\n", id="name on the next line, CRLF"),
        pytest.param("def f():\n    pass\n    # end\n\n\n# after\n", id="comment at the end"),
        pytest.param("def f(): return '''\n\n'''; x = 1\n", id="long text on one line"),
        pytest.param(
            "if a:\n    def f(): pass\nelif b:\n    def g(): pass\nelse:\n    def h(): pass\n",
            id="branches",
        ),
        pytest.param(
            "try:\n    def f(): pass\nexcept E:\n    def g(): pass\nelse:\n    def h(): pass\n"
            "finally:\n    def i(): pass\n",
            id="try",
        ),
        pytest.param("try:\n    x\nexcept* E:\n    def g(): pass\n", id="exception groups"),
        pytest.param(
            "for a in b:\n    def f(): pass\nelse:\n    def g(): pass\n"
            "while a:\n    def h(): pass\nelse:\n    def i(): pass\nwith a:\n    def j(): pass\n",
            id="loops",
        ),
        pytest.param(
            "match a:\n    case 1:\n        def f(): pass\n    case _:\n        class C: pass\n",
            id="match",
        ),
        pytest.param(
            "async def f():\n    async with a:\n        def g(): pass\n"
            "    async for b in c:\n        def h(): pass\n",
            id="asynchronous blocks",
        ),
        pytest.param("def é(ñ): pass\n", id="letters beyond ASCII"),
        pytest.param(b"\xef\xbb\xbfdef f():\r\n    pass", id="BOM, CRLF, no last newline"),
        pytest.param("\x0cdef f():\n    x = '\u2028'\n\x0c\nclass C: pass\n", id="form feeds"),
        pytest.param("if 1:\n\tdef f():\n\t\tif a:\n\t\t\tpass\n", id="tabs"),
    ],
)
def test_the_fast_path_says_what_the_full_reading_says(source: str | bytes) -> None:
    assert _fast(file("a.py", source)) == _full(file("a.py", source))


@pytest.mark.parametrize("module", ["click.utils", "rich.markdown", "rope.base.evaluate"])
def test_the_fast_path_says_what_the_full_reading_says_of_real_files(module: str) -> None:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin
    source = file("a.py", Path(spec.origin).read_bytes())

    assert _fast(source) == _full(source)


@pytest.mark.slow
@pytest.mark.parametrize("package", ["click", "typer"])
def test_the_fast_path_says_what_the_full_reading_says_of_whole_packages(package: str) -> None:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin
    for one in sorted(Path(spec.origin).parent.rglob("*.py")):
        source = file("a.py", one.read_bytes())

        assert (one, _fast(source)) == (one, _full(source))


Said = tuple[list[OutlinedSymbol], int, int | None]


def _fast(source: SourceFile) -> Said:
    found = outline_python(source)
    assert found.error is None
    return list(found.symbols), found.lines, found.cognitive_complexity


def _full(source: SourceFile) -> Said:
    structure = structure_of(source)
    symbols = [
        OutlinedSymbol(
            one.name,
            one.qualified_name,
            one.kind,
            one.start_line,
            one.end_line,
            one.name_line,
            one.parameters,
            one.is_async,
            one.complexity,
        )
        for one in structure.symbols
    ]
    return symbols, structure.lines, structure.complexity_score


def test_a_thousand_branches_are_no_deep_nest() -> None:
    branches = "".join(f"elif x == {i}:\n    def f{i}(): pass\n" for i in range(900))

    assert len(python(f"if x:\n    pass\n{branches}").symbols) == 900


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        pytest.param("x = 1\n\ndef f(:\n    pass\n", 3, "invalid syntax", id="in a line"),
        pytest.param("x = 1\ny = (\n\n\ndef f(): pass\n", 2, "'(' was never closed", id="open"),
        pytest.param("def f():\nreturn\n", 2, "expected an indented block", id="indentation"),
        pytest.param("x = 1\r\nx = = 1\r\n", 2, "invalid syntax", id="CRLF"),
        pytest.param("'\u2028\x0c'\nx = = 1\n", 2, "invalid syntax", id="odd line ends"),
        pytest.param("x = 1\rdef f(): pass\r", None, "CR alone", id="CR"),
        pytest.param("x = " + "(" * 300 + ")" * 300, 1, "too many nested", id="depth"),
        pytest.param("x = " + "-" * 9_000 + "1", None, "nested too deeply", id="more depth"),
    ],
)
def test_a_file_that_does_not_parse_tells_its_true_line(
    source: str, line: int | None, message: str
) -> None:
    found = python(source)

    assert found.error is not None
    assert (found.error.line, found.symbols) == (line, ())
    assert message in found.error.message


def test_the_innermost_symbol_encloses() -> None:
    found = python("class A:\n    def f(self):\n        def g():\n            pass\n    x = 1\n")
    around = [found.enclosing(line) for line in range(1, 7)]

    assert [one and one.qualified_name for one in around] == [
        "A",
        "A.f",
        "A.f.g",
        "A.f.g",
        "A",
        None,
    ]
