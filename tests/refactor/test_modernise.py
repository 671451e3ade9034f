"""f-strings, pathlib and newer types: what is written means the same, what may not is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.refactor.requests import UpgradeTyping, UseFStrings, UsePathlib

_STRINGS = UseFStrings()
_PATHS = UsePathlib()
_311 = UpgradeTyping(to="3.11")
_TUPLE = "% with a value that may be a tuple"
_OWN_FORMAT = "% with a value whose own format may differ"
_BETWEEN = "value that is now formatted before the next is read"
_KEPT = "% that cannot be an f-string without more knowledge"
_CHANGED = "formatting that an f-string would change"


@spelt(
    Case(
        "format",
        {"a.py": 'def f(x, y):\n    return "{} {}".format(x, y)  # both\n'},
        _STRINGS,
        {"a.py": 'def f(x, y):\n    return f"{x} {y}"  # both\n'},
        level="proven",
        leftovers=(),
    ),
    Case(
        "indices, names, attributes, items, conversions and widths",
        {"a.py": "s = '{0.a} {n[1]} {n[k]!r:>5}'.format(x, n=y)\n"},
        _STRINGS,
        {"a.py": "s = f'{x.a} {y[1]} {y[\"k\"]!r:>5}'\n"},
        level="proven",
    ),
    Case(
        "another order of plain names",
        {"a.py": "s = '{1} {0}'.format(x, y)\n"},
        _STRINGS,
        {"a.py": "s = f'{y} {x}'\n"},
        level="proven",
    ),
    Case(
        "another order of calls stays",
        {"a.py": "s = '{1} {0}'.format(f(), g())\n"},
        _STRINGS,
        {},
        leftovers=(f"a.py:1 {_CHANGED}",),
    ),
    Case(
        "a call that is dropped stays",
        {"a.py": "s = '{}'.format(x, g())\n"},
        _STRINGS,
        {},
        leftovers=(f"a.py:1 {_CHANGED}",),
    ),
    Case(
        "a call after a value is told",
        {"a.py": "s = '{} {}'.format(x, g())\n"},
        _STRINGS,
        {"a.py": "s = f'{x} {g()}'\n"},
        level="likely",
        leftovers=(f"a.py:1 {_BETWEEN}",),
    ),
    Case(
        "percent with known texts",
        {"a.py": "s = '100%% %s %r %s' % (str(x), y, 3)\n"},
        _STRINGS,
        {"a.py": "s = f'100% {str(x)} {y!r} {3}'\n"},
        level="proven",
    ),
    Case(
        "percent with values of any kind",
        {"a.py": "s = '%s and %.2f' % (x, y)\n"},
        _STRINGS,
        {"a.py": "s = f'{x} and {y:.2f}'\n"},
        level="likely",
        leftovers=(f"a.py:1 {_OWN_FORMAT}",),
    ),
    Case(
        "percent with one value that may be a tuple",
        {"a.py": "s = '%s' % x\n"},
        _STRINGS,
        {"a.py": "s = f'{x}'\n"},
        level="likely",
        leftovers=(f"a.py:1 {_TUPLE}",),
    ),
    Case(
        "percent with a dictionary display",
        {"a.py": "s = '%(a)r' % {'a': x}\n"},
        _STRINGS,
        {"a.py": "s = f'{x!r}'\n"},
        level="proven",
    ),
    Case(
        "percent that needs the value's type stays",
        {"a.py": "s = '%d' % x\nt = '%(a)s' % d\nu = '%.*f' % (n, x)\n"},
        _STRINGS,
        {},
        leftovers=(f"a.py:1 {_KEPT}", f"a.py:2 {_KEPT}", f"a.py:3 {_KEPT}"),
    ),
    Case("bytes and numbers are no texts", {"a.py": "s = b'%s' % x\nt = 7 % 2\n"}, _STRINGS, {}),
    Case(
        "several lines",
        {"a.py": "s = (\n    'a {} '\n    'b {}'.format(x, y)\n)\n"},
        _STRINGS,
        {"a.py": "s = (\n    f'a {x} '\n    f'b {y}'\n)\n"},
        level="proven",
    ),
    Case(
        "a text of several lines",
        {"a.py": 's = """\na {}\n""".format(x)\n'},
        _STRINGS,
        {"a.py": 's = f"""\na {x}\n"""\n'},
        level="proven",
    ),
    Case(
        "a comment inside stays with its code",
        {"a.py": "s = '{}'.format(\n    x,  # why\n)\n"},
        _STRINGS,
        {},
    ),
    Case(
        "a keyword without a space",
        {"a.py": "def f(x):\n    return'%r' % (x,)\n"},
        _STRINGS,
        {"a.py": "def f(x):\n    return f'{x!r}'\n"},
        level="proven",
    ),
    Case(
        "a lambda cannot stand in an f-string",
        {"a.py": "s = '{}'.format(lambda: 1)\n"},
        _STRINGS,
        {},
        leftovers=(f"a.py:1 {_CHANGED}",),
    ),
    Case(
        "braces, raw texts and letters beyond ASCII",
        {"a.py": "é = '{{é}} {}'.format(x); s = r'\\d{}'.format(x)\n"},
        _STRINGS,
        {"a.py": "é = f'{{é}} {x}'; s = rf'\\d{x}'\n"},
        level="proven",
    ),
    Case(
        "inside f-strings, decorators, classes, async and match",
        {
            "a.py": (
                "@d('{}'.format(n))\nclass A:\n    async def f(self, x):\n        match x:\n"
                "            case 1:\n                return '{}'.format(self.x)\n"
            ),
        },
        _STRINGS,
        {
            "a.py": (
                "@d(f'{n}')\nclass A:\n    async def f(self, x):\n        match x:\n"
                "            case 1:\n                return f'{self.x}'\n"
            ),
        },
        level="proven",
    ),
    Case(
        "only the files that are named",
        {"a.py": "s = '{}'.format(x)\n", "b.py": "s = '{}'.format(x)\n"},
        UseFStrings(("b.py",)),
        {"b.py": "s = f'{x}'\n"},
    ),
    Case("no such path", {"a.py": ""}, UseFStrings(("c",)), refused="c does not exist"),
)
def test_use_fstrings(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


@pytest.mark.parametrize(
    "code",
    [
        "'{0.real} {n[1]} {n[0]!r:>9}'.format(x, n=[1, 2])",
        "'%s|%r|%%{' % (str(x), y)",
        "'{{}} {:>4}{:<4}|'.format(x, y)",
        "'%(a)r %(b)s' % {'a': x, 'b': 7}",
        "'a {} ' \"b' {}\".format(x, y)",
        "'\\N{BULLET} {} \\x41 {!s:^9}'.format(x, y)",
    ],
)
def test_an_fstring_has_the_same_value(code: str, tmp_path: Path) -> None:
    from tests.conftest import make_workspace
    from toolset.draft import Draft
    from toolset.refactor.catalogue import plan

    workspace = make_workspace(tmp_path / "project", {"a.py": f"s = {code}\n".encode()})
    done = plan(Draft(workspace), _STRINGS)
    (edit,) = done.changes
    assert edit.after is not None
    known: list[dict[str, object]] = [{"x": 3, "y": "é'"}, {"x": 3, "y": "é'"}]
    exec(f"s = {code}\n", known[0])
    exec(edit.after.data.decode(), known[1])
    assert known[0]["s"] == known[1]["s"]
    assert done.evidence.level == "proven"


@spelt(
    Case(
        "a function of os.path and its import",
        {"a.py": "import os\n\nx = os.path.exists('a/b.txt')\n"},
        _PATHS,
        {"a.py": "from pathlib import Path\n\nx = Path('a/b.txt').exists()\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "a path of an unknown kind is a doubt",
        {"a.py": "import os\n\n\ndef f(p):\n    return os.path.isdir(p)  # p\n"},
        _PATHS,
        {
            "a.py": ("from pathlib import Path\n\n\ndef f(p):\n    return Path(p).is_dir()  # p\n"),
        },
        level="likely",
        leftovers=(),
    ),
    Case(
        "os stays where it is used",
        {"a.py": "import os\n\nos.remove('a')\nx = os.sep\n"},
        _PATHS,
        {
            "a.py": ("import os\nfrom pathlib import Path\n\nPath('a').unlink()\nx = os.sep\n"),
        },
        level="proven",
    ),
    Case(
        "imported by other names",
        {
            "a.py": (
                "import os.path as osp\nfrom os import remove as rm\nfrom os.path import isfile\n\n"
                "if osp.exists('a') and isfile('b'):\n    rm('c')\n"
            ),
        },
        _PATHS,
        {
            "a.py": (
                "from pathlib import Path\n\n"
                "if Path('a').exists() and Path('b').is_file():\n    Path('c').unlink()\n"
            ),
        },
        level="proven",
    ),
    Case(
        "arguments go along",
        {
            "a.py": (
                "import os\n\nos.makedirs('a', exist_ok=True)\nos.mkdir('b')\nos.rename('c', 'd')\n"
                "os.chmod('e', 0o644)\n"
            ),
        },
        _PATHS,
        {
            "a.py": (
                "from pathlib import Path\n\nPath('a').mkdir(parents=True, exist_ok=True)\n"
                "Path('b').mkdir()\nPath('c').rename('d')\nPath('e').chmod(0o644)\n"
            ),
        },
        level="proven",
    ),
    Case(
        "a join that is only opened",
        {"a.py": "import os\n\nopen(os.path.join('a', x, *more))\n"},
        _PATHS,
        {"a.py": "from pathlib import Path\n\nopen(Path('a', x, *more))\n"},
        level="proven",
    ),
    Case(
        "a call of a call",
        {"a.py": "import os\n\nx = os.path.exists(os.path.join('a', 'b'))\n"},
        _PATHS,
        {"a.py": "from pathlib import Path\n\nx = Path('a', 'b').exists()\n"},
        level="proven",
    ),
    Case(
        "a variable that is only used as a path",
        {
            "a.py": (
                "import os\n\n\ndef f():\n    p = os.path.join('a', 'b')\n"
                "    with open(p) as file:\n        return file.read()\n"
            ),
        },
        _PATHS,
        {
            "a.py": (
                "from pathlib import Path\n\n\ndef f():\n    p = Path('a', 'b')\n"
                "    with open(p) as file:\n        return file.read()\n"
            ),
        },
        level="proven",
    ),
    Case(
        "replace() of a Path would rename a file",
        {
            "a.py": (
                "import os\n\n\ndef f(d):\n    p = os.path.join(d, 'b')\n"
                "    return p.replace('a', 'b')\n"
            ),
        },
        _PATHS,
        {},
        leftovers=("a.py:5 os call whose text a Path may not stand for",),
    ),
    Case(
        "a text that is added to, compared, returned or kept",
        {
            "a.py": (
                "import os\n\nx = os.path.join(a, 'b') + '.txt'\n"
                "y = os.path.dirname(a) == 'b'\n\n\n"
                "def f(a):\n    return os.path.join(a, 'b')\n"
            ),
        },
        _PATHS,
        {},
        leftovers=(
            "a.py:3 os call whose text a Path may not stand for",
            "a.py:4 os call whose text a Path may not stand for",
            "a.py:8 os call whose text a Path may not stand for",
        ),
    ),
    Case(
        "a result that is used",
        {"a.py": "import os\n\nx = os.rename('a', 'b')\n"},
        _PATHS,
        {},
        leftovers=("a.py:3 os call whose result is used",),
    ),
    Case(
        "what Path does in another way",
        {"a.py": "import os\n\nx = os.path.splitext(p)\ny = os.listdir(p)\n"},
        _PATHS,
        {},
        leftovers=(
            "a.py:3 os call that pathlib has no equal for",
            "a.py:4 os call that pathlib has no equal for",
        ),
    ),
    Case(
        "Path is something else here",
        {"a.py": "import os\n\nfrom b import Path\n\nos.remove('a')\n"},
        _PATHS,
        {},
        leftovers=("a.py:5 os call in a file where Path cannot be imported",),
    ),
    Case(
        "Path is imported already; a comment and two lines stay",
        {
            "a.py": (
                "import os\nfrom pathlib import Path\n\nx = Path()\nos.unlink(\n    'a'  # old\n)\n"
            ),
        },
        _PATHS,
        {"a.py": "from pathlib import Path\n\nx = Path()\nPath(\n    'a'  # old\n).unlink()\n"},
        level="proven",
    ),
    Case(
        "a number is no path",
        {"a.py": "import os\n\nx = os.path.exists(0)\n"},
        _PATHS,
        {},
    ),
    Case(
        "a join that ends with a slash",
        {"a.py": "import os\n\nopen(os.path.join(a, ''))\n"},
        _PATHS,
        {},
        leftovers=("a.py:3 os call that ends a path with a slash",),
    ),
    Case(
        "in a decorator, an f-string, a lambda, async, match and walrus",
        {
            "a.py": (
                "import os\n\n\n@d(os.path.exists('a'))\nasync def f():\n"
                "    match os.path.isfile('b'):\n        case True:\n"
                "            return lambda: f'{os.path.isdir(\"c\")}'\n"
                "    if (y := os.path.getsize('d')):\n        return y\n"
            ),
        },
        _PATHS,
        {
            "a.py": (
                "from pathlib import Path\n\n\n@d(Path('a').exists())\nasync def f():\n"
                "    match Path('b').is_file():\n        case True:\n"
                "            return lambda: f'{Path(\"c\").is_dir()}'\n"
                "    if (y := Path('d').stat().st_size):\n        return y\n"
            ),
        },
        level="proven",
    ),
    Case("no such path", {"a.py": ""}, UsePathlib(("c",)), refused="c does not exist"),
)
def test_use_pathlib(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


@spelt(
    Case(
        "generics and optionals, and their imports",
        {
            "a.py": (
                "from typing import Any, Dict, List, Optional\n\n\n"
                "def f(a: List[int], b: Optional[Dict[str, Any]] = None) -> List: ...\n"
            ),
        },
        _311,
        {
            "a.py": (
                "from typing import Any\n\n\n"
                "def f(a: list[int], b: dict[str, Any] | None = None) -> list: ...\n"
            ),
        },
        level="proven",
        leftovers=(),
    ),
    Case(
        "a union of unions",
        {"a.py": "from typing import Optional, Union\n\nx: Optional[Union[int, str]] = None\n"},
        _311,
        {"a.py": "x: int | str | None = None\n"},
        level="proven",
    ),
    Case(
        "by the module's name",
        {"a.py": "import typing as t\n\nx: t.List[t.Any] = []\n"},
        _311,
        {"a.py": "import typing as t\n\nx: list[t.Any] = []\n"},
        level="proven",
    ),
    Case(
        "what moved to collections.abc",
        {"a.py": "from typing import Any, Iterable\n\n\ndef f(a: Iterable[Any]): ...\n"},
        _311,
        {
            "a.py": (
                "from typing import Any\nfrom collections.abc import Iterable\n\n\n"
                "def f(a: Iterable[Any]): ...\n"
            ),
        },
        level="proven",
    ),
    Case(
        "an older Python gets what it can run",
        {
            "a.py": (
                "from __future__ import annotations\n\nfrom typing import List, Optional\n\n"
                "x: Optional[List[int]] = None\n"
            ),
        },
        UpgradeTyping(to="3.9"),
        {
            "a.py": (
                "from __future__ import annotations\n\nfrom typing import Optional\n\n"
                "x: Optional[list[int]] = None\n"
            ),
        },
        level="proven",
    ),
    Case(
        "postponed annotations do not make an old Python newer",
        {
            "a.py": (
                "from __future__ import annotations\n\nfrom typing import List\n\n"
                "x: List[int] = []\n"
            ),
        },
        UpgradeTyping(to="3.8"),
        {},
    ),
    Case(
        "the project says which Python",
        {
            "a.py": "from typing import List, Union\n\nx: Union[List[int], str] = ''\n",
            "pyproject.toml": "[project]\nname = 'x'\nrequires-python = '>=3.9,<4'\n",
        },
        UpgradeTyping(),
        {"a.py": "from typing import Union\n\nx: Union[list[int], str] = ''\n"},
        level="proven",
    ),
    Case(
        "the project does not say which Python",
        {"a.py": "from typing import List\n\nx: List[int] = []\n"},
        UpgradeTyping(),
        refused="does not say which Python",
    ),
    Case(
        "no such Python",
        {"a.py": "from typing import List\n\nx: List[int] = []\n"},
        UpgradeTyping(to="2.7"),
        refused="'2.7' is no Python from 3.7",
    ),
    Case(
        "a function is no type that can be joined",
        {
            "a.py": (
                "import threading\nfrom typing import Optional\n\n\n"
                "def f(a: Optional[any], b: Optional[threading.Lock]): ...\n"
            ),
        },
        _311,
        {},
        leftovers=("a.py:5 type that | cannot join", "a.py:5 type that | cannot join"),
    ),
    Case(
        "an unknown name is told where Python evaluates it",
        {
            "a.py": (
                "from typing import Optional\n\nfrom third import Thing\n\n"
                "x: Optional[Thing] = None\n"
            ),
        },
        _311,
        {"a.py": "from third import Thing\n\nx: Thing | None = None\n"},
        level="likely",
        leftovers=("a.py:5 types joined by | at run time, of which one may be none",),
    ),
    Case(
        "a class of the project is a type, and so is Path",
        {
            "a.py": (
                "from pathlib import Path\nfrom typing import Optional\n\nfrom b import A\n\n"
                "x: Optional[A] = None\ny: Optional[Path] = None\n"
            ),
            "b.py": "class A:\n    pass\n",
        },
        _311,
        {
            "a.py": (
                "from pathlib import Path\n\nfrom b import A\n\n"
                "x: A | None = None\ny: Path | None = None\n"
            ),
        },
        level="proven",
    ),
    Case(
        "types in quotes",
        {
            "a.py": (
                "from __future__ import annotations\n\nfrom typing import List, Optional\n\n\n"
                "def f(a: 'List[A]', b: Optional['A']): ...\n\n\nclass A: ...\n"
            ),
        },
        _311,
        {
            "a.py": (
                "from __future__ import annotations\n\n\n\n"
                "def f(a: list[A], b: A | None): ...\n\n\nclass A: ...\n"
            ).replace("\n\n\n\ndef", "\n\n\ndef"),
        },
        level="proven",
    ),
    Case(
        "a method called list hides the type",
        {
            "a.py": (
                "from typing import Dict, List\n\n\nclass A:\n"
                "    def list(self) -> List[int]: ...\n"
                "    def all(self) -> Dict: ...\n"
            ),
        },
        _311,
        {
            "a.py": (
                "from typing import List\n\n\nclass A:\n    def list(self) -> List[int]: ...\n"
                "    def all(self) -> dict: ...\n"
            ),
        },
        leftovers=("a.py:5 type whose new name list is something else here",),
    ),
    Case(
        "a comment inside a type",
        {
            "a.py": ("from typing import Union\n\nx: Union[\n    int,  # one\n    str,\n] = 1\n"),
        },
        _311,
        {},
        leftovers=("a.py:3 type with a comment",),
    ),
    Case(
        "an import that depends on the version",
        {
            "a.py": (
                "import sys\n\nif sys.version_info >= (3, 9):\n    from typing import Iterable\n"
                "else:\n    from typing_extensions import Iterable\n\nx: Iterable = ()\n"
            ),
        },
        _311,
        {},
    ),
    Case(
        "an import in a block (its new statements are indented)",
        {
            "a.py": (
                "def f():\n    from typing import Any, Iterable\n\n"
                "    x: Iterable[Any] = ()\n    return x\n"
            ),
        },
        _311,
        {
            "a.py": (
                "def f():\n    from typing import Any\n    from collections.abc import Iterable\n\n"
                "    x: Iterable[Any] = ()\n    return x\n"
            ),
        },
        level="proven",
    ),
    Case(
        "used by another file",
        {
            "a.py": "from typing import List\n\nx: List[int] = []\n",
            "b.py": "from a import List\n\ny: List = []\n",
        },
        UpgradeTyping(paths=("a.py",), to="3.11"),
        {"a.py": "from typing import List\n\nx: list[int] = []\n"},
        level="likely",
        leftovers=("a.py:1 unused import, but b.py may take it from here",),
    ),
    Case(
        "what was unused before is not asked for",
        {"a.py": "from typing import Any, List\n\nx: List[int] = []\n"},
        _311,
        {"a.py": "from typing import Any\n\nx: list[int] = []\n"},
        level="proven",
    ),
    Case(
        "code that looks at types is a doubt",
        {
            "a.py": (
                "from typing import List\n\nfrom pydantic import BaseModel\n\n\n"
                "class A(BaseModel):\n    x: List[int]\n"
            ),
        },
        _311,
        {"a.py": "from pydantic import BaseModel\n\n\nclass A(BaseModel):\n    x: list[int]\n"},
        level="likely",
        leftovers=(),
    ),
    Case(
        "async, decorators, nested functions and overloads",
        {
            "a.py": (
                "from typing import Tuple, Type, overload\n\n\nclass A:\n    @overload\n"
                "    async def f(self, x: Tuple[int, ...]) -> Type[int]: ...\n    @overload\n"
                "    async def f(self, x: str) -> str: ...\n    async def f(self, x):\n"
                "        def g(y: Tuple[str]) -> None: ...\n"
            ),
        },
        _311,
        {
            "a.py": (
                "from typing import overload\n\n\nclass A:\n    @overload\n"
                "    async def f(self, x: tuple[int, ...]) -> type[int]: ...\n    @overload\n"
                "    async def f(self, x: str) -> str: ...\n    async def f(self, x):\n"
                "        def g(y: tuple[str]) -> None: ...\n"
            ),
        },
        level="proven",
    ),
)
def test_upgrade_typing(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)
