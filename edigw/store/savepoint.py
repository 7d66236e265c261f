"""A part of a transaction that can fail by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from edigw.store.errors import TransactionLost


@contextmanager
def savepoint(connection: Connection, name: str = "part") -> Iterator[None]:
    """What the block writes is undone when it raises; the transaction around it goes on. One inside of another needs
    another name. Raises TransactionLost if there is no transaction any more."""
    connection.exec_driver_sql(f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        _end(connection, f"ROLLBACK TO SAVEPOINT {name}", f"RELEASE SAVEPOINT {name}")
        raise
    _end(connection, f"RELEASE SAVEPOINT {name}")


def _end(connection: Connection, *statements: str) -> None:
    try:
        for statement in statements:
            connection.exec_driver_sql(statement)
    except SQLAlchemyError as error:
        raise TransactionLost(f"the database has ended the transaction by itself: {error}") from error
