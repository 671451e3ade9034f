"""Working memory: what is said in each session, within a window, until it ends or is promoted.

Every write is one transaction, and renews the session's time to live. A message is kept once, by
its id. Messages that went into the summary stay in the ledger, so that nothing said is lost, until
the session ends. A scope sees its own sessions only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from alma_agent.errors import AlmaError, UsageError
from alma_agent.memory.ledger import Ledger, conversations
from alma_agent.memory.sessions import held_session
from alma_agent.memory.sessions.held_session import AsBefore, Held, with_ttl
from alma_agent.memory.sessions.memory_prompt import memory_prompt
from alma_agent.memory.sessions.promotion import Keep, Promoted, not_kept_yet, to_promote
from alma_agent.memory.sessions.talk import (
    Message,
    State,
    WorkingMemory,
    checked,
    checked_data,
    checked_note,
)
from alma_agent.memory.sessions.window import Extractive, Summariser, Window, shortened
from alma_agent.records import writable
from alma_agent.redact import redacted
from alma_agent.remembered import ANY, Memory, MemoryKind, Recalled, Scope

_WINDOW = Window(16_000)
_Change = Callable[[Any, Held], State]


class Conflict(AlmaError):
    """Somebody else has written a session since it was read."""

    def __init__(self, session: str, expected: int, found: int) -> None:
        self.expected, self.found = expected, found
        super().__init__(
            f"Session {session} was written since it was read (revision {expected}, now {found}). "
            "Nothing was changed. Read it again."
        )


class WorkingMemories:
    """The sessions of one ledger. Several processes may write the same one.

    Raises UsageError for a blank message or id, for data that is not JSON, and for a scope that is
    everybody's.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        window: Window = _WINDOW,
        summariser: Summariser | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger = ledger
        self._window = window
        self._summariser = summariser or Extractive()
        self._now = now

    def get(
        self, id: str, scope: Scope = Scope(), *, window: Window | None = None
    ) -> WorkingMemory | None:
        """Return a session; None if there is none, or its time is over."""
        held = self._find(id, scope)
        return None if held is None else held_session.told(id, scope, held, window or self._window)

    def get_or_create(
        self, id: str, scope: Scope = Scope(), *, ttl: timedelta | AsBefore | None = "as before"
    ) -> WorkingMemory:
        """Return a session, made if need be; `new_session` says so. `ttl` is for a new one."""
        return self.get(id, scope) or self._write(
            id, scope, lambda _, held: with_ttl(held.state, ttl)
        )

    def add(
        self,
        id: str,
        messages: Iterable[Message],
        scope: Scope = Scope(),
        *,
        window: Window | None = None,
    ) -> WorkingMemory:
        """Add messages to a session, made if need be. An id that is there already is not again."""
        added = [checked(one) for one in messages]

        def change(connection: Any, held: Held) -> State:
            held_session.append(connection, held, added, self._now())
            return held.state

        return self._write(id, scope, change, window=window)

    def put(
        self,
        id: str,
        messages: Iterable[Message],
        scope: Scope = Scope(),
        *,
        notes: Iterable[Memory] | None = None,
        data: Mapping[str, Any] | None = None,
        context: str | None = None,
        ttl: timedelta | AsBefore | None = "as before",
        strategy: Mapping[str, Any] | AsBefore | None = "as before",
        if_revision: int | None = None,
        window: Window | None = None,
    ) -> WorkingMemory:
        """Replace the messages of a session, and what else is given; the rest stays as it was.

        Messages that are in the summary stay there. Raises Conflict if the session is not at
        `if_revision` any more.
        """
        wanted = [checked(one) for one in messages]
        noted = None if notes is None else [checked_note(one, id, scope) for one in notes]
        given = None if data is None else checked_data(data)

        def change(connection: Any, held: Held) -> State:
            if if_revision is not None and held.state.revision != if_revision:
                raise Conflict(id, if_revision, held.state.revision)
            held_session.replace_open(connection, held, wanted, self._now())
            state = with_ttl(held.state, ttl)
            if noted is not None:
                state = replace(state, notes=held_session.with_notes(state.notes, noted))
            if given is not None:
                state = replace(state, data=given)
            if strategy != "as before":
                state = replace(state, strategy=strategy and checked_data(strategy))
            return state

        return self._write(id, scope, change, context=context, window=window)

    def put_data(
        self, id: str, data: Mapping[str, Any], scope: Scope = Scope(), *, merge: bool = True
    ) -> WorkingMemory:
        """Set the data of a session; if merged, only the names that are given."""
        given = checked_data(data)

        def change(_: Any, held: Held) -> State:
            return replace(held.state, data={**held.state.data, **given} if merge else given)

        return self._write(id, scope, change)

    def note(self, id: str, memories: Iterable[Memory], scope: Scope = Scope()) -> WorkingMemory:
        """Add memories that are the session's own until they are promoted, each id once."""
        noted = [checked_note(one, id, scope) for one in memories]

        def change(_: Any, held: Held) -> State:
            notes = held_session.with_notes(held.state.notes, [*held.state.notes, *noted])
            return replace(held.state, notes=notes)

        return self._write(id, scope, change)

    def messages(self, id: str, scope: Scope = Scope()) -> list[Message]:
        """Return everything that was said in a session, also what is in its summary."""
        held = self._find(id, scope)
        return [row.message for row in held.rows] if held else []

    def ids(
        self, scope: Scope = Scope(), *, limit: int = 20, offset: int = 0
    ) -> tuple[list[str], int]:
        """Return the ids of a scope's sessions, the newest first, and how many there are."""
        _require_owner("any", scope)
        self.purge()
        with self._ledger.reading() as connection:
            some = conversations.some_sessions(connection, scope, limit=limit, offset=offset)
            return [one.id for one in some], conversations.count_sessions(connection, scope)

    def delete(self, id: str, scope: Scope = Scope()) -> bool:
        """Remove a session with all that was said in it; False if there was none."""
        _require_owner(id, scope)
        with self._ledger.writing() as connection:
            held_session.end_expired(connection, self._now())
            seq = conversations.find_session(connection, writable(id), scope)
            if seq is not None:
                conversations.remove_session(connection, seq)
        return seq is not None

    def purge(self) -> int:
        """Remove the sessions whose time is over, of every scope; return how many."""
        with self._ledger.reading() as connection:
            if not conversations.expired_sessions(connection, self._now()):
                return 0
        with self._ledger.writing() as connection:
            return held_session.end_expired(connection, self._now())

    def promote(
        self,
        id: str,
        keep: Keep,
        scope: Scope = Scope(),
        *,
        kind: MemoryKind = "interaction",
        roles: Sequence[str] = ("user", "assistant"),
    ) -> list[Memory]:
        """Make memories of a session's messages and notes, each once; return those made now.

        `keep` writes them durably. If alma dies before they are marked, nothing is made twice: a
        message always leads to the same id.
        """
        held = self._find(id, scope)
        if held is None:
            return []
        said = [row.message for row in held.rows if row.message.role in roles]
        promoted = to_promote(said, held.state.notes, id, scope, kind)
        with self._ledger.reading() as connection:
            made = not_kept_yet(connection, promoted)
        if made:
            keep(made)
        if promoted:
            self._mark(id, scope, promoted)
        return made

    def prompt(
        self,
        query: str,
        id: str = "",
        scope: Scope = Scope(),
        *,
        recalled: Iterable[Recalled] = (),
        window: Window | None = None,
    ) -> list[dict[str, str]]:
        """Return a query with the session and memories, as messages for a model."""
        window = window or self._window
        session = self.get(id, scope) if id else None
        return memory_prompt(query, session, recalled, window_tokens=window.tokens)

    def _find(self, id: str, scope: Scope) -> Held | None:
        _require_owner(id, scope)
        with self._ledger.reading() as connection:
            return held_session.find(connection, id, scope, self._now())

    def _write(
        self,
        id: str,
        scope: Scope,
        change: _Change,
        *,
        context: str | None = None,
        window: Window | None = None,
    ) -> WorkingMemory:
        _require_owner(id, scope)
        now = self._now()
        with self._ledger.writing() as connection:
            found = held_session.find(connection, id, scope, now)
            held = found or held_session.make(connection, id, scope, now)
            state = change(connection, held)
            told = held.context if context is None else writable(redacted(context))
            held_session.put(connection, held.seq, state, told, now)
        self._summarise(id, scope, window or self._window)
        written = self.get(id, scope, window=window) or WorkingMemory(id, scope, unsaved=True)
        return replace(written, new_session=found is None)

    def _mark(self, id: str, scope: Scope, promoted: Sequence[Promoted]) -> None:
        with self._ledger.writing() as connection:
            held = held_session.find(connection, id, scope, self._now())
            if held is not None:  # nobody removed it meanwhile
                messages, notes = {one.message for one in promoted}, {one.note for one in promoted}
                state = held_session.mark_persisted(connection, held, messages, notes, self._now())
                held_session.put(connection, held.seq, state, held.context, self._now())

    def _summarise(self, id: str, scope: Scope, window: Window) -> None:
        """Move older messages into the summary if the window is full.

        A model may take its time, so no transaction is open meanwhile; if somebody else has
        summarised by then, theirs stands.
        """
        held = self._find(id, scope)
        if held is None or not window.is_full(held.context, held.open_messages):
            return
        older = held.open_rows[: window.split(held.open_messages)]
        if not older:
            return
        context = self._summary(held.context, [row.message for row in older], window)
        with self._ledger.writing() as connection:
            now_held = held_session.find(connection, id, scope, self._now())
            if now_held is None or _summarised(now_held) != _summarised(held):
                return
            state = replace(now_held.state, summarised=older[-1].seq)
            held_session.put(connection, held.seq, state, context, self._now())

    def _summary(self, context: str, older: Sequence[Message], window: Window) -> str:
        budget = window.summary_tokens
        try:
            told = self._summariser.summarise(context, older, budget_tokens=budget)
        except AlmaError:  # no model now; what is said must not wait for one
            told = Extractive().summarise(context, older, budget_tokens=budget)
        return shortened(writable(redacted(told)), budget)


def _summarised(held: Held) -> tuple[int, int, str]:
    return held.seq, held.state.summarised, held.context


def _require_owner(id: str, scope: Scope) -> None:
    if not id.strip():
        raise UsageError("A session needs an id.")
    if ANY in (scope.namespace, scope.user, scope.agent):
        raise UsageError(f"A session belongs to somebody; {ANY!r} is for searching only.")
