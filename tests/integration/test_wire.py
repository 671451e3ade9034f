"""What endpoints do to a run, over real HTTP: in both protocols, whole and streamed.

A runner of the SDK with two plain tools stands for alma's; between it and the endpoint is what is
tested here.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import openai
import pytest
from agents import (
    Agent,
    Model,
    ModelResponse,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from agents.exceptions import ModelBehaviorError
from agents.run_config import CallModelData, ModelInputData
from agents.testing import ScriptedModel, assistant_message

from alma_agent.proposer.wire import (
    CutOff,
    NoAnswer,
    SturdyModel,
    TooLongToWait,
    is_context_overflow,
    is_transient,
    retry_settings,
    usage_is_unknown,
)
from alma_agent.testing import SilentObserver
from tests.model_server import (
    OVERFLOWS,
    Answer,
    Call,
    Cut,
    Fail,
    Garble,
    Hangup,
    ModelServer,
    Say,
    Step,
    model_server,
)

KEY = "sk-secret-0123456789"
PAGE = "<html><body><h1>It works!</h1></body></html>"


@dataclass(frozen=True)
class Way:
    """How the endpoint is asked."""

    api: str
    stream: bool

    def __str__(self) -> str:
        return f"{self.api}, {'streamed' if self.stream else 'whole'}"


WAYS = [Way(api, stream) for api in ("chat", "responses") for stream in (False, True)]
CHATS = [way for way in WAYS if way.api == "chat"]
STREAMS = [way for way in WAYS if way.stream]
every_way = pytest.mark.parametrize("way", WAYS, ids=str)


class Heard(SilentObserver):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, what: str) -> None:
        self.steps.append(what)


@dataclass
class Ran:
    """What came of a run."""

    answer: str = ""
    called: list[str] = field(default_factory=list)
    deltas: list[str] = field(default_factory=list)
    done: list[Any] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    responses: list[ModelResponse] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)


@pytest.fixture(autouse=True)
def _no_tracing() -> None:
    set_tracing_disabled(True)


@asynccontextmanager
async def model_at(url: str, way: Way) -> AsyncIterator[Model]:
    plain = openai.DefaultAsyncHttpxClient(verify=False)  # certificates take long to load
    async with openai.AsyncOpenAI(
        api_key=KEY, base_url=url, max_retries=0, http_client=plain
    ) as client:
        kind = OpenAIChatCompletionsModel if way.api == "chat" else OpenAIResponsesModel
        yield kind("small", client)


async def ran(
    server: ModelServer,
    way: Way,
    *,
    wrap: Callable[[Model], Model] = lambda model: SturdyModel(model, secrets=(KEY,)),
    seconds_left: float = 60.0,
    goal: str = "Note what you find.",
    model: Model | None = None,
    forgets: bool = False,
) -> Ran:
    async with model_at(server.url, way) as at:
        return await _ran(way, wrap(model or at), seconds_left, goal, forgets=forgets)


async def _ran(way: Way, model: Model, seconds_left: float, goal: str, *, forgets: bool) -> Ran:
    told = Ran()

    def note(text: str) -> str:
        """Note something."""
        told.called.append(text)
        return f"noted {text}"

    def look() -> str:
        """Look around."""
        told.called.append("looked")
        return "nothing there"

    observer = Heard()
    settings = ModelSettings(
        include_usage=True,
        retry=retry_settings(lambda: seconds_left, observer, first_wait_s=0.001),
    )
    agent = Agent[None](
        "tester",
        instructions=f"You are a tester. Never say {KEY}.",
        tools=[function_tool(note), function_tool(look)],
        model=model,
        model_settings=settings,
    )
    config = RunConfig(
        tool_not_found_behavior="return_error_to_model",
        call_model_input_filter=_only_the_goal if forgets else None,
    )
    result: Any
    try:
        if way.stream:
            result = Runner.run_streamed(agent, goal, run_config=config)
            async for event in result.stream_events():
                said = event.data if event.type == "raw_response_event" else None
                if said is not None and said.type.endswith("text.delta"):
                    told.deltas.append(said.delta)
                if said is not None and said.type == "response.output_item.done":
                    told.done.append(said.item)
        else:
            result = await Runner.run(agent, goal, run_config=config)
    finally:
        told.waits = observer.steps
    told.answer = str(result.final_output)
    told.responses = result.raw_responses
    told.items = result.to_input_list()
    return told


def _only_the_goal(data: CallModelData[Any]) -> ModelInputData:
    return ModelInputData(data.model_data.input[:1], data.model_data.instructions)


async def ran_at(steps: Sequence[Step], way: Way, **kwargs: Any) -> tuple[Ran, ModelServer]:
    with model_server(steps) as server:
        return await ran(server, way, **kwargs), server


def calls_sent(server: ModelServer) -> list[Any]:
    """Return the calls that the last request held, in either protocol's form."""
    body = server.requests[-1]
    chat = [c for m in body.get("messages", ()) for c in m.get("tool_calls") or ()]
    items = [i for i in body.get("input", ()) if i.get("type") == "function_call"]
    return [{"id": c["id"], **c["function"]} for c in chat] + [
        {"id": i["call_id"], "name": i["name"], "arguments": i["arguments"]} for i in items
    ]


