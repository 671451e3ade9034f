"""From an interaction to what is worth remembering of it. Pure."""

from __future__ import annotations

import shlex

from alma_agent.records import Anchor, ChecksFailed, Failed, Interaction, Memory, Refused

_MAX_CHARACTERS = 1_200


def memories_of(interaction: Interaction, about: Anchor | None = None) -> list[Memory]:
    """Return what an interaction teaches: one memory, anchored to every file it touched.

    `about` is the file that it was about, as it is now; it counts if it was not touched.
    """
    touched = interaction.outcome.kind in ("applied", "undone")
    anchors = [
        Anchor(file.path, file.after if touched else file.before) for file in interaction.files
    ]
    if about and all(anchor.path != about.path for anchor in anchors):
        anchors.append(about)
    return [
        Memory(
            id=interaction.id,
            at=interaction.at,
            text=_text(interaction),
            interaction=interaction.id,
            outcome=interaction.outcome.kind,
            anchors=tuple(anchors),
        )
    ]


def _text(interaction: Interaction) -> str:
    parts = [interaction.goal]
    match interaction.outcome:
        case Refused(reason=reason) | Failed(reason=reason) if reason:
            parts.append(f"Reason: {reason}")
        case ChecksFailed(report=report):
            parts.append(f"{shlex.join(report.command)} failed: {report.output_tail[-300:]}")
    if interaction.rationale:
        parts.append(interaction.rationale)
    passed = [shlex.join(check.command) for check in interaction.checks if check.passed]
    if passed:
        parts.append(f"Passed: {', '.join(passed)}")
    if interaction.files:
        # No label: a word that stands in every memory is found by every search for it.
        parts.append(f"[{', '.join(str(file.path) for file in interaction.files)}]")
    return ". ".join(part.strip().rstrip(".") for part in parts)[:_MAX_CHARACTERS]
