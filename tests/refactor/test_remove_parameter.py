"""A parameter removed with what callers pass for it: how the text closes up, what is refused."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.refactor.requests import RemoveParameter


@spelt(
    Case(
        "by position and by name, in two files",
        {
            "a.py": "def load(path, mode, size):\n    return path, size\n\n\nload(1, 2, 3)\n",
            "b.py": "import a\n\na.load(1, mode=2, size=3)\na.load(1, size=3, mode=-2)\n",
        },
        RemoveParameter("load", "mode"),
        {
            "a.py": "def load(path, size):\n    return path, size\n\n\nload(1, 3)\n",
            "b.py": "import a\n\na.load(1, size=3)\na.load(1, size=3)\n",
        },
        level="proven",
    ),
    Case(
        "the only one",
        {
            "a.py": "async def load(mode: int = 1) -> int:\n    return 1\n\n\n"
            "load(2), load(), load(mode=3,)\n"
        },
        RemoveParameter("load", "mode"),
        {"a.py": "async def load() -> int:\n    return 1\n\n\nload(), load(), load()\n"},
        level="proven",
    ),
    Case(
        "the first one",
        {"a.py": "def load(mode, path):\n    return path\n\n\nload('r', 'x')\n"},
        RemoveParameter("load", "mode"),
        {"a.py": "def load(path):\n    return path\n\n\nload('x')\n"},
        level="proven",
    ),
    Case(
        "a line of its own goes with its comment",
        {
            "a.py": (
                "def load(\n    path,  # where\n    mode,  # how\n    size,  # how much\n):\n"
                "    return path, size\n\n\n"
                "load(\n    'x',\n    'r',  # read\n    # all of it\n    3,\n)\n"
            )
        },
        RemoveParameter("load", "mode"),
        {
            "a.py": (
                "def load(\n    path,  # where\n    size,  # how much\n):\n"
                "    return path, size\n\n\n"
                "load(\n    'x',\n    # all of it\n    3,\n)\n"
            )
        },
        level="proven",
    ),
    Case(
        "the last line without a trailing comma",
        {"a.py": "def load(\n    path,  # where\n    mode\n):\n    return path\n\n\nload(1, 2)\n"},
        RemoveParameter("load", "mode"),
        {"a.py": "def load(\n    path  # where\n):\n    return path\n\n\nload(1)\n"},
        level="proven",
    ),
    Case(
        "aligned under the bracket",
        {
            "a.py": "def load(path,\n         mode='r'):\n    return path\n\n\n"
            "load(1,\n     mode='w')\n"
        },
        RemoveParameter("load", "mode"),
        {"a.py": "def load(path):\n    return path\n\n\nload(1)\n"},
        level="proven",
    ),
    Case(
        "a star goes with the last keyword-only one",
        {
            "a.py": "def load(path, *, mode='r', **rest):\n    return path, rest\n"
            "\n\nload(1, mode='w')\n"
        },
        RemoveParameter("load", "mode"),
        {"a.py": "def load(path, **rest):\n    return path, rest\n\n\nload(1)\n"},
        level="proven",
    ),
    Case(
        "a slash goes with the last positional-only one",
        {"a.py": "def load(mode, /, path):\n    return path\n\n\nload('r', path=2)\n"},
        RemoveParameter("load", "mode"),
        {"a.py": "def load(path):\n    return path\n\n\nload(path=2)\n"},
        level="proven",
    ),
    Case(
        "method, on an instance, on the class, by super",
        {
            "a.py": (
                "class A:\n    def load(self, path, mode):\n        return path\n\n\n"
                "class B(A):\n    def load(self, path, mode):\n"
                "        return super().load(path, mode)\n\n\n"
                "a = A()\na.load(1, 2)\nA.load(a, 1, 2)\nB().load(1, mode=2)\n"
            )
        },
        RemoveParameter("A.load", "mode"),
        {
            "a.py": (
                "class A:\n    def load(self, path):\n        return path\n\n\n"
                "class B(A):\n    def load(self, path):\n"
                "        return super().load(path)\n\n\n"
                "a = A()\na.load(1)\nA.load(a, 1)\nB().load(1)\n"
            )
        },
    ),
    Case(
        "class method and static method",
        {
            "a.py": (
                "class A:\n"
                "    @classmethod\n    def make(cls, path, mode):\n        return path\n\n"
                "    @staticmethod\n    def load(path, mode):\n"
                "        return A.make(path, mode)\n\n\n"
                "A.make(1, 2)\nA().make(1, 2)\n"
            )
        },
        RemoveParameter("A.make", "mode"),
        {
            "a.py": (
                "class A:\n"
                "    @classmethod\n    def make(cls, path):\n        return path\n\n"
                "    @staticmethod\n    def load(path, mode):\n        return A.make(path)\n\n\n"
                "A.make(1)\nA().make(1)\n"
            )
        },
        level="proven",
    ),
    Case(
        "constructor: the class, a subclass without one, cls",
        {
            "a.py": (
                "class A:\n    def __init__(self, path, mode):\n        self.path = path\n\n"
                "    @classmethod\n    def make(cls):\n        return cls(1, 2)\n"
            ),
            "b.py": (
                "from a import A as Base\n\n\nclass B(Base):\n    pass\n\n\n"
                "Base(1, 2), B(1, mode=2)\n"
            ),
        },
        RemoveParameter("A.__init__", "mode"),
        {
            "a.py": (
                "class A:\n    def __init__(self, path):\n        self.path = path\n\n"
                "    @classmethod\n    def make(cls):\n        return cls(1)\n"
            ),
            "b.py": ("from a import A as Base\n\n\nclass B(Base):\n    pass\n\n\nBase(1), B(1)\n"),
        },
        level="likely",
    ),
    Case(
        "constructor: a subclass has its own and calls it by super and by name",
        {
            "a.py": "class A:\n    def __init__(self, path, mode):\n        self.path = path\n",
            "b.py": (
                "import a\n\n\nclass B(a.A):\n    def __init__(self, mode):\n"
                "        super().__init__(1, mode)\n        a.A.__init__(self, 1, mode=mode)\n\n\n"
                "a.A(1, 2), B(mode=3)\n"
            ),
        },
        RemoveParameter("A.__init__", "mode"),
        {
            "a.py": "class A:\n    def __init__(self, path):\n        self.path = path\n",
            "b.py": (
                "import a\n\n\nclass B(a.A):\n    def __init__(self, mode):\n"
                "        super().__init__(1)\n        a.A.__init__(self, 1)\n\n\n"
                "a.A(1), B(mode=3)\n"
            ),
        },
    ),
    Case(
        "refused: cls may be a subclass with its own constructor",
        {
            "a.py": (
                "class A:\n    def __init__(self, path, mode):\n        self.path = path\n\n"
                "    @classmethod\n    def make(cls):\n        return cls(1, 2)\n\n\n"
                "class B(A):\n    def __init__(self, path, mode):\n        self.path = mode\n"
            )
        },
        RemoveParameter("A.__init__", "mode"),
        refused="call of the object's own class",
    ),
    Case(
        "a call of itself passes it on",
        {"a.py": "def load(path, mode):\n    return load(path, mode) if path else 0\n"},
        RemoveParameter("load", "mode"),
        {"a.py": "def load(path):\n    return load(path) if path else 0\n"},
        level="proven",
    ),
    Case(
        "by another name",
        {
            "a.py": "def load(path, mode):\n    return path\n",
            "b.py": "from a import load as fetch\n\nfetch(1, 2)\n",
        },
        RemoveParameter("load", "mode"),
        {
            "a.py": "def load(path):\n    return path\n",
            "b.py": "from a import load as fetch\n\nfetch(1)\n",
        },
        level="likely",
    ),
    Case(
        "through a star import, in a decorator, in a match, in an f-string",
        {
            "a.py": "def load(path, mode=0):\n    return lambda f: f\n",
            "b.py": (
                "from a import *\n\n\n@load(1, 2)\ndef run(x):\n    match x:\n"
                "        case 1 if load(1, 2):\n            return f'{load(3, mode=4)!r:>{9}}'\n"
            ),
        },
        RemoveParameter("load", "mode"),
        {
            "a.py": "def load(path):\n    return lambda f: f\n",
            "b.py": (
                "from a import *\n\n\n@load(1)\ndef run(x):\n    match x:\n"
                "        case 1 if load(1):\n            return f'{load(3)!r:>{9}}'\n"
            ),
        },
        level="proven",
    ),
    Case(
        "an attribute that is no longer read is told",
        {"a.py": "def load(path, mode):\n    return path\n\n\ndef main(o):\n    load(1, o.mode)\n"},
        RemoveParameter("load", "mode"),
        {"a.py": "def load(path):\n    return path\n\n\ndef main(o):\n    load(1)\n"},
        leftovers=("a.py:6 attribute that is no longer read",),
    ),
    Case(
        "its mention in the docstring is told",
        {
            "a.py": "def load(path, mode):\n    '''Load.\n\n    mode: how.\n"
            "    '''\n    return path\n"
        },
        RemoveParameter("load", "mode"),
        {"a.py": "def load(path):\n    '''Load.\n\n    mode: how.\n    '''\n    return path\n"},
        leftovers=("a.py:4 docstring",),
    ),
    Case(
        "a value that is handed on is told",
        {
            "a.py": (
                "from functools import partial\n\n\ndef load(path, mode=1):\n    return path\n\n\n"
                "p = partial(load, 1, 2)\n"
            )
        },
        RemoveParameter("load", "mode"),
        {
            "a.py": (
                "from functools import partial\n\n\ndef load(path):\n    return path\n\n\n"
                "p = partial(load, 1, 2)\n"
            )
        },
        leftovers=("a.py:8 used as a value, not called",),
    ),
    Case(
        "unpacked arguments behind it",
        {"a.py": "def load(mode, path):\n    return path\n\n\ndef main(xs):\n    load(1, *xs)\n"},
        RemoveParameter("load", "mode"),
        {"a.py": "def load(path):\n    return path\n\n\ndef main(xs):\n    load(*xs)\n"},
        level="proven",
    ),
    Case(
        "an overload without it stays",
        {
            "a.py": (
                "from typing import overload\n\n\n"
                "@overload\ndef load(path: int) -> int: ...\n"
                "@overload\ndef load(path: str, mode: int) -> str: ...\n"
                "def load(path, mode=0):\n    return path\n\n\nload('a', 1)\n"
            )
        },
        RemoveParameter("load", "mode"),
        {
            "a.py": (
                "from typing import overload\n\n\n"
                "@overload\ndef load(path: int) -> int: ...\n"
                "@overload\ndef load(path: str) -> str: ...\n"
                "def load(path):\n    return path\n\n\nload('a')\n"
            )
        },
    ),
    Case(
        "a comment behind the first argument stays, one above it is told",
        {
            "a.py": (
                "def load(\n    # how\n    mode,\n    path,\n):\n    return path\n\n\n"
                "load(1,  # now\n     2)\n"
            )
        },
        RemoveParameter("load", "mode"),
        {
            "a.py": (
                "def load(\n    # how\n    path,\n):\n    return path\n\n\nload(  # now\n     2)\n"
            )
        },
        leftovers=("a.py:2 comment above what was removed",),
    ),
    Case(
        "refused: the comment of a whole list would be lost",
        {"a.py": "def load(mode):\n    return 1\n\n\nload(\n    2,\n    # that is all\n)\n"},
        RemoveParameter("load", "mode"),
        refused="comment in line",
    ),
    Case(
        "a protocol may be fitted elsewhere",
        {
            "a.py": (
                "from typing import Protocol\n\n\nclass P(Protocol):\n"
                "    def load(self, path, mode): ...\n\n\n"
                "def main(p: P):\n    p.load(1, 2)\n"
            )
        },
        RemoveParameter("P.load", "mode"),
        {
            "a.py": (
                "from typing import Protocol\n\n\nclass P(Protocol):\n"
                "    def load(self, path): ...\n\n\n"
                "def main(p: P):\n    p.load(1)\n"
            )
        },
        level="likely",
    ),
    Case(
        "both branches of an if, behind wide characters",
        {
            "a.py": (
                "import sys\n\nif sys.argv:\n    def load(path, mode):\n        return path\n"
                "else:\n    def load(path, mode):\n        return 1\n\n"
                "s = 'é𝒳'; load(1, 2)\n"
            )
        },
        RemoveParameter("load", "mode"),
        {
            "a.py": (
                "import sys\n\nif sys.argv:\n    def load(path):\n        return path\n"
                "else:\n    def load(path):\n        return 1\n\n"
                "s = 'é𝒳'; load(1)\n"
            )
        },
        level="proven",
    ),
    Case(
        "refused: used in a nested function",
        {
            "a.py": "def load(path, mode):\n    def inner():\n        return mode\n"
            "    return inner\n"
        },
        RemoveParameter("load", "mode"),
        refused="uses mode",
    ),
    Case(
        "refused: used in an override",
        {
            "a.py": (
                "class A:\n    def load(self, mode):\n        return 1\n\n\n"
                "class B(A):\n    def load(self, mode):\n        return mode\n"
            )
        },
        RemoveParameter("A.load", "mode"),
        refused="uses mode",
    ),
    Case(
        "refused: read by locals",
        {"a.py": "def load(path, mode):\n    return '{path}'.format(**locals())\n"},
        RemoveParameter("load", "mode"),
        refused="calls locals",
    ),
    Case(
        "refused: an argument that does something",
        {"a.py": "def load(path, mode):\n    return path\n\n\nload(1, input())\n"},
        RemoveParameter("load", "mode"),
        refused="no longer be evaluated",
    ),
    Case(
        "refused: an argument that binds a name",
        {"a.py": "def load(path, mode):\n    return path\n\n\nload(1, (x := 2))\nprint(x)\n"},
        RemoveParameter("load", "mode"),
        refused="no longer be evaluated",
    ),
    Case(
        "refused: passed by a star",
        {"a.py": "def load(path, mode):\n    return path\n\n\nxs = 1, 2\nload(*xs)\n"},
        RemoveParameter("load", "mode"),
        refused=r"by \* or \*\*",
    ),
    Case(
        "refused: passed by two stars",
        {"a.py": "def load(path, mode):\n    return path\n\n\nxs = {}\nload(1, **xs)\n"},
        RemoveParameter("load", "mode"),
        refused=r"by \* or \*\*",
    ),
    Case(
        "refused: self",
        {"a.py": "class A:\n    def load(self, path):\n        return path\n"},
        RemoveParameter("A.load", "self"),
        refused="must stay first",
    ),
    Case(
        "refused: not there",
        {"a.py": "def load(path):\n    return path\n"},
        RemoveParameter("load", "mode"),
        refused="has no parameter mode. It has: path",
    ),
    Case(
        "refused: any number",
        {"a.py": "def load(path, *mode):\n    return path\n"},
        RemoveParameter("load", "mode"),
        refused="any number of arguments",
    ),
    Case(
        "refused: Python calls it",
        {"a.py": "class A:\n    def __getitem__(self, key):\n        return 1\n"},
        RemoveParameter("A.__getitem__", "key"),
        refused="Python itself calls",
    ),
    Case(
        "refused: a fixture",
        {"test_a.py": "def test_load(database):\n    assert 1\n"},
        RemoveParameter("test_load", "database"),
        refused="pytest fills database",
    ),
    Case(
        "refused: an override with other names",
        {
            "a.py": (
                "class A:\n    def load(self, path, mode):\n        return path\n\n\n"
                "class B(A):\n    def load(self, where, mode):\n        return where\n"
            )
        },
        RemoveParameter("A.load", "mode"),
        refused="are not alike",
    ),
    Case(
        "refused: a call that does not fit",
        {"a.py": "def load(path, mode):\n    return path\n\n\nload(1, 2, 3)\n"},
        RemoveParameter("load", "mode"),
        refused="cannot be told what these calls pass",
    ),
    Case(
        "refused: a comment would be lost",
        {"a.py": "def load(path, mode):\n    return path\n\n\nload(1,  # one\n     2)\n"},
        RemoveParameter("load", "mode"),
        refused="comment in line",
    ),
)
def test_remove_parameter(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)
