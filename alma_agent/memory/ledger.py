"""The truth: every interaction and memory, durable when acknowledged, with its word index.

SQLite by way of SQLAlchemy. The vector index beside it can be lost; this cannot, so it is written
first, with a full sync. Rows are only ever added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy.exc import SQLAlchemyError

from alma_agent import codec
from alma_agent.errors import LedgerUnavailable
from alma_agent.records import Anchor, Interaction, Memory, reverted
from toolset.edits import Digest

_SCHEMA_VERSION = 1
_tables = sa.MetaData()
_interactions = sa.Table(
    "interactions",
    _tables,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String, unique=True, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("goal", sa.Text, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
_files = sa.Table(
    "interaction_files",
    _tables,
    sa.Column("interaction", sa.ForeignKey("interactions.id"), primary_key=True),
    sa.Column("path", sa.String, primary_key=True, index=True),
)
_memories = sa.Table(
    "memories",
    _tables,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String, unique=True, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("interaction", sa.ForeignKey("interactions.id"), nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("stratum", sa.String, nullable=False),
)
_anchors = sa.Table(
    "memory_anchors",
    _tables,
    sa.Column("memory", sa.ForeignKey("memories.id"), primary_key=True),
    sa.Column("path", sa.String, primary_key=True, index=True),
    sa.Column("digest", sa.String),
)
_WORDS = "memory_words"
_LOCK_S = 10


class Ledger:
    """One ledger file. Several processes may have it open at once.

    Every method raises LedgerUnavailable when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = _engine(path)
        self._writer = self._engine.execution_options(writes=True)
        with self._errors_explained():
            if not path.exists():
                _create(path)
            path.chmod(0o600)
            self._require_schema()

    def record(self, interaction: Interaction, memories: Iterable[Memory]) -> None:
        """Add an interaction and what was learnt from it; nothing if it is there already."""
        with self._errors_explained(), self._writer.begin() as connection:
            known = sa.select(_interactions.c.seq).where(_interactions.c.id == interaction.id)
            if connection.execute(known).first():
                return
            connection.execute(sa.insert(_interactions), _interaction_row(interaction))
            paths = {file.path for file in interaction.files} | {interaction.file}
            rows = [{"interaction": interaction.id, "path": str(path)} for path in paths if path]
            if rows:
                connection.execute(sa.insert(_files), rows)
            for memory in memories:
                _add_memory(connection, memory)

    def interactions(
        self, *, limit: int, path: PurePosixPath | None = None
    ) -> Sequence[Interaction]:
        """Return what happened (to one file), newest first."""
        query = sa.select(_interactions.c.body).order_by(_interactions.c.seq.desc()).limit(limit)
        if path:
            query = query.join(_files, _files.c.interaction == _interactions.c.id).where(
                _files.c.path == str(path)
            )
        with self._errors_explained(), self._engine.connect() as connection:
            return [codec.decode(body) for (body,) in connection.execute(query)]

    def interactions_named(self, id_prefix: str) -> Sequence[Interaction]:
        query = sa.select(_interactions.c.body).where(
            _interactions.c.id.startswith(id_prefix, autoescape=True)
        )
        with self._errors_explained(), self._engine.connect() as connection:
            return [codec.decode(body) for (body,) in connection.execute(query)]

    def memories(self, ids: Iterable[str] | None = None, *, limit: int = -1) -> list[Memory]:
        """Return memories, newest first: those named, or all."""
        query = sa.select(_memories).order_by(_memories.c.seq.desc()).limit(limit)
        if ids is not None:
            query = query.where(_memories.c.id.in_(list(ids)))
        return self._load(query)

    def memories_named(self, id_prefix: str) -> list[Memory]:
        return self._load(
            sa.select(_memories).where(_memories.c.id.startswith(id_prefix, autoescape=True))
        )

    def memories_of_file(self, path: PurePosixPath, *, limit: int) -> list[Memory]:
        """Return the newest memories anchored to a file."""
        anchored = sa.select(_anchors.c.memory).where(_anchors.c.path == str(path))
        return self._load(
            sa.select(_memories)
            .where(_memories.c.id.in_(anchored))
            .order_by(_memories.c.seq.desc())
            .limit(limit)
        )

    def memory_ids(self) -> list[str]:
        with self._errors_explained(), self._engine.connect() as connection:
            return list(connection.scalars(sa.select(_memories.c.id).order_by(_memories.c.seq)))

    def memories_with_words(self, text: str, *, limit: int) -> list[tuple[Memory, float]]:
        """Return memories that share words with `text`, and a score from 0 to 1 (best).

        The score is BM25 divided by the query's best, times the share of the query's words that
        the memory holds: among a few memories BM25 alone makes much of one common word. Words are
        stemmed (porter); identifiers count whole and in parts.
        """
        words = sorted(set(_words(text)))
        if not words:
            return []
        query = sa.text(
            f"SELECT m.id, -bm25({_WORDS}) AS score FROM {_WORDS} "  # noqa: S608 - a constant
            f"JOIN memories m ON m.seq = {_WORDS}.rowid "
            f"WHERE {_WORDS} MATCH :match ORDER BY score DESC LIMIT :limit"
        )
        match = " OR ".join(f'"{word}"' for word in words)
        with self._errors_explained(), self._engine.connect() as connection:
            found = connection.execute(query, {"match": match, "limit": limit}).all()
        scores: dict[str, float] = {row.id: row.score for row in found}
        best = max(scores.values(), default=1.0)
        return [
            (memory, scores[memory.id] / best * _share(words, memory.text))
            for memory in self.memories(scores)
        ]

    def reverted(self) -> set[str]:
        """Return the ids of interactions that were undone, and not redone."""
        undone = sa.select(_interactions.c.body).where(_interactions.c.outcome == "undone")
        query = undone.order_by(_interactions.c.seq)
        with self._errors_explained(), self._engine.connect() as connection:
            return reverted(codec.decode(body) for (body,) in connection.execute(query))

    def _require_schema(self) -> None:
        with self._engine.connect() as connection:
            version = connection.execute(sa.text("PRAGMA user_version")).scalar_one()
        if version > _SCHEMA_VERSION:
            raise LedgerUnavailable(
                f"{self._path} was written by a newer alma (form {version}, this one knows "
                f"{_SCHEMA_VERSION}). Upgrade alma."
            )
        if version < _SCHEMA_VERSION:
            _create_schema(self._engine)

    def _load(self, query: sa.Select[Any]) -> list[Memory]:
        with self._errors_explained(), self._engine.connect() as connection:
            rows = connection.execute(query).all()
            chosen = query.with_only_columns(_memories.c.id).subquery()
            anchors = sa.select(_anchors).where(_anchors.c.memory.in_(sa.select(chosen)))
            by_memory: dict[str, list[Anchor]] = {}
            for row in connection.execute(anchors):
                digest = None if row.digest is None else Digest(row.digest)
                by_memory.setdefault(row.memory, []).append(Anchor(PurePosixPath(row.path), digest))
        return [_memory(row, by_memory.get(row.id, [])) for row in rows]

    @contextmanager
    def _errors_explained(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            why = getattr(error, "orig", None) or error
            raise LedgerUnavailable(
                f"The memory's ledger {self._path} cannot be used: {why}. Check the disk and the "
                "file's rights; if it is damaged, move it away and alma starts a new one."
            ) from error


def _engine(path: Path) -> sa.Engine:
    # No pool: a connection that is kept has to be closed by somebody, and costs little to make.
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool)
    sa.event.listen(engine, "connect", _prepare_connection)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _create(path: Path) -> None:
    """Make a new ledger, seen by others when it is whole: SQLite's change to WAL does not queue."""
    unfinished = path.with_name(f"{path.name}.new")
    with FileLock(f"{path}.lock", timeout=_LOCK_S, mode=0o600):
        if path.exists():
            return
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)  # before SQLite does: its side files take this mode over
        _create_schema(_engine(unfinished))
        unfinished.rename(path)


