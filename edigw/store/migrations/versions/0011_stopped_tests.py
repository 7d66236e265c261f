"""Deliveries of tests stop by themselves: they go elsewhere than production files.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    stopped = sa.table("stopped_delivery", *(sa.column(name) for name in ("partner", "place", "reason", "since")))
    rows = [{**row._mapping, "test": False} for row in op.get_bind().execute(sa.select(stopped)).all()]
    op.drop_table("stopped_delivery")
    made = op.create_table(
        "stopped_delivery",
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("partner", "test", name="pk_stopped_delivery"),
    )
    op.bulk_insert(made, rows)
