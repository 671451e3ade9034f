from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from alma_agent.memory.ranking import Clues, about, ranked, tokens_of, within
from alma_agent.records import Anchor, Memory, Recalled
from tests.making import START, a_memory, days_after

A = PurePosixPath("a.py")


def clues(
    *,
    words: dict[str, float] | None = None,
    meaning: dict[str, float] | None = None,
    about_file: tuple[str, ...] = (),
) -> Clues:
    return Clues(words or {}, meaning or {}, frozenset(about_file))


def order(found: list[Recalled]) -> list[str]:
    return [one.memory.id for one in found]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(clues(words={"a": 0.9, "b": 0.4}), ["a", "b"], id="more of the words"),
        pytest.param(clues(meaning={"a": 0.4, "b": 0.9}), ["b", "a"], id="nearer in meaning"),
        pytest.param(
            clues(words={"a": 0.5, "b": 0.5}, about_file=("b",)), ["b", "a"], id="the same file"
        ),
        pytest.param(
            clues(words={"a": 0.6, "b": 0.5}, meaning={"b": 0.8}),
            ["b", "a"],
            id="words and meaning before words alone",
        ),
        pytest.param(clues(about_file=("a",)), ["a"], id="the file alone is enough"),
        pytest.param(clues(meaning={"a": 0.1}), [], id="far in meaning is silence"),
        pytest.param(clues(meaning={"a": -1.0}), [], id="the opposite is silence"),
        pytest.param(clues(words={"a": 1.0, "b": 0.1}), ["a"], id="hardly a word is silence"),
        pytest.param(
            clues(words={"a": 0.5}, meaning={"a": -1.0}), ["a"], id="meaning takes nothing away"
        ),
        pytest.param(clues(), [], id="no clue, no memory"),
    ],
)
def test_what_comes_first(given: Clues, expected: list[str]) -> None:
    memories = [a_memory("a"), a_memory("b")]

    assert order(ranked(memories, given, START)) == expected


def test_of_two_that_fit_alike_the_newer_comes_first() -> None:
    old, new = a_memory("old"), a_memory("new", at=days_after(60))

    found = ranked([old, new], clues(words={"old": 0.8, "new": 0.8}), days_after(61))

    assert order(found) == ["new", "old"]


def test_what_fits_better_comes_before_what_is_newer() -> None:
    old, new = a_memory("old"), a_memory("new", at=days_after(365))

    found = ranked([old, new], clues(words={"old": 0.9, "new": 0.7}), days_after(365))

    assert order(found) == ["old", "new"]


def test_the_order_of_what_comes_in_does_not_matter() -> None:
    memories = [a_memory(name) for name in "abc"]
    given = clues(words=dict.fromkeys("abc", 1.0))

    assert ranked(memories, given, START) == ranked(memories[::-1], given, START)


def test_a_memory_from_the_future_scores_as_one_of_now() -> None:
    ahead = a_memory("a", at=days_after(9))

    assert ranked([ahead], clues(about_file=("a",)), START)[0].score == pytest.approx(0.7)


def test_who_wants_to_see_more_sets_the_bar_lower() -> None:
    given = clues(words={"a": 0.1})

    assert order(ranked([a_memory("a")], given, START, at_least=0.05)) == ["a"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param(clues(words={"a": 1.0}), ("words",), id="words"),
        pytest.param(clues(meaning={"a": 0.5}), ("meaning",), id="meaning"),
        pytest.param(clues(about_file=("a",)), ("same file",), id="file"),
        pytest.param(
            clues(words={"a": 1.0}, meaning={"a": 0.5}, about_file=("a",)),
            ("same file", "words", "meaning"),
            id="all three",
        ),
    ],
)
def test_the_reasons_are_told(given: Clues, why: tuple[str, ...]) -> None:
    (found,) = ranked([a_memory("a")], given, START)

    assert found.why == why


def recalled(id_: str, characters: int) -> Recalled:
    return Recalled(a_memory(id_, "x" * characters), 1.0, (), {})


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(0, [], id="nothing fits into nothing"),
        pytest.param(16, [], id="one short of the shortest"),
        pytest.param(17, ["c"], id="a short one instead of a long one"),
        pytest.param(18, ["a"], id="just one"),
        pytest.param(35, ["a", "c"], id="a short one after a long one"),
        pytest.param(1_000, ["a", "b", "c"], id="all"),
    ],
)
def test_the_budget_is_never_passed(budget: int, expected: list[str]) -> None:
    chosen, tokens = within([recalled("a", 30), recalled("b", 300), recalled("c", 27)], budget)

    assert order(list(chosen)) == expected
    assert tokens == sum(tokens_of(one.memory.text) for one in chosen) <= budget


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(A, {"a"}, id="those of the file"),
        pytest.param(PurePosixPath("other.py"), set(), id="none of another"),
        pytest.param(None, set(), id="no file in hand"),
    ],
)
def test_about(path: PurePosixPath | None, expected: set[str]) -> None:
    memories: list[Memory] = [a_memory("a", anchors=(Anchor(A, None),)), a_memory("b")]

    assert about(memories, path) == expected
