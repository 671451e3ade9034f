"""A task becomes a proposal by way of the OpenAI Agents SDK.

The SDK runs the loop, a stint at a time; the tools stage edits on a draft; memory goes into each
call by a filter, so that it is never saved with the conversation. Whatever stops a run, what it had
made is kept. Tracing, which would send the conversation to a third party, is off.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, cast

from agents import Model, ModelSettings, RunConfig, RunHooks, set_tracing_disabled
from agents.run_config import ToolExecutionConfig

from alma_agent.config import ModelChoice
from alma_agent.errors import AlmaError, UsageError
from alma_agent.paused import PausedRun, PausedRuns
from alma_agent.ports import Approver, ModelTools, Observer, with_so_far
from alma_agent.proposer import telemetry
from alma_agent.proposer.agents import Casting, Critic
from alma_agent.proposer.approvals import tools_to_ask_for
from alma_agent.proposer.asked_models import AskedModels
from alma_agent.proposer.context import goal_of, opening, project_rules
from alma_agent.proposer.history import Item
from alma_agent.proposer.limits import Meter, model_name
from alma_agent.proposer.objections import Objections
from alma_agent.proposer.pausing import Saving, changed_since, earlier_than, paused_run
from alma_agent.proposer.prompts import recalled_message
from alma_agent.proposer.session import DurableSession, Signing
from alma_agent.proposer.stint import Stints
from alma_agent.proposer.talk import Talk, in_brief
from alma_agent.proposer.tool_errors import formatted
from alma_agent.proposer.tools import CHECKING, EDITING, FINISH, READING, Desk, FindCode
from alma_agent.proposer.wire import retry_settings
from alma_agent.proposer.work import Work
from alma_agent.records import Proposal, Task
from alma_agent.redact import also_take_out
from alma_agent.remembered import Recollection
from toolset.draft import Draft
from toolset.errors import ToolsetError
from toolset.merging import rebased
from toolset.workspace import Workspace

_AT_WORK = "alma was ended while it worked on this"


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
    their end; None keeps nothing; if it `saves`, each new state of the draft is kept as soon as it
    is there, so that a kill loses none (see `let_go`). `session` is a conversation that goes on.
    `resume` is a run to go on with.

    Raises UsageError if `conduct` names a tool that there is not.
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
        saves: bool = False,
        session: DurableSession | None = None,
        resume: PausedRun | None = None,
        model: Model | None = None,
    ) -> None:
        set_tracing_disabled(True)
        # The SDK logs each failed call; alma tells the failure itself, once.
        logging.getLogger("openai.agents").addHandler(logging.NullHandler())
        _require_known(conduct.ask_before, knowledge.tools)
        for one in filter(None, (choice, conduct.architect)):  # no variable holds the keyring's
            also_take_out(one.secrets)
        self._workspace = workspace
        self._choice = choice
        self._observer = observer
        self._knowledge = knowledge
        self._conduct = conduct
        self._approver = approver
        self._paused = paused
        self._saves = saves
        self._saved = ""
        self.kept = ""
        self._session = session
        self._resume = resume
        self._model = model
        self._to_keep: Callable[[str], str] = lambda _: ""

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:
        """Let the model work on a draft until it says that it is done.

        Raises LimitReached, NeedsHuman (calls wait for a yes), ModelUnavailable, DoesNotParse,
        UsageError (see `Meter`), StaleEdit (a paused run's files changed). What was made until then
        goes with the error, and is kept as a paused run; also when the run is interrupted.
        """
        with self._at_work(task.id):
            return await self._proposed(task, recollection)

    def _at_work(self, id: str) -> AbstractContextManager[None]:
        """Keep others from going on with what is kept while it is made."""
        if self._paused is None or not self._saves:
            return nullcontext()
        return self._paused.taken(id)

    async def _proposed(self, task: Task, recollection: Recollection) -> Proposal:
        meter = Meter(task.limits, self._models.choices, self._observer)
        desk = self._desk(task, meter)
        talk = await self._talk(task, desk, recollection)
        try:
            text = await self._worked(talk, desk, meter, recollection)
        except (AlmaError, ToolsetError) as error:
            with_so_far(error, self._proposal(desk, meter, ""))
            self._keep(error, talk, desk, meter)
            raise
        except BaseException as error:  # Ctrl-C: what was done is not lost
            self._keep(error, talk, desk, meter)
            raise
        self._to_keep = lambda why: self._kept_as(AlmaError(why), talk, desk, meter)
        self._save(talk, desk, meter)
        return self._proposal(desk, meter, text)

    def keep(self, why: str) -> str:
        """Keep what was proposed, for whoever decides later; return the id, or nothing."""
        try:
            return self._to_keep(why) if self._paused is not None else ""
        except (OSError, AlmaError, ToolsetError):
            return ""

    def let_go(self) -> None:
        """Forget what was kept while it worked: somebody has decided on it."""
        if self._saved and self._paused is not None:
            self._paused.forget(self._saved)
            self._saved = ""
        self.kept = ""

    async def _worked(
        self, talk: Talk, desk: Desk, meter: Meter, recollection: Recollection
    ) -> str:
        """Return the model's last words."""
        with telemetry.watched(meter, self._models.choices, desk.task.id) as watched:
            hooks = self._with_saving(watched, talk, desk, meter)
            async with meter.clock.running(), self._models.opened() as (model, architect):
                casting = self._casting(desk.task, model, architect, meter)
                config, critic = _config(), None
                if self._conduct.agents and desk.task.mode != "plan":
                    critic = Critic(casting, config, hooks, _memories(recollection))
                team = casting.team(critic) if critic else casting.alone()
                stints = Stints(
                    talk,
                    desk,
                    config,
                    self._signing(hooks),
                    self._approver,
                    self._observer,
                    meter.clock,
                    stream=self._choice.stream,
                )
                objections = Objections(desk, critic, casting.asked)
                work = Work(stints, team, objections, self._models, meter)
                if self._resume is None:
                    return await work.done(team.first, None)
                begins = team.called(self._resume.agent) or team.editor
                return await work.done(begins, _copied(self._resume.state))

    @property
    def _models(self) -> AskedModels:
        architect = self._conduct.architect if self._conduct.agents else None
        return AskedModels(self._choice, architect, self._model)

    def _casting(self, task: Task, model: Model, architect: Model | None, meter: Meter) -> Casting:
        settings = ModelSettings(
            tool_choice="auto",  # some servers show the model no tools if it is not said
            parallel_tool_calls=False,
            include_usage=True,
            retry=retry_settings(lambda: meter.seconds_left, self._observer),
        )
        asked = tools_to_ask_for(task.mode, self._conduct.ask_before)
        return Casting(model, settings, task.mode, asked, self._knowledge.tools, architect)

    def _signing(self, hooks: RunHooks[Desk]) -> RunHooks[Desk]:
        """Return hooks that also let the session know who speaks."""
        return telemetry.Together(hooks, Signing(self._session)) if self._session else hooks

    def _with_saving(
        self, hooks: RunHooks[Desk], talk: Talk, desk: Desk, meter: Meter
    ) -> RunHooks[Desk]:
        """Return hooks that also keep the draft before each call of a model, if it has changed."""
        if not self._saves or self._paused is None:
            return hooks
        saving = Saving(desk.state, lambda: self._save(talk, desk, meter))
        return telemetry.Together(saving, hooks)

    def _save(self, talk: Talk, desk: Desk, meter: Meter) -> None:
        """Keep the draft as it is; what cannot be kept now is no reason to stop."""
        if self._saves and desk.draft.changes():
            with suppress(OSError, AlmaError, ToolsetError):
                self._saved = self._kept_as(AlmaError(_AT_WORK), talk, desk, meter) or self._saved

    def _desk(self, task: Task, meter: Meter) -> Desk:
        run = self._resume
        changes = rebased(self._workspace, run.changes) if run else None
        desk = Desk(
            draft=Draft(self._workspace, changes, scope=task.scope),
            task=task,
            seconds_left=lambda: meter.seconds_left,
            find_code=self._knowledge.find_code,
            observer=self._observer,
        )
        if run:
            desk.edited_by_hand = run.edited_by_hand
            desk.evidence = run.evidence.whole() if run.evidence else None
            desk.refusals = list(run.refusals)
            desk.seen = dict(run.seen)
        return desk

    async def _talk(self, task: Task, desk: Desk, recollection: Recollection) -> Talk:
        given: dict[str, Any] = {"memories": _memories(recollection)}
        earlier: list[Item] = []
        if self._session:
            earlier = cast(list[Item], list(await self._session.get_items()))
            given["record"] = self._session.add_items
        if self._resume:
            said = self._resume.opening
            before = in_brief(earlier_than(said, earlier), goal_of)
            talk = Talk(said, earlier=before, **given)
            talk.resume(self._resume.talk, heard_now=self._resume.heard_now)
            if changed := changed_since(self._workspace, self._resume):
                talk.notice(
                    "The run was paused, and goes on now. These files have changed since you saw "
                    f"them; read them again before you edit them: {', '.join(changed)}."
                )
            return talk
        rules = project_rules(self._workspace, task.file)
        likely = self._knowledge.likely_files(task.goal)
        text = opening(task, desk.draft, likely=likely, rules=rules)
        shorter = opening(task, desk.draft, rules=rules, map_tokens=0)
        return Talk(text, earlier=in_brief(earlier, goal_of), shorter=shorter, **given)

    def _proposal(self, desk: Desk, meter: Meter, text: str) -> Proposal:
        return Proposal(
            desk.draft.changes(),
            text,
            proposer=model_name(self._choice),
            evidence=None if desk.edited_by_hand else desk.evidence,
            usage=meter.usage,
            refusals=tuple(desk.refusals),
            checks=(desk.report,) if desk.report and desk.passed == desk.state else (),
        )

    def _keep(self, error: BaseException, talk: Talk, desk: Desk, meter: Meter) -> None:
        """Keep what a stopped run had come to; the error then says where it is."""
        if self._paused is None:
            return
        try:
            if self._resume and not meter.usage.requests:
                self.kept = self._resume.task.id  # what was kept before is kept still
            else:
                self.kept = self._kept_as(error, talk, desk, meter)
            told = f"What it had come to is kept: `alma resume {self.kept}` goes on."
            told = told if self.kept else ""
        except (OSError, AlmaError, ToolsetError) as failure:
            told = f"What it had come to could not be kept: {failure}"
        if told and isinstance(error, AlmaError | ToolsetError):
            error.args = (f"{error} {told}",)

    def _kept_as(self, error: BaseException, talk: Talk, desk: Desk, meter: Meter) -> str:
        """Keep a run; return its id. Empty if there is nothing to keep."""
        run = paused_run(error, talk, desk, self._choice, agent=meter.agent)
        if run is None or self._paused is None:
            return ""
        architect = self._conduct.architect
        run = replace(
            run,
            agents=self._conduct.agents,
            architect=architect.spec if architect else "",
            ask_before=tuple(sorted(self._conduct.ask_before)),
            session=self._session.session_id if self._session else "",
        )
        return self._paused.keep(run)


def _require_known(asked: frozenset[str], memory: ModelTools | None) -> None:
    """Raise UsageError for a name of no tool: it would be asked for never."""
    remembering = [one["function"]["name"] for one in memory.for_openai()] if memory else []
    known = {*READING, *EDITING, *CHECKING, FINISH, *remembering}
    if unknown := sorted(asked - known):
        raise UsageError(
            f"--ask-before {', '.join(unknown)}: there is no such tool. There are: "
            f"{', '.join(sorted(known))}."
        )


def _config() -> RunConfig:
    return RunConfig(
        tracing_disabled=True,
        tool_error_formatter=formatted,
        tool_not_found_behavior="return_error_to_model",
        tool_execution=ToolExecutionConfig(max_function_tool_concurrency=1),
    )


def _copied(state: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if state is None else dict(state)


def _memories(recollection: Recollection) -> tuple[dict[str, Any], ...]:
    if not recollection.memories:
        return ()
    return ({"role": "user", "content": recalled_message(recollection)},)
