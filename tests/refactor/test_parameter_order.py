"""Parameters in another order, and behind a star: what becomes of the arguments of every call."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.refactor.requests import MakeKeywordOnly, ReorderParameters


@spelt(
    Case(
        "plain values change places",
        {
            "a.py": "def load(path: str, mode, size=1) -> int:\n    return path, mode, size\n",
            "b.py": "from a import load\n\nx = 1\nload('p', x)\nload(  'p'  ,x,  size=3 )\n",
        },
        ReorderParameters("load", ("mode", "path", "size")),
        {
            "a.py": "def load(mode, path: str, size=1) -> int:\n    return path, mode, size\n",
            "b.py": "from a import load\n\nx = 1\nload(x, 'p')\nload(  x  ,'p',  size=3 )\n",
        },
        level="proven",
    ),
    Case(
        "values that may do something keep their order and get names",
        {"a.py": "def load(a, b, c):\n    return a, b, c\n\n\nload(1, input(), print())\n"},
        ReorderParameters("load", ("a", "c", "b")),
        {"a.py": "def load(a, c, b):\n    return a, b, c\n\n\nload(1, b=input(), c=print())\n"},
        level="proven",
    ),
    Case(
        "too few arguments to change places",
        {"a.py": "def load(a=1, b=2, c=3):\n    return a, b, c\n\n\nload(7), load(7, 8), load()\n"},
        ReorderParameters("load", ("c", "a", "b")),
        {
            "a.py": (
                "def load(c=3, a=1, b=2):\n    return a, b, c\n\n\n"
                "load(a=7), load(a=7, b=8), load()\n"
            )
        },
        level="proven",
    ),
    Case(
        "names stay as they are",
        {"a.py": "def load(a, b):\n    return a, b\n\n\nload(b=input(), a=2)\nload(1, b=2)\n"},
        ReorderParameters("load", ("b", "a")),
        {"a.py": "def load(b, a):\n    return a, b\n\n\nload(b=input(), a=2)\nload(a=1, b=2)\n"},
        level="proven",
    ),
    Case(
        "a call in a call, over lines",
        {
            "a.py": (
                "def load(a, b):\n    return a, b\n\n\n"
                "load(\n    load(1, 2),  # first\n    load(3, b=4),\n)\n"
            )
        },
        ReorderParameters("load", ("b", "a")),
        {
            "a.py": (
                "def load(b, a):\n    return a, b\n\n\n"
                "load(\n    a=load(2, 1),  # first\n    b=load(a=3, b=4),\n)\n"
            )
        },
        level="proven",
    ),
    Case(
        "a generator without brackets",
        {"a.py": "def load(a, b=0):\n    return a, b\n\n\nload(x for x in 'ab')\n"},
        ReorderParameters("load", ("a", "b")),
        {},
    ),
    Case(
        "a generator gets brackets with its name",
        {"a.py": "def load(a=(), b=0):\n    return a, b\n\n\nload(x for x in 'ab')\n"},
        ReorderParameters("load", ("b", "a")),
        {"a.py": "def load(b=0, a=()):\n    return a, b\n\n\nload(a=(x for x in 'ab'))\n"},
        level="proven",
    ),
    Case(
        "one parameter a line",
        {"a.py": "def load(\n    a: int,\n    b: str,\n    *,\n    c=1,\n):\n    return a, b, c\n"},
        ReorderParameters("load", ("b", "a")),
        {"a.py": "def load(\n    b: str,\n    a: int,\n    *,\n    c=1,\n):\n    return a, b, c\n"},
        level="proven",
    ),
    Case(
        "method with self by hand, and its override",
        {
            "a.py": (
                "class A:\n    def load(self, a, b):\n        return a, b\n\n\n"
                "class B(A):\n    def load(self, a, b):\n"
                "        return super().load(a, b)\n\n\n"
                "def main(x: A):\n    A.load(x, 1, 2)\n    x.load(1, 2)\n"
            )
        },
        ReorderParameters("A.load", ("b", "a")),
        {
            "a.py": (
                "class A:\n    def load(self, b, a):\n        return a, b\n\n\n"
                "class B(A):\n    def load(self, b, a):\n"
                "        return super().load(b, a)\n\n\n"
                "def main(x: A):\n    A.load(x, 2, 1)\n    x.load(2, 1)\n"
            )
        },
    ),
    Case(
        "what *args takes stays behind",
        {"a.py": "def load(a, b, *c):\n    return a, b, c\n\n\nload(1, 2, 3, 4)\n"},
        ReorderParameters("load", ("b", "a")),
        {"a.py": "def load(b, a, *c):\n    return a, b, c\n\n\nload(2, 1, 3, 4)\n"},
        level="proven",
    ),
    Case(
        "constructor",
        {
            "a.py": "class A:\n    def __init__(self, a, b):\n        self.a = a, b\n",
            "b.py": "import a\n\n\nclass B(a.A):\n    pass\n\n\na.A(1, 2), B(3, 4)\n",
        },
        ReorderParameters("A.__init__", ("b", "a")),
        {
            "a.py": "class A:\n    def __init__(self, b, a):\n        self.a = a, b\n",
            "b.py": "import a\n\n\nclass B(a.A):\n    pass\n\n\na.A(2, 1), B(4, 3)\n",
        },
    ),
    Case(
        "an unknown object's method is told",
        {
            "a.py": "class A:\n    def load(self, a, b):\n        return a, b\n",
            "b.py": "def main(x):\n    return x.load(1, 2)\n",
        },
        ReorderParameters("A.load", ("b", "a")),
        {"a.py": "class A:\n    def load(self, b, a):\n        return a, b\n"},
        level="likely",
        leftovers=("b.py:2 attribute of an unknown object",),
    ),
    Case(
        "nothing to do",
        {"a.py": "def load(a, b):\n    return a, b\n"},
        ReorderParameters("load", ("a", "b")),
        {},
    ),
    Case(
        "refused: a default would come first",
        {"a.py": "def load(a, b=1):\n    return a, b\n"},
        ReorderParameters("load", ("b", "a")),
        refused="without a default would come behind",
    ),
    Case(
        "refused: not all of them",
        {"a.py": "def load(a, b, c):\n    return a, b, c\n"},
        ReorderParameters("load", ("b", "a")),
        refused="name each positional parameter",
    ),
    Case(
        "refused: a keyword-only one",
        {"a.py": "def load(a, *, c):\n    return a, c\n"},
        ReorderParameters("load", ("c", "a")),
        refused="name each positional parameter",
    ),
    Case(
        "refused: past the slash",
        {"a.py": "def load(a, /, b):\n    return a, b\n"},
        ReorderParameters("load", ("b", "a")),
        refused="move past the /",
    ),
    Case(
        "refused: passed by a star",
        {"a.py": "def load(a, b):\n    return a, b\n\n\nload(*'ab')\n"},
        ReorderParameters("load", ("b", "a")),
        refused=r"by \*",
    ),
    Case(
        "refused: comments between",
        {"a.py": "def load(\n    a,  # one\n    b,\n):\n    return a, b\n"},
        ReorderParameters("load", ("b", "a")),
        refused="Comments stand between",
    ),
    Case(
        "refused: cannot be named beside *args",
        {"a.py": "def load(a, b, *c):\n    return a, b, c\n\n\nload(1, input(), 3)\n"},
        ReorderParameters("load", ("b", "a")),
        refused="cannot be passed by name",
    ),
    Case(
        "refused: another class is constructed by type(self)",
        {
            "a.py": (
                "class A:\n    def __init__(self, a, b):\n        self.a = a, b\n\n"
                "    def copy(self):\n        return type(self)(*self.a)\n"
            )
        },
        ReorderParameters("A.__init__", ("b", "a")),
        refused="call of the object's own class",
    ),
)
def test_reorder_parameters(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


@spelt(
    Case(
        "the last ones",
        {
            "a.py": (
                "def load(path: str, mode='r', size: int = 1) -> int:\n"
                "    return path, mode, size\n"
            ),
            "b.py": (
                "from a import load\n\nload('p', 'w', 3)\nload('p', mode=1)\nload('p', input())\n"
            ),
        },
        MakeKeywordOnly("load", ("mode", "size")),
        {
            "a.py": (
                "def load(path: str, *, mode='r', size: int = 1) -> int:\n"
                "    return path, mode, size\n"
            ),
            "b.py": (
                "from a import load\n\nload('p', mode='w', size=3)\nload('p', mode=1)\n"
                "load('p', mode=input())\n"
            ),
        },
        level="proven",
    ),
    Case(
        "all of them",
        {"a.py": "def load(a, b):\n    return a, b\n\n\nload(1, 2)\n"},
        MakeKeywordOnly("load", ("a", "b")),
        {"a.py": "def load(*, a, b):\n    return a, b\n\n\nload(a=1, b=2)\n"},
        level="proven",
    ),
    Case(
        "before those that are",
        {"a.py": "def load(a, b, *, c=1):\n    return a, b, c\n\n\nload(1, 2, c=3)\n"},
        MakeKeywordOnly("load", ("b",)),
        {"a.py": "def load(a, *, b, c=1):\n    return a, b, c\n\n\nload(1, b=2, c=3)\n"},
        level="proven",
    ),
    Case(
        "one from the middle moves behind the others",
        {"a.py": "def load(a, b, c=1, **d):\n    return a, b, c, d\n\n\nload(1, 2, 3, e=4)\n"},
        MakeKeywordOnly("load", ("b",)),
        {
            "a.py": (
                "def load(a, c=1, *, b, **d):\n    return a, b, c, d\n\n\nload(1, b=2, c=3, e=4)\n"
            )
        },
        level="likely",
    ),
    Case(
        "one parameter a line with comments",
        {
            "a.py": (
                "def load(\n    a,  # one\n    b,  # two\n):\n    return a, b\n\n\n"
                "load(\n    1,  # one\n    2,  # two\n)\n"
            )
        },
        MakeKeywordOnly("load", ("b",)),
        {
            "a.py": (
                "def load(\n    a,  # one\n    *,\n    b,  # two\n):\n    return a, b\n\n\n"
                "load(\n    1,  # one\n    b=2,  # two\n)\n"
            )
        },
        level="proven",
    ),
    Case(
        "method and override, with self by hand",
        {
            "a.py": (
                "class A:\n    @staticmethod\n    def other(a): ...\n\n"
                "    def load(self, a, b):\n        return a, b\n\n\n"
                "class B(A):\n    def load(self, a, b):\n        return super().load(a, b)\n\n\n"
                "A.load(A(), 1, 2)\n"
            )
        },
        MakeKeywordOnly("A.load", ("b",)),
        {
            "a.py": (
                "class A:\n    @staticmethod\n    def other(a): ...\n\n"
                "    def load(self, a, *, b):\n        return a, b\n\n\n"
                "class B(A):\n    def load(self, a, *, b):\n"
                "        return super().load(a, b=b)\n\n\n"
                "A.load(A(), 1, b=2)\n"
            )
        },
    ),
    Case(
        "first parameter of a method",
        {"a.py": "class A:\n    def load(self, a):\n        return a\n\n\nA().load(1)\n"},
        MakeKeywordOnly("A.load", ("a",)),
        {"a.py": "class A:\n    def load(self, *, a):\n        return a\n\n\nA().load(a=1)\n"},
    ),
    Case(
        "constructor",
        {
            "a.py": (
                "class A:\n    def __init__(self, a, b=1):\n        self.a = a, b\n\n\n"
                "class B(A):\n    def __init__(self):\n        super().__init__(1, 2)\n"
                "\n\nA(3, 4), B()\n"
            )
        },
        MakeKeywordOnly("A.__init__", ("b",)),
        {
            "a.py": (
                "class A:\n    def __init__(self, a, *, b=1):\n        self.a = a, b\n\n\n"
                "class B(A):\n    def __init__(self):\n        super().__init__(1, b=2)\n\n\n"
                "A(3, b=4), B()\n"
            )
        },
        level="proven",
    ),
    Case(
        "overloads",
        {
            "a.py": (
                "from typing import overload\n\n\n"
                "@overload\ndef load(a: int, b: int) -> int: ...\n"
                "@overload\ndef load(a: str) -> str: ...\n"
                "def load(a, b=0):\n    return a, b\n\n\nload(1, 2)\n"
            )
        },
        MakeKeywordOnly("load", ("b",)),
        {
            "a.py": (
                "from typing import overload\n\n\n"
                "@overload\ndef load(a: int, *, b: int) -> int: ...\n"
                "@overload\ndef load(a: str) -> str: ...\n"
                "def load(a, *, b=0):\n    return a, b\n\n\nload(1, b=2)\n"
            )
        },
        level="proven",
    ),
    Case(
        "in a decorator, a match, a walrus and an f-string",
        {
            "a.py": (
                "def load(a, b):\n    return lambda f: f\n\n\n"
                "@load(1, 2)\ndef main(x):\n    match x:\n        case 1 if (y := load(1, 2)):\n"
                "            return f'{load(y, x)}'\n"
            )
        },
        MakeKeywordOnly("load", ("b",)),
        {
            "a.py": (
                "def load(a, *, b):\n    return lambda f: f\n\n\n"
                "@load(1, b=2)\ndef main(x):\n    match x:\n"
                "        case 1 if (y := load(1, b=2)):\n"
                "            return f'{load(y, b=x)}'\n"
            )
        },
        level="proven",
    ),
    Case(
        "partial is told",
        {
            "a.py": (
                "from functools import partial\n\n\ndef load(a, b):\n    return a, b\n\n\n"
                "one = partial(load, 1)\n"
            )
        },
        MakeKeywordOnly("load", ("b",)),
        {
            "a.py": (
                "from functools import partial\n\n\ndef load(a, *, b):\n    return a, b\n\n\n"
                "one = partial(load, 1)\n"
            )
        },
        leftovers=("a.py:8 used as a value, not called",),
    ),
    Case(
        "a base class from outside may call it",
        {
            "a.py": (
                "import json\n\n\nclass A(json.JSONEncoder):\n    def load(self, o):\n"
                "        return o\n"
            )
        },
        MakeKeywordOnly("A.load", ("o",)),
        {
            "a.py": (
                "import json\n\n\nclass A(json.JSONEncoder):\n"
                "    def load(self, *, o):\n        return o\n"
            )
        },
        level="likely",
    ),
    Case(
        "nothing to do",
        {"a.py": "def load(a, *, b):\n    return a, b\n"},
        MakeKeywordOnly("load", ("b",)),
        {},
    ),
    Case(
        "an exception is copied by position",
        {
            "a.py": (
                "class A(ValueError):\n    def __init__(self, a, b):\n"
                "        super().__init__(a, b)\n\n\nraise A(1, 2)\n"
            )
        },
        MakeKeywordOnly("A.__init__", ("b",)),
        {
            "a.py": (
                "class A(ValueError):\n    def __init__(self, a, *, b):\n"
                "        super().__init__(a, b)\n\n\nraise A(1, b=2)\n"
            )
        },
        level="likely",
    ),
    Case(
        "refused: a name that Python mangles",
        {"a.py": "class A:\n    def load(self, __a):\n        return __a\n\n\nA().load(1)\n"},
        MakeKeywordOnly("A.load", ("__a",)),
        refused="cannot be passed by name",
    ),
    Case(
        "refused: the comment of the star would be lost",
        {"a.py": "def load(\n    a,\n    *,  # by name\n    b,\n):\n    return a, b\n"},
        MakeKeywordOnly("load", ("a",)),
        refused=r"comment behind the \*",
    ),
    Case(
        "refused: beside *args",
        {"a.py": "def load(a, b, *c):\n    return a, b, c\n"},
        MakeKeywordOnly("load", ("b",)),
        refused=r"has \*args",
    ),
    Case(
        "refused: before the slash",
        {"a.py": "def load(a, b, /):\n    return a, b\n"},
        MakeKeywordOnly("load", ("b",)),
        refused="before / cannot be passed by name",
    ),
    Case(
        "refused: passed by a star",
        {"a.py": "def load(a, b):\n    return a, b\n\n\nload(*'ab')\n"},
        MakeKeywordOnly("load", ("b",)),
        refused=r"pass b by \*",
    ),
    Case(
        "refused: not there",
        {"a.py": "def load(a, b):\n    return a, b\n"},
        MakeKeywordOnly("load", ("c",)),
        refused="has no parameter c",
    ),
    Case(
        "refused: Python calls it",
        {"a.py": "class A:\n    def __eq__(self, other):\n        return self is other\n"},
        MakeKeywordOnly("A.__eq__", ("other",)),
        refused="Python itself calls",
    ),
)
def test_make_keyword_only(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)
