"""The order of things: from a task to what is remembered of it.

Sees plain records and a few ports. Nothing is written before it is checked, reviewed and
checkpointed; whatever happens is remembered.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from alma_agent import codec
from alma_agent.errors import (
    AlmaError,
    LedgerUnavailable,
    LimitReached,
    ModelUnavailable,
    NeedsHuman,
    UsageError,
)
from alma_agent.examining import examined, reviewed
from alma_agent.ports import Crew, Library, so_far
from alma_agent.records import (
    Applied,
    ChecksFailed,
    Failed,
    Interaction,
    NothingToDo,
    Outcome,
    Proposal,
    Refused,
    RolledBack,
    Task,
    Undone,
    file_changes,
    writable,
)
from alma_agent.secretless import secretless
from toolset import checkpoints
from toolset.apply import Recovery, apply, close, needs_recovery, recover
from toolset.checks import CheckReport, require_parsing, run_check
from toolset.edits import ChangeSet
from toolset.errors import ToolsetError
from toolset.lock import exclusive
from toolset.merging import rebased
from toolset.spills import require_no_spill
from toolset.workspace import Workspace

# What stops a run and says nothing of the code: it is in the log, and no memory of anything.
_OF_THE_MOMENT = (LimitReached, ModelUnavailable, NeedsHuman, UsageError)


async def run(task: Task, workspace: Workspace, crew: Crew) -> Interaction:
    """Carry one task from goal to remembered outcome.

    A refusal is an outcome. Raises AlmaError or ToolsetError for what stops alma; that is
    remembered too, and no file was changed.
    """
    task = replace(task, goal=writable(task.goal))
    story = _Story(task)
    try:
        await _propose(story, crew)
        return await _decide(story, workspace, crew)
    except LedgerUnavailable:
        raise  # nothing can be remembered of it
    except (AlmaError, ToolsetError) as error:
        story.proposal = so_far(error) or story.proposal
        teaches = not isinstance(error, _OF_THE_MOMENT)
        await crew.library.remember(story.ending(Failed(str(error), teaches=teaches)))
        raise


async def preview(
    task: Task, workspace: Workspace, crew: Crew
) -> tuple[Proposal, tuple[CheckReport, ...]]:
    """Propose and check, and no more: nothing is decided, written or remembered.

    Raises what `run` does.
    """
    story = _Story(replace(task, goal=writable(task.goal)))
    proposal = await _propose(story, crew)
    if proposal.changes:
        proposal = _examine(story, proposal, workspace, crew)
    return proposal, story.checks


async def settle(workspace: Workspace, library: Library) -> list[Recovery]:
    """Finish and record what a killed run left. Raises WorkspaceBusy if another alma is at work."""
    if not needs_recovery(workspace):
        return []
    with exclusive(workspace, timeout_s=5.0):
        return await _settle_locked(workspace, library)


async def _settle_locked(workspace: Workspace, library: Library) -> list[Recovery]:
    found = recover(workspace)
    for recovery in found:
        if recovery.memo:
            told = codec.decode(recovery.memo)
            await library.remember(told if recovery.applied else told.ending(_taken_back(recovery)))
        close(workspace, recovery.id)
    return found


def _taken_back(recovery: Recovery) -> RolledBack:
    reason = "the run was killed while it wrote; the old files are back"
    if recovery.conflicts:
        left = ", ".join(str(path) for path in recovery.conflicts)
        reason += f", but for files edited since: {left}"
    return RolledBack(reason)


class _Story:
    """What is known of a run so far; becomes one interaction at any end."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.recalled: tuple[str, ...] = ()
        self.proposal: Proposal | None = None
        self.checks: tuple[CheckReport, ...] = ()
        self._at = datetime.now(UTC)
        self._started = time.monotonic()

    def ending(self, outcome: Outcome) -> Interaction:
        interaction = Interaction(
            id=self.task.id,
            at=self._at,
            goal=self.task.goal,
            outcome=outcome,
            file=self.task.file,
            recalled=self.recalled,
            session=self.task.session,
            checks=self.checks,
            seconds=round(time.monotonic() - self._started, 3),
        )
        proposal = self.proposal
        if proposal is None:
            return interaction
        return replace(
            interaction,
            proposer=proposal.proposer,
            rationale=writable(proposal.rationale),
            evidence=proposal.evidence.summary() if proposal.evidence else "",
            files=file_changes(proposal.changes),
            usage=proposal.usage,
            refusals=proposal.refusals,
        )


