"""What happened, for whoever sums it up: in this ledger, or in another one that is only looked at.

A ledger of another repository is not brought up to date, and nothing is written into its folder.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from alma_agent import codec
from alma_agent.errors import LedgerUnavailable
from alma_agent.memory.ledger.filters import owned
from alma_agent.memory.ledger.schema import interactions
from alma_agent.records import Interaction
from alma_agent.remembered import Scope

_WAIT_S = 10


def happened(
    connection: sa.Connection, scope: Scope, since: datetime | None = None
) -> Iterator[Interaction]:
    """Yield what happened since then, oldest first; from the beginning without a time."""
    query = sa.select(interactions.c.body).where(owned(interactions, scope))
    if since is not None:
        query = query.where(interactions.c.at >= since)
    for body in connection.scalars(query.order_by(interactions.c.seq)):
        yield codec.decode(body)


@contextmanager
def looked_at(path: Path) -> Iterator[sa.Connection]:
    """Yield a connection that cannot write to the SQLite ledger at `path`, which must be there.

    Raises LedgerUnavailable; also for what goes wrong in the block.
    """
    # A reader, too, makes files beside a ledger in WAL mode, and leaves them there. Where there are
    # none nobody is at work, and SQLite is told that nothing will change while it reads.
    is_at_rest = not path.with_name(f"{path.name}-wal").exists()
    how = "mode=ro&immutable=1" if is_at_rest else "mode=ro"

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, timeout=_WAIT_S)

    engine = sa.create_engine("sqlite://", creator=opened, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        why = getattr(error, "orig", None) or error
        raise LedgerUnavailable(f"The ledger {path} cannot be read: {why}.") from error
    finally:
        engine.dispose()
