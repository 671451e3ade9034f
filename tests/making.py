"""Interactions and memories to remember, each with only what a test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from alma_agent.memory.distil import memories_of
from alma_agent.memory.ledger import Ledger, recording
from alma_agent.records import Applied, FileChange, Interaction, Undone
from alma_agent.remembered import Memory
from toolset.edits import Digest

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def an_interaction(id_: str, goal: str = "rename load to read_csv", **others: Any) -> Interaction:
    """Return an applied interaction of START, unless `others` say otherwise."""
    known: dict[str, Any] = {"id": id_, "at": START, "goal": goal, "outcome": Applied(id_)}
    return Interaction(**known | others)


def an_undo(id_: str, of: str) -> Interaction:
    return an_interaction(id_, f"undo {of}", outcome=Undone(of, id_))


def a_memory(id_: str, text: str = "load reads the rows", **others: Any) -> Memory:
    known: dict[str, Any] = {"id": id_, "at": START, "text": text, "outcome": "applied"}
    return Memory(**known | others)


def a_change(path: str, before: bytes | None, after: bytes | None) -> FileChange:
    digests = (None if data is None else Digest.of(data) for data in (before, after))
    return FileChange(PurePosixPath(path), *digests)


def days_after(days: float) -> datetime:
    return START + timedelta(days=days)


def record(ledger: Ledger, *interactions: Interaction) -> None:
    for one in interactions:
        recording.record(ledger, one, memories_of(one))
