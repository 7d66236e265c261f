"""Delivery to a partner's SFTP server, exactly once through any crash.

Two steps, each recorded before the next one begins. First the bytes go up under a temporary name that is this
transmission's own and their size is checked; the database then says *placing*. Only then the file gets its final name.
Whoever finds a transmission in *placing* after a crash asks the server: if the temporary name is still there, the
rename did not happen and is done now; if it is gone, it did, even if the partner has already taken the file away.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from edigw.gateway import queue
from edigw.gateway.context import Context, identity
from edigw.gateway.queue import Job
from edigw.gateway.records import States
from edigw.partners.model import Partner, SftpTarget
from edigw.store.clock import parse_stamp, utc_now
from edigw.store.schema import message, transmission
from edigw.transport import client
from edigw.transport.client import Permanent, Temporary, TransportError
from edigw.transport.retry import Backoff

_logger = logging.getLogger("edigw.delivery")
KEEP_OPEN = 10.0  # seconds: a login costs thirty times as much as a small file


class Deliverer:
    """Delivers one transmission after the other; keeps the session to the last partner open for a while."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stack = ExitStack()
        self._open: tuple[SftpTarget, client.SftpSession] | None = None
        self._used = 0.0

    def rest(self) -> None:
        """To be called when there is nothing to deliver: closes a session that was not used for some seconds."""
        if self._open is not None and time.monotonic() - self._used > KEEP_OPEN:
            self.close()

    def close(self) -> None:
        """Close the open session, if there is one."""
        self._open = None
        self._stack.close()

    def deliver(self, job: Job) -> None:
        """Deliver the transmission of `job`, or put the job back for another attempt, or end it as failed."""
        row = self._row(job.transmission)
        partner: Partner | None = self._context.config.partners.get(row.partner)
        try:
            target = _target(partner, row.partner)
            session = self._session(target)
            if row.state == "queued":
                self._upload(row, target, session)
            self._place(job, row, target, session)
        except TransportError as error:
            self.close()
            self._postpone(job, row, error)

    def _row(self, id: str) -> Row[Any]:
        with self._context.database.read() as conn:
            return conn.execute(select(transmission).where(transmission.c.id == id)).one()

    def _session(self, target: SftpTarget) -> client.SftpSession:
        if self._open is None or self._open[0] != target or not self._open[1].alive:
            self.close()
            self._open = (target, self._stack.enter_context(client.connect(_address(target))))
        self._used = time.monotonic()
        return self._open[1]

    def _upload(self, row: Row[Any], target: SftpTarget, session: client.SftpSession) -> None:
        temp = _temp_name(row, target)
        with self._context.payloads.open(row.sha256) as data:
            remote = client.upload_temp(session, data, temp)
        if remote.size != row.size:
            raise Temporary(_remote_name(target), f"{temp}: {remote.size} bytes were sent, not {row.size}")
        with self._context.database.write() as conn:
            states = States(conn)
            states.transmission(row.id, "placing")
            self._log(conn, "relay.accepted", row, states, temp_name=temp, **_remote(target))

    def _place(self, job: Job, row: Row[Any], target: SftpTarget, session: client.SftpSession) -> None:
        temp = _temp_name(row, target)
        waiting = temp != row.name and client.probe(session, temp, row.name).temp is not None
        if waiting:
            client.place(session, temp, row.name)
        with self._context.database.write() as conn:
            states = States(conn)
            states.transmission(row.id, "delivered")
            self._log(
                conn,
                "delivery.completed",
                row,
                states,
                name=row.name,
                confirmed="renamed" if waiting else "found under its name",
                attempt=job.attempts + 1,
                **_remote(target),
            )
            queue.done(conn, job)
        self._context.wake.set("log")
        _logger.info("delivered %s to %s as %s", row.id, row.partner, row.name)

    def _postpone(self, job: Job, row: Row[Any], error: TransportError) -> None:
        retry = self._context.config.delivery
        now = utc_now()
        too_late = now - parse_stamp(row.created_at) > timedelta(hours=retry.give_up_hours)
        with self._context.database.write() as conn:
            states = States(conn)
            if isinstance(error, Permanent) or too_late:
                reason = "remote_refused" if isinstance(error, Permanent) else "gave_up"
                states.transmission(row.id, "failed", reason)
                self._log(conn, "delivery.failed", row, states, reason=reason, error=str(error))
                queue.failed(conn, job, str(error))
            else:
                attempt = job.attempts + 1
                wait = Backoff(retry.first_delay_seconds, cap=retry.longest_delay_seconds).delay(attempt)
                self._log(
                    conn, "relay.failed", row, states, reason="remote_unavailable", error=str(error), attempt=attempt
                )
                queue.postpone(conn, job, now + timedelta(seconds=wait), str(error))
        self._context.wake.set("log")
        _logger.warning("%s to %s not delivered: %s", row.id, row.partner, error)

    def _log(self, conn: Connection, type: str, row: Row[Any], states: States, reason: str = "", **facts: Any) -> None:
        carried = conn.execute(select(message.c.id).where(message.c.transmission == row.id)).scalars().first()
        partner = self._context.config.partners.get(row.partner)
        self._context.log.append(
            conn,
            type=type,
            xid=row.xid,
            actor="gateway",
            recipient=identity(partner) if partner else "",
            reason=reason,
            detail={"file": row.name, "size": row.size, "sha256": row.sha256, "states": states.stated, **facts},
            transmission=row.id,
            message=carried,
        )


def _target(partner: Partner | None, code: str) -> SftpTarget:
    if partner is None or partner.delivery.sftp is None:
        raise Permanent(f"partner {code}", "has no [delivery.sftp] any more")
    return partner.delivery.sftp


def _temp_name(row: Row[Any], target: SftpTarget) -> str:
    """The transmission's own name, which no other one can be taken for; the final one for servers that can't rename."""
    return f"{row.id.lower()}{target.temp_suffix}" if target.temp_suffix else str(row.name)


def _remote(target: SftpTarget) -> dict[str, Any]:
    return {
        "remote": {
            "host": target.host,
            "port": target.port,
            "folder": target.folder,
            "user": target.user,
            "host_key": client.fingerprint(target.host_key),
        }
    }


def _remote_name(target: SftpTarget) -> str:
    return f"{target.host}:{target.port}"


def _address(target: SftpTarget) -> client.SftpTarget:
    return client.SftpTarget(
        host=target.host,
        port=target.port,
        user=target.user,
        key_file=target.key_file,
        host_key=target.host_key,
        folder=target.folder,
    )
