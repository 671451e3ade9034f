"""What a run has used, and the moment to stop: before the next call, not after it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from decimal import Decimal

from agents import Agent, ModelResponse, RunContextWrapper, RunHooks, Tool, TResponseInputItem
from agents.models.default_models import get_default_model

from alma_agent.config import ModelChoice
from alma_agent.errors import LimitReached, UsageError
from alma_agent.ports import Observer
from alma_agent.proposer import agent_names
from alma_agent.proposer.pricing import price
from alma_agent.proposer.tools import Desk
from alma_agent.proposer.wire import usage_is_unknown
from alma_agent.records import Limits, Usage

_CHARACTERS_PER_TOKEN = 4


class Clock:
    """The seconds of a run. What a person takes to answer does not count."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._timeout: asyncio.Timeout | None = None

    @property
    def left(self) -> float:
        return self._end - time.monotonic()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Stop whatever waits inside when the time is over. Raises LimitReached then."""
        try:
            async with asyncio.timeout(self.left) as self._timeout:
                yield
        except TimeoutError as error:
            raise LimitReached(
                f"The run stopped at its limit of {self._seconds:g} seconds. Nothing was written. "
                "Raise it with --max-seconds."
            ) from error

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let no time pass while a person is asked."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._end += time.monotonic() - began
            if self._timeout is not None and not self._timeout.expired():
                self._timeout.reschedule(asyncio.get_running_loop().time() + self.left)


class Meter(RunHooks[Desk]):
    """Counts a run's calls, tokens and money, and raises LimitReached before the next call.

    `choices` says whose model is which, by the agent's name; the empty name is everybody else's.
    Raises UsageError at once if money is limited and a model's price is unknown.
    """

    def __init__(
        self, limits: Limits, choices: Mapping[str, ModelChoice], observer: Observer
    ) -> None:
        self.usage = Usage()
        self.clock = Clock(limits.seconds)
        self.agent = ""  # who was asked last; a critic is asked by another
        self._input: tuple[str | None, list[TResponseInputItem]] = (None, [])
        self._limits = limits
        self._choices = choices
        self._observer = observer
        self._asked = time.monotonic()
        for choice in choices.values() if limits.usd is not None else ():
            if cost(choice, Usage(1, 1, 0, 1)) is None:
                name = model_name(choice)
                raise UsageError(
                    f"The run is limited to ${limits.usd:g}, but the price of {name} is unknown "
                    "here. Take the limit on money away (and limit --max-turns, "
                    "--max-tokens or --max-seconds), or choose another model."
                )

    def require_room(self) -> None:
        """Raise LimitReached if another call would pass a limit."""
        used, limits = self.usage, self._limits
        if used.requests >= limits.turns:
            self._stop(f"{limits.turns} turns", "--max-turns")
        if self.seconds_left <= 0:
            self._stop(f"{limits.seconds:g} seconds", "--max-seconds")
        if limits.tokens is not None and used.input_tokens + used.output_tokens >= limits.tokens:
            self._stop(f"{limits.tokens:,} tokens", "--max-tokens")
        if limits.usd is not None and used.usd is not None and used.usd >= Decimal(str(limits.usd)):
            self._stop(f"${limits.usd:g}", "--max-usd")

    @property
    def seconds_left(self) -> float:
        return self.clock.left

    async def on_llm_start(
        self,
        context: RunContextWrapper[Desk],
        agent: Agent[Desk],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        if agent.name != agent_names.CRITIC:
            self.agent = agent.name
        self._input = (system_prompt, input_items)
        self.require_room()
        context.context.repetitions.require_progress()
        self._asked = time.monotonic()
        whom = model_name(self._choice_of(agent))
        role = (
            f" as {agent.name}" if len(self._choices) > 1 or agent.name != agent_names.ALONE else ""
        )
        self._observer.step(f"asking {whom}{role} (turn {self.usage.requests + 1})")

    async def on_llm_end(
        self,
        context: RunContextWrapper[Desk],  # noqa: ARG002
        agent: Agent[Desk],
        response: ModelResponse,
    ) -> None:
        call = self._counted(response)
        call = replace(call, usd=cost(self._choice_of(agent), call))
        self._observer.spent(call, time.monotonic() - self._asked)
        self.usage = self.usage + call

    async def on_tool_start(
        self,
        context: RunContextWrapper[Desk],  # noqa: ARG002
        agent: Agent[Desk],  # noqa: ARG002
        tool: Tool,
    ) -> None:
        self._observer.step(tool.name.replace("_", " "))

    def _counted(self, response: ModelResponse) -> Usage:
        """Return the tokens of a call; by length where the endpoint does not say."""
        tokens = response.usage
        if usage_is_unknown(response):
            prompt, items = self._input
            size_in = len(prompt or "") + len(json.dumps(items, default=str))
            size_out = len(json.dumps([one.model_dump() for one in response.output], default=str))
            return Usage(1, size_in // _CHARACTERS_PER_TOKEN, 0, size_out // _CHARACTERS_PER_TOKEN)
        cached = tokens.input_tokens_details.cached_tokens or 0
        return Usage(1, tokens.input_tokens, cached, tokens.output_tokens)

    def _choice_of(self, agent: Agent[Desk]) -> ModelChoice:
        return self._choices.get(agent.name, self._choices[""])

    def _stop(self, limit: str, flag: str) -> None:
        raise LimitReached(
            f"The run stopped at its limit of {limit}, after {self.usage.requests} calls. "
            f"Nothing was written. Raise it with {flag}, or make the task smaller."
        )


def model_name(choice: ModelChoice) -> str:
    return choice.name or get_default_model()


def cost(choice: ModelChoice, call: Usage) -> Decimal | None:
    """Return US dollars for a call's tokens, or None if nobody knows the price."""
    return price(
        model_name(choice),
        choice.base_url,
        tokens_in=call.input_tokens,
        cached=call.cached_tokens,
        tokens_out=call.output_tokens,
        provider=choice.provider,
    )
