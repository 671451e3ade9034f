"""Renames in every spelling of the text; what is refused is in `tests/unit/test_rename.py`."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.refactor.requests import Rename


@spelt(
    Case(
        "module function",
        {
            "a.py": "def load(): pass\n",
            "b.py": "from a import load\nx = load()\n",
            "c.py": "import a\na.load()\n",
            "d.py": "import a as m\nfrom a import load as l\nm.load(); l()\n",
            "e.py": "print('nothing here')\n",
        },
        Rename("load", "read"),
        {
            "a.py": "def read(): pass\n",
            "b.py": "from a import read\nx = read()\n",
            "c.py": "import a\na.read()\n",
            "d.py": "import a as m\nfrom a import read as l\nm.read(); l()\n",
        },
    ),
    Case(
        "__all__ and a re-export",
        {
            "p/__init__.py": "from .io import load\n\n__all__ = ['load', 'other']\n",
            "p/io.py": "__all__ = (\n    'load',\n)\ndef load(): pass\n",
            "m.py": "import p\nfrom p import load\np.load(); load()\n",
        },
        Rename("load", "read"),
        {
            "m.py": "import p\nfrom p import read\np.read(); read()\n",
            "p/__init__.py": "from .io import read\n\n__all__ = ['read', 'other']\n",
            "p/io.py": "__all__ = (\n    'read',\n)\ndef read(): pass\n",
        },
    ),
    Case(
        "src folder and relative imports",
        {
            "src/p/__init__.py": "",
            "src/p/a.py": "def load(): pass\n",
            "src/p/q/__init__.py": "",
            "src/p/q/b.py": "from ..a import load\nfrom .. import a\nload(); a.load()\n",
            "tests/t.py": "from p.a import load\nload()\n",
        },
        Rename("load", "read"),
        {
            "src/p/a.py": "def read(): pass\n",
            "src/p/q/b.py": "from ..a import read\nfrom .. import a\nread(); a.read()\n",
            "tests/t.py": "from p.a import read\nread()\n",
        },
    ),
    Case(
        "method and its overrides, not another class's",
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
        Rename("Base.load", "read"),
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
    ),
    Case(
        "class and annotations",
        {
            "a.py": "class Loader: pass\ndef f(x: Loader | None) -> list[Loader]: ...\n",
            "b.py": "import a\nclass Sub(a.Loader, metaclass=M): pass\nx: a.Loader = Sub()\n",
        },
        Rename("Loader", "Reader"),
        {
            "a.py": "class Reader: pass\ndef f(x: Reader | None) -> list[Reader]: ...\n",
            "b.py": "import a\nclass Sub(a.Reader, metaclass=M): pass\nx: a.Reader = Sub()\n",
        },
    ),
    Case(
        "module variable, not a local one",
        {
            "a.py": (
                "count = 0\ndef f():\n    global count\n    count += 1\n"
                "def g():\n    count = 1\n    return count\n"
            ),
            "b.py": "import a\nfrom a import count\na.count = count\n",
        },
        Rename("a.py::count", "total"),
        {
            "a.py": (
                "total = 0\ndef f():\n    global total\n    total += 1\n"
                "def g():\n    count = 1\n    return count\n"
            ),
            "b.py": "import a\nfrom a import total\na.total = total\n",
        },
    ),
    Case(
        "parameter and its keywords",
        {
            "a.py": (
                "def f(size, n=1):\n    def g(): return size\n    return size\nf(size=1)\n"
                "class C:\n    def m(self, size): return size\nC().m(size=2)\n"
            ),
            "b.py": "from a import f\nf(n=1, size=3)\n",
        },
        Rename("f.size", "width"),
        {
            "a.py": (
                "def f(width, n=1):\n    def g(): return width\n    return width\n"
                "f(width=1)\n"
                "class C:\n    def m(self, size): return size\nC().m(size=2)\n"
            ),
            "b.py": "from a import f\nf(n=1, width=3)\n",
        },
    ),
    Case(
        "attribute, not another class's nor the parameter",
        {
            "a.py": (
                "class C:\n    def __init__(self, x):\n        self.x = x\n"
                "    def g(self): return self.x\nc = C(x=2)\nc.x = c.x\n"
                "class D:\n    def __init__(self, x):\n        self.x = x\nD(1).x\n"
            ),
        },
        Rename("C.x", "y"),
        {
            "a.py": (
                "class C:\n    def __init__(self, x):\n        self.y = x\n"
                "    def g(self): return self.y\nc = C(x=2)\nc.y = c.y\n"
                "class D:\n    def __init__(self, x):\n        self.x = x\nD(1).x\n"
            ),
        },
    ),
    Case(
        "field of a dataclass",
        {
            "a.py": (
                "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int\nC(x=1).x\n"
            )
        },
        Rename("C.x", "y"),
        {
            "a.py": (
                "from dataclasses import dataclass\n@dataclass\nclass C:\n    y: int\nC(y=1).y\n"
            )
        },
    ),
    Case(
        "attribute set in another file",
        {"a.py": "class C:\n    x = 1\nc = C()\n", "b.py": "from a import c\nc.x = 4\n"},
        Rename("C.x", "y"),
        {"a.py": "class C:\n    y = 1\nc = C()\n", "b.py": "from a import c\nc.y = 4\n"},
    ),
    Case(
        "local variable",
        {
            "a.py": (
                "data = 4\ndef f():\n    data = 1\n    return [data for _ in data]\n"
                "def g():\n    data = 2\n    return data\n"
            )
        },
        Rename("f.data", "rows"),
        {
            "a.py": (
                "data = 4\ndef f():\n    rows = 1\n    return [rows for _ in rows]\n"
                "def g():\n    data = 2\n    return data\n"
            )
        },
    ),
    Case(
        "not the variable of a comprehension",
        {"a.py": "item = 3\ng = [item for item in range(item)]\ndef f(item): return item\n"},
        Rename("a.py::item", "part"),
        {"a.py": "part = 3\ng = [item for item in range(part)]\ndef f(item): return item\n"},
    ),
    Case(
        "not the parameter of a lambda",
        {"a.py": "item = 3\nf = lambda item: item + 1\ng = lambda: item\n"},
        Rename("a.py::item", "part"),
        {"a.py": "part = 3\nf = lambda item: item + 1\ng = lambda: part\n"},
    ),
    Case(
        "walrus",
        {"a.py": "if (n := len('')) > 1:\n    print(n)\n"},
        Rename("n", "m"),
        {"a.py": "if (m := len('')) > 1:\n    print(m)\n"},
    ),
    Case(
        "match",
        {
            "a.py": (
                "def load(): pass\nmatch load():\n    case [x, *rest] if load():\n"
                "        load()\n    case {'k': y}: print(load)\n"
            )
        },
        Rename("load", "read"),
        {
            "a.py": (
                "def read(): pass\nmatch read():\n    case [x, *rest] if read():\n"
                "        read()\n    case {'k': y}: print(read)\n"
            )
        },
    ),
    Case(
        "class in a pattern",
        {"a.py": "class P:\n    x = 1\nmatch 1:\n    case P(x=1) | P(): pass\n"},
        Rename("P", "Q"),
        {"a.py": "class Q:\n    x = 1\nmatch 1:\n    case Q(x=1) | Q(): pass\n"},
    ),
    Case(
        "name bound by a pattern",
        {"a.py": "def f(x):\n    item = 2\n    match x:\n        case [item]: return item\n"},
        Rename("f.item", "part"),
        {"a.py": "def f(x):\n    part = 2\n    match x:\n        case [part]: return part\n"},
    ),
    Case(
        "async",
        {
            "a.py": (
                "import functools\nasync def load(): pass\n@functools.wraps(load)\n"
                "async def f():\n    await load()\n    async with load() as x: pass\n"
                "    return [await load() async for _ in load()]\n"
            )
        },
        Rename("load", "read"),
        {
            "a.py": (
                "import functools\nasync def read(): pass\n@functools.wraps(read)\n"
                "async def f():\n    await read()\n    async with read() as x: pass\n"
                "    return [await read() async for _ in read()]\n"
            )
        },
    ),
    Case(
        "decorator",
        {"a.py": "def deco(f): return f\n@deco\nclass C:\n    @deco\n    def m(self): pass\n"},
        Rename("deco", "wrap"),
        {"a.py": "def wrap(f): return f\n@wrap\nclass C:\n    @wrap\n    def m(self): pass\n"},
    ),
    Case(
        "nested function",
        {"a.py": "def load(): 1\ndef f():\n    def load(): pass\n    return load()\nload()\n"},
        Rename("f.load", "read"),
        {"a.py": "def load(): 1\ndef f():\n    def read(): pass\n    return read()\nload()\n"},
    ),
    Case(
        "property and its setter",
        {
            "a.py": (
                "class C:\n    @property\n    def x(self): return 1\n"
                "    @x.setter\n    def x(self, v): pass\nC().x = C().x\n"
            )
        },
        Rename("C.x", "y"),
        {
            "a.py": (
                "class C:\n    @property\n    def y(self): return 1\n"
                "    @y.setter\n    def y(self, v): pass\nC().y = C().y\n"
            )
        },
    ),
    Case(
        "class variable",
        {
            "a.py": (
                "class C:\n    size = 1\n    other = size\n    def f(self):\n        size = 2\n"
                "        return size + self.size + C.size\nsize = 9\n"
            )
        },
        Rename("C.size", "width"),
        {
            "a.py": (
                "class C:\n    width = 1\n    other = width\n"
                "    def f(self):\n        size = 2\n"
                "        return size + self.width + C.width\nsize = 9\n"
            )
        },
    ),
    Case(
        "f-string",
        {"a.py": "def load(): pass\nx = f'load {load()} {load()!r:>{load()}} {{load}}'\n"},
        Rename("load", "read"),
        {"a.py": "def read(): pass\nx = f'load {read()} {read()!r:>{read()}} {{load}}'\n"},
    ),
    Case(
        "function and its import",
        {
            "a.py": "def load(path):\n    return path\n",
            "b.py": "from a import load\n\n\ndef main():\n    return load('x')\n",
        },
        Rename("load", "read"),
        {
            "a.py": "def read(path):\n    return path\n",
            "b.py": "from a import read\n\n\ndef main():\n    return read('x')\n",
        },
        level="proven",
    ),
    Case(
        "address with a path",
        {
            "a.py": "class A:\n    def run(self):\n        return self.run\n",
            "b.py": "class A:\n    def run(self):\n        return self.run\n",
        },
        Rename("b.py::A.run", "go"),
        {"b.py": "class A:\n    def go(self):\n        return self.go\n"},
        level="proven",
    ),
    Case(
        "annotations in strings, type comments and casts",
        {
            "a.py": "class Loader: pass\n",
            "b.py": (
                "from typing import Literal, cast\nfrom a import Loader\n"
                "def f(x: 'Loader', y: \"list[Loader]\") -> 'Loader | None': ...\n"
                "z: Literal['Loader']\n"
                "w = []  # type: list[Loader]\n"
                "v = cast('Loader', w)\n"
            ),
        },
        Rename("Loader", "Reader"),
        {
            "a.py": "class Reader: pass\n",
            "b.py": (
                "from typing import Literal, cast\nfrom a import Reader\n"
                "def f(x: 'Reader', y: \"list[Reader]\") -> 'Reader | None': ...\n"
                "z: Literal['Loader']\n"
                "w = []  # type: list[Reader]\n"
                "v = cast('Reader', w)\n"
            ),
        },
        leftovers=("b.py:4 string",),
    ),
    Case(
        "an annotation in a string where the name has two meanings is left",
        {
            "a.py": (
                "class Loader: pass\n\n\nclass Other:\n    class Loader: pass\n    x: 'Loader'\n"
            )
        },
        Rename("a.py::Loader", "Reader"),
        {
            "a.py": (
                "class Reader: pass\n\n\nclass Other:\n    class Loader: pass\n    x: 'Loader'\n"
            )
        },
        level="likely",
        leftovers=("a.py:6 annotation",),
    ),
    Case(
        "field of a dataclass, its keywords and patterns",
        {
            "a.py": (
                "from dataclasses import dataclass\n\n\n@dataclass\nclass Box:\n    size: int\n"
            ),
            "b.py": (
                "from a import Box\nimport a\nbox = Box(size=1)\nother = a.Box(size=box.size)\n"
                "def f(size):\n    return size\nf(size=2)\n"
                "match box:\n    case Box(size=(1 | 2)):\n        pass\n"
            ),
        },
        Rename("Box.size", "width"),
        {
            "a.py": (
                "from dataclasses import dataclass\n\n\n@dataclass\nclass Box:\n    width: int\n"
            ),
            "b.py": (
                "from a import Box\nimport a\nbox = Box(width=1)\nother = a.Box(width=box.width)\n"
                "def f(size):\n    return size\nf(size=2)\n"
                "match box:\n    case Box(width=(1 | 2)):\n        pass\n"
            ),
        },
        level="proven",
        leftovers=(),
    ),
    Case(
        "async methods and their overrides",
        {
            "a.py": (
                "class A:\n    async def load(self): ...\n\n\nclass B(A):\n"
                "    async def load(self):\n        return await super().load()\n\n\n"
                "async def main():\n    await B().load()\n"
            )
        },
        Rename("A.load", "read"),
        {
            "a.py": (
                "class A:\n    async def read(self): ...\n\n\nclass B(A):\n"
                "    async def read(self):\n        return await super().read()\n\n\n"
                "async def main():\n    await B().read()\n"
            )
        },
        level="proven",
    ),
    Case(
        "an override of what a library defines is refused",
        {"a.py": "import logging\n\n\nclass H(logging.Handler):\n    def emit(self, r): ...\n"},
        Rename("H.emit", "send"),
        refused="H.emit seems to override what a class outside of this project defines",
    ),
    Case(
        "an object of one class or another leaves a doubt",
        {
            "a.py": (
                "class A:\n    def run(self): ...\n\n\nclass B:\n    def run(self): ...\n\n\n"
                "def main(x: A | B):\n    x.run()\n"
            )
        },
        Rename("A.run", "go"),
        {
            "a.py": (
                "class A:\n    def go(self): ...\n\n\nclass B:\n    def run(self): ...\n\n\n"
                "def main(x: A | B):\n    x.go()\n"
            )
        },
        level="likely",
        leftovers=(),
    ),
    Case(
        "names that are put together are listed",
        {
            "a.py": (
                "class A:\n    def do_load(self): ...\n    def do(self, what, o):\n"
                "        getattr(o, f'do_{what}')()\n        getattr(o, 'do_' + what)()\n"
                "        getattr(o, 'do_%s' % what)()\n        globals()[what + '_load']()\n"
                "        getattr(o, 'on_' + what)()\n"
            )
        },
        Rename("A.do_load", "do_read"),
        {
            "a.py": (
                "class A:\n    def do_read(self): ...\n    def do(self, what, o):\n"
                "        getattr(o, f'do_{what}')()\n        getattr(o, 'do_' + what)()\n"
                "        getattr(o, 'do_%s' % what)()\n        globals()[what + '_load']()\n"
                "        getattr(o, 'on_' + what)()\n"
            )
        },
        level="likely",
        leftovers=tuple(f"a.py:{n} name that is put together as it runs" for n in (4, 5, 6, 7)),
    ),
    Case(
        "a parameter by name only, which rope does not resolve",
        {"a.py": "def f(*, key=None):\n    return key\n\n\nf(key=1)\n"},
        Rename("f.key", "k"),
        {"a.py": "def f(*, k=None):\n    return k\n\n\nf(k=1)\n"},
        level="proven",
    ),
    Case(
        "a fixture of pytest, and who asks for it",
        {
            "t/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef env():\n    return 1\n",
            "t/test_x.py": (
                "import pytest\n\n\ndef test_a(env):\n    assert env == 1\n\n\n"
                "@pytest.fixture()\ndef more(env, tmp_path):\n    yield env\n\n\n"
                "@pytest.mark.usefixtures('env')\ndef test_b(request):\n"
                "    env = request.getfixturevalue('env')\n    assert env\n\n\n"
                "def helper(env):\n    return env\n"
            ),
            "other/test_y.py": "def test_c(env):\n    pass\n",
        },
        Rename("t/conftest.py::env", "place"),
        {
            "t/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef place():\n    return 1\n",
            "t/test_x.py": (
                "import pytest\n\n\ndef test_a(place):\n    assert place == 1\n\n\n"
                "@pytest.fixture()\ndef more(place, tmp_path):\n    yield place\n\n\n"
                "@pytest.mark.usefixtures('place')\ndef test_b(request):\n"
                "    env = request.getfixturevalue('place')\n    assert env\n\n\n"
                "def helper(env):\n    return env\n"
            ),
        },
        level="likely",
    ),
    Case(
        "several fixtures of one name are refused",
        {
            "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef env(): ...\n",
            "test_x.py": "import pytest\n\n\n@pytest.fixture\ndef env(env): ...\n",
        },
        Rename("conftest.py::env", "place"),
        refused="2 fixtures are called env",
    ),
    Case(
        "a parameter that pytest fills is refused",
        {"test_x.py": "def test_a(env):\n    assert env\n"},
        Rename("test_a.env", "place"),
        refused="pytest fills env of test_a by its name",
    ),
    Case(
        "a test that would no longer be run leaves a doubt",
        {"test_x.py": "def test_a(): ...\n"},
        Rename("test_a", "check_a"),
        {"test_x.py": "def check_a(): ...\n"},
        level="likely",
    ),
    Case(
        "an f-string that prints the name leaves a doubt",
        {"a.py": "def f(width):\n    return f'{width=} {width!r:>{width}}'\n"},
        Rename("f.width", "w"),
        {"a.py": "def f(w):\n    return f'{w=} {w!r:>{w}}'\n"},
        level="likely",
    ),
    Case(
        "an f-string that does not print the name leaves none",
        {"a.py": "def f(width):\n    return f'{width} {width == 1} {g(width=width)}'\n"},
        Rename("f.width", "w"),
        {"a.py": "def f(w):\n    return f'{w} {w == 1} {g(width=w)}'\n"},
        leftovers=("a.py:2 keyword of an unknown call",),
    ),
    Case(
        "a member of an enum leaves a doubt",
        {"a.py": "from enum import Enum\n\n\nclass E(Enum):\n    A = 1\n\n\nprint(E.A)\n"},
        Rename("E.A", "B"),
        {"a.py": "from enum import Enum\n\n\nclass E(Enum):\n    B = 1\n\n\nprint(E.B)\n"},
        level="likely",
        leftovers=(),
    ),
    Case(
        "fields that are read as data leave a doubt",
        {
            "a.py": (
                "from dataclasses import asdict, dataclass\n\n\n@dataclass\nclass P:\n"
                "    x: int\n\n\nprint(asdict(P(1)))\n"
            )
        },
        Rename("P.x", "y"),
        {
            "a.py": (
                "from dataclasses import asdict, dataclass\n\n\n@dataclass\nclass P:\n"
                "    y: int\n\n\nprint(asdict(P(1)))\n"
            )
        },
        level="likely",
    ),
    Case(
        "a variable that locals() may show leaves a doubt",
        {"a.py": "def f():\n    x = 1\n    return locals()\n"},
        Rename("f.x", "y"),
        {"a.py": "def f():\n    y = 1\n    return locals()\n"},
        level="likely",
    ),
    Case(
        "mangled names of several classes are refused",
        {
            "a.py": (
                "class A:\n    __x = 1\n    def f(self): return self.__x\n\n\n"
                "class B(A):\n    __x = 2\n    def g(self): return self.__x\n"
            )
        },
        Rename("B.__x", "x"),
        refused="each its own, since Python mangles the name",
    ),
    Case(
        "a name that import * would pass over is refused",
        {"a.py": "def h(): ...\n", "b.py": "from a import *\nh()\n"},
        Rename("a.py::h", "_h"),
        refused="which `import \\*` passes over",
    ),
    Case(
        "functions that are named after a class are listed",
        {
            "a.py": (
                "class Num: ...\n\n\nclass V:\n    def visit_Num(self, n): ...\n"
                "    def visit(self, n): getattr(self, 'visit_' + type(n).__name__)(n)\n"
            )
        },
        Rename("Num", "Number"),
        {
            "a.py": (
                "class Number: ...\n\n\nclass V:\n    def visit_Num(self, n): ...\n"
                "    def visit(self, n): getattr(self, 'visit_' + type(n).__name__)(n)\n"
            )
        },
        level="likely",
        leftovers=("a.py:5 name that is made from this one",),
    ),
    Case(
        "a protocol that asks for the method leaves a doubt",
        {
            "a.py": (
                "from typing import Protocol\n\n\nclass P(Protocol):\n    def run(self): ...\n\n\n"
                "class A:\n    def run(self): ...\n\n\ndef f(x: P): x.run()\n"
            )
        },
        Rename("A.run", "go"),
        {
            "a.py": (
                "from typing import Protocol\n\n\nclass P(Protocol):\n    def run(self): ...\n\n\n"
                "class A:\n    def go(self): ...\n\n\ndef f(x: P): x.run()\n"
            )
        },
        level="likely",
    ),
    Case(
        "a class that a subclass inherits from too leaves a doubt",
        {
            "a.py": (
                "class A:\n    def f(self): ...\n\n\nclass Mix:\n    def f(self): ...\n\n\n"
                "class B(Mix, A): ...\n"
            )
        },
        Rename("A.f", "g"),
        {
            "a.py": (
                "class A:\n    def g(self): ...\n\n\nclass Mix:\n    def f(self): ...\n\n\n"
                "class B(Mix, A): ...\n"
            )
        },
        level="likely",
    ),
    Case(
        "a stub beside the package goes along",
        {
            "p/__init__.py": "from ._make import attrib\n",
            "p/__init__.pyi": "def attrib(x: int) -> int: ...\n",
            "p/_make.py": "def attrib(x):\n    return x\n",
            "test_p.py": "from p import attrib\n\nattrib(1)\n",
        },
        Rename("p/_make.py::attrib", "mk"),
        {
            "p/__init__.py": "from ._make import mk\n",
            "p/__init__.pyi": "def mk(x: int) -> int: ...\n",
            "p/_make.py": "def mk(x):\n    return x\n",
            "test_p.py": "from p import mk\n\nmk(1)\n",
        },
        leftovers=(),
    ),
    Case(
        "a parameter goes along in what overrides the method",
        {
            "a.py": (
                "class A:\n    def f(self, name): return name\n\n\n"
                "class B(A):\n    def f(self, name): return super().f(name=name)\n\n\n"
                "class Other:\n    def f(self, name): return name\n\n\n"
                "def call(a: A): return a.f(name=1)\n"
            )
        },
        Rename("A.f.name", "n"),
        {
            "a.py": (
                "class A:\n    def f(self, n): return n\n\n\n"
                "class B(A):\n    def f(self, n): return super().f(n=n)\n\n\n"
                "class Other:\n    def f(self, name): return name\n\n\n"
                "def call(a: A): return a.f(n=1)\n"
            )
        },
        leftovers=("a.py:10 parameter of a method of that name",),
    ),
    Case(
        "a parameter of overloads is refused",
        {
            "a.py": (
                "from typing import overload\n\n\nclass A:\n    @overload\n"
                "    def m(self, flag: int) -> int: ...\n    @overload\n"
                "    def m(self, flag: str) -> str: ...\n    def m(self, flag): return flag\n"
            )
        },
        Rename("A.m.flag", "f"),
        refused="A.m is defined several times",
    ),
    Case(
        "a keyword is not the variable of that name",
        {"a.py": "def f(a):\n    x = a\n    return g(x=x)\n"},
        Rename("f.x", "y"),
        {"a.py": "def f(a):\n    y = a\n    return g(x=y)\n"},
        level="proven",
    ),
    Case(
        "a name of which all but a letter is known is listed",
        {"a.py": "class A:\n    def on_a(self): ...\n\n\ngetattr(A(), 'on_' + x)()\n"},
        Rename("A.on_a", "do_a"),
        {"a.py": "class A:\n    def do_a(self): ...\n\n\ngetattr(A(), 'on_' + x)()\n"},
        level="likely",
        leftovers=("a.py:5 name that is put together as it runs",),
    ),
    Case(
        "prose on request",
        {
            "a.py": (
                "def load():\n    'Load it: load().'\n    # load\n    return 'load', loads\n"
                "loads = 1\n"
            ),
            "README.md": "Call `load`.\n",
            "setup.cfg": "load = a:load\n",
        },
        Rename("load", "read", docs=True),
        {
            "a.py": (
                "def read():\n    'Load it: read().'\n    # read\n    return 'read', loads\n"
                "loads = 1\n"
            ),
            "README.md": "Call `read`.\n",
        },
        level="likely",
        leftovers=("setup.cfg:1 configuration", "setup.cfg:1 configuration"),
    ),
    Case(
        "dynamic uses are listed",
        {
            "a.py": "class A:\n    def load(self): pass\n\n\ngetattr(A(), 'load')()\n",
            "x.ipynb": '{"source": "load()"}\n',
            "t.html": "{{ a.load() }}\n",
        },
        Rename("A.load", "read"),
        {"a.py": "class A:\n    def read(self): pass\n\n\ngetattr(A(), 'load')()\n"},
        level="likely",
        leftovers=("a.py:5 dynamic use", "t.html:1 template", "x.ipynb:1 notebook"),
    ),
)
def test_rename(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)
