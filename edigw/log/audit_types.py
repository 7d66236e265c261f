"""The audit's look at the kinds of values: SQLite keeps text where a number belongs, if somebody writes it there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Connection, Integer, LargeBinary, String, cast, func, select
from sqlalchemy.types import TypeDecorator

from edigw.log.audit_report import Problem
from edigw.store.schema import metadata


def foreign_values(connection: Connection) -> Iterator[Problem]:
    """Every value of another kind than its column's; none on PostgreSQL, which refuses them."""
    if connection.dialect.name != "sqlite":
        return
    for table in metadata.sorted_tables:
        for column in table.columns:
            kind = _kind(column)
            keys = [_shown(key) for key in table.primary_key.columns]
            held = func.typeof(column)
            for row in connection.execute(select(held, *keys).where(held.not_in((kind, "null")))):
                key = " ".join(str(value) for value in row[1:])
                yield Problem(f"{table.name} row {key}", f"its {column.name} is {row[0]}, not {kind}: it was changed")


def _shown(key: Column[Any]) -> ColumnElement[str]:
    return func.lower(func.hex(key)) if _kind(key) == "blob" else cast(key, String)


def _kind(column: Column[Any]) -> str:
    """What SQLite calls the values of a column."""
    impl = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(impl, LargeBinary):
        return "blob"
    return "integer" if isinstance(impl, Integer | Boolean) else "text"
