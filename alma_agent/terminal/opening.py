"""The house of the folder in hand, for commands that only look."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from alma_agent.config import memory_choice
from alma_agent.run import settle
from alma_agent.terminal import render
from alma_agent.terminal.consoles import err, out
from alma_agent.wiring import House, open_house
from toolset.apply import needs_recovery
from toolset.errors import WorkspaceBusy
from toolset.workspace import STATE_FOLDER, Workspace


async def opened_house(*, has_worked: bool = False, tell: Console = out) -> House | None:
    """Open the house if alma has been here; a look leaves no trace in a folder it has not.

    `has_worked`: it has, though there may be no ledger (`toolset` alone keeps none). `tell` is told
    where it has not.
    """
    workspace = Workspace.around(Path.cwd())
    if not has_worked and not has_ledger(workspace) and not needs_recovery(workspace):
        tell.print(f"alma has not worked in {workspace.root} yet.", soft_wrap=True)
        return None
    house = open_house(workspace)
    try:
        for one in await settle(workspace, house.library):
            err.print(render.recovery(one), soft_wrap=True)
    except WorkspaceBusy as error:
        err.print(str(error))
    return house


def has_ledger(workspace: Workspace) -> bool:
    """Say whether there is a ledger: a server's is looked at wherever one is named."""
    file = workspace.root / STATE_FOLDER / "ledger.sqlite3"
    return memory_choice().ledger is not None or file.exists()
