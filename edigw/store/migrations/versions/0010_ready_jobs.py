"""Jobs that are due are found however many were done.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ready = sa.text("state = 'ready'")
    op.drop_index("ix_job_state_due_at", "job")
    op.create_index("ix_job_ready", "job", ["kind", "due_at"], sqlite_where=ready, postgresql_where=ready)
