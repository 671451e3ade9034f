"""What a crash may leave of a conversation, and what the next model call is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma_agent.memory.sessions.conversation import said
from alma_agent.proposer.history import INTERRUPTED, Item, latest, repaired


def user(text: str) -> Item:
    return {"role": "user", "content": text}


def answer(text: str, id: str = "__fake_id__") -> Item:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": id, "role": "assistant", "content": [part]}


def call(id: str, name: str = "load", arguments: str = "{}", kind: str = "function_call") -> Item:
    return {"type": kind, "call_id": id, "name": name, "arguments": arguments}


def output(id: str, text: str = "rows", kind: str = "function_call_output") -> Item:
    return {"type": kind, "call_id": id, "output": text}


def thought(id: str) -> Item:
    return {"type": "reasoning", "id": id, "summary": []}


WHOLE = [
    user("load it"),
    thought("r1"),
    call("c1"),
    call("c2", "save"),
    output("c1"),
    output("c2"),
    answer("done", "m1"),
    user("again"),
    answer("yes", "m2"),
]


def test_a_whole_conversation_stays_as_it_is() -> None:
    assert repaired(WHOLE) == WHOLE


@pytest.mark.parametrize(
    ("left", "sent"),
    [
        pytest.param(
            [user("a"), call("c1")],
            [user("a"), call("c1"), output("c1", INTERRUPTED)],
            id="a call that was not answered",
        ),
        pytest.param(
            [user("a"), call("c1"), call("c2"), output("c2"), user("b")],
            [user("a"), call("c1"), call("c2"), output("c1", INTERRUPTED), output("c2"), user("b")],
            id="one of two that was not",
        ),
        pytest.param([user("a"), output("c1"), user("b")], [user("a"), user("b")],
                     id="an output without its call"),
        pytest.param([output("c1"), call("c1")], [call("c1"), output("c1", INTERRUPTED)],
                     id="an output before its call"),
        pytest.param([call("c1"), user("b"), output("c1")], [call("c1"), output("c1"), user("b")],
                     id="an output that came late"),
        pytest.param([call("c1"), call("c1"), output("c1"), output("c1")],
                     [call("c1"), output("c1")], id="everything twice"),
        pytest.param(
            [call("c1"), output("c1", "1"), call("c1"), output("c1", "2")],
            [call("c1"), output("c1", "1"), call("c1_2"), output("c1_2", "2")],
            id="another call under the same id",
        ),
        pytest.param([user("a"), thought("r1")], [user("a")], id="a thought that led to nothing"),
        pytest.param([user("a"), thought("r1"), call("c1", kind="computer_call")], [user("a")],
                     id="a call whose output cannot be made up goes, with its thought"),
        pytest.param([None, "text", 3, [], {}, {"seq": 1}, user("a")], [user("a")], id="no items"),
        pytest.param([answer("a", "m1"), answer("a", "m1"), answer("b", "m1")],
                     [answer("a", "m1"), {k: v for k, v in answer("b").items() if k != "id"}],
                     id="messages under one id"),
    ],
)  # fmt: skip
def test_what_a_crash_leaves_is_mended(left: list[Any], sent: list[Item]) -> None:
    assert repaired(left) == sent


@pytest.mark.parametrize("arguments", ['{"path": "a', "", "nonsense", None])
def test_half_arguments_become_json(arguments: Any) -> None:
    made = repaired([call("c1", arguments=arguments), output("c1")])[0]["arguments"]

    assert json.loads(made) == ({"unreadable": arguments} if arguments else {})


def test_the_latest_items_have_no_output_without_its_call() -> None:
    assert latest(WHOLE, 6) == [WHOLE[3], WHOLE[5], *WHOLE[6:]]
    assert latest(WHOLE, 0) == []
    assert latest(WHOLE, 100) == WHOLE


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (user("hello"), ("user", "hello")),
        (answer("hello"), ("assistant", "hello")),
        ({"role": "user", "content": [{"text": "a"}, {"type": "input_image"}]}, ("user", "a")),
        (call("c1"), None),
        (user("  "), None),
        ({"role": "user"}, None),
    ],
)  # fmt: skip
def test_what_an_item_says(item: Item, expected: tuple[str, str] | None) -> None:
    assert said(item) == expected


_ANY_ITEM = st.one_of(
    st.sampled_from(["a", "b"]).map(user),
    st.builds(answer, st.just("x"), st.sampled_from(["m1", "m2", "__fake_id__"])),
    st.builds(call, st.sampled_from(["c1", "c2"]), st.sampled_from(["f", "g"])),
    st.sampled_from(["c1", "c2"]).map(output),
    st.sampled_from(["r1", "r2"]).map(thought),
)


@given(st.lists(_ANY_ITEM, max_size=12))
def test_whatever_is_left_a_model_takes_it(items: list[Item]) -> None:
    sent = repaired(items)

    calls = [item["call_id"] for item in sent if item.get("type") == "function_call"]
    outputs = [item["call_id"] for item in sent if item.get("type") == "function_call_output"]
    ids = [item["id"] for item in sent if item.get("id", "__fake_id__") != "__fake_id__"]
    assert len(calls) == len(set(calls))
    assert sorted(calls) == sorted(outputs)
    assert len(ids) == len(set(ids))
    assert [item for item in sent if item.get("role") == "user"] == [
        item for item in items if item.get("role") == "user"
    ]
    assert repaired(sent) == sent
    for at, item in enumerate(sent):
        if item.get("type") == "function_call_output":
            before = [one for one in sent[:at] if one.get("call_id") == item["call_id"]]
            assert len(before) == 1
