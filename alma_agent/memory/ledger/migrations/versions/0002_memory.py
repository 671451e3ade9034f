"""Scopes, kinds, labels, symbols, sessions, vectors; memories that come from no interaction."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_OWNERS = ("namespace", "user", "agent", "session")


def upgrade() -> None:
    told, files = _rows("interactions"), _rows("interaction_files")
    memories, anchors = _rows("memories"), _rows("memory_anchors")
    for name in ("memory_anchors", "memories", "interaction_files", "interactions"):
        op.drop_table(name)
    op.execute("DROP TABLE IF EXISTS memory_words")
    _create_interactions()
    _create_memories()
    _create_details()
    _create_sessions()
    _create_words()
    seqs = {row["id"]: row["seq"] for row in told}
    times = {row["id"]: row["at"] for row in memories}
    _fill("interactions", [row | {"undid": _undid(row)} for row in told])
    _fill("interaction_files", [row | {"seq": seqs[row["interaction"]]} for row in files])
    _fill("memories", memories)
    _fill("memory_anchors", [row | {"at": times[row["memory"]]} for row in anchors])
    _mark(2)


def downgrade() -> None:
    """Go back. Memories that come from no interaction, and what they carry besides, are lost."""
    memories = [row for row in _rows("memories") if row["interaction"]]
    kept = {row["id"] for row in memories}
    anchors = {
        (row["memory"], row["path"]): row
        for row in _rows("memory_anchors")
        if row["memory"] in kept
    }
    for name in (
        "memory_words", "session_states", "conversation", "sessions", "agents", "tombstones",
        "recalls", "index_marks", "changes", "code_vectors", "memory_vectors", "decisions",
        "memory_revisions", "memory_labels", "memory_anchors", "memories",
    ):  # fmt: skip
        op.drop_table(name)
    for name in _OWNERS:
        op.drop_column("interactions", name)
    op.drop_index("ix_interactions_undid", "interactions")
    op.drop_column("interactions", "undid")
    op.drop_index("ix_interaction_files_path_seq", "interaction_files")
    op.drop_column("interaction_files", "seq")
    op.create_index("ix_interaction_files_path", "interaction_files", ["path"])
    _create_first_memories()
    _fill("memories", _only(memories, "memories"))
    _fill("memory_anchors", _only(anchors.values(), "memory_anchors"))
    if _is_sqlite():
        op.execute(
            "CREATE VIRTUAL TABLE memory_words USING "
            "fts5(words, content='', tokenize='porter unicode61')"
        )
        op.execute("INSERT INTO memory_words(rowid, words) SELECT seq, text FROM memories")
    _mark(1)


def _create_interactions() -> None:
    op.create_table(
        "interactions",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, unique=True, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("goal", sa.Text, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        *(_text(name) for name in _OWNERS),
        sa.Column("undid", sa.String, nullable=False, server_default="", index=True),
    )
    op.create_table(
        "interaction_files",
        sa.Column("interaction", sa.String, sa.ForeignKey("interactions.id"), primary_key=True),
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index("ix_interaction_files_path_seq", "interaction_files", ["path", "seq"])


def _create_memories() -> None:
    op.create_table(
        "memories",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, unique=True, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("interaction", sa.String, sa.ForeignKey("interactions.id"), nullable=True),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("stratum", sa.String, nullable=False),
        *(_text(name) for name in (*_OWNERS, "by")),
        sa.Column("importance", sa.Float, nullable=False, server_default="0.5"),
        sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("expires", sa.String),
        sa.Column("event_at", sa.String),
        _text("supersedes"),
        _text("superseded_by"),
        _text("metadata", "{}"),
        _text("digest"),
    )
    for columns in (
        ("interaction",),
        (*_OWNERS, "seq"),
        ("namespace", "user", "agent", "at"),
        ("at",),
        ("digest",),
        ("supersedes", "namespace", "user", "agent"),
    ):
        op.create_index("_".join(("ix", "memories", *columns)), "memories", columns)


def _create_details() -> None:
    op.create_table(
        "memory_anchors",
        _of_memory(primary_key=True),
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("symbol", sa.Text, primary_key=True, server_default=""),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("digest", sa.String),
        _text("head"),
        _text("source"),
    )
    op.create_index("ix_memory_anchors_path_at", "memory_anchors", ["path", "at"])
    op.create_table(
        "memory_labels",
        _of_memory(primary_key=True),
        sa.Column("sort", sa.String, primary_key=True),
        sa.Column("label", sa.String, primary_key=True),
    )
    op.create_index("ix_memory_labels_sort_label", "memory_labels", ["sort", "label"])
    op.create_table(
        "memory_revisions",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        _of_memory(nullable=False, index=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table("decisions", _of_memory(primary_key=True), _text("reasoning"))
    op.create_table(
        "memory_vectors",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        _of_memory(nullable=False),
        sa.Column("part", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("memory", "part", "model"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "code_vectors",
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "changes",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.create_table(
        "index_marks",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("vectors", sa.Integer, nullable=False),
        sa.Column("tombstones", sa.Integer, nullable=False),
    )
    op.create_table(
        "recalls",
        sa.Column("interaction", sa.String, sa.ForeignKey("interactions.id"), primary_key=True),
        sa.Column("memory", sa.String, primary_key=True, index=True),
    )
    op.create_table(
        "tombstones",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("memory", sa.String, unique=True, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )


def _create_sessions() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("name", sa.String, unique=True, nullable=False),
        _text("description"),
        _text("config", "{}"),
    )
    op.create_table(
        "sessions",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        *(_text(name) for name in ("namespace", "user", "agent")),
        _text("metadata", "{}"),
        sa.Column("closed_at", sa.String),
        sa.UniqueConstraint("namespace", "user", "agent", "id"),
    )
    op.create_table(
        "conversation",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("session", sa.Integer, sa.ForeignKey("sessions.seq"), nullable=False, index=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("tokens", sa.Integer, nullable=False),
    )
    op.create_table(
        "session_states",
        sa.Column("session", sa.Integer, sa.ForeignKey("sessions.seq"), primary_key=True),
        _text("context"),
        _text("data", "{}"),
        sa.Column("expires", sa.String),
    )


def _create_words() -> None:
    """Make the word index, empty: the ledger fills it when it opens."""
    if _is_sqlite():
        op.execute(
            "CREATE VIRTUAL TABLE memory_words USING "
            "fts5(text, context, about, tokenize='porter unicode61')"
        )
        return
    op.execute(
        "CREATE TABLE memory_words (rowid integer PRIMARY KEY, text text NOT NULL, "
        "context text NOT NULL, about text NOT NULL, vector tsvector NOT NULL "
        "GENERATED ALWAYS AS (setweight(to_tsvector('english', text), 'A') "
        "|| setweight(to_tsvector('english', context), 'B') "
        "|| setweight(to_tsvector('english', about), 'C')) STORED)"
    )
    op.execute("CREATE INDEX ix_memory_words_vector ON memory_words USING gin (vector)")


def _create_first_memories() -> None:
    op.create_table(
        "memories",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, unique=True, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("interaction", sa.String, sa.ForeignKey("interactions.id"), nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("stratum", sa.String, nullable=False),
    )
    op.create_table(
        "memory_anchors",
        _of_memory(primary_key=True),
        sa.Column("path", sa.String, primary_key=True, index=True),
        sa.Column("digest", sa.String),
    )


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _of_memory(**others: Any) -> sa.Column[Any]:
    return sa.Column("memory", sa.String, sa.ForeignKey("memories.id"), **others)


def _table(name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=op.get_bind(), resolve_fks=False)


def _rows(name: str) -> list[dict[str, Any]]:
    return [dict(row) for row in op.get_bind().execute(sa.select(_table(name))).mappings()]


def _fill(name: str, rows: list[dict[str, Any]]) -> None:
    """Put rows into a table, and let PostgreSQL count on from them."""
    op.bulk_insert(_table(name), rows)
    if not _is_sqlite() and rows and "seq" in rows[0] and name != "interaction_files":
        op.execute(
            f"SELECT setval(pg_get_serial_sequence('{name}', 'seq'), max(seq)) FROM {name}"  # noqa: S608
        )


def _undid(row: dict[str, Any]) -> str:
    """Return the id of what an interaction took back, or put back; empty for all others."""
    if row["outcome"] != "undone":
        return ""
    return str(json.loads(row["body"])["interaction"]["outcome"]["of"])


def _only(rows: Any, name: str) -> list[dict[str, Any]]:
    columns = set(_table(name).columns.keys())
    return [{key: row[key] for key in row if key in columns} for row in rows]


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def _mark(form: int) -> None:
    """Tell an alma from before Alembic which form this is: it looks at the file's own mark."""
    if _is_sqlite():
        op.execute(f"PRAGMA user_version = {form}")
