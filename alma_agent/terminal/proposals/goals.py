"""A proposal from a goal: the planner or a model works in a private work tree of the base."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

from alma_agent import __version__
from alma_agent.config import Settings
from alma_agent.errors import AlmaError, UsageError
from alma_agent.ports import so_far
from alma_agent.proposals.making import Told
from alma_agent.proposals.policy import policy_of
from alma_agent.proposals.telling import (
    cost_of,
    evidence_of,
    memories_of,
    notes_of_proposal,
    steps_of,
)
from alma_agent.records import Proposal, writable
from alma_agent.remembered import Recalled
from alma_agent.review import NobodyThere
from alma_agent.terminal import render, running
from alma_agent.terminal.consoles import err
from alma_agent.terminal.observing import observing
from alma_agent.terminal.programs import require_program
from alma_agent.terminal.proposals.ground import Ground
from alma_agent.terminal.proposals.memories import memory_for
from alma_agent.terminal.proposals.proposing import Wish, finished, written
from alma_agent.terminal.wording import counted
from alma_agent.wiring import House
from toolset.checks import require_parsing
from toolset.errors import FileMissing, ToolsetError
from toolset.scope import require_in_scope
from toolset.spills import require_no_spill
from toolset.work_tree import uncommitted
from toolset.workspace import Workspace, is_protected


async def propose_goal(goal: str, file: Path | None, over: Ground, wish: Wish) -> int:
    """Let the planner or a model make a change; return the exit code.

    Raises AlmaError and ToolsetError.
    """
    goal = writable(goal).strip()
    if not goal:
        raise UsageError('The goal is empty. Say what to do, such as "rename load to read_csv".')
    require_program(over.workspace, wish.settings.check)
    policy_of(over.trees, over.base)  # one that cannot be read is told before a model is asked
    left = [path for path in uncommitted(over.trees.repository) if not is_protected(path)]
    if left:
        err.print(
            f"Your uncommitted changes ({counted(len(left), 'file')}) are not part of it: it is "
            f"made over {over.name}.",
            soft_wrap=True,
        )
    heard: list[Recalled] = []
    with over.trees.worktree(over.base) as top, memory_for(over.workspace, wish.memory) as memory:
        private = Workspace(top)
        house = memory.over(private, heard)
        try:
            proposal = await _worked(
                goal, file, over=over, house=house, settings=wish.settings, heard=heard
            )
        finally:
            house.close()
        tree = over.tree
        if proposal.changes:
            tree = written(private, proposal.changes)
    by_model = not proposal.recipe
    told = Told(
        goal=goal,
        author=over.author,
        origin="model" if by_model else "refactoring",
        agent=f"alma {__version__}",
        model=proposal.proposer if by_model else None,
        rationale=proposal.rationale,
        recipe=steps_of(proposal.recipe),
        evidence=evidence_of(proposal.evidence),
        memories=memories_of(heard) if by_model else (),
        notes=tuple(notes_of_proposal(proposal)),
        cost=cost_of(proposal.usage),
    )
    return finished(over, tree, told, wish)


async def _worked(
    goal: str,
    file: Path | None,
    *,
    over: Ground,
    house: House,
    settings: Settings,
    heard: list[Recalled],
) -> Proposal:
    """Return what is proposed in the private work tree; `heard` gets what was told of memory."""
    private = house.workspace
    task = running.task_of(
        goal,
        replace(settings, check=_absolute(settings.check, over.workspace, private)),
        file=_located(file, over, private),
    )
    observer = observing()
    crew = house.crew(
        task.goal,
        settings,
        NobodyThere(),
        observer,
        choose=running.chooser(),
        folder=PurePosixPath(Path.cwd().resolve().relative_to(over.workspace.root).as_posix()),
        approver=running.approver(),
        remembers=False,
    )
    recollection = await crew.library.recall(task)
    observer.recalled(recollection)
    heard += recollection.memories
    try:
        proposal = await crew.proposer.propose(task, recollection)
        require_in_scope(proposal.changes, task.scope)
        require_parsing(proposal.changes)
        require_no_spill(proposal.changes)
    except (AlmaError, ToolsetError) as error:
        if made_so_far := so_far(error):
            err.print(f"cost: {render.cost(made_so_far.usage)}", style="dim")
        raise
    return proposal


def _located(file: Path | None, over: Ground, private: Workspace) -> PurePosixPath | None:
    """Return the file that a goal is about, as the private work tree has it."""
    if file is None:
        return None
    located = over.workspace.locate(file, base=Path.cwd())
    try:
        private.read(located)
    except FileMissing as error:
        raise UsageError(
            f"{located} is not in {over.name}. Commit it first, or propose it as it is: `alma "
            "propose GOAL --from-diff`."
        ) from error
    return located


def _absolute(check: tuple[str, ...], workspace: Workspace, private: Workspace) -> tuple[str, ...]:
    """Return a check as it can be started in the private work tree, where nothing ignored is."""
    if not check or "/" not in check[0] or (private.root / check[0]).exists():
        return check
    program = workspace.root / check[0]
    return (str(program), *check[1:]) if program.exists() else check
