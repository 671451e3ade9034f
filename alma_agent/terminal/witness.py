"""Keeps what was proposed, to tell of it after the run: an interaction holds no evidence."""

from __future__ import annotations

from alma_agent.ports import Keeping, Proposer
from alma_agent.records import Proposal, Task
from alma_agent.remembered import Recollection


class Witness:
    """Hands a task on to a proposer, and keeps what comes back."""

    def __init__(self, proposer: Proposer) -> None:
        self.proposal: Proposal | None = None
        self._proposer = proposer

    async def propose(self, task: Task, recollection: Recollection) -> Proposal:
        self.proposal = await self._proposer.propose(task, recollection)
        return self.proposal

    def keep(self, why: str) -> str:
        """Keep what was proposed, so that it can be gone on with; return the id, or nothing."""
        if self.proposal is None or not isinstance(self._proposer, Keeping):
            return ""
        return self._proposer.keep(why)

    @property
    def kept(self) -> str:
        """The id under which the proposer itself kept its work, when it was stopped; or nothing."""
        return self._proposer.kept if isinstance(self._proposer, Keeping) else ""

    def let_go(self) -> None:
        """Let the proposer forget what it kept while it worked."""
        if isinstance(self._proposer, Keeping):
            self._proposer.let_go()
