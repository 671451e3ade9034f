"""What else in the ledger tells of a memory that is to be forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

import sqlalchemy as sa

from alma_agent import codec
from alma_agent.memory.ledger.filters import in_scope
from alma_agent.memory.ledger.schema import (
    conversation,
    decisions,
    interactions,
    memories,
    session_states,
    sessions,
)
from alma_agent.records import Undone
from alma_agent.remembered import Memory, Scope

FORGOTTEN = "[forgotten]"
_LEAST_SAID = 20  # characters: less than that stands anywhere


def undone_and_redone(connection: sa.Connection, ids: Collection[str]) -> set[str]:
    """Return which interactions took others back, or put them back: these say what those said."""
    bodies = connection.scalars(
        sa.select(interactions.c.body)
        .where(interactions.c.undid != "")
        .order_by(interactions.c.seq)
    )
    told, found = set(ids), set()
    for one in map(codec.decode, bodies):
        if isinstance(one.outcome, Undone) and one.outcome.of in told:
            told.add(one.id)
            found.add(one.id)
    return found


def silence_session(connection: sa.Connection, memory: Memory) -> None:
    """Take what a memory says out of the conversation and the state of its session."""
    if not memory.session:
        return
    scope = memory.scope
    seq = connection.scalar(
        sa.select(sessions.c.seq).where(
            sessions.c.id == memory.session,
            *(sessions.c[name] == getattr(scope, name) for name in ("namespace", "user", "agent")),
        )
    )
    for table, key, names in (
        (conversation, "seq", ("item",)),
        (session_states, "session", ("context", "data")),
    ):
        for row in connection.execute(sa.select(table).where(table.c.session == seq)).all():
            old = {name: getattr(row, name) for name in names}
            new = {name: _silenced(text, memory.text) for name, text in old.items()}
            if new != old:
                here = table.c[key] == getattr(row, key)
                connection.execute(sa.update(table).where(here), new)


def mentions(connection: sa.Connection, said: str, scope: Scope) -> list[str]:
    """Return what else of a scope holds a text word by word: `memory ID`, `interaction ID`.

    What everybody says, a few characters, is not looked for.
    """
    if len(said.strip()) < _LEAST_SAID:
        return []
    reasons = sa.select(decisions.c.memory).where(
        decisions.c.reasoning.contains(said, autoescape=True)
    )
    of_memories = sa.select(memories.c.id).where(
        in_scope(scope),
        memories.c.text.contains(said, autoescape=True) | memories.c.id.in_(reasons),
    )
    owned = (
        interactions.c[name] == getattr(scope, name) for name in ("namespace", "user", "agent")
    )
    of_interactions = sa.select(interactions.c.id).where(
        *owned,
        sa.or_(*(interactions.c.body.contains(one, autoescape=True) for one in _spellings(said))),
    )
    return [
        *(f"memory {id_}" for id_ in connection.scalars(of_memories.order_by(memories.c.seq))),
        *(
            f"interaction {id_}"
            for id_ in connection.scalars(of_interactions.order_by(interactions.c.seq))
        ),
    ]


def _silenced(text: str, said: str) -> str:
    for piece in _pieces(said):
        for spelling in _spellings(piece):
            text = text.replace(spelling, FORGOTTEN)
    return text


def _pieces(said: str) -> Iterator[str]:
    """Yield a text, and its sentences: a summary may have taken one."""
    yield said
    for piece in re.split(r"(?<=[.!?])\s+|\n+", said):
        if len(piece.strip()) >= _LEAST_SAID:
            yield piece.strip()


def _spellings(text: str) -> list[str]:
    """Return a text as it may stand in JSON, and as it is."""
    in_json = (json.dumps(text, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False))
    return list(dict.fromkeys((text, *in_json)))
