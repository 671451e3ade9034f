"""The checks that a proposal has to pass where it lands: the policy's, and its own.

Its own are commands that came with it, from whoever could push. They are run only where somebody
vouches for them: a reviewer by signature, the merge that brought the proposal, who uses this clone.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from alma_agent.errors import AlmaError
from alma_agent.proposals.account import Account, Standing
from alma_agent.proposals.artefact import Person, ProposalDocument
from alma_agent.proposals.checking import CheckRun, run_checks
from alma_agent.proposals.folder import Folder
from alma_agent.proposals.policy import Policy
from alma_agent.proposals.refusals import ChecksFailed
from alma_agent.proposals.reviewers import is_merged
from alma_agent.proposals.vouching import Consent, is_vouched_here
from toolset.trees import Trees
from toolset.workspace import Workspace

_NO_PROGRAM = 127

Command = tuple[str, ...]


@dataclass(frozen=True)
class AskedChecks:
    """The checks of one proposal under one policy; each is a step in the account."""

    workspace: Workspace
    trees: Trees
    folder: Folder
    document: ProposalDocument
    policy: Policy
    account: Account

    def require_consent(self, onto: str, reviewers: Sequence[Person], consent: Consent) -> None:
        """Ask for consent to commands that nobody vouches for; raises what `consent` does.

        `reviewers` are those whose approvals count where it lands, at the commit `onto`.
        """
        if not self._own or self._is_vouched_for(onto, reviewers):
            return
        try:
            consent(self._own)
        except AlmaError as error:
            self.account.add("checks", "failed", str(error))
            raise

    def run(self, tree: str) -> tuple[CheckRun, ...]:
        """Run all of them over a tree. Raises ChecksFailed, GitFailed."""
        # The policy's come first, in a checkout of their own: no command of the proposal's may
        # prepare what they look at.
        groups = (tuple(dict.fromkeys(self.policy.checks)), self._own)
        if not any(groups):
            self.account.add("checks", "skipped", "No check is asked for.")
        runs = tuple(run for commands in groups for run in self._run(commands, tree))
        for run in runs:
            said = f"{shlex.join(run.argv)}: {_ended(run)}"
            standing: Standing = "passed" if run.passed else "failed"
            self.account.add("checks", standing, said, seconds=run.seconds, detail=run.output)
        if failed := [run for run in runs if not run.passed]:
            told = "; ".join(f"{shlex.join(run.argv)} {_ended(run)}" for run in failed)
            raise ChecksFailed(
                "checks",
                f"Over the tree that would land, {told}. Nothing was moved.{self._cure(failed)}",
            )
        return runs

    @property
    def _own(self) -> tuple[Command, ...]:
        own = dict.fromkeys(tuple(one.argv) for one in self.document.checks)
        return tuple(one for one in own if one not in self.policy.checks)

    def _is_vouched_for(self, onto: str, reviewers: Sequence[Person]) -> bool:
        if self.policy.allowed_signers and reviewers:  # without a signature they would not count
            return True
        if self.policy.by_merge and is_merged(self.trees, self.folder, self.document, onto):
            return True
        return is_vouched_here(self.workspace, self.folder.sha256)

    def _run(self, commands: Sequence[Command], tree: str) -> tuple[CheckRun, ...]:
        return run_checks(
            self.workspace,
            self.trees,
            tree,
            commands,
            timeout_s=self.policy.check_timeout_s,
            network=self.policy.check_network,
        )

    def _cure(self, failed: Sequence[CheckRun]) -> str:
        """Say how to go on where a program is missing: it may be one of the proposer's machine."""
        missing = [run.argv for run in failed if run.exit_code == _NO_PROGRAM]
        if not missing:
            return ""
        names = ", ".join(dict.fromkeys(shlex.quote(argv[0]) for argv in missing))
        told = f" There is no program {names} here, or what it runs is missing. Install it"
        if any(argv in self.policy.checks for argv in missing):
            return f"{told}, or mend the policy's checks."
        return (
            f"{told}; or let the proposal have another check, and be reviewed again: "
            f'alma repropose {self.folder.id} --always --check "..."'
        )


def _ended(run: CheckRun) -> str:
    if run.exit_code is None:
        return "ran past its time limit"
    return "passed" if run.passed else f"ended with {run.exit_code}"
