"""What Alembic runs first: the migrations, on the connection that the ledger opened."""

from __future__ import annotations

from alembic import context

from alma_agent.memory.ledger.schema import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables,
    render_as_batch=True,
    transactional_ddl=False,  # the ledger's own transaction is around all of it
)
context.run_migrations()
