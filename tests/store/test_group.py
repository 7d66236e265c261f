"""Group commit: who comes while another one writes shares its transaction, and fails for itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert, select

from edigw.store import Database, StoreConflict, StoreError
from edigw.store.errors import StoreBusy
from edigw.store.schema import control_number


class Counted:
    """A database that counts its commits, and whose commits can be made to fail."""

    def __init__(self, path: Path) -> None:
        self.database = Database(f"sqlite:///{path}")
        self.database.migrate()
        self.commits = 0
        self.failure: Exception | None = None
        event.listen(self.database._engine, "commit", self._commit)

    def _commit(self, connection: Connection) -> None:
        self.commits += 1
        if self.failure is not None:
            raise self.failure

    def series(self) -> list[str]:
        with self.database.read() as connection:
            return sorted(connection.execute(select(control_number.c.series)).scalars())


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    counted = Counted(tmp_path / "edigw.db")
    yield counted
    counted.database.close()


def put(connection: Connection, name: str) -> None:
    connection.execute(insert(control_number).values(series=name, last=0))


def together(counted: Counted, *works: Callable[[Connection], None], alone: bool = False) -> list[Future[None]]:
    """Writers that all wait while the first is at it."""
    queue = counted.database._group
    assert queue is not None

    def write(work: Callable[[Connection], None]) -> None:
        with counted.database.write(alone=alone) as connection:
            work(connection)

    with ThreadPoolExecutor(len(works)) as pool:
        with counted.database.write() as connection:
            put(connection, "first")
            futures = [pool.submit(write, work) for work in works]
            while queue._waiting < len(works):
                threading.Event().wait(0.005)
        return futures


def test_writers_that_wait_are_committed_together(counted: Counted) -> None:
    before = counted.commits
    futures = together(counted, *(lambda c, n=n: put(c, f"w{n}") for n in range(8)))  # type: ignore[misc]
    assert [future.exception() for future in futures] == [None] * 8
    assert counted.commits - before == 1
    assert len(counted.series()) == 9


def test_a_writer_that_fails_is_undone_alone(counted: Counted) -> None:
    def fail(connection: Connection) -> None:
        put(connection, "wrong")
        put(connection, "wrong")

    futures = together(counted, lambda c: put(c, "a"), fail, lambda c: put(c, "b"))
    assert [type(future.exception()) for future in futures] == [type(None), StoreConflict, type(None)]
    assert counted.series() == ["a", "b", "first"]


def test_a_commit_that_fails_fails_for_everybody_and_nothing_stays(counted: Counted) -> None:
    counted.failure = OSError("the disk is full")
    with pytest.raises(OSError, match="full"):
        together(counted, lambda c: put(c, "a"), lambda c: put(c, "b"))
    counted.failure = None
    assert counted.series() == []
    with counted.database.write() as connection:
        put(connection, "later")
    assert counted.series() == ["later"]


def test_who_writes_alone_sees_only_what_is_committed_and_shares_nothing(counted: Counted) -> None:
    seen: list[list[str]] = []
    before = counted.commits
    together(counted, lambda c: seen.append(counted.series()), lambda c: seen.append(counted.series()), alone=True)
    assert seen == [["first"], ["first"]] and counted.commits - before == 3


def test_what_a_writer_has_written_is_there_for_readers_once_it_returns(counted: Counted) -> None:
    missing: list[str] = []

    def write(number: int) -> None:
        with counted.database.write() as connection:
            put(connection, f"{number}")
        if f"{number}" not in counted.series():
            missing.append(f"{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))
    assert missing == [] and len(counted.series()) == 80


def test_a_transaction_that_the_database_ended_itself_fails_for_everybody_in_it(counted: Counted) -> None:
    def broken(connection: Connection) -> None:
        put(connection, "broken")
        connection.exec_driver_sql("ROLLBACK")  # as SQLite does when the disk is full

    with pytest.raises(StoreError):
        together(counted, broken)
    assert counted.series() == []
    with counted.database.write() as connection:
        put(connection, "later")
    assert counted.series() == ["later"]


def test_whoever_is_in_a_hurry_goes_first_and_the_others_in_turn(counted: Counted) -> None:
    queue, order = counted.database._group, []
    assert queue is not None

    def write(name: str) -> None:
        with counted.database.write(hurry=name == "hurry") as connection:
            put(connection, name)
            order.append(name)

    names = ["a", "b", "c", "d", "hurry"]
    with ThreadPoolExecutor(len(names)) as pool:
        with counted.database.write() as connection:
            put(connection, "first")
            futures = []
            for number, name in enumerate(names, 1):
                futures.append(pool.submit(write, name))
                while queue._waiting < number:
                    threading.Event().wait(0.005)
            threading.Event().wait(0.05)  # they are counted a moment before they wait
        for future in futures:
            future.result()
    assert order == ["hurry", "a", "b", "c", "d"]


def test_who_gives_up_waiting_holds_nobody_up(counted: Counted) -> None:
    queue = counted.database._group
    assert queue is not None

    def hurry() -> None:
        with queue.write(0.01, hurry=True):
            raise AssertionError("it was not its turn")

    def write() -> None:
        with counted.database.write() as connection:
            put(connection, "second")

    with ThreadPoolExecutor(2) as pool:
        with counted.database.write() as connection:
            put(connection, "first")
            later = pool.submit(write)
            with pytest.raises(StoreBusy):
                pool.submit(hurry).result()
        assert later.result(10) is None
    assert counted.series() == ["first", "second"]
