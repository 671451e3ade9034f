"""Finding memories by their words: FTS5 in SQLite, tsvector in PostgreSQL.

A memory has three fields: `text` (what it says), `context` (what its neighbours in the session say)
and `about` (dates, names, labels, paths). What comes here was made into words by `memory.words`.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa

from alma_agent.memory.ledger.batches import batches
from alma_agent.memory.ledger.schema import memories
from alma_agent.memory.words import ALL_FIELDS, TEXT_ALONE, Fields, FieldWeights

_IN_SQLITE = """
CREATE VIRTUAL TABLE memory_words USING fts5(text, context, about, tokenize='porter unicode61')
"""
_IN_POSTGRESQL = """
CREATE TABLE memory_words (
    rowid integer PRIMARY KEY, text text NOT NULL, context text NOT NULL, about text NOT NULL,
    vector tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english', text), 'A')
        || setweight(to_tsvector('english', context), 'B')
        || setweight(to_tsvector('english', about), 'C')
    ) STORED
);
CREATE INDEX ix_memory_words_vector ON memory_words USING gin (vector)
"""
_SCORED = 8_000  # rows; BM25 of each takes about a microsecond, so do its scope and the rest
_BEST = 1_000  # rows that are looked at first for whose they are
_ALL = 2**31 - 1
_LAST = sa.select(sa.func.max(memories.c.seq))
_COUNT = sa.text(
    "SELECT value AS word, (SELECT count(*) FROM (SELECT 1 FROM memory_words "
    "WHERE memory_words MATCH value LIMIT :most)) AS rows FROM json_each(:words)"
)
_WEIGHTS = (ALL_FIELDS, TEXT_ALONE)
_LONGEST = 100_000  # characters of a field; a tsvector takes one megabyte
_words = sa.table(
    "memory_words", sa.column("rowid"), sa.column("text"), sa.column("context"), sa.column("about")
)

FIELDS = tuple(_words.c[name] for name in Fields._fields)
OF_MEMORY = _words, _words.c.rowid == memories.c.seq  # for a join


def create(connection: sa.Connection) -> None:
    connection.exec_driver_sql(_IN_SQLITE if _is_sqlite(connection) else _IN_POSTGRESQL)


def add(connection: sa.Connection, rows: Iterable[tuple[int, Fields]]) -> None:
    """Write the words of memories that have none yet, by `seq`."""
    values = [
        {"rowid": seq} | {name: _plain(words) for name, words in fields._asdict().items()}
        for seq, fields in rows
    ]
    if values:
        connection.execute(sa.insert(_words), values)


def put_contexts(connection: sa.Connection, contexts: Mapping[int, str]) -> None:
    for seq, context in contexts.items():
        here = _words.c.rowid == seq
        connection.execute(sa.update(_words).where(here), {"context": _plain(context)})


def remove(connection: sa.Connection, seqs: Collection[int]) -> None:
    for some in batches(seqs):
        connection.execute(sa.delete(_words).where(_words.c.rowid.in_(some)))


def forget_traces(connection: sa.Connection) -> None:
    """Merge the index into one piece: FTS5 keeps removed words in the old pieces."""
    if _is_sqlite(connection):
        connection.exec_driver_sql("INSERT INTO memory_words(memory_words) VALUES ('optimize')")


def missing(connection: sa.Connection) -> list[int]:
    """Return the `seq` of memories whose words are not there."""
    known = sa.select(_words.c.rowid)
    return list(connection.scalars(sa.select(memories.c.seq).where(memories.c.seq.not_in(known))))


class Score(NamedTuple):
    """How well a memory holds the words of a question: in all fields, and in its own text."""

    all: float
    own: float


def matching(
    connection: sa.Connection,
    words: Collection[str],
    within: sa.ColumnElement[bool],
    *,
    limit: int,
    **given: object,
) -> dict[str, Score]:
    """Return ids of memories that hold one of the words, and their scores, best first.

    SQLite's score is BM25, and of many memories a question's commonest words are left out: they
    say little, and cost most. PostgreSQL's score is its own rank. `within` is a condition on
    `memories`, and `given` the values of what it leaves open.
    """
    clean = [one for word in words if (one := _unmarked(word))]
    if not clean:
        return {}
    is_large = (connection.scalar(_LAST) or 0) > _SCORED
    if _is_sqlite(connection):
        telling = _telling(connection, clean) if is_large else clean
        any_word = " OR ".join(f'"{word}"' for word in telling)
        found = sa.literal_column("memory_words").op("MATCH")(any_word)
        scores: list[sa.ColumnElement[Any]] = [
            -sa.func.bm25(sa.literal_column("memory_words"), *one) for one in _WEIGHTS
        ]
    else:
        query = sa.func.to_tsquery("english", " | ".join(f"'{word}'" for word in clean))
        vector: sa.ColumnElement[Any] = sa.literal_column("memory_words.vector")
        found = vector.op("@@")(query)
        scores = [sa.func.ts_rank(_by_letter(weights), vector, query, 1) for weights in _WEIGHTS]
    answer = partial(_best, connection, found, scores, within=within, given=given, limit=limit)
    rows = answer(_BEST if is_large else _ALL)
    if is_large and len(rows) < limit:  # the best may be of others
        rows = answer(_ALL)
    return {id_: Score(float(score), float(own)) for id_, score, own in rows}


def _best(
    connection: sa.Connection,
    found: sa.ColumnElement[Any],
    scores: Sequence[sa.ColumnElement[Any]],
    most: int,
    *,
    within: sa.ColumnElement[bool],
    given: Mapping[str, object],
    limit: int,
) -> Sequence[Sequence[Any]]:
    """Return the best rows that hold a condition, of as many matches as are looked at, at most."""
    best = (
        sa.select(_words.c.rowid, scores[0].label("score"), scores[1].label("own"))
        .where(found)
        .order_by(sa.desc("score"), _words.c.rowid.desc())
        .limit(most)
        .subquery()
    )
    query = (
        sa.select(memories.c.id, best.c.score, best.c.own)
        .join(best, memories.c.seq == best.c.rowid)
        .where(within)
        .order_by(best.c.score.desc(), memories.c.seq.desc())
        .limit(limit)
    )
    return connection.execute(query, given).all()


def scored(words: Collection[str], several: Mapping[str, Fields]) -> dict[str, Score]:
    """Return how well each of a few memories holds the words of a question, as they stand.

    What is rare among these memories counts more; which words others hold makes no difference.
    """
    asked = {_plain(word) for word in words}
    held = [
        (id_, [asked.intersection(field.split()) for field in fields])
        for id_, fields in several.items()
    ]
    counts = Counter(word for _, fields in held for word in set().union(*fields))
    rarity = {word: math.log1p(len(several) / count) for word, count in counts.items()}
    found = {}
    for id_, fields in held:
        text, context, about = [sum(map(rarity.__getitem__, field)) for field in fields]
        everywhere, own = [
            weights.text * text + weights.context * context + weights.about * about
            for weights in _WEIGHTS
        ]
        if everywhere:
            found[id_] = Score(everywhere, own)
    return found


def _by_letter(weights: FieldWeights) -> sa.ColumnElement[Any]:
    """Return weights as PostgreSQL takes them: of the letters D to A, none over 1."""
    most = max(ALL_FIELDS)
    return sa.cast([0.0, *(one / most for one in reversed(weights))], sa.ARRAY(sa.REAL))


def _telling(connection: sa.Connection, words: Sequence[str]) -> Sequence[str]:
    """Return the rarest words: as many as stand in `_SCORED` memories together, one at least."""
    given = {"words": json.dumps([f'"{word}"' for word in words]), "most": _SCORED + 1}
    counts = sorted((row.rows, row.word) for row in connection.execute(_COUNT, given))
    chosen: list[str] = []
    total = 0
    for count, word in counts:
        total += count
        if chosen and total > _SCORED:
            break
        if count:
            chosen.append(word.strip('"'))
    return chosen or words


def _plain(words: str) -> str:
    """Return words without accents, as many as PostgreSQL takes."""
    words = words[:_LONGEST]
    if words.isascii():
        return words
    apart = unicodedata.normalize("NFKD", words)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _unmarked(word: str) -> str:
    """Return a word without what a query's syntax could take for its own."""
    return re.sub(r"\W+", " ", _plain(word)).strip()


def _is_sqlite(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"
