"""A parameter added to a function: where it goes, what is left alone, what is refused."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.refactor.requests import AddParameter


@spelt(
    Case(
        "types in a comment",
        {"a.py": "def f(a):\n    # type: (int) -> int\n    return a\n"},
        AddParameter("f", "b", "1"),
        refused="types in a comment",
    ),
    Case(
        "at the end, calls untouched",
        {
            "a.py": "def load(path):\n    return path\n\n\nload('x')\n",
            "b.py": "from a import load\n\nload('y')\n",
        },
        AddParameter("load", "timeout", "10"),
        {"a.py": "def load(path, timeout=10):\n    return path\n\n\nload('x')\n"},
        level="proven",
    ),
    Case(
        "no parameter yet",
        {"a.py": "def load():  # now\n    return 1\n"},
        AddParameter("load", "timeout", "10"),
        {"a.py": "def load(timeout=10):  # now\n    return 1\n"},
        level="proven",
    ),
    Case(
        "annotation is spaced, the return type stays",
        {"a.py": "def load(path: str = 'é') -> dict[str, int]:\n    return {}\n"},
        AddParameter("load", "timeout", "None", "float | None"),
        {
            "a.py": (
                "def load(path: str = 'é', timeout: float | None = None) -> dict[str, int]:\n"
                "    return {}\n"
            )
        },
        level="proven",
    ),
    Case(
        "one parameter a line with a trailing comma and comments",
        {
            "a.py": (
                "def load(\n"
                "    path,  # where\n"
                "    # how\n"
                "    mode='r',  # read\n"
                "):\n"
                "    return path, mode\n"
            )
        },
        AddParameter("load", "timeout", "10"),
        {
            "a.py": (
                "def load(\n"
                "    path,  # where\n"
                "    # how\n"
                "    mode='r',  # read\n"
                "    timeout=10,\n"
                "):\n"
                "    return path, mode\n"
            )
        },
        level="proven",
    ),
    Case(
        "one parameter a line, no trailing comma, a comment on the last",
        {"a.py": "def load(\n    path,\n    mode  # read\n):\n    return path, mode\n"},
        AddParameter("load", "timeout", "10"),
        {
            "a.py": (
                "def load(\n    path,\n    mode,  # read\n    timeout=10\n):\n"
                "    return path, mode\n"
            )
        },
        level="proven",
    ),
    Case(
        "aligned under the bracket",
        {"a.py": "def load(path,\n         mode='r'):\n    return path, mode\n"},
        AddParameter("load", "timeout", "10"),
        {
            "a.py": (
                "def load(path,\n         mode='r',\n         timeout=10):\n    return path, mode\n"
            )
        },
        level="proven",
    ),
    Case(
        "before a star",
        {"a.py": "def load(path, *, mode='r'):\n    return path, mode\n"},
        AddParameter("load", "timeout", "10"),
        {"a.py": "def load(path, timeout=10, *, mode='r'):\n    return path, mode\n"},
        level="proven",
    ),
    Case(
        "behind *args, where no argument is stolen",
        {"a.py": "def load(path, *rest, **options):\n    return path, rest, options\n"},
        AddParameter("load", "timeout", "10"),
        {"a.py": "def load(path, *rest, timeout=10, **options):\n    return path, rest, options\n"},
        level="proven",
    ),
    Case(
        "keyword-only makes a star",
        {"a.py": "async def load(path, **options):\n    return path, options\n"},
        AddParameter("load", "timeout", "10", keyword_only=True),
        {"a.py": "async def load(path, *, timeout=10, **options):\n    return path, options\n"},
        level="proven",
    ),
    Case(
        "keyword-only behind the star that is there",
        {"a.py": "def load(\n    path,\n    *,\n    mode,\n):\n    return path, mode\n"},
        AddParameter("load", "timeout", "10", keyword_only=True),
        {
            "a.py": (
                "def load(\n    path,\n    *,\n    mode,\n    timeout=10,\n):\n"
                "    return path, mode\n"
            )
        },
        level="proven",
    ),
    Case(
        "behind the slash",
        {"a.py": "def load(path, /):\n    return path\n"},
        AddParameter("load", "timeout", "10"),
        {"a.py": "def load(path, /, timeout=10):\n    return path\n"},
        level="proven",
    ),
    Case(
        "method and its override in another file",
        {
            "a.py": "class Base:\n    def load(self, path):\n        return path\n",
            "b.py": (
                "from a import Base\n\n\nclass Sub(Base):\n"
                "    @classmethod\n    def other(cls):\n        return cls\n\n"
                "    def load(self, path):\n        return super().load(path)\n"
            ),
            "c.py": "class Else:\n    def load(self, path):\n        return path\n",
        },
        AddParameter("Base.load", "timeout", "10"),
        {
            "a.py": "class Base:\n    def load(self, path, timeout=10):\n        return path\n",
            "b.py": (
                "from a import Base\n\n\nclass Sub(Base):\n"
                "    @classmethod\n    def other(cls):\n        return cls\n\n"
                "    def load(self, path, timeout=10):\n        return super().load(path)\n"
            ),
        },
    ),
    Case(
        "overloads get it with an ellipsis",
        {
            "a.py": (
                "from typing import overload\n\n\n"
                "@overload\ndef load(path: int) -> int: ...\n"
                "@overload\ndef load(path: str) -> str: ...\n"
                "def load(path):\n    return path\n"
            )
        },
        AddParameter("load", "timeout", "10", "int"),
        {
            "a.py": (
                "from typing import overload\n\n\n"
                "@overload\ndef load(path: int, timeout: int = ...) -> int: ...\n"
                "@overload\ndef load(path: str, timeout: int = ...) -> str: ...\n"
                "def load(path, timeout: int = 10):\n    return path\n"
            )
        },
    ),
    Case(
        "an override that takes anything is left",
        {
            "a.py": (
                "class Base:\n    def load(self, path):\n        return path\n\n\n"
                "class Sub(Base):\n    def load(self, *args, **kwargs):\n"
                "        return super().load(*args, **kwargs)\n"
            )
        },
        AddParameter("Base.load", "timeout", "10"),
        {
            "a.py": (
                "class Base:\n    def load(self, path, timeout=10):\n        return path\n\n\n"
                "class Sub(Base):\n    def load(self, *args, **kwargs):\n"
                "        return super().load(*args, **kwargs)\n"
            )
        },
        leftovers=("a.py:7 override that takes anything",),
    ),
    Case(
        "handed on as a value",
        {"a.py": "def load(path):\n    return path\n\n\nx = map(load, [1])\n"},
        AddParameter("load", "timeout", "10"),
        {"a.py": "def load(path, timeout=10):\n    return path\n\n\nx = map(load, [1])\n"},
        level="likely",
        leftovers=("a.py:5 used as a value, not called",),
    ),
    Case(
        "a decorator that may look at the parameters",
        {
            "a.py": (
                "import registry\n\n\n@registry.command(name='x')\n"
                "def load(path):\n    return path\n"
            )
        },
        AddParameter("load", "timeout", "10"),
        {
            "a.py": (
                "import registry\n\n\n@registry.command(name='x')\n"
                "def load(path, timeout=10):\n    return path\n"
            )
        },
        level="likely",
    ),
    Case(
        "a nested function's own name is no clash",
        {
            "a.py": (
                "def load(path):\n    def wait(timeout):\n        return timeout\n"
                "    return wait(timeout=path.timeout)\n"
            )
        },
        AddParameter("load", "timeout", "10"),
        {
            "a.py": (
                "def load(path, timeout=10):\n    def wait(timeout):\n        return timeout\n"
                "    return wait(timeout=path.timeout)\n"
            )
        },
        level="proven",
    ),
    Case(
        "default of a name from above",
        {
            "a.py": "from m import LIMIT\n\n\ndef load(path):\n    return path\n",
            "m.py": "LIMIT = 1\n",
        },
        AddParameter("load", "timeout", "LIMIT"),
        {"a.py": "from m import LIMIT\n\n\ndef load(path, timeout=LIMIT):\n    return path\n"},
        level="proven",
    ),
    Case(
        "nested function with a default of its outer function",
        {
            "a.py": (
                "def outer(limit):\n    def load(path):\n        return path\n"
                "    return load(limit)\n"
            )
        },
        AddParameter("outer.load", "timeout", "limit"),
        {
            "a.py": (
                "def outer(limit):\n    def load(path, timeout=limit):\n        return path\n"
                "    return load(limit)\n"
            )
        },
        level="proven",
    ),
    Case(
        "calls that may pass it into **options",
        {
            "a.py": (
                "def load(path, **options):\n    return path, options\n\n\n"
                "def main(given):\n    load(1, **given)\n    load(2, other=3)\n"
            )
        },
        AddParameter("load", "timeout", "10"),
        {
            "a.py": (
                "def load(path, timeout=10, **options):\n    return path, options\n\n\n"
                "def main(given):\n    load(1, **given)\n    load(2, other=3)\n"
            )
        },
        leftovers=("a.py:6 call that may pass it by **",),
    ),
    Case(
        "an unknown object's call may pass it into **options",
        {
            "a.py": "class A:\n    def load(self, **options):\n        return options\n",
            "b.py": "def main(x):\n    return x.load(timeout=3)\n",
        },
        AddParameter("A.load", "timeout", "10"),
        {"a.py": "class A:\n    def load(self, timeout=10, **options):\n        return options\n"},
        leftovers=("b.py:2 attribute of an unknown object",),
    ),
    Case(
        "refused: a call passes it into **options",
        {"a.py": "def load(path, **options):\n    return options\n\n\nload(1, timeout=3)\n"},
        AddParameter("load", "timeout", "10"),
        refused="passes timeout already",
    ),
    Case(
        "refused: the body reads a global of that name",
        {"a.py": "timeout = 1\n\n\ndef load(path):\n    return [timeout for _ in path]\n"},
        AddParameter("load", "timeout", "10"),
        refused="uses the name timeout already",
    ),
    Case(
        "refused: the body assigns it",
        {"a.py": "def load(path):\n    if (timeout := path):\n        return timeout\n"},
        AddParameter("load", "timeout", "10"),
        refused="uses the name timeout already",
    ),
    Case(
        "refused: it is there",
        {"a.py": "def load(path, *, timeout=1):\n    return path, timeout\n"},
        AddParameter("load", "timeout", "10"),
        refused="has a parameter timeout already",
    ),
    Case(
        "refused: mutable default",
        {"a.py": "def load(path):\n    return path\n"},
        AddParameter("load", "names", "[]"),
        refused="Take None as the default",
    ),
    Case(
        "refused: default from below",
        {"a.py": "def load(path):\n    return path\n\n\nLIMIT = 1\n"},
        AddParameter("load", "timeout", "LIMIT"),
        refused="LIMIT has no value yet",
    ),
    Case(
        "refused: default for types only",
        {
            "a.py": (
                "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"
                "    from m import LIMIT\n\n\n"
                "def load(path):\n    return path\n"
            )
        },
        AddParameter("load", "timeout", "LIMIT"),
        refused="LIMIT has no value yet",
    ),
    Case(
        "refused: two things for a default",
        {"a.py": "def load(path):\n    return path\n"},
        AddParameter("load", "timeout", "1, other=2"),
        refused="cannot stand as a default",
    ),
    Case(
        "refused: a comment in the default",
        {"a.py": "def load(path):\n    return path\n"},
        AddParameter("load", "timeout", "1 # one"),
        refused="cannot stand as a default",
    ),
    Case(
        "refused: no name",
        {"a.py": "def load(path):\n    return path\n"},
        AddParameter("load", "lambda", "1"),
        refused="no name that Python allows",
    ),
    Case(
        "refused: a property",
        {"a.py": "class A:\n    @property\n    def load(self):\n        return 1\n"},
        AddParameter("A.load", "timeout", "10"),
        refused="is a property",
    ),
    Case(
        "refused: a class",
        {"a.py": "class A:\n    pass\n"},
        AddParameter("A", "timeout", "10"),
        refused=r"name its constructor: a.py::A.__init__",
    ),
    Case(
        "refused: assigned elsewhere too",
        {"a.py": "def load(path):\n    return path\n\n\nload = print\n"},
        AddParameter("load", "timeout", "10"),
        refused="not only defined as a function",
    ),
)
def test_add_parameter(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)
