"""`alma repropose`."""

from __future__ import annotations

from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.terminal.ending import ending


class ReproposeResult(TypedDict):
    """`alma repropose`."""

    id: str


@ending
async def repropose() -> int:
    """Carry a proposal over to a moved base."""
    raise UsageError("Not built yet.")
