"""A proposal from a goal or from a difference: made in private, checked, put into its folder.

The user's files, index, HEAD, branches and stash stay as they are. What is not sound, out of scope,
or fails its check becomes no proposal.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from alma_agent import __version__
from alma_agent.config import Settings
from alma_agent.errors import AlmaError, UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.ports import so_far
from alma_agent.proposals import differences, folder
from alma_agent.proposals.artefact import PROPOSAL, Note, ProposalDocument, decode
from alma_agent.proposals.checking import CheckRun, run_checks
from alma_agent.proposals.loading import changes_between
from alma_agent.proposals.making import Told, made, require_plain
from alma_agent.proposals.policy import policy_of
from alma_agent.proposals.refusals import PolicyForbids
from alma_agent.proposals.telling import (
    cost_of,
    evidence_of,
    memories_of,
    notes_of_changes,
    notes_of_proposal,
    steps_of,
)
from alma_agent.records import Proposal, new_id, writable
from alma_agent.redact import redacted
from alma_agent.remembered import Recalled
from alma_agent.review import NobodyThere
from alma_agent.terminal import render, running
from alma_agent.terminal.consoles import err, manner, tell
from alma_agent.terminal.observing import observing
from alma_agent.terminal.proposals import propose_documents as documents
from alma_agent.terminal.proposals import render_proposed
from alma_agent.terminal.proposals.ground import Ground
from alma_agent.terminal.proposals.memories import memory_for
from alma_agent.terminal.proposals.optional_value import WORK_TREE
from alma_agent.terminal.wording import counted
from alma_agent.wiring import House
from toolset.apply import apply
from toolset.checks import require_parsing
from toolset.edits import ChangeSet
from toolset.errors import FileMissing, ToolsetError
from toolset.git import Repository
from toolset.scope import EditScope, require_in_scope
from toolset.spills import require_no_spill
from toolset.work_tree import tree_with, uncommitted
from toolset.workspace import Workspace, is_protected


@dataclass(frozen=True, slots=True)
class Wish:
    """What a proposal is to have besides its change. `memory` is a folder of exported files."""

    settings: Settings
    notes: tuple[str, ...] = ()
    memory: Path | None = None
    dry_run: bool = False


def require_sense(goal: str, source: str | None, agent: str, file: Path | None) -> None:
    """Raise UsageError for flags that do not go together."""
    if source is None and agent:
        raise UsageError("--agent goes with --from-diff: it says who made the change.")
    if source is not None and file is not None:
        raise UsageError("--file goes with a goal. --scope says what a difference may change.")
    if source == goal == "-":
        raise UsageError("Standard input can be the patch or the goal, not both.")


async def propose_goal(goal: str, file: Path | None, over: Ground, wish: Wish) -> int:
    """Let the planner or a model make a change; return the exit code.

    Raises AlmaError and ToolsetError.
    """
    goal = writable(goal).strip()
    if not goal:
        raise UsageError('The goal is empty. Say what to do, such as "rename load to read_csv".')
    running.require_program(over.workspace, wish.settings.check)
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


async def propose_difference(source: str, goal: str, agent: str, over: Ground, wish: Wish) -> int:
    """Propose what somebody changed already; return the exit code.

    `source` is a commit, a range, `-` for a patch on standard input, `.` for the work tree. Raises
    AlmaError and ToolsetError.
    """
    running.require_program(over.workspace, wish.settings.check)
    found = _difference(source, over)
    goal = writable(goal).strip()
    rationale = "\n\n".join(filter(None, [found.goal if goal else "", found.rationale]))
    if found.tree != over.tree and not (goal or found.goal):
        raise UsageError(
            "Say what the change is for: `alma propose GOAL --from-diff`. Nothing was written."
        )
    if found.left_out:
        err.print(f"Left out, as it is alma's own: {some(found.left_out)}", soft_wrap=True)
    told = Told(
        goal=goal or found.goal,
        author=over.author,
        origin="diff",
        agent=agent,
        rationale=rationale,
        notes=tuple(_made_by(found.authors, over)),
    )
    return finished(over, found.tree, told, wish, left_out=found.left_out)


def finished(
    over: Ground,
    tree: str,
    told: Told,
    wish: Wish,
    *,
    left_out: Sequence[PurePosixPath] = (),
) -> int:
    """Examine a change, check it, write it down as a proposal and say so; return the exit code.

    Raises PathRefused (links, submodules), OutOfScope, PolicyForbids, GitFailed.
    """
    if tree == over.tree:
        nothing: documents.ProposeResult = {
            "outcome": "nothing to do",
            "folder": None,
            "proposal": None,
            "diff": "",
            "left_out": documents.paths(left_out),
        }
        why = f"It has nothing that {over.name} lacks." if told.origin == "diff" else told.rationale
        tell(nothing, f"Nothing to do. {redacted(why)}".rstrip())
        return ExitCode.DONE
    require_plain(over.trees.changes(over.tree, tree))
    changes = changes_between(over.trees, over.tree, tree)
    require_allowed(changes, over, wish.settings.scope)
    runs = checked(over, tree, wish.settings)
    notes = [Note(path="", line=0, text=one) for one in wish.notes]
    notes += [*told.notes, *notes_of_changes(changes, over.workspace, lint=wish.settings.lint)]
    scope = wish.settings.scope.globs
    told = replace(told, checks=runs, notes=tuple(notes), scope=scope)
    name, files = made(over.trees, over.base, tree, told)
    outcome = "proposed"
    if not all(run.passed for run in runs):
        outcome = "checks failed"
    elif wish.dry_run:
        outcome = "would be proposed"
    else:
        folder.write(over.workspace, name, files)
    where = str(folder.HOME / name) if outcome == "proposed" else None
    document = decode(files[PROPOSAL], ProposalDocument)
    result: documents.ProposeResult = {
        "outcome": outcome,
        "folder": where,
        "proposal": documents.proposal(document, files),
        "diff": changes.diff(),
        "left_out": documents.paths(left_out),
    }
    tell(result, render_proposed.proposed(document, changes, result, over.name))
    return _code(outcome)


def require_allowed(changes: ChangeSet, over: Ground, scope: EditScope) -> None:
    """Raise OutOfScope, or PolicyForbids for what no proposal may change over this commit."""
    require_in_scope(changes, scope)
    allowed = policy_of(over.trees, over.base).scope
    outside = [path for path in changes.paths if not allowed.allows(path)]
    if outside:
        raise PolicyForbids(
            "policy",
            f"{some(outside)}: the policy at {over.name} lets proposals change {allowed}, and "
            "nothing else. Nothing was written.",
        )


def written(private: Workspace, changes: ChangeSet) -> str:
    """Write a change into a private work tree; return the tree of git that it makes."""
    apply(private, changes, id=new_id())
    return tree_with(Repository(private.root), changes.paths)


def checked(over: Ground, tree: str, settings: Settings) -> tuple[CheckRun, ...]:
    """Run the check, if there is one, over a tree."""
    commands = [settings.check] if settings.check else []
    return run_checks(
        over.workspace,
        over.trees,
        tree,
        commands,
        timeout_s=settings.check_timeout_s,
        network=settings.check_network,
    )


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


def _difference(source: str, over: Ground) -> differences.Difference:
    if source == WORK_TREE:
        return differences.of_work_tree(over.trees, over.base)
    if source != "-":
        return differences.of_revision(over.trees, over.base, source)
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("- reads a patch from standard input, and nothing is piped into it.")
    return differences.of_patch(over.trees, over.base, sys.stdin.buffer.read())


def _made_by(authors: Sequence[str], over: Ground) -> list[Note]:
    """Say who made a change, where that is not who proposes it."""
    others = [one for one in authors if f"<{over.author.email}>" not in one]
    return [Note(path="", line=0, text=f"Made by {', '.join(others)}.")] if others else []


def _code(outcome: str) -> int:
    if outcome != "checks failed":
        return ExitCode.DONE
    manner.reason = "The check failed over the change; nothing was written."
    return ExitCode.CHECKS_FAILED


def some(paths: Sequence[PurePosixPath]) -> str:
    shown = ", ".join(map(str, paths[:5]))
    return f"{shown} and {len(paths) - 5} more" if len(paths) > 5 else shown  # noqa: PLR2004
