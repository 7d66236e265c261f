"""The database: SQLite in one file by default, PostgreSQL when several machines share it.

Both give the same promises. A write transaction is durable once `write()` has left its block. Writers never
fail because another one is busy; they queue. A read transaction sees one snapshot, however long it runs, and
holds nobody up.

SQLite:     write-ahead log, `synchronous=FULL`, `BEGIN IMMEDIATE` for writers, file mode 0600; what is deleted is
            overwritten. Writers of one process share transactions (see `group`).
PostgreSQL: psycopg 3; READ COMMITTED for writers, REPEATABLE READ READ ONLY for readers; synchronous commit is turned
            on where the server's settings had turned it off.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from edigw.store.errors import StoreBusy, StoreConflict, StoreError
from edigw.store.group import GroupCommit

WAIT = 60.0  # seconds that a writer waits for others
MIGRATION_LOCK = 0x45444947  # advisory lock on PostgreSQL: "EDIG"
_WRITES = "edigw_writes"  # execution option that marks a write transaction


class Database:
    """One database for any number of threads. Each process opens its own; never carry one across a fork."""

    def __init__(self, url: str, *, look_only: bool = False) -> None:
        """`url`: `sqlite:////var/lib/edigw/edigw.db` or `postgresql://user@host/name`.

        `look_only`: the database must be there already and is never written to; its file and folder need not be
        writable. Raises StoreError."""
        self._url = _usable(url)
        self.dialect = self._url.get_backend_name()
        self._inside = threading.local()
        self.look_only = look_only
        if self.dialect == "sqlite" and look_only:
            self._engine = self._readers = _sqlite_to_look_at(self._url)
        elif self.dialect == "sqlite":
            self._engine, self._readers = _sqlite(self._url), _sqlite(self._url, "query_only")
        else:
            self._engine = self._readers = _postgresql(self._url)
        self._group = GroupCommit(self._begin) if self.dialect == "sqlite" else None

    def __repr__(self) -> str:
        return f"Database({self._url.render_as_string(hide_password=True)!r})"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only transaction over one snapshot. Raises StoreError."""
        with self._explained(), self._readers.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self, *, alone: bool = False, hurry: bool = False) -> Iterator[Connection]:
        """A write transaction: committed and on disk when the block ends, undone when it raises.

        Threads of one process may share one, each behind a savepoint; `alone` asks for one of its own, which sees just
        what is committed. Of those that wait, whoever is in a `hurry` goes first: for what is rare and short, and what
        others wait for. Raises StoreConflict for a broken constraint, StoreBusy if other writers took too long, else
        StoreError.
        """
        if self.look_only:
            raise StoreError(f"{self!r} was opened to be looked at only")
        if getattr(self._inside, "writing", False):
            raise StoreError("a write transaction is already open in this thread")
        with self._explained():
            self._inside.writing = True
            try:
                with self._group.write(WAIT, alone=alone, hurry=hurry) if self._group else self._own() as connection:
                    yield connection
            finally:
                self._inside.writing = False

    def migrate(self) -> None:
        """Brings the tables to the form that this version of edigw needs. Raises StoreError."""
        from edigw.store.migrations.run import upgrade  # Alembic is slow to import and needed only here

        with self.write() as connection:
            if self.dialect == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            upgrade(connection)

    def forget_deleted(self) -> None:
        """Overwrites what was deleted where it still stands: in SQLite's write-ahead log, as far as no reader needs it.
        PostgreSQL's own vacuum does so. Raises StoreError."""
        if self.dialect == "sqlite":
            with self._explained(), self._readers.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def check_form(self) -> None:
        """Raises StoreError, which says what to do, unless the tables are those of this version of edigw."""
        with self.read() as connection:
            there = inspect(connection).has_table("alembic_version")
            found = connection.scalar(text("SELECT version_num FROM alembic_version")) if there else None
        where = self._url.database if self.dialect == "sqlite" else self._url.render_as_string(hide_password=True)
        newest = max(path.name[:4] for path in (Path(__file__).parent / "migrations/versions").glob("[0-9]*.py"))
        if found is None:
            raise StoreError(f"{where} is not a gateway's database, or its gateway was never started")
        if found < newest:
            raise StoreError(
                f"{where} was last used by an older edigw, its tables have the form {found} and not {newest}: "
                "start the gateway once, that brings them up to date"
            )
        if found > newest:
            raise StoreError(f"{where} was used by a newer edigw (form {found} of its tables): install that one")

    def close(self) -> None:
        """Closes every pooled connection."""
        self._engine.dispose()
        self._readers.dispose()

    @contextmanager
    def _own(self) -> Iterator[Connection]:
        with self._begin() as connection:
            yield connection
            connection.commit()

    def _begin(self) -> Connection:
        connection = self._engine.connect()
        try:
            connection.execution_options(**{_WRITES: True})
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise StoreConflict(f"{self!r}: {error.orig}") from error
        except OperationalError as error:
            if _is_busy(error):
                raise StoreBusy(f"{self!r}: other writers kept it for {WAIT:g} seconds") from error
            raise StoreError(f"{self!r}: {error.orig}") from error
        except SQLAlchemyError as error:
            raise StoreError(f"{self!r}: {error}") from error


