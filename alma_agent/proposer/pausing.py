"""A run that stopped before its end, as it is kept; and what changed while it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePosixPath

from alma_agent.errors import AlmaError
from alma_agent.paused import PausedRun
from alma_agent.proposer.history import Item
from alma_agent.proposer.stint import Waiting
from alma_agent.proposer.talk import Talk
from alma_agent.proposer.tools import Desk
from toolset.edits import Digest
from toolset.errors import ToolsetError
from toolset.workspace import Workspace

_PATHS = ("path", "to")  # what tools call the files they are about


async def paused_run(
    error: AlmaError, talk: Talk, desk: Desk, *, model: str, agent: str, session: str
) -> PausedRun | None:
    """Return what it takes to go on after `error`; None if nothing was done yet."""
    waits = error if isinstance(error, Waiting) else None
    if waits is None:  # else the SDK's state holds what the stint said
        await talk.end_stint()
    changes = desk.draft.changes()
    if waits is None and not talk.items and not changes:
        return None
    return PausedRun(
        task=desk.task,
        why=str(error),
        opening=str(talk.opening["content"]),
        changes=changes,
        talk=talk.past,
        heard_now=talk.heard_now,
        state=waits.state if waits else None,
        agent=waits.agent if waits else agent,
        model=model,
        session=session,
        edited_by_hand=desk.edited_by_hand,
        seen=_seen(desk.draft.workspace, talk.items),
        waiting=tuple(f"{one.tool} {one.arguments}" for one in waits.requests) if waits else (),
    )


def changed_since(workspace: Workspace, run: PausedRun) -> list[str]:
    """Return the files that are no longer as they were when the run was paused."""
    return [
        str(path) for path, digest in sorted(run.seen.items()) if _digest(workspace, path) != digest
    ]


def _seen(workspace: Workspace, items: Sequence[Item]) -> dict[PurePosixPath, Digest | None]:
    """Return the files that calls of tools named, as they are on the disk."""
    seen = {}
    for item in items:
        for path in _paths(workspace, item):
            seen[path] = _digest(workspace, path)
    return seen


def _paths(workspace: Workspace, item: Item) -> list[PurePosixPath]:
    if item.get("type") != "function_call":
        return []
    try:
        given = json.loads(item.get("arguments") or "{}")
        named = [given[name] for name in _PATHS if isinstance(given.get(name), str)]
        return [workspace.locate(one) for one in named if one]
    except (ValueError, AttributeError, ToolsetError):
        return []


def _digest(workspace: Workspace, path: PurePosixPath) -> Digest | None:
    try:
        state = workspace.state_of(path)
    except ToolsetError:
        return None
    return state.digest if state else None
