"""Payloads: small ones in the database, with the transaction that speaks of them; larger ones as files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from edigw.store import Database, PayloadDamaged, PayloadMissing, Payloads, PayloadTooLarge, StoreError
from edigw.store.payloads import SMALL, record
from edigw.store.schema import payload

ORDER = b"UNH+1+ORDERS:D:96A:UN'BGM+220+4711'"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def payloads(tmp_path: Path, database: Database) -> Payloads:
    return Payloads(tmp_path / "payloads", database)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1])
def test_what_is_kept_is_read_back_and_only_a_large_one_is_a_file(
    database: Database, payloads: Payloads, size: int
) -> None:
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    with database.write() as conn:
        sha256 = payloads.keep(conn, data)
        payloads.keep(conn, data)
    assert sha256 == digest(data) and payloads.exists(sha256) and payloads.verify(sha256)
    assert payloads.read(sha256) == data
    with payloads.open(sha256) as stream:
        assert stream.seekable() is (size <= SMALL)
        assert stream.read(10) + stream.read() == data
    assert payloads.files.exists(sha256) is (size > SMALL)


def test_what_is_kept_goes_with_its_transaction(database: Database, payloads: Payloads) -> None:
    with pytest.raises(RuntimeError), database.write() as conn:
        payloads.keep(conn, ORDER)
        raise RuntimeError
    assert not payloads.exists(digest(ORDER))
    with pytest.raises(PayloadMissing):
        payloads.open(digest(ORDER))


def test_a_row_that_was_changed_never_gives_other_bytes_and_keeping_again_repairs_it(
    database: Database, payloads: Payloads
) -> None:
    with database.write() as conn:
        sha256, other = payloads.keep(conn, ORDER), payloads.keep(conn, b"other")
        foreign = conn.scalar(select(payload.c.content).where(payload.c.sha256 == other))
    for wrong in (b"", b"nonsense", foreign):
        with database.write() as conn:
            conn.execute(update(payload).where(payload.c.sha256 == sha256).values(content=wrong))
        with pytest.raises(PayloadDamaged):
            payloads.read(sha256)
    with database.write() as conn:
        payloads.keep(conn, ORDER)
    assert payloads.read(sha256) == ORDER


def test_reading_is_bounded(database: Database, payloads: Payloads) -> None:
    with database.write() as conn:
        sha256 = payloads.keep(conn, b"12345")
    assert payloads.read(sha256, limit=5) == b"12345"
    with pytest.raises(PayloadTooLarge):
        payloads.read(sha256, limit=4)


def test_a_payload_is_recorded_with_one_size(database: Database, payloads: Payloads) -> None:
    with database.write() as conn:
        record(conn, payloads.keep(conn, ORDER), len(ORDER))
    assert payloads.read(digest(ORDER)) == ORDER
    with pytest.raises(StoreError, match="bytes, not 7"), database.write() as conn:
        record(conn, digest(ORDER), 7)


def test_what_was_deleted_stands_nowhere_in_the_files_of_sqlite(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'edigw.db'}")
    database.migrate()
    payloads = Payloads(tmp_path / "payloads", database)
    with database.write() as conn:
        sha256 = payloads.keep(conn, ORDER)
        content = conn.scalar(select(payload.c.content).where(payload.c.sha256 == sha256))
    assert any(content in path.read_bytes() for path in tmp_path.glob("edigw.db*"))
    with database.write() as conn:
        conn.execute(delete(payload))
    database.forget_deleted()
    assert not any(content in path.read_bytes() for path in tmp_path.glob("edigw.db*"))
    database.close()
