"""What is written together: an interaction with what was learnt from it, memories once each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from alma_agent.memory.ledger import interactions, memories
from alma_agent.memory.ledger.database import Ledger
from alma_agent.memory.ledger.rows import content_digest
from alma_agent.records import Interaction
from alma_agent.remembered import Memory


def record(ledger: Ledger, interaction: Interaction, learnt: Sequence[Memory]) -> None:
    """Add an interaction and what was learnt from it; nothing if it is there already."""
    with ledger.writing() as connection:
        if interactions.add(connection, interaction):
            memories.add(connection, learnt)


def keep(ledger: Ledger, several: Iterable[Memory]) -> list[Memory]:
    """Add memories; return, for each, itself, or the one of its scope that says the same already.

    What happened is never the same: interactions are added always.
    """
    now = datetime.now(UTC)
    kept: list[Memory] = []
    new: dict[str, Memory] = {}
    with ledger.writing() as connection:
        for memory in several:
            key = memory.id if memory.kind == "interaction" else content_digest(memory)
            known = new.get(key)
            if known is None and memory.kind != "interaction":
                known = memories.same(connection, memory, now)
            if known is None:
                new[key] = known = memory
            kept.append(known)
        memories.add(connection, list(new.values()))
    return kept
