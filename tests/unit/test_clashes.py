from __future__ import annotations

import ast
from pathlib import PurePosixPath

import pytest

from toolset.refactor.clashes import (
    class_names,
    taken_as_global,
    taken_as_member,
    taken_in_family,
    taken_locally,
    unseen_bindings,
)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        pytest.param("load()\n", [], id="free"),
        pytest.param("load()\nnew = 1\n", [2], id="variable"),
        pytest.param("load()\ndef new(): pass\n", [2], id="function"),
        pytest.param("load()\nasync def new(): pass\n", [2], id="async function"),
        pytest.param("load()\nclass new: pass\n", [2], id="class"),
        pytest.param("load()\nimport new\n", [2], id="import"),
        pytest.param("load()\nimport new.sub\n", [2], id="import of a submodule"),
        pytest.param("load()\nimport x as new\n", [2], id="import as"),
        pytest.param("load()\nfrom x import new\n", [2], id="import from"),
        pytest.param("load()\nfrom x import new as y\n", [], id="import under another name"),
        pytest.param("load()\nfor new in []: pass\n", [2], id="loop"),
        pytest.param("load()\nwith x as new: pass\n", [2], id="with"),
        pytest.param("load()\n(new := 1)\n", [2], id="walrus"),
        pytest.param("load()\ndel new\n", [2], id="del"),
        pytest.param("load()\ntry: pass\nexcept E as new: pass\n", [3], id="except"),
        pytest.param("load()\nmatch 1:\n    case new: pass\n", [3], id="pattern"),
        pytest.param("load()\nmatch 1:\n    case [*new]: pass\n", [3], id="starred pattern"),
        pytest.param("load()\nmatch 1:\n    case {**new}: pass\n", [3], id="rest of a pattern"),
        pytest.param("load()\nprint(new)\n", [2], id="read of a built-in"),
        pytest.param("load()\ndef f(): return new\n", [2], id="read in a function"),
        pytest.param("load()\ndef f(new): return new\n", [], id="local elsewhere"),
        pytest.param("def f(new): load()\n", [1], id="parameter around a use"),
        pytest.param("def f(*new): load()\n", [1], id="starred parameter around a use"),
        pytest.param("def f(*, new=1, **k): load()\n", [1], id="keyword-only parameter"),
        pytest.param("f = lambda new: load()\n", [1], id="parameter of a lambda around a use"),
        pytest.param("def f(new):\n    def g(): load()\n", [1], id="parameter two functions out"),
        pytest.param("load()\nx.new = 1\nf(new=1)\n'new'\n", [], id="other names"),
        pytest.param("load()\ndef f():\n    global new\n    new = 1\n", [3], id="global"),
    ],
)
def test_taken_as_global(source: str, lines: list[int]) -> None:
    used = [n for n, line in enumerate(source.splitlines(), 1) if "load" in line]

    found = taken_as_global(ast.parse(source), "new", used)

    assert found[:1] == lines


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        pytest.param("def f():\n    old = 1\n", [], id="free"),
        pytest.param("def f():\n    old = 1\n    new = 2\n", [3], id="bound"),
        pytest.param("def f():\n    old = 1\n    new()\n", [3], id="read"),
        pytest.param("def f(new):\n    old = 1\n", [1], id="parameter"),
        pytest.param("def f():\n    old = 1\n    def g(new): pass\n", [3], id="function inside"),
        pytest.param("def g(new):\n    def f():\n        old = 1\n", [1], id="function around"),
        pytest.param("def f():\n    old = 1\ndef g(new): pass\n", [], id="another function"),
        pytest.param("old = 1\nnew = 2\n", [], id="no function"),
    ],
)
def test_taken_locally(source: str, lines: list[int]) -> None:
    line = next(n for n, text in enumerate(source.splitlines(), 1) if "old" in text)

    assert taken_locally(ast.parse(source), "new", line) == lines


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        pytest.param("class C:\n    def old(self): pass\n", [], id="free"),
        pytest.param("class C:\n    def old(self): pass\n    new = 1\n", [3], id="class variable"),
        pytest.param("class C:\n    def old(self): self.new = 1\n", [2], id="attribute"),
        pytest.param("class C:\n    def old(self): x.new = 1\n", [], id="attribute of another"),
        pytest.param("class C:\n    def old(self):\n        new = 1\n", [], id="local variable"),
        pytest.param("class C:\n    def old(self): pass\nnew = 1\n", [], id="module variable"),
    ],
)
def test_taken_as_member(source: str, lines: list[int]) -> None:
    assert taken_as_member(ast.parse(source), "new", [2]) == lines


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        pytest.param("class C: new = 1\n", [1], id="the class"),
        pytest.param("class B: new = 1\nclass C(B): pass\n", [1], id="base"),
        pytest.param("class B: new = 1\nclass C(m.B[int]): pass\n", [1], id="base, spelt longer"),
        pytest.param("class A: new = 1\nclass B(A): pass\nclass C(B): pass\n", [1], id="grandbase"),
        pytest.param("class C: pass\nclass D(C): new = 1\n", [2], id="subclass"),
        pytest.param("class B: pass\nclass C(B): pass\nclass D(B): new = 1\n", [], id="sibling"),
        pytest.param("class C(C): pass\n", [], id="its own base"),
        pytest.param("class C: pass\nclass D: new = 1\n", [], id="stranger"),
    ],
)
def test_taken_in_family(source: str, lines: list[int]) -> None:
    path = PurePosixPath("a.py")

    found = taken_in_family({path: ast.parse(source)}, ["C"], "new")

    assert found == [(path, line) for line in lines]


def test_class_names_are_those_around_a_line() -> None:
    tree = ast.parse("class A:\n    class B:\n        x = 1\nclass C: pass\n")

    assert class_names(tree, 3) == {"A", "B"}


@pytest.mark.parametrize(
    ("source", "captures", "lines"),
    [
        pytest.param("def f():\n    nonlocal old\n", False, [2], id="nonlocal"),
        pytest.param("def f(x):\n    match x:\n        case old: 1\n", True, [3], id="pattern"),
        pytest.param("def f(x):\n    match x:\n        case old: 1\n", False, [], id="not asked"),
        pytest.param("match x:\n    case old: 1\n", True, [], id="pattern in the module"),
        pytest.param("def f():\n    global old\n", True, [], id="global is followed"),
    ],
)
def test_unseen_bindings(source: str, captures: bool, lines: list[int]) -> None:
    assert list(unseen_bindings(ast.parse(source), "old", captures=captures)) == lines
