"""Runs the migrations inside of a transaction that the caller has opened."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from edigw.store.errors import StoreError


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Applies every migration up to `revision` that the database lacks.

    Raises StoreError if a newer edigw has been at it."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise StoreError(f"the database was made by another version of edigw: {error}") from error
