"""Opening a gateway's stored data for a command."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edigw.admin.output import CommandError

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
    database = Database(config.database_url, look_only=True)
    database.check_form()
    return config, database, Payloads(config.payload_folder, database)


def own_log(path: Path, *, sign: bool = True) -> EventLog:
    """The gateway's log, to append to; with its key to `sign` what was appended, or the running gateway does that.

    Raises ConfigError, StoreError, LogError; CommandError if the data can't be written to."""
    from edigw.gateway.service import open_context
    from edigw.partners.load import load

    config = load(path, private_keys=sign)
    if config.database_url.startswith("sqlite"):
        _require_writable(Path(config.database_url.partition(":///")[2]))
    return open_context(config, sign=sign).log


def _require_writable(file: Path) -> None:
    if file.exists() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        raise CommandError(
            f"{file}: can't be written to, and this would be an event of the log: do it at the gateway itself; "
            "to search, show and verify needs no writing"
        )


def admin() -> str:
    """Who gives the command, as events name an admin."""
    try:
        return f"admin:{getpass.getuser()}"
    except (OSError, KeyError):
        return "admin:unknown"
