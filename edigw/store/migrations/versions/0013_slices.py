"""Large files are processed in slices: which messages one has.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("slice", sa.Integer()))
    op.drop_index("ix_message_transmission", "message")
    op.create_index("ix_message_transmission", "message", ["transmission", "slice"])
