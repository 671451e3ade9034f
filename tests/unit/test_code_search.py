from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from alma_agent.memory.code.documents import (
    CodeDocument,
    documents_of,
    project_documents,
    words_of,
)
from alma_agent.memory.code.search import CodeIndex, Weights
from benchmarks.code_search import Query, mrr, questions_of, sources, without_docstrings
from tests.conftest import git, make_repository
from toolset.edits import FileState
from toolset.outline.repository import outline_of
from toolset.workspace import SourceFile, Workspace, source_file

SHOP = '''\
class Basket:
    """What a customer means to buy."""

    limit = 20

    def add_item(self, item, amount=1):
        """Put something into it."""
        self.items[item] += amount

    def removeAll(self):
        self.items.clear()


def total_price(basket, currency):
    return sum(price_in(currency, item) for item in basket.items)


def main():
    def parse():
        return 1

    return parse()
'''


class Topics:
    """Embeds by topic: words that mean the same share an axis. Remembers what it was handed."""

    name = "topics"
    AXES: tuple[frozenset[str], ...] = (
        frozenset({"clear", "remove", "erase", "forget"}),
        frozenset({"price", "cost", "sum"}),
    )

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        rows = [[len(axis & set(words_of(text))) for axis in self.AXES] for text in texts]
        vectors = np.array([[0.1, *row] for row in rows], np.float32)
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


class Kept(dict[str, bytes]):
    """A cache of vectors."""

    def get(self, digests: Sequence[str]) -> Mapping[str, bytes]:  # type: ignore[override]
        return {one: self[one] for one in digests if one in self}

    def put(self, vectors: Mapping[str, bytes]) -> None:
        self.update(vectors)


def source(text: str, path: str = "shop/basket.py") -> SourceFile:
    return source_file(PurePosixPath(path), FileState(text.encode()))


def documents(text: str = SHOP, path: str = "shop/basket.py") -> list[CodeDocument]:
    return documents_of(source(text, path))


def document(symbol: str, text: str = SHOP) -> CodeDocument:
    (found,) = [one for one in documents(text) if one.symbol == symbol]
    return found


