"""`alma propose`."""

from __future__ import annotations

from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.terminal.ending import ending


class ProposeResult(TypedDict):
    """`alma propose`."""

    id: str


@ending
async def propose() -> int:
    """Make a proposal."""
    raise UsageError("Not built yet.")
