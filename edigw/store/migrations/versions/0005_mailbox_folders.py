"""Mailboxes have folders inside of inbox and outbox, and items that went out of sight by age.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SEEN = "uq_mailbox_item_seen"


def upgrade() -> None:
    op.drop_index(SEEN, "mailbox_item")
    with op.batch_alter_table("mailbox_item") as batch:
        batch.alter_column("folder", type_=sa.String(48), existing_type=sa.String(16), existing_nullable=False)
    seen = sa.text("state IN ('visible', 'downloaded')")
    op.create_index(
        SEEN, "mailbox_item", ["partner", "folder", "name"], unique=True, sqlite_where=seen, postgresql_where=seen
    )
