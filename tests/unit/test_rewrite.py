from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath
from textwrap import dedent, indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import after, write_files
from toolset.draft import Draft
from toolset.errors import DoesNotParse, FileMissing, OutsideWorkspace, RefactoringRefused
from toolset.imports import add_import, remove_import
from toolset.rewrite import (
    Address,
    delete,
    edit_module,
    edit_symbol,
    insert_after,
    insert_before,
    replace_body,
    replace_symbol,
    wrap_in_decorator,
)
from toolset.workspace import Workspace

QUOTES = "a = 'x', 'y'\n"  # a file of single quotes


@pytest.mark.parametrize(
    ("source", "name", "body", "expected"),
    [
        pytest.param(
            "def f():\n    return 1\n", "f", "return 2", "def f():\n    return 2\n", id="function"
        ),
        pytest.param(
            "def f():\n    return 1\n",
            "f",
            "\n\n        x = 1\n        return x\n\n",
            "def f():\n    x = 1\n    return x\n",
            id="a body may come indented, with blank lines around",
        ),
        pytest.param(
            "# above\n@a  # why\ndef f(\n    x,\n):  # header\n"
            "    # inner\n    pass\n    # tail\n# below\n",
            "f",
            "return x",
            "# above\n@a  # why\ndef f(\n    x,\n):  # header\n    return x\n# below\n",
            id="comments outside stay, those inside go",
        ),
        pytest.param(
            'def f():\n    """Doc."""\n    return 1\n',
            "f",
            "return 2",
            "def f():\n    return 2\n",
            id="the docstring is part of the body",
        ),
        pytest.param(
            "class A:\n  async def f(self):\n    pass\n\n  y = 1\n",
            "A.f",
            "if x:\n    await x(\n        1,\n    )\n",
            "class A:\n  async def f(self):\n"
            "    if x:\n      await x(\n        1,\n      )\n\n  y = 1\n",
            id="async, two spaces",
        ),
        pytest.param(
            "def f():\n\tpass\n",
            "f",
            "for a in b:\n  if a:\n    return a\n",
            "def f():\n\tfor a in b:\n\t\tif a:\n\t\t\treturn a\n",
            id="tabs",
        ),
        pytest.param(
            "x = 1\r\ndef f():\r\n    pass\r\ny = 2\n",
            "f",
            'a = """\nb\n"""\nreturn a',
            'x = 1\r\ndef f():\r\n    a = """\r\nb\r\n"""\r\n    return a\r\ny = 2\n',
            id="mixed line endings: the neighbour's",
        ),
        pytest.param(
            "x = 1\ndef f(): return 1",
            "f",
            "return 2",
            "x = 1\ndef f():\n    return 2",
            id="no end",
        ),
        pytest.param(
            "def f(): return 1;  # why\n",
            "f",
            "return 2",
            "def f():  # why\n    return 2\n",
            id="a one-line body moves below, its comment stays",
        ),
        pytest.param(
            "class A: x = 1; y = 2\nz = 3\n",
            "A",
            "x = 2",
            "class A:\n    x = 2\nz = 3\n",
            id="one-line class",
        ),
        pytest.param(
            "def f(): \\\n  return 1\n", "f", "pass", "def f():\n    pass\n", id="one line, folded"
        ),
        pytest.param(
            "def f(a='''\n# '''):\n    pass \\\n\nx = 1\n",
            "f",
            "return 1",
            "def f(a='''\n# '''):\n    return 1\nx = 1\n",
            id="what looks like a comment, and a folded end",
        ),
        pytest.param(
            "if x:\n    def f():\n        def g():\n            pass\n        return g\n"
            "else:\n    pass\n",
            "f.g",
            "return 1",
            "if x:\n    def f():\n        def g():\n            return 1\n        return g\n"
            "else:\n    pass\n",
            id="nested in a function in a branch",
        ),
        pytest.param(
            "def f():\n    pass\n",
            "f",
            "x = '''\n  a\n b'''\nreturn x\n",
            "def f():\n    x = '''\n  a\n b'''\n    return x\n",
            id="strings of several lines are kept exactly",
        ),
        pytest.param(
            "class A:\n  def f():\n    pass\n",
            "A.f",
            '"""Doc.\n\n    More.\n"""',
            'class A:\n  def f():\n    """Doc.\n\n        More.\n    """\n',
            id="a docstring moves with its block",
        ),
        pytest.param(
            "def f():\n    pass\n",
            "f",
            "x = 1 + \\\n    2\n# why\nreturn x  # end\n# tail\n",
            "def f():\n    x = 1 + \\\n        2\n    # why\n    return x  # end\n    # tail\n",
            id="folded lines and comments in the new body",
        ),
        pytest.param(
            QUOTES + "def f():\n    pass\n",
            "f",
            '"""Doc."""\nreturn "a", "it\'s", b"b", f"{c[\'d\']}", "\\n", """t"""',
            QUOTES + 'def f():\n    """Doc."""\n'
            '    return \'a\', "it\'s", b\'b\', f"{c[\'d\']}", "\\n", """t"""\n',
            id="the file's quotes, where nothing changes by them",
        ),
        pytest.param(
            "a = 'x', \"y\"\ndef f():\n    pass\n",
            "f",
            "return 'a', \"b\"",
            "a = 'x', \"y\"\ndef f():\n    return 'a', \"b\"\n",
            id="no quote style, none imposed",
        ),
        pytest.param(
            "x = 'é\u2028'\n\x0c\ndef f():\n    pass\ny = '😀'",
            "f",
            "return 'ß'",
            "x = 'é\u2028'\n\x0c\ndef f():\n    return 'ß'\ny = '😀'",
            id="form feeds and other letters",
        ),
    ],
)
def test_replace_body(source: str, name: str, body: str, expected: str) -> None:
    assert replace_body(source, name, body) == expected


