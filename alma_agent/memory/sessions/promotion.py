"""What a session's messages and notes become when they are to outlive it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from alma_agent.memory.ledger import memories
from alma_agent.memory.notebook import STRATUM_OF
from alma_agent.memory.sessions.talk import Message, Note
from alma_agent.remembered import Memory, MemoryKind, Scope

Keep = Callable[[Sequence[Memory]], object]


@dataclass(frozen=True, slots=True)
class Promoted:
    """A memory to be, and the id of the message or note that it comes from."""

    memory: Memory
    message: str = ""
    note: str = ""


def to_promote(
    messages: Iterable[Message],
    notes: Iterable[Note],
    session: str,
    scope: Scope,
    kind: MemoryKind,
) -> list[Promoted]:
    """Return the memories to be of what is not one yet. They keep the session, scope and time."""
    said = [
        Promoted(_memory_of(one, session, scope, kind), message=one.id)
        for one in messages
        if one.persisted_at is None
    ]
    noted = [
        Promoted(replace(note.memory, scope=scope, session=session), note=note.memory.id)
        for note in notes
        if note.persisted_at is None
    ]
    return said + noted


def not_kept_yet(connection: Any, promoted: Sequence[Promoted]) -> list[Memory]:
    """Return the memories that the ledger does not have.

    A note brings an id of its own; where that is taken by another scope's memory, it gets one that
    only this scope leads to.
    """
    ids = [one.memory.id for one in promoted]
    known = {memory.id: memory.scope for memory in memories.with_ids(connection, ids)}
    wanted = [one.memory for one in promoted if known.get(one.memory.id) != one.memory.scope]
    moved = [
        replace(memory, id=_id_of(memory.scope, memory.session, memory.id))
        if memory.id in known
        else memory
        for memory in wanted
    ]
    there = {one.id for one in memories.with_ids(connection, [memory.id for memory in moved])}
    return [memory for memory in moved if memory.id not in there]


def _memory_of(message: Message, session: str, scope: Scope, kind: MemoryKind) -> Memory:
    return Memory(
        id=_id_of(scope, session, message.id),
        at=message.created_at,
        text=message.content,
        kind=kind,
        stratum=STRATUM_OF[kind],
        scope=scope,
        session=session,
        by=message.by or message.role,
    )


def _id_of(scope: Scope, session: str, id: str) -> str:
    """Return the one id that a message leads to, however often it is promoted."""
    parts = json.dumps([*astuple(scope), session, id])
    return hashlib.sha256(parts.encode()).hexdigest()[:12]
