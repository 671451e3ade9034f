"""The commands about what is kept: `diff` and `checkpoints`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from alma_agent.terminal import render
from alma_agent.terminal.consoles import err, manner, out, tell
from alma_agent.terminal.documents import (
    CheckpointsResult,
    DiffResult,
    PruneResult,
    checkpoint,
    files,
)
from alma_agent.terminal.opening import opened_house
from alma_agent.terminal.paging import page
from alma_agent.undo import change_of
from toolset import checkpoints
from toolset.lock import exclusive
from toolset.workspace import Workspace


async def show_change(id_prefix: str | None) -> int:
    has_worked = bool(id_prefix and checkpoints.saved(Workspace.around(Path.cwd())))
    house = await opened_house(has_worked=has_worked)
    if house is None:
        tell(DiffResult(files=[], diff=""))
        return 0
    changes = change_of(house.workspace, house.library, id_prefix)
    tell(DiffResult(files=files(changes), diff=changes.diff()))
    if not manner.json:
        page(out, render.change(changes))
    return 0


async def list_checkpoints() -> int:
    kept = checkpoints.saved(Workspace.around(Path.cwd()))
    told = CheckpointsResult(checkpoints=[checkpoint(one) for one in kept])
    tell(told, render.checkpoints(kept) if kept else "No checkpoint is kept here.")
    return 0


async def prune_checkpoints(*, keep: int, days: float, dry_run: bool) -> int:
    """Forget old checkpoints, and say which."""
    workspace = Workspace.around(Path.cwd())
    kept = checkpoints.saved(workspace)
    old = checkpoints.expired(kept, keep=keep, days=days, now=datetime.now(UTC))
    told = PruneResult(
        forgotten=[checkpoint(one) for one in old], kept=len(kept) - len(old), dry_run=dry_run
    )
    if not old:
        tell(told, f"Nothing to forget: {len(kept)} kept.")
        return 0
    if not dry_run:
        with exclusive(workspace):
            checkpoints.remove(workspace, old)
    tell(told, render.checkpoints(old))
    end = "would be forgotten." if dry_run else "forgotten; these changes can no longer be undone."
    err.print(f"{len(old)} of {len(kept)} {end}")
    return 0
