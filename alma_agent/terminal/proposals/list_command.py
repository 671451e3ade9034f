"""`alma proposals list`: what lies under `.alma/proposals/`; nothing in it is believed."""

from __future__ import annotations

from alma_agent.terminal.ending import ending
from alma_agent.terminal.proposals.propose_documents import ProposalsListResult

__all__ = ["ProposalsListResult", "list_proposals"]


@ending
def list_proposals() -> int:
    """List the proposals of this repository, the newest last."""
    from alma_agent.terminal.proposals.listing import list_all

    return list_all()
