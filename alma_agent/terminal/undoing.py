"""`alma undo` and `alma redo`, from arguments to an exit code."""

from __future__ import annotations

import re
from pathlib import Path

from alma_agent.errors import AlmaError
from alma_agent.records import Interaction
from alma_agent.terminal import render
from alma_agent.terminal.consoles import tell
from alma_agent.terminal.documents import ToldInteraction, UndoResult, interaction
from alma_agent.terminal.running import settled_house
from alma_agent.undo import redo, undo
from toolset.edits import ChangeSet
from toolset.errors import ToolsetError
from toolset.workspace import Workspace

_COUNT = re.compile(r"[1-9][0-9]{0,2}")  # ids are longer
_FILES_SHOWN = 20


async def undo_changes(which: str | None) -> int:
    """Undo the newest changes, as many as `which` says, or the one of that id."""
    workspace = Workspace.around(Path.cwd())
    house = await settled_house(workspace)
    count = int(which) if which and _COUNT.fullmatch(which) else None
    done: list[ToldInteraction] = []
    for _ in range(count or 1):
        try:
            id_prefix = which if count is None else None
            _tell(done, *await undo(workspace, house.library, id_prefix=id_prefix))
        except (AlmaError, ToolsetError) as error:
            if done:
                changes = "1 change was" if len(done) == 1 else f"{len(done)} changes were"
                error.args = (f"{changes} undone; then: {error}",)
            raise
    return 0


async def redo_last() -> int:
    """Bring back what the newest undo took away."""
    workspace = Workspace.around(Path.cwd())
    house = await settled_house(workspace)
    _tell([], *await redo(workspace, house.library))
    return 0


def _tell(done: list[ToldInteraction], one: Interaction, changes: ChangeSet) -> None:
    done.append(interaction(one))
    paths = [f"  {edit.path}" for edit in changes]
    if len(paths) > _FILES_SHOWN:
        paths[_FILES_SHOWN:] = [f"  and {len(paths) - _FILES_SHOWN} more"]
    tell(UndoResult(undone=done), *paths, render.outcome(one))
