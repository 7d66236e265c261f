"""People who use the console, their sessions, the audits they ran; messages whose acknowledgement wants attention.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "console_user",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False, server_default=""),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("changed_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_console_user"),
    )
    op.create_table(
        "console_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("peer", sa.String(64), nullable=False),
        sa.Column("started_at", sa.String(24), nullable=False),
        sa.Column("seen_at", sa.String(24), nullable=False),
        sa.Column("ends_at", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_console_session"),
        sa.ForeignKeyConstraint(["user"], ["console_user.name"], name="fk_console_session_user_console_user"),
    )
    op.create_index("ix_console_session_user", "console_session", ["user"])
    op.create_index("ix_console_session_ends_at", "console_session", ["ends_at"])
    op.create_table(
        "audit_run",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("started_at", sa.String(24), nullable=False),
        sa.Column("said_at", sa.String(24), nullable=False),
        sa.Column("ended_at", sa.String(24)),
        sa.Column("checked", sa.Text(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_run"),
    )
    wanting = sa.text("ack_state IN ('overdue', 'rejected', 'expired')")
    op.create_index(
        "ix_message_unacknowledged",
        "message",
        ["ack_state", "transmission"],
        sqlite_where=wanting,
        postgresql_where=wanting,
    )
