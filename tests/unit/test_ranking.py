from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from alma_agent.memory import questions
from alma_agent.memory.ranking import Clues, about, ranked, tokens_of, within
from alma_agent.remembered import Anchor, Memory, Recalled
from tests.making import START, a_memory, days_after

A = PurePosixPath("a.py")
ECHOES = ("The limit is 5.", "the limit is 5", "The limit is 6.")


def clues(
    *,
    words: dict[str, float] | None = None,
    meaning: dict[str, float] | None = None,
    about_file: tuple[str, ...] = (),
    own_words: dict[str, float] | None = None,
    exchange: dict[str, float] | None = None,
    question: str = "",
) -> Clues:
    return Clues(
        words or {},
        meaning or {},
        frozenset(about_file),
        own_words or {},
        exchange or {},
        questions.read(question),
    )


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
        pytest.param(
            clues(words={"a": 9.0, "b": 9.0}, own_words={"b": 5.0}),
            ["b", "a"],
            id="its own words before its neighbours'",
        ),
        pytest.param(
            clues(meaning={"a": 0.5, "b": 0.5}, exchange={"b": 0.6}),
            ["b", "a"],
            id="an answer whose question is near",
        ),
        pytest.param(
            clues(meaning={"a": 0.1}, exchange={"a": 0.9}), [], id="near in its question alone"
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


def test_who_asks_for_the_newest_gets_it_before_what_fits_better() -> None:
    old, new = a_memory("old"), a_memory("new", at=days_after(365))
    given = clues(words={"old": 0.9, "new": 0.7}, question="the latest load")

    assert order(ranked([old, new], given, days_after(365))) == ["new", "old"]


def test_a_memory_from_the_future_scores_as_one_of_now() -> None:
    ahead, present = a_memory("a", at=days_after(9)), a_memory("b", at=START)

    first, second = ranked([ahead, present], clues(about_file=("a", "b")), START)

    assert first.score == second.score


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param({"importance": 0.9}, {"importance": 0.1}, id="important"),
        pytest.param({"pinned": True}, {}, id="pinned"),
        pytest.param({"by": "Ada"}, {"by": "Ben"}, id="by whom the question names"),
        pytest.param(
            {"session": "s", "text": "We painted the whole house blue on Monday."},
            {"session": "s", "text": "We painted."},
            id="talk that says something",
        ),
        pytest.param(
            {"session": "s", "text": "We did paint it."},
            {"session": "s", "text": "Did we paint it?"},
            id="talk that does not only ask",
        ),
    ],
)
def test_of_two_that_fit_alike(better: dict[str, Any], worse: dict[str, Any]) -> None:
    memories = [a_memory("better", **better), a_memory("worse", **worse)]
    given = clues(words={"better": 1.0, "worse": 1.0}, question="Did Ada paint?")

    assert order(ranked(memories, given, START)) == ["better", "worse"]


def test_a_short_note_that_is_no_talk_loses_nothing() -> None:
    short = a_memory("a", "Tabs.", kind="preference", session="s")
    (found,) = ranked([short], clues(about_file=("a",)), START)

    assert found.parts == {"same file": 1.0, "recency": 0.15}


def test_a_memory_gains_by_what_else_its_session_says() -> None:
    memories = [a_memory(name, session=session) for name, session in ("ax", "by", "cx")]
    given = clues(words={"a": 1.0, "b": 1.0, "c": 2.0})

    assert order(ranked(memories, given, START)) == ["c", "a", "b"]


@pytest.mark.parametrize("factor", [1.0, 1e-6, 40.0])
def test_the_unit_of_the_word_scores_does_not_matter(factor: float) -> None:
    memories = [a_memory("a"), a_memory("b")]
    given = clues(words={"a": 0.8 * factor, "b": 0.2 * factor}, own_words={"b": 0.2 * factor})

    scores = [one.score for one in ranked(memories, given, START, at_least=0)]

    assert scores == pytest.approx([1.0 + 0.15, 0.25 + 0.1 + 0.15])


def test_one_common_word_of_many_is_silence() -> None:
    given = clues(words={"a": 3.0}, question="Which colours does the second printer load at night?")

    assert ranked([a_memory("a", "load reads the rows")], given, START) == []


def test_most_of_the_words_are_enough() -> None:
    given = clues(words={"a": 3.0}, question="Which rows does load read?")

    assert order(ranked([a_memory("a", "load reads the rows")], given, START)) == ["a"]


def test_who_wants_to_see_more_sets_the_bar_lower() -> None:
    given = clues(words={"a": 0.1})

    assert order(ranked([a_memory("a")], given, START, at_least=0.05)) == ["a"]


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        pytest.param(clues(words={"a": 1.0}), {"words": 1.0}, id="words"),
        pytest.param(clues(meaning={"a": 0.5}), {"meaning": 0.4}, id="meaning"),
        pytest.param(clues(about_file=("a",)), {"same file": 1.0}, id="file"),
        pytest.param(
            clues(
                words={"a": 4.0},
                own_words={"a": 2.0},
                meaning={"a": 0.5},
                exchange={"a": 0.5},
                about_file=("a",),
            ),
            {"words": 1.0, "own words": 0.2, "meaning": 0.4, "exchange": 0.7, "same file": 1.0},
            id="all of them",
        ),
    ],
)
def test_each_part_of_a_score_is_told(given: Clues, parts: dict[str, float]) -> None:
    (found,) = ranked([a_memory("a")], given, START)

    assert found.parts == pytest.approx(parts | {"recency": 0.15})
    assert found.score == pytest.approx(sum(found.parts.values()))


def recalled(id_: str, characters: int) -> Recalled:
    return Recalled(a_memory(id_, id_ * characters), 1.0)


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


def test_what_was_said_already_is_not_said_again() -> None:
    several = [Recalled(a_memory(id_, text)) for id_, text in zip("abc", ECHOES, strict=True)]

    chosen, tokens = within(several, 1_000)

    assert order(list(chosen)) == ["a", "c"]
    assert tokens == tokens_of(ECHOES[0]) + tokens_of(ECHOES[2])


def test_no_more_than_the_limit() -> None:
    chosen, _ = within([recalled(name, 9) for name in "abc"], 1_000, limit=2)

    assert order(list(chosen)) == ["a", "b"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(A, {"a"}, id="those of the file"),
        pytest.param(PurePosixPath("other.py"), set(), id="none of another"),
        pytest.param(None, set(), id="no file in hand"),
    ],
)
def test_about(path: PurePosixPath | None, expected: set[str]) -> None:
    memories: list[Memory] = [a_memory("a", anchors=(Anchor(A),)), a_memory("b")]

    assert about(memories, path) == expected
