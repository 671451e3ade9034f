"""Type hints that the code shows, and the many that it does not."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.refactor.requests import AddTypeHints

ASK = AddTypeHints()


@spelt(
    Case(
        "nothing is returned",
        {"a.py": "def f(x, y):\n    # é\n    print(x)  # done\n\n\nf(1, 2)\n"},
        ASK,
        {"a.py": "def f(x, y) -> None:\n    # é\n    print(x)  # done\n\n\nf(1, 2)\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "an early return without a value",
        {"a.py": "def f(x):\n    if x:\n        return\n    return None\n"},
        ASK,
        {"a.py": "def f(x) -> None:\n    if x:\n        return\n    return None\n"},
        level="proven",
    ),
    Case(
        "a value on one path is no type",
        {"a.py": "def f(x):\n    if x:\n        return 1\n\n\ndef g(x):\n    return x\n"},
        ASK,
        {},
        level="proven",
    ),
    Case(
        "literals of one type, where both readings see them",
        {
            "a.py": "def f(x):\n    if x:\n        return True\n    return x is None\n\n\n"
            "def g(x):\n    return f'{x}'\n\n\ndef h(x):\n    return 'a' if x else f'b{x}'\n"
        },
        ASK,
        {
            "a.py": "def f(x) -> bool:\n    if x:\n        return True\n    return x is None\n\n\n"
            "def g(x) -> str:\n    return f'{x}'\n\n\ndef h(x):\n"
            "    return 'a' if x else f'b{x}'\n"
        },
        level="proven",
    ),
    Case(
        "literals of two types, and what an operator returns",
        {
            "a.py": "def f(x):\n    if x:\n        return True\n    return 0\n\n\n"
            "def g(x, y):\n    return x == y\n\n\ndef h(x):\n    return x + 1\n"
        },
        ASK,
        {},
    ),
    Case(
        "a try that may end without a value",
        {
            "a.py": "def f(x):\n    try:\n        return 1\n    except OSError:\n        pass\n\n\n"
            "def g(x):\n    try:\n        return 1\n    except OSError:\n        return 2\n\n\n"
            "def h(x):\n    with x:\n        return 1\n"
        },
        ASK,
        {
            "a.py": "def f(x):\n    try:\n        return 1\n    except OSError:\n        pass\n\n\n"
            "def g(x) -> int:\n    try:\n        return 1\n    except OSError:\n"
            "        return 2\n\n\n"
            "def h(x):\n    with x:\n        return 1\n"
        },
        level="proven",
    ),
    Case(
        "generators",
        {
            "a.py": "def f(x):\n    yield x\n\n\nasync def g(x):\n    yield x\n\n\n"
            "def h(x):\n    yield from x\n"
        },
        ASK,
        {},
    ),
    Case(
        "coroutines",
        {"a.py": "async def f(x):\n    async with x as y:\n        await y\n"},
        ASK,
        {"a.py": "async def f(x) -> None:\n    async with x as y:\n        await y\n"},
        level="proven",
    ),
    Case(
        "nested functions count for themselves",
        {"a.py": "def f(x):\n    def g():\n        return x\n\n    h = lambda: 1\n    g(h)\n"},
        ASK,
        {
            "a.py": "def f(x) -> None:\n    def g():\n        return x\n\n    h = lambda: 1\n"
            "    g(h)\n"
        },
        level="proven",
    ),
    Case(
        "what never returns is not None",
        {
            "a.py": "def f(x):\n    raise ValueError(x)\n\n\n"
            "def g():\n    while True:\n        f(1)\n\n\n"
            "def h(self):\n    raise NotImplementedError\n"
        },
        ASK,
        {},
    ),
    Case(
        "stubs in classes are there to be overridden",
        {
            "a.py": "class A:\n    def f(self):\n        pass\n\n    def g(self):\n        ...\n\n"
            "    def h(self):\n        '''Do.'''\n"
        },
        ASK,
        {},
    ),
    Case(
        "a method that another class overrides with a value",
        {
            "a.py": "class A:\n    def run(self):\n        print(1)\n\n    def go(self):\n"
            "        print(2)\n",
            "b.py": "from a import A\n\n\nclass B(A):\n    def run(self):\n        return self\n",
        },
        ASK,
        {
            "a.py": "class A:\n    def run(self):\n        print(1)\n\n"
            "    def go(self) -> None:\n        print(2)\n"
        },
        level="proven",
    ),
    Case(
        "the data model",
        {
            "a.py": "class A:\n    def __init__(self, x):\n        self.x = x\n\n"
            "    def __str__(self):\n        return self.x\n\n"
            "    def __len__(self):\n        return len(self.x)\n"
        },
        ASK,
        {
            "a.py": "class A:\n    def __init__(self, x) -> None:\n        self.x = x\n\n"
            "    def __str__(self) -> str:\n        return self.x\n\n"
            "    def __len__(self) -> int:\n        return len(self.x)\n"
        },
        level="likely",
        leftovers=(),
    ),
    Case(
        "a class of the same name",
        {
            "a.py": "class A:\n    def str(self, x):\n        print(x)\n\n"
            "    def f(self):\n        return 'a'\n"
        },
        ASK,
        {
            "a.py": "class A:\n    def str(self, x) -> None:\n        print(x)\n\n"
            "    def f(self):\n        return 'a'\n"
        },
    ),
    Case(
        "a star import may bring a str",
        {"a.py": "from b import *\n\n\ndef f():\n    return 'a'\n", "b.py": "str = 1\n"},
        ASK,
        {},
    ),
    Case(
        "parameters by their defaults",
        {"a.py": "def f(é='é', b=False, *, c = True, d=None, e=1, g: bool=True):\n    return é\n"},
        ASK,
        {
            "a.py": "def f(é='é', b: bool = False, *, c: bool = True, d=None, e=1, g: bool=True):"
            "\n    return é\n"
        },
        level="likely",
        leftovers=(
            "a.py:1 parameter annotated from its default",
            "a.py:1 parameter annotated from its default",
        ),
    ),
    Case(
        "defaults written oddly",
        {"a.py": "def f(a=(True), b=# why\n      False):\n    return a\n"},
        ASK,
        {},
    ),
    Case(
        "decorators",
        {
            "a.py": "import functools\n\n\nclass A:\n    @property\n    def f(self):\n"
            "        return 'a'\n\n    @staticmethod\n    @functools.lru_cache(maxsize=None)\n"
            "    def g(x):\n        print(x)\n"
        },
        ASK,
        {
            "a.py": "import functools\n\n\nclass A:\n    @property\n    def f(self) -> str:\n"
            "        return 'a'\n\n    @staticmethod\n    @functools.lru_cache(maxsize=None)\n"
            "    def g(x) -> None:\n        print(x)\n"
        },
        level="proven",
    ),
    Case(
        "a decorator that may read hints",
        {"a.py": "from m import app\n\n\n@app.command()\ndef f(x=False):\n    print(x)\n"},
        ASK,
        {},
        level="likely",
        leftovers=("a.py:5 function with a decorator that may read type hints",),
    ),
    Case(
        "overloads and abstract methods",
        {
            "a.py": "from abc import abstractmethod\nfrom typing import overload\n\n\n"
            "@overload\ndef f(x: int): ...\n@overload\ndef f(x: str): ...\ndef f(x):\n"
            "    print(x)\n\n\nclass A:\n    @abstractmethod\n    def g(self):\n        print(1)\n"
        },
        ASK,
        {},
        level="proven",
    ),
    Case(
        "type comments",
        {
            "a.py": "def f(x):\n    # type: (int) -> None\n    print(x)\n\n\n"
            "def g(x):  # type: ignore\n    print(x)\n"
        },
        ASK,
        {
            "a.py": "def f(x):\n    # type: (int) -> None\n    print(x)\n\n\n"
            "def g(x) -> None:  # type: ignore\n    print(x)\n"
        },
    ),
    Case(
        "headers over several lines, and on one",
        {
            "a.py": "def f(\n    x=(1, 2),  # ) -> int:\n    y={'a': [1]},\n):\n    print(x)\n\n\n"
            "def g (x) : print(x)\n"
        },
        ASK,
        {
            "a.py": "def f(\n    x=(1, 2),  # ) -> int:\n    y={'a': [1]},\n) -> None:\n"
            "    print(x)\n\n\ndef g (x) -> None : print(x)\n"
        },
        level="proven",
    ),
    Case(
        "a name that is defined twice",
        {
            "a.py": "import sys\n\nif sys.platform == 'win32':\n    def f(x):\n        return x\n"
            "else:\n    def f(x):\n        print(x)\n"
        },
        ASK,
        {},
    ),
    Case(
        "what has its hint keeps it",
        {"a.py": "def f(x) -> 'None':\n    print(x)\n"},
        ASK,
        {},
        level="proven",
    ),
    Case(
        "a match, and a walrus",
        {
            "a.py": "def f(x):\n    match x:\n        case 1:\n            return 1\n"
            "        case _:\n            return 2\n\n\n"
            "def g(x):\n    if (y := x) is None:\n        print(y)\n"
        },
        ASK,
        {
            "a.py": "def f(x):\n    match x:\n        case 1:\n            return 1\n"
            "        case _:\n            return 2\n\n\n"
            "def g(x) -> None:\n    if (y := x) is None:\n        print(y)\n"
        },
        level="proven",
    ),
    Case(
        "a stub beside it says more",
        {"a.py": "def f(x):\n    print(x)\n", "a.pyi": "def f(x: int) -> None: ...\n"},
        ASK,
        {},
    ),
    Case(
        "only the paths named",
        {"a/a.py": "def f():\n    print()\n", "b.py": "def f():\n    print()\n"},
        AddTypeHints(paths=("a",)),
        {"a/a.py": "def f() -> None:\n    print()\n"},
        level="proven",
    ),
    Case("no such path", {"a.py": ""}, AddTypeHints(paths=("b.py",)), refused="does not exist"),
)
def test_add_type_hints(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)
