"""The way back: an applied interaction's files as they were before it.

Never over later work: a file that is not as the interaction left it refuses the whole undo.
"""

from __future__ import annotations

from datetime import UTC, datetime

from alma_agent.errors import UsageError
from alma_agent.ports import Library
from alma_agent.records import (
    Applied,
    FileChange,
    Interaction,
    Proposal,
    Undone,
    Verdict,
    file_changes,
    new_id,
    reverted,
)
from alma_agent.run import land
from toolset import checkpoints
from toolset.checkpoints import Checkpoint
from toolset.edits import ChangeSet, Digest, Edit, FileState
from toolset.errors import CheckpointGone, StaleEdit
from toolset.workspace import Workspace

_REACH = 1_000


async def undo(
    workspace: Workspace, library: Library, *, id_prefix: str | None = None
) -> tuple[Interaction, ChangeSet]:
    """Undo one interaction (default: the newest that is still in the files).

    Returns the new interaction that records it, and what it changed. Raises UsageError if there is
    nothing to undo, StaleEdit if a file has changed since, CheckpointGone if its bytes are gone.
    """
    workspace.require_own_state()
    target = _target(library, id_prefix)
    checkpoint = checkpoints.load(workspace, target.id)
    changes = ChangeSet(tuple(_way_back(workspace, checkpoint, file) for file in target.files))
    id_ = new_id()
    told = Interaction(
        id=id_,
        at=datetime.now(UTC),
        goal=f"undo {target.id}: {target.goal}",
        outcome=Undone(of=target.id, checkpoint=id_),
        files=file_changes(changes),
        verdict=Verdict(accepted=True, by="human", reason="asked for"),
    )
    proposal = Proposal(changes, rationale="", proposer="undo")
    return await land(told, proposal, workspace, library), changes


def _way_back(workspace: Workspace, checkpoint: Checkpoint, file: FileChange) -> Edit:
    now = workspace.state_of(file.path)
    if _digest(now) != file.after:
        raise StaleEdit(file.path, file.after, _digest(now))
    before = checkpoints.state_at(workspace, checkpoint, file.path)
    if before and now:  # a mode that was set since is later work too
        before = FileState(before.data, now.mode)
    if _digest(before) != file.before:
        raise CheckpointGone(f"{file.path} in checkpoint {checkpoint.id} is not what it was")
    return Edit(file.path, before=now, after=before)


def _digest(state: FileState | None) -> Digest | None:
    return None if state is None else state.digest


def _target(library: Library, id_prefix: str | None) -> Interaction:
    history = library.interactions(limit=_REACH)
    gone = reverted(reversed(history))
    if id_prefix is None:
        newest = (one for one in history if one.id not in gone and isinstance(one.outcome, Applied))
        target = next(newest, None)
        if target is None:
            raise UsageError("There is nothing to undo: no change of alma's is in the files.")
        return target
    target = library.interaction(id_prefix)
    if not isinstance(target.outcome, Applied | Undone):
        raise UsageError(f"{target.id} changed no file ({target.outcome.kind}): nothing to undo.")
    if target.id in gone:
        raise UsageError(f"{target.id} was undone already; see alma log.")
    return target
