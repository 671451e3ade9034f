"""`alma undo` and `alma redo`: from flags to the way back."""

from __future__ import annotations

from typing import Annotated

import typer

from alma_agent.terminal.completing import run_ids
from alma_agent.terminal.ending import ending


@ending
async def undo(
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="N|ID",
            help="How many changes to undo, the newest first; or the id of one. One if empty.",
            autocompletion=run_ids,
        ),
    ] = None,
) -> int:
    """Take back a change. Later work elsewhere in its files stays; in its lines, it refuses."""
    from alma_agent.terminal import undoing

    return await undoing.undo_changes(which)


@ending
async def redo() -> int:
    """Bring back what the newest undo took away."""
    from alma_agent.terminal import undoing

    return await undoing.redo_last()
