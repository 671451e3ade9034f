"""Calls that go round in circles: told at the third, stopped at the sixth."""

from __future__ import annotations

import pytest

from alma_agent.errors import LimitReached
from alma_agent.proposer.repetition import STOPPED_AT, TOLD_AT, RepeatedCalls, Repetitions

TOLD = "You made this very call"


def repeat(repetitions: Repetitions, *tools: str) -> None:
    """Call the tools in turn until one of them was called too often."""
    for _ in range(STOPPED_AT):
        for tool in tools:
            repetitions.noted(tool, "{}", "x")


def answers(calls: list[tuple[str, str, str, int]]) -> list[str]:
    repetitions = Repetitions()
    return [repetitions.noted(*call) for call in calls]


def test_the_third_identical_call_is_told() -> None:
    told = [TOLD in one for one in answers([("read_file", "{}", "x", 0)] * TOLD_AT)]

    assert told == [False, False, True]


def test_what_is_told_follows_the_answer() -> None:
    assert answers([("read_file", "{}", "the answer", 0)] * 3)[-1].startswith("the answer\n")


def test_the_sixth_identical_call_ends_the_run() -> None:
    repetitions = Repetitions()
    for _ in range(STOPPED_AT - 1):
        repetitions.noted("read_file", '{"path": "a.py"}', "x")

    with pytest.raises(LimitReached, match=r"repeated the same call \(read_file\) 6 times"):
        repetitions.noted("read_file", '{"path": "a.py"}', "x")


@pytest.mark.parametrize("tools", ["ab", "abcd"], ids=["two", "four"])
def test_several_calls_in_turn_are_a_circle(tools: str) -> None:
    with pytest.raises(RepeatedCalls):
        repeat(Repetitions(), *tools)


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param([("t", f'{{"a": {n}}}', "x", 0) for n in range(9)], id="other arguments"),
        pytest.param([("t", "{}", "x" * n, 0) for n in range(9)], id="another answer"),
        pytest.param([("t", "{}", "x", n) for n in range(9)], id="the draft changed in between"),
        pytest.param([("t" * n, "{}", "x", 0) for n in range(9)], id="another tool"),
        pytest.param(
            [("t", "{}" if n % 12 == 0 else str(n), "x", 0) for n in range(60)], id="long ago"
        ),
    ],
)
def test_what_is_no_repetition(calls: list[tuple[str, str, str, int]]) -> None:
    assert not any(TOLD in one for one in answers(calls))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("t", '{"a":1,"b":2}', "x"), ("t", '{ "b": 2, "a": 1 }', "x"), id="layout"),
        pytest.param(("t", "", "x"), ("t", "{}", "x"), id="no arguments"),
        pytest.param(("t", "{bad", "x"), ("t", " {bad ", "x"), id="no JSON"),
        pytest.param(
            ("t", "{}", "1 passed in 0.12s"), ("t", "{}", "1 passed in 0.09s"), id="a time"
        ),
        pytest.param(("t", "{}", "<f at 0x7f01>"), ("t", "{}", "<f at 0xab02>"), id="an address"),
    ],
)
def test_what_is_the_same_call(first: tuple[str, str, str], second: tuple[str, str, str]) -> None:
    repetitions = Repetitions()
    repetitions.noted(*first)
    repetitions.noted(*second)

    assert TOLD in repetitions.noted(*first)


def test_whoever_asks_hears_of_a_stop_that_was_swallowed() -> None:
    repetitions = Repetitions()
    repetitions.require_progress()
    with pytest.raises(RepeatedCalls):
        repeat(repetitions, "t")

    with pytest.raises(RepeatedCalls):
        repetitions.require_progress()
