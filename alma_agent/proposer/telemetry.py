"""Spans of a run, by OpenTelemetry's GenAI conventions: what was asked, how long, how many tokens.

Off unless ALMA_OTEL is set; then nothing of OpenTelemetry's SDK is loaded. What was said stays out,
unless the conventions' own variable asks for it.

Source: github.com/open-telemetry/semantic-conventions-genai, docs/gen-ai (spans `gen_ai.client.
inference`, `invoke_agent`, `execute_tool`, `invoke_workflow`).
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents import Agent, ModelResponse, RunContextWrapper, RunHooks, Tool, TResponseInputItem

from alma_agent.config import ModelChoice
from alma_agent.proposer import span_content, span_export
from alma_agent.proposer.span_attributes import Attributes, answered, asked
from alma_agent.redact import redacted

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

_OTHER = "_OTHER"  # the conventions' word for an error that nobody named
_WORKFLOW, _AGENT, _CHAT, _TOOL = "invoke_workflow", "invoke_agent", "chat", "execute_tool"


class Together(RunHooks[Any]):
    """Calls several hooks, one after another. What the first raises keeps it from the next."""

    def __init__(self, *hooks: RunHooks[Any]) -> None:
        self.hooks = hooks

    async def on_llm_start(self, *args: Any, **kwargs: Any) -> None:
        await self._each(lambda one: one.on_llm_start(*args, **kwargs))

    async def on_llm_end(self, *args: Any, **kwargs: Any) -> None:
        await self._each(lambda one: one.on_llm_end(*args, **kwargs))

    async def on_agent_start(self, *args: Any, **kwargs: Any) -> None:
        await self._each(lambda one: one.on_agent_start(*args, **kwargs))

    async def on_agent_end(self, *args: Any, **kwargs: Any) -> None:
        await self._each(lambda one: one.on_agent_end(*args, **kwargs))

    async def on_handoff(self, *args: Any, **kwargs: Any) -> None:
        await self._each(lambda one: one.on_handoff(*args, **kwargs))

    async def on_tool_start(self, *args: Any, **kwargs: Any) -> None:
        await self._each(lambda one: one.on_tool_start(*args, **kwargs))

    async def on_tool_end(self, *args: Any, **kwargs: Any) -> None:
        await self._each(lambda one: one.on_tool_end(*args, **kwargs))

    async def _each(self, call: Callable[[RunHooks[Any]], Awaitable[None]]) -> None:
        for one in self.hooks:
            await call(one)


@contextmanager
def watched(
    hooks: RunHooks[Any],
    choices: Mapping[str, ModelChoice],
    task_id: str = "",
    *,
    environ: Mapping[str, str] = os.environ,
) -> Iterator[RunHooks[Any]]:
    """Yield the hooks, and spans after them if ALMA_OTEL is set; then send away what is left.

    `choices` says whose model is which, by the agent's name; the empty name is everybody else's.
    Raises UsageError.
    """
    made = span_export.provider(environ)
    if made is None:
        yield hooks
        return
    spans = Spans(
        made.get_tracer("alma_agent"), choices, with_content=span_content.is_wanted(environ)
    )
    try:
        with spans.task(task_id):
            yield Together(hooks, spans)
    finally:
        made.shutdown()


@dataclass(frozen=True, slots=True)
class _Open:
    kind: str
    name: str
    span: Span


class Spans(RunHooks[Any]):
    """Opens a span when something begins and closes it when that ends.

    What is open lies in a stack, since a run does one thing at a time. What ended without a word
    (a call that failed, a stint out of turns) is closed by what begins next, or with the task.
    """

    def __init__(
        self, tracer: Tracer, choices: Mapping[str, ModelChoice], *, with_content: bool = False
    ) -> None:
        self._tracer = tracer
        self._choices = choices
        self._with_content = with_content
        self._open: list[_Open] = []
        self._conversation: Attributes = {}

    @contextmanager
    def task(self, id: str = "") -> Iterator[None]:
        """Hold the span that all others lie in. An error that passes through ends them with it."""
        self._conversation = {"gen_ai.conversation.id": id} if id else {}
        self._begin(_WORKFLOW, "alma", {"gen_ai.workflow.name": "alma"})
        try:
            yield
        except BaseException as error:
            self._lose_from(0, error)
            raise
        self._lose_from(1)
        self._end_at(0)

    def failed(self, error: BaseException) -> None:
        """Close what is open but for the task's own span: a stint has ended with this."""
        self._lose_from(1, error)

    async def on_agent_start(self, context: Any, agent: Any) -> None:  # noqa: ARG002
        # An agent that is a tool begins within that tool's span; another where the former was.
        self._lose_from(self._after_last(_TOOL, _WORKFLOW))
        told = {**asked(self._choice(agent.name)), "gen_ai.agent.name": agent.name}
        self._begin(_AGENT, agent.name, told)

    async def on_agent_end(self, context: Any, agent: Any, output: Any) -> None:  # noqa: ARG002
        self._end(_AGENT, agent.name)

    async def on_handoff(
        self,
        context: RunContextWrapper[Any],  # noqa: ARG002
        from_agent: Any,
        to_agent: Any,  # noqa: ARG002
    ) -> None:
        self._end(_AGENT, from_agent.name)

    async def on_llm_start(
        self,
        context: RunContextWrapper[Any],  # noqa: ARG002
        agent: Agent[Any],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        self._lose_from(self._after_last(_AGENT, _TOOL, _WORKFLOW))
        told = {**asked(self._choice(agent.name)), "gen_ai.agent.name": agent.name}
        told["gen_ai.request.stream"] = self._choice(agent.name).stream
        span = self._begin(_CHAT, str(told["gen_ai.request.model"]), told)
        if self._with_content:
            self._say(span, "gen_ai.input.messages", span_content.messages(input_items))
            if system_prompt:
                said = span_content.instructions(system_prompt)
                self._say(span, "gen_ai.system_instructions", said)

    async def on_llm_end(
        self,
        context: RunContextWrapper[Any],  # noqa: ARG002
        agent: Agent[Any],  # noqa: ARG002
        response: ModelResponse,
    ) -> None:
        if (at := self._last(_CHAT)) is None:
            return
        span = self._open[at].span
        span.set_attributes(answered(response))
        if self._with_content:
            self._say(span, "gen_ai.output.messages", span_content.messages(response.output))
        self._end_at(at)

    async def on_tool_start(self, context: Any, agent: Any, tool: Tool) -> None:  # noqa: ARG002
        self._lose_from(self._after_last(_AGENT, _TOOL, _WORKFLOW))
        told: Attributes = {"gen_ai.tool.name": tool.name, "gen_ai.tool.type": "function"}
        if call_id := getattr(context, "tool_call_id", ""):
            told["gen_ai.tool.call.id"] = call_id
        span = self._begin(_TOOL, tool.name, told)
        if self._with_content:
            said = str(getattr(context, "tool_arguments", ""))
            self._say(span, "gen_ai.tool.call.arguments", said)

    async def on_tool_end(
        self,
        context: Any,  # noqa: ARG002
        agent: Any,  # noqa: ARG002
        tool: Tool,
        result: object,
    ) -> None:
        if (at := self._last(_TOOL, tool.name)) is None:
            return
        if self._with_content:
            self._say(self._open[at].span, "gen_ai.tool.call.result", str(result))
        self._end_at(at)

    def _begin(self, kind: str, name: str, told: Attributes) -> Span:
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind, set_span_in_context

        # Never what surrounds the process: that is somebody else's trace.
        where = set_span_in_context(self._open[-1].span, Context()) if self._open else Context()
        span = self._tracer.start_span(
            f"{kind} {name}",
            where,
            SpanKind.CLIENT if kind == _CHAT else SpanKind.INTERNAL,
            {"gen_ai.operation.name": kind, **self._conversation, **told},
        )
        self._open.append(_Open(kind, name, span))
        return span

    def _end(self, kind: str, name: str) -> None:
        if (at := self._last(kind, name)) is not None:
            self._end_at(at)

    def _end_at(self, index: int) -> None:
        """Close a span that ended well, after whatever was left open in it."""
        self._lose_from(index + 1)
        self._open.pop().span.end()

    def _lose_from(self, index: int, error: BaseException | None = None) -> None:
        """Close what was opened at `index` and later, and never said that it ended.

        A call that says nothing has failed; an agent may only have run out of turns. The error's
        text stays out: it may hold what was said, or a key.
        """
        from opentelemetry.trace import Status, StatusCode

        while len(self._open) > index:
            one = self._open.pop()
            if error is not None or one.kind in (_CHAT, _TOOL):
                one.span.set_attribute("error.type", type(error).__qualname__ if error else _OTHER)
                one.span.set_status(Status(StatusCode.ERROR))
            one.span.end()

    def _last(self, kind: str, name: str | None = None) -> int | None:
        found = (
            at
            for at in range(len(self._open) - 1, -1, -1)
            if self._open[at].kind == kind and name in (None, self._open[at].name)
        )
        return next(found, None)

    def _after_last(self, *kinds: str) -> int:
        found = [at for at, one in enumerate(self._open) if one.kind in kinds]
        return found[-1] + 1 if found else 0

    def _choice(self, agent: str) -> ModelChoice:
        return self._choices.get(agent) or self._choices[""]

    def _say(self, span: Span, attribute: str, text: str) -> None:
        for choice in self._choices.values():
            text = choice.hiding(text)
        span.set_attribute(attribute, redacted(text))
