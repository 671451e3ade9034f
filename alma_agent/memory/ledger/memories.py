"""The ledger's memories: written, found by what they are, revised, erased.

Every function works on a connection that somebody else opened, so that it is part of one
transaction. Whoever adds or changes a text refreshes the words of its neighbours too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alma_agent import codec
from alma_agent.memory.ledger import changes, queries, word_index
from alma_agent.memory.ledger.batches import batches
from alma_agent.memory.ledger.beside import Around, around
from alma_agent.memory.ledger.filters import condition, in_scope
from alma_agent.memory.ledger.rows import (
    COLUMNS,
    DETAILS,
    bare,
    completed,
    content_digest,
    load,
    row_of,
    write_details,
)
from alma_agent.memory.ledger.schema import (
    memories,
    memory_revisions,
    memory_vectors,
    recalls,
    storable,
    tombstones,
)
from alma_agent.memory.words import Fields, asked, context_of, fields_of
from alma_agent.remembered import Memory, Scope, Wanted

_ADD = sa.insert(memories).returning(memories.c.id, memories.c.seq, sort_by_parameter_order=True)
_NO_LIMIT = 2**31 - 1
_ALL = sa.select(*COLUMNS)
_NAMED = memories.c.id.in_(sa.bindparam("ids", expanding=True))
_WITH_IDS = _ALL.where(_NAMED).order_by(memories.c.seq)
_SUCCESSORS = sa.select(*memories.c["id", "superseded_by"]).where(
    _NAMED, memories.c.superseded_by != ""
)
_WITH_DIGEST = sa.select(memories.c.seq).where(memories.c.digest == sa.bindparam("digest"))
_NEWER = memories.alias("newer")
_WINNER = (
    sa.select(_NEWER.c.id)
    .where(
        _NEWER.c.supersedes == memories.c.id,
        *(_NEWER.c[name] == memories.c[name] for name in ("namespace", "user", "agent")),
    )
    .order_by(_NEWER.c.seq.desc())
    .limit(1)
)
_LINK = (
    sa.update(memories)
    .where(_NAMED)
    .values(superseded_by=sa.func.coalesce(_WINNER.scalar_subquery(), ""))
)


def add(connection: sa.Connection, added: Sequence[Memory]) -> None:
    """Write memories, in this order, and their words. Their ids must be new."""
    if not added:
        return
    made = connection.execute(_ADD, [row_of(memory) for memory in added])
    seqs = {row.id: row.seq for row in made}
    write_details(connection, added)
    _write_words(connection, {seqs[storable(memory.id)]: memory for memory in added})
    by_hand = {one.id for one in added if one.kind != "interaction"}
    _link(connection, by_hand | {one.supersedes for one in added})


def revise(connection: sa.Connection, old: Memory, new: Memory, at: datetime) -> None:
    """Let a memory say something else under the same id; how it stood before is kept."""
    connection.execute(
        sa.insert(memory_revisions), {"memory": old.id, "at": at, "body": codec.encode_memory(old)}
    )
    seq = _seqs(connection, [old.id])[old.id]
    before = around(connection, [seq])
    connection.execute(sa.update(memories).where(memories.c.seq == seq), row_of(new))
    for table in DETAILS:
        connection.execute(sa.delete(table).where(table.c.memory == new.id))
    write_details(connection, [new])
    moved = (new.scope, new.session) != (old.scope, old.session)
    if moved or new.text != old.text:
        _drop_vectors(connection, [new.id], before)
    if moved:
        _drop_vectors(connection, [], around(connection, [seq]))
        _write_contexts(connection, _near(before))
    word_index.remove(connection, [seq])
    _write_words(connection, {seq: new})
    changes.note(connection)
    if (new.scope, new.supersedes) != (old.scope, old.supersedes):
        _link(connection, {new.id, old.supersedes, new.supersedes})


def erase(connection: sa.Connection, ids: Collection[str], at: datetime) -> int:
    """Remove memories with all that is known of them, but for the fact; return how many."""
    seqs = _seqs(connection, ids)
    links = around(connection, seqs.values())
    _drop_vectors(connection, seqs, links)
    losers = _losers(connection, seqs)
    for some in batches(seqs):
        for table in (*DETAILS, memory_revisions, recalls):
            connection.execute(sa.delete(table).where(table.c.memory.in_(some)))
        connection.execute(sa.delete(memories).where(memories.c.id.in_(some)))
    word_index.remove(connection, seqs.values())
    _write_contexts(connection, _near(links) - set(seqs.values()))
    _link(connection, losers)
    _bury(connection, seqs, at)
    changes.note(connection)
    return len(seqs)


def found(
    connection: sa.Connection, wanted: Wanted, now: datetime, *, limit: int, offset: int = 0
) -> list[Memory]:
    """Return the memories that a search may see, newest first. A negative limit: all."""
    given = _given(wanted, now, limit if limit >= 0 else _NO_LIMIT, offset)
    return load(connection, connection.execute(queries.newest("memory", wanted), given).all())


def newest_bare(
    connection: sa.Connection, wanted: Wanted, now: datetime, *, limit: int
) -> list[Memory]:
    """Return the newest memories that a search may see, without anchors, labels and reasons."""
    query = queries.newest("memory", wanted)
    return bare(connection.execute(query, _given(wanted, now, limit)).all())


def newest_worded(
    connection: sa.Connection, wanted: Wanted, now: datetime, *, limit: int
) -> tuple[list[Memory], dict[str, Fields]]:
    """Return what `newest_bare` does, and the memories' words by id."""
    query = queries.newest("memory and words", wanted)
    rows = connection.execute(query, _given(wanted, now, limit)).all()
    found, many = bare(rows), len(COLUMNS)
    fields = (Fields(*(words or "" for words in row[many:])) for row in rows)
    return found, dict(zip((one.id for one in found), fields, strict=True))


