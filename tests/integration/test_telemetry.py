"""Spans of the real SDK's runs, kept in memory by OpenTelemetry's own exporter."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from agents import Agent, RunConfig, RunHooks, Runner, function_tool, handoff
from agents.exceptions import MaxTurnsExceeded
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from agents.usage import Usage
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from alma_agent.config import ModelChoice
from alma_agent.errors import LimitReached, UsageError
from alma_agent.proposer.telemetry import Spans, Together, watched
from tests.integration.guards import no_connection_but_to

KEY = "sk-secret-of-a-test"
CHOICE = ModelChoice("small", "http://localhost:8080/v1", KEY)
ADD = function_call("add", {"a": 1, "b": 2}, call_id="call-1")


@function_tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class Watch:
    """Spans, and what they left."""

    def __init__(self, *, with_content: bool = False) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        tracer = provider.get_tracer("test")
        self.spans = Spans(tracer, {"": CHOICE}, with_content=with_content)

    @property
    def finished(self) -> Sequence[ReadableSpan]:
        return sorted(self.exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    @property
    def tree(self) -> list[str]:
        """Return the spans' names in the order they began, each with a dot for its depth."""
        finished = self.finished
        parents = {span.context.span_id: span.parent and span.parent.span_id for span in finished}

        def depth(id: int | None) -> int:
            return 0 if id is None else 1 + depth(parents[id])

        return ["." * (depth(one.context.span_id) - 1) + one.name for one in finished]

    def named(self, name: str) -> dict[str, Any]:
        return next(dict(one.attributes or {}) for one in self.finished if one.name == name)

    @property
    def errors(self) -> dict[str, Any]:
        return {
            one.name: (one.attributes or {}).get("error.type")
            for one in self.finished
            if not one.status.is_ok
        }


def agent(steps: Sequence[Any], name: str = "alma", **more: Any) -> Agent[Any]:
    scripted = [one if isinstance(one, ModelStep) else [one] for one in steps]
    return Agent(name=name, model=ScriptedModel(scripted), tools=more.pop("tools", [add]), **more)


async def work(watch: Watch, one: Agent[Any], *before: RunHooks[Any], **more: Any) -> Any:
    config = RunConfig(tracing_disabled=True)
    hooks = Together(*before, watch.spans)
    return await Runner.run(one, "Add 1 and 2.", hooks=hooks, run_config=config, **more)


async def test_a_run_is_a_tree_of_spans() -> None:
    watch = Watch()

    with watch.spans.task("task-1"):
        await work(watch, agent([ADD, assistant_message("Three.")]))

    assert watch.tree == [
        "invoke_workflow alma",
        ".invoke_agent alma",
        "..chat small",
        "..execute_tool add",
        "..chat small",
    ]
    assert watch.errors == {}


async def test_what_the_spans_say() -> None:
    watch = Watch()
    usage = Usage(
        requests=1,
        input_tokens=100,
        input_tokens_details=InputTokensDetails(cached_tokens=60, cache_write_tokens=0),
        output_tokens=10,
        output_tokens_details=OutputTokensDetails(reasoning_tokens=4),
        total_tokens=110,
    )
    step = ModelStep([assistant_message("Three.")], usage=usage, response_id="resp-1")

    with watch.spans.task("task-1"):
        await work(watch, agent([ADD, step]))

    *_, last = [dict(one.attributes or {}) for one in watch.finished]
    assert last == {
        "gen_ai.operation.name": "chat",
        "gen_ai.conversation.id": "task-1",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "small",
        "gen_ai.request.stream": False,
        "gen_ai.agent.name": "alma",
        "server.address": "localhost",
        "server.port": 8080,
        "gen_ai.response.id": "resp-1",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10,
        "gen_ai.usage.cache_read.input_tokens": 60,
        "gen_ai.usage.reasoning.output_tokens": 4,
    }
    assert watch.named("execute_tool add") == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.conversation.id": "task-1",
        "gen_ai.tool.name": "add",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": "call-1",
    }


