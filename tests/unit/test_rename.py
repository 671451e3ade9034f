from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import Files, after, make_repository, make_workspace, tree
from toolset.draft import Draft
from toolset.errors import RefactoringRefused
from toolset.refactor.catalogue import plan
from toolset.refactor.evidence import Refactoring
from toolset.refactor.requests import Rename
from toolset.workspace import Workspace


def renamed(root: Path, files: Files, old: str, new: str) -> Refactoring:
    """Plan a rename; `old` may begin with `file.py::`."""
    return plan(Draft(make_workspace(root / "project", files)), Rename(old, new))


def result(root: Path, plan: Refactoring) -> dict[str, str]:
    files = after(Workspace((root / "project").resolve()), plan.changes)
    return {name: data.decode() for name, data in files.items()}


@pytest.mark.parametrize(
    ("symbols", "files", "expected"),
    [
        pytest.param(
            ("load", "read"),
            {
                "a.py": "def load(): pass\n",
                "b.py": "from a import load\nx = load()\n",
                "c.py": "import a\na.load()\n",
                "d.py": "import a as m\nfrom a import load as l\nm.load(); l()\n",
                "e.py": "print('nothing here')\n",
            },
            {
                "a.py": "def read(): pass\n",
                "b.py": "from a import read\nx = read()\n",
                "c.py": "import a\na.read()\n",
                "d.py": "import a as m\nfrom a import read as l\nm.read(); l()\n",
            },
            id="module function",
        ),
        pytest.param(
            ("load", "read"),
            {
                "p/__init__.py": "from .io import load\n\n__all__ = ['load', 'other']\n",
                "p/io.py": "__all__ = (\n    'load',\n)\ndef load(): pass\n",
                "m.py": "import p\nfrom p import load\np.load(); load()\n",
            },
            {
                "m.py": "import p\nfrom p import read\np.read(); read()\n",
                "p/__init__.py": "from .io import read\n\n__all__ = ['read', 'other']\n",
                "p/io.py": "__all__ = (\n    'read',\n)\ndef read(): pass\n",
            },
            id="__all__ and a re-export",
        ),
        pytest.param(
            ("load", "read"),
            {
                "src/p/__init__.py": "",
                "src/p/a.py": "def load(): pass\n",
                "src/p/q/__init__.py": "",
                "src/p/q/b.py": "from ..a import load\nfrom .. import a\nload(); a.load()\n",
                "tests/t.py": "from p.a import load\nload()\n",
            },
            {
                "src/p/a.py": "def read(): pass\n",
                "src/p/q/b.py": "from ..a import read\nfrom .. import a\nread(); a.read()\n",
                "tests/t.py": "from p.a import read\nread()\n",
            },
            id="src folder and relative imports",
        ),
        pytest.param(
            ("Base.load", "read"),
            {
                "a.py": "class Base:\n    def load(self):\n        return self.load()\n",
                "b.py": (
                    "from a import Base\nclass Sub(Base):\n    def load(self):\n"
                    "        return super().load()\nSub().load()\n"
                ),
                "c.py": (
                    "from b import Sub\nclass Third(Sub):\n    def load(self): pass\n"
                    "class Other:\n    def load(self): pass\nOther().load(); Third().load()\n"
                ),
            },
            {
                "a.py": "class Base:\n    def read(self):\n        return self.read()\n",
                "b.py": (
                    "from a import Base\nclass Sub(Base):\n    def read(self):\n"
                    "        return super().read()\nSub().read()\n"
                ),
                "c.py": (
                    "from b import Sub\nclass Third(Sub):\n    def read(self): pass\n"
                    "class Other:\n    def load(self): pass\nOther().load(); Third().read()\n"
                ),
            },
            id="method and its overrides, not another class's",
        ),
        pytest.param(
            ("Loader", "Reader"),
            {
                "a.py": "class Loader: pass\ndef f(x: Loader | None) -> list[Loader]: ...\n",
                "b.py": "import a\nclass Sub(a.Loader, metaclass=M): pass\nx: a.Loader = Sub()\n",
            },
            {
                "a.py": "class Reader: pass\ndef f(x: Reader | None) -> list[Reader]: ...\n",
                "b.py": "import a\nclass Sub(a.Reader, metaclass=M): pass\nx: a.Reader = Sub()\n",
            },
            id="class and annotations",
        ),
        pytest.param(
            ("a.py::count", "total"),
            {
                "a.py": (
                    "count = 0\ndef f():\n    global count\n    count += 1\n"
                    "def g():\n    count = 1\n    return count\n"
                ),
                "b.py": "import a\nfrom a import count\na.count = count\n",
            },
            {
                "a.py": (
                    "total = 0\ndef f():\n    global total\n    total += 1\n"
                    "def g():\n    count = 1\n    return count\n"
                ),
                "b.py": "import a\nfrom a import total\na.total = total\n",
            },
            id="module variable, not a local one",
        ),
        pytest.param(
            ("f.size", "width"),
            {
                "a.py": (
                    "def f(size, n=1):\n    def g(): return size\n    return size\nf(size=1)\n"
                    "class C:\n    def m(self, size): return size\nC().m(size=2)\n"
                ),
                "b.py": "from a import f\nf(n=1, size=3)\n",
            },
            {
                "a.py": (
                    "def f(width, n=1):\n    def g(): return width\n    return width\n"
                    "f(width=1)\n"
                    "class C:\n    def m(self, size): return size\nC().m(size=2)\n"
                ),
                "b.py": "from a import f\nf(n=1, width=3)\n",
            },
            id="parameter and its keywords",
        ),
        pytest.param(
            ("C.x", "y"),
            {
                "a.py": (
                    "class C:\n    def __init__(self, x):\n        self.x = x\n"
                    "    def g(self): return self.x\nc = C(x=2)\nc.x = c.x\n"
                    "class D:\n    def __init__(self, x):\n        self.x = x\nD(1).x\n"
                ),
            },
            {
                "a.py": (
                    "class C:\n    def __init__(self, x):\n        self.y = x\n"
                    "    def g(self): return self.y\nc = C(x=2)\nc.y = c.y\n"
                    "class D:\n    def __init__(self, x):\n        self.x = x\nD(1).x\n"
                ),
            },
            id="attribute, not another class's nor the parameter",
        ),
        pytest.param(
            ("C.x", "y"),
            {
                "a.py": (
                    "from dataclasses import dataclass\n@dataclass\nclass C:\n"
                    "    x: int\nC(x=1).x\n"
                )
            },
            {
                "a.py": (
                    "from dataclasses import dataclass\n@dataclass\nclass C:\n"
                    "    y: int\nC(y=1).y\n"
                )
            },
            id="field of a dataclass",
        ),
        pytest.param(
            ("C.x", "y"),
            {"a.py": "class C:\n    x = 1\nc = C()\n", "b.py": "from a import c\nc.x = 4\n"},
            {"a.py": "class C:\n    y = 1\nc = C()\n", "b.py": "from a import c\nc.y = 4\n"},
            id="attribute set in another file",
        ),
        pytest.param(
            ("f.data", "rows"),
            {
                "a.py": (
                    "data = 4\ndef f():\n    data = 1\n    return [data for _ in data]\n"
                    "def g():\n    data = 2\n    return data\n"
                )
            },
            {
                "a.py": (
                    "data = 4\ndef f():\n    rows = 1\n    return [rows for _ in rows]\n"
                    "def g():\n    data = 2\n    return data\n"
                )
            },
            id="local variable",
        ),
        pytest.param(
            ("a.py::item", "part"),
            {"a.py": "item = 3\ng = [item for item in range(item)]\ndef f(item): return item\n"},
            {"a.py": "part = 3\ng = [item for item in range(part)]\ndef f(item): return item\n"},
            id="not the variable of a comprehension",
        ),
        pytest.param(
            ("a.py::item", "part"),
            {"a.py": "item = 3\nf = lambda item: item + 1\ng = lambda: item\n"},
            {"a.py": "part = 3\nf = lambda item: item + 1\ng = lambda: part\n"},
            id="not the parameter of a lambda",
        ),
        pytest.param(
            ("n", "m"),
            {"a.py": "if (n := len('')) > 1:\n    print(n)\n"},
            {"a.py": "if (m := len('')) > 1:\n    print(m)\n"},
            id="walrus",
        ),
        pytest.param(
            ("load", "read"),
            {
                "a.py": (
                    "def load(): pass\nmatch load():\n    case [x, *rest] if load():\n"
                    "        load()\n    case {'k': y}: print(load)\n"
                )
            },
            {
                "a.py": (
                    "def read(): pass\nmatch read():\n    case [x, *rest] if read():\n"
                    "        read()\n    case {'k': y}: print(read)\n"
                )
            },
            id="match",
        ),
        pytest.param(
            ("P", "Q"),
            {"a.py": "class P:\n    x = 1\nmatch 1:\n    case P(x=1) | P(): pass\n"},
            {"a.py": "class Q:\n    x = 1\nmatch 1:\n    case Q(x=1) | Q(): pass\n"},
            id="class in a pattern",
        ),
        pytest.param(
            ("f.item", "part"),
            {"a.py": "def f(x):\n    item = 2\n    match x:\n        case [item]: return item\n"},
            {"a.py": "def f(x):\n    part = 2\n    match x:\n        case [part]: return part\n"},
            id="name bound by a pattern",
        ),
        pytest.param(
            ("load", "read"),
            {
                "a.py": (
                    "import functools\nasync def load(): pass\n@functools.wraps(load)\n"
                    "async def f():\n    await load()\n    async with load() as x: pass\n"
                    "    return [await load() async for _ in load()]\n"
                )
            },
            {
                "a.py": (
                    "import functools\nasync def read(): pass\n@functools.wraps(read)\n"
                    "async def f():\n    await read()\n    async with read() as x: pass\n"
                    "    return [await read() async for _ in read()]\n"
                )
            },
            id="async",
        ),
        pytest.param(
            ("deco", "wrap"),
            {"a.py": "def deco(f): return f\n@deco\nclass C:\n    @deco\n    def m(self): pass\n"},
            {"a.py": "def wrap(f): return f\n@wrap\nclass C:\n    @wrap\n    def m(self): pass\n"},
            id="decorator",
        ),
        pytest.param(
            ("f.load", "read"),
            {"a.py": "def load(): 1\ndef f():\n    def load(): pass\n    return load()\nload()\n"},
            {"a.py": "def load(): 1\ndef f():\n    def read(): pass\n    return read()\nload()\n"},
            id="nested function",
        ),
        pytest.param(
            ("C.x", "y"),
            {
                "a.py": (
                    "class C:\n    @property\n    def x(self): return 1\n"
                    "    @x.setter\n    def x(self, v): pass\nC().x = C().x\n"
                )
            },
            {
                "a.py": (
                    "class C:\n    @property\n    def y(self): return 1\n"
                    "    @y.setter\n    def y(self, v): pass\nC().y = C().y\n"
                )
            },
            id="property and its setter",
        ),
        pytest.param(
            ("C.size", "width"),
            {
                "a.py": (
                    "class C:\n    size = 1\n    other = size\n    def f(self):\n        size = 2\n"
                    "        return size + self.size + C.size\nsize = 9\n"
                )
            },
            {
                "a.py": (
                    "class C:\n    width = 1\n    other = width\n"
                    "    def f(self):\n        size = 2\n"
                    "        return size + self.width + C.width\nsize = 9\n"
                )
            },
            id="class variable",
        ),
        pytest.param(
            ("load", "read"),
            {"a.py": "def load(): pass\nx = f'load {load()} {load()!r:>{load()}} {{load}}'\n"},
            {"a.py": "def read(): pass\nx = f'load {read()} {read()!r:>{read()}} {{load}}'\n"},
            id="f-string",
        ),
    ],
)
def test_rename(
    tmp_path: Path, symbols: tuple[str, str], files: Files, expected: dict[str, str]
) -> None:
    assert result(tmp_path, renamed(tmp_path, files, *symbols)) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"load()\r\nx = load\r\n", b"read()\r\nx = read\r\n", id="CRLF"),
        pytest.param(b"load()\r\nx = load\n", b"read()\r\nx = read\n", id="mixed EOL"),
        pytest.param(b"\tload()", b"\tread()", id="tab, no final newline"),
        pytest.param(
            "'é日𝒳'; load(); 'é'; load()\n".encode(),
            "'é日𝒳'; read(); 'é'; read()\n".encode(),
            id="non-ASCII before it",
        ),
        pytest.param(b"\x0cload()\n\x0c\nload()\n", b"\x0cread()\n\x0c\nread()\n", id="form feed"),
        pytest.param(
            b"x = load() ;  y=load( )  # note\n",
            b"x = read() ;  y=read( )  # note\n",
            id="odd spacing",
        ),
        pytest.param(b"x = [\n load,\\\n load]\n", b"x = [\n read,\\\n read]\n", id="continued"),
    ],
)
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"", id="plain"),
        pytest.param(b"\xef\xbb\xbf", id="BOM"),
    ],
)
def test_every_other_byte_is_kept(
    tmp_path: Path, start: bytes, data: bytes, expected: bytes
) -> None:
    head = start + b"from a import load\nif 1:\n\t1\n"
    files = {"a.py": b"def load(): pass\r\n", "b.py": head + data}

    plan = renamed(tmp_path, files, "load", "read")

    assert after(Workspace((tmp_path / "project").resolve()), plan.changes) == {
        "a.py": b"def read(): pass\r\n",
        "b.py": head.replace(b"load", b"read") + expected,
    }


