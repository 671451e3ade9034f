"""A variable's value in place of its name."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import Case, Spelling, hold, spelt
from toolset.refactor.requests import InlineVariable


def _case(
    name: str,
    before: str,
    after: str | None = None,
    *,
    target: str = "f.x",
    refused: str | None = None,
    level: str | None = None,
    leftovers: tuple[str, ...] | None = None,
    others: dict[str, str] | None = None,
) -> Case:
    return Case(
        name,
        {"m.py": before, **(others or {})},
        InlineVariable(f"m.py::{target}"),
        {"m.py": after} if after is not None else None,
        refused=refused,
        leftovers=leftovers,
        level=level,  # type: ignore[arg-type]
    )


@spelt(
    _case(
        "a call, used at once",
        "def f(a):\n    x = a()\n    return x\n",
        "def f(a):\n    return a()\n",
        level="proven",
    ),
    _case(
        "brackets where they are needed",
        "def f(a, b):\n    x = a + b\n    return x * 2\n",
        "def f(a, b):\n    return (a + b) * 2\n",
        level="proven",
    ),
    _case(
        "no brackets in an argument",
        "def f(a, b):\n    x = a + b\n    return g(x)\n\n\ndef g(a):\n    return a\n",
        "def f(a, b):\n    return g(a + b)\n\n\ndef g(a):\n    return a\n",
        level="proven",
    ),
    _case(
        "another name, several uses",
        "def f(a):\n    x = a\n    print(x)\n    return x\n",
        "def f(a):\n    print(a)\n    return a\n",
        level="proven",
    ),
    _case(
        "a constant in a nested function",
        "def f():\n    x = 3\n\n    def g():\n        return x\n\n    return g\n",
        "def f():\n    def g():\n        return 3\n\n    return g\n",
        level="proven",
    ),
    _case(
        "its comment stays",
        "def f(a):\n    # Above.\n    x = a.b  # Beside.\n    return x\n",
        "def f(a):\n    # Above.\n    # Beside.\n    return a.b\n",
        level="proven",
    ),
    _case(
        "a value in brackets over several lines",
        "def f(a, b):\n    x = (\n        a\n        + b\n    )\n    return x\n",
        "def f(a, b):\n    return (a\n        + b)\n",
        level="proven",
    ),
    _case(
        "a comment in the brackets",
        "def f(a, b):\n    x = (  # why\n        a + b\n    )\n    return x\n",
        refused="a comment in it would be lost",
    ),
    _case(
        "an annotated variable",
        "def f(a):\n    x: int = a.b\n    return x\n",
        "def f(a):\n    return a.b\n",
        level="proven",
    ),
    _case(
        "in an f-string",
        "def f(a):\n    x = a.b\n    return f'{x!r:>4}'\n",
        "def f(a):\n    return f'{a.b!r:>4}'\n",
        level="proven",
    ),
    _case(
        "a dict in an f-string",
        "def f(a):\n    x = {a: 1}\n    return f'{x}'\n",
        "def f(a):\n    return f'{({a: 1})}'\n",
        level="proven",
    ),
    _case(
        "await",
        "async def f(a):\n    x = await a()\n    return x.b\n",
        "async def f(a):\n    return (await a()).b\n",
        level="proven",
    ),
    _case(
        "a number with an attribute",
        "def f():\n    x = 1\n    return x.real\n",
        "def f():\n    return (1).real\n",
        level="proven",
    ),
    _case(
        "a comprehension",
        "def f(a):\n    x = a.b\n    return [i + x for i in a]\n",
        "def f(a):\n    return [i + a.b for i in a]\n",
        level="likely",
    ),
    _case(
        "a comprehension with a name of the value",
        "def f(i):\n    x = i + 1\n    return [i + x for i in (1, 2)]\n",
        refused="i means something else there",
    ),
    _case(
        "assigned to a name of its value at the end",
        "def f(a):\n    x = a + 1\n    a = x\n    return a\n",
        "def f(a):\n    a = a + 1\n    return a\n",
        level="proven",
    ),
    _case(
        "the value's name is bound again",
        "def f(a):\n    x = a\n    a = 2\n    return x, a\n",
        refused="a, which its value reads, is bound again in line 3",
    ),
    _case(
        "a loop binds the value's name again",
        "def f(a):\n    x = a\n    for a in (1, 2):\n        print(x)\n",
        refused="is bound again in line 3",
    ),
    _case(
        "an attribute that a call may change",
        "def f(a):\n    x = a.b\n    a.go()\n    return x\n",
        refused="a.b may change before it is used, in line 3",
    ),
    _case(
        "a call used twice",
        "def f(a):\n    x = a()\n    return x + x\n",
        refused="used 2 times",
    ),
    _case(
        "a call after another one",
        "def f(a):\n    x = a()\n    return g() + x\n\n\ndef g():\n    return 1\n",
        refused="evaluated before it",
    ),
    _case(
        "a call that may not be reached",
        "def f(a):\n    x = a()\n    return a and x\n",
        refused="and/or",
    ),
    _case(
        "a call, used later",
        "def f(a):\n    x = a()\n    print(1)\n    return x\n",
        refused="something else happens before",
    ),
    _case(
        "two assignments",
        "def f(a):\n    x = 1\n    x = 2\n    return x\n",
        refused="bound more than once",
    ),
    _case(
        "added to",
        "def f(a):\n    x = 1\n    x += 2\n    return x\n",
        refused="bound more than once",
    ),
    _case("deleted", "def f(a):\n    x = 1\n    print(x)\n    del x\n", refused="more than once"),
    _case("a parameter", "def f(x):\n    return x\n", refused="no variable with one plain"),
    _case("a loop's", "def f(a):\n    for x in a:\n        print(x)\n", refused="no variable with"),
    _case(
        "assigned in a branch",
        "def f(a):\n    if a:\n        x = 1\n    return x\n",
        refused="may run without",
    ),
    _case(
        "read by a closure",
        "def f(a):\n    x = a\n    return lambda: x\n",
        refused="may run later",
    ),
    _case(
        "nonlocal",
        "def f():\n    x = 1\n\n    def g():\n        nonlocal x\n        x = 2\n\n"
        "    return x, g\n",
        refused="nonlocal|not follow|bound more",
    ),
    _case("never read", "def f(a):\n    x = 1\n    return a\n", refused="never read"),
    _case(
        "a list, used twice",
        "def f(a):\n    x = [a]\n    x.append(1)\n    return x\n",
        refused="another object",
    ),
    _case(
        "quotes of the f-string",
        "def f(a):\n    x = a['b']\n    return f'{x}'\n",
        "def f(a):\n    return f'{a[\"b\"]}'\n",
        level="proven",
    ),
    _case(
        "a string in an f-string with the same quotes",
        'def f():\n    x = "hi"\n    return f"<{x}>"\n',
        "def f():\n    return f\"<{'hi'}>\"\n",
    ),
    _case(
        "an f-string that shows the name",
        'def f(a):\n    x = a\n    return f"{x = }"\n',
        refused="because the = in the f-string shows the code itself",
    ),
    _case(
        "a keyword of the same name",
        "def f(a, g):\n    x = a\n    g(x=x)\n    return unknown(x=a)\n",
        "def f(a, g):\n    g(x=a)\n    return unknown(x=a)\n",
        level="proven",
    ),
    _case(
        "names looked up as data",
        "def f(t):\n    x = 3\n    print(render(t, locals()))\n    return x\n",
        refused=r"m.py:3: locals\(\) looks at the names of the function f, x among them",
    ),
    _case(
        "names looked up by code in a nested function",
        "def f(t):\n    x = 3\n    g = lambda: x + eval(t)\n    return g\n",
        refused=r"eval\(t\) looks at the names",
    ),
    _case(
        "names of the module looked up as data",
        "_x = 3\nprint(_x)\n\n\ndef f(n):\n    return globals()[n]\n",
        target="_x",
        refused=r"m.py:6: globals\(\) looks at the names of the module",
    ),
    _case(
        "the names of another object looked up as data",
        "def f(a):\n    x = 3\n    print(vars(a))\n    return x\n",
        "def f(a):\n    print(vars(a))\n    return 3\n",
    ),
    _case(
        "a module's constant",
        "import os\n\n_X = 3\n\n\ndef f():\n    return _X + os.O_RDONLY\n",
        "import os\n\n\ndef f():\n    return 3 + os.O_RDONLY\n",
        target="_X",
        level="proven",
    ),
    _case(
        "a module's constant that another module uses",
        "X = 3\n\n\ndef f():\n    return X\n",
        target="X",
        others={"n.py": "from m import X\n\nprint(X)\n"},
        refused="also used where",
    ),
    _case(
        "a public constant",
        "X = 3\n\n\ndef f():\n    return X  # X it is\n",
        "def f():\n    return 3  # X it is\n",
        target="X",
        level="likely",
        leftovers=("m.py:5 comment",),
    ),
    _case(
        "an attribute of a class",
        "class f:\n    x = 1\n    y = x\n",
        refused="attribute of the class",
    ),
)
def test_inline_variable(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


def test_a_name_that_is_frequent_in_the_project_is_inlined_too(tmp_path: Path) -> None:
    functions = [f"def f{n}(a):\n    x = a.b\n    return x  # x\n" for n in range(300)]
    before = "\n\n".join(functions)
    after = before.replace("def f5(a):\n    x = a.b\n    return x", "def f5(a):\n    return a.b")
    case = _case(
        "frequent",
        before,
        after,
        target="f5.x",
        level="likely",
        leftovers=("m.py:28 comment",),
    )
    hold(case, "as written", tmp_path)
