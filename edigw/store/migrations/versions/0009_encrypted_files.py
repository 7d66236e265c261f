"""What an encrypted file holds has a hash of its own.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("transmission", sa.Column("clear_sha256", sa.String(64)))
    there = sa.text("clear_sha256 IS NOT NULL")
    op.create_index(
        "ix_transmission_clear_sha256", "transmission", ["clear_sha256"], sqlite_where=there, postgresql_where=there
    )