@pytest.mark.parametrize(
    ("source", "name", "code", "expected"),
    [
        pytest.param(
            "# above\n@a\ndef f(): pass\n    # tail\n\n# below\n",
            "f",
            "@b\ndef f(x):\n  return x",
            "# above\n@b\ndef f(x):\n    return x\n\n# below\n",
            id="with its decorators",
        ),
        pytest.param(
            "class A:\n\t@a\n\tdef f(self): pass\n\n\tx = 1",
            "A.f",
            "    # new\n    def f(self):\n        return 1",
            "class A:\n\t# new\n\tdef f(self):\n\t\treturn 1\n\n\tx = 1",
            id="method, tabs",
        ),
        pytest.param(
            "class A:\n    class B:\n        pass\n",
            "A.B",
            "B = C\n",
            "class A:\n    B = C\n",
            id="by an assignment",
        ),
        pytest.param(
            "def f():\r\n    pass",
            "f",
            "def f():\n    return 1\n",
            "def f():\r\n    return 1",
            id="CRLF, no final newline",
        ),
    ],
)
def test_replace_symbol(source: str, name: str, code: str, expected: str) -> None:
    assert replace_symbol(source, name, code) == expected


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        pytest.param("def f(): pass\n", "f", "N = 1\n\n\ndef f(): pass\n", id="first of the file"),
        pytest.param(
            "x = 1\n\n\n# about f\n# more\n@a\ndef f(): pass\n",
            "f",
            "x = 1\n\n\nN = 1\n\n\n# about f\n# more\n@a\ndef f(): pass\n",
            id="above attached comments and decorators",
        ),
        pytest.param(
            "#!/bin/python\n# -*- coding: utf-8 -*-\ndef f(): pass\n",
            "f",
            "#!/bin/python\n# -*- coding: utf-8 -*-\nN = 1\n\n\ndef f(): pass\n",
            id="below the file's first lines",
        ),
        pytest.param(
            "class A:\r\n  def f(self): pass\r\n",
            "A.f",
            "class A:\r\n  N = 1\r\n\r\n  def f(self): pass\r\n",
            id="one blank line in a class, CRLF",
        ),
        pytest.param(
            "def e(): pass\n\ndef f(): pass\n\ndef g(): pass\n",
            "f",
            "def e(): pass\n\nN = 1\n\ndef f(): pass\n\ndef g(): pass\n",
            id="the file's own blank lines",
        ),
    ],
)
def test_insert_before(source: str, name: str, expected: str) -> None:
    assert insert_before(source, name, "N = 1\n") == expected


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        pytest.param("def f(): pass", "f", "def f(): pass\n\n\nN = 1", id="no final newline"),
        pytest.param(
            "def f(): pass  # why\n    # tail\n# below\n",
            "f",
            "def f(): pass  # why\n    # tail\n\n\nN = 1\n# below\n",
            id="below the comments inside",
        ),
        pytest.param(
            "class A:\n    def f(self): pass\n\n\nx = 1\n",
            "A.f",
            "class A:\n    def f(self): pass\n\n    N = 1\n\n\nx = 1\n",
            id="last in its class",
        ),
        pytest.param(
            "class A:\n    def f(self): ...\n    def g(self): ...\n    def h(self): ...\n",
            "A.f",
            "class A:\n    def f(self): ...\n    N = 1\n    def g(self): ...\n"
            "    def h(self): ...\n",
            id="no blank lines where there are none",
        ),
        pytest.param(
            "def f():\n    def g(): pass\n    return g\n",
            "f.g",
            "def f():\n    def g(): pass\n\n    N = 1\n    return g\n",
            id="nested function",
        ),
    ],
)
def test_insert_after(source: str, name: str, expected: str) -> None:
    assert insert_after(source, name, "N = 1\n") == expected


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        pytest.param(
            "x = 1\n\n\n@a\ndef f():\n    pass\n\n\ny = 2\n",
            "f",
            "x = 1\n\n\ny = 2\n",
            id="one gap stays",
        ),
        pytest.param(
            "x = 1\n\n\n# about f\ndef f(): pass\n    # inner\n\n\ny = 2\n",
            "f",
            "x = 1\n\n\n# about f\n\n\ny = 2\n",
            id="comments above stay",
        ),
        pytest.param(
            "class A:\n    def f(self): pass\n\n    def g(self): pass\n",
            "A.f",
            "class A:\n    def g(self): pass\n",
            id="first in its class",
        ),
        pytest.param(
            "class A:\n    x = 1\n\n    def f(self): pass\n\n\ny = 2\n",
            "A.f",
            "class A:\n    x = 1\n\n\ny = 2\n",
            id="last in its class: the larger gap stays",
        ),
        pytest.param(
            "x = 1\r\n\r\n\r\ndef f(): pass", "f", "x = 1\r\n", id="last, no final newline"
        ),
        pytest.param("def f(): pass\n\n\nx = 1\n", "f", "x = 1\n", id="first of the file"),
        pytest.param("def f(): pass\n", "f", "", id="the only one"),
        pytest.param(
            "class A:\n    # about\n    @a\n    def f(self):\n        pass\n\nx = 1\n",
            "A.f",
            "class A:\n    # about\n    pass\n\nx = 1\n",
            id="an empty class gets pass",
        ),
        pytest.param(
            "if x:\n\tdef f(): pass\nelse:\n\ty = 1\n",
            "f",
            "if x:\n\tpass\nelse:\n\ty = 1\n",
            id="so does an empty branch",
        ),
    ],
)
def test_delete(source: str, name: str, expected: str) -> None:
    assert delete(source, name) == expected


