"""Attributes made properties: the class's own uses change, all others stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import make_workspace
from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.draft import Draft
from toolset.refactor.catalogue import plan
from toolset.refactor.requests import EncapsulateAttribute

_PLAIN = """class Box:
    def __init__(self, size):
        self.size = size
"""


@spelt(
    Case(
        "read from outside only",
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size):\n"
            "        self.size = size  # in cm\n"
            "\n"
            "    def area(self):\n"
            "        return self.size * self.size\n"
            "\n"
            "\n"
            "print(Box(3).size)\n"
        },
        EncapsulateAttribute("a.py::Box.size"),
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size):\n"
            "        self._size = size  # in cm\n"
            "\n"
            "    @property\n"
            "    def size(self):\n"
            "        return self._size\n"
            "\n"
            "    def area(self):\n"
            "        return self._size * self._size\n"
            "\n"
            "\n"
            "print(Box(3).size)\n"
        },
        level="likely",  # nobody else may set it any more
    ),
    Case(
        "written from another file",
        {
            "a.py": _PLAIN,
            "b.py": "from a import Box\n\nbox = Box(1)\nbox.size = 2\n",
        },
        EncapsulateAttribute("Box.size"),
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size):\n"
            "        self._size = size\n"
            "\n"
            "    @property\n"
            "    def size(self):\n"
            "        return self._size\n"
            "\n"
            "    @size.setter\n"
            "    def size(self, value):\n"
            "        self._size = value\n"
        },
        level="proven",
    ),
    Case(
        "written on an unknown object",
        {"a.py": _PLAIN + "\n\ndef grow(box):\n    box.size += 1\n"},
        EncapsulateAttribute("a.py::Box.size"),
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size):\n"
            "        self._size = size\n"
            "\n"
            "    @property\n"
            "    def size(self):\n"
            "        return self._size\n"
            "\n"
            "    @size.setter\n"
            "    def size(self, value):\n"
            "        self._size = value\n"
            "\n"
            "\n"
            "def grow(box):\n"
            "    box.size += 1\n"
        },
    ),
    Case(
        "written by a subclass, in its own way",
        {"a.py": _PLAIN + "\n\nclass Big(Box):\n    def grow(self):\n        self.size = 100\n"},
        EncapsulateAttribute("a.py::Box.size"),
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size):\n"
            "        self._size = size\n"
            "\n"
            "    @property\n"
            "    def size(self):\n"
            "        return self._size\n"
            "\n"
            "    @size.setter\n"
            "    def size(self, value):\n"
            "        self._size = value\n"
            "\n"
            "\n"
            "class Big(Box):\n"
            "    def grow(self):\n"
            "        self.size = 100\n"
        },
    ),
    Case(
        "written by a name that is made up",
        {"a.py": _PLAIN + "\n\ndef put(box, key):\n    setattr(box, key, 1)\n"},
        EncapsulateAttribute("a.py::Box.size"),
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size):\n"
            "        self._size = size\n"
            "\n"
            "    @property\n"
            "    def size(self):\n"
            "        return self._size\n"
            "\n"
            "    @size.setter\n"
            "    def size(self, value):\n"
            "        self._size = value\n"
            "\n"
            "\n"
            "def put(box, key):\n"
            "    setattr(box, key, 1)\n"
        },
    ),
    Case(
        "type of the parameter",
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size: int) -> None:\n"
            "        self.size = size\n"
            "\n"
            "\n"
            "Box(1).size = 2\n"
        },
        EncapsulateAttribute("a.py::Box.size"),
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size: int) -> None:\n"
            "        self._size = size\n"
            "\n"
            "    @property\n"
            "    def size(self) -> int:\n"
            "        return self._size\n"
            "\n"
            "    @size.setter\n"
            "    def size(self, value: int) -> None:\n"
            "        self._size = value\n"
            "\n"
            "\n"
            "Box(1).size = 2\n"
        },
        level="proven",
    ),
    Case(
        "type of the attribute, of built-in names",
        {
            "a.py": "class Box:\n"
            "    def __init__(self):\n"
            "        self.sizes: list[int] = []\n"
            "\n"
            "    def add(self, size):\n"
            "        self.sizes.append(size)\n"
        },
        EncapsulateAttribute("a.py::Box.sizes"),
        {
            "a.py": "class Box:\n"
            "    def __init__(self):\n"
            "        self._sizes: list[int] = []\n"
            "\n"
            "    @property\n"
            "    def sizes(self) -> list[int]:\n"
            "        return self._sizes\n"
            "\n"
            "    def add(self, size):\n"
            "        self._sizes.append(size)\n"
        },
    ),
    Case(
        "a type that is never evaluated stays unsaid",
        {"a.py": "class Box:\n    def __init__(self):\n        self.next: Box = self\n"},
        EncapsulateAttribute("a.py::Box.next"),
        {
            "a.py": "class Box:\n"
            "    def __init__(self):\n"
            "        self._next: Box = self\n"
            "\n"
            "    @property\n"
            "    def next(self):\n"
            "        return self._next\n"
        },
    ),
    Case(
        "without __init__, above the first method",
        {
            "a.py": "class Box:\n"
            '    """A box."""\n'
            "\n"
            "    # opens it\n"
            "    def open(self):\n"
            "        self.is_open = True\n"
        },
        EncapsulateAttribute("a.py::Box.is_open"),
        {
            "a.py": "class Box:\n"
            '    """A box."""\n'
            "\n"
            "    @property\n"
            "    def is_open(self):\n"
            "        return self._is_open\n"
            "\n"
            "    # opens it\n"
            "    def open(self):\n"
            "        self._is_open = True\n"
        },
    ),
    Case(
        "nested scopes, f-strings, async, match and walrus",
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size):\n"
            "        self.size = size\n"
            "\n"
            "    async def show(self, other):\n"
            "        def inner():\n"
            "            return self.size\n"
            "\n"
            "        def foreign(self):\n"
            "            return self.size\n"
            "\n"
            "        match self.size:\n"
            "            case 1:\n"
            "                return [n for n in range(self.size)]\n"
            "        if (half := self.size // 2) > 1:\n"
            "            return lambda: self.size + half\n"
            "        return f'é {self.size:>{self.size}} {other.size}', inner, foreign\n"
        },
        EncapsulateAttribute("a.py::Box.size"),
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size):\n"
            "        self._size = size\n"
            "\n"
            "    @property\n"
            "    def size(self):\n"
            "        return self._size\n"
            "\n"
            "    async def show(self, other):\n"
            "        def inner():\n"
            "            return self._size\n"
            "\n"
            "        def foreign(self):\n"
            "            return self.size\n"
            "\n"
            "        match self._size:\n"
            "            case 1:\n"
            "                return [n for n in range(self._size)]\n"
            "        if (half := self._size // 2) > 1:\n"
            "            return lambda: self._size + half\n"
            "        return f'é {self._size:>{self._size}} {other.size}', inner, foreign\n"
        },
    ),
    Case(
        "the object by another name, and none in a static method",
        {
            "a.py": "class Box:\n"
            "    def __init__(this, size):\n"
            "        this.size = size\n"
            "\n"
            "    @staticmethod\n"
            "    def of(this):\n"
            "        return this.size\n"
        },
        EncapsulateAttribute("a.py::Box.size"),
        {
            "a.py": "class Box:\n"
            "    def __init__(this, size):\n"
            "        this._size = size\n"
            "\n"
            "    @property\n"
            "    def size(self):\n"
            "        return self._size\n"
            "\n"
            "    @staticmethod\n"
            "    def of(this):\n"
            "        return this.size\n"
        },
    ),
    Case(
        "a nested class has its own",
        {
            "a.py": "class Outer:\n"
            "    class Box:\n"
            "        def __init__(self):\n"
            "            self.size = 1\n"
            "\n"
            "    def __init__(self):\n"
            "        self.size = 2\n"
        },
        EncapsulateAttribute("a.py::Outer.Box.size"),
        {
            "a.py": "class Outer:\n"
            "    class Box:\n"
            "        def __init__(self):\n"
            "            self._size = 1\n"
            "\n"
            "        @property\n"
            "        def size(self):\n"
            "            return self._size\n"
            "\n"
            "    def __init__(self):\n"
            "        self.size = 2\n"
        },
    ),
    Case(
        "base class of the project without it",
        {
            "a.py": "class Base:\n"
            "    def run(self):\n"
            "        return 1\n"
            "\n"
            "\n"
            "class Box(Base):\n"
            "    def __init__(self):\n"
            "        self.size = 1\n"
        },
        EncapsulateAttribute("a.py::Box.size"),
        {
            "a.py": "class Base:\n"
            "    def run(self):\n"
            "        return 1\n"
            "\n"
            "\n"
            "class Box(Base):\n"
            "    def __init__(self):\n"
            "        self._size = 1\n"
            "\n"
            "    @property\n"
            "    def size(self):\n"
            "        return self._size\n"
        },
    ),
    Case(
        "star import of the class",
        {"a.py": _PLAIN, "b.py": "from a import *\n\nBox(1).size = 3\n"},
        EncapsulateAttribute("a.py::Box.size"),
        {
            "a.py": "class Box:\n"
            "    def __init__(self, size):\n"
            "        self._size = size\n"
            "\n"
            "    @property\n"
            "    def size(self):\n"
            "        return self._size\n"
            "\n"
            "    @size.setter\n"
            "    def size(self, value):\n"
            "        self._size = value\n"
        },
    ),
)
def test_encapsulate(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


def _refused(name: str, text: str, refused: str, attribute: str = "Box.size") -> Case:
    return Case(name, {"a.py": text}, EncapsulateAttribute(f"a.py::{attribute}"), refused=refused)


@spelt(
    _refused("class attribute", "class Box:\n    size = 1\n", "bound in the body"),
    _refused(
        "field of a dataclass",
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Box:\n    size: int = 1\n",
        "bound in the body",
    ),
    _refused(
        "property already",
        "class Box:\n    @property\n    def size(self):\n        return 1\n",
        "bound in the body",
    ),
    _refused("not set", "class Box:\n    def f(self):\n        return self.size\n", "No method"),
    _refused(
        "set on another object", "class Box:\n    def f(self, o):\n        o.size = 1\n", "own"
    ),
    _refused("private", _PLAIN.replace("size", "_size"), "private already", "Box._size"),
    _refused(
        "private name taken",
        _PLAIN + "        self._size = 2\n",
        "_size is taken",
    ),
    _refused(
        "private name taken by a subclass",
        _PLAIN + "\n\nclass Big(Box):\n    def _size(self):\n        pass\n",
        "_size is taken",
    ),
    _refused(
        "overridden by a subclass",
        _PLAIN + "\n\nclass Big(Box):\n    size = 3\n",
        "Big binds size",
    ),
    _refused(
        "slots",
        "class Box:\n    __slots__ = ('size',)\n\n    def __init__(self):\n        self.size = 1\n",
        "__slots__",
    ),
    _refused(
        "own __setattr__",
        _PLAIN + "\n    def __setattr__(self, name, value):\n        pass\n",
        "__setattr__",
    ),
    _refused("deleted", _PLAIN + "\n\nbox = Box(1)\ndel box.size\n", "deletes it"),
    _refused(
        "unknown base class",
        "from pydantic import BaseModel\n\n\nclass Box(BaseModel):\n"
        "    def f(self):\n        self.size = 1\n",
        "inherits from BaseModel",
    ),
    _refused(
        "the base class sets it too",
        "class Base:\n    def __init__(self):\n        self.size = 0\n\n\nclass Box(Base):\n"
        "    def f(self):\n        self.size = 1\n",
        "a base class, has a size too",
    ),
    _refused(
        "set by a mixin beside it",
        _PLAIN + "\n\nclass Mixin:\n    def grow(self):\n        self.size = 3\n\n\n"
        "class Big(Box, Mixin):\n    pass\n",
        "Mixin, a base class, has a size too",
    ),
    _refused(
        "decorated class",
        "import attr\n\n\n@attr.s\n" + _PLAIN,
        "attr.s",
    ),
    _refused(
        "the class body reads another symbol of the name",
        "from datetime import date\n\n\nclass Day:\n    def __init__(self, day: date):\n"
        "        self.date = day\n",
        "would hide",
        "Day.date",
    ),
    _refused(
        "property is something else",
        "def property(f):\n    return f\n\n\n" + _PLAIN,
        "not Python's own",
    ),
    _refused(
        "__dict__ in the class",
        _PLAIN + "\n    def state(self):\n        return self.__dict__\n",
        "its own __dict__",
    ),
    _refused("no attribute named", _PLAIN, "names no attribute", "Box"),
)
def test_refused(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


def test_a_program_prints_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = (
        "class Box:\n"
        "    def __init__(self, size=1):\n"
        "        self.size = size\n"
        "\n"
        "    def grow(self, by=1):\n"
        "        self.size += by\n"
        "        return self\n"
        "\n"
        "\n"
        "class Big(Box):\n"
        "    def __init__(self):\n"
        "        self.size = 5\n"
        "        super().__init__(self.size * 2)\n"
        "\n"
        "\n"
        "box = Big().grow(3)\n"
        "box.size -= 1\n"
        "print(box.size, hasattr(Box.__new__(Box), 'size'), getattr(Box(4), 'size'))\n"
    )
    workspace = make_workspace(tmp_path / "project", {"a.py": program})
    (edit,) = plan(Draft(workspace), EncapsulateAttribute("a.py::Box.size")).changes
    assert edit.after is not None

    exec(program, {"__name__": "before"})
    exec(edit.after.data, {"__name__": "after"})

    before, after = capsys.readouterr().out.splitlines()
    assert before == after == "12 False 4"


def test_pickle_is_a_doubt(tmp_path: Path) -> None:
    files = {"a.py": _PLAIN, "b.py": "import pickle\n"}
    done = plan(
        Draft(make_workspace(tmp_path / "project", files)), EncapsulateAttribute("a.py::Box.size")
    )
    assert done.evidence.doubts[-1].endswith("by their names: b.py:1.")
