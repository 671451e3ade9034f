"""How landing or verifying ended: the one value that every report is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from alma_agent.errors import NeedsHuman
from alma_agent.proposals.account import RULES, Account, Step
from alma_agent.proposals.refusals import ProposalRefused
from toolset.errors import RefMoved

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from alma_agent.proposals.artefact import ProposalDocument
    from alma_agent.proposals.landing import Landed
    from alma_agent.proposals.verifying import Verified

Word = Literal["landed", "would land", "already applied", "refused", "verified", "not verified"]

DRIFTS: Mapping[str, str] = {
    "exact": "the base is where the proposal left it",
    "untouched": "the base moved, in other files only",
    "merge": "the base moved in the same files; both changes were merged without a conflict",
    "replay": "the base moved in the same files; the refactoring was made again over it",
    "applied": "it landed before, or what it changes is there",
}
"""What each kind of drift means."""


@dataclass(frozen=True)
class Outcome:
    """What a command came to. `about` is a proposal's id, or the revision that was verified.

    `inside` is the proposal's folder in the repository, `digests` are those of its proposal.json
    and of the approvals that were looked at, by their path in the repository. `message` says why it
    was refused, `rule` by which rule.
    """

    command: Literal["apply", "verify"]
    about: str
    at: datetime
    account: Account
    exit_code: int = 0
    message: str = ""
    rule: str = ""
    dry_run: bool = False
    inside: PurePosixPath | None = None
    document: ProposalDocument | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    landed: Landed | None = None
    verified: tuple[Verified, ...] = ()

    @property
    def word(self) -> Word:
        """What became of it, as reports call it."""
        if self.command == "verify":
            return "not verified" if self.exit_code else "verified"
        if self.exit_code or self.landed is None:
            return "refused"
        if self.landed.drift.kind == "applied":
            return "already applied"
        return "would land" if self.dry_run else "landed"

    @property
    def title(self) -> str:
        """The first line of the goal; what was verified, where there is no goal."""
        lines = self.document.goal.splitlines() if self.document else []
        return lines[0] if lines else self.about

    @property
    def moment(self) -> str:
        """When it ended: UTC, to the second."""
        return self.at.strftime("%Y-%m-%dT%H:%M:%SZ")

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step; for commits that were verified, one each; and one for the refusal.

        A refusal is there even if the step that it stopped is not: no report may look as if all
        had passed.
        """
        steps = tuple(self.account.steps)
        if self.verified:  # the account has those that say that they are proposals
            others = (one for one in steps if one.rule != "commit")
            steps = (*others, *map(_of_commit, self.verified))
        if self.exit_code and not any(one.standing == "failed" for one in steps):
            return (*steps, Step(self.rule or "commit", "failed", self.message or self.word))
        return steps

    @property
    def told(self) -> tuple[Step, ...]:
        """The steps that somebody should look at: failed, warnings, notes."""
        return tuple(
            one
            for one in self.steps
            if one.standing in ("failed", "warning") or (one.rule == "note" and _has_run(one))
        )

    def path_of(self, step: Step) -> str:
        """Where a step is about: its own file, else the proposal itself; empty if nobody knows."""
        return step.path or (f"{self.inside}/proposal.json" if self.inside else "")


def rule_of(error: Exception) -> str:
    """Return the rule that an error belongs to, as reports name it."""
    if isinstance(error, ProposalRefused) and error.rule in RULES:
        return error.rule
    if isinstance(error, NeedsHuman):  # a yes to checks that nobody vouches for
        return "checks"
    return "ref" if isinstance(error, RefMoved) else "commit"


def _of_commit(one: Verified) -> Step:
    standing = {"verified": "passed", "wrong": "failed"}.get(one.standing, "skipped")
    message = f"{one.commit[:12]} {one.standing}"
    return Step("commit", standing, f"{message}: {one.why}" if one.why else message)  # type: ignore[arg-type]


def _has_run(step: Step) -> bool:
    return step.standing != "skipped"
