"""The truth: every interaction and memory, durable when acknowledged, with its word index.

`Ledger` opens and keeps the tables; the other modules read and write them, each on a connection
that `reading` or `writing` gave, so that what belongs together is one transaction. Only this
package knows SQLAlchemy.
"""

from sqlalchemy import Connection

from alma_agent.memory.ledger.database import Ledger

__all__ = ["Connection", "Ledger"]
