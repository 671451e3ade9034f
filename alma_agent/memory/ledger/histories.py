"""How memories stood before their edits, and which were forgotten, as a whole: read and put."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from alma_agent import codec
from alma_agent.memory.ledger import memories
from alma_agent.memory.ledger.batches import batches
from alma_agent.memory.ledger.schema import memory_revisions, tombstones
from alma_agent.remembered import Memory

Former = Sequence[tuple[datetime, Memory]]


def add(connection: sa.Connection, added: Sequence[tuple[Memory, Former]]) -> None:
    """Write memories with how they stood before, in this order. Their ids must be new."""
    memories.add(connection, [memory for memory, _ in added])
    _write(connection, added)


def put(connection: sa.Connection, memory: Memory, former: Former) -> None:
    """Let the ledger hold a memory that it knows, and these as how it stood before.

    Edits that the ledger knows and `former` leaves out are dropped.
    """
    (known,) = memories.with_ids(connection, [memory.id])
    if known != memory:
        memories.revise(connection, known, memory, memory.at)
    connection.execute(sa.delete(memory_revisions).where(memory_revisions.c.memory == memory.id))
    _write(connection, [(memory, former)])


def forgotten(connection: sa.Connection) -> frozenset[str]:
    """Return the ids of all memories that were forgotten."""
    return frozenset(connection.scalars(sa.select(tombstones.c.memory)))


def bury(connection: sa.Connection, ids: Iterable[str], at: datetime) -> int:
    """Say of memories that they were forgotten, though they never were here; return how many."""
    new = sorted(set(ids) - forgotten(connection))
    for some in batches(new):
        connection.execute(sa.insert(tombstones), [{"memory": id_, "at": at} for id_ in some])
    return len(new)


def _write(connection: sa.Connection, several: Sequence[tuple[Memory, Former]]) -> None:
    rows = [
        {"memory": memory.id, "at": until, "body": codec.encode_memory(one)}
        for memory, former in several
        for until, one in former
    ]
    if rows:
        connection.execute(sa.insert(memory_revisions), rows)
