"""Opening a gateway's stored data for a command."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from edigw.log.eventlog import EventLog
    from edigw.partners.config import Config
    from edigw.store.database import Database
    from edigw.store.payloads import Payloads

ConfigOption = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="EDIGW_CONFIG", help="The gateway's edigw.toml.", show_default=True),
]
DEFAULT_CONFIG = Path("edigw.toml")
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of text.")]


def stored(path: Path) -> tuple[Config, Database, Payloads]:
    """Configuration, database and payloads, for looking at. Raises ConfigError, StoreError."""
    from edigw.partners.load import load
    from edigw.store.database import Database
    from edigw.store.payloads import Payloads

    config = load(path, private_keys=False)
    database = Database(config.database_url)
    return config, database, Payloads(config.payload_folder, database)


def own_log(path: Path) -> EventLog:
    """The gateway's log with its key, to append to. Raises ConfigError, StoreError, LogError."""
    from edigw.gateway.service import open_context
    from edigw.partners.load import load

    return open_context(load(path)).log


def admin() -> str:
    """Who gives the command, as events name an admin."""
    try:
        return f"admin:{getpass.getuser()}"
    except (OSError, KeyError):
        return "admin:unknown"