def named_bare(
    connection: sa.Connection, ids: Iterable[str], wanted: Wanted, now: datetime
) -> list[Memory]:
    """Return those of some memories that a search may see, without anchors, labels and reasons."""
    query = queries.named("memory", wanted)
    return [
        memory
        for some in batches(ids)
        for memory in bare(connection.execute(query, {"ids": some, "now": now}).all())
    ]


def named(
    connection: sa.Connection, ids: Iterable[str], wanted: Wanted, now: datetime
) -> list[Memory]:
    """Return those of the memories with these ids that a search may see, newest first."""
    several = completed(connection, named_bare(connection, ids, wanted, now))
    return sorted(several, key=lambda one: one.at, reverse=True)


def newest_ids(
    connection: sa.Connection, wanted: Wanted, now: datetime, *, limit: int
) -> list[str]:
    """Return the ids of the newest memories that a search may see."""
    return list(connection.scalars(queries.newest("id", wanted), _given(wanted, now, limit)))


def _given(wanted: Wanted, now: datetime, limit: int, offset: int = 0) -> dict[str, Any]:
    """Return what `queries.newest` is asked with."""
    given = {"now": now, "limit": limit, "offset": offset}
    return given | {"path": str(wanted.path)} if wanted.path else given


def ids_of(
    connection: sa.Connection, wanted: Wanted, now: datetime, *, among: Iterable[str]
) -> set[str]:
    """Return which of some memories a search may see."""
    seen: set[str] = set()
    for some in batches(among):
        given = {"ids": some, "now": now}
        seen |= set(connection.scalars(queries.named("id", wanted), given))
    return seen


def count(connection: sa.Connection, scope: Scope) -> int:
    query = sa.select(sa.func.count()).select_from(memories).where(in_scope(scope))
    return connection.execute(query).scalar_one()


def with_ids(connection: sa.Connection, ids: Iterable[str]) -> list[Memory]:
    """Return memories, whosever they are, expired and superseded ones too, as they were added."""
    loaded: list[Memory] = []
    for some in batches(ids):
        loaded += load(connection, connection.execute(_WITH_IDS, {"ids": some}).all())
    return loaded


def beginning(connection: sa.Connection, id_prefix: str, scope: Scope) -> list[Memory]:
    """Return the memories of a scope whose id begins so, expired and superseded ones too."""
    fits = memories.c.id.startswith(id_prefix, autoescape=True)
    return _load(connection, _ALL.where(fits, in_scope(scope)))


def same(connection: sa.Connection, memory: Memory, now: datetime) -> Memory | None:
    """Return the memory of the same scope that says the same already."""
    seqs = connection.scalars(_WITH_DIGEST, {"digest": content_digest(memory)}).all()
    if not seqs:
        return None
    query = _ALL.where(memories.c.seq.in_(seqs), condition(Wanted(memory.scope), now))
    return next(iter(_load(connection, query.limit(1))), None)


