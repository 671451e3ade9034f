"""Methods made functions, and functions made methods, with every call of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import make_workspace
from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.draft import Draft
from toolset.refactor.catalogue import plan
from toolset.refactor.requests import FunctionToMethod, MethodToFunction, Request

_OUT = MethodToFunction("a.py::Box.area")
_IN = FunctionToMethod("a.py::area", "Box")


def _one(name: str, request: Request, before: str, after: str, **more: object) -> Case:
    return Case(name, {"a.py": before}, request, {"a.py": after}, **more)  # type: ignore[arg-type]


@spelt(
    _one(
        "called on the object itself, and from below",
        _OUT,
        "class Box:\n"
        "    def __init__(self, size):\n"
        "        self.size = size\n"
        "\n"
        "    # in square cm\n"
        "    def area(self, times=1):\n"
        '        """Say how large it is.\n'
        "\n"
        "        With é.\n"
        '        """\n'
        "        return self.size ** 2 * times  # squared\n"
        "\n"
        "    def show(self):\n"
        "        return f'{self.area(2)} é {self.size}'\n"
        "\n"
        "\n"
        "def main():\n"
        "    print(Box(3).area())\n",
        "class Box:\n"
        "    def __init__(self, size):\n"
        "        self.size = size\n"
        "\n"
        "    def show(self):\n"
        "        return f'{area(self, 2)} é {self.size}'\n"
        "\n"
        "\n"
        "# in square cm\n"
        "def area(box, times=1):\n"
        '    """Say how large it is.\n'
        "\n"
        "    With é.\n"
        '    """\n'
        "    return box.size ** 2 * times  # squared\n"
        "\n"
        "\n"
        "def main():\n"
        "    print(area(Box(3)))\n",
        level="proven",
        leftovers=(),
    ),
    _one(
        "the only method, and the last one",
        _OUT,
        "class Box:\n    def area(self):\n        return 1\n",
        "class Box:\n    pass\n\n\ndef area(box):\n    return 1\n",
        level="proven",
    ),
    _one(
        "the last of several methods",
        _OUT,
        "class Box:\n"
        "    size = 1\n"
        "\n"
        "    def area(self):\n"
        "        return self.size\n"
        "\n"
        "\n"
        "print(Box().area())\n",
        "class Box:\n"
        "    size = 1\n"
        "\n"
        "\n"
        "def area(box):\n"
        "    return box.size\n"
        "\n"
        "\n"
        "print(area(Box()))\n",
        level="proven",
    ),
    Case(
        "other files import the function beside the class, or for itself",
        {
            "pkg/__init__.py": "",
            "pkg/a.py": "class Box:\n    size = 2\n\n"
            "    def area(self):\n        return self.size\n",
            "pkg/b.py": "from .a import Box\n\nprint(Box().area())\n",
            "c.py": "from pkg.a import (\n    Box,\n)\n\nbox = Box()\nprint(box.area())\n",
        },
        MethodToFunction("pkg/a.py::Box.area"),
        {
            "pkg/a.py": "class Box:\n    size = 2\n\n\ndef area(box):\n    return box.size\n",
            "pkg/b.py": "from .a import area, Box\n\nprint(area(Box()))\n",
            "c.py": "from pkg.a import (\n    area,\n    Box,\n)\n\n"
            "box = Box()\nprint(area(box))\n",
        },
        level="proven",
    ),
    Case(
        "a file that did not import the module",
        {
            "a.py": "class Box:\n    size = 2\n\n    def area(self):\n        return self.size\n",
            "b.py": "from a import Box\n\n\ndef make():\n    return Box()\n",
            "c.py": "from b import make\n\nprint(make().area())\n",
        },
        _OUT,
        {
            "a.py": "class Box:\n    size = 2\n\n\ndef area(box):\n    return box.size\n",
            "c.py": "from b import make\nfrom a import area\n\nprint(area(make()))\n",
        },
        level="likely",
    ),
    _one(
        "static method",
        _OUT,
        "class Box:\n"
        "    @staticmethod\n"
        "    def area(size: int) -> int:\n"
        "        return size * size\n"
        "\n"
        "    def show(self):\n"
        "        return self.area(2) + Box.area(3)\n",
        "class Box:\n"
        "    def show(self):\n"
        "        return area(2) + area(3)\n"
        "\n"
        "\n"
        "def area(size: int) -> int:\n"
        "    return size * size\n",
        level="proven",
    ),
    _one(
        "called on the class, with a type",
        _OUT,
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "    def area(self, by: int) -> int:\n"
        "        return self.size * by\n"
        "\n"
        "\n"
        "print(Box.area(Box(), 3))\n",
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "\n"
        "def area(box: Box, by: int) -> int:\n"
        "    return box.size * by\n"
        "\n"
        "\n"
        "print(area(Box(), 3))\n",
    ),
    _one(
        "async, over several lines, walrus, match, and a generator",
        _OUT,
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "    def area(self, by, to=0):\n"
        "        yield self.size * by\n"
        "\n"
        "    async def show(self):\n"
        "        match await self.area(\n"
        "            2,\n"
        "            to=3,  # far\n"
        "        ):\n"
        "            case 4 if (n := await self.area(4)):\n"
        "                return [await self.area(m) for m in range(n)]\n",
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "    async def show(self):\n"
        "        match await area(\n"
        "            self,\n"
        "            2,\n"
        "            to=3,  # far\n"
        "        ):\n"
        "            case 4 if (n := await area(self, 4)):\n"
        "                return [await area(self, m) for m in range(n)]\n"
        "\n"
        "\n"
        "def area(box, by, to=0):\n"
        "    yield box.size * by\n",
    ),
    _one(
        "calls in calls, and of itself",
        _OUT,
        "class Box:\n"
        "    def area(self, n=0):\n"
        "        return self.area(self.area(n - 1)) if n else self\n"
        "\n"
        "    def show(self):\n"
        "        return self.area(self.area(1))\n",
        "class Box:\n"
        "    def show(self):\n"
        "        return area(self, area(self, 1))\n"
        "\n"
        "\n"
        "def area(box, n=0):\n"
        "    return area(box, area(box, n - 1)) if n else box\n",
    ),
    _one(
        "strings of several lines stay as they are",
        _OUT,
        "class Box:\n"
        "    def area(self):\n"
        "        text = '''\n"
        "        kept\n"
        "    '''\n"
        "        return (self,\n"
        "                text)\n"
        "\n"
        "    def rest(self):\n"
        "        return 1\n",
        "class Box:\n"
        "    def rest(self):\n"
        "        return 1\n"
        "\n"
        "\n"
        "def area(box):\n"
        "    text = '''\n"
        "        kept\n"
        "    '''\n"
        "    return (box,\n"
        "            text)\n",
    ),
    _one(
        "a name that is taken stays self, and so does one of a nested scope",
        _OUT,
        "box = 1\n"
        "\n"
        "\n"
        "class Box:\n"
        "    def area(self):\n"
        "        return self\n"
        "\n"
        "    def rest(self):\n"
        "        return 1\n",
        "box = 1\n"
        "\n"
        "\n"
        "class Box:\n"
        "    def rest(self):\n"
        "        return 1\n"
        "\n"
        "\n"
        "def area(self):\n"
        "    return self\n",
    ),
    _one(
        "a comment and a string speak of it",
        _OUT,
        "class Box:\n"
        "    def area(self):\n"
        "        return 1\n"
        "\n"
        "    def rest(self):\n"
        "        # like area\n"
        "        return getattr(self, 'area')\n",
        "class Box:\n"
        "    def rest(self):\n"
        "        # like area\n"
        "        return getattr(self, 'area')\n"
        "\n"
        "\n"
        "def area(box):\n"
        "    return 1\n",
        level="likely",
        leftovers=("a.py:6 comment", "a.py:7 dynamic use"),
    ),
    Case(
        "subclass and base class of the project",
        {
            "a.py": "class Shape:\n    size = 1\n\n\n"
            "class Box(Shape):\n    def area(self):\n        return self.size\n\n"
            "    def rest(self):\n        return 1\n",
            "b.py": "from a import *\n\n\nclass Big(Box):\n    def show(self):\n"
            "        return self.area()\n",
        },
        _OUT,
        {
            "a.py": "class Shape:\n    size = 1\n\n\n"
            "class Box(Shape):\n"
            "    def rest(self):\n        return 1\n\n\n"
            "def area(box):\n    return box.size\n",
            "b.py": "from a import *\nfrom a import area\n\n\n"
            "class Big(Box):\n    def show(self):\n"
            "        return area(self)\n",
        },
    ),
)
def test_method_to_function(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


def _out(name: str, text: str, refused: str) -> Case:
    return Case(name, {"a.py": text}, _OUT, refused=refused)


def _box(*lines: str, head: str = "class Box:", tail: str = "") -> str:
    return f"{head}\n" + "".join(f"    {line}\n" for line in lines) + tail


_AREA = ("def area(self):", "    return 1")


@spelt(
    _out("no method", "def area():\n    pass\n\n\nclass Box:\n    pass\n", "No class or function"),
    _out("property", _box("@property", *_AREA), "decorators"),
    _out("class method", _box("@classmethod", *_AREA), "decorators"),
    _out("overload", _box("@overload", *_AREA, *_AREA), "not the one method"),
    _out("super", _box("def area(self):", "    return super().area()"), "super"),
    _out("mangled", _box("def area(self):", "    return self.__x"), "mangles"),
    _out("overridden", _box(*_AREA, tail="\n\n" + _box(*_AREA, head="class B(Box):")), "same fam"),
    _out("overrides", _box(*_AREA, head="class A:") + _box(*_AREA, head="class Box(A):"), "same"),
    _out("base class of elsewhere", _box(*_AREA, head="class Box(ast.NodeVisitor):"), "inherits"),
    _out("protocol", _box(*_AREA) + _box(*_AREA, head="class P(Protocol):"), "asks for a area"),
    _out("metaclass", _box(*_AREA, head="class Box(metaclass=M):"), "metaclass"),
    _out("handed on", _box(*_AREA, "def f(self):", "    return self.area"), "not only called"),
    _out(
        "unknown object",
        _box(*_AREA, tail="\n\ndef f(x):\n    x.area()\n"),
        "no engine is sure",
    ),
    _out(
        "the name is taken in the module",
        _box(*_AREA, tail="\n\narea = 3\n"),
        "is taken",
    ),
    _out(
        "the name is taken around a call",
        _box(*_AREA, "def f(self, area):", "    return self.area()"),
        "is taken",
    ),
    _out("a default of the class", _box("N = 1", "def area(self, n=N):", "    pass"), "means N"),
    _out("Self", _box("def area(self) -> Self:", "    return self"), "means Self"),
    _out(
        "static, called on what does something",
        _box("@staticmethod", "def area():", "    return 1", tail="\n\nBox().area()\n"),
        "cannot go",
    ),
    _out(
        "an object that may be of another class with such a method",
        _box(*_AREA)
        + "\n\n"
        + _box(*_AREA, head="class Bag:")
        + "\n\ndef f(one: Box):\n    one.area()\n",
        "is not known",
    ),
    Case(
        "imports in a circle",
        {
            "a.py": "from b import make\n\n\nclass Box:\n    def area(self):\n        return 1\n",
            "b.py": "def make():\n    from a import Box\n\n    return Box().area()\n",
        },
        _OUT,
        refused="in a circle",
    ),
    _out("no parameter", _box("def area(*a):", "    return 1"), "no first parameter"),
    _out(
        "an argument of the object's name",
        _box("def area(self, **more):", "    return 1", tail="\n\nBox().area(self=1)\n"),
        "not known",
    ),
)
def test_methods_that_stay(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


@spelt(
    _one(
        "with the class as its type",
        _IN,
        "class Box:\n"
        "    def __init__(self, size):\n"
        "        self.size = size\n"
        "\n"
        "\n"
        "# in square cm\n"
        "def area(box: Box, times: int = 1) -> int:\n"
        '    """Say how large it is.\n'
        "\n"
        "    With é.\n"
        '    """\n'
        "    return box.size ** 2 * times  # squared\n"
        "\n"
        "\n"
        "def main():\n"
        "    box = Box(3)\n"
        "    print(f'é {area(box)}', area(Box(1), times=2))\n",
        "class Box:\n"
        "    def __init__(self, size):\n"
        "        self.size = size\n"
        "\n"
        "    # in square cm\n"
        "    def area(self, times: int = 1) -> int:\n"
        '        """Say how large it is.\n'
        "\n"
        "        With é.\n"
        '        """\n'
        "        return self.size ** 2 * times  # squared\n"
        "\n"
        "\n"
        "def main():\n"
        "    box = Box(3)\n"
        "    print(f'é {box.area()}', Box(1).area(times=2))\n",
        level="proven",
        leftovers=(),
    ),
    _one(
        "the last of the file, for an unknown object",
        _IN,
        "class Box:\n"
        "    size = 1\n"
        "\n"
        "\n"
        "def show(box):\n"
        "    return area(box) + area(box or Box())\n"
        "\n"
        "\n"
        "def area(box: Box):\n"
        "    return box.size\n",
        "class Box:\n"
        "    size = 1\n"
        "\n"
        "    def area(self):\n"
        "        return self.size\n"
        "\n"
        "\n"
        "def show(box):\n"
        "    return box.area() + (box or Box()).area()\n",
        level="likely",
        leftovers=(
            "a.py:6 may be called with no Box",
            "a.py:6 may be called with no Box",
        ),
    ),
    Case(
        "other files import it no more",
        {
            "pkg/__init__.py": "",
            "pkg/a.py": "class Box:\n    size = 2\n\n\ndef area(box):\n    return box.size\n",
            "pkg/b.py": "from .a import area, Box\n\nprint(area(Box()))\n",
            "c.py": "import pkg.a\nfrom pkg.a import Box\n\nprint(pkg.a.area(Box()))\n",
            "d.py": "from pkg.a import (\n    Box,\n    area,  # how large\n)\n\n\n"
            "def f():\n    return area(\n        Box(),\n    )\n",
        },
        FunctionToMethod("pkg/a.py::area", "Box"),
        {
            "pkg/a.py": "class Box:\n    size = 2\n\n"
            "    def area(self):\n        return self.size\n",
            "pkg/b.py": "from .a import Box\n\nprint(Box().area())\n",
            "c.py": "import pkg.a\nfrom pkg.a import Box\n\nprint(Box().area())\n",
            "d.py": "from pkg.a import (\n    Box,\n)\n\n\ndef f():\n    return Box().area()\n",
        },
        level="proven",
    ),
    _one(
        "async, over several lines, match, walrus and lambda",
        _IN,
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "\n"
        "async def area(box, by, to=0):\n"
        "    grow = lambda n: box.size * n\n"
        "    return grow(by), {box: box}, dict(box=box.box)\n"
        "\n"
        "\n"
        "async def show(box: Box):\n"
        "    match await area(\n"
        "        box,\n"
        "        2,  # twice\n"
        "        to=3,\n"
        "    ):\n"
        "        case 4 if (n := await area(box=box, by=4)):\n"
        "            return n\n",
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "    async def area(self, by, to=0):\n"
        "        grow = lambda n: self.size * n\n"
        "        return grow(by), {self: self}, dict(box=self.box)\n"
        "\n"
        "\n"
        "async def show(box: Box):\n"
        "    match await box.area(\n"
        "        2,  # twice\n"
        "        to=3,\n"
        "    ):\n"
        "        case 4 if (n := await box.area(by=4)):\n"
        "            return n\n",
    ),
    _one(
        "calls in calls, and of itself",
        _IN,
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "\n"
        "def area(box: Box, n=0) -> 'Box':\n"
        "    return area(area(box, n - 1)) if n else box\n",
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "    def area(self, n=0) -> 'Box':\n"
        "        return self.area(n - 1).area() if n else self\n",
    ),
    _one(
        "strings of several lines stay as they are",
        _IN,
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "\n"
        "def area(self: 'Box'):\n"
        "    text = '''\n"
        "    kept\n"
        "'''\n"
        "    return (self,\n"
        "            text)\n",
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "    def area(self):\n"
        "        text = '''\n"
        "    kept\n"
        "'''\n"
        "        return (self,\n"
        "                text)\n",
    ),
    _one(
        "above the class, an object of a subclass",
        _IN,
        "def area(box):\n"
        "    return box.size\n"
        "\n"
        "\n"
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "\n"
        "class Big(Box):\n"
        "    pass\n"
        "\n"
        "\n"
        "print(area(Big()))\n",
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "    def area(self):\n"
        "        return self.size\n"
        "\n"
        "\n"
        "class Big(Box):\n"
        "    pass\n"
        "\n"
        "\n"
        "print(Big().area())\n",
        level="proven",
    ),
    Case(
        "a file that imports nothing else from there, and one that offers it",
        {
            "a.py": "class Box:\n    size = 2\n\n\ndef area(box: Box):\n    return box.size\n",
            "b.py": "from a import area\n\n\ndef f(box):\n    return area(box)\n",
            "c.py": "from a import area, Box\n",
        },
        _IN,
        {
            "a.py": "class Box:\n    size = 2\n\n    def area(self):\n        return self.size\n",
            "b.py": "def f(box):\n    return box.area()\n",
            "c.py": "from a import Box\n",
        },
        level="likely",
        leftovers=("b.py:5 may be called with no Box",),
    ),
    _one(
        "within the class",
        _IN,
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "    def show(self):\n"
        "        return area(self)\n"
        "\n"
        "\n"
        "def area(box):\n"
        "    return box.size\n",
        "class Box:\n"
        "    size = 2\n"
        "\n"
        "    def show(self):\n"
        "        return self.area()\n"
        "\n"
        "    def area(self):\n"
        "        return self.size\n",
        level="proven",
    ),
)
def test_function_to_method(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


def _in(name: str, text: str, refused: str, *, owner: str = _box("size = 1")) -> Case:
    return Case(name, {"a.py": f"{owner}\n\n{text}"}, _IN, refused=refused)


_FUNCTION = "def area(box):\n    return box\n"


@spelt(
    _in("another type", "def area(box: int):\n    return box\n", "is a int, not a Box"),
    _in("no parameter", "def area():\n    return 1\n", "no first parameter"),
    _in("decorated", "@cache\n" + _FUNCTION, "decorators"),
    _in("nested", "def f():\n    def area(box):\n        return box\n", "at the top"),
    _in("handed on", _FUNCTION + "\n\nprint(area)\n", "not only called"),
    _in("exported", _FUNCTION + "\n\n__all__ = ['area']\n", "not only called"),
    _in("called with another object", _FUNCTION + "\n\narea('text')\n", "do not begin with a Box"),
    _in("called with an unknown object", _FUNCTION + "\n\ndef f(x):\n    area(x)\n",
        "Nothing shows that box is a Box"),
    _in("called with a star", _FUNCTION + "\n\narea(*[1])\n", "do not begin with a Box"),
    _in("called with its object last", _FUNCTION.replace("box)", "box, n)") + "\n\n"
        "area(n=1, box=Box())\n", "do not begin"),
    _in("mangled", "def area(box):\n    return box.__x\n", "mangles"),
    _in("self is another", "def area(box, self):\n    return box\n", "uses self"),
    _in("a scope inside", "def area(box):\n    return lambda box: box\n", "scope inside"),
    _in("not defined yet", "N = 1\n\n\ndef area(box, n=N):\n    return n\n", "not defined yet"),
    _in("its own class as a type", "def area(box, other: Box):\n    return 1\n", "not defined yet"),
    _in("member of the class", "def area(box, n: size):\n    return n\n", "a member"),
    _in("taken", _FUNCTION, "has a area", owner=_box("area = 1")),
    _in("taken by a base", _FUNCTION, "has a area",
        owner=_box("area = 1", head="class A:") + _box("x = 1", head="class Box(A):")),
    _in("taken by a subclass", _FUNCTION, "has a area",
        owner=_box("x = 1") + _box("area = 1", head="class B(Box):")),
    _in("taken on the objects", _FUNCTION, "has a area",
        owner=_box("def f(self):", "    self.area = 1")),
    _in("base class of elsewhere", _FUNCTION, "inherits",
        owner=_box("x = 1", head="class Box(X):")),
    _in("read by the class body", _FUNCTION, "would hide",
        owner=_box("size = area(1)") ),
    _in("on one line", _FUNCTION, "on one line", owner="class Box: pass\n"),
    Case(
        "imported by another name",
        {
            "a.py": _box("size = 1") + "\n\n" + _FUNCTION.replace("(box", "(box: Box"),
            "b.py": "from a import area as size\n",
        },
        _IN,
        refused="by another name",
    ),
)  # fmt: skip
def test_functions_that_stay(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


_PROGRAM = (
    "class Box:\n"
    "    def __init__(self, size):\n"
    "        print('made', size)\n"
    "        self.size = size\n"
    "\n"
    "    def grow(self, *by, twice=False):\n"
    "        if not by:\n"
    "            return self\n"
    "        return Box(self.size + sum(by)).grow() if twice else self.grow().grow()\n"
    "\n"
    "\n"
    "def noisy(n):\n"
    "    print('argument', n)\n"
    "    return n\n"
    "\n"
    "\n"
    "box = Box(1).grow(noisy(1), *[noisy(2)], twice=noisy(3)).grow()\n"
    "print(box.size, [one.grow(1, twice=True).size for one in (Box(5), Box(6))])\n"
)


def test_a_program_prints_the_same_there_and_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = make_workspace(tmp_path / "project", {"a.py": _PROGRAM})
    there = plan(Draft(workspace), MethodToFunction("a.py::Box.grow"))
    back = plan(Draft(workspace, there.changes), FunctionToMethod("a.py::grow", "Box"))
    texts = [_PROGRAM.encode()]
    texts += [edit.after.data for done in (there, back) for edit in done.changes if edit.after]

    printed = []
    for text in texts:
        exec(text, {"__name__": "__main__"})
        printed.append(capsys.readouterr().out)

    assert printed[0] == printed[1] == printed[-1]
    assert b"grow(grow(Box(1), noisy(1)" in texts[1]
