"""What a received file passes before its content is read: is it a signature, does it have the one that is demanded, is
it encrypted?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from edigw.gateway import countersigned, opening, queue, signatures
from edigw.gateway.context import Context
from edigw.gateway.opening import Unsealed
from edigw.gateway.queue import Job
from edigw.gateway.refuse import refuse
from edigw.openpgp.errors import OpenPgpError
from edigw.partners.tables.partner import Partner


@dataclass(frozen=True, slots=True)
class Entered:
    """The bytes to be processed of a received file."""

    data: bytes
    unsealed: Unsealed | None = None  # the OpenPGP message that they were in

    def record(self, conn: Connection, context: Context, row: Row[Any], login: Partner) -> Row[Any]:
        """Log what was opened, in the transaction that writes what came of it; the transmission's row as it is then."""
        return self.unsealed.record(conn, context, row, login) if self.unsealed else row


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
    limit = context.config.max_file_size
    if row.clear_sha256 or not opening.is_message(context, login, row.name):
        return Entered(context.payloads.read(row.clear_sha256 or row.sha256, limit=limit))
    try:
        unsealed = opening.unseal(context, login, context.payloads.read(row.sha256, limit=limit))
    except OpenPgpError as error:
        _turn_away(context, job, row, login, error)
        return None
    return Entered(unsealed.opened.content, unsealed)


def _turn_away(context: Context, job: Job, row: Row[Any], login: Partner, error: OpenPgpError) -> None:
    state = "held" if login.openpgp.failure == "hold" else "rejected"
    with context.database.write() as conn:
        queue.keep(conn, job, timedelta(seconds=context.config.worker.lease_seconds))
        refuse(conn, context, row, login, state, error.reason, f"{row.name} can't be processed: {error}")
        queue.done(conn, job)
    context.wake.set("log")
