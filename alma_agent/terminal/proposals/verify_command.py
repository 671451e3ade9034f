"""`alma verify`."""

from __future__ import annotations

from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.terminal.ending import ending


class VerifyResult(TypedDict):
    """`alma verify`."""

    id: str


@ending
async def verify() -> int:
    """Say whether commits are approved proposals."""
    raise UsageError("Not built yet.")
