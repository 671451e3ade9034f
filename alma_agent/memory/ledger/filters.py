"""Which rows of `memories` a search may see, as a condition of SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import PurePosixPath

import sqlalchemy as sa

from alma_agent.memory.ledger.schema import memories, memory_anchors, memory_labels
from alma_agent.remembered import ANY, Scope, Wanted


def condition(
    wanted: Wanted, now: datetime | sa.BindParameter[datetime], *, seeks: bool = False
) -> sa.ColumnElement[bool]:
    """Return what must hold for a row; expired ones never pass.

    `seeks`: rows may be sought by their scope, in an index; else by something else, and tested.
    """
    column = memories.c
    live = sa.or_(column.expires.is_(None), column.expires > now)
    return sa.and_(
        in_scope(wanted.scope, seeks=seeks), live, *_narrowed(wanted), *_labelled_as(wanted)
    )


def _narrowed(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    column = memories.c
    narrowings: tuple[tuple[object, Callable[[], sa.ColumnElement[bool]]], ...] = (
        (wanted.session, lambda: column.session == wanted.session),
        (wanted.kinds, lambda: column.kind.in_(wanted.kinds)),
        (wanted.strata, lambda: column.stratum.in_(wanted.strata)),
        (wanted.path, lambda: column.id.in_(_anchored(wanted.path))),
        (wanted.least_importance > 0, lambda: column.importance >= wanted.least_importance),
        (wanted.since, lambda: column.at >= wanted.since),
        (wanted.until, lambda: column.at < wanted.until),
        (wanted.contains, lambda: column.text.icontains(wanted.contains, autoescape=True)),
        (wanted.mentions, lambda: _mentioning(wanted.mentions)),
        (wanted.pinned is not None, lambda: column.pinned.is_(wanted.pinned)),
        (not wanted.superseded, lambda: column.superseded_by == ""),
    )
    return (narrowing() for given, narrowing in narrowings if given)


def _labelled_as(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    yield from (_labelled("tag", [tag]) for tag in wanted.tags)
    if wanted.topics:
        yield _labelled("topic", wanted.topics)
    if wanted.entities:
        yield _labelled("entity", wanted.entities)


def _mentioning(text: str) -> sa.ColumnElement[bool]:
    here = sa.select(memory_anchors.c.memory).where(memory_anchors.c.path == text)
    return sa.or_(memories.c.text.icontains(text, autoescape=True), memories.c.id.in_(here))


def _anchored(path: PurePosixPath | None) -> sa.Select[tuple[str]]:
    return sa.select(memory_anchors.c.memory).where(memory_anchors.c.path == str(path))


def owned(table: sa.FromClause, scope: Scope) -> sa.ColumnElement[bool]:
    """Return what must hold for a row of a table with owners, to be seen from a scope."""
    wanted = {"namespace": scope.namespace, "user": scope.user, "agent": scope.agent}
    tests = (table.c[name] == value for name, value in wanted.items() if value != ANY)
    return sa.and_(sa.true(), *tests)


def in_scope(scope: Scope, *, seeks: bool = True) -> sa.ColumnElement[bool]:
    wanted = {"namespace": scope.namespace, "user": scope.user, "agent": scope.agent}
    # No index holds an expression. SQLite thinks a scope rare, and would go through all of it.
    tests = (
        (memories.c[name] if seeks else memories.c[name] + "") == value
        for name, value in wanted.items()
        if value != ANY
    )
    return sa.and_(sa.true(), *tests)


def _labelled(sort: str, labels: Iterable[str]) -> sa.ColumnElement[bool]:
    holds = sa.select(memory_labels.c.memory).where(
        memory_labels.c.sort == sort, memory_labels.c.label.in_(list(labels))
    )
    return memories.c.id.in_(holds)
