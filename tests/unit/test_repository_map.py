from __future__ import annotations

import time
from pathlib import Path, PurePosixPath

import pytest

from alma_agent.proposer.module_names import imported_files
from alma_agent.proposer.relevance import RankedFile, stems
from alma_agent.proposer.repository_map import file_outline, fitted, repository_map, tokens_of
from tests.conftest import make_repository, make_workspace, write_files
from toolset.draft import Draft
from toolset.outline.values import FileOutline, OutlinedSymbol

A, B, C = (PurePosixPath(f"{name}.py") for name in "abc")
SHOP = {
    "shop/__init__.py": "",
    "shop/prices.py": "def discount(order, percent):\n    return order\n",
    "shop/orders.py": (
        "from shop.prices import discount\n\n\n"
        "class Order:\n    def total(self):\n        return discount(self, 5)\n"
    ),
    "shop/mail.py": "def send(to, text):\n    return None\n",
    "shop/weather.py": "def forecast(day):\n    return None\n",
    "web/page.js": "function showBasket(items) {\n  return items;\n}\n",
}


def draft_of(tmp_path: Path, files: dict[str, str]) -> Draft:
    return Draft(make_workspace(tmp_path / "project", files))


def shown(text: str) -> list[str]:
    """Return the files of a map, in its order."""
    return [line.rpartition(" (")[0] for line in text.splitlines() if not line.startswith(" ")]


def test_a_map_tells_lines_classes_and_parameters(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {"orders.py": SHOP["shop/orders.py"]})

    assert repository_map(draft, "order", budget_tokens=100) == (
        "orders.py (6 lines)\n  4-6 class Order\n    5-6 def total(self)"
    )


@pytest.mark.parametrize(
    ("goal", "first"),
    [
        pytest.param("mail the customers", "shop/mail.py", id="a word of the path"),
        pytest.param("the forecasts are wrong", "shop/weather.py", id="a word of a symbol, bent"),
        pytest.param("show the basket", "web/page.js", id="a part of a name, in JavaScript"),
        pytest.param("rename total", "shop/orders.py", id="a method"),
        pytest.param("percent", "shop/prices.py", id="a word of the text"),
    ],
)
def test_the_file_that_says_the_goals_words_comes_first(
    tmp_path: Path, goal: str, first: str
) -> None:
    assert shown(repository_map(draft_of(tmp_path, SHOP), goal, budget_tokens=500))[0] == first


def test_what_uses_a_file_of_the_goal_comes_before_what_does_not(tmp_path: Path) -> None:
    found = shown(repository_map(draft_of(tmp_path, SHOP), "percent", budget_tokens=500))

    assert found.index("shop/orders.py") < found.index("shop/mail.py")


def test_what_the_file_in_hand_uses_comes_first_and_it_is_not_listed(tmp_path: Path) -> None:
    hand = PurePosixPath("shop/orders.py")

    found = shown(
        repository_map(draft_of(tmp_path, SHOP), "tidy up", in_hand=[hand], budget_tokens=500)
    )

    assert found[0] == "shop/prices.py"
    assert str(hand) not in found


def test_a_likely_file_comes_first_where_the_goal_says_nothing(tmp_path: Path) -> None:
    likely = PurePosixPath("shop/weather.py")

    text = repository_map(draft_of(tmp_path, SHOP), "go", likely=[likely], budget_tokens=500)

    assert shown(text)[0] == str(likely)


@pytest.mark.parametrize("budget", [0, 1, 5, 20, 60, 200])
def test_a_map_never_exceeds_its_budget(tmp_path: Path, budget: int) -> None:
    text = repository_map(draft_of(tmp_path, SHOP), "order", budget_tokens=budget)

    assert tokens_of(text) <= budget


def test_a_small_budget_holds_the_best(tmp_path: Path) -> None:
    text = repository_map(draft_of(tmp_path, SHOP), "discount", budget_tokens=7)

    assert text == "shop/prices.py (2 lines)"


def test_a_method_is_listed_with_its_class(tmp_path: Path) -> None:
    source = "class Reader:\n" + "".join(
        f"    def step_{number}(self):\n        pass\n" for number in range(40)
    )
    draft = draft_of(tmp_path, {"reader.py": source})

    lines = repository_map(draft, "step_7", budget_tokens=40).splitlines()

    assert lines[:2] == ["reader.py (81 lines)", "  1-81 class Reader"]
    assert "    16-17 def step_7(self)" in lines


def test_staged_edits_are_seen(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, SHOP)
    draft.create(PurePosixPath("shop/vat.py"), "def vat(order):\n    return 0\n")

    assert shown(repository_map(draft, "vat", budget_tokens=500))[0] == "shop/vat.py"


def test_a_project_without_code_has_an_empty_map(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {"notes.txt": "order\n"})

    assert repository_map(draft, "order", budget_tokens=500) == ""


