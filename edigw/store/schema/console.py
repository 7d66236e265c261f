"""The console: its users and their sessions, and the audits that they started."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text, true

from edigw.store.schema.base import metadata

console_user = Table(
    "console_user",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("role", String(16), nullable=False),  # admin | operator | auditor | partner
    Column("partner", String(64), nullable=False, server_default=""),  # whose traffic it sees, if of that role
    Column("password_hash", Text, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("created_at", String(24), nullable=False),
    Column("changed_at", String(24), nullable=False),
)

console_session = Table(
    "console_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),  # SHA-256 of what the browser shows
    Column("user", ForeignKey("console_user.name"), nullable=False, index=True),
    Column("peer", String(64), nullable=False),
    Column("started_at", String(24), nullable=False),
    Column("seen_at", String(24), nullable=False),
    Column("ends_at", String(24), nullable=False, index=True),
)

# Audits of the log that somebody started at the console.
audit_run = Table(
    "audit_run",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("actor", String(80), nullable=False),
    Column("started_at", String(24), nullable=False),
    Column("said_at", String(24), nullable=False),  # when it last told how far it is
    Column("ended_at", String(24)),
    Column("checked", Text, nullable=False),  # JSON: how many of what, so far
    Column("problems", Integer, nullable=False, server_default="0"),
    Column("told", Text, nullable=False),  # JSON: the first problems
)
