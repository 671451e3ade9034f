"""A task becomes a proposal by way of the OpenAI Agents SDK.

The SDK runs the loop, a stint at a time; the tools stage edits on a draft; memory goes into each
call by a filter, so that it is never saved with the conversation. Whatever stops a run, what it had
made is kept. Tracing, which would send the conversation to a third party, is off.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from agents import (
    Agent,
    AgentsException,
    Model,
    ModelSettings,
    RunConfig,
    RunHooks,
    set_tracing_disabled,
)
from agents.run_config import ToolExecutionConfig

from alma_agent.config import ModelChoice
from alma_agent.errors import AlmaError, LimitReached
from alma_agent.paused import PausedRun, PausedRuns
from alma_agent.ports import Approver, ModelTools, Observer
from alma_agent.proposer import agent_names, providers, telemetry
from alma_agent.proposer.agents import Casting, Critic, Team
from alma_agent.proposer.approvals import tools_to_ask_for
from alma_agent.proposer.context import opening, project_rules
from alma_agent.proposer.limits import Meter, model_name
from alma_agent.proposer.objections import Objections
from alma_agent.proposer.pausing import changed_since, paused_run
from alma_agent.proposer.prompts import recalled_message
from alma_agent.proposer.session import DurableSession, Signing
from alma_agent.proposer.stint import StintEnd, Stints
from alma_agent.proposer.talk import Talk
from alma_agent.proposer.tool_errors import formatted
from alma_agent.proposer.tools import Desk, FindCode
from alma_agent.proposer.wire import (
    SturdyModel,
    explained,
    is_context_overflow,
    retry_settings,
)
from alma_agent.records import Proposal, Task
from alma_agent.remembered import Recollection
from toolset.draft import Draft
from toolset.errors import ToolsetError
from toolset.merging import rebased
from toolset.workspace import Workspace

_NONSENSE = 2  # answers of a model that the SDK cannot make sense of, before the run is given up


@dataclass(frozen=True, slots=True)
class Conduct:
    """How the model is let work, besides what the task says.

    `agents`: an architect, an editor and a critic instead of one agent; `architect` is the model of
    the first. `ask_before` are tools that need a yes at each call, whatever the task's mode.
    """

    agents: bool = False
    architect: ModelChoice | None = None
    ask_before: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the memory adds: its tools, code found by what it does, files that a task may touch."""

    tools: ModelTools | None = None
    find_code: FindCode | None = None
    likely_files: Callable[[str], Sequence[PurePosixPath]] = lambda _: ()


