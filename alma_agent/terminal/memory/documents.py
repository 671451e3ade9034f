"""Memories as JSON documents, for programs; `terminal/schema.py` publishes what they hold.

Times are ISO 8601 with their zone; ids and paths are whole; what is not there is "" or null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from json import loads
from typing import Any

from typing_extensions import TypedDict

from alma_agent.remembered import Memory, MemoryKind, Recalled, Scope, Standing, Stratum, Verdict


class MemoryDocument(TypedDict):
    """What was remembered. `metadata` is free."""

    id: str
    at: str
    text: str
    kind: MemoryKind
    stratum: Stratum
    outcome: str
    interaction: str
    scope: Scope
    session: str
    by: str
    reasoning: str
    importance: float
    tags: list[str]
    topics: list[str]
    entities: list[str]
    pinned: bool
    expires: str | None
    event_at: str | None
    supersedes: str
    metadata: Any


class CodeDocument(TypedDict):
    """Where code is; `symbol` is empty for a whole file."""

    path: str
    symbol: str


class AnchorDocument(TypedDict):
    """Where the code of a memory was at a commit, and what became of it."""

    path: str
    symbol: str
    commit: str
    verdict: Verdict
    now: CodeDocument
    difference: str
    candidates: list[str]


class RecalledDocument(MemoryDocument):
    """A memory, what became of its code, and its score: the sum of its parts, 0 if not asked."""

    superseded_by: str
    anchors: list[AnchorDocument]
    score: float
    parts: dict[str, float]


class FormerDocument(MemoryDocument):
    """How a memory stood until it was edited."""

    until: str


class DetailsDocument(RecalledDocument):
    """All that is known of a memory; `former` is oldest first."""

    former: list[FormerDocument]
    recalled: int
    recalled_and_applied: int


def memory(one: Memory) -> MemoryDocument:
    """Return what was remembered, without what became of it."""
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "text": one.text,
        "kind": one.kind,
        "stratum": one.stratum,
        "outcome": one.outcome,
        "interaction": one.interaction,
        "scope": asdict(one.scope),  # type: ignore[typeddict-item]  # its schema is the class's
        "session": one.session,
        "by": one.by,
        "reasoning": one.reasoning,
        "importance": one.importance,
        "tags": list(one.tags),
        "topics": list(one.topics),
        "entities": list(one.entities),
        "pinned": one.pinned,
        "expires": time(one.expires),
        "event_at": time(one.event_at),
        "supersedes": one.supersedes,
        "metadata": _free(one.metadata),
    }


def recalled(one: Recalled) -> RecalledDocument:
    """Return a memory, what became of its code, and its score; 0 where nothing was asked."""
    return {
        **memory(one.memory),
        "superseded_by": one.superseded_by,
        "anchors": [standing(each) for each in one.standings],
        "score": one.score,
        "parts": dict(one.parts),
    }


def details(
    one: Recalled, former: Sequence[tuple[datetime, Memory]], use: tuple[int, int]
) -> DetailsDocument:
    """Return all that is known of a memory; `former` is oldest first."""
    return {
        **recalled(one),
        "former": [{"until": until.isoformat(), **memory(old)} for until, old in former],
        "recalled": use[0],
        "recalled_and_applied": use[1],
    }


def standing(one: Standing) -> AnchorDocument:
    """Return where code was, where it is now, and what became of it."""
    return {
        "path": str(one.anchor.path),
        "symbol": one.anchor.symbol,
        "commit": one.anchor.head,
        "verdict": one.verdict,
        "now": {"path": str(one.path), "symbol": one.symbol},
        "difference": one.difference,
        "candidates": list(one.candidates),
    }


def time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _free(metadata: str) -> Any:
    """Return metadata as what it is; text that is no JSON as text."""
    try:
        return loads(metadata)
    except ValueError:
        return metadata