async def test_a_handoff_ends_one_agent_s_span_before_the_next() -> None:
    watch = Watch()
    editor = agent([ADD, assistant_message("Three.")], "editor")
    to_editor = function_call("transfer_to_editor", {}, call_id="call-0")

    with watch.spans.task():
        await work(watch, agent([to_editor], "architect", handoffs=[handoff(editor)]))

    assert watch.tree == [
        "invoke_workflow alma",
        ".invoke_agent architect",
        "..chat small",
        ".invoke_agent editor",
        "..chat small",
        "..execute_tool add",
        "..chat small",
    ]


async def test_an_agent_that_is_a_tool_lies_in_the_tool_s_span() -> None:
    watch = Watch()
    critic = agent([ADD, assistant_message("Good.")], "critic").as_tool(
        "review", "Review.", hooks=watch.spans, run_config=RunConfig(tracing_disabled=True)
    )
    review = function_call("review", {"input": "it"}, call_id="call-0")

    with watch.spans.task():
        await work(watch, agent([review, assistant_message("Done.")], tools=[critic]))

    assert watch.tree == [
        "invoke_workflow alma",
        ".invoke_agent alma",
        "..chat small",
        "..execute_tool review",
        "...invoke_agent critic",
        "....chat small",
        "....execute_tool add",
        "....chat small",
        "..chat small",
    ]


async def test_each_stint_has_a_span_of_its_own() -> None:
    watch = Watch()

    with watch.spans.task():
        for _ in range(2):
            with pytest.raises(MaxTurnsExceeded):
                await work(watch, agent([ADD]), max_turns=1)

    stint = [".invoke_agent alma", "..chat small", "..execute_tool add"]
    assert watch.tree == ["invoke_workflow alma", *stint, *stint]
    assert watch.errors == {}


async def test_a_call_that_fails_is_closed_by_what_begins_next() -> None:
    watch = Watch()

    with watch.spans.task():
        with pytest.raises(ConnectionError):
            await work(watch, agent([ModelStep.raise_error(ConnectionError("gone"))]))
        await work(watch, agent([assistant_message("Here.")], "again"))

    assert watch.tree[1:] == [
        ".invoke_agent alma", "..chat small", ".invoke_agent again", "..chat small",
    ]  # fmt: skip
    assert watch.errors == {"chat small": "_OTHER"}


async def test_a_failure_that_is_told_gives_the_error_s_name() -> None:
    watch = Watch()

    with watch.spans.task():
        with pytest.raises(ConnectionError) as failure:
            await work(watch, agent([ModelStep.raise_error(ConnectionError("gone"))]))
        watch.spans.failed(failure.value)

    assert watch.errors == {
        "chat small": "ConnectionError", "invoke_agent alma": "ConnectionError",
    }  # fmt: skip


@pytest.mark.parametrize("error", [ConnectionError(f"gone with {KEY}"), TimeoutError()])
async def test_an_error_closes_every_span_and_leaves_its_text_out(error: Exception) -> None:
    watch = Watch()
    kind = type(error).__name__

    with pytest.raises(type(error)), watch.spans.task():
        await work(watch, agent([ModelStep.raise_error(error)]))

    assert watch.errors == {
        "invoke_workflow alma": kind, "invoke_agent alma": kind, "chat small": kind,
    }  # fmt: skip
    assert KEY not in "".join(span.to_json() for span in watch.finished)


async def test_what_a_hook_before_refuses_has_no_span() -> None:
    class Meter(RunHooks[Any]):
        async def on_llm_start(self, *_: Any) -> None:
            raise LimitReached("enough")

    watch = Watch()

    with pytest.raises(LimitReached), watch.spans.task():
        await work(watch, agent([assistant_message("Never.")]), Meter())

    assert watch.tree == ["invoke_workflow alma", ".invoke_agent alma"]


