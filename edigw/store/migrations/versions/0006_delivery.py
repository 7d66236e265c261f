"""Deliveries to a partner can be stopped; files are collected from partners' servers and from folders.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stopped_delivery",
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("partner", name="pk_stopped_delivery"),
    )
    op.create_table(
        "collected_file",
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("place", sa.String(500), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("mtime", sa.Float(), nullable=False),
        sa.Column("seen_at", sa.String(24), nullable=False),
        sa.Column("transmission", sa.String(26)),
        sa.PrimaryKeyConstraint("partner", "place", "name", name="pk_collected_file"),
        sa.ForeignKeyConstraint(
            ["transmission"], ["transmission.id"], name="fk_collected_file_transmission_transmission"
        ),
    )
    op.create_table(
        "collection_turn",
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("due_at", sa.String(24), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner", name="pk_collection_turn"),
    )