@pytest.mark.parametrize(
    ("source", "name", "decorator", "innermost", "expected"),
    [
        pytest.param("def f(): pass", "f", "a", False, "@a\ndef f(): pass", id="the first one"),
        pytest.param(
            "class A:\r\n  # why\r\n  @b\r\n  async def f(self): pass\r\n",
            "A.f",
            "@a(1)",
            False,
            "class A:\r\n  # why\r\n  @a(1)\r\n  @b\r\n  async def f(self): pass\r\n",
            id="outermost, async, CRLF",
        ),
        pytest.param(
            "@b\n# why\nclass A: pass\n",
            "A",
            "a",
            True,
            "@b\n# why\n@a\nclass A: pass\n",
            id="innermost",
        ),
        pytest.param(
            QUOTES + "def f(): pass\n",
            "f",
            'a("b")',
            False,
            QUOTES + "@a('b')\ndef f(): pass\n",
            id="quotes",
        ),
    ],
)
def test_wrap_in_decorator(
    source: str,
    name: str,
    decorator: str,
    innermost: bool,
    expected: str,
) -> None:
    assert wrap_in_decorator(source, name, decorator, innermost=innermost) == expected


PROPERTY = (
    "class A:\n    @property\n    def p(self): ...\n    @p.setter\n    def p(self, v): ...\n"
    "    def q(self): ...\n"
)


