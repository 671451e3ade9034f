"""The commands that change files: `run` and `undo`, from arguments to an exit code."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from alma_agent.config import Settings
from alma_agent.errors import AlmaError, UsageError, exit_code
from alma_agent.ports import Approver, Crew, Reviewer
from alma_agent.records import (
    Applied,
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
from alma_agent.terminal.consoles import err, out
from alma_agent.terminal.observing import TerminalObserver
from alma_agent.terminal.witness import Witness
from alma_agent.undo import redo, undo
from alma_agent.wiring import Choose, House, open_house
from toolset.edits import ChangeSet
from toolset.errors import ToolsetError
from toolset.workspace import Workspace

_COUNT = re.compile(r"[1-9][0-9]{0,2}")  # ids are longer
_STARTED = datetime.now(UTC)
CHECKS_FAILED = 5
_HUMAN_SAID_NO, _NEEDS_HUMAN = 1, 3


async def run_task(
    goal: str, file: Path | None, settings: Settings, *, dry_run: bool = False
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
    _require_program(workspace, settings.check)
    if settings.scope.globs and not any(map(settings.scope.allows, workspace.files())):
        err.print(f"No file is in the scope yet: {settings.scope}.", soft_wrap=True)
    house = await settled_house(workspace)
    task = task_of(goal.strip(), settings, file=located)
    reviewer, observer = Shown(out, reviewer_of(settings)), TerminalObserver(out, err)
    here = PurePosixPath(Path.cwd().resolve().relative_to(workspace.root).as_posix())
    crew = house.crew(
        task.goal,
        settings,
        reviewer,
        observer,
        choose=chooser(),
        folder=here,
        approver=approver(),
        remembers=not dry_run,
    )
    return await told(task, workspace, crew, dry_run=dry_run)


async def told(task: Task, workspace: Workspace, crew: Crew, *, dry_run: bool) -> int:
    """Run a task, or only preview it, and say how it ended; return the exit code."""
    if dry_run:
        proposal, checks = await preview(task, workspace, crew)
        if proposal.changes:
            out.print(render.proposal(proposal, checks), soft_wrap=True)
            out.print("Nothing was written: this was a dry run.")
        else:
            _tell_of_nothing(proposal)
            out.print(f"Nothing to do. {proposal.rationale}", soft_wrap=True)
        return 0 if all(one.passed for one in checks) else CHECKS_FAILED
    witness = Witness(crew.proposer)
    try:
        interaction = await _ran(task, workspace, replace(crew, proposer=witness))
    except BaseException as error:
        if not _is_applied(task, crew):
            _keep(witness, error)
        raise
    if isinstance(interaction.outcome, NothingToDo):
        _tell_of_nothing(witness.proposal)
    if isinstance(interaction.outcome, ChecksFailed) and witness.proposal:
        out.print(render.proposal(witness.proposal, ()), soft_wrap=True)
    if interaction.refusals:
        out.print(render.refusals(interaction), soft_wrap=True)
    out.print(render.outcome(interaction, is_plan=task.mode == "plan"), soft_wrap=True)
    if exit_code_of(interaction.outcome) in (_NEEDS_HUMAN, CHECKS_FAILED):
        reason = getattr(interaction.outcome, "reason", "") or "the check failed"
        if kept := witness.keep(reason):
            out.print(_kept(kept), soft_wrap=True)
    out.print(f"cost: {render.cost(interaction.usage)}", style="dim")
    return exit_code_of(interaction.outcome)


def _is_applied(task: Task, crew: Crew) -> bool:
    newest = next(iter(crew.library.interactions(limit=1)), None)
    return newest is not None and newest.id == task.id and isinstance(newest.outcome, Applied)


def _require_program(workspace: Workspace, check: Sequence[str]) -> None:
    """Raise UsageError for a check that cannot be started: nobody should be asked before that."""
    if not check or shutil.which(check[0]) or (workspace.root / check[0]).is_file():
        return
    raise UsageError(f"There is no program {check[0]}, which --check names.")


def _keep(witness: Witness, error: BaseException) -> None:
    """Keep a proposal that an error or a Ctrl-C came in the way of; the error then says so."""
    kept = witness.keep(str(error) or "it was interrupted")
    if kept and isinstance(error, AlmaError | ToolsetError):
        error.args = (f"{error} {_kept(kept)}",)


def _kept(id: str) -> str:
    return (
        f"The draft is kept: `alma resume {id} --apply` reviews it again, without a model; "
        f"`alma resume {id}` lets the model go on."
    )


async def _ran(task: Task, workspace: Workspace, crew: Crew) -> Interaction:
    """Run a task; return what may be shown of it: programs and models repeat what they hear."""
    return secretless(await run(task, workspace, crew))


def _tell_of_nothing(proposal: Proposal | None) -> None:
    """Say what a refactoring that changes nothing has left to look at."""
    if proposal and proposal.evidence and proposal.evidence.leftovers:
        out.print(render.evidence(proposal.evidence), soft_wrap=True)


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
    )


async def undo_changes(which: str | None) -> int:
    """Undo the newest changes, as many as `which` says, or the one of that id."""
    workspace = Workspace.around(Path.cwd())
    house = await settled_house(workspace)
    count = int(which) if which and _COUNT.fullmatch(which) else None
    for done in range(count or 1):
        try:
            id_prefix = which if count is None else None
            _tell(*await undo(workspace, house.library, id_prefix=id_prefix))
        except (AlmaError, ToolsetError) as error:
            if not done:
                raise
            changes = "1 change was" if done == 1 else f"{done} changes were"
            err.print(f"{changes} undone; then: {error}", soft_wrap=True)
            return exit_code(error)
    return 0


async def redo_last() -> int:
    """Bring back what the newest undo took away."""
    workspace = Workspace.around(Path.cwd())
    house = await settled_house(workspace)
    _tell(*await redo(workspace, house.library))
    return 0


def _tell(interaction: Interaction, changes: ChangeSet) -> None:
    for edit in changes:
        out.print(f"  {edit.path}")
    out.print(render.outcome(interaction), soft_wrap=True)


async def after_interruption() -> str:
    """After Ctrl-C: finish what was begun; return how the files are."""
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
    if newest and newest.at >= _STARTED and isinstance(newest.outcome, Applied | Undone):
        return f"Interrupted, after this was done. {render.outcome(newest)}"
    if paused := house.paused_runs.newest_since(_STARTED):
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


def approver() -> Approver | None:
    """Return who decides on calls of a model's tools: the person at the terminal, or nobody."""
    return ApproveOnTerminal(out) if on_terminal() else None


def chooser() -> Choose | None:
    """Return who picks one of several symbols: the person at the terminal, or nobody."""
    return choose_on_terminal(out) if on_terminal() else None


def on_terminal() -> bool:
    return bool(sys.stdin and sys.stdin.isatty() and sys.stdout.isatty())


def exit_code_of(outcome: Outcome) -> int:
    match outcome:
        case Applied() | NothingToDo():
            return 0
        case Refused(needs_human=True):
            return _NEEDS_HUMAN
        case ChecksFailed():
            return CHECKS_FAILED
    return _HUMAN_SAID_NO
