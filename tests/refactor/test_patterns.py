"""Patterns replaced by templates, in Python with two witnesses and in other languages with one."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import make_workspace
from tests.refactor.cases import ALL, Case, Spelling, hold, spelt
from toolset.draft import Draft
from toolset.refactor.catalogue import plan
from toolset.refactor.patterns.grammar import parsed
from toolset.refactor.patterns.languages import _SUFFIXES, is_written_in
from toolset.refactor.requests import ReplacePattern

NO_TABS: tuple[Spelling, ...] = tuple(one for one in ALL if one != "tabs")


@spelt(
    Case(
        "one node",
        {"a.py": "def f(x):\n    return len(x) == 0\n"},
        ReplacePattern("len($A) == 0", "not $A"),
        {"a.py": "def f(x):\n    return not x\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "any number of nodes keeps their separators and comments",
        {"a.py": "old(1,  x = 2,\n    # why\n    *rest)\nold()\n"},
        ReplacePattern("old($$$A)", "max($$$A)"),
        {"a.py": "max(1,  x = 2,\n    # why\n    *rest)\nmax()\n"},
        level="proven",
    ),
    Case(
        "a comma in the pattern is one in the match",
        {"a.py": "log(m)\nlog(m, 1, 2)\n"},
        ReplacePattern("log($M, $$$A)", "print($$$A, file=$M)"),
        {"a.py": "log(m)\nprint(1, 2, file=m)\n"},
        level="proven",
    ),
    Case(
        "nothing for many",
        {"a.py": "def g(*a): ...\ng()\ng(1)\n"},
        ReplacePattern("g($$$A)", "g(0, $$$A)"),
        {"a.py": "def g(*a): ...\ng(0)\ng(0, 1)\n"},
        level="proven",
    ),
    Case(
        "parentheses where the capture needs them, and only there",
        {"a.py": "y = double(a + b)\nz = double(c)\nw = double(f(d))\n"},
        ReplacePattern("double($A)", "$A * 2"),
        {"a.py": "y = (a + b) * 2\nz = c * 2\nw = f(d) * 2\n"},
        level="proven",
    ),
    Case(
        "parentheses where the whole needs them",
        {"a.py": "y = add(a, b) * 3\nz = add(a, b)\n"},
        ReplacePattern("add($A, $B)", "$A + $B"),
        {"a.py": "y = (a + b) * 3\nz = a + b\n"},
        level="proven",
    ),
    Case(
        "minus is not associative",
        {"a.py": "y = sub(a, b - c)\nz = x - sub(a, b)\n"},
        ReplacePattern("sub($A, $B)", "$A - $B"),
        {"a.py": "y = a - (b - c)\nz = x - (a - b)\n"},
        level="proven",
    ),
    Case(
        "a comparison does not become a chain",
        {"a.py": "y = lt(a < b, c)\n"},
        ReplacePattern("lt($A, $B)", "$A < $B"),
        {"a.py": "y = (a < b) < c\n"},
        level="proven",
    ),
    Case(
        "a match inside a match is replaced too",
        {"a.py": "y = old(old(1), 2)\n"},
        ReplacePattern("old($$$A)", "max(0, $$$A)"),
        {"a.py": "y = max(0, max(0, 1), 2)\n"},
        level="proven",
    ),
    Case(
        "what the template writes is not searched again",
        {"a.py": "y = f(f(x))\n"},
        ReplacePattern("f($A)", "f(f($A))"),
        {"a.py": "y = f(f(f(f(x))))\n"},
        level="proven",
    ),
    Case(
        "a comment that would be lost keeps its match as it is",
        {"a.py": "old(1,  # one\n    2)\nold(3, 4)\n"},
        ReplacePattern("old($A, $B)", "max($B)"),
        {"a.py": "old(1,  # one\n    2)\nmax(4)\n"},
        level="likely",
        leftovers=("a.py:1 match with a comment that would be lost",),
    ),
    Case(
        "strings and comments are no code",
        {"a.py": "# old(1)\ns = 'old(1)'\nt = old(1)\n"},
        ReplacePattern("old($A)", "max($A)"),
        {"a.py": "# old(1)\ns = 'old(1)'\nt = max(1)\n"},
        level="proven",
    ),
    Case(
        "inside an f-string",
        {"a.py": "s = f'é {old(1)} {x!r:>{w}}'\n"},
        ReplacePattern("old($A)", "max($A)"),
        {"a.py": "s = f'é {max(1)} {x!r:>{w}}'\n"},
    ),
    Case(
        "quotes that would end an f-string",
        {"a.py": "import m\n\ns = f'{m.old(1)}'\nt = m.old(2)\n"},
        ReplacePattern("m.old($A)", "m['new', $A]"),
        {"a.py": "import m\n\ns = f'{m.old(1)}'\nt = m['new', 2]\n"}
        if sys.version_info < (3, 12)
        else {"a.py": "import m\n\ns = f'{m['new', 1]}'\nt = m['new', 2]\n"},
    ),
    Case(
        "the else of an if goes along with it",
        {"a.py": "def f(x):\n    if x:\n        x.a()\n    else:\n        x.b()\n"},
        ReplacePattern("if $C:\n    $$$B", "while not $C:\n    $$$B"),
        {"a.py": "def f(x):\n    while not x:\n        x.a()\n    else:\n        x.b()\n"},
        level="likely",
        spellings=NO_TABS,  # the template's own indentation is four spaces
    ),
    Case(
        "an elif is no if",
        {"a.py": "if a:\n    b()\nelif c:\n    d()\n"},
        ReplacePattern("if $C:\n    $$$B", "while $C:\n    $$$B"),
        {},
        level="likely",
        leftovers=("a.py:1 match that cannot be exchanged as a whole",),
    ),
    Case(
        "parameters cannot be compared, so one witness is left",
        {"a.py": "def f(a, *, b=1):\n    return a\n"},
        ReplacePattern("def f($$$A):\n    return $B", "def f($$$A, c=2):\n    return $B"),
        {"a.py": "def f(a, *, b=1, c=2):\n    return a\n"},
        level="likely",
        spellings=NO_TABS,
    ),
    Case(
        "a variable in a string of the template is no code",
        {"a.py": "x = abs(name)\n"},
        ReplacePattern("abs($A)", "getattr('$A', \"x\")"),
        {},
        level="likely",
        leftovers=("a.py:1 match that cannot be exchanged as a whole",),
    ),
    Case(
        "the same variable twice means the same code twice",
        {"a.py": "x = a.b == a.b\ny = a.b == a.c\n"},
        ReplacePattern("$A == $A", "id($A)"),
        {"a.py": "x = id(a.b)\ny = a.b == a.c\n"},
    ),
    Case(
        "a variable written more often than it was found is a doubt",
        {"a.py": "y = square(f())\n"},
        ReplacePattern("square($A)", "$A * $A"),
        {"a.py": "y = f() * f()\n"},
        level="likely",
    ),
    Case(
        "async, await and walrus",
        {"a.py": "async def f(g):\n    if (y := await g.get(1)):\n        return y\n"},
        ReplacePattern("await $X.get($A)", "await $X.fetch(key=$A)"),
        {"a.py": "async def f(g):\n    if (y := await g.fetch(key=1)):\n        return y\n"},
        level="proven",
    ),
    Case(
        "match statement",
        {"a.py": "match old(x):\n    case [a, *_]:\n        y = old(a)\n"},
        ReplacePattern("old($A)", "$A.new()"),
        {"a.py": "match x.new():\n    case [a, *_]:\n        y = a.new()\n"},
        level="proven",
    ),
    Case(
        "decorator",
        {"a.py": "import m\n\n\n@m.old(1)\ndef f(): ...\n"},
        ReplacePattern("m.old($A)", "m.new($A, x=2)"),
        {"a.py": "import m\n\n\n@m.new(1, x=2)\ndef f(): ...\n"},
        level="proven",
    ),
    Case(
        "a statement becomes two, indented as it was",
        {"a.py": "def f(a):\n    swap(a.x, a.y)\n    return a\n"},
        ReplacePattern("swap($A, $B)", "t = $A\n$A = $B"),
        {"a.py": "def f(a):\n    t = a.x\n    a.x = a.y\n    return a\n"},
    ),
    Case(
        "statements for an expression are not written",
        {"a.py": "x = swap(a, b)\n"},
        ReplacePattern("swap($A, $B)", "t = $A\n$A = $B"),
        {},
        level="likely",
        leftovers=("a.py:1 match that cannot be exchanged as a whole",),
    ),
    Case(
        "a block goes along with its comments",
        {"a.py": "def f(m):\n    with m.lock:\n        # first\n        m.a()\n\n        m.b()\n"},
        ReplacePattern("with $A.lock:\n    $$$B", "with $A.locked():\n    $$$B"),
        {
            "a.py": "def f(m):\n    with m.locked():\n        # first\n        m.a()\n\n"
            "        m.b()\n"
        },
        spellings=NO_TABS,  # the template's own indentation is four spaces
    ),
    Case(
        "assert",
        {"a.py": "class T:\n    def t(self):\n        self.assertEqual(a + 1, b or c)\n"},
        ReplacePattern("self.assertEqual($A, $B)", "assert $A == $B"),
        {"a.py": "class T:\n    def t(self):\n        assert a + 1 == (b or c)\n"},
        level="proven",
    ),
    Case(
        "javascript",
        {"a.js": "var a = old(x, `é`); // old(1)\nfunction f() {\n    return old(1, 2) * 3;\n}\n"},
        ReplacePattern("old($A, $B)", "$A + $B", language="js"),
        {"a.js": "var a = x + `é`; // old(1)\nfunction f() {\n    return (1 + 2) * 3;\n}\n"},
        level="likely",
        leftovers=(),
    ),
    Case(
        "only files of the language",
        {"a.go": "package a\n\nvar x = f(1)\n", "b.py": "f(1)\n", "c.txt": "f(1)\n"},
        ReplacePattern("f($A)", "g($A)", language="go"),
        {"a.go": "package a\n\nvar x = g(1)\n"},
        level="likely",
    ),
    Case(
        "only the paths named",
        {"a/a.py": "x = abs(1)\n", "b.py": "x = abs(1)\n"},
        ReplacePattern("abs($A)", "int($A)", paths=("a",)),
        {"a/a.py": "x = int(1)\n"},
        level="proven",
    ),
    Case(
        "a comment in the template may not swallow code",
        {"a.js": "f(old(1), 2);\nold(3)\n"},
        ReplacePattern("old($A)", "neu($A) // new", language="javascript"),
        {"a.js": "f(old(1), 2);\nneu(3) // new\n"},
        leftovers=("a.js:1 match that cannot be exchanged as a whole",),
    ),
    Case(
        "a file that does not parse is told",
        {"a.py": "x = abs(1)\n", "b.py": "abs(1\n"},
        ReplacePattern("abs($A)", "int($A)"),
        {"a.py": "x = int(1)\n"},
        level="likely",
        leftovers=("b.py:1 file that does not parse",),
    ),
    Case(
        "nothing found",
        {"a.py": "x = 1\n"},
        ReplacePattern("abs($A)", "int($A)"),
        {},
        level="proven",
    ),
    Case(
        "what is so already stays",
        {"a.py": "x = int(1)\n"},
        ReplacePattern("int($A)", "int($A)"),
        {},
        level="proven",
    ),
    Case(
        "a chain of comparisons is no comparison",
        {"a.py": "x = 0 < y < 1\nz = y < 1\n"},
        ReplacePattern("$A < $B", "min($A, $B)"),
        {"a.py": "x = 0 < y < 1\nz = min(y, 1)\n"},
        level="likely",
        leftovers=("a.py:1 match that holds more than the pattern",),
    ),
    Case(
        "a chain of equal signs",
        {"a.py": "z = x == None == y\n"},
        ReplacePattern("$A == None", "$A is None"),
        {},
        level="likely",
        leftovers=("a.py:1 match that holds more than the pattern",),
    ),
    Case(
        "the message of an assert",
        {"a.py": 'assert 1, "m"\nassert 2\n'},
        ReplacePattern("assert $A", "print($A)"),
        {"a.py": 'assert 1, "m"\nprint(2)\n'},
        level="likely",
        leftovers=("a.py:1 match that holds more than the pattern",),
    ),
    Case(
        "the cause of an exception",
        {"a.py": 'def f(e):\n    raise ValueError("a") from e\n\n\nraise ValueError("b")\n'},
        ReplacePattern("raise $A", "print($A)"),
        {"a.py": 'def f(e):\n    raise ValueError("a") from e\n\n\nprint(ValueError("b"))\n'},
        level="likely",
        leftovers=("a.py:2 match that holds more than the pattern",),
    ),
    Case(
        "an async with is no with, nor is one of two",
        {
            "a.py": "async def f(a, c):\n    async with a as b:\n        g(b)\n"
            "    with a as b, c as d:\n        g(b)\n    with a as b:\n"
            "        g(b)\n\n\ndef g(b): ...\n"
        },
        ReplacePattern("with $A as $B:\n    $$$C", "with open($A) as $B:\n    $$$C"),
        {
            "a.py": "async def f(a, c):\n    async with a as b:\n        g(b)\n"
            "    with a as b, c as d:\n        g(b)\n    with open(a) as b:\n"
            "        g(b)\n\n\ndef g(b): ...\n"
        },
        level="likely",
        leftovers=(
            "a.py:2 match that holds more than the pattern",
            "a.py:4 match that holds more than the pattern",
        ),
    ),
    Case(
        "an async comprehension and one with an if",
        {
            "a.py": "async def f(a):\n    x = [i async for i in a]\n"
            "    y = [i for i in a if i]\n    return [i for i in a]\n"
        },
        ReplacePattern("[$A for $B in $C]", "set($A for $B in $C)"),
        {
            "a.py": "async def f(a):\n    x = [i async for i in a]\n"
            "    y = [i for i in a if i]\n    return set(i for i in a)\n"
        },
        level="likely",
        leftovers=("a.py:2 match that holds more than the pattern",),
    ),
    Case(
        "an async def is no def",
        {"a.py": "async def f(b): pass\n"},
        ReplacePattern("def f($$$A): $$$B", "def k($$$A): $$$B"),
        {},
        level="likely",
        leftovers=("a.py:1 match that holds more than the pattern",),
    ),
    Case(
        "a return annotation is not dropped",
        {"a.py": "def f(b) -> int: pass\n"},
        ReplacePattern("def f($$$A): $$$B", "def k($$$A): $$$B"),
        {},
    ),
    Case(
        "decorators stay",
        {"a.py": "@print\ndef f(b):\n    # why\n    return  b\n"},
        ReplacePattern("def f($$$A): $$$B", "def k($$$A): $$$B"),
        {"a.py": "@print\ndef k(b):\n    # why\n    return  b\n"},
        level="likely",
        leftovers=(),
    ),
    Case(
        "an async for is no for",
        {"a.py": "async def f(y):\n    async for x in y:\n        print(x)\n"},
        ReplacePattern("for $X in $Y: $$$B", "for $X in sorted($Y): $$$B"),
        {},
        level="likely",
        leftovers=("a.py:2 match that holds more than the pattern",),
    ),
    Case(
        "a for keeps its else and the lines of its body",
        {
            "a.py": "for x in y():\n    # first\n    print( x )\n\n    print('é',\n"
            "          x)\nelse:\n    pass\n\n\ndef y(): ...\n"
        },
        ReplacePattern("for $X in $Y: $$$B", "for $X in sorted($Y): $$$B"),
        {
            "a.py": "for x in sorted(y()):\n    # first\n    print( x )\n\n"
            "    print('é',\n          x)\nelse:\n    pass\n\n\n"
            "def y(): ...\n"
        },
        leftovers=(),
    ),
    Case(
        "a body in several lines is proven",
        {"a.py": "for x in [2, 1]:\n    # first\n    print( x )\n\n    print(x)\n"},
        ReplacePattern("for $X in $Y: $$$B", "for $X in sorted($Y): $$$B"),
        {"a.py": "for x in sorted([2, 1]):\n    # first\n    print( x )\n\n    print(x)\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "an if with an else is not dropped with its body",
        {
            "a.py": "def f(a, b):\n    if a:\n        b.x()\n    elif b:\n"
            "        b.y()\n    else:\n        b.z()\n    if b: b.k()\n"
        },
        ReplacePattern("if $C: $$$B", "print($C)"),
        {
            "a.py": "def f(a, b):\n    if a:\n        b.x()\n    elif b:\n"
            "        b.y()\n    else:\n        b.z()\n    print(b)\n"
        },
        level="likely",
        leftovers=("a.py:2 match that holds more than the pattern",),
    ),
    Case(
        "an if with an else keeps it in its place",
        {
            "a.py": "def f(a, b):\n    if a:\n        b.x()\n    elif b:\n"
            "        b.y()\n    else:\n        b.z()\n"
        },
        ReplacePattern("if $C: $$$B", "if not $C: $$$B"),
        {
            "a.py": "def f(a, b):\n    if not a:\n        b.x()\n    elif b:\n"
            "        b.y()\n    else:\n        b.z()\n"
        },
        level="likely",
        leftovers=(),
    ),
    Case(
        "try and except keep their bodies",
        {
            "a.py": "def f(p):\n    try:\n        # c\n        p( 1)\n"
            "    except KeyError:\n        p(2)  # d\n"
        },
        ReplacePattern(
            "try:\n    $$$A\nexcept $E:\n    $$$B",
            "try:\n    $$$A\nexcept ($E, OSError):\n    $$$B",
        ),
        {
            "a.py": "def f(p):\n    try:\n        # c\n        p( 1)\n"
            "    except (KeyError, OSError):\n        p(2)  # d\n"
        },
        level="proven",
        leftovers=(),
    ),
    Case(
        "a finally is not dropped",
        {"a.py": "try:\n    print(1)\nexcept KeyError:\n    print(2)\nfinally:\n    print(3)\n"},
        ReplacePattern(
            "try:\n    $$$A\nexcept $E:\n    $$$B",
            "try:\n    $$$A\nexcept ($E, OSError):\n    $$$B",
        ),
        {},
        level="likely",
        leftovers=("a.py:1 match that holds more than the pattern",),
    ),
    Case(
        "a class keeps its body",
        {"a.py": "class A(int):\n    # c\n    x = 1\n\n    def f(self): pass\n"},
        ReplacePattern("class $A($B): $$$C", "class $A($B, object): $$$C"),
        {"a.py": "class A(int, object):\n    # c\n    x = 1\n\n    def f(self): pass\n"},
        leftovers=(),
    ),
    Case(
        "a comma that makes a tuple counts",
        {"a.py": "a = {}\ny = a[1,]\nz = a[1]\n"},
        ReplacePattern("a[$A]", "a.get($A)"),
        {"a.py": "a = {}\ny = a[1,]\nz = a.get(1)\n"},
        level="likely",
        leftovers=("a.py:2 match that holds more than the pattern",),
    ),
    Case(
        "a last comma in a call does not count",
        {"a.py": "x = abs(\n    1,\n)\n"},
        ReplacePattern("abs($A)", "int($A)"),
        {"a.py": "x = int(\n    1,\n)\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "a function does not come to call itself",
        {"a.py": "def double(v):\n    return v * 2\n\n\ny = 3 * 2\n"},
        ReplacePattern("$A * 2", "double($A)"),
        {"a.py": "def double(v):\n    return v * 2\n\n\ny = double(3)\n"},
        level="likely",
        leftovers=("a.py:2 inside the definition of double",),
    ),
    Case(
        "a lambda does not come to call itself",
        {"a.py": "double = lambda v: v * 2\ny = 3 * 2\n"},
        ReplacePattern("$A * 2", "double($A)"),
        {"a.py": "double = lambda v: v * 2\ny = double(3)\n"},
        level="likely",
        leftovers=("a.py:1 inside the definition of double",),
    ),
    Case(
        "a method does not come to call itself",
        {
            "a.py": "class A:\n    def new(self, x):\n        return self.old(x)\n\n"
            "    def f(self):\n        return self.old(1)\n"
        },
        ReplacePattern("self.old($A)", "self.new($A)"),
        {
            "a.py": "class A:\n    def new(self, x):\n        return self.old(x)\n\n"
            "    def f(self):\n        return self.new(1)\n"
        },
        level="likely",
        leftovers=("a.py:3 inside the definition of new",),
    ),
    Case(
        "a name that the pattern calls too may be defined around",
        {"a.py": "def f(n):\n    return f(n - 1)\n"},
        ReplacePattern("f($A)", "f($A + 0)"),
        {"a.py": "def f(n):\n    return f(n - 1 + 0)\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "a javascript function does not come to call itself",
        {"a.js": "function neu(a) { return old(a); }\nlet x = old(1,  // one\n);\n"},
        ReplacePattern("old($A)", "neu($A)", language="js"),
        {"a.js": "function neu(a) { return old(a); }\nlet x = neu(1,  // one\n);\n"},
        level="likely",
        leftovers=("a.js:1 inside the definition of neu",),
    ),
    Case(
        "a javascript if with an else",
        {"a.js": "if (a) { b() } else { c() }\nif (x) { y( 1 ) }\n"},
        ReplacePattern("if ($C) { $$$B }", "while ($C) { $$$B }", language="js"),
        {"a.js": "if (a) { b() } else { c() }\nwhile (x) { y( 1 ) }\n"},
        level="likely",
        leftovers=("a.js:1 match that holds more than the pattern",),
    ),
    Case(
        "line breaks, comments and brackets stay",
        {"a.py": 'print(\n    1,  # c\n    sep="",\n)\n'},
        ReplacePattern("print($$$A)", "repr($$$A)"),
        {"a.py": 'repr(\n    1,  # c\n    sep="",\n)\n'},
        level="proven",
        leftovers=(),
    ),
    Case(
        "white space and comments round an operator stay",
        {"a.py": "a = b = 1\nx = (a  +\n     # why\n     b)\n"},
        ReplacePattern("$A + $B", "$A - $B"),
        {"a.py": "a = b = 1\nx = (a  -\n     # why\n     b)\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "an argument more keeps the comments of the others",
        {"a.py": "x = max(\n    1,  # first\n    2,  # second\n)\n"},
        ReplacePattern("max($A, $B)", "max($A, $B, 3)"),
        {"a.py": "x = max(\n    1,  # first\n    2, 3,  # second\n)\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "parentheses are not doubled",
        {"a.py": "a = b = 1\nx = (a+b) * 2\ny = (a, b) * 2\nz = ((a, b)) * 2\n"},
        ReplacePattern("$A * 2", "repr($A)"),
        {"a.py": "a = b = 1\nx = repr(a+b)\ny = repr((a, b))\nz = repr((a, b))\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "parentheses that nobody asked about stay",
        {"a.py": "x = abs((1))\n"},
        ReplacePattern("abs($A)", "int($A)"),
        {"a.py": "x = int((1))\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "wildcards stand for what goes",
        {"a.py": "x = max(1, 2, 3)\ny = max(1)\n"},
        ReplacePattern("max($_, $B, $$$)", "int($B)"),
        {"a.py": "x = int(2)\ny = max(1)\n"},
        level="proven",
        leftovers=(),
    ),
    Case(
        "a tuple without parentheses is one value",
        {"a.py": "a = b = 1\na, b = b, a\n"},
        ReplacePattern("$A = b, a", "$A = tuple([b, a])"),
        {"a.py": "a = b = 1\na, b = tuple([b, a])\n"},
        level="proven",
    ),
    Case(
        "a tuple without parentheses does not become two arguments",
        {"a.py": "def f(a, b):\n    return a, b\n"},
        ReplacePattern("return $A", "return max($A)"),
        {},
        level="likely",
        leftovers=("a.py:2 match that cannot be exchanged as a whole",),
    ),
    Case("no pattern", {"a.py": ""}, ReplacePattern(" ", "x"), refused="empty"),
    Case("no template", {"a.py": "f()\n"}, ReplacePattern("f()", ""), refused="empty"),
    Case("everything", {"a.py": ""}, ReplacePattern("$$$A", "x"), refused="every piece"),
    Case("no code", {"a.py": ""}, ReplacePattern("f(($A)", "x"), refused="does not parse"),
    Case("unknown variable", {"a.py": ""}, ReplacePattern("f($A)", "$B"), refused="does not name"),
    Case("other number", {"a.py": ""}, ReplacePattern("f($$$A)", "$A"), refused="same way"),
    Case(
        "two statements",
        {"a.py": "x = 1\n"},
        ReplacePattern("x = 1\ny = 2", "z = 1"),
        refused="not one piece",
    ),
    Case("no language", {"a.py": ""}, ReplacePattern("f", "g", language="sql"), refused="sql"),
    Case(
        "no file", {"a.py": "f()"}, ReplacePattern("f()", "g()", ("a.py",), "go"), refused="no go"
    ),
    Case(
        "a name that nobody defines",
        {"a.py": "x = abs(1)\n"},
        ReplacePattern("abs($A)", "undefined_thing($A)"),
        refused="undefined",
    ),
)
def test_replace_pattern(case: Case, spelling: Spelling, tmp_path: Path) -> None:
    hold(case, spelling, tmp_path)


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("a.rs", "fn f() { old(1); }\n", "fn f() { neu(1); }\n"),
        ("a.java", "class A { int x = old(1); }\n", "class A { int x = neu(1); }\n"),
        ("a.cpp", "int x = old(1);\n", "int x = neu(1);\n"),
        ("a.ts", "let x: T = old(1);\n", "let x: T = neu(1);\n"),
        ("a.tsx", "let x = <A b={old(1)} />;\n", "let x = <A b={neu(1)} />;\n"),
        ("a.rb", "x = old(1)\n", "x = neu(1)\n"),
        ("a.php", "<?php\n$x = old(1);\n", "<?php\n$x = neu(1);\n"),
        ("a.lua", "x = old(1) -- old(1)\n", "x = neu(1) -- old(1)\n"),
        ("a.swift", "let x = old(1)\n", "let x = neu(1)\n"),
        ("a.kt", "val x = old(1)\n", "val x = neu(1)\n"),
        ("a.scala", "val x = old(1)\n", "val x = neu(1)\n"),
    ],
)
def test_other_languages(file: str, before: str, after: str, tmp_path: Path) -> None:
    language = next(name for name in _SUFFIXES if is_written_in(PurePosixPath(file), name))
    workspace = make_workspace(tmp_path, {file: before.encode()})
    done = plan(Draft(workspace), ReplacePattern("old($A)", "neu($A)", language=language))
    (edit,) = done.changes
    assert edit.after is not None
    assert edit.after.data.decode() == after
    assert done.evidence.level == "likely"


@pytest.mark.parametrize("language", _SUFFIXES)
def test_every_language_of_the_list_is_carried_by_ast_grep(language: str) -> None:
    assert parsed("name", language).text() == "name"
