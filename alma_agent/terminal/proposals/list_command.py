"""`alma proposals list`."""

from __future__ import annotations

from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.terminal.ending import ending


class ProposalsListResult(TypedDict):
    """`alma proposals list`."""

    id: str


@ending
async def list_proposals() -> int:
    """List the proposals."""
    raise UsageError("Not built yet.")
