"""Which memories stand before and after one in its session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from alma_agent.memory.ledger.batches import batches
from alma_agent.memory.ledger.schema import memories
from alma_agent.memory.words import NEIGHBOURS


class Beside(NamedTuple):
    """A memory that stands beside another."""

    seq: int
    id: str
    text: str
    by: str


class Around(NamedTuple):
    """What stands around a memory, the nearest first; fewer at the ends of a session."""

    before: Sequence[Beside] = ()
    after: Sequence[Beside] = ()

    @property
    def both(self) -> list[Beside]:
        return [*self.before, *self.after]


def _query() -> sa.Select[*tuple[Any, ...]]:
    """Return a query for `NEIGHBOURS` memories on each side, found one from the other."""
    here, other = memories.alias("here"), memories.alias("other")
    same = [other.c[name] == here.c[name] for name in ("namespace", "user", "agent", "session")]
    same.append(other.c.kind == "interaction")  # what is noted down is no part of the talk
    joined: sa.FromClause = here
    columns = []
    for side in ("before", "after"):
        last = here
        for number in range(NEIGHBOURS):
            one = memories.alias(f"{side}_{number}")
            if side == "before":
                nearest = sa.select(sa.func.max(other.c.seq)).where(*same, other.c.seq < last.c.seq)
            else:
                nearest = sa.select(sa.func.min(other.c.seq)).where(*same, other.c.seq > last.c.seq)
            joined = joined.outerjoin(
                one, one.c.seq == nearest.correlate_except(other).scalar_subquery()
            )
            columns += [one.c[name] for name in Beside._fields]
            last = one
    return (
        sa.select(here.c.seq, *columns)
        .select_from(joined)
        .where(here.c.seq.in_(sa.bindparam("seqs", expanding=True)), here.c.session != "")
        .where(here.c.kind == "interaction")
    )


_AROUND = _query()


def around(connection: sa.Connection, seqs: Iterable[int]) -> dict[int, Around]:
    """Return, by `seq`, what stands around memories; only of those that have a session."""
    found = {}
    for some in batches(seqs):
        for row in connection.execute(_AROUND, {"seqs": some}):
            width = len(Beside._fields)
            cells = [row[at : at + width] for at in range(1, len(row), width)]
            found[row[0]] = Around(_present(cells[:NEIGHBOURS]), _present(cells[NEIGHBOURS:]))
    return found


def _present(cells: Iterable[Sequence[Any]]) -> list[Beside]:
    return [Beside(*cell) for cell in cells if cell[0] is not None]
