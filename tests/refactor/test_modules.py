"""Modules and packages that get another name or another folder.

The spellings with a byte order mark or without a last line's ending are left out where a file
moves: the cases take what is new to be spelt plainly, and a moved file keeps its bytes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import make_workspace
from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.draft import Draft
from toolset.edits import Move
from toolset.errors import AmbiguousTarget
from toolset.refactor.catalogue import plan
from toolset.refactor.requests import MoveModule, RenameModule

F = "def f():\n    return 1\n"
USES_F = "from pkg.io import f\n\nprint(f())\n"


def _moved(old: str, new: str, text: str) -> dict[str, str | None]:
    return {old: None, new: text}


@spelt(
    Case(
        "from import of a name",
        {"pkg/__init__.py": "", "pkg/io.py": F, "main.py": USES_F},
        RenameModule("pkg.io", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", F),
            "main.py": "from pkg.files import f\n\nprint(f())\n",
        },
        level="proven",
        spellings=("as written", "crlf", "tabs"),
    ),
    Case(
        "target by its path, import with an alias in a function",
        {
            "pkg/__init__.py": "",
            "pkg/io.py": "x = 1\n",
            "main.py": "def go():\n    import pkg.io as m  # late\n    return m.x\n",
        },
        RenameModule("pkg/io.py", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", "x = 1\n"),
            "main.py": "def go():\n    import pkg.files as m  # late\n    return m.x\n",
        },
        level="proven",
        spellings=("as written", "crlf", "tabs"),
    ),
    Case(
        "plain import and its attribute uses",
        {
            "pkg/__init__.py": "",
            "pkg/io.py": "x = 1\n",
            "main.py": (
                "import pkg.io\n\n\nasync def go():\n    return f'{pkg.io.x} é' + pkg . io.x\n"
            ),
        },
        RenameModule("pkg.io", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", "x = 1\n"),
            "main.py": (
                "import pkg.files\n\n\n"
                "async def go():\n    return f'{pkg.files.x} é' + pkg . files.x\n"
            ),
        },
        spellings=("as written", "crlf", "tabs"),
    ),
    Case(
        "uses of the module's own name are renamed where it is bound once",
        {
            "pkg/__init__.py": "",
            "pkg/io.py": "x = 1\n",
            "main.py": (
                "from pkg import io\n\n\n"
                "class A:\n    y = io.x\n\n"
                "    def g(self):\n        return [io.x for _ in io.x if (z := io.x)]\n"
            ),
        },
        RenameModule("pkg.io", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", "x = 1\n"),
            "main.py": (
                "from pkg import files\n\n\n"
                "class A:\n    y = files.x\n\n"
                "    def g(self):\n        return [files.x for _ in files.x if (z := files.x)]\n"
            ),
        },
        spellings=("as written",),
    ),
    Case(
        "the old name stays bound where the new one is taken",
        {
            "pkg/__init__.py": "",
            "pkg/io.py": "x = 1\n",
            "main.py": "from pkg import io\n\nfiles = [io.x]\n",
        },
        RenameModule("pkg.io", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", "x = 1\n"),
            "main.py": "from pkg import files as io\n\nfiles = [io.x]\n",
        },
        spellings=("as written", "crlf"),
    ),
    Case(
        "the old name stays bound where a class body reads it before it binds it",
        {
            "pkg/__init__.py": "",
            "pkg/io.py": "x = 1\n",
            "main.py": "from pkg import io\n\n\nclass A:\n    y = io.x\n    io = y\n",
        },
        RenameModule("pkg.io", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", "x = 1\n"),
            "main.py": ("from pkg import files as io\n\n\nclass A:\n    y = io.x\n    io = y\n"),
        },
        spellings=("as written", "crlf"),
    ),
    Case(
        "a parameter of the same name is another thing",
        {
            "pkg/__init__.py": "",
            "pkg/io.py": "x = 1\n",
            "main.py": "from pkg import io\n\n\ndef g(io):\n    return io.x\n\n\nprint(io.x)\n",
        },
        RenameModule("pkg.io", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", "x = 1\n"),
            "main.py": (
                "from pkg import files\n\n\ndef g(io):\n    return io.x\n\n\nprint(files.x)\n"
            ),
        },
        spellings=("as written", "crlf", "tabs"),
    ),
    Case(
        "relative imports and a list over lines with comments",
        {
            "pkg/__init__.py": "from .io import (  # what we show\n    f,  # one\n    g,\n)\n",
            "pkg/io.py": "from . import other\n\n\ndef f():\n    return other\n\n\ng = f\n",
            "pkg/other.py": "from . import (\n    io,  # round\n)\n\n\ndef h():\n    return io.f\n",
        },
        RenameModule("pkg.io", "files"),
        {
            **_moved(
                "pkg/io.py",
                "pkg/files.py",
                "from . import other\n\n\ndef f():\n    return other\n\n\ng = f\n",
            ),
            "pkg/__init__.py": "from .files import (  # what we show\n    f,  # one\n    g,\n)\n",
            "pkg/other.py": (
                "from . import (\n    files,  # round\n)\n\n\ndef h():\n    return files.f\n"
            ),
        },
        spellings=("as written", "crlf", "tabs"),
    ),
    Case(
        "a package with all that lies in it",
        {
            "src/pkg/__init__.py": "from pkg.io import f\n",
            "src/pkg/io.py": F,
            "src/pkg/__main__.py": "from pkg import f\n\nf()\n",
            "src/pkg/py.typed": "",
            "src/pkg/data/one.txt": "1\n",
            "tests/test_io.py": (
                "import pkg\nimport pkg.io\n\n\ndef test():\n    pkg.f(pkg.io.f())\n"
            ),
        },
        RenameModule("pkg", "core"),
        {
            **_moved("src/pkg/__init__.py", "src/core/__init__.py", "from core.io import f\n"),
            **_moved("src/pkg/io.py", "src/core/io.py", F),
            **_moved("src/pkg/__main__.py", "src/core/__main__.py", "from core import f\n\nf()\n"),
            **_moved("src/pkg/py.typed", "src/core/py.typed", ""),
            **_moved("src/pkg/data/one.txt", "src/core/data/one.txt", "1\n"),
            "tests/test_io.py": (
                "import core\nimport core.io\n\n\ndef test():\n    core.f(core.io.f())\n"
            ),
        },
        spellings=("as written",),
    ),
    Case(
        "strings, documents and settings are left and told",
        {
            "pkg/__init__.py": "",
            "pkg/io.py": F,
            "main.py": (
                "from importlib import import_module\n\n"
                "m = import_module('pkg.io')\nn = import_module('.io', 'pkg')\n"
            ),
            "pyproject.toml": '[project.scripts]\ngo = "pkg.io:f"\n',
            "README.md": "See `pkg/io.py`, not lib.pkg.io or pkg.ion.\n",
        },
        RenameModule("pkg.io", "files"),
        _moved("pkg/io.py", "pkg/files.py", F),
        level="likely",
        leftovers=(
            "README.md:1 document",
            "main.py:3 string",
            "main.py:4 string",
            "pyproject.toml:2 configuration",
        ),
        spellings=("as written",),
    ),
    Case(
        "an import of a name worked out is told",
        {
            "pkg/__init__.py": "from .io import f\n",
            "pkg/io.py": F,
            "b.py": "import importlib\n\n\ndef get(n):\n    importlib.import_module(f'pkg.{n}')\n",
        },
        RenameModule("pkg.io", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", F),
            "pkg/__init__.py": "from .files import f\n",
        },
        level="likely",
        leftovers=("b.py:5 import of a name worked out",),
        spellings=("as written",),
    ),
    Case(
        "a module that nothing imports may be found by its name",
        {"tests/test_a.py": "def test(): ...\n"},
        RenameModule("tests/test_a.py", "test_b"),
        _moved("tests/test_a.py", "tests/test_b.py", "def test(): ...\n"),
        level="likely",
        leftovers=(),
        spellings=("as written",),
    ),
    Case(
        "functions and classes that read the package in every way",
        {
            "pkg/__init__.py": "",
            "pkg/io.py": "x = 1\nB = object\n",
            "b.py": (
                "import pkg.io as io\nimport pkg.io\n\n\n"
                "@print\nclass A(pkg.io.B):\n"
                "    def f(self, d=pkg.io.x, *, pkg=None) -> 'pkg.io.B':\n"
                "        return (lambda: pkg.io)(), io.x\n\n"
                "    def g(self):\n        return {pkg.io.x: pkg.io.x for pkg in pkg.io.x}\n"
            ),
        },
        RenameModule("pkg.io", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", "x = 1\nB = object\n"),
            "b.py": (
                "import pkg.files as io\nimport pkg.files\n\n\n"
                "@print\nclass A(pkg.files.B):\n"
                "    def f(self, d=pkg.files.x, *, pkg=None) -> 'pkg.io.B':\n"
                "        return (lambda: pkg.io)(), io.x\n\n"
                "    def g(self):\n        return {pkg.io.x: pkg.io.x for pkg in pkg.files.x}\n"
            ),
        },
        leftovers=(
            "b.py:7 annotation",
            "b.py:8 code that was not changed",
            "b.py:11 code that was not changed",
        ),
        spellings=("as written", "crlf", "tabs"),
    ),
    Case(
        "a stub goes with its module",
        {"io_.py": "x = 1\n", "io_.pyi": "x: int\n", "b.py": "from io_ import x\n"},
        RenameModule("io_.py", "files"),
        {
            **_moved("io_.py", "files.py", "x = 1\n"),
            **_moved("io_.pyi", "files.pyi", "x: int\n"),
            "b.py": "from files import x\n",
        },
        spellings=("as written",),
    ),
    Case(
        "star import, and imports for type checkers",
        {
            "pkg/__init__.py": "from .io import *\n",
            "pkg/io.py": "class C:\n    pass\n",
            "b.py": (
                "from typing import TYPE_CHECKING\n\n"
                "if TYPE_CHECKING:\n    from pkg.io import C\n\n\n"
                "def f(c: 'C') -> None:\n    match c:\n        case 1:\n            pass\n"
            ),
        },
        RenameModule("pkg.io", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", "class C:\n    pass\n"),
            "pkg/__init__.py": "from .files import *\n",
            "b.py": (
                "from typing import TYPE_CHECKING\n\n"
                "if TYPE_CHECKING:\n    from pkg.files import C\n\n\n"
                "def f(c: 'C') -> None:\n    match c:\n        case 1:\n            pass\n"
            ),
        },
        spellings=("as written", "crlf", "tabs"),
    ),
    Case(
        "another module of the same last name is left alone",
        {
            "pkg/__init__.py": "",
            "pkg/io.py": "x = 1\n",
            "b.py": "import io\nfrom pkg.io import x\n\nprint(io.StringIO(), x)\n",
        },
        RenameModule("pkg.io", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", "x = 1\n"),
            "b.py": "import io\nfrom pkg.files import x\n\nprint(io.StringIO(), x)\n",
        },
        level="proven",
        spellings=("as written",),
    ),
    Case(
        "a name that the package's own function has is that function",
        {
            "pkg/__init__.py": "from .io import io\n",
            "pkg/io.py": "def io():\n    return 1\n",
            "b.py": "from pkg import io\n\nprint(io())\n",
        },
        RenameModule("pkg/io.py", "files"),
        {
            **_moved("pkg/io.py", "pkg/files.py", "def io():\n    return 1\n"),
            "pkg/__init__.py": "from .files import io\n",
        },
        spellings=("as written",),
    ),
    Case(
        "taken by a file",
        {"pkg/__init__.py": "", "pkg/io.py": "", "pkg/files.py": ""},
        RenameModule("pkg.io", "files"),
        refused="is there already",
    ),
    Case(
        "taken by a name that the package binds",
        {"pkg/__init__.py": "def files():\n    pass\n", "pkg/io.py": ""},
        RenameModule("pkg.io", "files"),
        refused="binds files to something else",
    ),
    Case(
        "would hide the standard library",
        {"util.py": "x = 1\n"},
        RenameModule("util", "types"),
        refused="would hide the standard library",
    ),
    Case(
        "would answer an import that meant a package elsewhere",
        {"util.py": "x = 1\n", "b.py": "import requests\n\nrequests.get('')\n"},
        RenameModule("util", "requests"),
        refused="would lead elsewhere",
    ),
    Case(
        "found by its name",
        {"pkg/__init__.py": "", "pkg/__main__.py": ""},
        RenameModule("pkg/__main__.py", "start"),
        refused="finds __main__ by its name",
    ),
    Case(
        "no such module",
        {"a.py": ""},
        RenameModule("b", "c"),
        refused="There is no module b",
    ),
    Case(
        "no name",
        {"a.py": ""},
        RenameModule("a", "b.c"),
        refused="no name for a module",
    ),
)
def test_rename_module(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


LIB = {"lib/__init__.py": "", "pkg/__init__.py": ""}


@spelt(
    Case(
        "its own relative imports and those of others",
        {
            **LIB,
            "pkg/io.py": (
                "from . import other\nfrom .other import g\n\n\ndef f():\n    return g, other\n"
            ),
            "pkg/other.py": "def g():\n    from .io import f\n\n    return f\n",
        },
        MoveModule("pkg.io", "lib"),
        {
            **_moved(
                "pkg/io.py",
                "lib/io.py",
                "from pkg import other\nfrom pkg.other import g\n\n\n"
                "def f():\n    return g, other\n",
            ),
            "pkg/other.py": "def g():\n    from lib.io import f\n\n    return f\n",
        },
        level="proven",
        spellings=("as written", "crlf", "tabs"),
    ),
    Case(
        "deeper in the same package: levels change",
        {
            "pkg/__init__.py": "",
            "pkg/sub/__init__.py": "",
            "pkg/sub/x.py": "from ..io import f\n",
            "pkg/io.py": "from .other import g\n\n\ndef f():\n    return g\n",
            "pkg/other.py": "g = 1\n",
        },
        MoveModule("pkg/io.py", "pkg/sub"),
        {
            **_moved(
                "pkg/io.py",
                "pkg/sub/io.py",
                "from ..other import g\n\n\ndef f():\n    return g\n",
            ),
            "pkg/sub/x.py": "from .io import f\n",
        },
        level="proven",
        spellings=("as written", "crlf", "tabs"),
    ),
    Case(
        "one name of several gets a statement of its own",
        {
            **LIB,
            "pkg/io.py": "x = 1\n",
            "pkg/other.py": "",
            "b.py": "from pkg import io, other  # both\n\nprint(io.x, other)\n",
        },
        MoveModule("pkg.io", "lib"),
        {
            **_moved("pkg/io.py", "lib/io.py", "x = 1\n"),
            "b.py": "from pkg import other  # both\nfrom lib import io\n\nprint(io.x, other)\n",
        },
        spellings=("as written", "crlf"),
    ),
    Case(
        "one name of a list over lines",
        {
            **LIB,
            "pkg/io.py": "x = 1\n",
            "pkg/other.py": "",
            "b.py": (
                "def f():\n    from pkg import (\n        io as q,\n        other,\n"
                "    )\n\n    return q, other\n"
            ),
        },
        MoveModule("pkg.io", "lib"),
        {
            **_moved("pkg/io.py", "lib/io.py", "x = 1\n"),
            "b.py": (
                "def f():\n    from pkg import (\n        other,\n    )\n"
                "    from lib import io as q\n\n    return q, other\n"
            ),
        },
        spellings=("as written", "crlf", "tabs"),
    ),
    Case(
        "a module of the root into a package keeps its name",
        {"util.py": "x = 1\n", "b.py": "import util\n\nprint(util.x)\n", "pkg/__init__.py": ""},
        MoveModule("util", "pkg"),
        {
            **_moved("util.py", "pkg/util.py", "x = 1\n"),
            "b.py": "from pkg import util\n\nprint(util.x)\n",
        },
        level="proven",
        spellings=("as written", "crlf"),
    ),
    Case(
        "a package into another",
        {
            **LIB,
            "pkg/sub/__init__.py": "from ..top import t\n",
            "pkg/sub/a.py": "from . import t\nfrom .b import u\n",
            "pkg/sub/b.py": "u = 1\n",
            "pkg/top.py": "t = 1\n",
            "main.py": "import pkg.sub.b\nfrom pkg.sub import a\n\nprint(pkg.sub.b.u, a.u)\n",
        },
        MoveModule("pkg/sub", "lib"),
        {
            **_moved("pkg/sub/__init__.py", "lib/sub/__init__.py", "from pkg.top import t\n"),
            **_moved("pkg/sub/a.py", "lib/sub/a.py", "from . import t\nfrom .b import u\n"),
            **_moved("pkg/sub/b.py", "lib/sub/b.py", "u = 1\n"),
            "main.py": "import lib.sub.b\nfrom lib.sub import a\n\nprint(lib.sub.b.u, a.u)\n",
        },
        spellings=("as written",),
    ),
    Case(
        "out of src's package to its root",
        {
            "src/pkg/__init__.py": "",
            "src/pkg/io.py": "x = 1\n",
            "src/pkg/b.py": "from .io import x\nfrom pkg import io\n\nprint(io, x)\n",
        },
        MoveModule("pkg.io", "src/pkg/../pkg/../"),
        refused="would hide the standard library",
    ),
    Case(
        "to the root of src",
        {
            "src/pkg/__init__.py": "",
            "src/pkg/files.py": "x = 1\n",
            "src/pkg/b.py": "from .files import x\n",
        },
        MoveModule("pkg.files", "src"),
        {
            **_moved("src/pkg/files.py", "src/files.py", "x = 1\n"),
            "src/pkg/b.py": "from files import x\n",
        },
        level="proven",
        spellings=("as written",),
    ),
    Case(
        "a folder without __init__.py is taken, with a doubt",
        {"pkg/__init__.py": "", "pkg/b.py": "x = 1\n", "tools/a.py": "from pkg.b import x\n"},
        MoveModule("pkg.b", "tools"),
        {**_moved("pkg/b.py", "tools/b.py", "x = 1\n"), "tools/a.py": "from tools.b import x\n"},
        level="likely",
        spellings=("as written",),
    ),
    Case(
        "where it lies is asked in it",
        {**LIB, "pkg/io.py": "from pathlib import Path\n\nHERE = Path(__file__).parent\n"},
        MoveModule("pkg.io", "lib"),
        _moved(
            "pkg/io.py", "lib/io.py", "from pathlib import Path\n\nHERE = Path(__file__).parent\n"
        ),
        leftovers=("pkg/io.py:3 depends on the folder",),
        spellings=("as written",),
    ),
    Case(
        "reached through a package that it leaves",
        {**LIB, "pkg/io.py": "x = 1\n", "b.py": "import pkg\n\nprint(pkg.io.x)\n"},
        MoveModule("pkg.io", "lib"),
        refused="import the module itself in this file first",
    ),
    Case(
        "the package would be imported no more",
        {
            "lib/__init__.py": "",
            "pkg/__init__.py": "y = 1\n",
            "pkg/io.py": "x = 1\n",
            "b.py": "import pkg.io\n\nprint(pkg.io.x, pkg.y)\n",
        },
        MoveModule("pkg.io", "lib"),
        refused="pkg would no longer be imported",
    ),
    Case(
        "the new package's name means something else",
        {**LIB, "pkg/io.py": "x = 1\n", "b.py": "import pkg.io\n\nlib = pkg.io.x\n"},
        MoveModule("pkg.io", "lib"),
        refused="lib means something else here",
    ),
    Case(
        "outside its package it would be needed by what it needs",
        {
            "lib/__init__.py": "",
            "pkg/__init__.py": "from .core import c\n",
            "pkg/core.py": "from . import io\n\nc = io\n",
            "pkg/io.py": "from .low import x\n",
            "pkg/low.py": "x = 1\n",
        },
        MoveModule("pkg.io", "lib"),
        refused="in a circle",
    ),
    Case(
        "no such folder",
        {"pkg/__init__.py": "", "pkg/io.py": ""},
        MoveModule("pkg.io", "lib"),
        refused="There is no folder lib",
    ),
    Case(
        "there already",
        {**LIB, "pkg/io.py": "", "lib/io.py": ""},
        MoveModule("pkg.io", "lib"),
        refused="is there already",
    ),
    Case(
        "into itself",
        {"pkg/__init__.py": "", "pkg/sub/__init__.py": ""},
        MoveModule("pkg", "pkg/sub"),
        refused="into itself",
    ),
    Case(
        "conftest belongs to its folder",
        {**LIB, "pkg/conftest.py": ""},
        MoveModule("pkg/conftest.py", "lib"),
        refused="finds conftest by its name",
    ),
)
def test_move_module(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


def test_a_moved_file_is_the_same_file(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "project", {"a.py": "x = 1\n", "b.py": "import a\n"})

    done = plan(Draft(workspace), RenameModule("a", "c"))

    assert [(str(move.old), str(move.new)) for move in done.changes.moves] == [("a.py", "c.py")]
    assert isinstance(done.changes.moves[0], Move)


def test_two_modules_of_one_name_are_both_named(tmp_path: Path) -> None:
    files = {"one/a.py": "", "two/__init__.py": "", "src/one/a.py": ""}
    workspace = make_workspace(tmp_path / "project", files)

    with pytest.raises(AmbiguousTarget, match="may be one of these"):
        plan(Draft(workspace), RenameModule("one.a", "c"))
