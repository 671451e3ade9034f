"""How far memories were written: who has seen a state need not look again until it is another.

New memories show by the highest `seq`; what was revised or erased is counted.
"""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from alma_agent.memory.ledger.schema import changes, memories

_NAME = "memories"
_HERE = changes.c.name == _NAME
_NOTE = sa.update(changes).where(_HERE).values(number=changes.c.number + 1)
_STATE = sa.select(
    sa.select(sa.func.max(memories.c.seq)).scalar_subquery(),
    sa.select(changes.c.number).where(_HERE).scalar_subquery(),
)


class State(NamedTuple):
    """The highest `seq`, and how many times memories were revised or erased."""

    last: int = 0
    changed: int = 0


def state(connection: sa.Connection) -> State:
    last, changed = connection.execute(_STATE).one()
    return State(last or 0, changed or 0)


def note(connection: sa.Connection) -> None:
    """Count that memories are revised or erased, in the transaction that does it."""
    if not connection.execute(_NOTE).rowcount:
        connection.execute(sa.insert(changes), {"name": _NAME, "number": 1})