def alike(connection: sa.Connection, memory: Memory, now: datetime, *, limit: int) -> list[Memory]:
    """Return memories that share words with one: same scope, kind and files."""
    wanted = Wanted(memory.scope, kinds=(memory.kind,))
    scores = word_index.matching(
        connection, asked(memory.text), condition(wanted, now), limit=limit
    )
    places = {anchor.path for anchor in memory.anchors}
    found = [
        one
        for one in named(connection, scores, wanted, now)
        if {anchor.path for anchor in one.anchors} == places
    ]
    return sorted(found, key=lambda one: -scores[one.id].own)


def successors(connection: sa.Connection, ids: Collection[str]) -> dict[str, str]:
    """Return which memories were superseded, and by which of the same scope."""
    rows = (connection.execute(_SUCCESSORS, {"ids": some}) for some in batches(ids))
    return dict(pair for some in rows for pair in some)


def _link(connection: sa.Connection, ids: Iterable[str]) -> None:
    """Write down which of some memories were superseded, and by which of their scope."""
    for some in batches(id_ for id_ in ids if id_):
        connection.execute(_LINK, {"ids": some})


def revisions(connection: sa.Connection, id: str) -> list[tuple[datetime, Memory]]:
    """Return how a memory stood before each edit, oldest first."""
    query = sa.select(memory_revisions.c.at, memory_revisions.c.body).where(
        memory_revisions.c.memory == id
    )
    rows = connection.execute(query.order_by(memory_revisions.c.seq))
    return [(row.at, codec.decode_memory(row.body)) for row in rows]


def neighbours(connection: sa.Connection, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the ids of the memories before and after in their sessions, empty where none is."""
    seqs = _seqs(connection, ids)
    links = around(connection, seqs.values())
    return {
        id_: (before[0].id if before else "", after[0].id if after else "")
        for id_, seq in seqs.items()
        for before, after in [links.get(seq, Around())]
    }


def write_missing_words(connection: sa.Connection) -> None:
    """Write the words of memories that have none: after a migration."""
    for some in batches(word_index.missing(connection)):
        query = _ALL.add_columns(memories.c.seq).where(memories.c.seq.in_(some))
        rows = connection.execute(query).all()
        loaded = load(connection, rows)
        _write_words(connection, {row.seq: one for row, one in zip(rows, loaded, strict=True)})


def _write_words(connection: sa.Connection, written: Mapping[int, Memory]) -> None:
    """Write the words of memories that have none, and refresh those of the memories beside them."""
    links = around(connection, [seq for seq, memory in written.items() if memory.session])
    fields = [
        (seq, fields_of(memory, links.get(seq, Around()).both)) for seq, memory in written.items()
    ]
    word_index.add(connection, fields)
    _write_contexts(connection, _near(links) - written.keys())


def _write_contexts(connection: sa.Connection, seqs: Iterable[int]) -> None:
    links = around(connection, seqs)
    contexts = {seq: context_of(link.both) for seq, link in links.items()}
    word_index.put_contexts(connection, contexts)


def _near(links: Mapping[int, Around]) -> set[int]:
    return {one.seq for link in links.values() for one in link.both}


def _drop_vectors(
    connection: sa.Connection, ids: Iterable[str], links: Mapping[int, Around]
) -> None:
    """Drop the vectors of memories, and what the next ones' took from their texts."""
    column = memory_vectors.c
    for some in batches(ids):
        connection.execute(sa.delete(memory_vectors).where(column.memory.in_(some)))
    for some in batches(link.after[0].id for link in links.values() if link.after):
        stale = column.memory.in_(some) & (column.part == "context")
        connection.execute(sa.delete(memory_vectors).where(stale))


def _losers(connection: sa.Connection, winners: Iterable[str]) -> set[str]:
    losers: set[str] = set()
    for some in batches(winners):
        query = sa.select(memories.c.supersedes).where(
            memories.c.id.in_(some), memories.c.supersedes != ""
        )
        losers |= set(connection.scalars(query))
    return losers


def _bury(connection: sa.Connection, ids: Iterable[str], at: datetime) -> None:
    """Say of memories that they were there, once each."""
    for some in batches(ids):
        query = sa.select(tombstones.c.memory).where(tombstones.c.memory.in_(some))
        known = set(connection.scalars(query))
        rows = [{"memory": id_, "at": at} for id_ in some if id_ not in known]
        if rows:
            connection.execute(sa.insert(tombstones), rows)


def _seqs(connection: sa.Connection, ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in batches(ids):
        query = sa.select(memories.c.id, memories.c.seq).where(memories.c.id.in_(some))
        found |= {row.id: row.seq for row in connection.execute(query)}
    return found


def _load(connection: sa.Connection, query: sa.Select[*tuple[Any, ...]]) -> list[Memory]:
    return load(connection, connection.execute(query).all())
