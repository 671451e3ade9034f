"""What became of a review goes into memory: who proposes next hears of it.

A proposal is somebody else's text. What is kept of it is short, and what a reviewer said of it
comes before what it says of itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alma_agent.errors import AlmaError
from alma_agent.records import (
    Approved,
    Interaction,
    Outcome,
    Refused,
    Verdict,
    file_changes,
    new_id,
    writable,
)
from toolset.checks import CheckReport
from toolset.errors import ToolsetError
from toolset.git import GitFailed

if TYPE_CHECKING:
    from alma_agent.proposals.artefact import Decision
    from alma_agent.terminal.proposals.cases import Case
    from toolset.check_process import Network

_LONGEST_GOAL, _LONGEST_WHY = 300, 300  # characters: a memory has 1,200, the reason included
_LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided; `decision` None: only that a part is left out."""

    decision: Decision | None
    reason: str = ""
    taken: int = 0
    left_out: tuple[str, ...] = ()


async def remember(case: Case, decided: Decided) -> str:
    """Remember what was decided; return why that could not be, empty if it could.

    A review is worth something without a memory: on a build machine, in a clone that is read only.
    """
    try:
        from alma_agent.wiring import open_house  # the database: 0.2 s, and not in every install

        case.workspace.require_own_state()
        await open_house(case.workspace).library.remember(interaction_of(case, decided))
    except (AlmaError, ToolsetError, GitFailed, OSError) as error:
        return str(error)
    except ImportError as error:
        return f"alma is installed here without its memory ({error.name} is missing)"
    return ""


def interaction_of(case: Case, decided: Decided) -> Interaction:
    """Return a review as something that happened; it took nothing from a model by itself."""
    document = case.document
    return Interaction(
        id=new_id(),
        at=datetime.now(UTC),
        goal=_short(document.goal, _LONGEST_GOAL),
        outcome=_outcome(document.id, decided),
        proposer=_short(document.model or document.agent, _LONGEST_ID),
        rationale=_short(document.rationale, _LONGEST_WHY),
        evidence=_short(document.evidence.summary, _LONGEST_WHY) if document.evidence else "",
        files=file_changes(case.changes),
        recalled=tuple(
            one.id
            for one in document.memories
            if one.id.isprintable() and len(one.id) <= _LONGEST_ID
        ),
        checks=tuple(_reports(case)),
        verdict=Verdict(
            accepted=decided.decision == "approved",
            by="human",
            reason=writable(decided.reason),
            taken=decided.taken,
            left_out=tuple(map(writable, decided.left_out)),
        ),
    )


def _outcome(id: str, decided: Decided) -> Outcome:
    if decided.decision == "approved":
        return Approved(id, writable(decided.reason))
    return Refused(writable(decided.reason) or "only a part of it was chosen")


def _reports(case: Case) -> Sequence[CheckReport]:
    return [
        CheckReport(
            tuple(map(writable, one.argv)),
            one.exit_code,
            one.seconds,
            writable(log)[-4_000:],
            _network(one.network),
        )
        for one, log in zip(case.document.checks, case.logs, strict=True)
    ]


def _network(told: str) -> Network:
    """Return what a proposal says of a check's network, in one of the words that there are."""
    if told == "cut off":
        return "cut off"
    return "could not be cut off" if told == "could not be cut off" else "allowed"


def _short(text: str, most: int) -> str:
    """Return a text in one line, and not too long of one."""
    line = " ".join(writable(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
