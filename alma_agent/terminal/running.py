"""A run on the terminal, from settings to an exit code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from alma_agent.config import Settings
from alma_agent.errors import AlmaError, UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.ports import Approver, Crew, Reviewer
from alma_agent.records import (
    Applied,
    Approved,
    ChecksFailed,
    Interaction,
    NothingToDo,
    Outcome,
    Proposal,
    Refused,
    Task,
    Undone,
)
from alma_agent.review import AssumeYes, NobodyThere
from alma_agent.run import preview, run, settle
from alma_agent.secretless import secretless
from alma_agent.terminal import render
from alma_agent.terminal.ask import (
    ApproveOnTerminal,
    AskOnTerminal,
    Shown,
    choose_on_terminal,
)
from alma_agent.terminal.consoles import err, manner, on_terminal, out, tell
from alma_agent.terminal.documents import reason_of, run_result
from alma_agent.terminal.observing import observing
from alma_agent.terminal.programs import require_program
from alma_agent.terminal.witness import Witness
from alma_agent.wiring import House, open_house
from toolset.errors import ToolsetError
from toolset.workspace import Workspace

if TYPE_CHECKING:
    from alma_agent.proposer.exact import Choose


async def run_task(
    goal: str,
    file: Path | None,
    settings: Settings,
    *,
    dry_run: bool = False,
    exit_code: bool = False,
) -> int:
    """Carry out a goal; return the exit code. Raises AlmaError and ToolsetError, for `main`."""
    if not goal.strip():
        raise UsageError('The goal is empty. Say what to do, such as "rename load to read_csv".')
    workspace = Workspace.around(Path.cwd())
    located = None
    if file is not None:
        located = workspace.locate(file, base=Path.cwd())
        workspace.read(located)
        if settings.scope.allows(located):  # else it is what the goal is about, and stays
            workspace.require_writable(located)
    require_program(workspace, settings.check)
    if settings.scope.globs and not any(map(settings.scope.allows, workspace.files())):
        err.print(f"No file is in the scope yet: {settings.scope}.", soft_wrap=True)
    house = await settled_house(workspace)
    task = task_of(goal.strip(), settings, file=located)
    if not settings.session and house.needs_model(task.goal, settings):
        # What is said in a run is kept under its own id, for whoever asks how it came to its end.
        task = replace(task, session=task.id)
        settings = replace(settings, session=task.id)
    here = PurePosixPath(Path.cwd().resolve().relative_to(workspace.root).as_posix())
    observer = observing()
    crew = house.crew(
        task.goal,
        settings,
        shown_to(reviewer_of(settings)),
        observer,
        choose=chooser(),
        folder=here,
        approver=approver(),
        remembers=not dry_run,
    )
    return await told(
        task, workspace, crew, dry_run=dry_run, exit_code=exit_code, heard=observer.heard
    )


async def told(
    task: Task,
    workspace: Workspace,
    crew: Crew,
    *,
    dry_run: bool,
    exit_code: bool = False,
    heard: Callable[[], str] = str,
) -> int:
    """Run a task, or only preview it, and say how it ended; return the exit code.

    `exit_code`: a preview ends with 1 if there would be a change. `heard` returns what the model
    said on the screen already: it is not said twice.
    """
    require_preview(exit_code=exit_code, dry_run=dry_run)
    witness = Witness(crew.proposer)
    crew = replace(crew, proposer=witness)
    if dry_run:
        return await _previewed(task, workspace, crew, witness, exit_code=exit_code)
    try:
        interaction = await _ran(task, workspace, crew)
    except BaseException as error:
        kept = "" if _is_applied(task, crew) else _keep(witness, error) or witness.kept
        tell(run_result(task, witness.proposal, None, paused=kept, error=error))
        raise
    return _told_end(task, interaction, witness, heard())


def require_preview(*, exit_code: bool, dry_run: bool) -> None:
    """Raise UsageError if the exit code should tell of a preview that is none."""
    if exit_code and not dry_run:
        raise UsageError(
            "--exit-code goes with --dry-run: it says whether there would be a change."
        )


async def _previewed(
    task: Task, workspace: Workspace, crew: Crew, witness: Witness, *, exit_code: bool
) -> int:
    try:
        proposal, checks = await preview(task, workspace, crew)
    except BaseException as error:
        tell(run_result(task, witness.proposal, None, error=error))
        raise
    result = run_result(task, proposal, None, checks=checks)
    if not proposal.changes:
        tell(result, *_left(proposal), f"Nothing to do. {proposal.rationale}")
        return ExitCode.DONE
    dry = "Nothing was written: this was a dry run."
    tell(result, render.proposal(proposal, checks), dry)
    if not all(one.passed for one in checks):
        manner.reason = "The check failed."
        return ExitCode.CHECKS_FAILED
    manner.reason = "There would be a change." if exit_code else ""
    return ExitCode.FAILED if exit_code else ExitCode.DONE


def _told_end(task: Task, interaction: Interaction, witness: Witness, heard: str) -> int:
    """Say how a run ended; return the exit code."""
    code = exit_code_of(interaction.outcome)
    shown: list[RenderableType] = []
    if isinstance(interaction.outcome, NothingToDo):
        shown += _left(witness.proposal)
    if isinstance(interaction.outcome, ChecksFailed) and witness.proposal:
        shown.append(render.proposal(witness.proposal, ()))
    if interaction.refusals:
        shown.append(render.refusals(interaction))
    if not _is_heard(interaction, heard):
        shown.append(render.outcome(interaction, is_plan=task.mode == "plan"))
    may_go_on = code in (ExitCode.NEEDS_HUMAN, ExitCode.CHECKS_FAILED)
    kept = witness.keep(reason_of(interaction) or "the check failed") if may_go_on else ""
    if kept:
        shown.append(_kept(kept))
    else:
        witness.let_go()
    shown.append(Text(f"cost: {render.cost(interaction.usage)}", style="dim"))
    manner.reason = reason_of(interaction) if code else ""
    tell(run_result(task, witness.proposal, interaction, paused=kept), *shown)
    return code


def _is_heard(interaction: Interaction, heard: str) -> bool:
    """Say whether the model's answer, which is all that there is to tell, was shown already."""
    says = interaction.rationale.strip()
    return isinstance(interaction.outcome, NothingToDo) and bool(says) and says in heard