async def test_hooks_are_called_in_their_order() -> None:
    heard: list[str] = []

    class Noting(RunHooks[Any]):
        def __init__(self, name: str) -> None:
            self.name = name

        async def on_tool_start(self, *_: Any) -> None:
            heard.append(f"{self.name} starts")

        async def on_tool_end(self, *_: Any) -> None:
            heard.append(f"{self.name} ends")

    await work(Watch(), agent([ADD, assistant_message("3")]), Noting("a"), Noting("b"))

    assert heard == ["a starts", "b starts", "a ends", "b ends"]


async def test_what_was_said_stays_out() -> None:
    watch = Watch()

    with watch.spans.task():
        await work(watch, agent([ADD, assistant_message("Three.")], instructions="Be kind."))

    said = "".join(span.to_json() for span in watch.finished)
    assert not [word for word in ("Add 1", "Three.", "Be kind", '"a"') if word in said]


async def test_what_was_said_is_kept_if_asked_for_without_keys() -> None:
    watch = Watch(with_content=True)
    answer = assistant_message(f"The key is {KEY}.")

    with watch.spans.task():
        await work(watch, agent([ADD, answer], instructions="Be kind."))

    *_, tool, chat = [dict(one.attributes or {}) for one in watch.finished]
    assert tool["gen_ai.tool.call.arguments"] == '{"a":1,"b":2}'
    assert tool["gen_ai.tool.call.result"] == "3"
    assert json.loads(chat["gen_ai.system_instructions"]) == [
        {"type": "text", "content": "Be kind."}
    ]
    assert json.loads(chat["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "Add 1 and 2."}]},
        {
            "role": "assistant",
            "parts": [
                {
                    "type": "tool_call",
                    "id": "call-1",
                    "name": "add",
                    "arguments": '{"a":1,"b":2}',
                }
            ],
        },
        {
            "role": "tool",
            "parts": [{"type": "tool_call_response", "id": "call-1", "response": "3"}],
        },
    ]
    assert json.loads(chat["gen_ai.output.messages"]) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "The key is [key]."}]}
    ]


async def test_spans_go_to_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "spans.jsonl"
    meter: RunHooks[Any] = RunHooks()

    with watched(meter, {"": CHOICE}, "t", environ={"ALMA_OTEL": f"file:{path}"}) as hooks:
        config = RunConfig(tracing_disabled=True)
        await Runner.run(agent([assistant_message("3")]), "Add.", hooks=hooks, run_config=config)

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["name"] for line in lines] == [
        "chat small", "invoke_agent alma", "invoke_workflow alma",
    ]  # fmt: skip
    assert lines[0]["resource"]["attributes"]["service.name"] == "alma"
    assert path.stat().st_mode & 0o777 == 0o600
    assert KEY not in path.read_text()


@pytest.mark.parametrize("target", ["jaeger", "file:", "otlp:x", "file:/no/such/folder/x"])
def test_a_target_that_nobody_knows_is_refused(target: str) -> None:
    with (
        pytest.raises(UsageError, match="ALMA_OTEL"),
        watched(RunHooks(), {"": CHOICE}, environ={"ALMA_OTEL": target}),
    ):
        pass


@pytest.mark.parametrize("environ", [{}, {"ALMA_OTEL": ""}, {"ALMA_OTEL": "off"}])
def test_off_it_is_not_there_at_all(environ: dict[str, str]) -> None:
    meter: RunHooks[Any] = RunHooks()

    with (
        no_connection_but_to() as refused,
        watched(meter, {"": CHOICE}, environ=environ) as hooks,
    ):
        assert hooks is meter

    assert refused == []


def test_off_opentelemetry_s_sdk_is_not_loaded() -> None:
    code = """
import sys
from agents import RunHooks
from alma_agent.config import ModelChoice
from alma_agent.proposer import providers, telemetry
with telemetry.watched(RunHooks(), {"": ModelChoice("m", None, "k")}, environ={}):
    loaded = [one for one in sys.modules if one.startswith("opentelemetry.")]
print([one for one in loaded if one.split(".")[1] in ("sdk", "exporter", "proto")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