@pytest.mark.parametrize(
    ("source", "name", "candidates"),
    [
        pytest.param(PROPERTY, "A.p", ("line 3: A.p", "line 5: A.p"), id="property with a setter"),
        pytest.param(
            "if x:\n    def f(): pass\nelse:\n    def f(): pass\n",
            "f",
            ("line 2: f", "line 4: f"),
            id="one in each branch",
        ),
        pytest.param(PROPERTY, "q", ("line 6: A.q",), id="name without its class"),
        pytest.param("def paint(): ...\nx = 1\n", "piant", ("line 1: paint",), id="misspelt"),
        pytest.param("x = 1\n", "x", (), id="not a function or class"),
        pytest.param("def f(:\n", "f", (), id="source does not parse"),
        pytest.param("def f(): pass\rx = 1\r", "f", (), id="CR alone"),
        pytest.param("x = 1\n\x0cdef f(): pass\n", "f", (), id="a form feed libcst would lose"),
        pytest.param("def f(): pass\nx = '\0'\n", "f", (), id="binary"),
        pytest.param("def f(): pass\nx = " + "(" * 500 + ")" * 500, "f", (), id="too deep"),
        pytest.param("def f(): pass\nx = " + "+".join("1" * 5000), "f", (), id="deep for libcst"),
    ],
)
def test_what_is_no_single_symbol_is_refused(
    source: str, name: str, candidates: tuple[str, ...]
) -> None:
    with pytest.raises(RefactoringRefused) as refusal:
        replace_body(source, name, "pass")

    assert refusal.value.candidates == candidates


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        pytest.param(partial(replace_body, body="x = ("), "(line 1)", id="syntax"),
        pytest.param(
            partial(replace_body, body="    x = 1\n    y = )"), "(line 2)", id="true line"
        ),
        pytest.param(partial(replace_body, body="x\n  y"), "unexpected indent", id="uneven"),
        pytest.param(partial(replace_body, body="  x\ny"), "indented evenly", id="dedented"),
        pytest.param(partial(replace_body, body="  x\nelse:\n  y"), "indented evenly", id="else"),
        pytest.param(partial(replace_body, body="# nothing\n"), "no statement", id="no statement"),
        pytest.param(partial(replace_body, body="x\ry"), "CR alone", id="CR alone"),
        pytest.param(partial(replace_symbol, code="return 1"), "does not define f", id="a body"),
        pytest.param(partial(replace_symbol, code="def g(): ..."), "define f", id="another name"),
        pytest.param(partial(wrap_in_decorator, decorator="a\n@b"), "not one", id="two decorators"),
        pytest.param(partial(wrap_in_decorator, decorator="a b"), "parse", id="no decorator"),
        pytest.param(
            partial(insert_after, code="from __future__ import x\n)"), "unmatched", id="a bracket"
        ),
    ],
)
def test_new_code_is_refused(edit: Callable[[str, str], str], says: str) -> None:
    with pytest.raises(RefactoringRefused) as refusal:
        edit("def f():\n    pass\n", "f")

    assert says in str(refusal.value)


