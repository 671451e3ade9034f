"""Definitions that move to another module."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import make_workspace
from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.draft import Draft
from toolset.refactor.catalogue import plan
from toolset.refactor.requests import MoveSymbol

# A new file has neither mark nor old ending: a case with one is tried in these spellings.
NEW: tuple[Spelling, ...] = ("as written", "crlf", "tabs")
F = "def f():\n    return 1\n"


@spelt(
    Case(
        "a bare new name is that of a neighbour",
        {"src/p/__init__.py": "", "src/p/a.py": "def f():\n    pass\n\n\ndef g():\n    pass\n"},
        MoveSymbol("f", "new.py"),
        {
            "src/p/a.py": "def g():\n    pass\n",
            "src/p/new.py": "def f():\n    pass\n",
        },
        spellings=("as written",),
    ),
    Case(
        "a function to a new module, and its import elsewhere",
        {
            "a.py": f"x = 1\n\n\n{F}\n\ndef g():\n    return x\n",
            "c.py": "from a import f\n\nprint(f())\n",
        },
        MoveSymbol("a.py::f", "b.py"),
        {
            "a.py": "x = 1\n\n\ndef g():\n    return x\n",
            "b.py": F,
            "c.py": "from b import f\n\nprint(f())\n",
        },
        level="proven",
        spellings=NEW,
    ),
    Case(
        "to the end of a module that is there",
        {"a.py": f"{F}\n\nclass G:\n    pass\n", "b.py": "def h():\n    return 2\n"},
        MoveSymbol("f", "b.py"),
        {
            "a.py": "class G:\n    pass\n",
            "b.py": "def h():\n    return 2\n\n\ndef f():\n    return 1\n",
        },
        level="proven",
    ),
    Case(
        "comments, decorators, and imports that go along",
        {
            "a.py": (
                "import functools\nimport os\nimport re  # for g\n\n\n"
                "# How f works.\n@functools.cache\nasync def f(p):  # first\n"
                "    return os.fspath(p)\n    # the end\n\n\n"
                "# How g works.\ndef g():\n    return re\n"
            ),
            "b.py": '"""B."""\n\nimport sys\n\n\ndef h():\n    return sys\n',
        },
        MoveSymbol("f", "b.py"),
        {
            "a.py": "import re  # for g\n\n\n# How g works.\ndef g():\n    return re\n",
            "b.py": (
                '"""B."""\n\nimport sys\nimport functools\nimport os\n\n\n'
                "def h():\n    return sys\n\n\n"
                "# How f works.\n@functools.cache\nasync def f(p):  # first\n"
                "    return os.fspath(p)\n    # the end\n"
            ),
        },
    ),
    Case(
        "the module that it leaves still uses it",
        {"a.py": f"{F}\n\ndef g():\n    return [f() for _ in 'x']\n", "b.py": "x = 1\n"},
        MoveSymbol("f", "b.py"),
        {
            "a.py": "from b import f\n\n\ndef g():\n    return [f() for _ in 'x']\n",
            "b.py": "x = 1\n\n\ndef f():\n    return 1\n",
        },
        level="proven",
    ),
    Case(
        "what it uses of the module that it leaves is imported from there",
        {"a.py": "K = 1\n\n\ndef f(y=K):\n    return y\n", "b.py": "x = 1\n"},
        MoveSymbol("f", "b.py"),
        {"a.py": "K = 1\n", "b.py": "from a import K\n\nx = 1\n\n\ndef f(y=K):\n    return y\n"},
        level="proven",
    ),
    Case(
        "imports of every shape",
        {
            "pkg/__init__.py": "from .a import C  # our API\n",
            "pkg/a.py": "class C:\n    pass\n\n\nD = 1\n",
            "pkg/b.py": "x = 1\n",
            "pkg/c.py": "from .a import (\n    C as Q,  # it\n    D,\n)\n\nprint(Q, D)\n",
            "pkg/d.py": "import pkg.a\n\nprint(pkg.a.C, pkg.a.D)\n",
            "pkg/e.py": "from . import a\n\nprint(a.C, a.C)\n",
            "pkg/f.py": "import pkg.a as m\n\n\ndef f():\n    return m.C\n",
            "pkg/g.py": "def g():\n    from pkg.a import C, D  # late\n\n    return C, D\n",
            "h.py": "from pkg import C\nimport pkg.a\n\nprint(f'{pkg.a.C} {C}')\n",
        },
        MoveSymbol("pkg/a.py::C", "pkg/b.py"),
        {
            "pkg/__init__.py": "from .b import C  # our API\n",
            "pkg/a.py": "D = 1\n",
            "pkg/b.py": "x = 1\n\n\nclass C:\n    pass\n",
            "pkg/c.py": "from .a import (\n    D,\n)\nfrom .b import C as Q  # it\n\nprint(Q, D)\n",
            "pkg/d.py": "import pkg.a\nimport pkg.b\n\nprint(pkg.b.C, pkg.a.D)\n",
            "pkg/e.py": "from . import b\n\nprint(b.C, b.C)\n",
            "pkg/f.py": "from pkg.b import C\n\n\ndef f():\n    return C\n",
            "pkg/g.py": (
                "def g():\n    from pkg.a import D  # late\n    from pkg.b import C\n\n"
                "    return C, D\n"
            ),
            "h.py": "from pkg import C\nimport pkg.b\n\nprint(f'{pkg.b.C} {C}')\n",
        },
        spellings=("as written", "crlf", "tabs", "bom"),
    ),
    Case(
        "several imports that bind one package, and a home that is imported already",
        {
            "pkg/__init__.py": "",
            "pkg/a.py": f"{F}\n\nD = 1\n",
            "pkg/b.py": "x = 1\n",
            "pkg/c.py": "y = 1\n",
            "d.py": "import pkg.a\nimport pkg.c\n\nprint(pkg.a.f(), pkg.c.y)\n",
            "e.py": "import pkg.a\nimport pkg.b\n\nprint(pkg.a.f(), pkg.a.D, pkg.b.x)\n",
            "g.py": "from pkg import a, b\n\nprint(a.f(), a.D, b.x)\n",
        },
        MoveSymbol("f", "pkg/b.py"),
        {
            "pkg/a.py": "D = 1\n",
            "pkg/b.py": "x = 1\n\n\ndef f():\n    return 1\n",
            "d.py": "import pkg.b\nimport pkg.c\n\nprint(pkg.b.f(), pkg.c.y)\n",
            "e.py": "import pkg.a\nimport pkg.b\n\nprint(pkg.b.f(), pkg.a.D, pkg.b.x)\n",
            "g.py": "from pkg import a, b\n\nprint(b.f(), a.D, b.x)\n",
        },
        level="proven",
        spellings=("as written", "crlf", "tabs", "bom"),
    ),
    Case(
        "a package goes on showing what leaves its __init__.py",
        {
            "pkg/__init__.py": f"from . import c\n\n\n{F}",
            "pkg/c.py": "",
            "d.py": "from pkg import f\n",
        },
        MoveSymbol("f", "pkg/b.py"),
        {
            "pkg/__init__.py": "from . import c\nfrom .b import f\n",
            "pkg/b.py": F,
            "d.py": "from pkg.b import f\n",
        },
        spellings=("as written", "crlf"),
    ),
    Case(
        "an import inside that is relative to its package",
        {
            "pkg/__init__.py": "",
            "pkg/a.py": "def f():\n    from . import c\n\n    return c\n",
            "pkg/c.py": "",
            "lib/__init__.py": "",
        },
        MoveSymbol("f", "lib/b.py"),
        refused="means something else in lib/b.py",
    ),
    Case(
        "the last name of a list, and the comment of the name before it",
        {
            "a.py": f"{F}\n\ng = 2\n",
            "b.py": "",
            "c.py": "from a import (\n    g,  # two\n    f)\n\nprint(f, g)\n",
            "d.py": "if 1: from a import f, g\nfrom a import g, \\\n    f\nprint(f, g)\n",
        },
        MoveSymbol("f", "b.py"),
        {
            "a.py": "g = 2\n",
            "b.py": F,
            "c.py": "from a import (\n    g,  # two\n    )\nfrom b import f\n\nprint(f, g)\n",
            "d.py": (
                "if 1: from a import g; from b import f\n"
                "from a import g\nfrom b import f\nprint(f, g)\n"
            ),
        },
        spellings=("as written",),
    ),
    Case(
        "an annotation that is a string still needs it",
        {"a.py": "class C:\n    pass\n\n\ndef g(c: 'C'): ...\n"},
        MoveSymbol("C", "b.py"),
        {"a.py": "from b import C\n\n\ndef g(c: 'C'): ...\n", "b.py": "class C:\n    pass\n"},
        spellings=NEW,
    ),
    Case(
        "what is done with it when its module is run is a doubt",
        {
            "a.py": f"import atexit\n\n\n{F}\n\natexit.register(f)\n",
            "c.py": "from a import f\n",
        },
        MoveSymbol("f", "b.py"),
        {
            "a.py": "import atexit\n\nfrom b import f\n\n\natexit.register(f)\n",
            "b.py": F,
            "c.py": "from b import f\n",
        },
        level="likely",
        spellings=("as written",),
    ),
    Case(
        "for type checkers, and a string annotation",
        {
            "a.py": "class C:\n    pass\n",
            "b.py": "x = 1\n",
            "c.py": (
                "from typing import TYPE_CHECKING\n\n"
                "if TYPE_CHECKING:\n    from a import C\n\n\ndef f(c: 'C') -> None: ...\n"
            ),
        },
        MoveSymbol("a.py::C", "b.py"),
        {
            "a.py": "",
            "b.py": "x = 1\n\n\nclass C:\n    pass\n",
            "c.py": (
                "from typing import TYPE_CHECKING\n\n"
                "if TYPE_CHECKING:\n    from b import C\n\n\ndef f(c: 'C') -> None: ...\n"
            ),
        },
        spellings=("as written", "crlf", "tabs", "bom"),
    ),
    Case(
        "relative imports of what it needs are spelled for the new package",
        {
            "pkg/__init__.py": "",
            "pkg/a.py": (
                "from .util import u\nfrom . import other\n\n\ndef f():\n    return u, other\n"
            ),
            "pkg/util.py": "u = 1\n",
            "pkg/other.py": "",
            "pkg/sub/__init__.py": "",
            "pkg/sub/b.py": "def h():\n    pass\n",
        },
        MoveSymbol("f", "pkg/sub/b.py"),
        {
            "pkg/a.py": "",
            "pkg/sub/b.py": (
                "from ..util import u\nfrom .. import other\n\n\n"
                "def h():\n    pass\n\n\ndef f():\n    return u, other\n"
            ),
        },
        spellings=("as written", "crlf", "bom"),
    ),
    Case(
        "overloads go together",
        {
            "a.py": (
                "from typing import overload\n\n\n"
                "@overload\ndef f(x: int) -> int: ...\n@overload\ndef f(x: str) -> str: ...\n"
                "def f(x):\n    match x:\n        case int():\n            return x\n"
                "    return (y := x)\n\n\nZ = 1\n"
            ),
        },
        MoveSymbol("f", "b.py"),
        {
            "a.py": "Z = 1\n",
            "b.py": (
                "from typing import overload\n\n\n"
                "@overload\ndef f(x: int) -> int: ...\n@overload\ndef f(x: str) -> str: ...\n"
                "def f(x):\n    match x:\n        case int():\n            return x\n"
                "    return (y := x)\n"
            ),
        },
        spellings=NEW,
    ),
    Case(
        "a constant goes to the other constants",
        {
            "a.py": "X = 0\n\n# How long.\nLIMIT: int = 10  # s\n\n\ndef f():\n    return 1\n",
            "b.py": "import os\n\nX = os.sep\n\n\ndef h():\n    return X\n",
            "c.py": "import os, a\n\nprint(a.LIMIT, os)\n",
        },
        MoveSymbol("LIMIT", "b.py"),
        {
            "a.py": "X = 0\n\n\ndef f():\n    return 1\n",
            "b.py": (
                "import os\n\nX = os.sep\n# How long.\nLIMIT: int = 10  # s\n\n\n"
                "def h():\n    return X\n"
            ),
            "c.py": "import os, b\n\nprint(b.LIMIT, os)\n",
        },
        spellings=("as written", "crlf", "bom"),
    ),
    Case(
        "the target used it already",
        {
            "a.py": f"{F}\n\ndef g():\n    return 2\n",
            "b.py": "from a import f, g\n\n\ndef h():\n    return f(), g\n",
        },
        MoveSymbol("f", "b.py"),
        {
            "a.py": "def g():\n    return 2\n",
            "b.py": (
                "from a import g\n\n\ndef h():\n    return f(), g\n\n\ndef f():\n    return 1\n"
            ),
        },
        level="proven",
    ),
    Case(
        "the target needs it as soon as it is run",
        {"a.py": F, "b.py": "import a\n\nx = 0\n\ny = a.f()\n"},
        MoveSymbol("f", "b.py"),
        {
            "a.py": "",
            "b.py": "import a\n\nx = 0\n\n\ndef f():\n    return 1\n\n\ny = f()\n",
        },
        spellings=("as written",),
    ),
    Case(
        "above what is run as a script",
        {"a.py": F, "b.py": "import a\n\nif __name__ == '__main__':\n    a.f()\n"},
        MoveSymbol("f", "b.py"),
        {
            "a.py": "",
            "b.py": (
                "import a\n\n\ndef f():\n    return 1\n\n\nif __name__ == '__main__':\n    f()\n"
            ),
        },
        spellings=("as written",),
    ),
    Case(
        "__all__ keeps what it lists: the old module shows it still",
        {"a.py": f"__all__ = ['f']\n\n\n{F}", "c.py": "from a import *\n\nprint(f())\n"},
        MoveSymbol("f", "b.py"),
        {"a.py": "from b import f\n\n__all__ = ['f']\n", "b.py": F},
        spellings=("as written", "crlf"),
    ),
    Case(
        "strings and documents are told",
        {
            "a.py": "K = 1\n\n\ndef f():\n    return K\n",
            "t.py": "from unittest import mock\n\nmock.patch('a.f')\nmock.patch('a.K')\n",
            "README.md": "Call a.f() or f().\n",
        },
        MoveSymbol("f", "b.py"),
        {"a.py": "K = 1\n", "b.py": "from a import K\n\n\ndef f():\n    return K\n"},
        level="likely",
        leftovers=("README.md:1 document", "t.py:3 string", "t.py:4 string"),
        spellings=("as written",),
    ),
    Case(
        "an attribute of a module that is found at run time is told",  # rich: its cell tables
        {
            "a.py": F,
            "c.py": "from importlib import import_module\n\nprint(import_module('a').f())\n",
            "d.py": "def g(module):\n    return module.f()\n",
        },
        MoveSymbol("f", "b.py"),
        {"a.py": "", "b.py": F},
        leftovers=(
            "c.py:3 attribute of an unknown object",
            "d.py:2 attribute of an unknown object",
        ),
        spellings=("as written",),
    ),
    Case(
        "imports for type checkers go along as such",
        {
            "a.py": (
                "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
                "if TYPE_CHECKING:\n    from c import C\n\n\ndef f(c: C) -> None:\n    pass\n"
            ),
            "c.py": "class C:\n    pass\n",
        },
        MoveSymbol("f", "b.py"),
        {
            "a.py": (
                "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
                "if TYPE_CHECKING:\n    pass\n"
            ),
            "b.py": (
                "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
                "if TYPE_CHECKING:\n    from c import C\n\n\ndef f(c: C) -> None:\n    pass\n"
            ),
        },
        spellings=("as written", "crlf"),
    ),
    Case(
        "a decorator that may register something is a doubt",
        {
            "a.py": "from app import route\n\n\n@route('/')\ndef f():\n    return 1\n",
            "app.py": "def route(path):\n    return lambda f: f\n",
        },
        MoveSymbol("f", "b.py"),
        {"a.py": "", "b.py": "from app import route\n\n\n@route('/')\ndef f():\n    return 1\n"},
        level="likely",
        spellings=("as written",),
    ),
    Case(
        "a circle",
        {"a.py": "K = 1\n\n\ndef f():\n    return K\n\n\ndef g():\n    return f()\n"},
        MoveSymbol("f", "b.py"),
        refused="in a circle",
    ),
    Case(
        "a circle through the package that is run first",
        {
            "lib/__init__.py": "",
            "pkg/__init__.py": "from .a import f\n",
            "pkg/a.py": "K = 1\n\n\ndef f():\n    return K\n",
        },
        MoveSymbol("pkg/a.py::f", "lib/b.py"),
        refused="in a circle",
    ),
    Case(
        "the name is taken in the target",
        {"a.py": F, "b.py": "f = 1\n"},
        MoveSymbol("a.py::f", "b.py"),
        refused="another f already",
    ),
    Case(
        "what it needs means something else in the target",
        {"a.py": "import os\n\n\ndef f():\n    return os\n", "b.py": "os = 1\n"},
        MoveSymbol("f", "b.py"),
        refused="os means something else in b.py",
    ),
    Case(
        "a built-in that the target has another thing for",
        {"a.py": "def f():\n    return open('x')\n", "b.py": "def open(x):\n    return x\n"},
        MoveSymbol("f", "b.py"),
        refused="open means something else in b.py",
    ),
    Case(
        "bound twice",
        {"a.py": "import os\n\nif os.sep:\n    def f(): ...\nelse:\n    def f(): ...\n"},
        MoveSymbol("f", "b.py"),
        refused="no single definition",
    ),
    Case(
        "set by a function",
        {"a.py": "n = 0\n\n\ndef f():\n    global n\n    n = 1\n"},
        MoveSymbol("n", "b.py"),
        refused="no single definition",
    ),
    Case(
        "sets a global",
        {"a.py": "n = 0\n\n\ndef f():\n    global n\n    n = 1\n"},
        MoveSymbol("f", "b.py"),
        refused="declares n as global",
    ),
    Case(
        "reads what a function sets",
        {"a.py": "n = 0\n\n\ndef f():\n    return n\n\n\ndef g():\n    global n\n    n = 1\n"},
        MoveSymbol("f", "b.py"),
        refused="would not see it change",
    ),
    Case(
        "set from outside",
        {"a.py": "N = 0\n", "c.py": "import a\n\na.N = 1\n"},
        MoveSymbol("N", "b.py"),
        refused="is set from outside",
    ),
    Case(
        "looks at its module's names",  # httpx: `__locals = locals()`
        {"a.py": "import os\n\nnames = locals()\n"},
        MoveSymbol("names", "b.py"),
        refused="looks at its module's names",
    ),
    Case(
        "comes from a star",
        {"a.py": "from os.path import *\n\n\ndef f():\n    return join('a', 'b')\n"},
        MoveSymbol("f", "b.py"),
        refused="does not define or import by name",
    ),
    Case(
        "shares its line",
        {"a.py": "x = 1; y = 2\n"},
        MoveSymbol("x", "b.py"),
        refused="holds other code too",
    ),
    Case(
        "a method stays in its class",
        {"a.py": "class C:\n    def f(self):\n        pass\n"},
        MoveSymbol("a.py::C.f", "b.py"),
        refused="no name of a module",
    ),
    Case(
        "in two modules",
        {"a.py": F, "c.py": F},
        MoveSymbol("f", "b.py"),
        refused="may be one of these",
    ),
    Case(
        "nowhere",
        {"a.py": "x = 1\n"},
        MoveSymbol("f", "b.py"),
        refused="stands nowhere",
    ),
    Case(
        "there already",
        {"a.py": F},
        MoveSymbol("f", "a.py"),
        refused="in a.py already",
    ),
    Case(
        "no such folder",
        {"a.py": F},
        MoveSymbol("f", "lib/b.py"),
        refused="There is no folder lib",
    ),
)
def test_move_symbol(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="`type` statements are of Python 3.12")
def test_a_type_alias_moves(tmp_path: Path) -> None:
    case = Case(
        "alias",
        {"a.py": "type T = int\n"},
        MoveSymbol("T", "b.py"),
        {"a.py": "", "b.py": "type T = int\n"},
    )
    hold(case, "as written", tmp_path)


def test_old_pickles_are_a_doubt(tmp_path: Path) -> None:
    files = {"a.py": "class C:\n    pass\n", "c.py": "import pickle\n"}

    done = plan(Draft(make_workspace(tmp_path / "project", files)), MoveSymbol("C", "b.py"))

    assert done.evidence.doubts == (
        "c.py may pickle by the module's name; old data name the old module.",
    )
