"""Reviewers without a screen."""

from __future__ import annotations

from collections.abc import Sequence

from alma_agent.records import Proposal, Verdict
from toolset.checks import CheckReport


class AcceptAll:
    """Says yes: the user did, by `--yes`, before the run."""

    async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:  # noqa: ARG002
        return Verdict(accepted=True, by="human", reason="--yes")


class NobodyThere:
    """Says no: there is no terminal to ask on."""

    async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:  # noqa: ARG002
        return Verdict(
            accepted=False,
            by="nobody",
            reason="there is no terminal to ask on; run it with --yes to accept",
        )
