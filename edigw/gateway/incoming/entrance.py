"""What a received file passes before its content is read: is it a signature, does it have the one that is demanded, is
it encrypted, is it an archive?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from edigw.gateway import queue
from edigw.gateway.context import Context
from edigw.gateway.incoming import archives, countersigned, opening, signatures
from edigw.gateway.incoming.archives import Unfolded
from edigw.gateway.incoming.opening import Unsealed
from edigw.gateway.incoming.refuse import refuse
from edigw.gateway.incoming.unpack import ArchiveError, is_archive
from edigw.gateway.queue import Job
from edigw.openpgp.errors import OpenPgpError
from edigw.partners.tables.partner import Partner


@dataclass(frozen=True, slots=True)
class Entered:
    """The bytes to be processed of a received file."""

    data: bytes
    opened: Unsealed | Unfolded | None = None  # the OpenPGP message, or the archive, that they were in

    def record(self, conn: Connection, context: Context, row: Row[Any], login: Partner) -> Row[Any]:
        """Log what was opened, in the transaction that writes what came of it; the transmission's row as it is then."""
        return self.opened.record(conn, context, row, login) if self.opened else row


def enter(context: Context, job: Job, row: Row[Any], login: Partner) -> Entered | None:
    """Let the received transmission `row` in. None if it is not to be processed, or not yet: the job is then done, or
    given back. Raises what the stores raise."""
    if countersigned.is_countersignature(login, row.name):
        countersigned.take(context, job, row, login)
        return None
    if signatures.is_signature(login, row.name):
        signatures.take(context, job, row, login)
        return None
    if not signatures.admitted(context, job, row, login):
        return None
    data = context.payloads.read(row.clear_sha256 or row.sha256, limit=context.config.max_file_size)
    if row.clear_sha256:  # it was opened before
        return Entered(data)
    try:
        if opening.is_message(context, login, row.name):
            unsealed = opening.unseal(context, login, data)
            return Entered(unsealed.opened.content, unsealed)
        if login.reading.archives and is_archive(data):
            unfolded = archives.unfold(context, row.name, data)
            return Entered(unfolded.unpacked.data, unfolded)
    except OpenPgpError as error:
        _turn_away(context, job, row, login, error, "held" if login.openpgp.failure == "hold" else "rejected")
        return None
    except ArchiveError as error:
        _turn_away(context, job, row, login, error, "rejected")
        return None
    return Entered(data)


def _turn_away(
    context: Context, job: Job, row: Row[Any], login: Partner, error: OpenPgpError | ArchiveError, state: str
) -> None:
    with context.database.write() as conn:
        queue.keep(conn, job, timedelta(seconds=context.config.worker.lease_seconds))
        refuse(conn, context, row, login, state, error.reason, f"{row.name} can't be processed: {error}")
        queue.done(conn, job)
    context.wake.set("log")
