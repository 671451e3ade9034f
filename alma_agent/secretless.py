"""An interaction without the secrets that somebody typed, or a program printed. Pure."""

from __future__ import annotations

from dataclasses import replace

from alma_agent.records import (
    ChecksFailed,
    Failed,
    Interaction,
    Outcome,
    Refused,
    RolledBack,
    Verdict,
)
from alma_agent.redact import redacted
from toolset.checks import CheckReport


def secretless(told: Interaction) -> Interaction:
    """Return what may be kept of an interaction: in the ledger, in checkpoints' labels, in logs."""
    return replace(
        told,
        goal=redacted(told.goal),
        rationale=redacted(told.rationale),
        evidence=redacted(told.evidence),
        outcome=_outcome(told.outcome),
        checks=tuple(_report(one) for one in told.checks),
        verdict=_verdict(told.verdict) if told.verdict else None,
    )


def _outcome(outcome: Outcome) -> Outcome:
    match outcome:
        case Refused() | Failed() | RolledBack():
            return replace(outcome, reason=redacted(outcome.reason))
        case ChecksFailed(report=report):
            return replace(outcome, report=_report(report))
        case _:
            return outcome


def _report(report: CheckReport) -> CheckReport:
    command = tuple(redacted(word) for word in report.command)
    return replace(report, command=command, output_tail=redacted(report.output_tail))


def _verdict(verdict: Verdict) -> Verdict:
    return replace(verdict, reason=redacted(verdict.reason))
