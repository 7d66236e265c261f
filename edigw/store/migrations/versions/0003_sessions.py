"""The SFTP server's front ends share the scores of addresses, and record every session and what was done in it.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "ban",
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("length", sa.Float(), nullable=False),
        sa.Column("matters_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("network", name="pk_ban"),
    )
    op.create_index("ix_ban_matters_until", "ban", ["matters_until"])
    op.create_table(
        "sftp_session",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("peer", sa.String(64), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("certificate", sa.String(255), nullable=False),
        sa.Column("client", sa.String(255), nullable=False),
        sa.Column("algorithms", sa.String(255), nullable=False),
        sa.Column("started_at", sa.String(24), nullable=False),
        sa.Column("ended_at", sa.String(24)),
        sa.Column("reason", sa.String(255), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_sftp_session"),
    )
    op.create_index("ix_sftp_session_partner_started_at", "sftp_session", ["partner", "started_at"])
    op.create_index("ix_sftp_session_started_at", "sftp_session", ["started_at"])
    op.create_table(
        "sftp_operation",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("session", sa.String(16), nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("operation", sa.String(24), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("size", BIG),
        sa.Column("sha256", sa.String(64), nullable=False, server_default=""),
        sa.Column("result", sa.String(500), nullable=False, server_default=""),
        sa.Column("transmission", sa.String(26)),
        sa.PrimaryKeyConstraint("id", name="pk_sftp_operation"),
    )
    op.create_index("ix_sftp_operation_session", "sftp_operation", ["session"])
    op.create_index("ix_sftp_operation_transmission", "sftp_operation", ["transmission"])
