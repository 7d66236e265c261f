"""The database: migrations, transactions, writers that queue, errors that say what is wrong."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, insert, inspect, select, text, update

from edigw.store import Database, StoreBusy, StoreConflict, StoreError
from edigw.store import database as database_module
from edigw.store.migrations.run import upgrade
from edigw.store.schema import control_number, job, metadata, payload, stopped_delivery
from edigw.store.upsert import insert_new, replace_rows

COUNTING = """
import sys
from sqlalchemy import update
from edigw.store import Database
from edigw.store.schema import control_number
database = Database(sys.argv[1])
for _ in range(25):
    with database.write() as connection:
        connection.execute(update(control_number).values(last=control_number.c.last + 1))
"""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.migrate()
    yield database
    database.close()


def row(sha256: str, size: int = 1) -> dict[str, object]:
    return {"sha256": sha256, "size": size, "created_at": "2026-01-02T03:04:05.678Z"}


def shape(connection: Connection) -> dict[str, object]:
    """Every table as the database itself describes it."""
    found = inspect(connection)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in found.get_columns(table)
            ],
            "primary key": found.get_pk_constraint(table),
            "foreign keys": sorted(map(str, found.get_foreign_keys(table))),
            "unique": sorted(map(str, found.get_unique_constraints(table))),
            "indexes": sorted(
                str({**index, "dialect_options": {k: str(v) for k, v in index.get("dialect_options", {}).items()}})
                for index in found.get_indexes(table)
            ),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_the_migrations_build_just_the_tables_of_the_schema(database: Database) -> None:
    with database.read() as connection:
        migrated = shape(connection)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    with database.write() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    with database.read() as connection:
        assert migrated == shape(connection)


def test_migrating_again_changes_nothing_and_many_may_do_it_at_once(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Database.migrate, databases))
    for database in databases:
        database.migrate()
        database.close()


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="another version"):
        database.migrate()


def test_what_is_written_is_there_and_what_fails_is_not(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(payload).values(row("a")))
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(insert(payload).values(row("b")))
        raise RuntimeError
    with database.read() as connection:
        assert list(connection.execute(select(payload.c.sha256)).scalars()) == ["a"]


def test_a_reader_sees_one_snapshot(database: Database) -> None:
    with database.read() as connection:
        count = select(func.count()).select_from(payload)
        assert connection.scalar(count) == 0
        with database.write() as writer:
            writer.execute(insert(payload).values(row("a")))
        assert connection.scalar(count) == 0
    with database.read() as connection:
        assert connection.scalar(count) == 1


def test_a_reader_cannot_write_and_the_connection_can_again_later(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(StoreError), database.read() as connection:
            connection.execute(insert(payload).values(row("a")))
    with database.write() as connection:
        connection.execute(insert(payload).values(row("a")))


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(StoreConflict), database.write() as connection:
        connection.execute(insert(job).values(kind="process", transmission="nowhere", state="ready", due_at=""))


def test_a_second_write_in_the_same_thread_is_refused(database: Database) -> None:
    with database.write(), pytest.raises(StoreError, match="already open"), database.write():
        pass
    with database.write():
        pass


def test_threads_and_processes_queue_and_lose_nothing(database: Database, database_url: str) -> None:
    with database.write() as connection:
        connection.execute(insert(control_number).values(series="x", last=0))
    others = [subprocess.Popen([sys.executable, "-c", COUNTING, database_url]) for _ in range(2)]

    def count(_: int) -> None:
        for _ in range(10):
            with database.write() as connection:
                connection.execute(update(control_number).values(last=control_number.c.last + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(8)))
    assert [other.wait(30) for other in others] == [0, 0]
    with database.read() as connection:
        assert connection.scalar(select(control_number.c.last)) == 130


def test_a_writer_that_waits_too_long_is_told_that_it_is_busy(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "WAIT", 0.2)
    first, second = Database(database_url), Database(database_url)
    first.migrate()
    with first.write() as connection:
        connection.execute(insert(control_number).values(series="x", last=0))
    with first.write() as connection:
        connection.execute(update(control_number).values(last=1))

        def contend() -> None:
            with pytest.raises(StoreBusy), second.write() as other:
                other.execute(update(control_number).values(last=2))

        thread = threading.Thread(target=contend)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
    first.close()
    second.close()


def test_inserting_unless_and_or_else(database: Database) -> None:
    with database.write() as connection:
        assert insert_new(connection, payload, row("a", 1))
        assert not insert_new(connection, payload, row("a", 2))
        replace_rows(connection, payload, [row("a", 3), row("b", 4)])
        rows = connection.execute(select(payload.c.sha256, payload.c.size).order_by(payload.c.sha256)).all()
    assert [tuple(found) for found in rows] == [("a", 3), ("b", 4)]


def test_the_sqlite_file_is_private_and_durable(tmp_path: Path) -> None:
    path = tmp_path / "below" / "edigw.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        connection.execute(insert(payload).values(row("a")))
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    database.close()


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_an_unusable_url_is_refused_in_words(url: str) -> None:
    with pytest.raises(StoreError):
        Database(url)


def test_an_error_names_the_database_but_not_its_password() -> None:
    database = Database("postgresql://user:secret@127.0.0.1:1/name?connect_timeout=1")
    with pytest.raises(StoreError) as caught, database.read():
        pass
    assert "127.0.0.1" in str(caught.value)
    assert "secret" not in str(caught.value) + repr(database)


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "edigw.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError):
        Database(f"sqlite:///{tmp_path}/edigw.db").migrate()


def test_what_is_stopped_stays_stopped_when_tests_get_deliveries_of_their_own(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as connection:
        upgrade(connection, "0010")
        row = {"partner": "acme", "place": "there", "reason": "another key", "since": "2026-01-01T00:00:00.000Z"}
        connection.execute(text("INSERT INTO stopped_delivery VALUES (:partner, :place, :reason, :since)"), row)
    database.migrate()
    with database.read() as connection:
        assert dict(connection.execute(select(stopped_delivery)).one()._mapping) == {**row, "test": False}
    database.close()