@pytest.mark.parametrize(
    ("source", "statement", "expected"),
    [
        pytest.param(
            "import os\n\nx = 1\n", "import os", "import os\n\nx = 1\n", id="already there"
        ),
        pytest.param(
            "try:\n    import a\nexcept ImportError:\n    a = None\n",
            "import a",
            "try:\n    import a\nexcept ImportError:\n    a = None\n",
            id="already tried",
        ),
        pytest.param("", "import os", "import os\n", id="empty file"),
        pytest.param("# only\n", "import os", "# only\nimport os\n", id="comments only"),
        pytest.param(
            "#!/bin/python\n# -*- coding: utf-8 -*-\ndef f(): pass\n",
            "import os",
            "#!/bin/python\n# -*- coding: utf-8 -*-\nimport os\n\n\ndef f(): pass\n",
            id="below shebang and coding cookie",
        ),
        pytest.param(
            '"""Doc."""\n\nx = 1\n',
            "import os",
            '"""Doc."""\n\nimport os\n\nx = 1\n',
            id="docstring",
        ),
        pytest.param(
            '"""Doc."""\r\nx = 1\r\n',
            "import os",
            '"""Doc."""\r\n\r\nimport os\r\n\r\nx = 1\r\n',
            id="docstring without a gap, CRLF",
        ),
        pytest.param(
            "from __future__ import annotations\n\nx = 1\n",
            "from a.b import c as d",
            "from __future__ import annotations\n\nfrom a.b import c as d\n\nx = 1\n",
            id="below __future__",
        ),
        pytest.param(
            '"""Doc."""\n\nimport os\n',
            "from __future__ import annotations",
            '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\n',
            id="__future__ goes first",
        ),
        pytest.param(
            "import os  # why\n\nimport b\n\nfrom . import c\n",
            "import json",
            "import os  # why\nimport json\n\nimport b\n\nfrom . import c\n",
            id="at the end of its section",
        ),
        pytest.param("import os", "import sys", "import os\nimport sys", id="no final newline"),
        pytest.param(
            "from a import b, d\n", "from a import c", "from a import b, c, d\n", id="in order"
        ),
        pytest.param(
            "from a import d, b\n", "from a import c", "from a import d, b, c\n", id="no order"
        ),
        pytest.param(
            "from a import (\n    b,\n    c,  # why\n)\n",
            "from a import d as e",
            "from a import (\n    b,\n    c,  # why\n    d as e,\n)\n",
            id="list of lines, last",
        ),
        pytest.param(
            "from .a import (\r\n\tb,\r\n\td\r\n)\r\n",
            "from .a import c",
            "from .a import (\r\n\tb,\r\n\tc,\r\n\td\r\n)\r\n",
            id="list of lines, in order, relative, CRLF",
        ),
        pytest.param(
            "from a import (\n    b  # why\n)\n",
            "from a import c",
            "from a import (\n    b,  # why\n    c\n)\n",
            id="list of lines without a last comma",
        ),
        pytest.param(
            "from a import (\n    b)\n",
            "from a import c",
            "from a import (\n    b,\n    c)\n",
            id="closing",
        ),
        pytest.param(
            "from a import \\\n    b\n",
            "from a import c",
            "from a import \\\n    b, c\n",
            id="folded",
        ),
        pytest.param(
            f"from a import {'b' * 70}\n",
            "from a import ccccc",
            f"from a import {'b' * 70}\nfrom a import ccccc\n",
            id="long lines are not made longer",
        ),
        pytest.param("import a.b\n", "import a.c", "import a.b\nimport a.c\n", id="same package"),
        pytest.param(
            "import os\n", "import sys, re", "import os\nimport sys\nimport re\n", id="two"
        ),
    ],
)
def test_add_import(source: str, statement: str, expected: str) -> None:
    assert add_import(source, statement) == expected


