"""The ledger's agents, sessions, and what was said in them: the items of conversations and states.

Items are JSON and never looked into. A session's items go with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alma_agent.memory.ledger.filters import owned
from alma_agent.memory.ledger.schema import agents, conversation, session_states, sessions
from alma_agent.remembered import Agent, Scope, Session, SessionState


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a conversation, as JSON, and about how many tokens it takes."""

    seq: int
    at: datetime
    item: str
    tokens: int


def put_agent(connection: sa.Connection, agent: Agent) -> bool:
    """Write an agent; return False, and change nothing, if its name or id is taken."""
    taken = sa.select(agents.c.id).where((agents.c.name == agent.name) | (agents.c.id == agent.id))
    if connection.execute(taken).first():
        return False
    values = {name: getattr(agent, name) for name in ("id", "at", "name", "description", "config")}
    connection.execute(sa.insert(agents), values)
    return True


def all_agents(connection: sa.Connection) -> list[Agent]:
    rows = connection.execute(sa.select(agents).order_by(agents.c.at, agents.c.name))
    return [Agent(row.id, row.at, row.name, row.description, row.config) for row in rows]


def remove_agent(connection: sa.Connection, id: str) -> bool:
    return bool(connection.execute(sa.delete(agents).where(agents.c.id == id)).rowcount)


def open_session(connection: sa.Connection, session: Session) -> int:
    """Return the row of a session, made if it is new."""
    seq = find_session(connection, session.id, session.scope)
    if seq is not None:
        return seq
    values = {
        "id": session.id,
        "at": session.at,
        "namespace": session.scope.namespace,
        "user": session.scope.user,
        "agent": session.scope.agent,
        "metadata": session.metadata,
        "closed_at": session.closed_at,
    }
    made: int = connection.execute(
        sa.insert(sessions).values(values).returning(sessions.c.seq)
    ).scalar_one()
    return made


def find_session(connection: sa.Connection, id: str, scope: Scope) -> int | None:
    query = sa.select(sessions.c.seq).where(sessions.c.id == id, owned(sessions, scope))
    seq: int | None = connection.scalar(query.order_by(sessions.c.seq))
    return seq


def some_sessions(
    connection: sa.Connection, scope: Scope, *, limit: int, offset: int = 0
) -> list[Session]:
    """Return sessions, the newest first."""
    query = sa.select(sessions).where(owned(sessions, scope)).order_by(sessions.c.seq.desc())
    return [_session(row) for row in connection.execute(query.limit(limit).offset(offset))]


def count_sessions(connection: sa.Connection, scope: Scope) -> int:
    query = sa.select(sa.func.count()).select_from(sessions).where(owned(sessions, scope))
    return connection.scalar(query) or 0


def session_row(connection: sa.Connection, seq: int) -> Session:
    return _session(connection.execute(sa.select(sessions).where(sessions.c.seq == seq)).one())


def close_session(connection: sa.Connection, seq: int, at: datetime) -> None:
    connection.execute(sa.update(sessions).where(sessions.c.seq == seq), {"closed_at": at})


def remove_session(connection: sa.Connection, seq: int) -> None:
    for table in (conversation, session_states):
        connection.execute(sa.delete(table).where(table.c.session == seq))
    connection.execute(sa.delete(sessions).where(sessions.c.seq == seq))


def append_items(
    connection: sa.Connection, seq: int, items: Sequence[tuple[str, int]], at: datetime
) -> None:
    """Add items, each with its tokens, in this order."""
    rows = [{"session": seq, "at": at, "item": item, "tokens": tokens} for item, tokens in items]
    if rows:
        connection.execute(sa.insert(conversation), rows)


def items_of(connection: sa.Connection, seq: int, *, limit: int | None = None) -> list[Item]:
    """Return the newest items, the oldest of them first; all without a limit."""
    query = sa.select(conversation).where(conversation.c.session == seq)
    rows = connection.execute(query.order_by(conversation.c.seq.desc()).limit(limit)).all()
    return [Item(row.seq, row.at, row.item, row.tokens) for row in reversed(rows)]


def revise_item(connection: sa.Connection, seq: int, item: str) -> None:
    connection.execute(sa.update(conversation).where(conversation.c.seq == seq), {"item": item})


def remove_items(connection: sa.Connection, seqs: Sequence[int]) -> None:
    for seq in seqs:
        connection.execute(sa.delete(conversation).where(conversation.c.seq == seq))


def clear_items(connection: sa.Connection, seq: int) -> None:
    connection.execute(sa.delete(conversation).where(conversation.c.session == seq))


def put_state(connection: sa.Connection, seq: int, state: SessionState) -> None:
    values = {"context": state.context, "data": state.data, "expires": state.expires}
    at = session_states.c.session == seq
    if not connection.execute(sa.update(session_states).where(at), values).rowcount:
        connection.execute(sa.insert(session_states), values | {"session": seq})


def state_of(connection: sa.Connection, seq: int, id: str) -> SessionState:
    row = connection.execute(
        sa.select(session_states).where(session_states.c.session == seq)
    ).first()
    return SessionState(id, row.context, row.data, row.expires) if row else SessionState(id)


def expired_sessions(connection: sa.Connection, now: datetime) -> list[int]:
    query = sa.select(session_states.c.session).where(session_states.c.expires <= now)
    return list(connection.scalars(query))


def _session(row: Any) -> Session:
    scope = Scope(row.namespace, row.user, row.agent)
    return Session(row.id, row.at, scope, row.metadata, row.closed_at)