# --- ids

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


# --- calls and their arguments


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
async def test_reasoning_beside_an_answer_is_no_answer_s_harm(way: Way) -> None:
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


# --- answers that are none


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


# --- what is shown, what is hidden


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


# --- asking again


@every_way
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
async def test_an_endpoint_that_fails_for_now_is_asked_again(way: Way, status: int) -> None:
    told, server = await ran_at([Fail(status), Fail(status), Say("Done.")], way)

    assert (told.answer, len(server.requests)) == ("Done.", 3)
    assert told.responses[0].usage.requests == 3


@every_way
@pytest.mark.parametrize(
    "failure",
    [
        *(Fail(status) for status in (400, 401, 403, 404, 422, 501)),
        Fail(429, "You exceeded your current quota", code="insufficient_quota"),
        Fail(503, headers={"Retry-After-Ms": "1", "x-should-retry": "false"}),
    ],
    ids=lambda failure: f"{failure.status} {failure.code or ''}",
)
async def test_what_will_not_mend_itself_is_not_asked_again(way: Way, failure: Fail) -> None:
    with model_server([failure]) as server, pytest.raises(openai.APIStatusError):
        await ran(server, way)

    assert len(server.requests) == 1


@every_way
async def test_an_endpoint_that_goes_on_failing_is_asked_five_times(way: Way) -> None:
    with model_server([Fail(500)]) as server, pytest.raises(openai.InternalServerError):
        await ran(server, way)

    assert len(server.requests) == 5


@every_way
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Retry-After": "0.001"}, id="seconds"),
        pytest.param({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, id="a date gone by"),
        pytest.param({"retry-after-ms": "1", "Retry-After": "900"}, id="milliseconds first"),
        pytest.param({"Retry-After": "soon"}, id="no number"),
        pytest.param({}, id="not said"),
    ],
)
async def test_the_wait_is_what_the_endpoint_asks_for(way: Way, headers: dict[str, str]) -> None:
    told, _ = await ran_at([Fail(429, headers=headers), Say("Done.")], way)

    assert told.answer == "Done."
    assert told.waits == ["waiting a moment: the endpoint is busy"]


@every_way
@pytest.mark.parametrize("form", ["seconds", "date", "endless"])
async def test_a_wait_longer_than_the_run_is_not_waited_for(way: Way, form: str) -> None:
    asked = {"seconds": "3600", "endless": "inf", "date": formatdate(4_000_000_000, usegmt=True)}
    busy = Fail(429, headers={"Retry-After": asked[form]})
    with model_server([busy]) as server, pytest.raises(TooLongToWait, match="60 s left") as told:
        await ran(server, way)

    assert len(server.requests) == 1
    assert not is_transient(told.value)


@every_way
async def test_a_run_without_time_does_not_ask_again(way: Way) -> None:
    with model_server([Fail(500, headers={})]) as server, pytest.raises(openai.InternalServerError):
        await ran(server, way, seconds_left=0.0)

    assert len(server.requests) == 1


@pytest.mark.parametrize("way", CHATS, ids=str)
async def test_an_error_inside_a_good_status_is_asked_again(way: Way) -> None:
    """A gateway's form: 200, and in it what its provider said."""
    error = {"error": {"message": "Provider returned error", "code": 502}}
    body = f"data: {json.dumps(error)}\n\n" if way.stream else json.dumps(error)
    kind = "text/event-stream" if way.stream else "application/json"
    told, server = await ran_at([Garble(body, kind), Say("Done.")], way)

    assert (told.answer, len(server.requests)) == ("Done.", 2)


# --- a talk that is too long


@pytest.mark.parametrize("server_name", list(OVERFLOWS))
async def test_an_overflow_is_known_in_each_server_s_words(server_name: str) -> None:
    with model_server([OVERFLOWS[server_name]]) as server, pytest.raises(Exception) as told:  # noqa: PT011
        await ran(server, Way("chat", stream=False))

    assert is_context_overflow(told.value)
    assert not is_transient(told.value)
    assert len(server.requests) == 1


@every_way
async def test_an_overflow_is_known_however_it_is_asked(way: Way) -> None:
    with model_server([OVERFLOWS["llama.cpp, older"]]) as server, pytest.raises(Exception) as told:  # noqa: PT011
        await ran(server, way)

    assert is_context_overflow(told.value)
    assert len(server.requests) == 1
