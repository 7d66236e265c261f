"""Insert unless, insert or else: what SQLite and PostgreSQL have in common beyond the SQL standard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Inserts `row` unless its key is there already; True if it was inserted."""
    return connection.execute(_inserting_new(connection.dialect.name, table), row).rowcount == 1


@lru_cache
def _inserting_new(dialect: str, table: Table) -> Any:
    return insert_into(dialect, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def replace_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts each row, or gives the row with its primary key the new values."""
    connection.execute(_replacing(connection.dialect.name, table, tuple(rows[0])), list(rows))


@lru_cache
def _replacing(dialect: str, table: Table, columns: tuple[str, ...]) -> Any:
    key = [column.name for column in table.primary_key]
    statement = insert_into(dialect, table)
    fresh = {name: statement.excluded[name] for name in columns if name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=fresh)


def insert_or_find(connection: Connection, table: Table, row: Mapping[str, Any]) -> Row[Any]:
    """Inserts `row` unless its key is there already; the row that is then there, locked until the transaction ends."""
    return connection.execute(_inserting_or_finding(connection.dialect.name, table), row).one()


@lru_cache
def _inserting_or_finding(dialect: str, table: Table) -> Any:
    key = [column.name for column in table.primary_key]
    statement = insert_into(dialect, table)
    same = {name: table.c[name] for name in key}  # an update that changes nothing, but locks and returns
    return statement.on_conflict_do_update(index_elements=key, set_=same).returning(table)


def insert_into(dialect: str, table: Table) -> Any:
    """An insert in the words of that database, for what it can do beyond the standard."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
