"""A refactoring's end as one JSON document, for programs. `VERSION` goes up when a key changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from alma_agent.records import (
    ChecksFailed,
    Failed,
    Interaction,
    Proposal,
    Refused,
    RolledBack,
    Usage,
)
from alma_agent.remembered import Recollection
from toolset.checks import CheckReport
from toolset.errors import RefactoringRefused
from toolset.refactor.catalogue import slug
from toolset.refactor.evidence import Evidence, Leftover, Place
from toolset.refactor.requests import Request

VERSION = 1
End = Interaction | Exception | Literal["proposed"]


class Quiet:
    """Hears, and says nothing."""

    def recalled(self, recollection: Recollection) -> None:
        """Memories are no part of the document."""

    def step(self, what: str) -> None:
        """Nor is progress."""

    def said(self, text: str) -> None:
        """No model is asked."""

    def spent(self, call: Usage, seconds: float) -> None:
        """No model is asked."""


def document(
    request: Request,
    proposal: Proposal | None,
    end: End,
    *,
    checks: Sequence[CheckReport] = (),
) -> dict[str, Any]:
    """Return what was asked, how sure it is, what it changes and leaves, and how it ended.

    `level` is `proven`, `likely` or `refused`; `outcome` is `applied`, `proposed` (a dry run),
    `refused`, `nothing to do`, `checks failed` or `failed`. `leftovers` has every occurrence that
    stays, also those that are known to be `another symbol`. Lines count from 1, columns from 0.
    """
    evidence = proposal.evidence if proposal and proposal.evidence else Evidence()
    interaction = end if isinstance(end, Interaction) else None
    return {
        "version": VERSION,
        "refactoring": slug(type(request)),
        "request": asdict(request),
        "level": evidence.level if proposal else "refused",
        "outcome": _outcome(end),
        "reason": _reason(end),
        "candidates": list(end.candidates) if isinstance(end, RefactoringRefused) else [],
        "title": proposal.rationale if proposal else None,
        "id": interaction.id if interaction else None,
        "files": [str(path) for path in proposal.changes.paths] if proposal else [],
        "changed": [
            {**_place(place), "witnesses": list(names)}
            for place, names in sorted(evidence.changed.items())
        ],
        "leftovers": [_leftover(one) for one in (*evidence.leftovers, *evidence.others)],
        "doubts": list(evidence.doubts),
        "proofs": list(evidence.checks),
        "checks": [asdict(one) for one in (interaction.checks if interaction else checks)],
        "diff": proposal.changes.diff() if proposal else "",
    }


def _outcome(end: End) -> str:
    match end:
        case Interaction(outcome=outcome):
            return outcome.kind
        case RefactoringRefused():
            return "refused"
        case Exception():
            return "failed"
    return end


def _reason(end: End) -> str | None:
    match end:
        case Interaction(outcome=Refused(reason) | Failed(reason) | RolledBack(reason)):
            return reason
        case Interaction(outcome=ChecksFailed(report)):
            return f"the check ended with exit code {report.exit_code}"
        case Exception():
            return str(end)
    return None


def _leftover(one: Leftover) -> dict[str, Any]:
    return {**_place(one.place), "kind": one.kind, "text": one.text}


def _place(place: Place) -> dict[str, Any]:
    return {"path": str(place.path), "line": place.line, "column": place.column}
