"""What `alma apply` and `alma verify` tell a program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from alma_agent.proposals.account import Step
    from alma_agent.proposals.reports.outcome import Outcome


class LandingPerson(TypedDict):
    """Who somebody is to git."""

    name: str
    email: str


class LandingCheck(TypedDict):
    """A check over the tree that lands. `exit_code` is null if it ran past its time limit."""

    argv: Sequence[str]
    exit_code: int | None
    seconds: float
    network: str
    output: str


class LandingStep(TypedDict):
    """One thing that was looked at; `standing` is passed, failed, skipped (not run) or warning.

    `path` is empty and `line` 0 where it is about no file; `detail` is what a program said.
    """

    rule: str
    standing: str
    message: str
    path: str
    line: int
    seconds: float
    detail: str


class ApplyResult(TypedDict):
    """`alma apply`: what became of a proposal, and every step on the way.

    `outcome` is landed, would land (`--dry-run`), already applied, or refused. `drift` says how the
    base had moved: exact, untouched, merge, replay or applied. `ref` is null if HEAD is detached.
    `problems` are reports that could not be written.
    """

    id: str
    sha256: str | None
    goal: str
    outcome: str
    drift: str | None
    onto: str | None
    commit: str | None
    tree: str | None
    ref: str | None
    reviewers: Sequence[LandingPerson]
    checks: Sequence[LandingCheck]
    steps: Sequence[LandingStep]
    problems: Sequence[str]


class VerifiedCommit(TypedDict):
    """A commit; `standing` is verified, wrong or not a proposal, and `why` says more.

    `proposal` is the id that it names; null if it names none.
    """

    commit: str
    proposal: str | None
    standing: str
    why: str


class VerifyResult(TypedDict):
    """`alma verify`: each commit, the oldest first, and every step on the way.

    `problems` are reports that could not be written.
    """

    revision: str
    commits: Sequence[VerifiedCommit]
    steps: Sequence[LandingStep]
    problems: Sequence[str]


def apply_result(outcome: Outcome, problems: Sequence[str]) -> ApplyResult:
    """Return what became of a proposal. `problems` are reports that could not be written."""
    landed = outcome.landed
    return ApplyResult(
        id=outcome.about,
        sha256=outcome.digests.get(f"{outcome.inside}/proposal.json"),
        goal=outcome.document.goal if outcome.document else "",
        outcome=outcome.word,
        drift=landed.drift.kind if landed else None,
        onto=landed.onto if landed else None,
        commit=landed.commit if landed else None,
        tree=landed.tree if landed else None,
        ref=landed.ref if landed else None,
        reviewers=[
            LandingPerson(name=one.name, email=one.email)
            for one in (landed.reviewers if landed else ())
        ],
        checks=[
            LandingCheck(
                argv=list(one.argv),
                exit_code=one.exit_code,
                seconds=one.seconds,
                network=one.network,
                output=one.output,
            )
            for one in (landed.checks if landed else ())
        ],
        steps=_steps(outcome.steps),
        problems=list(problems),
    )


def verify_result(outcome: Outcome, problems: Sequence[str]) -> VerifyResult:
    """Return what commits are. `problems` are reports that could not be written."""
    return VerifyResult(
        revision=outcome.about,
        commits=[
            VerifiedCommit(
                commit=one.commit, proposal=one.proposal, standing=one.standing, why=one.why
            )
            for one in outcome.verified
        ],
        steps=_steps(outcome.account.steps),
        problems=list(problems),
    )


def _steps(steps: Iterable[Step]) -> list[LandingStep]:
    """Return an account as JSON tells it."""
    return [
        LandingStep(
            rule=one.rule,
            standing=one.standing,
            message=one.message,
            path=one.path,
            line=one.line,
            seconds=one.seconds,
            detail=one.detail,
        )
        for one in steps
    ]
