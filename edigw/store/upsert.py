"""Insert unless, insert or else: what SQLite and PostgreSQL have in common beyond the SQL standard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Inserts `row` unless its key is there already; True if it was inserted."""
    statement = _insert(connection, table).values(**row).on_conflict_do_nothing()
    statement = statement.execution_options(preserve_rowcount=True)
    return connection.execute(statement).rowcount == 1


def replace_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts each row, or gives the row with its primary key the new values."""
    key = [column.name for column in table.primary_key]
    statement = _insert(connection, table)
    fresh = {name: statement.excluded[name] for name in rows[0] if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=fresh), list(rows))


def _insert(connection: Connection, table: Table) -> Any:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
