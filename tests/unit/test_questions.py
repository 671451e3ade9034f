from __future__ import annotations

import pytest

from alma_agent.memory.questions import Weights, read


@pytest.mark.parametrize(
    ("person", "named"),
    [
        pytest.param("Ada", True, id="as written"),
        pytest.param("ada", True, id="whatever the capitals"),
        pytest.param("Ada Byron", True, id="by the first name"),
        pytest.param("Ad", False, id="a part of a name is another name"),
        pytest.param("Ben", False, id="somebody else"),
        pytest.param("", False, id="nobody"),
    ],
)
def test_whom_a_question_names(person: str, named: bool) -> None:
    assert read("Where is Ada's house?").names(person) is named


@pytest.mark.parametrize("text", ["the latest decision", "What was the MOST RECENT release?"])
def test_who_asks_for_the_newest_gets_it_before_the_best_words(text: str) -> None:
    assert read(text).weights.recency == Weights().words


def test_age_counts_little_otherwise() -> None:
    assert read("which release broke it").weights == Weights()


def test_a_question_keeps_its_text_and_its_words() -> None:
    question = read("Who renamed load?")

    assert (question.text, question.words) == ("Who renamed load?", ("renamed", "load"))
