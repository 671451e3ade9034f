"""The way back, and forward again: an interaction's files as they were before it.

Never over later work: what was changed elsewhere in the same files since is kept; a change in the
same lines refuses the whole undo, and is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from alma_agent.errors import AlmaError, NothingToUndo, UsageError
from alma_agent.ports import Library
from alma_agent.records import (
    Applied,
    Interaction,
    Proposal,
    Undone,
    Verb,
    Verdict,
    file_changes,
    new_id,
    reverted,
)
from alma_agent.run import land
from toolset import checkpoints
from toolset.checkpoints import LIBRARY_LABEL
from toolset.checks import require_parsing
from toolset.edits import ChangeSet
from toolset.errors import CheckpointGone, NoSuchCheckpoint
from toolset.merging import taken_back
from toolset.workspace import Workspace

_REACH = 1_000
_WHAT: dict[Verb, str] = {"undo": "change of alma's", "redo": "undo"}


async def undo(
    workspace: Workspace, library: Library, *, id_prefix: str | None = None
) -> tuple[Interaction, ChangeSet]:
    """Undo one interaction (default: the newest that is still in the files).

    Returns the new interaction that records it, and what it changed. Raises NothingToUndo;
    UsageError if that one changed nothing, LaterWork if its lines have changed since,
    CheckpointGone if its bytes are gone.
    """
    workspace.require_own_state()
    if id_prefix is not None:
        targets = [_named(workspace, library, id_prefix)]
    else:
        history, gone = _history(library)
        targets = [
            one for one in history if one.id not in gone and isinstance(one.outcome, Applied)
        ]
    return await _taken_back(workspace, library, targets, "undo")


async def redo(workspace: Workspace, library: Library) -> tuple[Interaction, ChangeSet]:
    """Undo the newest undo that is in the files. Raises as `undo` does."""
    workspace.require_own_state()
    history, gone = _history(library)
    by_id = {one.id: one for one in history}
    undos = [one for one in history if one.id not in gone and _takes_away(one, by_id)]
    return await _taken_back(workspace, library, undos, "redo")


def change_of(workspace: Workspace, library: Library, id_prefix: str | None) -> ChangeSet:
    """Return what an interaction changed (default: the newest that changed something).

    Raises NothingToUndo if nothing was changed yet, UsageError if this one changed nothing,
    CheckpointGone if its bytes are gone.
    """
    if id_prefix is None:
        landed = (one for one in library.interactions(limit=_REACH) if _changed_files(one))
        target = next(landed, None)
        if target is None:
            raise NothingToUndo("alma has changed nothing here yet.")
    else:
        target = _by_toolset_alone(workspace, id_prefix) or library.interaction(id_prefix)
        if not _changed_files(target):
            raise UsageError(f"{target.id} changed no file ({target.outcome.kind}).")
    return _kept(workspace, target)


async def _taken_back(
    workspace: Workspace, library: Library, targets: Sequence[Interaction], verb: Verb
) -> tuple[Interaction, ChangeSet]:
    """Take back the first of `targets` that is still in the files."""
    for target in targets:
        changes = _way_back(workspace, target)
        if changes:
            break
    else:
        raise NothingToUndo(
            f"The files are as they were before {targets[0].id} already."
            if targets
            else f"There is nothing to {verb}: no {_WHAT[verb]} is in the files."
        )
    id_ = new_id()
    told = Interaction(
        id=id_,
        at=datetime.now(UTC),
        goal=f"{verb} {target.id}: {_first_goal(library, target)}",
        outcome=Undone(of=target.id, checkpoint=id_, verb=verb),
        files=file_changes(changes),
        verdict=Verdict(accepted=True, by="human", reason="asked for"),
    )
    proposal = Proposal(changes, rationale="", proposer="undo")
    return await land(told, proposal, workspace, library), changes


def _way_back(workspace: Workspace, target: Interaction) -> ChangeSet:
    """Return what takes an interaction out of the files as they are; empty if it is out already."""
    done = _kept(workspace, target)
    changes = taken_back(workspace, done, id=target.id)
    merged = tuple(edit for edit in changes if edit.after not in {one.before for one in done})
    require_parsing(ChangeSet(merged))
    return changes


def _first_goal(library: Library, target: Interaction) -> str:
    """Return the goal that a chain of undo and redo began with."""
    goal = target.goal
    while isinstance(target.outcome, Undone):
        try:
            target = library.interaction(target.outcome.of)
        except AlmaError:  # `toolset` changed it as a library, so no interaction tells of it
            return goal.partition(": ")[2]
        goal = target.goal
    return goal


def _takes_away(one: Interaction, by_id: dict[str, Interaction]) -> bool:
    """Say whether this is an undo, and not one that undid an undo: a redo."""
    steps, current = 0, one
    while isinstance(current.outcome, Undone) and current.outcome.of in by_id:
        steps, current = steps + 1, by_id[current.outcome.of]
    return steps % 2 == 1


def _kept(workspace: Workspace, target: Interaction) -> ChangeSet:
    """Return what an interaction changed, from its checkpoint; the ledger's digests prove it."""
    checkpoint = checkpoints.load(workspace, target.id)
    changes = checkpoints.changes_of(workspace, checkpoint)
    if file_changes(changes) != target.files:
        raise CheckpointGone(f"checkpoint {checkpoint.id} does not hold what it held")
    return changes


def _by_toolset_alone(workspace: Workspace, id: str) -> Interaction | None:
    """Return a change that `toolset` made as a library: it has a checkpoint, and no interaction."""
    try:
        checkpoint = checkpoints.load(workspace, id)
    except NoSuchCheckpoint:
        return None
    if not checkpoint.label.startswith(LIBRARY_LABEL):
        return None
    files = file_changes(checkpoints.changes_of(workspace, checkpoint))
    return Interaction(
        checkpoint.id, checkpoint.at, checkpoint.label, Applied(checkpoint.id), files=files
    )


def _changed_files(one: Interaction) -> bool:
    return isinstance(one.outcome, Applied | Undone)


def _history(library: Library) -> tuple[Sequence[Interaction], set[str]]:
    """Return what happened, newest first, and the ids of what is not in the files any more."""
    history = library.interactions(limit=_REACH)
    return history, reverted(reversed(history))


def _named(workspace: Workspace, library: Library, id_prefix: str) -> Interaction:
    target = _by_toolset_alone(workspace, id_prefix) or library.interaction(id_prefix)
    if not _changed_files(target):
        raise UsageError(f"{target.id} changed no file ({target.outcome.kind}): nothing to undo.")
    if target.id in _history(library)[1]:
        raise NothingToUndo(f"{target.id} was undone already; see alma log.")
    return target
