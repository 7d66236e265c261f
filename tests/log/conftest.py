"""A log in a fresh database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edigw.log.eventlog import EventLog
from edigw.log.keys import LogKey
from edigw.store import Database, Payloads

from ..conftest import Databases

ORIGIN = "edi.example/log/test"
KEY = LogKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture
def key() -> LogKey:
    return KEY


@pytest.fixture(scope="session")
def migrated(databases: Databases) -> str:
    """A database with empty tables, to be copied."""
    url = databases.make()
    database = Database(url)
    database.migrate()
    database.close()
    return url


@pytest.fixture
def database_url(databases: Databases, migrated: str) -> Iterator[str]:
    url = databases.make(copy_of=migrated)
    yield url
    databases.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def payloads(tmp_path: Path, database: Database) -> Payloads:
    return Payloads(tmp_path / "payloads", database)


@pytest.fixture
def highwater(tmp_path: Path) -> Path:
    return tmp_path / "log.highwater"


@pytest.fixture
def open_log(database: Database, payloads: Payloads, key: LogKey, highwater: Path) -> Callable[[], EventLog]:
    return lambda: EventLog.open(database, payloads, ORIGIN, key=key, highwater=highwater)


@pytest.fixture
def log(open_log: Callable[[], EventLog]) -> EventLog:
    return open_log()
