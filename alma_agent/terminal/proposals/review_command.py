"""`alma review`."""

from __future__ import annotations

from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.terminal.ending import ending


class ReviewResult(TypedDict):
    """`alma review`."""

    id: str


@ending
async def review() -> int:
    """Review a proposal."""
    raise UsageError("Not built yet.")
