"""Reviewers without a screen."""

from __future__ import annotations

from collections.abc import Sequence

from alma_agent.ports import Approver, ToolRequest
from alma_agent.records import Proposal, Verdict
from toolset.checks import CheckReport
from toolset.refactor.evidence import Level


class AssumeYes:
    """Says yes: the user did, by `--yes`, before the run.

    That is a yes to what is proven; to a refactoring that is only `likely`, if `accept` says so.
    What a model proposes has no evidence to go by: there, yes is yes.
    """

    def __init__(self, accept: Level = "proven") -> None:
        self._accept = accept

    async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:  # noqa: ARG002
        level = proposal.evidence.level if proposal.evidence else "proven"
        if level == "likely" and self._accept != "likely":
            reason = "it is likely, not proven; look at what is listed, and add --accept likely"
            return Verdict(accepted=False, by="nobody", reason=reason)
        accepted = "--yes --accept likely" if level == "likely" else "--yes"
        return Verdict(accepted=True, by="human", reason=accepted)


class NobodyThere:
    """Says no: there is no terminal to ask on."""

    async def review(self, proposal: Proposal, checks: Sequence[CheckReport]) -> Verdict:  # noqa: ARG002
        return Verdict(
            accepted=False,
            by="nobody",
            reason="there is no terminal to ask on; run it with --yes to accept",
        )


class AnsweredBefore:
    """Gives the answer that a person gave, by a flag, to so many calls of tools; then asks others.

    A yes to the calls that waited is no yes to those that follow.
    """

    def __init__(self, *, accepted: bool, calls: int, then: Approver | None = None) -> None:
        self._verdict = Verdict(accepted=accepted, by="human", reason="")
        self._left = calls
        self._then = then

    async def approve(self, request: ToolRequest) -> Verdict | None:
        if self._left:
            self._left -= 1
            return self._verdict
        return await self._then.approve(request) if self._then else None
