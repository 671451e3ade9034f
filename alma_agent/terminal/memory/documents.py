"""Memories as JSON documents, for programs. `VERSION` goes up when a key changes its meaning.

Times are ISO 8601 with their zone; ids and paths are whole; what is not there is "" or null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from json import dumps, loads
from typing import Any

from alma_agent.remembered import Memory, Recalled, Standing

VERSION = 1


def print_document(**content: object) -> None:
    """Print one document. ASCII, and not by the console: a program reads it."""
    print(dumps({"version": VERSION, **content}, indent=2))


def memory(one: Memory) -> dict[str, Any]:
    """Return what was remembered, without what became of it."""
    return {
        "id": one.id,
        "at": time(one.at),
        "text": one.text,
        "kind": one.kind,
        "stratum": one.stratum,
        "outcome": one.outcome,
        "interaction": one.interaction,
        "scope": asdict(one.scope),
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


def recalled(one: Recalled) -> dict[str, Any]:
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
) -> dict[str, Any]:
    """Return all that is known of a memory; `former` is oldest first."""
    return {
        **recalled(one),
        "former": [{"until": time(until), **memory(old)} for until, old in former],
        "recalled": use[0],
        "recalled_and_applied": use[1],
    }


def standing(one: Standing) -> dict[str, Any]:
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