def _prepare_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # `_begin` opens transactions, not the driver
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout = 10000",
        "synchronous = FULL",  # durable when acknowledged, in WAL mode too
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # A writer takes its lock at once: a transaction that reads first and writes later would fail,
    # not wait, when another process wrote in between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _create_schema(engine: sa.Engine) -> None:
    words = (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {_WORDS} "
        "USING fts5(words, content='', tokenize='porter unicode61')"
    )
    with closing(engine.raw_connection()) as raw:  # outside a transaction; the file remembers it
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    with engine.execution_options(writes=True).begin() as connection:
        _tables.create_all(connection)
        connection.execute(sa.text(words))
        connection.execute(sa.text(f"PRAGMA user_version = {_SCHEMA_VERSION}"))


def _add_memory(connection: sa.Connection, memory: Memory) -> None:
    insertion = (
        sa.insert(_memories)
        .values(
            id=memory.id,
            at=memory.at.isoformat(),
            text=memory.text,
            interaction=memory.interaction,
            outcome=memory.outcome,
            kind=memory.kind,
            stratum=memory.stratum,
        )
        .returning(_memories.c.seq)
    )
    seq = connection.execute(insertion).scalar_one()
    connection.execute(
        sa.text(f"INSERT INTO {_WORDS}(rowid, words) VALUES (:seq, :words)"),  # noqa: S608
        {"seq": seq, "words": " ".join(_words(memory.text))},
    )
    if memory.anchors:
        connection.execute(
            sa.insert(_anchors),
            [
                {
                    "memory": memory.id,
                    "path": str(anchor.path),
                    "digest": anchor.digest.hex if anchor.digest else None,
                }
                for anchor in memory.anchors
            ],
        )


def _interaction_row(interaction: Interaction) -> dict[str, str]:
    return {
        "id": interaction.id,
        "at": interaction.at.isoformat(),
        "goal": interaction.goal,
        "outcome": interaction.outcome.kind,
        "body": codec.encode(interaction),
    }


def _memory(row: Any, anchors: list[Anchor]) -> Memory:
    return Memory(
        id=row.id,
        at=datetime.fromisoformat(row.at),
        text=row.text,
        interaction=row.interaction,
        outcome=row.outcome,
        anchors=tuple(sorted(anchors, key=lambda anchor: anchor.path)),
        kind=row.kind,
        stratum=row.stratum,
    )


def _share(words: Sequence[str], text: str) -> float:
    """Return which part of the query's words a text holds; a match by stem alone counts as one."""
    held = set(_words(text))
    return max(1, sum(word in held for word in words)) / len(words)


def _words(text: str) -> Iterator[str]:
    """Yield words whole, and the parts of identifiers: `read_csv` also as `read` and `csv`."""
    for word in re.findall(r"\w+", text):
        yield word.lower()
        parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+", word)
        if len(parts) > 1:
            yield from (part.lower() for part in parts)
