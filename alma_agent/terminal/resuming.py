"""`alma resume`: a run that stopped goes on, or what it had come to is reviewed as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.text import Text

from alma_agent.config import Api, Settings, model_choice
from alma_agent.errors import NotAuthentic, UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.paused import PausedRun
from alma_agent.ports import Crew, Observer
from alma_agent.records import Proposal, Task, new_id
from alma_agent.redact import redacted
from alma_agent.remembered import Recollection
from alma_agent.review import AnsweredBefore
from alma_agent.terminal import render
from alma_agent.terminal.consoles import progress, tell
from alma_agent.terminal.documents import DropResult, PausedResult, paused_run
from alma_agent.terminal.observing import observing
from alma_agent.terminal.running import (
    approver,
    reviewer_of,
    settled_house,
    shown_to,
    told,
)
from alma_agent.wiring import House
from toolset.merging import rebased
from toolset.workspace import Workspace

# Applied, or a person said no; else the draft may still be wanted.
_DECIDED = (ExitCode.DONE, ExitCode.FAILED)


@dataclass(frozen=True, slots=True)
class ResumeSettings:
    """What was said to `alma resume`; what was not is as it was for the run."""

    model: str | None = None
    api: Api = "auto"
    stream: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)
    assume_yes: bool = False

    def of(self, run: PausedRun, *, needs_model: bool) -> Settings:
        """Return the whole settings. Raises UsageError if the talk would go elsewhere unasked."""
        limits = replace(run.task.limits, **self.limits)
        if not needs_model:
            return Settings(assume_yes=self.assume_yes, limits=limits, session=run.session)
        model = model_choice(self.model or run.model or None, api=self.api, stream=self.stream)
        if model is not None and self.model is None and model.where != run.endpoint:
            raise UsageError(
                f"This run was with {run.endpoint}, and what is configured now is {model.where}. "
                "Its conversation would go there: name the model with --model if it may, or set "
                "OPENAI_BASE_URL as it was."
            )
        architect = model_choice(run.architect, stream=self.stream) if run.architect else None
        return Settings(
            model=model,
            architect=architect,
            agents=run.agents,
            ask_before=frozenset(run.ask_before),
            session=run.session,
            limits=limits,
            assume_yes=self.assume_yes,
        )


async def list_paused() -> int:
    """Tell which runs stopped before their end, newest first."""
    runs = (await _house()).paused_runs
    told = PausedResult(paused=[], unreadable=[])
    for one in runs.ids():
        try:
            run = runs.run(one)
        except NotAuthentic as error:
            told["unreadable"].append(one)
            tell(told, Text(f"{one}  {error}", style="red"))
            continue
        told["paused"].append(paused_run(one, run))
        tell(told, render.paused(one, run))
    if not told["paused"] and not told["unreadable"]:
        tell(told, "No run is paused here.")
    return 0


async def drop_paused(id: str) -> int:
    """Forget a paused run."""
    runs = (await _house()).paused_runs
    found = runs.named(id)  # not read: one that somebody changed can be dropped, too
    runs.forget(found)
    tell(DropResult(dropped=found), f"The paused run {found} is forgotten.")
    return 0


async def resume_run(
    id: str, settings: ResumeSettings, *, as_it_is: bool, approve: bool | None, as_id: str = ""
) -> int:
    """Go on with a paused run; return the exit code. It is forgotten once somebody has decided.

    `as_id` is the id of the run that goes on, if the caller has one for it.
    """
    house = await _house()
    run = house.paused_runs.run(id)
    try:
        with house.paused_runs.taken(run.task.id):
            new = replace(run.task, id=as_id or new_id())
            return await _gone_on_with(
                house, run, new, settings, as_it_is=as_it_is, approve=approve
            )
    finally:
        house.close()


async def _gone_on_with(
    house: House,
    run: PausedRun,
    task: Task,
    settings: ResumeSettings,
    *,
    as_it_is: bool,
    approve: bool | None,
) -> int:
    whole = settings.of(run, needs_model=not as_it_is)
    task = replace(task, limits=whole.limits, session=run.session)
    progress.print(f"… going on with: {redacted(task.goal)}", style="dim", soft_wrap=True)
    observer = observing()
    crew = _crew(house, run, whole, observer, as_it_is=as_it_is, approve=approve)
    code = None
    try:
        code = await told(task, house.workspace, crew, dry_run=False, heard=observer.heard)
    finally:
        is_further_on = task.id in house.paused_runs.ids()  # it stopped again, and is kept so
        if code in _DECIDED or is_further_on:
            house.paused_runs.forget(run.task.id)
    return code


def _crew(
    house: House,
    run: PausedRun,
    settings: Settings,
    observer: Observer,
    *,
    as_it_is: bool,
    approve: bool | None,
) -> Crew:
    reviewer = shown_to(reviewer_of(settings))
    if as_it_is:
        return Crew(house.library, _AsItIs(house.workspace, run), reviewer, observer)
    answers = approver()
    if approve is not None:
        answers = AnsweredBefore(accepted=approve, calls=len(run.waiting), then=answers)
    return house.crew_to_resume(run, settings, reviewer, observer, approver=answers)


class _AsItIs:
    """Proposes the draft of a paused run, unfinished as it may be."""

    def __init__(self, workspace: Workspace, run: PausedRun) -> None:
        self._workspace = workspace
        self._run = run

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:  # noqa: ARG002
        """Raises StaleEdit if files changed since in the same lines, UsageError without a draft."""
        if not self._run.changes:
            raise UsageError("This run has staged nothing. `alma resume` without --apply goes on.")
        changes = rebased(self._workspace, self._run.changes)
        evidence = self._run.evidence
        return Proposal(
            changes,
            f"As it was left: {self._run.task.goal}",
            proposer=self._run.model or "model",
            evidence=evidence.whole() if evidence else None,
            refusals=self._run.refusals,
        )


async def _house() -> House:
    return await settled_house(Workspace.around(Path.cwd()))
