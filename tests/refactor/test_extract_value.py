"""Variables and constants made of expressions."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.refactor.requests import ExtractConstant, ExtractVariable


def _variable(
    name: str,
    before: str,
    line: int,
    expression: str,
    after: str | None = None,
    *,
    every: bool = False,
    refused: str | None = None,
    level: str | None = None,
) -> Case:
    return Case(
        name,
        {"m.py": before},
        ExtractVariable(f"m.py:{line}", expression, "new", every),
        {"m.py": after} if after is not None else None,
        refused=refused,
        level=level,  # type: ignore[arg-type]
    )


@spelt(
    _variable(
        "in a return",
        "def f(a):\n    return a.b * 2  # twice\n",
        2,
        "a.b",
        "def f(a):\n    new = a.b\n    return new * 2  # twice\n",
        level="proven",
    ),
    _variable(
        "an argument that is a call",
        "def f(a):\n    print(g(a))\n\n\ndef g(a):\n    return a\n",
        2,
        "g(a)",
        "def f(a):\n    new = g(a)\n    print(new)\n\n\ndef g(a):\n    return a\n",
        level="proven",
    ),
    _variable(
        "brackets that are no longer needed",
        "def f(a, b):\n    return (a + b) * 2\n",
        2,
        "a + b",
        "def f(a, b):\n    new = a + b\n    return new * 2\n",
        level="proven",
    ),
    _variable(
        "brackets of a call stay",
        "def f(a, b):\n    return len(a + b)\n",
        2,
        "a + b",
        "def f(a, b):\n    new = a + b\n    return len(new)\n",
        level="proven",
    ),
    _variable(
        "several lines",
        "def f(a, b):\n    return len(\n        a\n        + b  # both\n    )\n",
        3,
        "a + b",
        "def f(a, b):\n    new = (a\n        + b)\n    return len(\n        new  # both\n    )\n",
        level="proven",
    ),
    _variable(
        "written otherwise than asked for",
        "def f(a, b):\n    return a[ 'x' ]+1\n",
        2,
        'a["x"]',
        "def f(a, b):\n    new = a[ 'x' ]\n    return new+1\n",
        level="proven",
    ),
    _variable(
        "in an f-string",
        "def f(a):\n    return f'{a.b} {a!r}'\n",
        2,
        "a.b",
        "def f(a):\n    new = a.b\n    return f'{new} {a!r}'\n",
        level="proven",
    ),
    _variable(
        "the test of an if",
        "def f(a):\n    if a > 1:\n        return 2\n    return 3\n",
        2,
        "a > 1",
        "def f(a):\n    new = a > 1\n    if new:\n        return 2\n    return 3\n",
    ),
    _variable(
        "what a for runs over",
        "def f(a):\n    for x in sorted(a):\n        print(x)\n",
        2,
        "sorted(a)",
        "def f(a):\n    new = sorted(a)\n    for x in new:\n        print(x)\n",
        level="proven",
    ),
    _variable(
        "await",
        "async def f(a):\n    return len(await a())\n",
        2,
        "await a()",
        "async def f(a):\n    new = await a()\n    return len(new)\n",
        level="proven",
    ),
    _variable(
        "a statement that is the expression",
        "def f(a):\n    a.b()\n",
        2,
        "a.b()",
        "def f(a):\n    new = a.b()\n",
        level="proven",
    ),
    _variable(
        "at module level, with a character of several bytes before it",
        "import os\n\nx = 'ä', os.sep * 2\n",
        3,
        "os.sep * 2",
        "import os\n\nnew = os.sep * 2\nx = 'ä', new\n",
        level="proven",
    ),
    _variable(
        "the whole value in brackets over lines",
        "def f(a):\n    return g(\n        a,\n    )\n\n\ndef g(a):\n    return a\n",
        2,
        "g(a)",
        "def f(a):\n    new = g(\n        a,\n    )\n    return new\n\n\ndef g(a):\n    return a\n",
        level="proven",
    ),
    _variable(
        "every one in the block",
        "def f(a):\n    x = a.b + 1\n    if x:\n        return a.b\n    return a.b + x\n",
        2,
        "a.b",
        "def f(a):\n    new = a.b\n    x = new + 1\n    if x:\n        return new\n"
        "    return new + x\n",
        every=True,
    ),
    _variable(
        "every one, but a call is between",
        "def f(a):\n    x = a.b + 1\n    a.go()\n    return a.b + x\n",
        2,
        "a.b",
        every=True,
        refused="a.b may change",
    ),
    _variable(
        "every one, but a name is assigned again",
        "def f(a):\n    x = a + 1\n    a = x\n    return a + 1\n",
        2,
        "a + 1",
        every=True,
        refused="a is assigned again in line 3",
    ),
    _variable(
        "every call",
        "def f(a):\n    return a() + a()\n",
        2,
        "a()",
        every=True,
        refused="another value each time",
    ),
    _variable(
        "twice in the line", "def f(a):\n    return a.b + a.b\n", 2, "a.b", refused="2 times"
    ),
    _variable(
        "not in the line", "def f(a):\n    return a\n", 2, "b", refused="does not begin there"
    ),
    _variable("no expression", "def f(a):\n    return a\n", 2, "a +", refused="no expression"),
    _variable("after and", "def f(a):\n    return a and a.b\n", 2, "a.b", refused="and/or"),
    _variable("one case", "def f(a):\n    return a.b if a else 1\n", 2, "a.b", refused="if expr"),
    _variable("lambda", "def f(a):\n    return lambda: a.b\n", 2, "a.b", refused="lambda"),
    _variable("while", "def f(a):\n    while a.b:\n        pass\n", 2, "a.b", refused="while"),
    _variable(
        "elif",
        "def f(a):\n    if a:\n        pass\n    elif a.b:\n        pass\n",
        4,
        "a.b",
        refused="elif",
    ),
    _variable(
        "comprehension", "def f(a):\n    return [x.b for x in a]\n", 2, "x.b", refused="compr"
    ),
    _variable("default", "def f(a=g.h):\n    pass\n", 1, "g.h", refused="head of a definition"),
    _variable("class", "class A:\n    x = g.h\n", 2, "g.h", refused="attribute of A"),
    _variable("docstring", "def f():\n    'doc'\n", 2, "'doc'", refused="docstring"),
    _variable(
        "walrus",
        "def f(a):\n    return (x := a) + x\n",
        2,
        "x := a",
        refused=":= and yield|no expression|no single",
    ),
    _variable(
        "after a call",
        "def f(a):\n    return a() + a.b\n",
        2,
        "a.b",
        refused="is evaluated before it",
    ),
    _variable(
        "after a walrus of its name",
        "def f(a):\n    return (b := a) + b * 2\n",
        2,
        "b * 2",
        refused="is evaluated before it",
    ),
    _variable(
        "a call after an attribute is doubtful",
        "def f(a):\n    return a.b + a.c()\n",
        2,
        "a.c()",
        "def f(a):\n    new = a.c()\n    return a.b + new\n",
        level="likely",
    ),
    _variable("one line", "def f(a):\n    if a: return a.b\n", 2, "a.b", refused="shares its line"),
    _variable("taken", "def f(a, new):\n    return a.b\n", 2, "a.b", refused="already in use"),
    _variable(
        "stored", "def f(a):\n    a.b = 1\n", 2, "a.b", refused="does not begin there|no value"
    ),
    _variable(
        "names looked up as data",
        "def f(a):\n    print(a.b)\n    return render(locals())\n",
        2,
        "a.b",
        refused=r"m.py:3: locals\(\) looks at the names of the function f, new among them",
    ),
    _variable(
        "names looked up as data in another function",
        "def f(a):\n    return a.b\n\n\ndef g():\n    return locals()\n",
        2,
        "a.b",
        "def f(a):\n    new = a.b\n    return new\n\n\ndef g():\n    return locals()\n",
        level="proven",
    ),
    _variable(
        "names of the module looked up as data",
        "import os\n\nprint(os.sep)\nprint(dir())\n",
        3,
        "os.sep",
        refused=r"m.py:4: dir\(\) looks at the names of the module",
    ),
    _variable(
        "yield",
        "def f():\n    x = (yield 1) + 1\n    return x\n",
        2,
        "(yield 1)",
        refused="yield stay where they are",
    ),
    _variable(
        "behind a semicolon",
        "def f(a):\n    b = 1; return a.b\n",
        2,
        "a.b",
        refused="shares its line with code before it",
    ),
    _variable(
        "a sum as long as a table",
        "def f(a):\n    return a.b" + " + 1" * 600 + "\n",
        2,
        "a.b",
        refused="nested too deeply",
    ),
)
def test_extract_variable(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


def _constant(
    name: str,
    before: str,
    line: int,
    expression: str,
    after: str | None = None,
    *,
    every: bool = False,
    refused: str | None = None,
    leftovers: tuple[str, ...] | None = None,
    level: str | None = None,
) -> Case:
    return Case(
        name,
        {"m.py": before},
        ExtractConstant(f"m.py:{line}", expression, "NEW", every),
        {"m.py": after} if after is not None else None,
        refused=refused,
        leftovers=leftovers,
        level=level,  # type: ignore[arg-type]
    )


@spelt(
    _constant(
        "after the imports",
        '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\n\n\ndef f():\n'
        "    return os.sep * 3\n",
        9,
        "3",
        '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os\n\nNEW = 3\n\n\n'
        "def f():\n    return os.sep * NEW\n",
        level="proven",
    ),
    _constant(
        "after the docstring",
        '"""Doc."""\n\n\ndef f():\n    return 3\n',
        5,
        "3",
        '"""Doc."""\n\nNEW = 3\n\n\ndef f():\n    return NEW\n',
        level="proven",
    ),
    _constant(
        "at the top, under the file's own comment",
        "#!/usr/bin/env python\ndef f():\n    return 3\n",
        3,
        "3",
        "#!/usr/bin/env python\nNEW = 3\n\n\ndef f():\n    return NEW\n",
        level="proven",
    ),
    _constant(
        "every one",
        "import os\n\nx = 'a'\n\n\ndef f(y=\"a\"):\n    '''a'''\n"
        "    return os.sep + 'a' + f'a{y}'\n",
        3,
        "'a'",
        "import os\n\nNEW = 'a'\n\nx = NEW\n\n\ndef f(y=NEW):\n    '''a'''\n"
        "    return os.sep + NEW + f'a{y}'\n",
        every=True,
        leftovers=(
            "m.py:7 it is a docstring, or a value that nobody uses",
            "m.py:8 it is a part of an f-string",
        ),
    ),
    _constant(
        "other types are other values",
        "x = 1\ny = 1.0\nz = True\nw = 1\n",
        1,
        "1",
        "NEW = 1\n\nx = NEW\ny = 1.0\nz = True\nw = NEW\n",
        every=True,
        level="proven",
    ),
    _constant(
        "a string of several parts",
        "import os\n\nx = os.open(\n    'a'\n    'b',\n)\n",
        4,
        "'ab'",
        "import os\n\nNEW = ('a'\n    'b')\n\nx = os.open(\n    NEW,\n)\n",
        level="proven",
    ),
    _constant("negative", "x = f(-1)\n", 1, "-1", "NEW = -1\n\nx = f(NEW)\n", level="proven"),
    _constant(
        "tuple",
        "def f(x):\n    return x in ('a', 'b')\n",
        2,
        "('a', 'b')",
        "NEW = ('a', 'b')\n\n\ndef f(x):\n    return x in NEW\n",
        level="proven",
    ),
    _constant(
        "in a class and a decorator",
        "@d(5)\nclass A:\n    x = 5\n",
        3,
        "5",
        "NEW = 5\n\n\n@d(NEW)\nclass A:\n    x = NEW\n",
        every=True,
        level="proven",
    ),
    _constant(
        "a value in an f-string",
        "def f(a):\n    return f'{a + 3}'\n",
        2,
        "3",
        "NEW = 3\n\n\ndef f(a):\n    return f'{a + NEW}'\n",
        level="proven",
    ),
    _constant(
        "used before the last import",
        "import os\n\nos.environ['a'] = 'x'\nimport sys\n\nprint(sys, 'x')\n",
        3,
        "'x'",
        "import os\n\nNEW = 'x'\n\nos.environ['a'] = NEW\nimport sys\n\nprint(sys, NEW)\n",
        every=True,
        level="proven",
    ),
    _constant(
        "a module that lists its own names",
        "x = 3\n__all__ = [n for n in globals() if n.isupper()]\n",
        1,
        "3",
        "NEW = 3\n\nx = NEW\n__all__ = [n for n in globals() if n.isupper()]\n",
        level="likely",
    ),
    _constant("docstring", "def f():\n    'a'\n", 2, "'a'", refused="docstring"),
    _constant(
        "pattern", "match x:\n    case 1:\n        pass\n", 2, "1", refused="name would be bound"
    ),
    _constant("type", "def f(x: 'A'):\n    pass\n", 1, "'A'", refused="part of a type"),
    _constant("literal type", "x = Literal['a']\n", 1, "'a'", refused="part of a type"),
    _constant("exports", "__all__ = ['a']\na = 1\n", 1, "'a'", refused="tools read"),
    _constant("part of an f-string", "x = f'a{y}'\n", 1, "'a'", refused="f-string|begin"),
    _constant("f-string", "x = f'a{y}'\n", 1, "f'a{y}'", refused="no literal"),
    _constant("list", "x = [1]\n", 1, "[1]", refused="no literal"),
    _constant("taken", "NEW = 2\nx = 1\n", 2, "1", refused="already in use"),
    _constant(
        "taken by a class", "class A:\n    NEW = 2\n    x = 1\n", 3, "1", refused="already in use"
    ),
    _constant("None", "x = None\n", 1, "None", refused="no literal"),
)
def test_extract_constant(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


def test_every_constant_of_a_long_file_is_replaced(tmp_path: Path) -> None:
    functions = [f"def f{n}(a, b=1):\n    return a + b\n" for n in range(300)]
    before = "\n\n".join(functions)
    after = "NEW = 1\n\n\n" + before.replace("b=1", "b=NEW")
    case = _constant("long", before, 1, "1", after, every=True)
    hold(case, "as written", tmp_path)
