"""Functions and methods made of some lines of a function."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import ALL, Case, Spelling, hold, spelt
from toolset.refactor.requests import ExtractFunction, ExtractMethod


def _case(
    name: str,
    before: str,
    lines: str,
    after: str | None = None,
    *,
    refused: str | None = None,
    level: str | None = None,
    method: bool = False,
    tabs: bool = True,
) -> Case:
    kind = ExtractMethod if method else ExtractFunction
    return Case(
        name,
        {"m.py": before},
        kind(f"m.py:{lines}", "part"),
        {"m.py": after} if after is not None else None,
        refused=refused,
        spellings=tuple(one for one in ALL if tabs or one != "tabs"),
        level=level,  # type: ignore[arg-type]
    )


@spelt(
    _case(
        "parameters and a result",
        "def f(a, b):\n    x = a + 1\n    y = x * b\n    return y\n",
        "2-3",
        "def f(a, b):\n    y = part(a, b)\n    return y\n\n\n"
        "def part(a, b):\n    x = a + 1\n    y = x * b\n    return y\n",
        level="proven",
    ),
    _case(
        "two results",
        "def f(a):\n    x = a + 1\n    y = x * 2\n    return x, y\n",
        "2-3",
        "def f(a):\n    x, y = part(a)\n    return x, y\n\n\n"
        "def part(a):\n    x = a + 1\n    y = x * 2\n    return x, y\n",
        level="proven",
    ),
    _case(
        "comments and blank lines move as they are",
        "def f(a):\n    # First.\n    x = a  # keep\n\n    print(x)\n    # Last.\n    return a\n",
        "2-6",
        "def f(a):\n    part(a)\n    return a\n\n\n"
        "def part(a):\n    # First.\n    x = a  # keep\n\n    print(x)\n    # Last.\n",
        level="proven",
    ),
    _case(
        "a name that the next round of the loop reads",
        "def f(items):\n    last = None\n    for item in items:\n        print(last)\n"
        "        last = item\n",
        "4-5",
        "def f(items):\n    last = None\n    for item in items:\n"
        "        last = part(last, item)\n\n\n"
        "def part(last, item):\n    print(last)\n    last = item\n    return last\n",
    ),
    _case(
        "a name assigned in a branch is handed in to be handed back",
        "def f(a):\n    x = 0\n    if a:\n        x = 1\n    return x\n",
        "3-4",
        "def f(a):\n    x = 0\n    x = part(a, x)\n    return x\n\n\n"
        "def part(a, x):\n    if a:\n        x = 1\n    return x\n",
    ),
    _case(
        "a name that may be unbound afterwards",
        "def f(a):\n    if a:\n        x = 1\n    print(a)\n    return x\n",
        "2-3",
        refused="x may have no value",
    ),
    _case(
        "a walrus in a condition that may not be evaluated",
        "def f(a):\n    if a and (x := g(a)):\n        print(x)\n    print(x)\n\n\n"
        "def g(a):\n    return a\n",
        "2-3",
        refused="x may have no value",
    ),
    _case(
        "lines that return on all paths",
        "def f(a):\n    b = a\n    if b:\n        return 1\n    return 2\n",
        "3-5",
        "def f(a):\n    b = a\n    return part(b)\n\n\n"
        "def part(b):\n    if b:\n        return 1\n    return 2\n",
    ),
    _case(
        "lines that return on some paths",
        "def f(a):\n    if a:\n        return 1\n    print(a)\n    return 2\n",
        "2-4",
        refused="return on some paths only",
    ),
    _case(
        "break of a loop outside",
        "def f(a):\n    for x in a:\n        if x:\n            break\n        print(x)\n",
        "3-5",
        refused="this break belongs to a loop outside",
    ),
    _case(
        "break of a loop inside",
        "def f(a):\n    for x in a:\n        if x:\n            break\n    print(a)\n",
        "2-4",
        "def f(a):\n    part(a)\n    print(a)\n\n\n"
        "def part(a):\n    for x in a:\n        if x:\n            break\n",
        level="proven",
    ),
    _case(
        "await",
        "async def f(a):\n    x = await a\n    return x\n",
        "2",
        "async def f(a):\n    x = await part(a)\n    return x\n\n\n"
        "async def part(a):\n    x = await a\n    return x\n",
    ),
    _case(
        "async comprehension",
        "async def f(a):\n    x = [i async for i in a]\n    return x\n",
        "2",
        "async def f(a):\n    x = await part(a)\n    return x\n\n\n"
        "async def part(a):\n    x = [i async for i in a]\n    return x\n",
    ),
    _case("yield", "def f(a):\n    yield a\n    print(a)\n", "2", refused="yield cannot move"),
    _case("del", "def f(a):\n    del a\n    print(1)\n", "2", refused="del of a name"),
    _case(
        "global",
        "X = 1\n\n\ndef f():\n    global X\n    X = 2\n    print(X)\n",
        "6",
        refused="X is global or nonlocal",
    ),
    _case(
        "nonlocal of a nested function",
        "def f():\n    x = 1\n\n    def g():\n        nonlocal x\n        x = 2\n\n"
        "    g()\n    print(x)\n    return g\n",
        "8-9",
        refused="x is nonlocal",
    ),
    _case(
        "a string of several lines keeps its text",
        'def f(a):\n    if a:\n        x = """one\n        two\n"""\n        print(x)\n'
        "    return a\n",
        "3-6",
        "def f(a):\n    if a:\n        part()\n    return a\n\n\n"
        'def part():\n    x = """one\n        two\n"""\n    print(x)\n',
    ),
    _case(
        "brackets over several lines, deeper to less deep",
        "def f(a):\n    if a:\n        print(\n            a,  # first\n            1,\n"
        "        )\n    return a\n",
        "3-6",
        "def f(a):\n    if a:\n        part(a)\n    return a\n\n\n"
        "def part(a):\n    print(\n        a,  # first\n        1,\n    )\n",
        level="proven",
    ),
    _case(
        "annotations of parameters that keep their value",
        "def f(a: int, b: str) -> int:\n    b = b + 'x'\n    c = a + len(b)\n    return c\n",
        "3",
        "def f(a: int, b: str) -> int:\n    b = b + 'x'\n    c = part(a, b)\n    return c\n\n\n"
        "def part(a: int, b):\n    c = a + len(b)\n    return c\n",
        level="proven",
    ),
    _case(
        "in a closure, the outer function's names are parameters",
        "def f(a):\n    def g(b):\n        c = a + b\n        return c\n\n    return g\n",
        "3",
        "def f(a):\n    def g(b):\n        c = part(b, a)\n        return c\n\n    return g\n\n\n"
        "def part(b, a):\n    c = a + b\n    return c\n",
    ),
    _case(
        "a lambda that reads a name assigned later",
        "def f():\n    x = 1\n    g = lambda: x\n    x = 2\n    return g\n",
        "3",
        refused="assigned again in line 4",
    ),
    _case(
        "a closure outside reads what the lines assign",
        "def f():\n    x = 1\n    g = lambda: x\n    x = 2\n    g()\n    return g\n",
        "4-5",
        refused="x is assigned in these lines and read by a function",
    ),
    _case(
        "an exception would show a name half-way",
        "def f(a):\n    x = 0\n    try:\n        x = 1\n        a()\n    except ValueError:\n"
        "        print(x)\n",
        "4-5",
        refused="x is assigned in these lines and read where an exception",
    ),
    _case(
        "a whole try",
        "def f(a):\n    try:\n        x = a()\n    except ValueError:\n        x = None\n"
        "    return x\n",
        "2-5",
        "def f(a):\n    x = part(a)\n    return x\n\n\n"
        "def part(a):\n    try:\n        x = a()\n    except ValueError:\n        x = None\n"
        "    return x\n",
        level="proven",
    ),
    _case(
        "match binds",
        "def f(a):\n    match a:\n        case [x, *_]:\n            pass\n        case x:\n"
        "            pass\n    return x\n",
        "2-6",
        "def f(a):\n    x = part(a)\n    return x\n\n\n"
        "def part(a):\n    match a:\n        case [x, *_]:\n            pass\n        case x:\n"
        "            pass\n    return x\n",
    ),
    _case(
        "names of a comprehension are its own",
        "def f(a, x):\n    y = [x for x in a]\n    return y, x\n",
        "2",
        "def f(a, x):\n    y = part(a)\n    return y, x\n\n\n"
        "def part(a):\n    y = [x for x in a]\n    return y\n",
        level="proven",
    ),
    _case(
        "f-string",
        "def f(a):\n    x = f'{a!r:>{len(a)}}'\n    return x\n",
        "2",
        "def f(a):\n    x = part(a)\n    return x\n\n\n"
        "def part(a):\n    x = f'{a!r:>{len(a)}}'\n    return x\n",
        level="proven",
    ),
    _case(
        "a decorated function: the new one comes first",
        "import atexit\n\n\n# Ends it.\n@atexit.register\ndef f():\n    x = 1\n    print(x)\n",
        "7-8",
        "import atexit\n\n\ndef part():\n    x = 1\n    print(x)\n\n\n"
        "# Ends it.\n@atexit.register\ndef f():\n    part()\n",
    ),
    _case(
        "part of a statement",
        "def f(a):\n    if a:\n        print(1)\n    print(2)\n",
        "3-4",
        refused="only a part of the statement that begins in line 2",
    ),
    _case(
        "only blank lines",
        "def f(a):\n    print(1)\n\n\n\nx = 1\n",
        "3-4",
        refused="no whole statement",
    ),
    _case(
        "a name in use",
        "from os import *\n\n\ndef f(a):\n    print(part)\n    return a\n",
        "5",
        refused="part is already in use",
    ),
    _case("locals()", "def f(a):\n    b = 1\n    return locals()\n", "2", refused="locals.. looks"),
    _case(
        "super() in a function",
        "class A:\n    def f(self):\n        super().f()\n        return 1\n",
        "3",
        refused="super means the class",
    ),
    _case(
        "the program's own lines",
        "import sys\n\nif __name__ == '__main__':\n    name = sys.argv[1]\n    print(name)\n",
        "4-5",
        "import sys\n\n\ndef part():\n    name = sys.argv[1]\n    print(name)\n\n\n"
        "if __name__ == '__main__':\n    part()\n",
    ),
    _case(
        "lines of a module give all their names",
        "import sys\n\nx = sys.argv\ny = len(x)\n",
        "3-4",
        "import sys\n\n\ndef part():\n    x = sys.argv\n    y = len(x)\n    return x, y\n\n\n"
        "x, y = part()\n",
        tabs=False,  # nothing in the file says so
    ),
    _case(
        "lines that raise on all paths",
        "def f(a):\n    if a:\n        b = str(a)\n        raise ValueError(b)\n    return a\n",
        "3-4",
        "def f(a):\n    if a:\n        part(a)\n    return a\n\n\n"
        "def part(a):\n    b = str(a)\n    raise ValueError(b)\n",
    ),
    _case(
        "deeper comment at the end belongs to the function",
        "def f(a):\n    x = a\n    return x\n    # the end\n\n\ny = 1\n",
        "2",
        "def f(a):\n    x = part(a)\n    return x\n    # the end\n\n\n"
        "def part(a):\n    x = a\n    return x\n\n\ny = 1\n",
        level="proven",
    ),
    _case(
        "an import of a module stays there",
        "import os\nimport sys\n\nprint(os, sys)\n",
        "1-2",
        refused="keeps its imports",
    ),
    _case(
        "elif is not the beginning of a statement",
        "def f(a):\n    if a:\n        print(1)\n    elif not a:\n        print(2)\n",
        "4-5",
        refused="whole statement|part of the statement",
    ),
    _case(
        "parameters in the order of the function's own, then by where they are bound",
        "def f(a, b):\n    y = a\n    x = b\n    print(x, b, y, a)\n    return a\n",
        "4",
        "def f(a, b):\n    y = a\n    x = b\n    part(a, b, y, x)\n    return a\n\n\n"
        "def part(a, b, y, x):\n    print(x, b, y, a)\n",
        level="proven",
    ),
    _case(
        "hints of a parameter and of a local variable",
        "def f(a: int) -> None:\n    totals: dict[str, int] = {}\n    for n in range(a):\n"
        "        totals[str(n)] = a\n    print(totals)\n",
        "3-4",
        "def f(a: int) -> None:\n    totals: dict[str, int] = {}\n    part(a, totals)\n"
        "    print(totals)\n\n\n"
        "def part(a: int, totals: dict[str, int]) -> None:\n    for n in range(a):\n"
        "        totals[str(n)] = a\n",
        level="proven",
    ),
    _case(
        "a hint of a local variable, which Python would now evaluate too early",
        "def f() -> None:\n    a: Later = make()\n    b: list[Later] = []\n    print(a, b)\n"
        "    print(a)\n\n\nclass Later:\n    pass\n\n\ndef make():\n    return Later()\n",
        "4-5",
        "def f() -> None:\n    a: Later = make()\n    b: list[Later] = []\n    part(a, b)\n\n\n"
        "def part(a, b) -> None:\n    print(a, b)\n    print(a)\n\n\n"
        "class Later:\n    pass\n\n\ndef make():\n    return Later()\n",
    ),
    _case(
        "the same hint where hints are not evaluated",
        "from __future__ import annotations\n\n\ndef f() -> None:\n    a: Later | None = None\n"
        "    print(a)\n    print(a)\n\n\nclass Later:\n    pass\n",
        "6",
        "from __future__ import annotations\n\n\ndef f() -> None:\n    a: Later | None = None\n"
        "    part(a)\n    print(a)\n\n\ndef part(a: Later | None) -> None:\n    print(a)\n\n\n"
        "class Later:\n    pass\n",
        level="proven",
    ),
    _case(
        "a hint imported for the type checker alone",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from m import A\n\n\n"
        "def f(b):\n    a: A = b\n    print(a)\n    return b\n",
        "9",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from m import A\n\n\n"
        "def f(b):\n    a: A = b\n    part(a)\n    return b\n\n\ndef part(a):\n    print(a)\n",
    ),
    _case(
        "a result with a hint",
        "def f(a: str) -> int:\n    n: int = len(a)\n    return n + 1\n",
        "2",
        "def f(a: str) -> int:\n    n = part(a)\n    return n + 1\n\n\n"
        "def part(a: str) -> int:\n    n: int = len(a)\n    return n\n",
        level="proven",
    ),
    _case(
        "lines that return what the function returns",
        "def f(a: str) -> int:\n    print(a)\n    n = len(a)\n    return n\n",
        "3-4",
        "def f(a: str) -> int:\n    print(a)\n    return part(a)\n\n\n"
        "def part(a: str) -> int:\n    n = len(a)\n    return n\n",
    ),
    _case(
        "several results have no hint",
        "def f(a: int) -> int:\n    x: int = a\n    y: int = a\n    return x + y\n",
        "2-3",
        "def f(a: int) -> int:\n    x, y = part(a)\n    return x + y\n\n\n"
        "def part(a: int):\n    x: int = a\n    y: int = a\n    return x, y\n",
    ),
    _case(
        "a chain of elif as long as a table",
        "def f(a):\n    if a == 0:\n        print(0)\n"
        + "".join(f"    elif a == {n}:\n        print({n})\n" for n in range(1, 450))
        + "    return a\n",
        "2-901",
        refused="nested too deeply",
    ),
)
def test_extract_function(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


_CLASS = "class A:\n    def f(self, a):\n        x = self.n + a\n        return x\n"


@spelt(
    _case(
        "reads self",
        _CLASS,
        "3",
        "class A:\n    def f(self, a):\n        x = self.part(a)\n        return x\n\n"
        "    def part(self, a):\n        x = self.n + a\n        return x\n",
        method=True,
        level="proven",
    ),
    _case(
        "does not read self",
        "class A:\n    def f(self, a):\n        x = a + 1\n        return self, x\n",
        "3",
        "class A:\n    def f(self, a):\n        x = self.part(a)\n        return self, x\n\n"
        "    @staticmethod\n    def part(a):\n        x = a + 1\n        return x\n",
        method=True,
    ),
    _case(
        "class method",
        "class A:\n    @classmethod\n    def f(cls, a):\n        x = cls(a)\n        return x\n",
        "4",
        "class A:\n    @classmethod\n    def f(cls, a):\n        x = cls.part(a)\n"
        "        return x\n\n"
        "    @classmethod\n    def part(cls, a):\n        x = cls(a)\n        return x\n",
        method=True,
    ),
    _case(
        "static method",
        "class A:\n    @staticmethod\n    def f(a):\n        x = a + 1\n        return x\n",
        "4",
        "class A:\n    @staticmethod\n    def f(a):\n        x = A.part(a)\n        return x\n\n"
        "    @staticmethod\n    def part(a):\n        x = a + 1\n        return x\n",
        method=True,
    ),
    _case(
        "super and private names stay in the class",
        "class A(B):\n    def f(self):\n        super().f()\n        self.__x = 1\n"
        "        return 1\n",
        "3-4",
        "class A(B):\n    def f(self):\n        self.part()\n        return 1\n\n"
        "    def part(self):\n        super().f()\n        self.__x = 1\n",
        method=True,
    ),
    _case(
        "super alone needs the object too",
        "class A(B):\n    def f(self):\n        super().f()\n        return 1\n",
        "3",
        "class A(B):\n    def f(self):\n        self.part()\n        return 1\n\n"
        "    def part(self):\n        super().f()\n",
        method=True,
    ),
    _case(
        "a protocol",
        "class A(Protocol):\n    def f(self):\n        print(self)\n        return 1\n",
        "3",
        refused="is a protocol",
        method=True,
    ),
    _case(
        "after all of a property",
        "class A:\n    @property\n    def p(self):\n        x = self.n\n        return x\n\n"
        "    @p.setter\n    def p(self, value):\n        self.n = value\n",
        "4",
        "class A:\n    @property\n    def p(self):\n        x = self.part()\n        return x\n\n"
        "    @p.setter\n    def p(self, value):\n        self.n = value\n\n"
        "    def part(self):\n        x = self.n\n        return x\n",
        method=True,
    ),
    _case(
        "await",
        "class A:\n    async def f(self, a: int):\n        await self.g(a)\n        return 1\n",
        "3",
        "class A:\n    async def f(self, a: int):\n        await self.part(a)\n        return 1\n\n"
        "    async def part(self, a: int):\n        await self.g(a)\n",
        method=True,
    ),
    _case(
        "before the next method",
        _CLASS + "\n    def g(self):\n        pass\n",
        "3",
        "class A:\n    def f(self, a):\n        x = self.part(a)\n        return x\n\n"
        "    def part(self, a):\n        x = self.n + a\n        return x\n\n"
        "    def g(self):\n        pass\n",
        method=True,
    ),
    _case(
        "the methods stand close",
        "class A:\n    def f(self):\n        print(self)\n        return 1\n"
        "    def g(self):\n        pass\n",
        "3",
        "class A:\n    def f(self):\n        self.part()\n        return 1\n"
        "    def part(self):\n        print(self)\n    def g(self):\n        pass\n",
        method=True,
    ),
    _case(
        "not in a method",
        "def f(a):\n    print(a)\n    return 1\n",
        "2",
        refused="not in a method",
        method=True,
    ),
    _case(
        "a class's own lines",
        "class A:\n    x = 1\n    y = 2\n",
        "2",
        refused="a class's own",
        method=True,
    ),
    _case(
        "self is assigned",
        "class A:\n    def f(self):\n        self = 1\n        print(self)\n",
        "4",
        refused="self is assigned",
        method=True,
    ),
    _case(
        "a name of the class",
        "class A:\n    part = 1\n\n    def f(self):\n        print(self)\n        return 1\n",
        "5",
        refused="has a part already",
        method=True,
    ),
    _case(
        "a name of a base",
        "class B:\n    def part(self):\n        pass\n\n\nclass A(B):\n    def f(self):\n"
        "        print(self)\n        return 1\n",
        "8",
        refused="has a part already",
        method=True,
    ),
    _case(
        "an attribute of the object",
        "class A:\n    def f(self):\n        self.part = 1\n        print(self)\n",
        "4",
        refused="has a part already",
        method=True,
    ),
    _case(
        "unknown decorator on an unknown receiver",
        "class A:\n    @validator('x')\n    def f(cls, v):\n        print(v)\n        return v\n",
        "4",
        refused="depends on the decorators",
        method=True,
    ),
    _case(
        "docstring",
        'class A:\n    def f(self):\n        """Do."""\n        return 1\n',
        "3",
        refused="is a docstring",
        method=True,
    ),
    _case(
        "a decorator of its own class",
        "class A:\n    def deco(fn):\n        print(fn)\n        return fn\n\n    @deco\n"
        "    def area(self):\n        return 1\n",
        "3",
        refused="m.py:6: the body of the class A uses deco",
        method=True,
    ),
    _case(
        "called by the class body",
        "class A:\n    def make(self=None):\n        print(self)\n        return 1\n\n"
        "    x = make()\n",
        "3",
        refused="m.py:6: the body of the class A uses make",
        method=True,
    ),
    _case(
        "a static method called by the class body",
        "class A:\n    @staticmethod\n    def make():\n        print(1)\n        return 1\n\n"
        "    x = make()\n",
        "4",
        refused="m.py:7: the body of the class A uses make",
        method=True,
    ),
    _case(
        "called on another object",
        "class A:\n    def area(self):\n        print(self)\n        return 1\n\n\nclass Duck:\n"
        "    pass\n\n\nA.area(Duck())\n",
        "3",
        refused="m.py:11: A.area takes area from the class",
        method=True,
    ),
    _case(
        "called on another object by way of a subclass",
        "class A:\n    def area(self):\n        print(self)\n        return 1\n\n\nclass B(A):\n"
        "    pass\n\n\nC = B\nmap(C.area, [3])\n",
        "3",
        refused="m.py:12: C.area takes area from the class",
        method=True,
    ),
    _case(
        "called on another object by its class",
        "class A:\n    def area(self):\n        print(self)\n        return 1\n\n"
        "    def twice(self, other):\n        return type(self).area(other)\n",
        "3",
        refused="m.py:7: type\\(self\\).area takes",
        method=True,
    ),
    _case(
        "in __getattribute__",
        "class A:\n    def __getattribute__(self, n, *v):\n        print(n)\n        return 1\n",
        "3",
        refused="without end",
        method=True,
    ),
    _case(
        "in __getattr__",
        "class A:\n    def __getattr__(self, n, *v):\n        print(n)\n        return 1\n",
        "3",
        refused="without end",
        method=True,
    ),
    _case(
        "in __setattr__",
        "class A:\n    def __setattr__(self, n, *v):\n        print(n)\n        return 1\n",
        "3",
        refused="without end",
        method=True,
    ),
    _case(
        "in __delattr__",
        "class A:\n    def __delattr__(self, n, *v):\n        print(n)\n        return 1\n",
        "3",
        refused="without end",
        method=True,
    ),
    _case(
        "in a class with __getattribute__",
        "class A:\n    def __getattribute__(self, n):\n"
        "        return object.__getattribute__(self, n)\n\n    def f(self):\n"
        "        print(self)\n        return 1\n",
        "6",
        refused="without end",
        method=True,
    ),
    _case(
        "a property with a setter, an alias, and a call on the object itself",
        "class A:\n    @property\n    def f(self):\n        print(1)\n        return self\n\n"
        "    @f.setter\n    def f(self, v):\n        pass\n\n    __str__ = f\n\n\n"
        "class B(A):\n    def g(self):\n        return A.f(self)\n",
        "4",
        "class A:\n    @property\n    def f(self):\n        self.part()\n        return self\n\n"
        "    @f.setter\n    def f(self, v):\n        pass\n\n"
        "    @staticmethod\n    def part():\n        print(1)\n\n    __str__ = f\n\n\n"
        "class B(A):\n    def g(self):\n        return A.f(self)\n",
        method=True,
    ),
    _case(
        "in __new__, where the first parameter is the class",
        "class A:\n    def __new__(cls, n):\n        made = super().__new__(cls)\n"
        "        made.n = n\n        return made\n",
        "3-4",
        "class A:\n    def __new__(cls, n):\n        made = cls.part(n)\n        return made\n\n"
        "    @classmethod\n    def part(cls, n):\n        made = super().__new__(cls)\n"
        "        made.n = n\n        return made\n",
        method=True,
    ),
    _case(
        "__new__ called on another class",
        "class A:\n    def __new__(cls):\n        print(cls)\n        return 1\n\n\n"
        "A.__new__(int)\n",
        "3",
        refused="A.__new__ takes __new__ from the class",
        method=True,
    ),
    _case(
        "hints of a method",
        "class A:\n    def f(self, n: int) -> None:\n        x: float = n\n"
        "        print(self, x)\n",
        "4",
        "class A:\n    def f(self, n: int) -> None:\n        x: float = n\n        self.part(x)\n\n"
        "    def part(self, x: float) -> None:\n        print(self, x)\n",
        level="proven",
        method=True,
    ),
    Case(
        "called on another object in another file, by another name",
        {
            "m.py": "class A:\n    def area(self):\n        print(self)\n        return 1\n",
            "n.py": "from m import A as Z\n\nZ.area(1)\n",
        },
        ExtractMethod("m.py:3", "part"),
        refused="n.py:3: Z.area takes area from the class",
    ),
    _case(
        "asked of the class of the same object",
        "class A:\n    def area(self):\n        print(self)\n        return 1\n\n"
        "    def twice(self):\n        return type(self).area(self) * 2\n",
        "3",
        "class A:\n    def area(self):\n        self.part()\n        return 1\n\n"
        "    def part(self):\n        print(self)\n\n"
        "    def twice(self):\n        return type(self).area(self) * 2\n",
        level="proven",
        method=True,
    ),
)
def test_extract_method(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)
