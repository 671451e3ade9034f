"""The ledger's tables, the same in SQLite and PostgreSQL.

Rows of `interactions` never change. The words beside `memories` are a database's own affair: see
`words`. What is changed here needs a migration in `migrations/versions`; a test compares both.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware time, kept as ISO 8601 text in UTC, which sorts as time does."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC).isoformat()

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromisoformat(value)


def storable(text: str) -> str:
    """Return text as every database can hold it: no half characters, no NUL."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


class Name(sa.types.TypeDecorator[str]):
    """Text that is made storable on its way in, where it is written and where it is asked for."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else storable(value)


class Prose(Name):
    """A `Name` of any length."""

    impl = sa.Text
    cache_ok = True


tables = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _seq() -> sa.Column[int]:
    """Return the column that says in which order rows came."""
    return sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True)


def _text(name: str, *, default: str = "") -> sa.Column[str]:
    return sa.Column(name, Prose, nullable=False, server_default=default)


interactions = sa.Table(
    "interactions",
    tables,
    _seq(),
    sa.Column("id", Name, unique=True, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("goal", Prose, nullable=False),
    sa.Column("outcome", Name, nullable=False),
    sa.Column("body", Prose, nullable=False),
    _text("namespace"),
    _text("user"),
    _text("agent"),
    _text("session"),
    sa.Column("undid", Name, nullable=False, server_default="", index=True),  # by undo or redo
)
interaction_files = sa.Table(
    "interaction_files",
    tables,
    sa.Column("interaction", Name, sa.ForeignKey("interactions.id"), primary_key=True),
    sa.Column("path", Name, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False, server_default="0"),  # the interaction's
    sa.Index(None, "path", "seq"),
)
memories = sa.Table(
    "memories",
    tables,
    _seq(),
    sa.Column("id", Name, unique=True, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("text", Prose, nullable=False),
    sa.Column("interaction", Name, sa.ForeignKey("interactions.id"), nullable=True, index=True),
    sa.Column("outcome", Name, nullable=False),
    sa.Column("kind", Name, nullable=False),
    sa.Column("stratum", Name, nullable=False),
    _text("namespace"),
    _text("user"),
    _text("agent"),
    _text("session"),
    _text("by"),
    sa.Column("importance", sa.Float, nullable=False, server_default="0.5"),
    sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("expires", UtcTime),
    sa.Column("event_at", UtcTime),
    _text("supersedes"),
    _text("superseded_by"),
    _text("metadata", default="{}"),
    _text("digest"),
    sa.Index(None, "namespace", "user", "agent", "session", "seq"),
    sa.Index(None, "namespace", "user", "agent", "at"),
    sa.Index(None, "at"),
    sa.Index(None, "digest"),
    sa.Index(None, "supersedes", "namespace", "user", "agent"),
)
memory_anchors = sa.Table(
    "memory_anchors",
    tables,
    sa.Column("memory", Name, sa.ForeignKey("memories.id"), primary_key=True),
    sa.Column("path", Name, primary_key=True),
    sa.Column("symbol", Prose, primary_key=True, server_default=""),
    sa.Column("at", UtcTime, nullable=False),  # the memory's: a file's newest are found at once
    sa.Column("digest", Name),
    _text("head"),
    _text("source"),
    sa.Index(None, "path", "at"),
)
memory_labels = sa.Table(
    "memory_labels",
    tables,
    sa.Column("memory", Name, sa.ForeignKey("memories.id"), primary_key=True),
    sa.Column("sort", Name, primary_key=True),
    sa.Column("label", Name, primary_key=True),
    sa.Index(None, "sort", "label"),
)
memory_revisions = sa.Table(
    "memory_revisions",
    tables,
    _seq(),
    sa.Column("memory", Name, sa.ForeignKey("memories.id"), nullable=False, index=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("body", Prose, nullable=False),
)
decisions = sa.Table(
    "decisions",
    tables,
    sa.Column("memory", Name, sa.ForeignKey("memories.id"), primary_key=True),
    _text("reasoning"),
)
memory_vectors = sa.Table(
    "memory_vectors",
    tables,
    _seq(),
    sa.Column("memory", Name, sa.ForeignKey("memories.id"), nullable=False),
    sa.Column("part", Name, nullable=False),
    sa.Column("model", Name, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("memory", "part", "model"),
    sqlite_autoincrement=True,  # a number is never given twice
)
changes = sa.Table(
    "changes",
    tables,
    sa.Column("name", Name, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
)
index_marks = sa.Table(
    "index_marks",
    tables,
    sa.Column("name", Name, primary_key=True),
    sa.Column("vectors", sa.Integer, nullable=False),
    sa.Column("tombstones", sa.Integer, nullable=False),
)
code_vectors = sa.Table(
    "code_vectors",
    tables,
    sa.Column("model", Name, primary_key=True),
    sa.Column("digest", Name, primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)
recalls = sa.Table(
    "recalls",
    tables,
    sa.Column("interaction", Name, sa.ForeignKey("interactions.id"), primary_key=True),
    sa.Column("memory", Name, primary_key=True, index=True),
)
tombstones = sa.Table(
    "tombstones",
    tables,
    _seq(),
    sa.Column("memory", Name, unique=True, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice
)
agents = sa.Table(
    "agents",
    tables,
    sa.Column("id", Name, primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("name", Name, unique=True, nullable=False),
    _text("description"),
    _text("config", default="{}"),
)
sessions = sa.Table(
    "sessions",
    tables,
    _seq(),
    sa.Column("id", Name, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    _text("namespace"),
    _text("user"),
    _text("agent"),
    _text("metadata", default="{}"),
    sa.Column("closed_at", UtcTime),
    sa.UniqueConstraint("namespace", "user", "agent", "id"),
)
conversation = sa.Table(
    "conversation",
    tables,
    _seq(),
    sa.Column("session", sa.ForeignKey("sessions.seq"), nullable=False, index=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("item", Prose, nullable=False),
    sa.Column("tokens", sa.Integer, nullable=False),
)
session_states = sa.Table(
    "session_states",
    tables,
    sa.Column("session", sa.ForeignKey("sessions.seq"), primary_key=True),
    _text("context"),
    _text("data", default="{}"),
    sa.Column("expires", UtcTime),
)
