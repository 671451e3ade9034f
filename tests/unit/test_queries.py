from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import make_workspace
from toolset.draft import Draft
from toolset.errors import AmbiguousTarget, DoesNotParse, RefactoringRefused
from toolset.refactor.queries import Answer, definition, references, who_calls

SHOP: Mapping[str, str] = {
    "prices.py": (
        "class Price:\n"
        "    def rounded(self, digits=2):\n"
        "        return round(self.amount, digits)\n"
        "\n"
        "\n"
        "def total(items):\n"
        '    """Add the prices; total is in cents."""\n'
        "    return sum(items)\n"
    ),
    "shop.py": (
        "from prices import Price, total as add\n"
        "from prices import total\n"
        "\n"
        "\n"
        "class Shop(Price):\n"
        "    def bill(self, items) -> Price:\n"
        "        def sure():\n"
        "            return total(items)\n"
        "\n"
        "        return [sure(), add(items), Price().rounded()]\n"
        "\n"
        "\n"
        "handlers = {'total': total}\n"
        "\n"
        "\n"
        "def guess(thing):\n"
        "    return thing.rounded()  # a total\n"
    ),
    "page.js": "function show() {\n  return total(1)\n}\n",
}


def drafted(tmp_path: Path, files: Mapping[str, str | bytes]) -> Draft:
    return Draft(make_workspace(tmp_path, files))


@pytest.fixture
def shop(tmp_path: Path) -> Draft:
    return drafted(tmp_path, SHOP)


def lines(answer: Answer) -> list[str]:
    return [f"{one.place} {one.kind} in {one.inside or '-'}" for one in answer.references]


def possible(answer: Answer) -> list[str]:
    return [f"{one.place} {one.kind} in {one.inside or '-'}" for one in answer.perhaps]


def test_who_calls_a_function(shop: Draft) -> None:
    answer = who_calls(shop, "total")

    assert lines(answer) == ["shop.py:8 call in Shop.bill.sure", "shop.py:10 call in Shop.bill"]
    assert answer.references[0].text == "return total(items)"
    assert {"rope", "jedi"} <= set(answer.references[0].witnesses)


def test_a_call_that_no_engine_can_place_is_a_call_perhaps(shop: Draft) -> None:
    answer = who_calls(shop, "Price.rounded")

    assert lines(answer) == ["shop.py:10 call in Shop.bill"]
    assert possible(answer) == ["shop.py:17 call in guess"]
    assert answer.perhaps[0].witnesses == ()


def test_every_use_of_a_function_is_told_by_what_it_is(shop: Draft) -> None:
    answer = references(shop, "prices.py::total")

    assert lines(answer) == [
        "prices.py:6 definition in -",
        "shop.py:1 import in -",
        "shop.py:2 import in -",
        "shop.py:8 call in Shop.bill.sure",
        "shop.py:10 call in Shop.bill",
        "shop.py:13 name in -",
    ]
    assert possible(answer) == [
        "page.js:2 text in show",
        "prices.py:7 docstring in total",
        "shop.py:13 string in -",
        "shop.py:17 comment in guess",
    ]


def test_every_use_of_a_class(shop: Draft) -> None:
    assert lines(references(shop, "Price")) == [
        "prices.py:1 definition in -",
        "shop.py:1 import in -",
        "shop.py:5 base class in Shop",
        "shop.py:6 annotation in Shop.bill",
        "shop.py:10 call in Shop.bill",
    ]


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        pytest.param("f()", "call", id="call"),
        pytest.param("f (1)", "call", id="call after a space"),
        pytest.param("é = f(\n    1\n)", "call", id="call over lines, beyond ASCII"),
        pytest.param("'é', f()", "call", id="call right of a letter beyond ASCII"),
        pytest.param("f()()", "call", id="call of what is returned"),
        pytest.param("x: f() = 1", "call", id="call in an annotation"),
        pytest.param("@f\ndef g(): pass", "decorator", id="decorator"),
        pytest.param("@f()\ndef g(): pass", "call", id="decorator that is called"),
        pytest.param("@f\nclass C: pass", "decorator", id="class decorator"),
        pytest.param("class C(f): pass", "base class", id="base class"),
        pytest.param("x: list[f] = []", "annotation", id="inside an annotation"),
        pytest.param("def g(a: f): pass", "annotation", id="parameter's annotation"),
        pytest.param("def g() -> f: pass", "annotation", id="returned"),
        pytest.param("match 1:\n    case f(): pass", "pattern", id="pattern"),
        pytest.param("x = f", "name", id="value"),
        pytest.param("x = [f]", "name", id="in a list"),
        pytest.param("x = f.y()", "name", id="an attribute of it is called"),
        pytest.param("del f", "deletion", id="deleted"),
        pytest.param("f = 2", "assignment", id="bound anew"),
    ],
)
def test_what_a_use_is(tmp_path: Path, use: str, kind: str) -> None:
    answer = references(drafted(tmp_path, {"a.py": f"class f: pass\n\n\n{use}\n"}), "f")

    assert [one.kind for one in answer.references] == ["definition", kind]


@pytest.mark.parametrize(
    ("source", "inside"),
    [
        pytest.param("def g():\n    f()\n", "g", id="function"),
        pytest.param("class C:\n    x = f()\n", "C", id="class body"),
        pytest.param("class C:\n    def m(self):\n        return [f() for _ in 'a']\n", "C.m"),
        pytest.param("f()\n", "", id="module"),
    ],
)
def test_what_is_around_a_call(tmp_path: Path, source: str, inside: str) -> None:
    answer = who_calls(drafted(tmp_path, {"a.py": f"def f(): pass\n\n\n{source}"}), "f")

    assert [one.inside for one in answer.references] == [inside]


