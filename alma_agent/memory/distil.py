"""From an interaction to what is worth remembering of it. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from alma_agent.records import (
    Approved,
    ChecksFailed,
    Failed,
    Interaction,
    Outcome,
    Refused,
)
from alma_agent.remembered import Anchor, Memory

_MAX_CHARACTERS = 1_200
_MOST_LEFT_OUT = 600  # of them: the rationale is worth something, too
# What came of nothing, a misspelt name say, should not crowd out what happened to the code.
_IMPORTANCE = {
    "applied": 0.6,
    "approved": 0.6,
    "checks failed": 0.6,
    "refused": 0.5,
    "undone": 0.4,
}
_OF_LITTLE = 0.2
_OF_A_REASON = 0.7


def memories_of(interaction: Interaction, anchors: Sequence[Anchor] | None = None) -> list[Memory]:
    """Return what an interaction teaches: one memory, anchored to every file it touched, or none.

    `anchors` are the places that it speaks of, as they are now; by default its files, whole.
    """
    if _is_of_the_moment(interaction.outcome):
        return []
    return [
        Memory(
            id=interaction.id,
            at=interaction.at,
            text=_text(interaction),
            interaction=interaction.id,
            outcome=interaction.outcome.kind,
            anchors=tuple(_files(interaction) if anchors is None else anchors),
            scope=interaction.scope,
            session=interaction.session,
            by=interaction.proposer,
            importance=_importance(interaction),
        )
    ]


def _is_of_the_moment(outcome: Outcome) -> bool:
    """Say whether only the moment was to blame: no model was there, or nobody to decide."""
    match outcome:
        case Failed(teaches=teaches):
            return not teaches
        case Refused(needs_human=needs_human):
            return needs_human
    return False


def left_files(interaction: Interaction) -> bool:
    """Say whether the files are as the interaction would have them; else they are as before it."""
    return interaction.outcome.kind in ("applied", "undone")


def _files(interaction: Interaction) -> list[Anchor]:
    return [
        Anchor(file.path, digest=digest.hex if digest else None)
        for file in interaction.files
        for digest in [file.after if left_files(interaction) else file.before]
    ]


def _importance(interaction: Interaction) -> float:
    verdict = interaction.verdict
    was_refused = interaction.outcome.kind == "refused" and verdict and verdict.reason
    if was_refused or (verdict and verdict.left_out):
        return _OF_A_REASON
    return _IMPORTANCE.get(interaction.outcome.kind, _OF_LITTLE)


def _text(interaction: Interaction) -> str:
    parts = [interaction.goal]
    match interaction.outcome:
        case Refused(reason=reason) | Failed(reason=reason) | Approved(reason=reason) if reason:
            parts.append(f"Reason: {reason}")
        case ChecksFailed(report=report):
            parts.append(f"{shlex.join(report.command)} failed: {report.output_tail[-300:]}")
    if interaction.verdict and interaction.verdict.left_out:
        parts.append(_left_out(interaction.verdict.left_out))
    if interaction.rationale:
        parts.append(interaction.rationale)
    passed = [shlex.join(check.command) for check in interaction.checks if check.passed]
    if passed:
        parts.append(f"Passed: {', '.join(passed)}")
    if interaction.files:
        # No label: a word that stands in every memory is found by every search for it.
        parts.append(f"[{', '.join(str(file.path) for file in interaction.files)}]")
    return ". ".join(part.strip().rstrip(".") for part in parts)[:_MAX_CHARACTERS]


def _left_out(sentences: Sequence[str]) -> str:
    """Return what was said no to, so that the next proposal hears of it; the first of many."""
    told: list[str] = []
    length = 0
    for one in sentences:
        length += len(one)
        if told and length > _MOST_LEFT_OUT:
            told.append(f"and {len(sentences) - len(told)} more")
            break
        told.append(one)
    return f"A person said no to: {'; '.join(told)}"
