"""A proposal carried over to where its base has moved: a new revision, in the same folder.

An exact refactoring is made again; any other change is merged, if that is clean. Nobody has seen
the result, so nobody has approved it.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from alma_agent.config import Settings
from alma_agent.exit_codes import ExitCode
from alma_agent.proposals import folder
from alma_agent.proposals.account import Account
from alma_agent.proposals.artefact import (
    APPROVALS,
    PROPOSAL,
    Evidence,
    ProposalDocument,
    Step,
    decode,
    digest,
)
from alma_agent.proposals.checking import run_checks
from alma_agent.proposals.drift import applied_in, moved_in
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.integrity import examined, made_tree
from alma_agent.proposals.loading import changes_between, require_base
from alma_agent.proposals.refusals import Conflicts, some_of
from alma_agent.proposals.replaying import request_of
from alma_agent.proposals.revising import Revised, following
from alma_agent.proposals.telling import evidence_of, notes_of_changes, steps_of
from alma_agent.proposals.vouching import is_vouched_here, vouch_here
from alma_agent.proposer.exact import ExactRefactorer
from alma_agent.records import Task
from alma_agent.remembered import Recollection
from alma_agent.terminal.consoles import manner, tell
from alma_agent.terminal.programs import require_program
from alma_agent.terminal.proposals import propose_documents as documents
from alma_agent.terminal.proposals import render_proposed
from alma_agent.terminal.proposals.consent import require_consent
from alma_agent.terminal.proposals.ground import Ground
from alma_agent.terminal.proposals.landed import landed_by, landed_in, require_kept
from alma_agent.terminal.proposals.proposing import (
    notes_of_check,
    require_allowed,
    require_publishable,
    written,
)
from alma_agent.terminal.proposals.telling_checks import tell_checks
from toolset.errors import ToolsetError
from toolset.scope import EditScope
from toolset.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a proposal makes of another commit, and how it came to that: `replay` or `merge`."""

    by: str
    tree: str
    recipe: tuple[Step, ...] | None = None
    evidence: Evidence | None = None


async def repropose(
    wanted: str,
    over: Ground,
    settings: Settings,
    *,
    yes: bool,
    always: bool,
    dry_run: bool,
    rechecked: bool = False,
) -> int:
    """Carry a proposal over to a commit; return the exit code.

    `yes`: the checks that came with it may be run. `always`: make a revision even where it would
    land as it is, or landed before. `rechecked`: the settings' check takes the place of its own.
    Raises Conflicts, NeedsHuman, NotSound, ToolsetError.
    """
    read = folder.find(over.workspace, wanted)
    document = examined(read, Account())
    if why := _stands(over, read, document, always=always):
        nothing: documents.ReproposeResult = {
            **_RESULT,
            "outcome": "nothing to do",
            "why": why,
            "folder": str(read.inside),
        }
        tell(nothing, f"Nothing to do: {why}")
        return ExitCode.DONE
    if landed := landed_by(read, document, over.trees, over.base):
        require_kept(read, document, over.trees, landed)
    commands = [tuple(one.argv) for one in document.checks]
    if rechecked:
        require_publishable(settings.check)
        require_program(over.workspace, settings.check)
        commands = [settings.check] if settings.check else []
    carried = await _carried(over, read, document)
    changes = changes_between(over.trees, over.tree, carried.tree)
    require_allowed(changes, over, EditScope(tuple(document.scope)))
    vouched = yes or is_vouched_here(over.workspace, read.sha256)
    require_consent(
        [one for one in commands if one != settings.check],
        yes=vouched,
        cure="Look at them, then say --yes.",
    )
    tell_checks(commands)
    runs = run_checks(
        over.workspace,
        over.trees,
        carried.tree,
        commands,
        timeout_s=settings.check_timeout_s,
        network=settings.check_network,
    )
    notes = [one for one in document.notes if not one.path]
    notes += notes_of_check(settings.check) if rechecked else []
    notes += notes_of_changes(changes, over.workspace, lint=settings.lint)
    own = Revised(
        checks=runs,
        notes=tuple(dict.fromkeys(notes)),
        recipe=carried.recipe,
        evidence=carried.evidence,
        at=datetime.now(UTC),
    )
    name, files = following(over.trees, read, document, base=over.base, tree=carried.tree, own=own)
    revision = decode(files[PROPOSAL], ProposalDocument)
    outcome = "would be reproposed" if dry_run else "reproposed"
    if not all(run.passed for run in runs):
        outcome = "checks failed"
        manner.reason = "The check failed over the change; nothing was written."
    elif not dry_run:
        folder.write(over.workspace, name, files)
        vouch_here(over.workspace, digest(files[PROPOSAL]))
    result: documents.ReproposeResult = {
        "outcome": outcome,
        "why": "",
        "folder": str(read.inside) if outcome == "reproposed" else None,
        "proposal": documents.proposal(revision, files),
        "by": carried.by,
        "range_diff": _range_diff(over, document, carried.tree),
        "dead": sorted(str(one) for one in read.files if _is_decision(one)),
    }
    tell(result, render_proposed.reproposed(revision, result, over.name))
    return ExitCode.CHECKS_FAILED if outcome == "checks failed" else ExitCode.DONE


