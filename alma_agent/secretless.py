"""Interactions and memories without the secrets that people typed or programs printed. Pure."""

from __future__ import annotations

from dataclasses import astuple, replace

from alma_agent.records import (
    Approved,
    ChecksFailed,
    Failed,
    Interaction,
    Outcome,
    Refused,
    RolledBack,
    Verdict,
)
from alma_agent.redact import redacted
from alma_agent.remembered import Memory, Scope
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
        refusals=tuple(map(redacted, told.refusals)),
    )


def secretless_memory(memory: Memory) -> Memory:
    """Return what may be kept of a memory, here and in what is shared."""
    return replace(
        memory,
        text=redacted(memory.text),
        by=redacted(memory.by),
        session=redacted(memory.session),
        scope=Scope(*map(redacted, astuple(memory.scope))),
        reasoning=redacted(memory.reasoning),
        metadata=redacted(memory.metadata),
        anchors=tuple(replace(one, source=redacted(one.source)) for one in memory.anchors),
        tags=tuple(map(redacted, memory.tags)),
        topics=tuple(map(redacted, memory.topics)),
        entities=tuple(map(redacted, memory.entities)),
    )


def _outcome(outcome: Outcome) -> Outcome:
    match outcome:
        case Refused() | Failed() | RolledBack() | Approved():
            return replace(outcome, reason=redacted(outcome.reason))
        case ChecksFailed(report=report):
            return replace(outcome, report=_report(report))
        case _:
            return outcome


def _report(report: CheckReport) -> CheckReport:
    command = tuple(redacted(word) for word in report.command)
    return replace(report, command=command, output_tail=redacted(report.output_tail))


def _verdict(verdict: Verdict) -> Verdict:
    left_out = tuple(map(redacted, verdict.left_out))
    return replace(verdict, reason=redacted(verdict.reason), left_out=left_out)
