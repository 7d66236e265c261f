"""`edigw.toml`: what holds for the whole gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from edigw.partners.secrets import SecretUrl
from edigw.partners.tables.anchors import Anchors, Authority, Witness
from edigw.partners.tables.base import Seconds, Table
from edigw.partners.tables.console import Console
from edigw.partners.tables.openpgp import OwnOpenPgp
from edigw.partners.tables.retention import Retention
from edigw.partners.tables.server import SftpServer

# The description is what a person reads when the value is wrong: "expected ...".
_ORIGIN = Meta(
    pattern=r"^[a-z0-9.-]{1,60}(:[0-9]{1,5})?(/[A-Za-z0-9._~-]{1,60})+\Z",
    max_length=120,
    description='a domain and a path, "edi.example.com/log"',
)


class Worker(Table, frozen=True):
    """`[worker]`: the processing of what came in."""

    # Files that are processed at the same time. One partner's take up all but one of them, so that there is always one
    # for the others.
    threads: Annotated[int, Meta(ge=1, le=64)] = 3
    poll_seconds: Seconds = 1.0  # how often the queue is looked at when nothing wakes the worker
    lease_seconds: Seconds = 120  # a job whose worker died is taken up by another one after this time


class LogSettings(Table, frozen=True):
    """`[log]`: the transmission log and the key that signs its checkpoints."""

    # The log's name in every checkpoint and receipt: a domain of yours and a path, "edi.example.com/log". It
    # can't be changed once the log has been opened.
    origin: Annotated[str, _ORIGIN]
    # An encrypted Ed25519 key. Its passphrase lies beside it in `log.key.passphrase`, or in the environment:
    # EDIGW_LOG_PASSPHRASE itself, or EDIGW_LOG_PASSPHRASE_FILE with the name of a file.
    key_file: Path = Path("keys/log.key")
    # Remembers the newest checkpoint outside of the database, so that a database put back from an old backup
    # is noticed. Best kept on another disk.
    highwater_file: Path = Path("log.highwater")
    anchors: Anchors = Anchors()
    authorities: tuple[Authority, ...] = ()
    witnesses: tuple[Witness, ...] = ()


class Retry(Table, frozen=True):
    """`[delivery]`: how often a delivery that failed is tried again. The delay doubles each time."""

    first_delay_seconds: Seconds = 30
    longest_delay_seconds: Seconds = 3600
    # After that the transmission has failed, and a person has to look.
    give_up_hours: Annotated[float, Meta(gt=0)] = 48


# Keys that count only when a process starts anew: what it has opened, and what it listens on.
AT_RESTART = ("data", "database", "payloads", "max_file_mb", "sftp", "console", "worker", "log")


class Settings(Table, frozen=True):
    """`edigw.toml`, top level."""

    log: LogSettings
    data: Path = Path("data")  # the folder of everything that the gateway keeps
    database: SecretUrl = ""  # an SQLAlchemy URL; default: edigw.db in the data folder (SQLite)
    # The folder of received and sent bytes; default: payloads in the data folder.
    payloads: Path | None = None
    max_file_mb: Annotated[int, Meta(ge=1, le=2048)] = 64  # the largest file that is accepted, in 10^6 bytes
    sftp: SftpServer = SftpServer()
    console: Console | None = None
    worker: Worker = Worker()
    delivery: Retry = Retry()
    retention: Retention = Retention()
    openpgp: OwnOpenPgp | None = None
