"""What a run has used, and the moment to stop: before the next call, not after it."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

from agents import Agent, ModelResponse, RunContextWrapper, RunHooks, Tool, TResponseInputItem

from alma_agent.errors import LimitReached, UsageError
from alma_agent.ports import Observer
from alma_agent.proposer.pricing import price
from alma_agent.proposer.tools import Desk
from alma_agent.records import Limits, Usage


class Meter(RunHooks[Desk]):
    """Counts a run's calls, tokens and money, and raises LimitReached before the next call.

    Raises UsageError at once if money is limited and the model's price is unknown.
    """

    def __init__(
        self, limits: Limits, model: str, base_url: str | None, observer: Observer
    ) -> None:
        self.usage = Usage()
        self._limits = limits
        self._model = model
        self._base_url = base_url
        self._observer = observer
        self._started = time.monotonic()
        if limits.usd is not None and self._price(1, 0, 1) is None:
            raise UsageError(
                f"The run is limited to ${limits.usd:g}, but the price of {model} is unknown here. "
                "Take the limit on money away (and limit --max-turns or --max-seconds), or choose "
                "another model."
            )

    def require_room(self) -> None:
        """Raise LimitReached if another call would pass a limit."""
        used, limits = self.usage, self._limits
        if used.requests >= limits.turns:
            self._stop(f"{limits.turns} turns", "--max-turns")
        if self.seconds_left <= 0:
            self._stop(f"{limits.seconds:g} seconds", "--max-seconds")
        if limits.usd is not None and used.usd is not None and used.usd >= Decimal(str(limits.usd)):
            self._stop(f"${limits.usd:g}", "--max-usd")

    @property
    def seconds_left(self) -> float:
        return self._limits.seconds - (time.monotonic() - self._started)

    async def on_llm_start(
        self,
        context: RunContextWrapper[Desk],  # noqa: ARG002
        agent: Agent[Desk],  # noqa: ARG002
        system_prompt: str | None,  # noqa: ARG002
        input_items: list[TResponseInputItem],  # noqa: ARG002
    ) -> None:
        self.require_room()
        self._observer.step(f"asking {self._model} (turn {self.usage.requests + 1})")

    async def on_llm_end(
        self,
        context: RunContextWrapper[Desk],  # noqa: ARG002
        agent: Agent[Desk],  # noqa: ARG002
        response: ModelResponse,
    ) -> None:
        tokens = response.usage
        cached = tokens.input_tokens_details.cached_tokens or 0
        cost = self._price(tokens.input_tokens, cached, tokens.output_tokens)
        before = self.usage
        self.usage = replace(
            before,
            requests=before.requests + 1,
            input_tokens=before.input_tokens + tokens.input_tokens,
            cached_tokens=before.cached_tokens + cached,
            output_tokens=before.output_tokens + tokens.output_tokens,
            usd=None if before.usd is None or cost is None else before.usd + cost,
        )

    async def on_tool_start(
        self,
        context: RunContextWrapper[Desk],  # noqa: ARG002
        agent: Agent[Desk],  # noqa: ARG002
        tool: Tool,
    ) -> None:
        self._observer.step(tool.name.replace("_", " "))

    def _price(self, tokens_in: int, cached: int, tokens_out: int) -> Decimal | None:
        return price(
            self._model, self._base_url, tokens_in=tokens_in, cached=cached, tokens_out=tokens_out
        )

    def _stop(self, limit: str, flag: str) -> None:
        raise LimitReached(
            f"The run stopped at its limit of {limit}, after {self.usage.requests} calls. "
            f"Nothing was written. Raise it with {flag}, or make the task smaller."
        )
