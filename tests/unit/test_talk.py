"""What a run says: put together, recorded once, cut down without losing goal or decisions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma_agent.proposer.history import Item, repaired
from alma_agent.proposer.talk import Talk

GOAL = "make load return zero"
LONG = "x" * 5_000


def call(number: int, tool: str = "read_file", output: str = LONG, **taken: Any) -> list[Item]:
    arguments = json.dumps(taken or {"path": f"{number}.py"})
    one = {"type": "function_call", "call_id": f"c{number}", "name": tool, "arguments": arguments}
    return [one, {"type": "function_call_output", "call_id": f"c{number}", "output": output}]


class Kept:
    def __init__(self) -> None:
        self.items: list[Item] = []

    async def __call__(self, items: Sequence[Item]) -> None:
        self.items += items


async def talked(exchanges: int, *, room_tokens: int = 1_000_000, stint: int = 8) -> Talk:
    talk = Talk(GOAL, room_tokens=room_tokens)
    now: list[Item] = []
    for number in range(exchanges):
        now += call(number)
        await talk.heard(now)
        if (number + 1) % stint == 0:
            await talk.end_stint()
            now = []
    await talk.end_stint()
    return talk


async def test_the_next_call_hears_all_in_order() -> None:
    talk = await talked(10)

    told = await talk.heard(call(10))

    assert told[0] == {"role": "user", "content": GOAL}
    assert [item["call_id"] for item in told[1:]] == [f"c{n}" for n in range(11) for _ in range(2)]


async def test_what_was_said_in_the_session_before_stands_in_front() -> None:
    before = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "yes?"}]
    talk = Talk(GOAL, earlier=before)

    assert (await talk.heard([]))[:2] == before


async def test_each_item_is_recorded_once_as_it_was_said() -> None:
    kept = Kept()
    talk = Talk(GOAL, record=kept, room_tokens=100)

    await talk.heard([])
    await talk.heard(call(0))
    await talk.end_stint([*call(0), *call(1)])
    await talk.say("Mend it.")
    for number in range(2, 30):
        await talk.heard(call(number))
        await talk.end_stint()
    talk.compact()
    await talk.heard(call(30))

    said = [{"role": "user", "content": GOAL}, *call(0), *call(1)]
    said += [{"role": "user", "content": "Mend it."}]
    said += [item for number in range(2, 31) for item in call(number)]
    assert kept.items == said


async def test_results_of_long_ago_become_short_when_the_room_is_half_full() -> None:
    talk = await talked(40, room_tokens=40_000)

    outputs = [item["output"] for item in talk.items if "output" in item]
    assert "characters left out" in outputs[0]
    assert outputs[-1] == LONG
    assert len(outputs) == 40


async def test_while_there_is_room_nothing_is_cut() -> None:
    talk = await talked(40)

    assert all(item["output"] == LONG for item in talk.items if "output" in item)


async def test_a_decision_is_never_cut() -> None:
    talk = Talk(GOAL, room_tokens=100)
    decision = "we raise ValueError, " + "because " * 100
    now = call(0, "decide", LONG, decision=decision)
    for number in range(1, 30):
        now += call(number)
    await talk.end_stint(now)

    while talk.compact():
        pass

    assert decision in json.dumps(talk.items)


async def test_decisions_and_plans_survive_however_often_the_talk_is_cut() -> None:
    talk = Talk(GOAL, shorter="short")
    plan = {"type": "message", "role": "assistant", "content": [{"text": "First the loader."}]}
    await talk.end_stint([plan])
    for number in range(120):
        one = (
            call(number, "decide", "noted", decision=f"decision {number}")
            if number % 10 == 0
            else call(number)
        )
        await talk.end_stint(one)
        if number % 15 == 14:
            talk.compact()

    while talk.compact():
        pass

    said = json.dumps(talk.items)
    assert all(f"decision {number}" in said for number in range(0, 120, 10))
    assert "First the loader." in said


async def test_small_steps_can_be_cut_too() -> None:
    talk = Talk(GOAL)
    for number in range(60):
        await talk.end_stint(call(number, output="fine"))
    sizes = [len(json.dumps(talk.items))]

    while talk.compact():
        sizes.append(len(json.dumps(talk.items)))

    assert sizes[-1] < sizes[0] / 8


async def test_a_notice_stands_behind_what_a_paused_stint_holds_and_is_recorded_once() -> None:
    kept = Kept()
    talk = Talk(GOAL, record=kept)
    talk.resume([], heard_now=2)
    talk.notice("app.py has changed")

    first = await talk.heard([*call(0), *call(1)])
    second = await talk.heard([*call(0), *call(1), *call(2)])
    await talk.end_stint()

    assert first[-1]["content"] == "app.py has changed"
    assert [item.get("call_id", "notice") for item in second[1:]] == [
        *["c0"] * 2, *["c1"] * 2, "notice", *["c2"] * 2,
    ]  # fmt: skip
    notice = {"role": "user", "content": "app.py has changed"}
    assert kept.items == [*call(1), notice, *call(2)]


async def test_the_goal_stays_however_often_the_talk_is_made_shorter() -> None:
    talk = await talked(50)
    sizes = [len(json.dumps(await talk.heard([])))]
    while talk.compact():
        sizes.append(len(json.dumps(await talk.heard([]))))

    assert (await talk.heard([]))[0]["content"] == GOAL
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 25_000
    assert not talk.compact()


async def test_what_is_left_out_is_told_in_brief() -> None:
    talk = await talked(50)
    for _ in range(4):
        talk.compact()

    (digest,) = [item for item in talk.items if "in brief" in str(item.get("content"))][:1]
    assert "read_file" in digest["content"]
    assert "0.py" in digest["content"]


@given(st.lists(st.sampled_from(["call", "pair", "say", "cut"]), max_size=40), st.integers(1, 5))
@pytest.mark.filterwarnings("ignore")
async def test_no_call_is_ever_parted_from_its_result(steps: list[str], stint: int) -> None:
    talk = Talk(GOAL, room_tokens=2_000)
    now: list[Item] = []
    for number, step in enumerate(steps):
        if step == "pair":  # two calls in one answer
            (one, its), (other, result) = call(number), call(1_000 + number)
            now += [one, other, its, result]
        elif step == "call":
            now += call(number)
        if step == "say" or number % stint == 0:
            await talk.end_stint(now)
            now = []
            await talk.say(f"message {number}")
        if step == "cut":
            await talk.end_stint(now)
            now = []
            talk.compact()

    told = (await talk.heard(now))[1:]

    assert repaired(told) == told
