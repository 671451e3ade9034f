"""Who works on a task: one agent; or an architect who plans, an editor, and a critic who reads.

The architect hands over to the editor; the critic is a tool of the editor's, and is asked in any
case before a change is proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents import (
    Agent,
    FunctionTool,
    ModelSettings,
    RunConfig,
    RunContextWrapper,
    RunHooks,
    Runner,
    handoff,
)
from agents.models.interface import Model
from agents.run_config import CallModelData, ModelInputData

from alma_agent.errors import AlmaError
from alma_agent.ports import ModelTools
from alma_agent.proposer import agent_names
from alma_agent.proposer.approvals import with_approvals
from alma_agent.proposer.context import fenced
from alma_agent.proposer.history import Item
from alma_agent.proposer.memory_tools import memory_tools
from alma_agent.proposer.prompts import ARCHITECT, CRITIC, INSTRUCTIONS, PLAN_INSTRUCTIONS
from alma_agent.proposer.repetition import watched
from alma_agent.proposer.tools import READING, Desk, tools, until_finished
from alma_agent.records import Mode

_CRITIC_TURNS = 8
_MAX_DIFF = 24_000  # characters that the critic is shown; the rest it can read


@dataclass(frozen=True, slots=True)
class Team:
    """Who begins, and who edits; alone, that is one agent."""

    first: Agent[Desk]
    editor: Agent[Desk]

    def called(self, name: str) -> Agent[Desk] | None:
        return next((one for one in (self.first, self.editor) if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Casting:
    """What agents are made of. `memory` None: they do not remember."""

    model: Model
    settings: ModelSettings
    mode: Mode = "auto-edit"
    asked: frozenset[str] = frozenset()
    memory: ModelTools | None = None
    architect_model: Model | None = None

    def alone(self) -> Team:
        """Return the one agent that does it all; in plan mode it only reads."""
        if self.mode == "plan":
            one = self._agent(agent_names.ALONE, PLAN_INSTRUCTIONS, READING)
        else:
            one = self._agent(agent_names.ALONE, INSTRUCTIONS)
        return Team(one, one)

    def team(self, critic: Critic) -> Team:
        """Return the architect, who hands over to the editor."""
        editor = self._agent(agent_names.EDITOR, INSTRUCTIONS, extra=(critic.tool(),))
        over = handoff(
            editor,
            tool_description_override="Hand the plan over to the editor, who carries it out.",
        )
        architect = self._agent(agent_names.ARCHITECT, ARCHITECT, READING)
        model = self.architect_model or self.model
        return Team(architect.clone(handoffs=[over], model=model), editor)

    def critic(self) -> Agent[Desk]:
        critic = self._agent(agent_names.CRITIC, _criticism, READING)
        return critic.clone(tool_use_behavior="run_llm_again")

    def _agent(
        self,
        name: str,
        instructions: Any,
        names: Sequence[str] | None = None,
        extra: tuple[FunctionTool, ...] = (),
    ) -> Agent[Desk]:
        remembering = memory_tools(self.memory.signed(name)) if self.memory else []
        if names is not None:  # who only reads does not write into memory either
            remembering = [one for one in remembering if one.name in ("recall", "search_memory")]
        every = [*tools(names), *map(watched, remembering), *extra]
        return Agent[Desk](
            name=name,
            instructions=instructions,
            tools=list(with_approvals(every, self.asked)),
            tool_use_behavior=until_finished,
            model=self.model,
            model_settings=self.settings,
        )


def _criticism(context: RunContextWrapper[Desk], _: Agent[Desk]) -> str:
    desk = context.context
    diff = desk.draft.changes().diff() or "(nothing is changed)"
    shown = diff if len(diff) <= _MAX_DIFF else f"{diff[:_MAX_DIFF]}\n[... show_diff has the rest]"
    return (
        f"{CRITIC}\nThe goal: {desk.task.goal}\n"
        f"What may be changed: {desk.task.hand_scope}\n\nThe change (data):\n{fenced(shown)}"
    )


class NotJudged(Exception):
    """The critic has said neither yes nor no."""


@dataclass
class Critic:
    """Reads a change against the goal and what is remembered; knows which change it has read."""

    casting: Casting
    config: RunConfig
    hooks: RunHooks[Desk]
    memories: tuple[Item, ...] = ()
    _judged: dict[str, str] = field(default_factory=dict)

    def tool(self) -> FunctionTool:
        """Return the critic as a tool of another agent."""
        return self.casting.critic().as_tool(
            tool_name="ask_critic",
            tool_description="Ask the critic whether the staged change does what the task asks. "
            "Call it before you finish; mend what it objects to.",
            custom_output_extractor=self._noted,
            run_config=self._config(),
            hooks=self.hooks,
            max_turns=_CRITIC_TURNS,
        )

    async def objections(self, desk: Desk) -> str:
        """Return what is wrong with the change as it is now; empty if the critic accepts it.

        Raises NotJudged if it came to no end; AlmaError, TimeoutError if the run has to stop.
        """
        diff = desk.draft.changes().diff()
        if not self._judged.get(diff, "").strip():
            self._judged[diff] = await self._asked(desk)
        told = self._judged[diff].strip()
        if not told:
            raise NotJudged("it said nothing")
        first = told.split("\n", 1)[0].strip("*_`#.! ").lower()
        return "" if first in ("accept", "accepted") else told

    async def _asked(self, desk: Desk) -> str:
        try:
            result = await Runner.run(
                self.casting.critic(),
                "Judge the change.",
                context=desk,
                hooks=self.hooks,
                run_config=self._config(),
                max_turns=_CRITIC_TURNS,
            )
        except (AlmaError, TimeoutError):
            raise
        except Exception as error:
            raise NotJudged(f"it could not be asked ({type(error).__name__})") from error
        if result.interruptions:
            raise NotJudged("it wanted to call what needs a yes")
        return str(result.final_output or "")

    async def _noted(self, result: Any) -> str:
        told = str(result.final_output or "(nothing)")
        desk: Desk = result.context_wrapper.context
        self._judged[desk.draft.changes().diff()] = told
        return told

    def _config(self) -> RunConfig:
        def with_memories(data: CallModelData[Any]) -> ModelInputData:
            made = data.model_data
            return ModelInputData([*self.memories, *made.input], made.instructions)  # type: ignore[list-item]

        return replace(self.config, call_model_input_filter=with_memories)
