"""Answers that are none, or less than they seem; and keys, which are in none."""

from __future__ import annotations

import json

import pytest
from agents.testing import ScriptedModel, assistant_message

from alma_agent.proposer.timed_model import TimedModel
from alma_agent.proposer.wire import (
    CutOff,
    NoAnswer,
    SturdyModel,
    is_transient,
    usage_is_unknown,
)
from tests.integration.wire_runs import (
    CHATS,
    KEY,
    STREAMS,
    WAYS,
    Way,
    every_way,
    ran,
    ran_at,
)
from tests.model_server import (
    Answer,
    Call,
    Cut,
    Garble,
    Hangup,
    Say,
    Step,
    model_server,
)

PAGE = "<html><body><h1>It works!</h1></body></html>"


@every_way
@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(Garble(PAGE, "text/html"), id="a page"),
        pytest.param(Garble(PAGE), id="a page that says it is JSON"),
        pytest.param(Garble('{"id": "1", "choi'), id="half of JSON"),
        pytest.param(Garble("{}"), id="an empty object"),
        pytest.param(Garble(""), id="nothing"),
        pytest.param(Garble("[]"), id="a list"),
        pytest.param(Garble("data: {oops\n\n", "text/event-stream"), id="an event of nonsense"),
        pytest.param(Hangup(), id="a dead line"),
        pytest.param(Cut(Say("Hello, I am here."), 60), id="a break"),
        pytest.param(Cut(Say("Hello, I am here."), 60, clean=True), id="an early end"),
    ],
)
async def test_nonsense_is_asked_again(way: Way, nonsense: Step) -> None:
    told, server = await ran_at([nonsense, Say("Done.")], way)

    assert (told.answer, len(server.requests)) == ("Done.", 2)
    assert len(told.waits) == 1


@every_way
async def test_nonsense_without_end_is_raised_as_such(way: Way) -> None:
    with model_server([Garble(PAGE, "text/html")]) as server, pytest.raises(NoAnswer) as told:
        await ran(server, way)

    assert len(server.requests) == 3
    assert is_transient(told.value)


@pytest.mark.parametrize("clean", [True, False], ids=["ends", "breaks"])
@pytest.mark.parametrize("way", STREAMS, ids=str)
async def test_a_stream_that_stops_in_the_middle_of_a_call_is_asked_again(
    way: Way, clean: bool
) -> None:
    """The runner would not: words were shown already. And what looks whole must not run."""
    half = Cut(Answer("Let me", calls=[Call("note", {"text": "a"})], pieces=9), 1700, clean=clean)
    told, server = await ran_at([half, Call("note", {"text": "b"}), Say("Done.")], way)

    assert (told.called, told.answer) == (["b"], "Done.")
    assert len(server.requests) == 3
    assert told.deltas


@pytest.mark.parametrize("at", range(1, 1400, 233))
@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_wherever_an_answer_breaks_the_run_comes_to_the_same(way: Way, at: int) -> None:
    call = Answer("Now.", calls=[Call("note", {"text": "a"})], pieces=2)
    told, _ = await ran_at([Cut(call, at), call, Say("Done.")], way)

    assert (set(told.called), told.answer) == ({"a"}, "Done.")


@pytest.mark.parametrize("way", STREAMS, ids=str)
async def test_a_stream_that_never_says_how_it_ended_is_no_answer(way: Way) -> None:
    silent = Answer("So far so", finish=None, usage=None)
    told, server = await ran_at([silent, Say("Done.")], way)

    assert (told.answer, len(server.requests)) == ("Done.", 2)


async def test_a_stream_is_listened_to_through_a_model_that_holds_another() -> None:
    silent = Answer("So far so", finish=None, usage=None)
    way = Way("chat", stream=True)
    told, _ = await ran_at(
        [silent, Say("Done.")], way, wrap=lambda model: SturdyModel(TimedModel(model, 9.0))
    )

    assert told.answer == "Done."


@pytest.mark.parametrize("way", [w for w in WAYS if w.api == "responses"], ids=str)
async def test_a_response_that_failed_is_asked_again(way: Way) -> None:
    told, server = await ran_at([Answer("So far", finish="failed"), Say("Done.")], way)

    assert (told.answer, len(server.requests)) == ("Done.", 2)


@every_way
async def test_a_reply_that_is_empty_but_counted_is_an_answer(way: Way) -> None:
    told, server = await ran_at([Say("")], way)

    assert (told.answer, len(server.requests)) == ("", 1)


async def test_a_model_that_says_nothing_at_all_gave_no_answer() -> None:
    with model_server([Say("")]) as server:
        model = ScriptedModel([[], [assistant_message("Done.")]])
        told = await ran(server, Way("chat", stream=False), model=model)

    assert told.answer == "Done."


@every_way
async def test_an_answer_that_the_limit_of_length_ate_is_asked_for_in_less_words(way: Way) -> None:
    eaten = Answer(reasoning="Hm. " * 9, finish="length")
    told, server = await ran_at([eaten, Say("Done.")], way)

    assert (told.answer, len(server.requests)) == ("Done.", 2)
    assert "Think and say less" in json.dumps(server.requests[1])


@every_way
async def test_an_answer_that_the_limit_eats_again_is_raised(way: Way) -> None:
    eaten = Answer(reasoning="Hm. " * 9, finish="length")
    with model_server([eaten]) as server, pytest.raises(CutOff) as told:
        await ran(server, way)

    assert len(server.requests) == 2
    assert not is_transient(told.value)


@pytest.mark.parametrize("way", CHATS, ids=str)
async def test_a_text_that_was_cut_off_says_so(way: Way) -> None:
    told, _ = await ran_at([Answer("I have done", finish="length")], way)

    assert told.answer.startswith("I have done\n[The answer was cut off here")


@every_way
async def test_an_endpoint_that_does_not_count_is_told_from_one_that_counts(way: Way) -> None:
    told, _ = await ran_at([Answer(calls=[Call("look")], usage=None), Say("Done.")], way)

    assert [usage_is_unknown(response) for response in told.responses] == [True, False]
    assert told.responses[0].usage.total_tokens == 0


@pytest.mark.parametrize("way", STREAMS, ids=str)
async def test_deltas_are_passed_on_as_they_come(way: Way) -> None:
    told, _ = await ran_at([Answer("One, two, three.", pieces=5, pause=0.001)], way)

    assert (len(told.deltas), "".join(told.deltas)) == (4, "One, two, three.")


@every_way
async def test_no_key_is_sent_or_repeated(way: Way) -> None:
    steps = [
        Call("note", {"text": f"the key {KEY}"}),
        Answer(f"It is {KEY}, or so.", pieces=20),
    ]
    told, server = await ran_at(steps, way, goal=f"What is {KEY}?")

    assert KEY not in server.heard
    assert "What is [key]?" in server.heard
    assert told.called == ["the key [key]"]
    assert told.answer == "It is [key], or so."
    assert KEY not in "".join(told.deltas)
    assert not told.deltas or "".join(told.deltas) == told.answer


@every_way
async def test_short_words_are_no_secrets(way: Way) -> None:
    told, server = await ran_at(
        [Say("An ollama.")], way, wrap=lambda model: SturdyModel(model, secrets=("ollama", ""))
    )

    assert told.answer == "An ollama."
    assert len(server.requests) == 1
