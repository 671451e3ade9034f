"""A run for tests of the wire: the SDK's runner with two plain tools stands for alma's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
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
from agents.run_config import CallModelData, ModelInputData

from alma_agent.proposer.wire import SturdyModel, retry_settings
from alma_agent.testing import SilentObserver
from tests.model_server import ModelServer, Step, model_server

KEY = "sk-secret-0123456789"


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
    set_tracing_disabled(True)
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