@pytest.mark.parametrize(
    ("source", "statement", "expected"),
    [
        pytest.param(
            "import os\nimport sys\n", "import os", "import sys\n", id="a whole statement"
        ),
        pytest.param(
            "# why\nimport os  # here\n\n\nx = 1\n",
            "import os",
            "# why\n\n\nx = 1\n",
            id="comments above stay",
        ),
        pytest.param("import a, b as c\n", "import b as c", "import a\n", id="last of a line"),
        pytest.param(
            "from a import b, c\n", "from a import b", "from a import c\n", id="first of a line"
        ),
        pytest.param(
            "from a import (\n    b,  # why\n    # about c\n    c,\n)\n",
            "from a import b",
            "from a import (\n    # about c\n    c,\n)\n",
            id="its line in a list",
        ),
        pytest.param(
            "from a import (\r\n    b,\r\n    c\r\n)\r\n",
            "from a import c",
            "from a import (\r\n    b,\r\n)\r\n",
            id="last line of a list",
        ),
        pytest.param(
            "from a import (b,\n    c)\n", "from a import c", "from a import (b)\n", id="packed"
        ),
        pytest.param(
            "from a import b, \\\n    c\n", "from a import c", "from a import b\n", id="folded"
        ),
        pytest.param(
            "if T:\n    from a import b\nx = 1\n",
            "from a import b",
            "if T:\n    pass\nx = 1\n",
            id="in a block",
        ),
        pytest.param(
            "import os\ndef f(os): return os\n",
            "import os",
            "def f(os): return os\n",
            id="shadowed",
        ),
        pytest.param(
            "import a.b\nimport a.c\na.c.x()\n", "import a.b", "import a.c\na.c.x()\n", id="dotted"
        ),
    ],
)
def test_remove_import(source: str, statement: str, expected: str) -> None:
    assert remove_import(source, statement) == expected


@pytest.mark.parametrize(
    ("edit", "source", "statement"),
    [
        pytest.param(remove_import, "import os\nos.x\n", "import os", id="used"),
        pytest.param(
            remove_import, "import a.b\na.c\n", "import a.b", id="used through its package"
        ),
        pytest.param(
            remove_import, "from a import B\nx: 'B'\n", "from a import B", id="in a string"
        ),
        pytest.param(
            remove_import, "from a import B\n__all__ = ['B']\n", "from a import B", id="exported"
        ),
        pytest.param(remove_import, "import os; import re\n", "import os", id="shares its line"),
        pytest.param(
            remove_import, "from a import b as c\n", "from a import b", id="another alias"
        ),
        pytest.param(
            remove_import,
            "def f():\n    import a\ndef g():\n    import a\n",
            "import a",
            id="twice",
        ),
        pytest.param(add_import, "from a import b\n", "from c import b", id="bound by an import"),
        pytest.param(add_import, "def b(): pass\n", "from c import b", id="bound by a function"),
        pytest.param(add_import, "x = 1\n", "from a import *", id="star"),
        pytest.param(add_import, "x = 1\n", "import a\nimport b", id="two statements"),
        pytest.param(add_import, "x = 1\n", "y = 2", id="no import"),
    ],
)
def test_an_import_is_refused(edit: Callable[[str, str], str], source: str, statement: str) -> None:
    with pytest.raises(RefactoringRefused):
        edit(source, statement)


@pytest.mark.parametrize("text", ["a.py", "a.py::", "::f", "a.py::f()", "a.py::A::f", "a.py::A."])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(RefactoringRefused):
        Address.parse(text)


@pytest.fixture
def draft(workspace: Workspace) -> Draft:
    write_files(
        workspace.root,
        {
            "p/a.py": b"\xef\xbb\xbfclass A:\r\n    def m(self):\r\n        return 1\r\n",
            "broken.py": "def f(:\n",
        },
    )
    return Draft(workspace)


def test_a_symbol_is_edited_in_a_draft(draft: Draft) -> None:
    path = edit_symbol(draft, "p/a.py::A.m", partial(replace_body, body="return 2"))
    edit_module(draft, "p/a.py", partial(add_import, statement="import os"))

    assert path == PurePosixPath("p/a.py")
    assert after(draft.workspace, draft.changes()) == {
        "p/a.py": b"\xef\xbb\xbfimport os\r\n\r\n\r\n"
        b"class A:\r\n    def m(self):\r\n        return 2\r\n"
    }


