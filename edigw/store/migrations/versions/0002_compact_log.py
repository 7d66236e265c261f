"""The log's tables take less room: ids and hashes as bytes, details compressed, an index less.
Exchanges can be closed.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa
from alembic import op

from edigw.store.columns import pack

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HEX = {
    "ev_entry": {"eid": 16},
    "ev_pending": {"eid": 16},
    "event": {"eid": 16, "xid": 16},
    "evidence_object": {"commit": 32, "sha256": 32},
    "exchange": {"xid": 16, "last": 32, "parent": 32},
}
_CLOSE = sa.text(
    "UPDATE exchange SET open = false WHERE EXISTS (SELECT 1 FROM event WHERE event.xid = exchange.xid"
    " AND event.n = exchange.events - 1 AND event.type = 'exchange.closed')"
)
NULLABLE = {"sha256"}
BATCH = 500


def upgrade() -> None:
    op.drop_index("ix_event_at", "event")
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        sqlite = connection.connection.driver_connection
        assert isinstance(sqlite, sqlite3.Connection)  # noqa: S101 - what the dialect says
        sqlite.create_function("edigw_bytes", 1, _bytes, deterministic=True)
    _pack_contents(connection)
    for table, columns in HEX.items():
        if connection.dialect.name == "sqlite":
            _as_bytes_in_sqlite(connection, table, columns)
        else:
            _as_bytes(table, columns)
    op.add_column("exchange", sa.Column("open", sa.Boolean(), nullable=False, server_default=sa.true()))
    connection.execute(_CLOSE)
    going_on = sa.text("open")
    op.create_index("ix_exchange_open", "exchange", ["xid"], sqlite_where=going_on, postgresql_where=going_on)
    where = sa.text("sha256 IS NOT NULL")
    op.create_index(
        "ix_evidence_object_sha256", "evidence_object", ["sha256"], sqlite_where=where, postgresql_where=where
    )


def _bytes(text: str | bytes | None) -> bytes | None:
    return bytes.fromhex(text) if isinstance(text, str) else text


def _as_bytes_in_sqlite(connection: sa.Connection, table: str, columns: dict[str, int]) -> None:
    """A column of SQLite holds what it is given; afterwards it is declared as what it holds."""
    values = ", ".join(f'"{name}" = edigw_bytes("{name}")' for name in columns)
    connection.exec_driver_sql(f"UPDATE {table} SET {values}")  # noqa: S608 - names of ours
    with op.batch_alter_table(table, recreate="always") as batch:
        for name, size in columns.items():
            batch.alter_column(
                name, type_=sa.LargeBinary(size), existing_nullable=name in NULLABLE, server_default=None
            )


def _as_bytes(table: str, columns: dict[str, int]) -> None:
    for name, size in columns.items():
        op.alter_column(table, name, server_default=None)
        op.alter_column(table, name, type_=sa.LargeBinary(size), postgresql_using=f"decode(\"{name}\", 'hex')")


def _pack_contents(connection: sa.Connection) -> None:
    table = sa.table("evidence_object", sa.column("commit"), sa.column("content"))
    change = sa.update(table).where(table.c.commit == sa.bindparam("which")).values(content=sa.bindparam("packed"))
    last = ""
    while True:
        rows = connection.execute(
            sa.select(table.c.commit, table.c.content)
            .where(table.c.commit > last, table.c.content.is_not(None))
            .order_by(table.c.commit)
            .limit(BATCH)
        ).all()
        if not rows:
            return
        connection.execute(change, [{"which": row.commit, "packed": pack(bytes(row.content))} for row in rows])
        last = rows[-1].commit
