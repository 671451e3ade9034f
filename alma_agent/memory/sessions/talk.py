"""What a session holds in working memory: messages, notes, data; and their form in the ledger.

Values only. A row of the ledger's conversation is a JSON object. Its `message` is what was said;
what else it holds is somebody else's, and stays there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from alma_agent.errors import LedgerUnavailable, UsageError
from alma_agent.memory.ranking import tokens_of
from alma_agent.records import new_id, writable
from alma_agent.redact import redacted
from alma_agent.remembered import Memory, Scope


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that was said. `by` signs it, where the role does not say enough.

    `persisted_at`: since when it is a memory, too.
    """

    role: str
    content: str
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    by: str = ""
    persisted_at: datetime | None = None

    @property
    def tokens(self) -> int:
        return tokens_of(self.content)


@dataclass(frozen=True, slots=True)
class Note:
    """A memory that is so far the session's own. `persisted_at`: since when it is everybody's."""

    memory: Memory
    persisted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class State:
    """All of a session but its messages and the summary.

    `ttl_s`: seconds from the last write to the end; None: no end. `summarised`: the last row whose
    message went into the summary. `revision` counts the writes.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    ttl_s: float | None = None
    strategy: Mapping[str, Any] | None = None
    summarised: int = 0
    revision: int = 0
    last_written: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkingMemory:
    """A session as it stands: the newest messages, and a summary of what came before them.

    `window_tokens` is what a model can take in; beyond the share `full` of it, older messages are
    summarised. `new_session`: this very call made it. `unsaved`: it is not in the ledger.
    """

    session: str
    scope: Scope = Scope()
    messages: tuple[Message, ...] = ()
    context: str = ""
    notes: tuple[Note, ...] = ()
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    ttl_s: float | None = None
    strategy: Mapping[str, Any] | None = None
    expires: datetime | None = None
    last_written: datetime | None = None
    revision: int = 0
    window_tokens: int = 0
    full: float = 0.7
    new_session: bool = False
    unsaved: bool = False

    @property
    def tokens(self) -> int:
        return sum(one.tokens for one in self.messages) + context_tokens(self.context)

    @property
    def context_percentage_total_used(self) -> float:
        """How much of the window is taken, 0 to 100."""
        return _percent(self.tokens, self.window_tokens)

    @property
    def context_percentage_until_summarization(self) -> float:
        """How near the next summary is, 0 to 100."""
        return _percent(self.tokens, self.window_tokens * self.full)


def context_tokens(context: str) -> int:
    return tokens_of(context) if context else 0


def checked(message: Message) -> Message:
    """Return a new message as it may be kept, without secrets. Raises UsageError if it is blank."""
    for what, text in (("text", message.content), ("role", message.role), ("id", message.id)):
        if not text.strip():
            raise UsageError(f"A message without {what} cannot be kept.")
    return Message(
        message.role,
        writable(redacted(message.content)),
        writable(message.id),
        message.created_at.astimezone(UTC),
        writable(message.by),
    )


def checked_note(memory: Memory, session: str, scope: Scope) -> Note:
    """Return a memory as a session may hold it. Raises UsageError if it is blank."""
    if not memory.text.strip():
        raise UsageError("There is no text to remember.")
    return Note(
        replace(
            memory,
            text=writable(redacted(memory.text)),
            reasoning=writable(redacted(memory.reasoning)),
            scope=scope,
            session=session,
        )
    )


def checked_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data without secrets. Raises UsageError for what JSON cannot say."""
    try:
        plain = json.loads(json.dumps(data, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"The data of a session must be JSON: {error}.") from error
    if not isinstance(plain, dict):
        raise UsageError("The data of a session must be a JSON object.")
    return {writable(name): without_secrets(value, name) for name, value in plain.items()}


def without_secrets(value: Any, name: str) -> Any:
    """Take the secrets out of a value, whose name may tell that it is one."""
    if isinstance(value, dict):
        return {writable(key): without_secrets(held, key) for key, held in value.items()}
    if isinstance(value, list):
        return [without_secrets(held, name) for held in value]
    if not isinstance(value, str):
        return value
    return writable(_named_secret(name, value) or redacted(value))


def row_of(message: Message, row: str = "{}") -> str:
    """Return a row that holds a message; whatever else `row` holds stays in it."""
    return json.dumps({**json.loads(row), "message": json.loads(_messages.dump_json(message))})


def message_of(row: str) -> Message | None:
    """Return the message in a row of a conversation; None if it holds none."""
    try:
        return _messages.validate_python(json.loads(row)["message"])
    except (ValueError, TypeError, KeyError):
        return None


def state_text(state: State) -> str:
    return _states.dump_json(state).decode()


def state_from(text: str) -> State:
    """Raises LedgerUnavailable for a form that this alma does not know."""
    try:
        return _states.validate_json(text)
    except ValidationError as error:
        raise LedgerUnavailable(
            "The state of a session cannot be read. It may come from a newer alma: upgrade, or "
            f"delete the session. ({error.error_count()} mismatches)"
        ) from error


def _named_secret(name: str, value: str) -> str | None:
    told = redacted(f"{name} = {json.dumps(value)}")
    kinds = [mark for mark in _marks(told) if mark not in _marks(value)]
    return kinds[0] if kinds and value not in told else None


def _marks(text: str) -> Sequence[str]:
    return [part.split("]")[0].join(("[redacted:", "]")) for part in text.split("[redacted:")[1:]]


def _percent(part: float, whole: float) -> float:
    return min(100.0, 100.0 * part / whole) if whole > 0 else 0.0


_messages = TypeAdapter(Message)
_states = TypeAdapter(State)
