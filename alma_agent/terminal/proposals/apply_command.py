"""`alma apply`."""

from __future__ import annotations

from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.terminal.ending import ending


class ApplyResult(TypedDict):
    """`alma apply`."""

    id: str


@ending
async def apply() -> int:
    """Land an approved proposal."""
    raise UsageError("Not built yet.")
