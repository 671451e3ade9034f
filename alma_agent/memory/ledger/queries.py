"""Queries for memories that a search may see, each built once: building costs more than asking.

They are asked with `now`; with `ids`, or with `limit`, `offset` and the `path` of a file.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa

from alma_agent.memory.ledger import word_index
from alma_agent.memory.ledger.filters import condition
from alma_agent.memory.ledger.rows import COLUMNS
from alma_agent.memory.ledger.schema import UtcTime, memories, memory_anchors
from alma_agent.remembered import Wanted

Query = sa.Select[*tuple[Any, ...]]
What = Literal["id", "memory", "memory and words"]

_KEPT = 128
_NOW = sa.bindparam("now", type_=UtcTime)
_LIMIT = sa.bindparam("limit", type_=sa.Integer)
_OFFSET = sa.bindparam("offset", type_=sa.Integer)
_NAMED = memories.c.id.in_(sa.bindparam("ids", expanding=True))
_WHAT: dict[What, Query] = {
    "id": sa.select(memories.c.id),
    "memory": sa.select(*COLUMNS),
    "memory and words": sa.select(*COLUMNS, *word_index.FIELDS)
    .select_from(memories)
    .outerjoin(*word_index.OF_MEMORY),
}


@lru_cache(_KEPT)
def seen(wanted: Wanted) -> sa.ColumnElement[bool]:
    """Return what holds for the rows that a search may see."""
    return condition(wanted, _NOW)


@lru_cache(_KEPT)
def named(what: What, wanted: Wanted) -> Query:
    """Return a query for those of the memories `ids` that a search may see."""
    return _WHAT[what].where(_NAMED, seen(wanted))


def newest(what: What, wanted: Wanted) -> Query:
    """Return a query for what a search may see, the newest first."""
    return _of_file(what, replace(wanted, path=None)) if wanted.path else _of_all(what, wanted)


@lru_cache(_KEPT)
def _of_all(what: What, wanted: Wanted) -> Query:
    query = _WHAT[what].where(condition(wanted, _NOW, seeks=True))
    query = query.order_by(memories.c.at.desc(), memories.c.seq.desc())
    return query.limit(_LIMIT).offset(_OFFSET)


@lru_cache(_KEPT)
def _of_file(what: What, wanted: Wanted) -> Query:
    # The file's anchors lie in the order of time: the newest are found without the others.
    here, other = memory_anchors.c, memory_anchors.alias("other").c
    second = (other.memory == here.memory, other.path == here.path, other.symbol < here.symbol)
    return (
        _WHAT[what]
        .join(memory_anchors, here.memory == memories.c.id)
        .where(here.path == sa.bindparam("path"), ~sa.exists().where(*second))
        .where(seen(wanted))
        .order_by(here.at.desc(), memories.c.seq.desc())
        .limit(_LIMIT)
        .offset(_OFFSET)
    )
