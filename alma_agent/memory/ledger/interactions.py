"""The ledger's interactions: what happened, once each, never changed; only forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import sqlalchemy as sa

from alma_agent import codec
from alma_agent.memory.ledger.batches import batches
from alma_agent.memory.ledger.filters import owned
from alma_agent.memory.ledger.schema import (
    interaction_files,
    interactions,
    recalls,
    storable,
)
from alma_agent.records import (
    Approved,
    ChecksFailed,
    Failed,
    Interaction,
    Outcome,
    Refused,
    RolledBack,
    Undone,
    reverted,
)
from alma_agent.remembered import Scope

_FORGOTTEN = "[forgotten]"
_ADD = sa.insert(interactions).returning(interactions.c.seq)
_KNOWN = sa.select(interactions.c.seq).where(interactions.c.id == sa.bindparam("id"))
_UNDID = sa.select(*interactions.c["seq", "id", "body"]).where(
    interactions.c.undid.in_(sa.bindparam("ids", expanding=True))
)


def add(connection: sa.Connection, interaction: Interaction) -> bool:
    """Write an interaction; return whether it is new."""
    if connection.execute(_KNOWN, {"id": interaction.id}).first():
        return False
    scope = interaction.scope
    row = {
        "id": interaction.id,
        "at": interaction.at,
        "goal": interaction.goal,
        "outcome": interaction.outcome.kind,
        "body": codec.encode(interaction),
        "namespace": scope.namespace,
        "user": scope.user,
        "agent": scope.agent,
        "session": interaction.session,
        "undid": interaction.outcome.of if isinstance(interaction.outcome, Undone) else "",
    }
    seq = connection.execute(_ADD, row).scalar_one()
    paths = {file.path for file in interaction.files} | {interaction.file}
    names = {storable(str(path)) for path in paths if path}
    files = [{"interaction": interaction.id, "path": name, "seq": seq} for name in names]
    if files:
        connection.execute(sa.insert(interaction_files), files)
    recalled = [{"interaction": interaction.id, "memory": id_} for id_ in interaction.recalled]
    if recalled:
        connection.execute(sa.insert(recalls), recalled)
    return True


def newest(
    connection: sa.Connection, scope: Scope, *, limit: int, path: PurePosixPath | None = None
) -> Sequence[Interaction]:
    """Return what happened (to one file), newest first."""
    query = sa.select(interactions.c.body).where(owned(interactions, scope))
    order = interactions.c.seq
    if path:
        file = interaction_files.c
        query = query.join(interaction_files, file.seq == order).where(file.path == str(path))
        order = file.seq
    bodies = connection.scalars(query.order_by(order.desc()).limit(limit))
    return [codec.decode(body) for body in bodies]


def newest_ids(connection: sa.Connection, scope: Scope, *, limit: int) -> list[str]:
    query = sa.select(interactions.c.id).where(owned(interactions, scope))
    return list(connection.scalars(query.order_by(interactions.c.seq.desc()).limit(limit)))


def beginning(connection: sa.Connection, id_prefix: str, scope: Scope) -> Sequence[Interaction]:
    fits = interactions.c.id.startswith(id_prefix, autoescape=True)
    query = sa.select(interactions.c.body).where(fits, owned(interactions, scope))
    return [codec.decode(body) for body in connection.scalars(query)]


def taken_back(connection: sa.Connection) -> set[str]:
    """Return the ids of interactions that were undone, and not redone."""
    undone = sa.select(interactions.c.body).where(interactions.c.undid != "")
    bodies = connection.scalars(undone.order_by(interactions.c.seq))
    return reverted(codec.decode(body) for body in bodies)


def taken_back_of(connection: sa.Connection, ids: Iterable[str]) -> set[str]:
    """Return which of some interactions were undone, and not redone."""
    asked = set(ids)
    bodies: dict[int, str] = {}
    looked_at = asked
    while looked_at:  # what took them back, what took that back, and so on
        rows = [
            row
            for some in batches(looked_at)
            for row in connection.execute(_UNDID, {"ids": some})
            if row.seq not in bodies
        ]
        bodies |= {row.seq: row.body for row in rows}
        looked_at = {row.id for row in rows}
    return asked & reverted(codec.decode(bodies[seq]) for seq in sorted(bodies))


def files_of(connection: sa.Connection, ids: Collection[str]) -> dict[str, list[PurePosixPath]]:
    """Return which files the interactions touched or were about."""
    query = sa.select(interaction_files).where(interaction_files.c.interaction.in_(list(ids)))
    files: dict[str, list[PurePosixPath]] = {}
    for row in connection.execute(query.order_by(interaction_files.c.path)):
        files.setdefault(row.interaction, []).append(PurePosixPath(row.path))
    return files


def recall_counts(connection: sa.Connection) -> dict[str, tuple[int, int]]:
    """Return, by memory, how often it was recalled, and how often the outcome was applied then."""
    applied = sa.func.sum(sa.case((interactions.c.outcome == "applied", 1), else_=0))
    query = (
        sa.select(recalls.c.memory, sa.func.count(), applied)
        .join(interactions, interactions.c.id == recalls.c.interaction)
        .group_by(recalls.c.memory)
    )
    return {memory: (times, used) for memory, times, used in connection.execute(query)}


def forget(connection: sa.Connection, ids: Iterable[str]) -> None:
    """Take out of interactions what was said; that they happened stays, for undo's sake."""
    for id_ in ids:
        query = sa.select(interactions.c.body).where(interactions.c.id == id_)
        body = connection.scalar(query)
        if body is None:
            continue
        told = codec.decode(body)
        silent = replace(
            told,
            goal=_FORGOTTEN,
            rationale="",
            evidence="",
            checks=(),
            verdict=replace(told.verdict, reason="", left_out=()) if told.verdict else None,
            outcome=_silenced(told.outcome),
        )
        connection.execute(
            sa.update(interactions).where(interactions.c.id == id_),
            {"goal": _FORGOTTEN, "body": codec.encode(silent)},
        )


def _silenced(outcome: Outcome) -> Outcome:
    match outcome:
        case Refused() | Failed() | RolledBack() | Approved():
            return replace(outcome, reason=_FORGOTTEN)
        case ChecksFailed(report=report):
            return replace(outcome, report=replace(report, command=(), output_tail=""))
        case _:
            return outcome
