"""A conversation that an agent leads, item by item, in the form of its SDK; kept without secrets.

An item that is a message is one of the session's working memory, too. Each is signed: by the user,
or by the agent that said it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from alma_agent.memory.ledger import Ledger, conversations
from alma_agent.memory.ranking import tokens_of
from alma_agent.memory.sessions import held_session
from alma_agent.memory.sessions.earlier import earlier_talk
from alma_agent.memory.sessions.talk import Message, message_of, row_of, without_secrets
from alma_agent.memory.times import window_of
from alma_agent.records import writable
from alma_agent.redact import redacted
from alma_agent.remembered import Scope

Item = dict[str, Any]

_TEXTS = frozenset(("content", "text", "refusal", "output", "input", "command", "commands", "diff"))


class Conversation:
    """One session's items. Several processes may write them; each write is one transaction."""

    def __init__(
        self,
        ledger: Ledger,
        id: str,
        scope: Scope = Scope(),
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.id = id
        self._ledger = ledger
        self._scope = scope
        self._now = now

    def items(self) -> list[Item]:
        """Return every item, in the order in which they came. What cannot be read is left out."""
        return [item for _, item in self.signed()]

    def signed(self) -> list[tuple[str, Item]]:
        """Return every item, and who said it."""
        with self._ledger.reading() as connection:
            seq = self._seq(connection)
            items = [] if seq is None else conversations.items_of(connection, seq)
        read = ((one.item, _item_of(one.item)) for one in items)
        return [(_signer_of(row), item) for row, item in read if item is not None]

    def append(self, items: Sequence[Item], *, by: str) -> None:
        """Add items, all or none; on the disk when this returns. `by` signs what no user said."""
        rows = [self._row(item, by) for item in items]
        if not rows:
            return
        now = self._now()
        with self._ledger.writing() as connection:
            seq = self._seq(connection)
            if seq is None:
                seq = held_session.make(connection, self.id, self._scope, now).seq
            conversations.append_items(connection, seq, rows, now)
            held_session.renew(connection, seq, now)

    def pop(self) -> Item | None:
        """Remove the last item and return it; None if there is none."""
        with self._ledger.writing() as connection:
            seq = self._seq(connection)
            while seq is not None and (last := conversations.items_of(connection, seq, limit=1)):
                conversations.remove_items(connection, [last[0].seq])
                if (item := _item_of(last[0].item)) is not None:
                    return item
        return None

    def clear(self) -> None:
        with self._ledger.writing() as connection:
            seq = self._seq(connection)
            if seq is not None:
                conversations.clear_items(connection, seq)

    def earlier(self, window: timedelta | str | None, max_tokens: int) -> str:
        """Return what the scope's other sessions said, in a window such as `24h`.

        At most `max_tokens` long; see `earlier_talk`. Raises UsageError for a window that is none.
        """
        return earlier_talk(
            self._ledger,
            self._scope,
            window=window_of(window) if isinstance(window, str) else window,
            max_tokens=max_tokens,
            besides=self.id,
            now=self._now(),
        )

    def _seq(self, connection: Any) -> int | None:
        return held_session.seq_of(connection, self.id, self._scope, self._now())

    def _row(self, item: Item, agent: str) -> tuple[str, int]:
        clean = cast(Item, _clean(item))
        by = agent if clean.get("role") != "user" else self._scope.user or "user"
        row = json.dumps({"item": clean, "by": by})
        message = said(clean)
        if message is not None:
            role, text = message
            row = row_of(Message(role, text, created_at=self._now(), by=by), row)
        return row, tokens_of(json.dumps(clean))


def said(item: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the role and the text of an item that is a message; None for any other."""
    role, content = item.get("role"), item.get("content")
    if item.get("type", "message") != "message" or not isinstance(role, str):
        return None
    parts = [content] if isinstance(content, str) else [_text(part) for part in content or []]
    text = "\n".join(part for part in parts if part).strip()
    return (role, text) if text else None


def _text(part: Any) -> str:
    if not isinstance(part, dict):
        return ""
    text = part.get("text") or part.get("refusal")
    return text if isinstance(text, str) else ""


def _item_of(row: str) -> Item | None:
    """Return the item in a row; a message that working memory took in is one, too."""
    try:
        held = json.loads(row)
    except ValueError:
        return None
    if isinstance(held, dict) and isinstance(held.get("item"), dict):
        return cast(Item, held["item"])
    message = message_of(row)
    if message is None:
        return None
    return {"role": "user" if message.role == "user" else "assistant", "content": message.content}


def _signer_of(row: str) -> str:
    message = message_of(row)
    return str(json.loads(row).get("by") or (message.by or message.role if message else ""))


def _clean(value: Any, name: str = "") -> Any:
    """Return an item without secrets in what was said or sent; its ids and pictures as they are."""
    if isinstance(value, dict):
        return {key: _clean(held, key) for key, held in value.items()}
    if isinstance(value, list):
        return [_clean(held, name) for held in value]
    if not isinstance(value, str):
        return value
    if name == "arguments":
        return _clean_arguments(value)
    return writable(redacted(value) if name in _TEXTS else value)


def _clean_arguments(text: str) -> str:
    """Return a call's arguments without secrets, and still JSON."""
    try:
        sent = json.loads(text)
    except ValueError:
        return writable(redacted(text))
    clean = without_secrets(sent, "")
    return text if clean == sent else json.dumps(clean)