def symbols(index: CodeIndex, question: str, **how: Any) -> list[str]:
    return [one.symbol for one in index.search(question, **how)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("read_csv", ["read_csv", "read", "csv"], id="snake"),
        pytest.param("HTTPError", ["httperror", "http", "error"], id="camel"),
        pytest.param("Größe, plain", ["größe", "plain"], id="plain words"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_words_of(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_every_symbol_is_a_document_with_its_line() -> None:
    assert [(one.symbol, one.line) for one in documents()] == [
        ("Basket", 1),
        ("Basket.add_item", 6),
        ("Basket.removeAll", 10),
        ("total_price", 14),
        ("main", 18),
        ("main.parse", 19),
    ]


def test_a_symbol_says_its_name_place_and_parameters_in_words() -> None:
    one = document("Basket.removeAll")

    assert (one.name, one.place) == ("remove all", "basket shop basket")
    assert document("Basket.add_item").parameters == "item amount"


def test_a_class_holds_its_own_lines_and_its_methods_names_only() -> None:
    words = document("Basket").body.split()

    assert {"customer", "limit", "add_item", "removeall"} <= set(words)
    assert "clear" not in words


def test_other_languages_have_documents_too() -> None:
    (one,) = documents("function eraseAll(items) { items.length = 0 }\n", "a.js")

    assert (one.symbol, one.name) == ("eraseAll", "erase all")


def test_a_file_that_became_shorter_since_its_outline_is_read_as_far_as_it_goes() -> None:
    outlined = outline_of(source(SHOP))

    found = documents_of(source("class Basket:\n    pass\n"), outlined)

    assert [one.symbol for one in found] == [one.symbol for one in documents()]


def test_text_of_no_language_has_no_documents() -> None:
    assert documents("eraseAll\n", "notes.txt") == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("import os\n\n\n" + SHOP, id="moved down"),
        pytest.param(SHOP.replace("    ", "\t"), id="indented by tabs"),
        pytest.param(SHOP.replace("\n", "\r\n"), id="other line ends"),
        pytest.param(SHOP.replace(".items[item]", ".items[item]   "), id="trailing blanks"),
    ],
)
def test_layout_does_not_change_the_digests(text: str) -> None:
    assert document("total_price", text).digests == document("total_price").digests


def test_changed_code_changes_the_digest_of_the_code_alone() -> None:
    before, after = document("main"), document("main", SHOP.replace("return 1", "return 2"))

    assert before.digests[0] == after.digests[0]
    assert before.digests[1] != after.digests[1]


def test_ignored_files_are_not_in_a_projects_documents(tmp_path: Path) -> None:
    project = make_repository(
        tmp_path, {"a.py": "def kept(): ...\n", "b.py": "def hidden(): ...\n", ".gitignore": "b.py"}
    )

    assert [one.symbol for one in project_documents(project)] == ["kept"]


def test_words_find_without_an_embedder() -> None:
    (first, *_) = CodeIndex(documents()).search("the total price of a basket")

    assert first.symbol == "total_price"
    assert set(first.parts) == {"words", "name"}


def test_words_are_found_by_their_stems() -> None:
    assert symbols(CodeIndex(documents()), "adding items", limit=1) == ["Basket.add_item"]


def test_words_of_a_name_count_more_than_words_of_a_body() -> None:
    index = CodeIndex(documents("def a():\n    return load\n\ndef load():\n    return a\n"))

    assert symbols(index, "load") == ["load", "a"]


def test_meaning_finds_what_shares_no_word() -> None:
    index = CodeIndex(documents(), Topics())

    assert symbols(index, "forget everything", limit=1) == ["Basket.removeAll"]


def test_a_score_is_the_sum_of_its_parts() -> None:
    for one in CodeIndex(documents(), Topics()).search("the price of a basket"):
        assert one.score == pytest.approx(sum(one.parts.values()), abs=1e-4)


def test_a_clue_without_weight_says_nothing() -> None:
    (first, *_) = CodeIndex(documents(), Topics()).search("price", weights=Weights(words=0, name=0))

    assert first.parts["words"] == first.parts["name"] == 0
    assert first.parts["meaning"] > 0


def test_what_is_kept_is_not_embedded_again() -> None:
    kept = Kept()
    CodeIndex(documents(), Topics(), kept).embed()
    later = Topics()

    symbols(CodeIndex(documents("import os\n" + SHOP), later, kept), "price")

    assert later.embedded == ["price"]


def test_whoever_waits_hears_how_many_texts_are_embedded() -> None:
    counts: list[tuple[int, int]] = []
    CodeIndex(documents(), Topics()).search("price", counted=lambda *count: counts.append(count))

    done, total = counts[-1]
    assert done == total == 2 * len(documents())


def test_only_changed_code_is_embedded() -> None:
    kept = Kept()
    CodeIndex(documents(), Topics(), kept).embed()
    later = Topics()

    CodeIndex(documents(SHOP.replace("clear()", "erase()")), later, kept).embed()

    (changed,) = later.embedded
    assert "erase()" in changed


def test_deleted_code_is_not_found_though_its_vectors_are_kept() -> None:
    kept = Kept()
    CodeIndex(documents(), Topics(), kept).embed()

    index = CodeIndex(documents("def other(): ...\n"), Topics(), kept)

    assert symbols(index, "price") == ["other"]


def test_embedding_goes_on_where_it_stopped() -> None:
    index = CodeIndex(documents(), Topics())
    texts = 2 * len(documents())

    assert index.embed(at_most=5) == texts - 5
    assert index.embed(at_most=texts) == 0


def test_the_symbols_that_share_words_are_embedded_first() -> None:
    embedder = Topics()

    CodeIndex(documents(), embedder).search("total price", embed_at_most=2)

    one = document("total_price")
    assert set(embedder.embedded) == {one.heading, one.code, "total price"}


def test_a_search_with_no_vectors_at_all_goes_by_words() -> None:
    index = CodeIndex(documents(), Topics())

    assert symbols(index, "total price", limit=1, embed_at_most=0) == ["total_price"]


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("", id="empty"),
        pytest.param("?! ()", id="signs"),
        pytest.param("_ __", id="underscores"),
        pytest.param('" OR name: NEAR(', id="what would be a query's syntax"),
        pytest.param(" ".join(f"word{chr(0x4E00 + n)}" for n in range(3_000)), id="very long"),
        pytest.param("\ud800", id="half a character"),
    ],
)
def test_no_question_fails(question: str) -> None:
    assert CodeIndex(documents()).search(question) == []


