"""Interactions, and one memory of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "interactions",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, unique=True, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("goal", sa.Text, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "interaction_files",
        sa.Column("interaction", sa.String, sa.ForeignKey("interactions.id"), primary_key=True),
        sa.Column("path", sa.String, primary_key=True, index=True),
    )
    op.create_table(
        "memories",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, unique=True, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("interaction", sa.String, sa.ForeignKey("interactions.id"), nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("stratum", sa.String, nullable=False),
    )
    op.create_table(
        "memory_anchors",
        sa.Column("memory", sa.String, sa.ForeignKey("memories.id"), primary_key=True),
        sa.Column("path", sa.String, primary_key=True, index=True),
        sa.Column("digest", sa.String),
    )


def downgrade() -> None:
    for table in ("memory_anchors", "memories", "interaction_files", "interactions"):
        op.drop_table(table)
