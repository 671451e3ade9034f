"""Unused imports go, and imports are sorted, and nothing else moves."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.refactor.requests import RemoveUnusedImports, SortImports

_UNUSED = RemoveUnusedImports()
_SORT = SortImports()
_EFFECTS = "removed import: it may have side effects, or be used from outside"


@spelt(
    Case(
        "standard module",
        {"a.py": "import os\nimport sys\n\n\ndef f():\n    return sys.path\n"},
        _UNUSED,
        {"a.py": "import sys\n\n\ndef f():\n    return sys.path\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "the last import takes its gap along",
        {"a.py": "import os\n\n\ndef f():\n    return 1\n"},
        _UNUSED,
        {"a.py": "def f():\n    return 1\n"},
        level="proven",
    ),
    Case(
        "the gap below a docstring stays",
        {"a.py": '"""Doc."""\n\nimport os\n\nx = 1\n'},
        _UNUSED,
        {"a.py": '"""Doc."""\n\nx = 1\n'},
        level="proven",
    ),
    Case(
        "a section that vanishes",
        {"a.py": "import os\n\nimport json\n\nx = os\n"},
        _UNUSED,
        {"a.py": "import os\n\nx = os\n"},
        level="proven",
    ),
    Case(
        "one name of a line",
        {"a.py": "from typing import Any, Dict, List\n\nx: Dict = {}\n"},
        _UNUSED,
        {"a.py": "from typing import Dict\n\nx: Dict = {}\n"},
        level="proven",
    ),
    Case(
        "names in lines of their own",
        {
            "a.py": "from typing import (\n    Any,\n    Dict,\n    List\n)\n\nx: Dict = {}\n",
        },
        _UNUSED,
        {"a.py": "from typing import (\n    Dict,\n)\n\nx: Dict = {}\n"},
        level="proven",
    ),
    Case(
        "a list continued by a backslash",
        {"a.py": "from typing import Any, \\\n    Dict, \\\n    List\n\nx: Dict = {}\n"},
        _UNUSED,
        {"a.py": "from typing import Dict\n\nx: Dict = {}\n"},
        level="proven",
    ),
    Case(
        "a plain import of several modules",
        {"a.py": "import os, re, sys\nx = re\n"},
        _UNUSED,
        {"a.py": "import re\nx = re\n"},
        level="proven",
    ),
    Case(
        "under another name (ruff points at that name, not at the import)",
        {
            "a.py": (
                "import os.path as p\n"
                "from os import (\n    sep as s,\n    linesep as n,\n)\nx = n\n"
            )
        },
        _UNUSED,
        {"a.py": "from os import (\n    linesep as n,\n)\nx = n\n"},
        level="proven",
    ),
    Case(
        "the last line of a file",
        {"a.py": "x = 1\nimport os\n"},
        _UNUSED,
        {"a.py": "x = 1\n"},
        level="proven",
    ),
    Case(
        "inside a function",
        {"a.py": "async def f():\n    import os\n    import sys\n\n    return sys\n"},
        _UNUSED,
        {"a.py": "async def f():\n    import sys\n\n    return sys\n"},
        level="proven",
    ),
    Case(
        "hidden by a local of the same name",
        {"a.py": "import os\n\n\ndef f():\n    import os\n\n    return os\n"},
        _UNUSED,
        {"a.py": "def f():\n    import os\n\n    return os\n"},
        level="proven",
    ),
    Case(
        "a module of the project may have side effects",
        {"a.py": "import b\n\nx = 1\n", "b.py": "y = 1\n"},
        _UNUSED,
        {"a.py": "x = 1\n"},
        level="likely",
        leftovers=(f"a.py:1 {_EFFECTS}",),
    ),
    Case(
        "a module of the project that hides a standard one",
        {"a.py": "import json\n\nx = 1\n", "json.py": "y = 1\n"},
        _UNUSED,
        {"a.py": "x = 1\n"},
        leftovers=(f"a.py:1 {_EFFECTS}",),
    ),
    Case(
        "another file takes the name from here",
        {
            "pkg/__init__.py": "",
            "pkg/a.py": "from typing import Any\n\nx = 1\n",
            "pkg/b.py": "from .a import Any\n\ny: Any = 1\n",
        },
        _UNUSED,
        {},
        leftovers=("pkg/a.py:1 unused import, but pkg/b.py may take it from here",),
    ),
    Case(
        "a test replaces the name by its text",
        {
            "a.py": "import json\n\nx = 1\n",
            "test_a.py": "from unittest.mock import patch\n\npatch('a.json.dumps')\n",
        },
        _UNUSED,
        {},
        leftovers=("a.py:1 unused import, but test_a.py may take it from here",),
    ),
    Case(
        "another file imports everything",
        {"a.py": "import json\n\nx = 1\n", "b.py": "from a import *\n\nprint(x)\n"},
        _UNUSED,
        {},
        leftovers=("a.py:1 unused import, but b.py may take it from here",),
    ),
    Case(
        "a package's own names",
        {"pkg/__init__.py": "from .a import x\n", "pkg/a.py": "x = 1\n"},
        _UNUSED,
        {},
        leftovers=("pkg/__init__.py:1 unused import, maybe exported by __init__.py",),
    ),
    Case(
        "exported by __all__, by an alias, and by a computed __all__",
        {
            "a.py": "import json\n\n__all__ = ['json']\n",
            "b.py": "import json as json\n\nx = 1\n",
            "c.py": "import json\n\n__all__ = [n for n in dir()]\n",
        },
        _UNUSED,
        {},
        leftovers=("c.py:1 unused import, maybe exported: __all__ is computed",),
    ),
    Case(
        "tried",
        {"a.py": "try:\n    import tomllib\nexcept ImportError:\n    pass\n"},
        _UNUSED,
        {},
        leftovers=("a.py:2 unused import, which is tried",),
    ),
    Case(
        "all that a block holds",
        {"a.py": "def test_imports():\n    import os\n\n\nif True:\n    import sys\n"},
        _UNUSED,
        {},
        leftovers=(
            "a.py:2 unused import, all that its block holds",
            "a.py:6 unused import, all that its block holds",
        ),
    ),
    Case(
        "noqa is an answer",
        {"a.py": "import os  # noqa: F401\nimport sys  # noqa\n"},
        _UNUSED,
        {},
        leftovers=(),
    ),
    Case(
        "the project's settings are an answer",
        {
            "a.py": "import os\n",
            "ruff.toml": 'lint.per-file-ignores = { "a.py" = ["F401"] }\n',
        },
        _UNUSED,
        {},
        leftovers=(),
    ),
    Case(
        "a comment beside it may say why it is there",
        {"a.py": "import os  # for the plugins\nimport sys  # type: ignore[import]\n\nx = 1\n"},
        _UNUSED,
        {"a.py": "import os  # for the plugins\n\nx = 1\n"},
        leftovers=("a.py:1 unused import with a comment",),
    ),
    Case(
        "a comment above it stays and is told",
        {"a.py": "# files\nimport os\nimport sys\n\nx = sys\n"},
        _UNUSED,
        {"a.py": "# files\nimport sys\n\nx = sys\n"},
        level="likely",
        leftovers=("a.py:1 comment above a removed import",),
    ),
    Case(
        "a line shared with other code",
        {"a.py": "import os; x = 1\n"},
        _UNUSED,
        {},
        leftovers=("a.py:1 unused import that shares its line with other code",),
    ),
    Case(
        "used by a doctest only",
        {"a.py": 'import json\n\n\ndef f():\n    """\n    >>> json.dumps(1)\n    """\n'},
        _UNUSED,
        {},
        leftovers=("a.py:1 unused import, named in a doctest",),
    ),
    Case(
        "a fixture is imported for a parameter",
        {"test_a.py": "from b import db\n\n\ndef test(db):\n    pass\n", "b.py": "db = 1\n"},
        _UNUSED,
        {},
    ),
    Case(
        "used in types in quotes, f-strings, match and walrus",
        {
            "a.py": (
                "import enum\nimport json\nimport os\nimport re\nfrom typing import List\n\n\n"
                "def f(x: 'List[int]'):\n    match x:\n        case enum.Enum:\n"
                "            return f'{json}'\n    if (y := re):\n        return lambda: os\n"
            ),
        },
        _UNUSED,
        {},
        leftovers=(),
    ),
    Case(
        "a decorator and an overload use theirs",
        {
            "a.py": (
                "import functools\nfrom typing import Any, overload\n\n\n"
                "class A:\n    @overload\n    def f(self): ...\n    @functools.cache\n"
                "    def f(self): ...\n"
            ),
        },
        _UNUSED,
        {
            "a.py": (
                "import functools\nfrom typing import overload\n\n\n"
                "class A:\n    @overload\n    def f(self): ...\n    @functools.cache\n"
                "    def f(self): ...\n"
            ),
        },
        level="proven",
    ),
    Case(
        "made for what it does",
        {"a.py": "import readline\n\nx = input()\n"},
        _UNUSED,
        {},
        leftovers=("a.py:1 unused import, made for its side effects",),
    ),
    Case(
        "another file needs the submodule",
        {
            "a.py": "import xml.sax\n\nx = 1\n",
            "b.py": "import xml\n\nxml.sax.make_parser()\n",
        },
        _UNUSED,
        {"a.py": "x = 1\n"},
        leftovers=("a.py:1 removed import that may load a module for b.py",),
    ),
    Case(
        "a file that runs code made of text",
        {"a.py": "import os\n\nexec(open('x').read())\n"},
        _UNUSED,
        {"a.py": "exec(open('x').read())\n"},
        leftovers=("a.py:1 removed import in a file that computes names (eval)",),
    ),
    Case(
        "only the files that are named",
        {"a.py": "import os\nx = 1\n", "sub/b.py": "import os\nx = 1\n"},
        RemoveUnusedImports(("sub",)),
        {"sub/b.py": "x = 1\n"},
        level="proven",
    ),
    Case(
        "a file that does not parse is told",
        {"a.py": "import os\nx = 1\n", "b.py": "import os\nx = (\n"},
        _UNUSED,
        {"a.py": "x = 1\n"},
        level="likely",
        leftovers=("b.py:1 file that does not parse",),
    ),
    Case(
        "a path that is not there",
        {"a.py": "import os\n"},
        RemoveUnusedImports(("b.py",)),
        refused="does not exist",
    ),
    Case(
        "a file that is no Python",
        {"a.py": "import os\n", "README.md": "import os\n"},
        RemoveUnusedImports(("README.md",)),
        refused="no Python file",
    ),
)
def test_remove_unused_imports(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


@spelt(
    Case(
        "standard modules",
        {"a.py": "import sys\nimport os\n\nx = 1\n"},
        _SORT,
        {"a.py": "import os\nimport sys\n\nx = 1\n"},
        level="proven",
        leftovers=(),
    ),
    Case("sorted already", {"a.py": "import os\nimport sys\n\nx = 1\n"}, _SORT, {}),
    Case(
        "the names of a list",
        {"a.py": "from typing import List, Any\n\nx = 1\n"},
        _SORT,
        {"a.py": "from typing import Any, List\n\nx = 1\n"},
        level="proven",
    ),
    Case(
        "one statement for each module",
        {"a.py": "import sys, os\n\nx = 1\n"},
        _SORT,
        {"a.py": "import os\nimport sys\n\nx = 1\n"},
        level="proven",
    ),
    Case(
        "sections, by what the project holds",
        {
            "a.py": "import b\nimport requests\nimport os\n\nx = 1\n",
            "b.py": "x = 1\n",
        },
        _SORT,
        {"a.py": "import os\n\nimport requests\n\nimport b\n\nx = 1\n"},
        level="likely",
        leftovers=("a.py:1 imports that now run in another order",),
    ),
    Case(
        "the same order of what may have side effects",
        {"a.py": "import b\nimport os\n\nx = 1\n", "b.py": "x = 1\n"},
        _SORT,
        {"a.py": "import os\n\nimport b\n\nx = 1\n"},
        level="proven",
    ),
    Case(
        "the project's settings",
        {
            "a.py": "import os\nfrom abc import ABC\nimport sys\n\nx = 1\n",
            "pyproject.toml": "[tool.ruff.lint.isort]\nforce-sort-within-sections = true\n",
        },
        _SORT,
        {"a.py": "from abc import ABC\nimport os\nimport sys\n\nx = 1\n"},
        level="proven",
    ),
    Case(
        "a file that the project excludes",
        {"a.py": "import sys\nimport os\n", "ruff.toml": 'exclude = ["a.py"]\n'},
        _SORT,
        {},
    ),
    Case(
        "settings of isort are a doubt",
        {"a.py": "import sys\nimport os\n\nx = 1\n", ".isort.cfg": "[settings]\nprofile=black\n"},
        _SORT,
        {"a.py": "import os\nimport sys\n\nx = 1\n"},
        level="likely",
        leftovers=(),
    ),
    Case(
        "comments go with their imports",
        {"a.py": "import json\n# about sys\nimport sys\nimport os  # about os\n\ny = 1\n"},
        _SORT,
        {"a.py": "import json\nimport os  # about os\n\n# about sys\nimport sys\n\ny = 1\n"},
        level="proven",
    ),
    Case(
        "a comment at the file's top stays there, and is told",
        {"a.py": "# about sys\nimport sys\nimport os\n\nx = 1\n"},
        _SORT,
        {"a.py": "# about sys\nimport os\nimport sys\n\nx = 1\n"},
        level="likely",
        leftovers=("a.py:1 comment above imports that are sorted",),
    ),
    Case(
        "one name bound twice",
        {"a.py": "from beta import x\nfrom alpha import x\n\ny = x\n"},
        _SORT,
        {},
        leftovers=("a.py:1 imports that bind one name twice",),
    ),
    Case(
        "an import * keeps its place",
        {"a.py": "from beta import *\nfrom alpha import x\n\ny = x\n"},
        _SORT,
        {},
        leftovers=("a.py:1 imports around an import *",),
    ),
    Case(
        "inside functions, classes and conditions",
        {
            "a.py": (
                "def f():\n    import sys\n    import os\n\n    return os, sys\n\n\n"
                "class A:\n    if True:\n        import sys\n        import os\n"
            ),
        },
        _SORT,
        {
            "a.py": (
                "def f():\n    import os\n    import sys\n\n    return os, sys\n\n\n"
                "class A:\n    if True:\n        import os\n        import sys\n"
            ),
        },
        level="proven",
    ),
    Case(
        "code between imports keeps them apart",
        {"a.py": "import sys\n\nsys.path.insert(0, '')\n\nimport os\nimport json\n\nx = 1\n"},
        _SORT,
        {"a.py": "import sys\n\nsys.path.insert(0, '')\n\nimport json\nimport os\n\nx = 1\n"},
        level="proven",
    ),
    Case(
        "future, docstring and code stay where they are",
        {
            "a.py": (
                '"""Doc."""\n\nfrom __future__ import annotations\n\nimport sys\nimport os\n\n'
                "x = {  1:2 }\n"
            ),
        },
        _SORT,
        {
            "a.py": (
                '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\nimport sys\n\n'
                "x = {  1:2 }\n"
            ),
        },
        level="proven",
    ),
    Case(
        "the end of a file",
        {"a.py": "x = 1\nimport sys\nimport os\n"},
        _SORT,
        {"a.py": "x = 1\nimport os\nimport sys\n"},
        level="proven",
    ),
    Case(
        "isort: off",
        {"a.py": "# isort: off\nimport sys\nimport os\n# isort: on\n"},
        _SORT,
        {},
    ),
    Case(
        "only the files that are named",
        {"a.py": "import sys\nimport os\n\nx = 1\n", "b.py": "import sys\nimport os\n\nx = 1\n"},
        SortImports(("b.py",)),
        {"b.py": "import os\nimport sys\n\nx = 1\n"},
        level="proven",
    ),
    Case(
        "settings that ruff cannot read",
        {"a.py": "import sys\nimport os\n", "ruff.toml": "nonsense = 1\n"},
        _SORT,
        refused="ruff failed",
    ),
)
def test_sort_imports(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)