def is_writing(connection: Connection) -> bool:
    """Whether `connection` is inside of `Database.write()`."""
    return bool(connection.get_execution_options().get(_WRITES))


def _is_busy(error: OperationalError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(error.orig, "sqlstate", "") in ("55P03", "40P01")  # lock_not_available, deadlock_detected


def _usable(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("the database URL can't be read; it looks like sqlite:////path/edigw.db") from error
    backend = parsed.drivername.partition("+")[0]
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
            raise StoreError("the SQLite database must be a file: sqlite:////path/edigw.db")
        return parsed.set(drivername="sqlite+pysqlite")
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError(f"no support for {backend} databases; use sqlite or postgresql")


def _sqlite(url: URL, *pragmas: str) -> Engine:
    path = Path(str(url.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its -wal and -shm the same mode
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=56,
        pool_timeout=WAIT,
        hide_parameters=True,  # they hold what partners wrote, and salts
        connect_args={"timeout": WAIT, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        for pragma in ("foreign_keys", "secure_delete", *pragmas):
            connection.execute(f"PRAGMA {pragma} = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN")

    return engine


def _sqlite_to_look_at(url: URL) -> Engine:
    path = Path(str(url.database))
    if not path.is_file():
        raise StoreError(f"{path}: there is no database")
    # A copy on a medium that nobody can write to: SQLite would want to create its files of locks beside it.
    alone = not os.access(path.parent, os.W_OK)
    waiting = path.with_name(f"{path.name}-wal")
    if alone and waiting.exists() and waiting.stat().st_size:
        raise StoreError(f"{path}: was copied while it was in use ({waiting.name}); copy both into a folder of yours")
    options = "mode=ro&immutable=1" if alone else "mode=ro"
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: sqlite3.connect(
            f"{path.absolute().as_uri()}?{options}",
            uri=True,
            timeout=WAIT,
            isolation_level=None,
            check_same_thread=False,
        ),
        poolclass=QueuePool,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Puts the file into WAL mode, which it then keeps. SQLite does not wait for a lock here, so we do."""
    give_up = time.monotonic() + WAIT
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
            continue
        if mode != "wal":
            raise StoreError(f"SQLite can't keep a write-ahead log on this file system (journal mode {mode})")
        return


def _postgresql(url: URL) -> Engine:
    try:
        engine = create_engine(
            url, pool_size=8, max_overflow=24, pool_timeout=WAIT, pool_pre_ping=True, hide_parameters=True
        )
    except ImportError as error:
        raise StoreError("PostgreSQL needs psycopg: pip install 'edigw[postgresql]'") from error

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {int(WAIT * 1000)}")
            cursor.execute(
                "SELECT set_config('synchronous_commit', 'on', false)"
                " WHERE current_setting('synchronous_commit') = 'off'"
            )
        connection.autocommit = False

    return engine
