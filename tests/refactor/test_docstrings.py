"""Docstring skeletons: where one is added, what it says, and where none is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.refactor.cases import ALL, Case, Spelling, hold, spelt
from toolset.refactor.annotating.docstring_styles import sentence
from toolset.refactor.requests import AddDocstrings

ASK = AddDocstrings()
NO_TABS: tuple[Spelling, ...] = tuple(one for one in ALL if one != "tabs")


@spelt(
    Case(
        "a function without parameters",
        {"a.py": "def read_all():  # why\n    # é\n    print()\n"},
        ASK,
        {"a.py": 'def read_all():  # why\n    """Read all."""\n    # é\n    print()\n'},
        level="proven",
        leftovers=(),
    ),
    Case(
        "parameters, the result and what is raised",
        {
            "a.py": "def read_csv(path, *rows, sep=',', **options) -> list[str]:\n"
            "    if not path:\n        raise ValueError(path)\n    return []\n"
        },
        ASK,
        {
            "a.py": "def read_csv(path, *rows, sep=',', **options) -> list[str]:\n"
            '    """Read csv.\n\n    Args:\n        path: Path.\n        *rows: Rows.\n'
            "        sep: Sep. Default: ','.\n        **options: Options.\n\n"
            "    Returns:\n        list[str]: The result.\n\n"
            '    Raises:\n        ValueError: In some cases.\n    """\n'
            "    if not path:\n        raise ValueError(path)\n    return []\n"
        },
        level="proven",
    ),
    Case(
        "what may be caught is not told",
        {
            "a.py": "def run():\n    try:\n        raise KeyError\n    except KeyError:\n"
            "        pass\n"
        },
        ASK,
        {
            "a.py": 'def run():\n    """Run."""\n    try:\n        raise KeyError\n'
            "    except KeyError:\n        pass\n"
        },
        level="proven",
    ),
    Case(
        "classes and methods, without self and cls",
        {
            "a.py": "class CsvReader:\n    x = 1\n\n"
            "    def read(self, path):\n        self.x = path\n"
            "\n    @classmethod\n    def make(cls):\n        print(cls)\n\n"
            "    @staticmethod\n    def check(x): \n        print(x)\n"
        },
        ASK,
        {
            "a.py": 'class CsvReader:\n    """Csv reader."""\n\n    x = 1\n\n'
            '    def read(self, path):\n        """Read.\n\n        Args:\n'
            '            path: Path.\n        """\n        self.x = path\n'
            '\n    @classmethod\n    def make(cls):\n        """Make."""\n        print(cls)\n\n'
            '    @staticmethod\n    def check(x): \n        """Check.\n\n        Args:\n'
            '            x: X.\n        """\n        print(x)\n'
        },
        level="proven",
    ),
    Case(
        "a class that begins with a blank line",
        {"a.py": "class A:\n\n    x = 1\n"},
        ASK,
        {"a.py": 'class A:\n    """A."""\n\n    x = 1\n'},
        level="proven",
    ),
    Case(
        "the style of the project: numpy",
        {
            "a.py": "def add(a):\n    return a\n",
            "b.py": 'def f(x):\n    """Do.\n\n    Parameters\n    ----------\n    x\n    """\n',
        },
        ASK,
        {
            "a.py": 'def add(a):\n    """Add.\n\n    Parameters\n    ----------\n    a\n'
            "        A.\n\n    Returns\n    -------\n    object\n        The result.\n"
            '    """\n    return a\n'
        },
        level="proven",
    ),
    Case(
        "the style of the project: sphinx",
        {
            "a.py": "def add(a, *b):\n    yield a\n",
            "b.py": 'def f(x):\n    """Do.\n\n    :param x: it\n    """\n',
        },
        ASK,
        {
            "a.py": 'def add(a, *b):\n    """Add.\n\n    :param a: A.\n    :param b: B.\n'
            '    :yields: Each value.\n    """\n    yield a\n'
        },
        level="proven",
    ),
    Case(
        "private, nested and documented ones",
        {
            "a.py": "def _f():\n    print()\n\n\nclass _A:\n    def f(self):\n        print()\n\n\n"
            'def g():\n    "G."\n\n    def h():\n        print()\n\n    return h\n\n\n'
            'class B:\n    """B."""\n\n    def __init__(self):\n        print()\n'
        },
        ASK,
        {},
        level="proven",
    ),
    Case(
        "a body on the line of its header",
        {"a.py": "def f(): pass\nclass A: x = 1\n"},
        ASK,
        {},
        leftovers=(
            "a.py:1 body on the line of its header",
            "a.py:2 body on the line of its header",
        ),
    ),
    Case(
        "a decorator that may show it to a user",
        {"a.py": "from m import app\n\n\n@app.command()\ndef run():\n    print()\n"},
        ASK,
        {},
        leftovers=("a.py:5 decorator that may read the docstring",),
    ),
    Case(
        "decorators that only pass it on",
        {
            "a.py": "import functools\n\n\nclass A:\n    'A.'\n\n"
            "    @property\n    def size(self):\n"
            "        return 1\n\n    @size.setter\n    def size(self, size):\n        print()\n\n\n"
            "@functools.lru_cache(maxsize=None)\ndef f():\n    print()\n"
        },
        ASK,
        {
            "a.py": "import functools\n\n\nclass A:\n    'A.'\n\n"
            "    @property\n    def size(self):\n"
            '        """Size."""\n        return 1\n\n    @size.setter\n'
            "    def size(self, size):\n        print()\n\n\n"
            '@functools.lru_cache(maxsize=None)\ndef f():\n    """F."""\n    print()\n'
        },
        level="proven",
    ),
    Case(
        "a method that inherits its docstring",
        {
            "a.py": 'class A:\n    """A."""\n\n    def f(self):\n        """F."""\n\n\n'
            'class B(A):\n    """B."""\n\n    def f(self):\n        print()\n\n'
            "    def g(self):\n        print()\n"
        },
        ASK,
        {
            "a.py": 'class A:\n    """A."""\n\n    def f(self):\n        """F."""\n\n\n'
            'class B(A):\n    """B."""\n\n    def f(self):\n        print()\n\n'
            '    def g(self):\n        """G."""\n        print()\n'
        },
        level="likely",
        leftovers=("a.py:11 may inherit its docstring",),
    ),
    Case(
        "a class from elsewhere, whose docstring may be read",
        {"a.py": "from m import Model\n\n\nclass A(Model):\n    def f(self):\n        print()\n"},
        ASK,
        {},
        leftovers=("a.py:4 may inherit its docstring", "a.py:5 may inherit its docstring"),
    ),
    Case(
        "exceptions",
        {"a.py": "class NoFile(ValueError):\n    pass\n"},
        ASK,
        {"a.py": 'class NoFile(ValueError):\n    """No file."""\n\n    pass\n'},
        level="proven",
    ),
    Case(
        "overloads",
        {
            "a.py": "from typing import overload\n\n\n@overload\ndef f(x: int): ...\n"
            "@overload\ndef f(x: str):\n    ...\ndef f(x):\n    print(x)\n"
        },
        ASK,
        {
            "a.py": "from typing import overload\n\n\n@overload\ndef f(x: int): ...\n"
            "@overload\ndef f(x: str):\n    ...\n"
            'def f(x):\n    """F.\n\n    Args:\n        x: X.\n    """\n    print(x)\n'
        },
        level="proven",
    ),
    Case(
        "async, under a condition, with a header over several lines",
        {
            "a.py": "import sys\n\nif sys.argv:\n    async def go(\n        a={'b': 1},  # ):\n"
            "    ):\n\n        await a\n"
        },
        ASK,
        {
            "a.py": "import sys\n\nif sys.argv:\n    async def go(\n        a={'b': 1},  # ):\n"
            "    ):\n"
            '        """Go.\n\n        Args:\n            a: A. Default: {\'b\': 1}.\n'
            '        """\n\n        await a\n'
        },
        level="proven",
    ),
    Case(
        "a default that no docstring can hold",
        {"a.py": "def f(a='\"\"\"', b='\\\\', c=lambda: 1):\n    print(f'{a}')\n"},
        ASK,
        {
            "a.py": "def f(a='\"\"\"', b='\\\\', c=lambda: 1):\n"
            '    """F.\n\n    Args:\n        a: A.\n        b: B.\n'
            "        c: C. Default: lambda: 1.\n"
            '    """\n    print(f\'{a}\')\n'
        },
        level="proven",
    ),
    Case(
        "an f-string is no docstring",
        {"a.py": "def f():\n    f'{1}'\n    match f:\n        case _:\n            pass\n"},
        ASK,
        {
            "a.py": 'def f():\n    """F."""\n'
            "    f'{1}'\n    match f:\n        case _:\n            pass\n"
        },
        level="proven",
    ),
    Case(
        "tests and stubs need none",
        {
            "test_a.py": "def test_f():\n    print()\n",
            "a.pyi": "def f():\n    ...\n",
            "conftest.py": "def g():\n    print()\n",
        },
        ASK,
        {},
        level="proven",
    ),
    Case(
        "two spaces",
        {"a.py": "class A:\n  'A.'\n\n  def f(self, x):\n    print(x)\n"},
        ASK,
        {
            "a.py": "class A:\n  'A.'\n\n  def f(self, x):\n"
            '    """F.\n\n    Args:\n        x: X.\n    """\n    print(x)\n'
        },
        spellings=NO_TABS,
    ),
    Case(
        "only the paths named",
        {"a/a.py": "def f():\n    print()\n", "b.py": "def f():\n    print()\n"},
        AddDocstrings(paths=("b.py",)),
        {"b.py": 'def f():\n    """F."""\n    print()\n'},
        level="proven",
    ),
    Case("no such path", {"a.py": ""}, AddDocstrings(paths=("b.py",)), refused="does not exist"),
)
def test_add_docstrings(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("read_csv", "Read csv."),
        ("HTTPServer", "HTTP server."),
        ("XMLParser2", "XML parser2."),
        ("__all", "All."),
        ("größe", "Größe."),
        ("_", "_."),
    ],
)
def test_sentence(name: str, expected: str) -> None:
    assert sentence(name) == expected
