"""`alma checkpoints`: see and forget the ways back."""

from __future__ import annotations

from typing import Annotated

import typer

from alma_agent.terminal.ending import ending


@ending
async def checkpoints_list() -> int:
    """List the checkpoints, newest first."""
    from alma_agent.terminal import keeping

    return await keeping.list_checkpoints()


@ending
async def checkpoints_prune(
    keep: Annotated[int, typer.Option(min=0, help="The newest ones that stay, however old.")] = 100,
    days: Annotated[float, typer.Option(min=0, help="Younger ones stay too.")] = 30.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only show which.")] = False,
) -> int:
    """Forget checkpoints that are neither among the newest nor young. alma never does by itself."""
    from alma_agent.terminal import keeping

    return await keeping.prune_checkpoints(keep=keep, days=days, dry_run=dry_run)