async def _propose(story: _Story, crew: Crew) -> Proposal:
    recollection = await crew.library.recall(story.task)
    crew.observer.recalled(recollection)
    story.recalled = tuple(one.memory.id for one in recollection.memories)
    story.proposal = await crew.proposer.propose(story.task, recollection)
    return story.proposal


def _examine(story: _Story, proposal: Proposal, workspace: Workspace, crew: Crew) -> Proposal:
    """Return the proposal with what deserves a look; the story gets what the check said."""
    story.proposal, story.checks = examined(story.task, proposal, workspace, crew)
    return story.proposal


async def _decide(story: _Story, workspace: Workspace, crew: Crew) -> Interaction:
    """Check and review the proposal, and carry it out if nobody objects."""
    proposal = story.proposal
    if proposal is None or not proposal.changes:
        return await _end(story.ending(NothingToDo()), crew.library)
    proposal = _examine(story, proposal, workspace, crew)
    failed = next((report for report in story.checks if not report.passed), None)
    if failed:
        return await _end(story.ending(ChecksFailed(failed)), crew.library)
    proposal, checks, verdict = await reviewed(story.task, proposal, story.checks, workspace, crew)
    story.proposal, story.checks = proposal, checks
    if not verdict.accepted:
        refused = Refused(verdict.reason, needs_human=verdict.by == "nobody")
        return await _end(replace(story.ending(refused), verdict=verdict), crew.library)
    applied = replace(story.ending(Applied(checkpoint=story.task.id)), verdict=verdict)
    crew.observer.step("applying")
    return await land(
        applied,
        proposal,
        workspace,
        crew.library,
        check_timeout_s=story.task.check_timeout_s,
        check_network=story.task.check_network,
    )


async def land(
    interaction: Interaction,
    proposal: Proposal,
    workspace: Workspace,
    library: Library,
    *,
    check_timeout_s: float = 600.0,
    check_network: bool = False,
) -> Interaction:
    """Checkpoint, apply and remember, under the workspace's lock.

    Files that changed elsewhere since the proposal was made are merged, and what passed a check has
    to pass it again. Changes in the same lines are StaleEdit.

    The journal carries the interaction: a process killed in between is finished, and recorded, by
    `settle`. Raises ToolsetError; no file was changed then.
    """
    with exclusive(workspace):
        # A run that was killed since this one began is finished first: its journal would otherwise
        # be taken for the newer one, and take this change back.
        await _settle_locked(workspace, library)
        changes = rebased(workspace, proposal.changes)
        if changes is not proposal.changes:
            interaction = _checked_again(
                interaction, changes, workspace, check_timeout_s, network=check_network
            )
            if not isinstance(interaction.outcome, Applied | Undone):
                return await _end(interaction, library)
        kept = secretless(interaction)
        with checkpoints.kept(workspace, changes, id=kept.id, label=kept.goal):
            apply(workspace, changes, id=kept.id, memo=codec.encode(kept))
        try:
            await library.remember(interaction)
        except LedgerUnavailable as error:
            raise LedgerUnavailable(
                f"{error} The change is in your files; the next alma command will record it."
            ) from error
        close(workspace, interaction.id)
    return interaction


def _checked_again(
    interaction: Interaction,
    changes: ChangeSet,
    workspace: Workspace,
    timeout_s: float,
    *,
    network: bool,
) -> Interaction:
    """Return the interaction as it is over files that changed meanwhile: "passed" is no hearsay."""
    require_parsing(changes)
    require_no_spill(changes)
    interaction = replace(interaction, files=file_changes(changes))
    reports = [
        run_check(workspace, changes, report.command, timeout_s=timeout_s, network=network)
        for report in interaction.checks
    ]
    interaction = replace(interaction, checks=tuple(reports))
    failed = next((report for report in reports if not report.passed), None)
    if failed:
        return interaction.ending(ChecksFailed(failed))
    return interaction if changes else interaction.ending(NothingToDo())


async def _end(interaction: Interaction, library: Library) -> Interaction:
    await library.remember(interaction)
    return interaction