def test_a_definition_on_the_first_line_after_a_bom_is_found(tmp_path: Path) -> None:
    plan = renamed(tmp_path, {"a.py": b"\xef\xbb\xbfload = 1; x = load\r\n"}, "load", "read")

    assert [edit.after and edit.after.data for edit in plan.changes] == [
        b"\xef\xbb\xbfread = 1; x = read\r\n"
    ]


def test_latin_1_is_kept(tmp_path: Path) -> None:
    source = b"# coding: latin-1\ndef load(): pass\nx = '\xe9'; load()\n"

    plan = renamed(tmp_path, {"a.py": source}, "load", "read")

    assert [edit.after and edit.after.data for edit in plan.changes] == [
        b"# coding: latin-1\ndef read(): pass\nx = '\xe9'; read()\n"
    ]


def test_modes_are_kept(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {"a.py": "def load(): pass\n"})
    (tmp_path / "a.py").chmod(0o755)

    done = plan(Draft(workspace), Rename("load", "read"))

    assert [edit.after and edit.after.mode for edit in done.changes] == [0o755]


@pytest.mark.parametrize(
    ("files", "leftovers"),
    [
        pytest.param({"a.py": "x = 'load'\n"}, ["a.py:1 string"], id="string"),
        pytest.param({"a.py": "'''The load.'''\n"}, ["a.py:1 docstring"], id="docstring"),
        pytest.param({"a.py": "x = 1  # load it\n"}, ["a.py:1 comment"], id="comment"),
        pytest.param(
            {"a.py": "# load\n\n\n# load\n"}, ["a.py:1 comment", "a.py:4 comment"], id="2"
        ),
        pytest.param({"a.py": "getattr(1, 'load')\n"}, ["a.py:1 string"], id="getattr"),
        pytest.param({"a.py": "x = f'load {1}'\n"}, ["a.py:1 string"], id="text of an f-string"),
        pytest.param({"README.md": "Call load().\n"}, ["README.md:1 text"], id="other file"),
        pytest.param(
            {"a.py": "def f(o): o.load()\n"},
            ["a.py:1 attribute of an unknown object"],
            id="attribute of an untyped object",
        ),
        pytest.param(
            {"a.py": "from m import load\nload(:\n"},
            ["a.py:1 name", "a.py:2 name"],
            id="a file that does not parse",
        ),
        pytest.param(
            {"a.py": "from m import load\rload()\r"}, ["a.py:1 name", "a.py:1 string"], id="CR only"
        ),
        pytest.param(
            {"a.py": "match 1:\n    case int(load=1): pass\n"},
            ["a.py:2 pattern"],
            id="keyword of a pattern",
        ),
        pytest.param({"a.py": "reload = uploads = load_all = 1\n"}, [], id="part of another word"),
        pytest.param({"a.bin": b"load\0\xff"}, [], id="binary"),
    ],
)
def test_what_is_not_renamed_is_listed_and_left_alone(
    tmp_path: Path, files: Files, leftovers: list[str]
) -> None:
    files = {**files, "m.py": "def load(): pass\n"}

    plan = renamed(tmp_path, files, "m.py::load", "read")

    assert [f"{one.place} {one.kind}" for one in plan.evidence.leftovers] == leftovers
    assert result(tmp_path, plan) == {"m.py": "def read(): pass\n"}


