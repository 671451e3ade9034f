"""Which calls a function has, and which parameter each of their arguments fills."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import make_workspace
from toolset.draft import Draft
from toolset.refactor.signatures.call_sites import CallSites, find_call_sites

_CLASS = "class A:\n    def load(self, a, b=0, *c, d=1, **e):\n        return a\n\n\n"
_PLAIN = "def load(a, b=0, *c, d=1, **e):\n    return a\n\n\n"


def sites_of(root: Path, text: str, target: str) -> CallSites:
    return find_call_sites(Draft(make_workspace(root / "project", {"a.py": text})), target)


@pytest.mark.parametrize(
    ("text", "target", "fills"),
    [
        pytest.param(_PLAIN + "load(1, 2)\n", "load", ("a", "b"), id="by position"),
        pytest.param(_PLAIN + "load(d=1, a=2)\n", "load", ("d", "a"), id="by name"),
        pytest.param(_PLAIN + "load(1, 2, 3, 4)\n", "load", ("a", "b", "c", "c"), id="the rest"),
        pytest.param(_PLAIN + "load(1, x=2)\n", "load", ("a", "e"), id="any name"),
        pytest.param(_PLAIN + "load(1, *[2], 3)\n", "load", ("a", None, None), id="unpacked"),
        pytest.param(_PLAIN + "load(1, **{})\n", "load", ("a", None), id="unpacked names"),
        pytest.param(_CLASS + "A().load(1)\n", "A.load", ("a",), id="on an object"),
        pytest.param(_CLASS + "A.load(A(), 1)\n", "A.load", ("", "a"), id="on the class"),
        pytest.param(
            _CLASS + "def f(x: type[A]):\n    x.load(A(), 1)\n",
            "A.load",
            ("", "a"),
            id="on a variable that holds the class",
        ),
        pytest.param(
            _CLASS + "class B(A):\n    def other(self):\n        super().load(1)\n",
            "A.load",
            ("a",),
            id="by super",
        ),
    ],
)
def test_what_arguments_fill(
    tmp_path: Path, text: str, target: str, fills: tuple[str | None, ...]
) -> None:
    (call,) = sites_of(tmp_path, text, target).calls
    assert call.fills == fills
    assert call.sure


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        pytest.param("x = load", "used as a value, not called", id="assigned"),
        pytest.param("print(load)", "used as a value, not called", id="passed"),
        pytest.param("@load\ndef f(): ...", "used as a decorator", id="decorator"),
        pytest.param("load.delay(1)", "used by its attribute delay", id="attribute"),
    ],
)
def test_uses_that_are_no_call(tmp_path: Path, use: str, kind: str) -> None:
    found = sites_of(tmp_path, f"{_PLAIN}{use}\n", "load")
    assert [one.kind for one in found.values] == [kind]


def test_the_constructor_of_a_base_class_is_another_function(tmp_path: Path) -> None:
    text = (
        "class A(ValueError):\n    def __init__(self, a):\n        super().__init__(a)\n\n\n"
        "class B(A):\n    def __init__(self):\n        super().__init__(2)\n\n\nA(1)\n"
    )
    assert [call.place.line for call in sites_of(tmp_path, text, "A.__init__").calls] == [8, 11]
