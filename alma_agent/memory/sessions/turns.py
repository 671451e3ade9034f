"""What was said in a session in one stretch of time: one run of a conversation that goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alma_agent.memory.ledger import Connection, Ledger, conversations
from alma_agent.memory.sessions import held_session
from alma_agent.memory.sessions.talk import message_of
from alma_agent.remembered import Scope


@dataclass(frozen=True, slots=True)
class Turn:
    """One item of a conversation, in the form of the SDK; `by` signs it."""

    at: datetime
    by: str
    item: dict[str, Any]


def turns_between(
    ledger: Ledger, session: str, scope: Scope, since: datetime, until: datetime
) -> list[Turn]:
    """Return what was said then, in its order. Empty if the session is gone, or never was."""
    with ledger.reading() as connection:
        return _turns(connection, session, scope, since, until)


def _turns(
    connection: Connection, session: str, scope: Scope, since: datetime, until: datetime
) -> list[Turn]:
    seq = held_session.seq_of(connection, session, scope, datetime.now(UTC))
    rows = [] if seq is None else conversations.items_of(connection, seq)
    read = (_turn(row) for row in rows if since <= row.at <= until)
    return [one for one in read if one is not None]


def _turn(row: conversations.Item) -> Turn | None:
    """Return a row as a turn; a message of working memory alone is one, too."""
    message = message_of(row.item)
    try:
        held = json.loads(row.item)
    except ValueError:
        return None
    item = held.get("item") if isinstance(held, dict) else None
    if isinstance(item, dict):
        by = held.get("by")
        return Turn(row.at, by if isinstance(by, str) else "", item)
    if message is None:
        return None
    return Turn(
        row.at, message.by or message.role, {"role": message.role, "content": message.content}
    )
