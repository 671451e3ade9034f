"""A stretch of a run by the SDK's loop: a few turns, and the talk grows by what they brought.

The SDK looks at all its items at each turn, so its cost per turn grows with them. Here it only ever
holds the last few turns; the rest of the talk goes in by the filter that it calls before the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from agents import Agent, RunConfig, RunHooks, Runner, RunState, TResponseInputItem
from agents.run_config import CallModelData, ModelInputData
from agents.run_error_handlers import RunErrorHandlerResult
from openai.types.responses import ResponseCreatedEvent, ResponseTextDeltaEvent

from alma_agent.errors import NeedsHuman
from alma_agent.ports import Approver, Observer, ToolRequest
from alma_agent.proposer.approvals import answered
from alma_agent.proposer.history import Item
from alma_agent.proposer.limits import Clock
from alma_agent.proposer.talk import Talk
from alma_agent.proposer.tools import Desk

TURNS = 8


@dataclass(frozen=True, slots=True)
class StintEnd:
    """How a stint ended: who spoke last, and what they said if they were done."""

    agent: Agent[Desk]
    is_done: bool
    text: str = ""


class Waiting(NeedsHuman):
    """Calls of tools need a yes, and nobody is there. `state` is the SDK's, as JSON.

    `agent` is the one that the stint began with, which the state is read back with.
    """

    def __init__(self, requests: Sequence[ToolRequest], state: dict[str, Any], agent: str) -> None:
        self.requests = tuple(requests)
        self.state = state
        self.agent = agent
        names = ", ".join(one.tool for one in requests)
        super().__init__(f"The model wants to call {names}, and nobody is there to say yes.")


@dataclass(frozen=True, slots=True)
class Stints:
    """Runs an agent over a talk, a stint at a time."""

    talk: Talk
    desk: Desk
    config: RunConfig
    hooks: RunHooks[Desk]
    approver: Approver | None
    observer: Observer
    clock: Clock
    stream: bool = False

    async def run(self, agent: Agent[Desk], state: dict[str, Any] | None = None) -> StintEnd:
        """Let the agent work for some turns. `state` is what a paused stint left.

        Raises Waiting, what the hooks and tools raise, and what the SDK and the endpoint do.
        """
        begun: Any = [self.talk.opening]
        if state is not None:
            begun = await RunState.from_json(agent, state, context_override=cast(Any, self.desk))
            await self._decide(agent, begun.get_interruptions(), begun)
        out_of_turns: list[bool] = []
        result = await self._go(agent, begun, out_of_turns)
        while result.interruptions:
            begun = result.to_state()
            await self._decide(agent, result.interruptions, begun)
            result = await self._go(agent, begun, out_of_turns)
        await self.talk.end_stint(cast(list[Item], result.to_input_list()[1:]))
        last: Agent[Desk] = result.last_agent
        return StintEnd(last, not out_of_turns, str(result.final_output or ""))

    async def _decide(
        self, agent: Agent[Desk], waiting: Sequence[Any], state: RunState[Any, Any]
    ) -> None:
        with self.clock.stopped():
            open_ = await answered(waiting, state, self.approver)
        if open_:
            told = state.to_json(context_serializer=lambda _: {})
            raise Waiting(open_, told, agent.name)

    async def _go(self, agent: Agent[Desk], begun: Any, out_of_turns: list[bool]) -> Any:
        def rest(_: Any) -> RunErrorHandlerResult:
            out_of_turns.append(True)
            return RunErrorHandlerResult("", include_in_history=False)

        given: dict[str, Any] = {
            "context": self.desk,
            "hooks": self.hooks,
            "max_turns": TURNS,
            "run_config": self._config(),
            "error_handlers": {"max_turns": rest},
        }
        if not self.stream:
            return await Runner.run(agent, begun, **given)
        result = Runner.run_streamed(agent, begun, **given)
        spoken = False
        try:
            async for event in result.stream_events():
                said = event.data if event.type == "raw_response_event" else None
                if isinstance(said, ResponseTextDeltaEvent) and said.delta:
                    self.observer.said(said.delta)
                    spoken = True
                elif spoken and (said is None or isinstance(said, ResponseCreatedEvent)):
                    self.observer.said("")  # it is done, or broke off and begins again
                    spoken = False
        finally:
            if spoken:
                self.observer.said("")
        return result

    def _config(self) -> RunConfig:
        async def whole(data: CallModelData[Any]) -> ModelInputData:
            now = cast(list[Item], data.model_data.input[1:])
            told = await self.talk.heard(now)
            return ModelInputData(
                cast(list[TResponseInputItem], told), data.model_data.instructions
            )

        self.config.call_model_input_filter = whole
        return self.config