def test_ignored_files_are_not_listed(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "p", {".gitignore": "made/\n", "a.py": "def f(): ...\n"}).root
    write_files(root, {"made/a.py": "def order(): ...\n"})
    draft = Draft(make_repository(root, {}))

    assert shown(repository_map(draft, "order", budget_tokens=500)) == ["a.py"]


def test_code_that_a_program_wrote_is_not_listed(tmp_path: Path) -> None:
    bundle = f"function order(a) {{ return {'1 + ' * 5_000} 1; }}\n"
    draft = draft_of(tmp_path, SHOP | {"web/bundle.js": bundle})

    assert "web/bundle.js" not in shown(repository_map(draft, "order", budget_tokens=1_000))


def test_a_name_cannot_begin_a_line_or_hide() -> None:
    symbol = OutlinedSymbol("a\n```\u202e", "a", "function", 1, 1, 1, ("b\nc",))
    file = RankedFile(FileOutline(A, "javascript", 1, (symbol,)), 1.0, (symbol,))

    assert fitted([file], 100) == "a.py (1 lines)\n  1 def a?```?(b c)"


def test_the_order_in_which_files_were_made_does_not_matter(tmp_path: Path) -> None:
    there = draft_of(tmp_path / "one", SHOP)
    back = draft_of(tmp_path / "two", dict(reversed(SHOP.items())))

    one, two = (repository_map(draft, "order mail", budget_tokens=60) for draft in (there, back))

    assert one == two


def test_a_long_outline_keeps_what_the_goal_names(tmp_path: Path) -> None:
    source = "".join(f"def step_{number}():\n    pass\n" for number in range(400))
    draft = draft_of(tmp_path, {"a.py": source})

    text = file_outline(draft, A, "mend step_333", budget_tokens=100)

    assert "  667-668 def step_333()" in text.splitlines()
    assert tokens_of(text) <= 100


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("readFiles", ["readfil", "read", "fil"], id="camel"),
        pytest.param("read_csv", ["read_csv", "read", "csv"], id="snake"),
        pytest.param("queries", ["quer"], id="plural"),
        pytest.param("query", ["quer"], id="singular"),
        pytest.param("created", ["creat"], id="past"),
        pytest.param("the", [], id="a word that says nothing"),
        pytest.param("Заказы", ["заказы"], id="not English"),
    ],
)
def test_words_are_compared_by_their_stems(word: str, expected: list[str]) -> None:
    assert list(stems(word)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("import b", {B}, id="a module"),
        pytest.param("import os, b as x", {B}, id="one of several"),
        pytest.param("from b import f", {B}, id="a name of a module"),
        pytest.param("    from b import (\n  f,\n  g)", {B}, id="in brackets, indented"),
        pytest.param("from pack import mod", {PurePosixPath("pack/mod.py")}, id="of a package"),
        pytest.param("from . import b", {B}, id="beside it"),
        pytest.param("from .b import f as g", {B}, id="beside it, a name"),
        pytest.param("import a", set(), id="itself"),
        pytest.param("# what we import b for", set(), id="words"),
        pytest.param("import json", set(), id="not of the project"),
    ],
)
def test_imports_lead_to_files(line: str, expected: set[PurePosixPath]) -> None:
    texts = {A: line, B: "", PurePosixPath("pack/mod.py"): ""}
    package = {PurePosixPath("pack/__init__.py"): ""} if "pack" in line else {}

    found = imported_files(texts | package)[A]

    assert found - set(package) == expected


@pytest.mark.parametrize(
    ("where", "line"),
    [
        pytest.param("pack/sub/one.py", "from ..two import f", id="a package above"),
        pytest.param("pack/one.py", "from .two import f", id="the same package"),
        pytest.param("tests/test_two.py", "from pack.two import f", id="by its whole name"),
    ],
)
def test_imports_within_a_package(where: str, line: str) -> None:
    names = ("src/pack/__init__.py", "src/pack/two.py", "src/pack/sub/__init__.py")
    place = PurePosixPath(where if where.startswith("tests") else f"src/{where}")

    found = imported_files({**dict.fromkeys(map(PurePosixPath, names), ""), place: line})

    assert PurePosixPath("src/pack/two.py") in found[place]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("from a import (\n" * 20_000, id="brackets that nothing closes"),
        pytest.param(f"from a import {'x' * 300_000}!", id="a long name"),
        pytest.param("import a" + ", a" * 100_000, id="a long list"),
        pytest.param(f"{'A' * 300_000}a {'_a' * 100_000}", id="a long word"),
    ],
)
def test_hostile_text_takes_no_time(tmp_path: Path, text: str) -> None:
    padded = text + "\n" * (len(text) // 100) + "def f(): ...\n"

    draft = draft_of(tmp_path, {"a.py": padded})
    started = time.process_time()

    repository_map(draft, "import a word", budget_tokens=100)

    assert time.process_time() - started < 5  # square in the text's length would take minutes
