"""The ledger's vectors: made once, so that an index that is lost is filled again without a model.

A memory has one vector of its text (`text`) and, where something was said before it in its session,
one of both (`context`). Bytes are 32-bit floats, little-endian.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from alma_agent.memory.ledger.batches import batches
from alma_agent.memory.ledger.beside import around
from alma_agent.memory.ledger.schema import (
    code_vectors,
    index_marks,
    memories,
    memory_vectors,
    tombstones,
)
from alma_agent.memory.words import exchange_of

_KEY = ("memory", "part", "model")
_DELETE = sa.delete(memory_vectors).where(
    *(memory_vectors.c[name] == sa.bindparam(f"its_{name}") for name in _KEY)
)

_OF = sa.select(*memory_vectors.c["seq", "memory", "part", "vector"]).where(
    memory_vectors.c.model == sa.bindparam("model"),
    memory_vectors.c.memory.in_(sa.bindparam("ids", expanding=True)),
)

_MARK = sa.select(index_marks).where(index_marks.c.name == sa.bindparam("model"))
_MADE = (
    sa.select(*memory_vectors.c["seq", "memory", "part", "vector"])
    .where(
        memory_vectors.c.model == sa.bindparam("model"),
        memory_vectors.c.seq > sa.bindparam("after"),
    )
    .order_by(memory_vectors.c.seq)
    .limit(sa.bindparam("limit"))
)
_GONE = (
    sa.select(*tombstones.c["seq", "memory"])
    .where(tombstones.c.seq > sa.bindparam("after"))
    .order_by(tombstones.c.seq)
)


class Stored(NamedTuple):
    """A vector as it lies in the ledger. `seq` grows with every vector that is written."""

    seq: int
    memory: str
    part: str
    vector: bytes


class Mark(NamedTuple):
    """The last vector and the last tombstone that an index has followed."""

    vectors: int
    tombstones: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What an index has to follow: vectors made, memories gone."""

    vectors: list[Stored]
    gone: list[str]
    mark: Mark


def texts_of(connection: sa.Connection, ids: Collection[str]) -> dict[tuple[str, str], str]:
    """Return what is to be made into vectors, by memory and part."""
    query = sa.select(memories.c.seq, memories.c.id, memories.c.text, memories.c.by)
    texts = {}
    for some in batches(ids):
        rows = connection.execute(query.where(memories.c.id.in_(some))).all()
        links = around(connection, [row.seq for row in rows])
        for row in rows:
            texts[row.id, "text"] = row.text
            if link := links.get(row.seq):
                before = link.before[0] if link.before else None
                texts[row.id, "context"] = exchange_of(row, before)
    return texts


def without(connection: sa.Connection, model: str, *, limit: int, after: int = 0) -> list[str]:
    """Return ids of memories that lack a vector of a model, newest first; `after` a `seq`."""
    done = sa.select(memory_vectors.c.memory).where(
        memory_vectors.c.model == model, memory_vectors.c.memory == memories.c.id
    )
    text, context = (
        sa.exists(done.where(memory_vectors.c.part == part)) for part in ("text", "context")
    )
    lacking = sa.or_(
        sa.not_(text),
        sa.and_(memories.c.session != "", memories.c.kind == "interaction", sa.not_(context)),
    )
    query = sa.select(memories.c.id).where(memories.c.seq > after, lacking)
    return list(connection.scalars(query.order_by(memories.c.seq.desc()).limit(limit)))


def put(connection: sa.Connection, model: str, vectors: Mapping[tuple[str, str], bytes]) -> None:
    """Write vectors by memory and part; of memories that are gone meanwhile, none."""
    known: set[str] = set()
    for some in batches({memory for memory, _ in vectors}):
        known |= set(connection.scalars(sa.select(memories.c.id).where(memories.c.id.in_(some))))
    rows = [
        {"memory": memory, "part": part, "model": model, "vector": vector}
        for (memory, part), vector in vectors.items()
        if memory in known
    ]
    if rows:
        connection.execute(_DELETE, [{f"its_{name}": row[name] for name in _KEY} for row in rows])
        connection.execute(sa.insert(memory_vectors), rows)


def mark(connection: sa.Connection, model: str) -> Mark:
    """Return up to where the index of a model has followed."""
    row = connection.execute(_MARK, {"model": model}).first()
    return Mark(row.vectors, row.tombstones) if row else Mark(0, 0)


def put_mark(connection: sa.Connection, model: str, mark: Mark) -> None:
    here = index_marks.c.name == model
    if not connection.execute(sa.update(index_marks).where(here), mark._asdict()).rowcount:
        connection.execute(sa.insert(index_marks), {"name": model, **mark._asdict()})


def since(connection: sa.Connection, model: str, mark: Mark, *, limit: int) -> Changes:
    """Return the first vectors made after a mark, what was forgotten after it, and the new mark."""
    given = {"model": model, "after": mark.vectors, "limit": limit}
    stored = [Stored(*row) for row in connection.execute(_MADE, given)]
    gone = connection.execute(_GONE, {"after": mark.tombstones}).all()
    new = Mark(
        stored[-1].seq if stored else mark.vectors, gone[-1].seq if gone else mark.tombstones
    )
    return Changes(stored, [row.memory for row in gone], new)


def of(connection: sa.Connection, model: str, ids: Collection[str]) -> list[Stored]:
    return [
        Stored(*row)
        for some in batches(ids)
        for row in connection.execute(_OF, {"model": model, "ids": some}).all()
    ]


def keys(connection: sa.Connection, model: str) -> set[tuple[str, str]]:
    query = sa.select(*memory_vectors.c["memory", "part"]).where(memory_vectors.c.model == model)
    return {(row.memory, row.part) for row in connection.execute(query)}


def count(connection: sa.Connection, model: str) -> int:
    query = sa.select(sa.func.count()).where(memory_vectors.c.model == model)
    return connection.execute(query).scalar_one()


def code(connection: sa.Connection, model: str, digests: Iterable[str]) -> dict[str, bytes]:
    """Return the vectors of code that are known, by the digest of what was embedded."""
    column = code_vectors.c
    query = sa.select(column.digest, column.vector).where(column.model == model)
    return {
        row.digest: row.vector
        for some in batches(digests)
        for row in connection.execute(query.where(column.digest.in_(some)))
    }


def put_code(connection: sa.Connection, model: str, vectors: Mapping[str, bytes]) -> None:
    known = code(connection, model, vectors)
    rows = [
        {"model": model, "digest": digest, "vector": vector}
        for digest, vector in vectors.items()
        if digest not in known
    ]
    if rows:
        connection.execute(sa.insert(code_vectors), rows)