_RESULT: documents.ReproposeResult = {
    "outcome": "",
    "why": "",
    "folder": None,
    "proposal": None,
    "by": None,
    "range_diff": "",
    "dead": [],
}


def _stands(over: Ground, read: Folder, document: ProposalDocument, *, always: bool) -> str:
    """Say why a proposal need not be carried over; empty if it must."""
    if applied_in(over.trees, document, over.tree):
        return f"{over.name} has all of it already."
    if always:
        return ""
    if landed := landed_in(read, document, over.trees, over.base):
        return (
            f"it landed, by {landed[:12]}; what it changed was changed since, or taken back. To "
            f"land it again, as a new revision: alma repropose {document.id} --always"
        )
    if over.tree == document.base.tree:
        return f"{over.name} is what the proposal was made over."
    if moved_in(over.trees, document, over.tree):
        return ""
    return (
        "only other files have changed since. It lands as it is, and approvals stay: alma apply "
        f"{document.id}. For a new revision all the same, say --always."
    )


async def _carried(over: Ground, read: Folder, document: ProposalDocument) -> _Carried:
    if document.recipe is not None:
        return await _made_again(over, document, document.recipe)
    require_base(over.trees, document)
    patch = read.data(document.patch.file)
    theirs = made_tree(over.trees, document, patch, document.base.tree)
    merged = over.trees.merged(document.base.tree, over.tree, theirs)
    if merged.conflicts:
        raise _again(
            document, f"The base has moved in the same lines: {some_of(merged.conflicts)}."
        )
    return _Carried("merge", merged.tree)


async def _made_again(over: Ground, document: ProposalDocument, recipe: Sequence[Step]) -> _Carried:
    """Carry out exact refactorings again, over another commit."""
    requests = [request_of(step) for step in recipe]
    task = Task(document.goal, scope=EditScope(tuple(document.scope)))
    with over.trees.worktree(over.base) as top:
        private = Workspace(top)
        try:
            made = await ExactRefactorer(private, requests).propose(task, Recollection())
        except ToolsetError as error:
            raise _again(document, f"The refactoring cannot be made again: {error}") from error
        tree = written(private, made.changes)
    return _Carried("replay", tree, steps_of(made.recipe), evidence_of(made.evidence))


def _again(document: ProposalDocument, why: str) -> Conflicts:
    goal = shlex.quote(document.goal.partition("\n")[0])
    how = f"`alma propose {goal}`"
    if document.origin == "diff":
        how = f"rebase the change, then `alma propose {goal} --from-diff`"
    return Conflicts("drift", f"{why} Nothing was written. Propose it again: {how}.")


def _range_diff(over: Ground, document: ProposalDocument, tree: str) -> str:
    """Return how two revisions differ; empty where the old base is not here."""
    if over.trees.tree_of(document.base.commit) != document.base.tree:
        return ""
    message = f"{document.goal.partition(chr(10))[0]}\n"
    old = over.trees.commit(document.result_tree, (document.base.commit,), message)
    new = over.trees.commit(tree, (over.base,), message)
    return over.trees.range_diff((document.base.commit, old), (over.base, new))


def _is_decision(path: PurePosixPath) -> bool:
    return path.parts[0] == APPROVALS and path.suffix == ".json"
