"""A memory as rows: one of its own, and those of its anchors, labels and reasons."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa

from alma_agent.memory.ledger.batches import batches
from alma_agent.memory.ledger.schema import (
    decisions,
    memories,
    memory_anchors,
    memory_labels,
    storable,
)
from alma_agent.remembered import ANY, Anchor, Memory, Scope

DETAILS = (memory_anchors, memory_labels, decisions)
_LABELS = {"tag": "tags", "topic": "topics", "entity": "entities"}
_DETAILS_OF = {
    table: sa.select(table).where(table.c.memory.in_(sa.bindparam("ids", expanding=True)))
    for table in DETAILS
}
_OWNER = ("namespace", "user", "agent")
_PLAIN = (
    "id", "at", "text", "outcome", "kind", "stratum", "session", "by", "importance", "pinned",
    "expires", "event_at", "supersedes", "metadata",
)  # fmt: skip
COLUMNS = memories.c[*_PLAIN, *_OWNER, "interaction"]  # what a query for memories begins with
_plain = attrgetter(*_PLAIN)


def content_digest(memory: Memory) -> str:
    """Return what two memories share that say the same to the same people."""
    scope = memory.scope
    said = " ".join(storable(memory.text).split()).casefold()
    parts = [scope.namespace, scope.user, scope.agent, memory.kind, said]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def row_of(memory: Memory) -> dict[str, Any]:
    """Return a memory as a row of `memories`. Raises ValueError if it belongs to `ANY`."""
    scope = memory.scope
    if ANY in (scope.namespace, scope.user, scope.agent):
        raise ValueError(f"{ANY} is for searches: memory {memory.id} needs an owner")
    return {name: getattr(memory, name) for name in _PLAIN} | {
        "interaction": memory.interaction or None,
        "namespace": scope.namespace,
        "user": scope.user,
        "agent": scope.agent,
        "digest": content_digest(memory),
    }


def write_details(connection: sa.Connection, written: Iterable[Memory]) -> None:
    """Write what stands in other tables of memories that have nothing there yet."""
    anchors, labels, reasons = [], [], []
    for memory in written:
        anchors += _anchor_rows(memory)
        labels += _label_rows(memory)
        if memory.reasoning or memory.kind == "decision":
            reasons.append({"memory": memory.id, "reasoning": memory.reasoning})
    for table, rows in zip(DETAILS, (anchors, labels, reasons), strict=True):
        if rows:
            connection.execute(sa.insert(table), rows)


def bare(rows: Iterable[Sequence[Any]]) -> list[Memory]:
    """Return the memories of rows that begin with `COLUMNS`: no anchors, labels and reasons."""
    many, owned = len(_PLAIN), len(_PLAIN) + len(_OWNER)
    return [
        Memory(
            **dict(zip(_PLAIN, row, strict=False)),
            scope=Scope(*row[many:owned]),
            interaction=row[owned] or "",
        )
        for row in rows
    ]


def completed(connection: sa.Connection, several: Sequence[Memory]) -> list[Memory]:
    """Return bare memories with their anchors, labels and reasons, in their order."""
    anchors: dict[str, list[Anchor]] = defaultdict(list)
    labels: dict[tuple[str, str], list[str]] = defaultdict(list)
    reasons: dict[str, str] = {}
    for ids in batches(one.id for one in several):
        given = {"ids": ids}
        for row in connection.execute(_DETAILS_OF[memory_anchors], given).all():
            path = PurePosixPath(row.path)
            anchors[row.memory].append(Anchor(path, row.symbol, row.digest, row.head, row.source))
        for row in connection.execute(_DETAILS_OF[memory_labels], given).all():
            labels[row.memory, row.sort].append(row.label)
        for row in connection.execute(_DETAILS_OF[decisions], given).all():
            reasons[row.memory] = row.reasoning
    return [
        replace(
            one,
            anchors=tuple(sorted(anchors[one.id], key=lambda anchor: (anchor.path, anchor.symbol))),
            reasoning=reasons.get(one.id, ""),
            tags=tuple(sorted(labels[one.id, "tag"])),
            topics=tuple(sorted(labels[one.id, "topic"])),
            entities=tuple(sorted(labels[one.id, "entity"])),
        )
        for one in several
    ]


def load(connection: sa.Connection, rows: Iterable[Sequence[Any]]) -> list[Memory]:
    """Return the memories of rows that begin with `COLUMNS`, in their order."""
    return completed(connection, bare(rows))


def _anchor_rows(memory: Memory) -> list[dict[str, Any]]:
    by_place = {(storable(str(one.path)), storable(one.symbol)): one for one in memory.anchors}
    return [
        {
            "memory": memory.id,
            "path": path,
            "symbol": symbol,
            "at": memory.at,
            "digest": anchor.digest,
            "head": anchor.head,
            "source": anchor.source,
        }
        for (path, symbol), anchor in by_place.items()
    ]


def _label_rows(memory: Memory) -> list[dict[str, Any]]:
    return [
        {"memory": memory.id, "sort": sort, "label": label}
        for sort, field in _LABELS.items()
        for label in dict.fromkeys(map(storable, getattr(memory, field)))
    ]
