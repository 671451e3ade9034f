from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma_agent.memory.ranking import tokens_of
from alma_agent.memory.sessions.summarising import sentences_of, summary

TALK = (
    "Hello there!",
    "What port does the service listen on? It listens on port 8080.",
    "OK, thanks.",
    "The weather was pleasant over the weekend, people say.",
    "We decided to store orders in PostgreSQL, because SQLite locks when two services write.",
    "The two services share one orders table.",
)


def test_what_fits_is_there_whole_and_in_order() -> None:
    assert summary(TALK, budget_tokens=1000).splitlines() == [
        sentence for text in TALK for sentence in sentences_of(text)
    ]


def test_a_decision_comes_before_small_talk() -> None:
    assert "decided to store orders in PostgreSQL" in summary(TALK, budget_tokens=50)
    assert "Hello" not in summary(TALK, budget_tokens=70)


def test_an_answer_comes_before_its_question() -> None:
    told = summary([*TALK[:4], *TALK[3:4] * 3], budget_tokens=20)

    assert told == "It listens on port 8080."


def test_what_is_said_twice_stands_once() -> None:
    twice = ["The cache is cleared at midnight by the janitor.", "Noted.",
             "the cache is cleared at midnight, by the janitor"]  # fmt: skip

    assert summary(twice, budget_tokens=200).count("midnight") == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("The nightly build of the parser takes 45 minutes.", id="another number"),
        pytest.param("The nightly build of the parser never takes 40 minutes.", id="denied"),
        pytest.param("The nightly build of the printer takes 40 minutes.", id="of something else"),
    ],
)
def test_what_only_looks_alike_stays(other: str) -> None:
    one = "The nightly build of the parser takes 40 minutes."

    assert summary([one, other], budget_tokens=200).splitlines() == [one, other]


def test_lists_are_read_item_by_item() -> None:
    assert sentences_of("- run the tests\n- call load() first. load() is slow.") == [
        "run the tests",
        "call load() first.",
        "load() is slow.",
    ]


@pytest.mark.parametrize("texts", [[], [""], ["..."], ["a" * 500]])
def test_where_nothing_fits_there_is_nothing(texts: list[str]) -> None:
    assert summary(texts, budget_tokens=20) == ""


@given(
    st.lists(st.text(alphabet="ab .?!\n1xyz", max_size=60), max_size=12),
    st.integers(min_value=8, max_value=60),
)
def test_a_summary_keeps_to_its_budget_its_order_and_itself(texts: list[str], budget: int) -> None:
    told = summary(texts, budget_tokens=budget)

    everything = iter(sentence for text in texts for sentence in sentences_of(text))
    assert tokens_of(told) <= budget
    assert all(line in everything for line in told.splitlines())
    assert told == summary(texts, budget_tokens=budget)
