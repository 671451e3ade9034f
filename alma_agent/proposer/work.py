"""Stint after stint, until the draft can be proposed; what fails in between is mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from agents import Agent, AgentsException, UserError

from alma_agent.errors import AlmaError
from alma_agent.proposer.agents import Team
from alma_agent.proposer.asked_models import AskedModels
from alma_agent.proposer.limits import Meter
from alma_agent.proposer.objections import Objections
from alma_agent.proposer.stint import StintEnd, Stints
from alma_agent.proposer.tools import Desk
from alma_agent.proposer.wire import explained, is_context_overflow
from toolset.errors import ToolsetError

_NONSENSE = 2  # answers of a model that the SDK cannot make sense of, before the run is given up


@dataclass
class Work:
    """What a team makes of a talk. Raises AlmaError for all that stops it."""

    stints: Stints
    team: Team
    objections: Objections
    models: AskedModels
    meter: Meter
    nonsense_left: int = _NONSENSE

    async def done(self, agent: Agent[Desk], state: dict[str, Any] | None) -> str:
        """Work until the draft can be proposed; return the model's last words.

        `agent` begins; `state` is what a paused stint left.
        """
        desk, talk = self.stints.desk, self.stints.talk
        while True:
            end = await self._survived(agent, state)
            agent, state = end.agent, None
            if not end.is_done:
                continue
            if agent is not self.team.editor:
                agent = self.team.editor  # a plan in words is a plan, too
                await talk.say("The plan stands above. Carry it out.")
                continue
            said = desk.finished if desk.finished is not None else end.text
            if not (problem := await self.objections.to(said)):
                return "\n".join([said.strip(), *self.objections.remarks])
            desk.finished = None
            await talk.say(problem)

    async def _survived(self, agent: Agent[Desk], state: dict[str, Any] | None) -> StintEnd:
        """Run a stint; where the endpoint fails or cannot take the talk, mend that and go on."""
        talk = self.stints.talk
        while True:
            try:
                with _told():
                    return await self.stints.run(agent, state)
            except _Failed as failed:
                error = failed.error
                await talk.end_stint()
                state, agent = None, self.team.called(self.meter.agent) or agent
                if is_context_overflow(error) and talk.compact():
                    self.stints.observer.step("the conversation was too long: it is made shorter")
                elif _is_nonsense(error) and self.nonsense_left:
                    self.nonsense_left -= 1
                    await talk.say(
                        f"Your last answer could not be used: {error}. It was left out. Call one "
                        "of the tools, or finish."
                    )
                else:
                    raise explained(error, self.models.of(self.meter.agent)) from error


def _is_nonsense(error: Exception) -> bool:
    """Say whether the model is to blame; a `UserError` is alma's own."""
    return isinstance(error, AgentsException) and not isinstance(error, UserError)


class _Failed(Exception):
    """The SDK, the endpoint or a library failed; not alma."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def _told() -> Iterator[None]:
    """Let alma's own errors pass; wrap what the SDK, the endpoint and whatever else raises."""
    try:
        yield
    except (AlmaError, ToolsetError, TimeoutError):
        raise
    except Exception as error:  # the SDK lets whatever it stumbles over pass
        raise _Failed(error) from error
