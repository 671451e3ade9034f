"""What models call, and how, over real HTTP: in both protocols, whole and streamed."""

from __future__ import annotations

import json

import pytest
from agents.exceptions import ModelBehaviorError

from tests.integration.wire_runs import (
    CHATS,
    STREAMS,
    Way,
    calls_sent,
    every_way,
    ran,
    ran_at,
)
from tests.model_server import (
    Answer,
    Call,
    Cut,
    Garble,
    Say,
    model_server,
)

TWICE = Answer(calls=[Call("note", {"text": "a"}, id="x"), Call("note", {"text": "b"}, id="x")])


@every_way
async def test_without_mending_an_id_used_twice_ends_the_run(way: Way) -> None:
    """What mending is for: when this fails, the SDK has learned to, and some of it can go."""
    with model_server([TWICE, Say("Done.")]) as server, pytest.raises(ModelBehaviorError):
        await ran(server, way, wrap=lambda model: model)


@every_way
async def test_without_mending_a_call_under_a_known_id_is_left_out_without_a_word(way: Way) -> None:
    call = Call("look", {}, id="call_0")
    told, _ = await ran_at([call, call, Say("Done.")], way, wrap=lambda model: model)

    assert told.called == ["looked"]


@every_way
@pytest.mark.parametrize(
    "ids",
    [("x", "x"), ("", ""), ("", "x"), ("x" * 60, "x" * 60)],
    ids=["the same", "empty", "one empty", "too long"],
)
async def test_every_call_of_a_reply_is_carried_out(way: Way, ids: tuple[str, str]) -> None:
    calls = [Call("note", {"text": text}, id=own) for text, own in zip("ab", ids, strict=True)]
    told, server = await ran_at([Answer(calls=calls), Say("Done.")], way)

    assert told.called == ["a", "b"]
    sent = [call["id"] for call in calls_sent(server)]
    assert len(set(sent)) == 2
    assert all(0 < len(one) <= 40 for one in sent)


@every_way
async def test_calls_without_the_field_of_an_id_are_carried_out(way: Way) -> None:
    calls = [Call("note", {"text": text}, no_id=True) for text in "ab"]
    told, _ = await ran_at([Answer(calls=calls), Say("Done.")], way)

    assert told.called == ["a", "b"]


@every_way
async def test_an_id_that_comes_at_every_turn_is_another_call_each_time(way: Way) -> None:
    call = Call("look", {}, id="call_0")
    told, server = await ran_at([call, call, call, Say("Done.")], way)

    assert told.called == ["looked"] * 3
    assert len({call["id"] for call in calls_sent(server)}) == 3


@every_way
async def test_an_id_is_known_though_a_filter_left_its_call_out(way: Way) -> None:
    call = Call("look", {}, id="call_0")
    told, _ = await ran_at([call, call, Say("Done.")], way, forgets=True)

    assert told.called == ["looked"] * 2


@pytest.mark.parametrize("way", STREAMS, ids=str)
async def test_a_stream_tells_each_item_once_and_as_the_runner_takes_it(way: Way) -> None:
    broken = Cut(TWICE, -1)
    told, _ = await ran_at([broken, TWICE, Say("Done.")], way)

    sent = [item["call_id"] for item in told.items if item.get("type") == "function_call"]
    assert [item.call_id for item in told.done if item.type == "function_call"] == sent


@every_way
async def test_one_call_sent_twice_is_carried_out_once(way: Way) -> None:
    call = Call("note", {"text": "a"}, id="x")
    told, _ = await ran_at([Answer(calls=[call, call]), Say("Done.")], way)

    assert told.called == ["a"]


@every_way
@pytest.mark.parametrize("pieces", [2, 50])
async def test_arguments_that_come_in_pieces_are_put_together(way: Way, pieces: int) -> None:
    calls = [Call("note", {"text": "a long one"}), Call("note", {"text": "another"})]
    told, _ = await ran_at([Answer(calls=calls, pieces=pieces), Say("Done.")], way)

    assert told.called == ["a long one", "another"]


