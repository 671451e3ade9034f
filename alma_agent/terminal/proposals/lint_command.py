"""`alma proposals lint`."""

from __future__ import annotations

from typing_extensions import TypedDict

from alma_agent.errors import UsageError
from alma_agent.terminal.ending import ending


class ProposalsLintResult(TypedDict):
    """`alma proposals lint`."""

    id: str


@ending
async def lint_proposals() -> int:
    """Check proposals' folders."""
    raise UsageError("Not built yet.")