@pytest.mark.parametrize(
    ("symbols", "files", "error"),
    [
        pytest.param(("load", "class"), {}, "no name that Python allows", id="keyword"),
        pytest.param(("load", "a-b"), {}, "no name that Python allows", id="no identifier"),
        pytest.param(("load", ""), {}, "no name that Python allows", id="empty"),
        pytest.param(("load", "a.b"), {}, "no name that Python allows", id="dotted"),
        pytest.param(("load", "load"), {}, "called load already", id="the same"),
        pytest.param(("load", "__add__"), {}, "would mangle|belong to Python", id="dunder"),
        pytest.param(("load", "__read"), {}, "would mangle", id="mangled in a class"),
        pytest.param(("load", "ﬁle"), {}, "Python reads ﬁle as file", id="other spelling"),
        pytest.param(("load", "used"), {"m.py": "used = 1\n"}, "m.py:2", id="bound in the module"),
        pytest.param(
            ("m.py::load", "used"),
            {"b.py": "from m import load\nfrom x import used\n"},
            "b.py:2",
            id="bound in a module that imports it",
        ),
        pytest.param(
            ("load", "used"), {"m.py": "def f(used):\n    load()\n"}, "m.py:2", id="parameter"
        ),
        pytest.param(
            ("load", "used"),
            {"m.py": "def f():\n    for used in []:\n        load()\n"},
            "m.py:3",
            id="bound in a function that uses it",
        ),
        pytest.param(("load", "print"), {"m.py": "print(1)\n"}, "m.py:2", id="used built-in"),
        pytest.param(("laod", "read"), {}, "Did you mean load", id="unknown, with a suggestion"),
        pytest.param(("zzz", "read"), {}, "zzz stands nowhere", id="unknown"),
        pytest.param(
            ("load", "read"),
            {"b.py": "def load(): pass\n"},
            "b.py::load\n  m.py::load",
            id="ambiguous",
        ),
        pytest.param(
            ("run", "read"),
            {"b.py": "class A:\n    def run(self): pass\nclass B:\n    def run(self): pass\n"},
            "b.py::A.run\n  b.py::B.run",
            id="ambiguous method",
        ),
        pytest.param(
            ("C.run", "used"),
            {"b.py": "class C:\n    def run(self): pass\n    def used(self): pass\n"},
            "b.py:3",
            id="bound in the class",
        ),
        pytest.param(
            ("C.run", "used"),
            {"b.py": "class C:\n    def run(self): self.used = 1\n"},
            "b.py:2",
            id="an attribute of the class",
        ),
        pytest.param(
            ("C.run", "used"),
            {
                "b.py": "class C:\n    def run(self): pass\n",
                "c.py": "from b import C\nclass D(C):\n    def used(self): pass\n",
            },
            "c.py:3",
            id="bound in a subclass",
        ),
        pytest.param(
            ("D.run", "used"),
            {
                "b.py": "class C:\n    used = 1\n",
                "c.py": "import b\nclass D(b.C):\n    def run(self): pass\n",
            },
            "b.py:2",
            id="bound in a base class",
        ),
        pytest.param(
            ("f.run", "used"),
            {"b.py": "def f():\n    run = 1\n    return used(run)\n"},
            "b.py:3",
            id="seen in the function of a local variable",
        ),
        pytest.param(
            ("f.data", "rows"),
            {
                "b.py": (
                    "def f():\n    data = 1\n    def g():\n        nonlocal data\n"
                    "        data = 2\n    return g\n"
                )
            },
            "b.py:4  nonlocal data",
            id="nonlocal",
        ),
        pytest.param(
            ("m.py::load", "read"),
            {"m.py": "def f(x):\n    match x:\n        case load: return load\n"},
            "m.py:4  case load",
            id="a pattern in a function binds the name",
        ),
        pytest.param(
            ("b.py::get", "read"),
            {"b.py": "try:\n    from x import get\nexcept ImportError:\n    def get(): pass\n"},
            "b.py:2  from x import get",
            id="also imported from elsewhere",
        ),
    ],
)
def test_a_rename_that_is_not_safe_is_refused(
    tmp_path: Path, symbols: tuple[str, str], files: Files, error: str
) -> None:
    own = files.get("m.py", "")
    assert isinstance(own, str)
    files = {**files, "m.py": "def load(): pass\n" + own}

    with pytest.raises(RefactoringRefused, match=error):
        renamed(tmp_path, files, *symbols)


