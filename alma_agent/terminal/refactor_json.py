"""A refactoring's end as a document for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from typing_extensions import TypedDict

from alma_agent.records import (
    ChecksFailed,
    Failed,
    Interaction,
    Proposal,
    Refused,
    RolledBack,
)
from toolset.check_process import Network
from toolset.checks import CheckReport
from toolset.errors import RefactoringRefused
from toolset.refactor.catalogue import slug
from toolset.refactor.evidence import Evidence, Leftover, Level, Place
from toolset.refactor.requests import Request

End = Interaction | Exception | Literal["proposed"]


class RefactoringDocument(TypedDict):
    """A refactoring: how it is spelt on the command line, and what it does."""

    name: str
    usage: str
    about: str


class RefactorListResult(TypedDict):
    """`alma refactor list`."""

    refactorings: list[RefactoringDocument]


class PlaceDocument(TypedDict):
    """A word in a file: line from 1, column from 0 in characters."""

    path: str
    line: int
    column: int


class ChangedDocument(PlaceDocument):
    """A place that changes, and who vouches for it."""

    witnesses: list[str]


class LeftoverDocument(PlaceDocument):
    """An occurrence that stays; also one that is known to be `another symbol`."""

    kind: str
    text: str


class CheckDocument(TypedDict):
    """A check that was run; `exit_code` is null if it ran too long."""

    command: list[str]
    exit_code: int | None
    duration_s: float
    output_tail: str
    network: Network


class RefactorResult(TypedDict):
    """`alma refactor NAME`: what was asked, how sure it is, what it changes, and how it ended.

    `outcome` is `applied`, `proposed` (a dry run), `refused`, `nothing to do`, `checks failed` or
    `failed`; `reason` says why not. `candidates` are the symbols that the request may mean, `id` is
    what `alma undo` takes.
    """

    refactoring: str
    request: dict[str, Any]
    level: Level | Literal["refused"]
    outcome: str
    reason: str | None
    candidates: list[str]
    title: str | None
    id: str | None
    files: list[str]
    changed: list[ChangedDocument]
    leftovers: list[LeftoverDocument]
    doubts: list[str]
    proofs: list[str]
    checks: list[CheckDocument]
    diff: str


def document(
    request: Request,
    proposal: Proposal | None,
    end: End,
    *,
    checks: Sequence[CheckReport] = (),
) -> RefactorResult:
    """Return what came of a request; `checks` are those of a dry run."""
    evidence = proposal.evidence if proposal and proposal.evidence else Evidence()
    interaction = end if isinstance(end, Interaction) else None
    return {
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
        "checks": [_check(one) for one in (interaction.checks if interaction else checks)],
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


def _check(one: CheckReport) -> CheckDocument:
    return {
        "command": list(one.command),
        "exit_code": one.exit_code,
        "duration_s": one.duration_s,
        "output_tail": one.output_tail,
        "network": one.network,
    }


def _leftover(one: Leftover) -> LeftoverDocument:
    return {**_place(one.place), "kind": one.kind, "text": one.text}


def _place(place: Place) -> PlaceDocument:
    return {"path": str(place.path), "line": place.line, "column": place.column}