class Orchestrator:
    """Proposes what a model makes of a task. `model` is for tests; else `choice` names it.

    `approver` decides on single calls; None: nobody is there. `paused` keeps runs that stop before
    their end; None keeps nothing. `session` is a conversation that goes on. `resume` is a run to go
    on with.
    """

    def __init__(
        self,
        workspace: Workspace,
        choice: ModelChoice,
        observer: Observer,
        *,
        knowledge: Knowledge = Knowledge(),
        conduct: Conduct = Conduct(),
        approver: Approver | None = None,
        paused: PausedRuns | None = None,
        session: DurableSession | None = None,
        resume: PausedRun | None = None,
        model: Model | None = None,
    ) -> None:
        set_tracing_disabled(True)
        # The SDK logs each failed call; alma tells the failure itself, once.
        logging.getLogger("openai.agents").addHandler(logging.NullHandler())
        self._workspace = workspace
        self._choice = choice
        self._observer = observer
        self._knowledge = knowledge
        self._conduct = conduct
        self._approver = approver
        self._paused = paused
        self._session = session
        self._resume = resume
        self._model = model
        self._agent_name = resume.agent if resume else ""
        self._nonsense_left = _NONSENSE

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:
        """Let the model work on a draft until it says that it is done.

        Raises LimitReached, NeedsHuman (calls wait for a yes), ModelUnavailable, DoesNotParse,
        UsageError (see `Meter`), StaleEdit (a paused run's files changed). What was made until then
        is the error's `so_far`, and kept as a paused run.
        """
        meter = Meter(task.limits, self._choices(), self._observer)
        desk = self._desk(task, meter)
        talk = await self._talk(task, desk, recollection)
        try:
            text = await self._worked(talk, desk, meter, recollection)
        except AlmaError as error:
            error.so_far = self._proposal(desk, meter, "")
            await self._keep(error, talk, desk)
            raise
        return self._proposal(desk, meter, text)

    async def _worked(
        self, talk: Talk, desk: Desk, meter: Meter, recollection: Recollection
    ) -> str:
        """Return the model's last words."""
        seconds = desk.task.limits.seconds
        try:
            with telemetry.watched(meter, self._choices(), desk.task.id) as hooks:
                async with asyncio.timeout(seconds), self._models() as (model, architect):
                    casting = self._casting(desk.task, model, architect, meter)
                    config = _config()
                    critic = (
                        Critic(casting, config, hooks, _memories(recollection))
                        if self._conduct.agents
                        else None
                    )
                    stints = Stints(
                        talk,
                        desk,
                        config,
                        self._signing(hooks),
                        self._approver,
                        self._observer,
                        stream=self._choice.stream,
                    )
                    team = casting.team(critic) if critic else casting.alone()
                    return await self._until_done(stints, team, Objections(desk, talk, critic))
        except TimeoutError as error:
            raise LimitReached(
                f"The run stopped at its limit of {seconds:g} seconds, after "
                f"{meter.usage.requests} calls. Nothing was written. Raise it with --max-seconds."
            ) from error

    async def _until_done(self, stints: Stints, team: Team, objections: Objections) -> str:
        """Run stints until the draft can be proposed; return the model's last words."""
        state = dict(self._resume.state) if self._resume and self._resume.state else None
        goes_on = self._resume is not None and self._resume.agent != team.first.name
        agent = team.editor if goes_on else team.first
        while True:
            self._agent_name = agent.name
            end = await self._survived(stints, agent, state)
            agent, state = end.agent, None
            if not end.is_done:
                continue
            if agent is not team.editor:
                agent = team.editor  # a plan in words is a plan, too
                await stints.talk.say("The plan stands above. Carry it out.")
                continue
            said = stints.desk.finished if stints.desk.finished is not None else end.text
            if not (problem := await objections.to(said)):
                return said.strip()
            stints.desk.finished = None
            await stints.talk.say(problem)

    async def _survived(
        self, stints: Stints, agent: Agent[Desk], state: dict[str, Any] | None
    ) -> StintEnd:
        """Run a stint; where the endpoint fails or cannot take the talk, mend that and go on."""
        while True:
            try:
                with self._told():
                    return await stints.run(agent, state)
            except _Failed as failed:
                error = failed.error
                await stints.talk.end_stint()
                state = None
                if is_context_overflow(error) and stints.talk.compact():
                    self._observer.step("the conversation was too long: it is made shorter")
                elif isinstance(error, AgentsException) and self._nonsense_left:
                    self._nonsense_left -= 1
                    await stints.talk.say(_not_understood(error))
                else:
                    raise explained(error, self._choice) from error

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Let alma's own errors pass; wrap what the SDK, the endpoint and whatever else raises."""
        try:
            yield
        except (AlmaError, ToolsetError, TimeoutError):
            raise
        except Exception as error:  # the SDK lets whatever it stumbles over pass
            raise _Failed(error) from error

    def _casting(self, task: Task, model: Model, architect: Model | None, meter: Meter) -> Casting:
        settings = ModelSettings(
            parallel_tool_calls=False,
            include_usage=True,
            retry=retry_settings(lambda: meter.seconds_left, self._observer),
        )
        asked = tools_to_ask_for(task.mode, self._conduct.ask_before)
        return Casting(model, settings, task.mode, asked, self._knowledge.tools, architect)

    @asynccontextmanager
    async def _models(self) -> AsyncIterator[tuple[Model, Model | None]]:
        """Open the models that were chosen, and close their connections afterwards."""
        architect = self._conduct.architect if self._conduct.agents else None
        async with self._opened(self._choice) as model:
            if architect is None:
                yield model, None
            else:
                async with self._opened(architect) as other:
                    yield model, other

    @asynccontextmanager
    async def _opened(self, choice: ModelChoice) -> AsyncIterator[Model]:
        secrets = tuple({one for each in self._choices().values() for one in each.secrets})
        if self._model is not None:
            yield SturdyModel(self._model, secrets=secrets)
            return
        async with providers.opened(choice) as model:
            yield SturdyModel(model, secrets=secrets)

    def _choices(self) -> dict[str, ModelChoice]:
        """Return whose model is which; the empty name is everybody else's."""
        choices = {"": self._choice}
        if self._conduct.agents and self._conduct.architect:
            choices[agent_names.ARCHITECT] = self._conduct.architect
        return choices

    def _signing(self, hooks: RunHooks[Desk]) -> RunHooks[Desk]:
        """Return hooks that also let the session know who speaks."""
        return telemetry.Together(hooks, Signing(self._session)) if self._session else hooks

    def _desk(self, task: Task, meter: Meter) -> Desk:
        changes = rebased(self._workspace, self._resume.changes) if self._resume else None
        return Desk(
            draft=Draft(self._workspace, changes, scope=task.scope),
            task=task,
            seconds_left=lambda: meter.seconds_left,
            find_code=self._knowledge.find_code,
            observer=self._observer,
            edited_by_hand=bool(self._resume and self._resume.edited_by_hand),
        )

    async def _talk(self, task: Task, desk: Desk, recollection: Recollection) -> Talk:
        session = self._session
        earlier: Any = await session.get_items() if session else []
        given: dict[str, Any] = {"memories": _memories(recollection)}
        if session:
            given["record"] = session.add_items
        if self._resume:
            talk = Talk(self._resume.opening, **given)
            talk.resume(self._resume.talk, heard_now=self._resume.heard_now)
            if changed := changed_since(self._workspace, self._resume):
                await talk.say(
                    "The run was paused, and goes on now. These files have changed since you saw "
                    f"them; read them again before you edit them: {', '.join(changed)}."
                )
            return talk
        rules = project_rules(self._workspace, task.file)
        likely = self._knowledge.likely_files(task.goal)
        text = opening(task, desk.draft, likely=likely, rules=rules)
        shorter = opening(task, desk.draft, rules=rules, map_tokens=0)
        return Talk(text, earlier=earlier, shorter=shorter, **given)

    def _proposal(self, desk: Desk, meter: Meter, text: str) -> Proposal:
        return Proposal(
            desk.draft.changes(),
            text,
            proposer=model_name(self._choice),
            evidence=None if desk.edited_by_hand else desk.evidence,
            usage=meter.usage,
            refusals=tuple(desk.refusals),
        )

    async def _keep(self, error: AlmaError, talk: Talk, desk: Desk) -> None:
        """Keep what a stopped run had come to; the error then says where it is."""
        if self._paused is None:
            return
        run = await paused_run(
            error,
            talk,
            desk,
            model=model_name(self._choice),
            agent=self._agent_name,
            session=self._session.session_id if self._session else "",
        )
        if run is not None:
            id = self._paused.keep(run)  # noqa: A001
            error.args = (f"{error} What it had come to is kept: `alma resume {id}` goes on.",)


def _config() -> RunConfig:
    return RunConfig(
        tracing_disabled=True,
        tool_error_formatter=formatted,
        tool_not_found_behavior="return_error_to_model",
        tool_execution=ToolExecutionConfig(max_function_tool_concurrency=1),
    )


class _Failed(Exception):
    """The SDK, the endpoint or a library failed; not alma."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _not_understood(error: AgentsException) -> str:
    return (
        f"Your last answer could not be used: {error}. It was left out. Call one of the tools, or "
        "finish."
    )


def _memories(recollection: Recollection) -> tuple[dict[str, Any], ...]:
    if not recollection.memories:
        return ()
    return ({"role": "user", "content": recalled_message(recollection)},)