def test_a_name_in_a_file_that_imports_it_is_followed(tmp_path: Path) -> None:
    files = {"a.py": "def load(): pass\n", "b.py": "from a import load\n", "c.py": "load = 1\n"}

    plan = renamed(tmp_path, files, "b.py::load", "read")

    assert sorted(result(tmp_path, plan)) == ["a.py", "b.py"]


def test_a_dirty_draft_is_renamed_as_it_is_staged(tmp_path: Path) -> None:
    workspace = make_repository(tmp_path, {"a.py": "def load(): pass\n", "gone.py": "load = 1\n"})
    draft = Draft(workspace)
    draft.replace(PurePosixPath("a.py"), "pass", "return load")
    draft.create(PurePosixPath("b.py"), "from a import load\n")
    draft.delete(PurePosixPath("gone.py"))
    before = tree(workspace.root)

    draft.stage(plan(draft, Rename("load", "read")).changes)

    assert after(workspace, draft.changes()) == {
        "a.py": b"def read(): return read\n",
        "b.py": b"from a import read\n",
    }
    assert tree(workspace.root) == before


def test_planning_changes_neither_draft_nor_disk(tmp_path: Path) -> None:
    workspace = make_repository(tmp_path, {"a.py": "def load(): pass\n"})
    draft = Draft(workspace)

    plan(draft, Rename("load", "read"))

    assert not draft.changes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "a.py"]