def _is_applied(task: Task, crew: Crew) -> bool:
    newest = next(iter(crew.library.interactions(limit=1)), None)
    return newest is not None and newest.id == task.id and isinstance(newest.outcome, Applied)


def _keep(witness: Witness, error: BaseException) -> str:
    """Keep a proposal that an error or a Ctrl-C came in the way of; the error then says so."""
    kept = witness.keep(str(error) or "it was interrupted")
    if kept and isinstance(error, AlmaError | ToolsetError):
        error.args = (f"{error} {_kept(kept)}",)
    return kept


def _kept(id: str) -> str:
    return (
        f"The draft is kept: `alma resume {id} --apply` reviews it again, without a model; "
        f"`alma resume {id}` lets the model go on."
    )


async def _ran(task: Task, workspace: Workspace, crew: Crew) -> Interaction:
    """Run a task; return what may be shown of it: programs and models repeat what they hear."""
    return secretless(await run(task, workspace, crew))


def _left(proposal: Proposal | None) -> list[RenderableType]:
    """Return what a refactoring that changes nothing has left to look at."""
    if proposal and proposal.evidence and proposal.evidence.leftovers:
        return [render.evidence(proposal.evidence)]
    return []


def task_of(goal: str, settings: Settings, *, file: PurePosixPath | None = None) -> Task:
    return Task(
        goal,
        file=file,
        scope=settings.scope,
        mode=settings.mode,
        check=settings.check,
        check_timeout_s=settings.check_timeout_s,
        check_network=settings.check_network,
        lint=settings.lint,
        limits=settings.limits,
        session=settings.session,
    )


async def after_interruption(since: datetime) -> str:
    """After Ctrl-C: finish what was begun since then; return how the files are."""
    workspace = Workspace.around(Path.cwd())
    nothing = "Interrupted. No file was changed."
    if not (workspace.root / ".alma").is_dir():
        return nothing
    house = open_house(workspace)
    library = house.library
    found = await settle(workspace, library)
    for one in found:
        err.print(render.recovery(one), soft_wrap=True)
    newest = next(iter(library.interactions(limit=1)), None)
    if newest and newest.at >= since and isinstance(newest.outcome, Applied | Undone):
        return f"Interrupted, after this was done. {render.outcome(newest)}"
    if paused := house.paused_runs.newest_since(since):
        return f"{nothing} {_kept(paused)}"
    return "Interrupted." if found else nothing


async def settled_house(workspace: Workspace) -> House:
    """Open the house; first finish, and tell, what a killed run left."""
    house = open_house(workspace)
    for one in await settle(workspace, house.library):
        err.print(render.recovery(one), soft_wrap=True)
    return house


def reviewer_of(settings: Settings) -> Reviewer:
    if settings.assume_yes:
        return AssumeYes(settings.accept)
    return AskOnTerminal(out) if on_terminal() else NobodyThere()


def shown_to(reviewer: Reviewer) -> Reviewer:
    """Return a reviewer who is shown the change first, unless a program reads what is said."""
    return reviewer if manner.json else Shown(out, reviewer)


def approver() -> Approver | None:
    """Return who decides on calls of a model's tools: the person at the terminal, or nobody."""
    return ApproveOnTerminal(out) if on_terminal() else None


def chooser() -> Choose | None:
    """Return who picks one of several symbols: the person at the terminal, or nobody."""
    return choose_on_terminal(out) if on_terminal() else None


def exit_code_of(outcome: Outcome) -> ExitCode:
    match outcome:
        case Applied() | NothingToDo() | Approved():
            return ExitCode.DONE
        case Refused(needs_human=True):
            return ExitCode.NEEDS_HUMAN
        case ChecksFailed():
            return ExitCode.CHECKS_FAILED
    return ExitCode.FAILED
