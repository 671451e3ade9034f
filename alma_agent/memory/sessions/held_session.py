"""A session as the ledger holds it: read whole, and written, on a connection of the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from alma_agent.errors import UsageError
from alma_agent.memory.ledger import conversations
from alma_agent.memory.sessions.talk import (
    Message,
    Note,
    State,
    WorkingMemory,
    message_of,
    row_of,
    state_from,
    state_text,
)
from alma_agent.memory.sessions.window import Window
from alma_agent.records import writable
from alma_agent.remembered import Scope, Session, SessionState

AsBefore = Literal["as before"]


@dataclass(frozen=True, slots=True)
class Row:
    """A message and where it stands."""

    seq: int
    message: Message
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """All of one session. `rows` are its messages, also those that are in the summary."""

    seq: int
    state: State
    context: str
    expires: datetime | None
    rows: tuple[Row, ...]

    @property
    def open_rows(self) -> list[Row]:
        """Return the messages that are in no summary."""
        return [row for row in self.rows if row.seq > self.state.summarised]

    @property
    def open_messages(self) -> list[Message]:
        return [row.message for row in self.open_rows]


def find(connection: Any, id: str, scope: Scope, now: datetime) -> Held | None:
    """Return a session; None if there is none, or its time is over."""
    seq = seq_of(connection, id, scope, now)
    if seq is None:
        return None
    stored = conversations.state_of(connection, seq, id)
    items = conversations.items_of(connection, seq)
    read = (
        Row(item.seq, message, item.item) for item in items if (message := message_of(item.item))
    )
    return Held(seq, state_from(stored.data), stored.context, stored.expires, tuple(read))


def seq_of(connection: Any, id: str, scope: Scope, now: datetime) -> int | None:
    """Return the row of a session; None if there is none, or its time is over."""
    seq = conversations.find_session(connection, writable(id), scope)
    if seq is None:
        return None
    expires = conversations.state_of(connection, seq, id).expires
    return None if expires and expires <= now else seq


def renew(connection: Any, seq: int, now: datetime) -> None:
    """Let the time of a session begin anew, if it has an end."""
    stored = conversations.state_of(connection, seq, "")
    if stored.expires:
        put(connection, seq, state_from(stored.data), stored.context, now)


def make(connection: Any, id: str, scope: Scope, now: datetime) -> Held:
    """Write a session that is not there, or whose time is over, and return it."""
    end_expired(connection, now)
    seq = conversations.open_session(connection, Session(writable(id), now, scope))
    return Held(seq, State(), "", None, ())


def put(connection: Any, seq: int, state: State, context: str, now: datetime) -> None:
    """Write what a session holds besides messages. Its time begins anew."""
    expires = now + timedelta(seconds=state.ttl_s) if state.ttl_s is not None else None
    counted = replace(state, revision=state.revision + 1, last_written=now)
    conversations.put_state(
        connection, seq, SessionState("", context, state_text(counted), expires)
    )


def append(connection: Any, held: Held, messages: Iterable[Message], now: datetime) -> None:
    """Add the messages whose ids are new, in their order."""
    known = {row.message.id for row in held.rows}
    first: dict[str, Message] = {}
    for one in messages:
        if one.id not in known:
            first.setdefault(one.id, one)
    rows = [(row_of(one), one.tokens) for one in first.values()]
    conversations.append_items(connection, held.seq, rows, now)


def replace_open(connection: Any, held: Held, messages: Sequence[Message], now: datetime) -> None:
    """Let the messages that are in no summary be these. What is in the summary stays there."""
    rows = held.open_rows
    in_summary = {row.message.id for row in held.rows} - {row.message.id for row in rows}
    before = {row.message.id: row.message for row in rows}
    wanted = [_as_before(one, before.get(one.id)) for one in messages if one.id not in in_summary]
    same = 0
    for row, one in zip(rows, wanted, strict=False):
        if row.message != one:
            break
        same += 1
    conversations.remove_items(connection, [row.seq for row in rows[same:]])
    append(connection, replace(held, rows=()), wanted[same:], now)


def mark_persisted(
    connection: Any, held: Held, messages: set[str], notes: set[str], now: datetime
) -> State:
    """Note on messages and notes, by their ids, that they are memories now; return the state."""
    for row in held.rows:
        if row.message.id in messages and row.message.persisted_at is None:
            marked = replace(row.message, persisted_at=now)
            conversations.revise_item(connection, row.seq, row_of(marked, row.text))
    marked_notes = tuple(
        replace(note, persisted_at=note.persisted_at or now) if note.memory.id in notes else note
        for note in held.state.notes
    )
    return replace(held.state, notes=marked_notes)


def with_notes(known: Iterable[Note], wanted: Iterable[Note]) -> tuple[Note, ...]:
    """Return the notes that are wanted, each id once; since when they are memories is not lost."""
    former = {note.memory.id: note for note in known}
    merged: dict[str, Note] = {}
    for note in wanted:
        before = former.get(note.memory.id)
        if before and before.memory.text == note.memory.text:
            note = replace(note, persisted_at=before.persisted_at)  # noqa: PLW2901
        merged[note.memory.id] = note
    return tuple(merged.values())


def told(id: str, scope: Scope, held: Held, window: Window) -> WorkingMemory:
    """Return a session as its readers see it."""
    state = held.state
    return WorkingMemory(
        session=id,
        scope=scope,
        messages=tuple(held.open_messages),
        context=held.context,
        notes=state.notes,
        data=state.data,
        ttl_s=state.ttl_s,
        strategy=state.strategy,
        expires=held.expires,
        last_written=state.last_written,
        revision=state.revision,
        window_tokens=window.tokens,
        full=window.full,
    )


def with_ttl(state: State, ttl: timedelta | AsBefore | None) -> State:
    """Return a state with another time to live. Raises UsageError if it is over at once."""
    if ttl == "as before":
        return state
    if ttl is not None and ttl <= timedelta():
        raise UsageError("A session's time to live must be longer than nothing.")
    return replace(state, ttl_s=None if ttl is None else ttl.total_seconds())


def end_expired(connection: Any, now: datetime) -> int:
    """Remove the sessions whose time is over, of every scope; return how many."""
    over = conversations.expired_sessions(connection, now)
    for seq in over:
        conversations.remove_session(connection, seq)
    return len(over)


def _as_before(message: Message, before: Message | None) -> Message:
    """Return the message that is repeated, if it is: with its time, its signature, its mark."""
    same = before is not None and (before.role, before.content) == (message.role, message.content)
    return before if before is not None and same else message
