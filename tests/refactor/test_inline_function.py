"""A function's body in place of its calls."""

from __future__ import annotations

from pathlib import Path

from tests.refactor.cases import ALL, Case, Spelling, hold, spelt
from toolset.refactor.requests import InlineFunction


def _case(
    name: str,
    before: str,
    after: str | None = None,
    *,
    target: str = "_g",
    refused: str | None = None,
    level: str | None = None,
    others: dict[str, str] | None = None,
    others_after: dict[str, str] | None = None,
    no_last_newline: bool = True,
) -> Case:
    return Case(
        name,
        {"m.py": before, **(others or {})},
        InlineFunction(f"m.py::{target}"),
        {"m.py": after, **(others_after or {})} if after is not None else None,
        refused=refused,
        spellings=tuple(one for one in ALL if no_last_newline or one != "no last newline"),
        level=level,  # type: ignore[arg-type]
    )


@spelt(
    _case(
        "one return",
        "def _g(a):\n    return a + 1\n\n\ndef f(b):\n    return _g(b) * 2\n",
        "def f(b):\n    return (b + 1) * 2\n",
        level="proven",
    ),
    _case(
        "brackets round an argument",
        "def _g(a):\n    return a * 2\n\n\ndef f(b):\n    return _g(b + 1)\n",
        "def f(b):\n    return (b + 1) * 2\n",
        level="proven",
    ),
    _case(
        "keywords, defaults, and a docstring",
        'def _g(a, *, b=2, c=3):\n    """Do."""\n    return [a, b, c]\n\n\ndef f(x):\n'
        "    return _g(x, c=4)\n",
        "def f(x):\n    return [x, 2, 4]\n",
        level="proven",
    ),
    _case(
        "a simple argument used twice",
        "def _g(a):\n    return a + a\n\n\ndef f(x):\n    return _g(x)\n",
        "def f(x):\n    return x + x\n",
        level="proven",
    ),
    _case(
        "a call used twice",
        "def _g(a):\n    return a + a\n\n\ndef f(x):\n    return _g(x())\n",
        refused="would be evaluated 2 times",
    ),
    _case(
        "a call that may not be reached",
        "def _g(a, b):\n    return a and b\n\n\ndef f(x):\n    return _g(x, x())\n",
        refused="and/or",
    ),
    _case(
        "a call that would be dropped",
        "def _g(a):\n    return 1\n\n\ndef f(x):\n    return _g(x())\n",
        refused="no longer be evaluated",
    ),
    _case(
        "two calls in their order",
        "def _g(a, b):\n    return [a, b]\n\n\ndef f(x, y):\n    return _g(x(), y())\n",
        "def f(x, y):\n    return [x(), y()]\n",
        level="proven",
    ),
    _case(
        "two calls in another order",
        "def _g(a, b):\n    return [b, a]\n\n\ndef f(x, y):\n    return _g(x(), y())\n",
        refused="another order|called before",
    ),
    _case(
        "statements",
        "def _g(a, b):\n    a.x = b\n    print(a, b)\n\n\ndef f(c):\n    if c:\n"
        "        _g(c, 1)  # now\n",
        "def f(c):\n    if c:\n        c.x = 1\n        print(c, 1)  # now\n",
        level="proven",
    ),
    _case(
        "statements in an expression",
        "def _g(a):\n    print(a)\n    a.x = 1\n\n\ndef f(c):\n    return _g(c)\n",
        refused="this call is a part of one",
    ),
    _case(
        "an f-string",
        "def _g(a):\n    return f'<{a!r}>'\n\n\ndef f(x):\n    return _g(x)\n",
        "def f(x):\n    return f'<{x!r}>'\n",
        level="proven",
    ),
    _case(
        "a comprehension that hides the argument's name",
        "def _g(a):\n    return [x + a for x in (1, 2)]\n\n\ndef f(x):\n    return _g(x)\n",
        refused="taken for another name",
    ),
    _case(
        "a lambda that reads the argument later",
        "def _g(a):\n    return lambda: a\n\n\ndef f(x):\n    return _g(x)\n",
        refused="may be read later",
    ),
    _case(
        "a name of the module that the caller hides",
        "N = 1\n\n\ndef _g(a):\n    return a + N\n\n\ndef f(x, N):\n    return _g(x) + N\n",
        refused="N means something else there",
    ),
    _case(
        "another file",
        "import os\n\n\ndef _g(a):\n    return os.path.join(a, str(1))\n",
        "import os\n",
        others={
            "n.py": "import os\n\nfrom m import _g\n\n\ndef f(x):\n    return _g(x) + os.sep\n"
        },
        others_after={
            "n.py": "import os\n\n\ndef f(x):\n    return os.path.join(x, str(1)) + os.sep\n"
        },
        level="proven",
        no_last_newline=False,  # the last line goes, and the one before keeps its ending
    ),
    _case(
        "another file without what it needs",
        "import os\n\n\ndef _g(a):\n    return os.path.join(a, str(1))\n",
        others={"n.py": "from m import _g\n\n\ndef f(x):\n    return _g(x)\n"},
        refused="uses os, which n.py does not have",
    ),
    _case(
        "passed on",
        "def _g(a):\n    return a\n\n\ndef f(x):\n    return map(_g, x), _g(1)\n",
        refused="other than in a call",
    ),
    _case(
        "exported",
        "__all__ = ['_g']\n\n\ndef _g(a):\n    return a\n\n\ndef f(x):\n    return _g(x)\n",
        refused="other than in a call",
    ),
    _case(
        "imported only",
        "def _g(a):\n    return a\n\n\ndef f(x):\n    return _g(x)\n",
        others={"n.py": "from m import _g\n"},
        refused="imported without a call",
    ),
    _case(
        "imported by another name",
        "def _g(a):\n    return a\n\n\ndef f(x):\n    return _g(x)\n",
        others={"n.py": "from m import _g as h\n\nprint(h(1))\n"},
        refused="another name there|without a call",
    ),
    _case("never called", "def _g(a):\n    return a\n", refused="called nowhere"),
    _case(
        "calls itself",
        "def _g(a):\n    return _g(a)\n\n\ndef f(x):\n    return _g(x)\n",
        refused="calls itself",
    ),
    _case(
        "decorated",
        "def d(x):\n    return x\n\n\n@d\ndef _g(a):\n    return a\n\n\ndef f(x):\n"
        "    return _g(x)\n",
        refused="has decorators",
    ),
    _case("stars", "def _g(*a):\n    return a\n\n\nprint(_g(1))\n", refused="any number"),
    _case(
        "a call with stars",
        "def _g(a):\n    return a\n\n\ndef f(x):\n    return _g(*x)\n",
        refused="not written there",
    ),
    _case("async", "async def _g(a):\n    return a\n\n\nprint(_g(1))\n", refused="async function"),
    _case("generator", "def _g(a):\n    return (yield a)\n\n\nprint(_g(1))\n", refused="yield"),
    _case(
        "local names", "def _g(a):\n    b = a\n    print(b)\n\n\n_g(1)\n", refused="b is assigned"
    ),
    _case(
        "a branch", "def _g(a):\n    if a:\n        return 1\n\n\n_g(1)\n", refused="not one return"
    ),
    _case(
        "comments",
        "def _g(a):\n    # Why.\n    return a  # and how\n\n\nprint(_g(1))\n",
        refused="comments in its body",
    ),
    _case(
        "a default that is no constant",
        "def _g(a=[]):\n    return a\n\n\nprint(_g())\n",
        refused="no constant",
    ),
    _case(
        "public",
        "def g(a):\n    return a\n\n\nprint(g(1))\n",
        "print(1)\n",
        target="g",
        level="likely",
    ),
    _case(
        "method",
        "class A:\n    def _g(self):\n        return 1\n\n    def f(self):\n"
        "        return self._g()\n",
        target="A._g",
        refused="no class, method",
    ),
    _case(
        "nested calls",
        "def _g(a):\n    return a + 1\n\n\ndef f(x):\n    return _g(_g(x))\n",
        refused="Two changes meet",
    ),
    _case(
        "statements behind a colon",
        "def _g(a):\n    print(a)\n    a.x = 1\n\n\ndef f(c):\n    if c: _g(c)\n",
        refused="this call shares its line with code before it",
    ),
    _case(
        "several calls, one in another's brackets and one that keeps them",
        "def _g(a, b):\n    return a + b\n\n\ndef f(c):\n    x = _g(c, 1)\n"
        "    y = (_g(c, 2))\n    return _g(x, y) * 2\n",
        "def f(c):\n    x = c + 1\n    y = (c + 2)\n    return (x + y) * 2\n",
        level="proven",
    ),
)
def test_inline_function(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)