def test_calls_under_an_alias_of_an_alias(tmp_path: Path) -> None:
    files = {
        "a.py": "def f(): pass\n",
        "b.py": "from a import f as g\nfrom a import (\n    f as i,\n)\n\ng()\ni()\n",
        "c.py": "from b import g as h\nimport b\n\n\ndef m(g):\n    h()\n    b.g()\n    g()\n",
    }
    found = ["b.py:6 call in -", "b.py:7 call in -", "c.py:6 call in m", "c.py:7 call in m"]

    assert lines(who_calls(drafted(tmp_path, files), "f")) == found


def test_an_alias_in_a_staged_edit_is_seen(shop: Draft) -> None:
    path = shop.workspace.locate("shop.py")
    shop.write(path, "from prices import total as plus\n\n\ndef new():\n    plus([])\n")

    assert lines(who_calls(shop, "total")) == ["shop.py:5 call in new"]


def test_staged_edits_are_seen(shop: Draft) -> None:
    path = shop.workspace.locate("shop.py")
    shop.write(path, "from prices import total\n\n\ndef new():\n    total([])\n")

    assert lines(who_calls(shop, "total")) == ["shop.py:5 call in new"]


def test_another_symbol_of_the_name_is_none_of_it(tmp_path: Path) -> None:
    draft = drafted(
        tmp_path,
        {"a.py": "def f(): pass\n\n\nf()\n", "b.py": "def f(): pass\n\n\nf()\n"},
    )
    answer = references(draft, "a.py::f")

    assert (lines(answer), possible(answer)) == (["a.py:1 definition in -", "a.py:4 call in -"], [])


def test_where_the_engines_disagree_it_says_who_says_what(tmp_path: Path) -> None:
    source = (
        "class A:\n    def __init__(self, x):\n        self.x = x\n\n\n"
        "class B(A):\n    def __init__(self):\n        super().__init__(1)\n\n\nB()\n"
    )
    answer = references(drafted(tmp_path, {"a.py": source}), "B.__init__")
    disputed = [one for one in answer.references if one.against]

    assert [(one.place.line, one.witnesses, one.against) for one in disputed] == [
        (2, ("rope",), ("jedi",))
    ]


def test_a_file_that_does_not_parse_may_hold_uses(tmp_path: Path) -> None:
    draft = drafted(tmp_path, {"a.py": "def f(): pass\n", "b.py": "def g(:\n    f()\n"})
    answer = references(draft, "f")

    assert [str(one.place) for one in answer.perhaps] == ["b.py:2"]


def test_a_file_that_is_no_text_may_hold_uses(tmp_path: Path) -> None:
    draft = drafted(tmp_path, {"a.py": "def f(): pass\n", "b.py": b"f()  # \xff\n"})

    assert possible(references(draft, "f")) == ["b.py:1 file that cannot be read in -"]


def test_several_symbols_of_the_name_are_listed_not_guessed(tmp_path: Path) -> None:
    draft = drafted(tmp_path, {"a.py": "def f(): pass\n", "b.py": "def f(): pass\n"})

    with pytest.raises(AmbiguousTarget, match=r"a\.py::f"):
        references(draft, "f")


def test_a_name_that_stands_nowhere(shop: Draft) -> None:
    with pytest.raises(RefactoringRefused, match=r"totel stands nowhere.*Did you mean total"):
        references(shop, "totel")


# Where is it defined


@pytest.mark.parametrize(
    ("target", "found"),
    [
        pytest.param("total", ["prices.py::total"], id="function"),
        pytest.param("Price", ["prices.py::Price"], id="class"),
        pytest.param("rounded", ["prices.py::Price.rounded"], id="method by its name"),
        pytest.param("Price.rounded", ["prices.py::Price.rounded"], id="method"),
        pytest.param("shop.py::total", ["prices.py::total"], id="through an import"),
        pytest.param("sure", ["shop.py::Shop.bill.sure"], id="nested"),
        pytest.param("handlers", ["shop.py::handlers"], id="variable"),
        pytest.param("items", ["prices.py::total.items", "shop.py::Shop.bill.items"], id="several"),
    ],
)
def test_where_a_symbol_is_defined(shop: Draft, target: str, found: list[str]) -> None:
    assert [one.address for one in definition(shop, target)] == found


def test_a_definition_says_what_it_is(shop: Draft) -> None:
    (found,) = definition(shop, "Price.rounded")

    assert (str(found.place), found.text) == (
        "prices.py:2",
        "def rounded(self, digits=2):",
    )
    assert found.symbol is not None
    assert (found.symbol.kind, found.symbol.end_line) == ("method", 3)


def test_a_definition_that_is_not_there(shop: Draft) -> None:
    with pytest.raises(RefactoringRefused, match="stands nowhere"):
        definition(shop, "nothing")


def test_a_definition_in_a_file_that_does_not_parse(tmp_path: Path) -> None:
    with pytest.raises(DoesNotParse, match=r"a\.py:2"):
        definition(drafted(tmp_path, {"a.py": "x = 1\ndef f(:\n"}), "a.py::f")


def test_the_dictionary_is_ready_for_json(shop: Draft) -> None:
    told = json.loads(json.dumps(who_calls(shop, "total").to_dict()))

    assert told["definition"]["address"] == "prices.py::total"
    first = told["references"][0]
    assert set(first.pop("witnesses")) >= {"rope", "jedi"}
    assert first == {
        "path": "shop.py",
        "line": 8,
        "column": 19,
        "kind": "call",
        "inside": "Shop.bill.sure",
        "text": "return total(items)",
        "against": [],
    }