def test_half_characters_reach_no_embedder() -> None:
    embedder = Topics()

    CodeIndex(documents(), embedder).search("price \ud800")

    assert "".join(embedder.embedded).encode()


def test_a_minified_file_does_not_become_every_symbols_text() -> None:
    found = documents("".join(f"function f{n}(){{return {n}}}" for n in range(100)), "a.js")

    assert len(found) == 100
    assert max(len(one.body) for one in found) < 1_000


def test_lines_are_counted_as_editors_do() -> None:
    one = document("f", 'TEXT = "\x0c\u2028"\n\ndef f():\n    return load\n')

    assert (one.line, "load" in one.body) == (3, True)


def test_an_empty_project_is_searched_in_vain() -> None:
    assert CodeIndex([], Topics()).search("price") == []


def test_docstrings_are_taken_out_and_the_lines_stay() -> None:
    bare, docstrings = without_docstrings(source(SHOP))

    assert docstrings == {6: "Put something into it."}
    assert [one.line for one in documents_of(bare)] == [one.line for one in documents()]
    assert "something" not in bare.text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('def f(): "said"\n', id="on one line"),
        pytest.param('def f():\n    "said"; x = 1\n', id="before a statement"),
        pytest.param('def f():\n    """said\n\n    twice said\n    """\n', id="nothing else"),
        pytest.param('def f():\n    """ü said"""  # why\n    x = 1\n', id="before a comment"),
    ],
)
def test_code_without_its_docstring_still_parses(text: str) -> None:
    bare, docstrings = without_docstrings(source(text))

    assert list(docstrings) == [1]
    assert "said" not in bare.text
    assert [one.symbol for one in documents_of(bare)] == ["f"]


def test_functions_are_asked_for_by_their_docstrings() -> None:
    asked, queries = questions_of([(PurePosixPath("shop/basket.py"), SHOP.encode())])

    assert [one.kind for one in asked] == ["method", "method", "function", "function", "function"]
    assert queries == [Query("Put something into it.", (PurePosixPath("shop/basket.py"), 6))]


def test_a_rank_counts_by_its_reciprocal() -> None:
    text = "def load():\n    return 1\n\ndef save():\n    return load\n"
    index = CodeIndex(documents(text, "a.py"))
    a = PurePosixPath("a.py")

    figure = mrr(index, [Query("load", (a, 1)), Query("load", (a, 4))], Weights())

    assert figure == pytest.approx((1 + 1 / 2) / 2)


def test_a_bare_repository_is_read_from_its_head(tmp_path: Path) -> None:
    files = {"src/a.py": "A = 1\n", "b.txt": "B"}
    make_repository(tmp_path / "work", files)
    git(tmp_path, "clone", "--quiet", "--bare", "work", "bare")

    assert list(sources(tmp_path / "bare")) == [(PurePosixPath("src/a.py"), b"A = 1\n")]


def test_a_folder_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("A = 1\n")

    assert list(sources(Workspace(tmp_path).root)) == [(PurePosixPath("a.py"), b"A = 1\n")]
