"""What the anchors' benchmark takes for true: what a change did to each symbol."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from benchmarks.anchor_truth import fates

A, B = PurePosixPath("a.py"), PurePosixPath("b.py")
SOURCE = """
class Shelf:
    def add(self, book):
        self.books.append(book)

def count(books):
    return sum(1 for book in books if book)
"""


@pytest.mark.parametrize(
    ("after", "symbol", "effect"),
    [
        pytest.param(SOURCE + "x = 1\n", "count", "untouched", id="untouched"),
        pytest.param(SOURCE.replace("(books)", "(books,)"), "count", "reformatted", id="comma"),
        pytest.param(SOURCE.replace("1 for", "2 for"), "count", "edited", id="edited"),
        pytest.param(SOURCE.replace("count", "total"), "count", "renamed", id="renamed"),
        pytest.param(
            SOURCE.replace("Shelf", "Board"), "Shelf.add", "moved", id="its class renamed"
        ),
        pytest.param(SOURCE.partition("def count")[0], "count", "gone", id="removed"),
    ],
)
def test_the_fate_of_a_symbol(after: str, symbol: str, effect: str) -> None:
    found = fates({A: SOURCE.encode()}, {A: after.encode()}, {})
    assert found[A, symbol].effect == effect


def test_a_symbol_that_goes_to_another_file_has_moved() -> None:
    rest, define, count = SOURCE.partition("def count")
    found = fates(
        {A: SOURCE.encode(), B: b""}, {A: rest.encode(), B: (define + count).encode()}, {}
    )
    assert (found[A, "count"].effect, found[A, "count"].place) == ("moved", (B, "count"))


def test_of_two_that_could_be_it_none_is_taken_for_true() -> None:
    after = SOURCE.replace("count", "one") + SOURCE.partition("def count")[2].join(["def two", ""])
    assert fates({A: SOURCE.encode()}, {A: after.encode()}, {})[A, "count"].effect == "ambiguous"
