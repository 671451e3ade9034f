"""A proposal from a goal or from a difference: made in private, checked, put into its folder.

The user's files, index, HEAD, branches and stash stay as they are. What is not sound, out of scope,
or fails its check becomes no proposal.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from alma_agent.config import Settings
from alma_agent.errors import UsageError
from alma_agent.exit_codes import ExitCode
from alma_agent.proposals import differences, folder
from alma_agent.proposals.artefact import PROPOSAL, Note, ProposalDocument, decode, digest
from alma_agent.proposals.checking import CheckRun, run_checks
from alma_agent.proposals.loading import changes_between
from alma_agent.proposals.making import Told, made, require_plain
from alma_agent.proposals.policy import policy_of
from alma_agent.proposals.refusals import PolicyForbids, some_of
from alma_agent.proposals.telling import (
    notes_of_changes,
)
from alma_agent.proposals.vouching import vouch_here
from alma_agent.records import new_id, writable
from alma_agent.redact import redacted
from alma_agent.terminal.consoles import err, manner, tell
from alma_agent.terminal.programs import require_program
from alma_agent.terminal.proposals import propose_documents as documents
from alma_agent.terminal.proposals import render_proposed
from alma_agent.terminal.proposals.ground import Ground
from alma_agent.terminal.proposals.optional_value import WORK_TREE
from alma_agent.terminal.proposals.telling_checks import tell_checks
from toolset.apply import apply
from toolset.edits import ChangeSet
from toolset.git import Repository
from toolset.scope import EditScope, require_in_scope
from toolset.work_tree import tree_with
from toolset.workspace import Workspace

_EVERYWHERE = ("/usr/", "/bin/")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a proposal is to have besides its change. `memory` is a folder of exported files."""

    settings: Settings
    notes: tuple[str, ...] = ()
    memory: Path | None = None
    dry_run: bool = False


def require_sense(
    goal: str, source: str | None, agent: str, file: Path | None, check: tuple[str, ...]
) -> None:
    """Raise UsageError for flags that do not go together, or that would publish a secret."""
    require_publishable(check)
    if source is None and agent:
        raise UsageError("--agent goes with --from-diff: it says who made the change.")
    if source is not None and file is not None:
        raise UsageError("--file goes with a goal. --scope says what a difference may change.")
    if source == goal == "-":
        raise UsageError("Standard input can be the patch or the goal, not both.")


def require_publishable(check: tuple[str, ...]) -> None:
    """Raise UsageError for a check that seems to hold a secret."""
    told = shlex.join(check)
    if redacted(told) != told:
        raise UsageError(
            "The check's command line seems to hold a secret, and everybody who reads the proposal "
            "would see it. Put it into a script of yours. Nothing was written."
        )


async def propose_difference(source: str, goal: str, agent: str, over: Ground, wish: Wish) -> int:
    """Propose what somebody changed already; return the exit code.

    `source` is a commit, a range, `-` for a patch on standard input, `.` for the work tree. Raises
    AlmaError and ToolsetError.
    """
    require_program(over.workspace, wish.settings.check)
    policy_of(over.trees, over.base)  # one that cannot be read is told before anything is done
    found = _difference(source, over)
    goal = writable(goal).strip()
    rationale = "\n\n".join(filter(None, [found.goal if goal else "", found.rationale]))
    if found.tree != over.tree and not (goal or found.goal):
        raise UsageError(
            "Say what the change is for: `alma propose GOAL --from-diff`. Nothing was written."
        )
    if found.left_out:
        err.print(f"Left out, as it is alma's own: {some_of(found.left_out)}", soft_wrap=True)
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
    notes += notes_of_check(wish.settings.check)
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
        if runs:  # the user's own check
            vouch_here(over.workspace, digest(files[PROPOSAL]))
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
            f"{some_of(outside)}: the policy at {over.name} lets proposals change {allowed}, and "
            "nothing else. Nothing was written.",
        )


def notes_of_check(check: Sequence[str]) -> list[Note]:
    """Say where a check is of no use to those who land the proposal elsewhere."""
    if not check or not check[0].startswith("/") or check[0].startswith(_EVERYWHERE):
        return []
    told = f"{check[0]} is a path of this machine: where it is not, the check cannot be run."
    return [Note(path="", line=0, text=told)]


def written(private: Workspace, changes: ChangeSet) -> str:
    """Write a change into a private work tree; return the tree of git that it makes."""
    apply(private, changes, id=new_id())
    return tree_with(Repository(private.root), changes.paths)


def checked(over: Ground, tree: str, settings: Settings) -> tuple[CheckRun, ...]:
    """Run the check, if there is one, over a tree."""
    commands = [settings.check] if settings.check else []
    tell_checks(commands)
    return run_checks(
        over.workspace,
        over.trees,
        tree,
        commands,
        timeout_s=settings.check_timeout_s,
        network=settings.check_network,
    )


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