@every_way
@pytest.mark.parametrize(
    "arguments",
    ['```json\n{"text": "a"}\n```', json.dumps('{"text": "a"}')],
    ids=["fenced", "encoded twice"],
)
async def test_arguments_that_are_nearly_json_are_mended(way: Way, arguments: str) -> None:
    told, server = await ran_at([Call("note", arguments), Say("Done.")], way)

    assert told.called == ["a"]
    assert json.loads(calls_sent(server)[0]["arguments"]) == {"text": "a"}


@every_way
async def test_no_arguments_at_all_are_none(way: Way) -> None:
    told, _ = await ran_at([Call("look", ""), Say("Done.")], way)

    assert told.called == ["looked"]


@every_way
async def test_arguments_in_doubt_are_told_to_the_model_and_sent_back_as_json(way: Way) -> None:
    told, server = await ran_at(
        [Call("note", "{text: a}"), Call("note", {"text": "b"}), Say("Done.")], way
    )

    assert told.called == ["b"]
    assert json.loads(calls_sent(server)[0]["arguments"]) == {"unreadable": "{text: a}"}


@every_way
async def test_a_tool_that_does_not_exist_is_told_to_the_model(way: Way) -> None:
    told, server = await ran_at([Call("rm rf!", {}), Call("look"), Say("Done.")], way)

    assert told.called == ["looked"]
    assert calls_sent(server)[0]["name"] == "rm_rf_"


@every_way
async def test_a_name_with_its_namespace_is_the_tool_s(way: Way) -> None:
    told, _ = await ran_at([Call("functions.look"), Say("Done.")], way)

    assert told.called == ["looked"]


@pytest.mark.parametrize("way", CHATS, ids=str)
async def test_a_call_cut_off_at_the_limit_of_length_is_told_so(way: Way) -> None:
    half = Answer(calls=[Call("note", '{"text": "a very lo')], finish="length")
    told, server = await ran_at([half, Call("note", {"text": "short"}), Say("Done.")], way)

    assert told.called == ["short"]
    assert "broke off in the middle" in json.dumps(server.requests[1])
    assert "unreadable" in calls_sent(server)[0]["arguments"]


@every_way
async def test_a_call_spoken_in_prose_is_carried_out(way: Way) -> None:
    spoken = '<tool_call>\n{"name": "note", "arguments": {"text": "a"}}\n</tool_call>'
    told, server = await ran_at([Say(spoken), Say("Done.")], way)

    assert (told.called, told.answer) == (["a"], "Done.")
    assert [call["name"] for call in calls_sent(server)] == ["note"]


@every_way
async def test_prose_that_shows_a_call_is_an_answer(way: Way) -> None:
    prose = 'Send {"name": "note", "arguments": {"text": "a"}} to note it.'
    told, _ = await ran_at([Say(prose)], way)

    assert (told.called, told.answer) == ([], prose)


@every_way
async def test_reasoning_beside_an_answer_does_no_harm(way: Way) -> None:
    steps = [Answer(calls=[Call("look")], reasoning="Let me look.", pieces=3), Say("Done.")]
    told, _ = await ran_at(steps, way)

    assert (told.called, told.answer) == (["looked"], "Done.")


@pytest.mark.parametrize("index", [None, 0], ids=["no index", "always 0"])
async def test_calls_of_a_stream_are_told_apart_without_their_index(index: int | None) -> None:
    def delta(id: str, text: str) -> str:
        function = {"name": "note", "arguments": json.dumps({"text": text})}
        call = {"id": id, "type": "function", "function": function}
        call |= {} if index is None else {"index": index}
        choice = {"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}
        return f"data: {json.dumps({'id': '1', 'choices': [choice]})}\n\n"

    end = {"id": "1", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}
    body = delta("x", "a") + delta("y", "b") + f"data: {json.dumps(end)}\n\ndata: [DONE]\n\n"
    steps = [Garble(body, "text/event-stream"), Say("Done.")]
    told, _ = await ran_at(steps, Way("chat", stream=True))

    assert told.called == ["a", "b"]


async def test_arguments_sent_as_an_object_are_taken() -> None:
    call = {"id": "x", "type": "function", "function": {"name": "note", "arguments": {"text": "a"}}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    body = {"id": "1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    told, _ = await ran_at([Garble(json.dumps(body)), Say("Done.")], Way("chat", stream=False))

    assert told.called == ["a"]