def test_two_engines_that_agree_and_no_leftover_are_proof(tmp_path: Path) -> None:
    plan = renamed(tmp_path, {"a.py": "def load(): pass\nload()\n"}, "load", "read")

    assert plan.title == "Rename a.py::load to read"
    assert plan.evidence.summary() == "proven: 2 occurrences in 1 file"


def test_a_file_that_cannot_be_read_leaves_a_doubt(tmp_path: Path) -> None:
    files: Files = {
        "a.py": "def load(): pass\n",
        "b.py": b"# \xff\nfrom a import load\nloader = 1\n",
    }

    plan = renamed(tmp_path, files, "load", "read")

    assert plan.evidence.level == "likely"
    assert [f"{one.place} {one.text}" for one in plan.evidence.leftovers] == [
        "b.py:2 from a import load"
    ]


def test_a_leftover_leaves_a_doubt(tmp_path: Path) -> None:
    plan = renamed(tmp_path, {"a.py": "def load(): pass\n# load\n"}, "load", "read")

    assert plan.evidence.summary() == "likely: 1 occurrence in 1 file, 1 left as they are"


def test_the_same_parameter_of_an_override_is_listed(tmp_path: Path) -> None:
    source = (
        "class A:\n    def f(self, x): return x\n"
        "class B(A):\n    def f(self, x): return x\n"
        "class C:\n    def g(self, x): return x\n"
    )

    plan = renamed(tmp_path, {"a.py": source}, "A.f.x", "y")

    listed = [(one.place.line, one.kind) for one in plan.evidence.leftovers]
    assert listed == [(4, "parameter of a method of that name")]
    assert plan.evidence.level == "likely"
