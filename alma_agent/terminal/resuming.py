"""`alma resume`: a run that stopped goes on, or what it had come to is reviewed as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from alma_agent.config import Settings
from alma_agent.errors import AlmaError, UsageError
from alma_agent.paused import PausedRun
from alma_agent.ports import Approver, Crew
from alma_agent.records import Proposal, Task, new_id
from alma_agent.remembered import Recollection
from alma_agent.review import AnsweredBefore
from alma_agent.terminal.ask import Shown, TerminalObserver
from alma_agent.terminal.consoles import err, out
from alma_agent.terminal.running import approver, reviewer_of, settled_house, told
from alma_agent.wiring import House
from toolset.merging import rebased
from toolset.workspace import Workspace

_DECIDED = (0, 1)  # exit codes: applied, or a person said no; else the draft may still be wanted


async def list_paused() -> int:
    """Tell which runs stopped before their end, newest first."""
    runs = (await _house()).paused_runs
    ids = runs.ids()
    if not ids:
        out.print("No run is paused here.")
    for one in ids:
        run = runs.run(one)
        files = f"{len(run.changes)} files staged" if len(run.changes) != 1 else "1 file staged"
        out.print(f"{one}  {run.at:%Y-%m-%d %H:%M}  {files}  {run.task.goal}", soft_wrap=True)
        out.print(f"    {run.why}", style="dim", soft_wrap=True)
        for call in run.waiting:
            out.print(f"    waits for a yes: {call}", soft_wrap=True)
    return 0


async def drop_paused(id: str) -> int:
    """Forget a paused run."""
    runs = (await _house()).paused_runs
    run = runs.run(id)
    runs.forget(run.task.id)
    out.print(f"The paused run {run.task.id} is forgotten.")
    return 0


async def resume_run(id: str, settings: Settings, *, as_it_is: bool, approve: bool | None) -> int:
    """Go on with a paused run; return the exit code. It is forgotten once somebody has decided."""
    house = await _house()
    run = house.paused_runs.run(id)
    task = replace(run.task, id=new_id(), limits=settings.limits)
    settings = replace(settings, session=run.session)
    if settings.model is not None and settings.model.name is None and run.model:
        settings = replace(settings, model=replace(settings.model, name=run.model))
    err.print(f"… going on with: {task.goal}", style="dim", markup=False, highlight=False)
    crew = _crew(house, run, settings, as_it_is, approve)
    try:
        code = await told(task, house.workspace, crew, dry_run=False)
    except AlmaError:
        if task.id in house.paused_runs.ids():  # it stopped again, further on
            house.paused_runs.forget(run.task.id)
        raise
    if code in _DECIDED:
        house.paused_runs.forget(run.task.id)
    return code


def _crew(
    house: House, run: PausedRun, settings: Settings, as_it_is: bool, approve: bool | None
) -> Crew:
    reviewer, observer = Shown(out, reviewer_of(settings)), TerminalObserver(out, err)
    if as_it_is:
        return Crew(house.library, _AsItIs(house.workspace, run), reviewer, observer)
    answers: Approver | None = approver() if approve is None else AnsweredBefore(accepted=approve)
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
        return Proposal(
            changes, f"Unfinished: {self._run.why}", proposer=self._run.model or "model"
        )


async def _house() -> House:
    return await settled_house(Workspace.around(Path.cwd()))