@pytest.mark.parametrize(
    ("address", "error"),
    [
        pytest.param("broken.py::f", DoesNotParse, id="does not parse"),
        pytest.param("p/b.py::f", FileMissing, id="no such file"),
        pytest.param("../b.py::f", OutsideWorkspace, id="outside"),
        pytest.param("p/a.py::A.n", RefactoringRefused, id="no such symbol"),
    ],
)
def test_a_refused_edit_stages_nothing(draft: Draft, address: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        edit_symbol(draft, address, delete)

    assert not draft.changes()


UNITS = st.sampled_from(["  ", "    ", "\t"])
DEFINITIONS = st.sampled_from(
    [
        "def NAME(): pass",
        "def NAME(): return 'a'; x = 1  # c",
        (
            "@d\n@e(\n    1\n)\nasync def NAME(a, *, b='#'):  # c\n"
            ">'''doc\n  x\n'''\n># in\n>return a\n># end"
        ),
        "class NAME: y = 'é'",
        (
            "class NAME(B):\n>x = 1\n\n>def m(self):\n>>return (\n1)\n\n"
            ">async def n(self):\n>>pass\n>># o"
        ),
        "def NAME():\n>def g():\n>>return '''\n'''\n>return g",
    ]
)
BETWEEN = st.sampled_from(
    ["", "\n", "\n\n", "# note\n", "x = '''\n# '''\n", "\n# note\n\n", "\x0c\n"]
)
BODIES = st.sampled_from(
    ["pass", "x = 1\nif x:\n  return 's'", "  '''d\n  e'''\n  y = [\n    1,\n  ]\n"]
)


@st.composite
def modules(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Return small definitions named f0, f1, ..., and what stands before, between and after."""
    unit, newline = draw(UNITS), draw(st.sampled_from(["\n", "\r\n"]))
    parts = draw(st.lists(DEFINITIONS, min_size=1, max_size=4))
    gaps = draw(st.lists(BETWEEN, min_size=len(parts) + 1, max_size=len(parts) + 1))
    wrapped = draw(st.booleans())
    texts = [part.replace("NAME", f"f{i}").replace(">", unit) for i, part in enumerate(parts)]
    if wrapped:
        texts = [f"if {i}:\n{unit}z = 1\n{unit}def f{i}(): pass" for i, _ in enumerate(parts)]
    gaps = [gaps[0], *("\n" + gap for gap in gaps[1:])]
    if draw(st.booleans()):
        gaps[-1] = ""
    return (
        [text.replace("\n", newline) for text in texts],
        [gap.replace("\n", newline) for gap in gaps],
    )


@given(modules(), st.data(), BODIES)
def test_bytes_outside_the_symbol_stay(
    module: tuple[list[str], list[str]], data: st.DataObject, body: str
) -> None:
    texts, gaps = module
    chosen = data.draw(st.integers(0, len(texts) - 1))
    before = "".join(a + b for a, b in zip(gaps, texts[:chosen], strict=False)) + gaps[chosen]
    rest = zip(gaps[chosen + 1 :], [*texts[chosen + 1 :], ""], strict=True)
    behind = "".join(a + b for a, b in rest)
    source, name = before + texts[chosen] + behind, f"f{chosen}"

    edited = [
        replace_body(source, name, body),
        replace_symbol(source, name, f"def {name}():\n{indent(dedent(body), '  ')}"),
        insert_after(source, name, "def new(): pass"),
        wrap_in_decorator(source, name, "new"),
    ]

    for result in edited:
        assert result.startswith(before)
        assert result.endswith(behind)
        assert len(result) >= len(before) + len(behind)
        ast.parse(result)


@given(modules(), st.data())
def test_delete_takes_only_the_symbol_and_blank_lines(
    module: tuple[list[str], list[str]], data: st.DataObject
) -> None:
    texts, gaps = module
    chosen = data.draw(st.integers(0, len(texts) - 1))
    source = "".join(a + b for a, b in zip(gaps, [*texts, ""], strict=True))

    result = delete(source, f"f{chosen}")

    ast.parse(result)
    if "z = 1" not in texts[chosen]:
        kept = "".join(
            gap + (text if i != chosen else "")
            for i, (gap, text) in enumerate(zip(gaps, [*texts, ""], strict=True))
        )
        assert [line for line in result.splitlines() if line.strip()] == [
            line for line in kept.splitlines() if line.strip()
        ]
