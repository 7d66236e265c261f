"""Delivery to a partner's SFTP server, or into a folder, exactly once through any crash.

Each step is recorded before the next one begins. Where to and under which temporary name is written down first; then
the bytes go up under that name, which no other transmission and no other attempt has, and their size is checked; then
the database says *placing*; then the file gets its final name; then the database says *delivered*.

Whoever finds a transmission in *placing* asks the server at just the place that was written down. If the temporary name
is still there, the rename did not happen and is done now. If the final name is there with all its bytes, it did. If
neither is there, the partner has taken the file away, or somebody has cleaned up: it is then taken as delivered,
because sending it again could deliver it twice, but as *unconfirmed*, which the log and the transmission say.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, BinaryIO, cast

from sqlalchemy import ColumnElement, Connection, Row, bindparam, exists, select, update

from edigw.gateway import places, queue
from edigw.gateway.context import Context, identity
from edigw.gateway.mailboxes import receipts
from edigw.gateway.outgoing import stops
from edigw.gateway.queue import Failure, Job
from edigw.gateway.records import States
from edigw.log.eventlog import Content
from edigw.partners.tables.delivery import Target
from edigw.partners.tables.partner import Partner
from edigw.store.clock import stamp, utc_now
from edigw.store.schema import delivery, interchange, job, message, transmission
from edigw.store.upsert import replace_rows
from edigw.transport.errors import Permanent, Stopped, Temporary, TransportError
from edigw.transport.remote import Remote, connect
from edigw.transport.retry import Backoff

_logger = logging.getLogger("edigw.delivery")
KEEP_OPEN = 10.0  # seconds: a login costs thirty times as much as a small file
TURN = timedelta(seconds=0.5)  # before one of several that go in order looks again whether it is its turn
_ROW = select(transmission).where(transmission.c.id == bindparam("which"))
_TEST = select(interchange.c.test).where(interchange.c.transmission == bindparam("of"), interchange.c.position == 1)
_BEGUN = select(delivery).where(delivery.c.transmission == bindparam("of"))
_CARRIED = select(message.c.id).where(message.c.transmission == bindparam("of")).limit(2)
OUTCOME_UNKNOWN = "outcome_unknown"  # failed after the bytes were there: the partner may have the file


class Deliverer:
    """Delivers one transmission after the other; keeps the session to the last partner open for a while."""

    _context: Context  # of the delivery at hand
    _test: bool  # whether it is marked as a test

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._open: tuple[Target, Remote] | None = None
        self._used = 0.0

    def rest(self) -> None:
        """To be called when there is nothing to deliver: closes a session that was not used for some seconds."""
        if self._open is not None and time.monotonic() - self._used > KEEP_OPEN:
            self.close()

    def close(self) -> None:
        """Close the open session, if there is one."""
        self._open = None
        self._stack.close()

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self._context.config.worker.lease_seconds)

    def deliver(self, context: Context, jobs: Sequence[Job]) -> list[Failure]:
        """Deliver the transmissions of jobs, or put them back for another attempt, or end them as failed. What failed
        on our side stays to be done."""
        failures = []
        for claimed in jobs:
            try:
                self._deliver(context, claimed)
            except Exception as error:
                failures.append(Failure(claimed, error))
        return failures

    def _deliver(self, context: Context, claimed: Job) -> None:
        self._context = context
        with context.database.read() as conn:
            row = conn.execute(_ROW, {"which": claimed.transmission}).one()
            begun = conn.execute(_BEGUN, {"of": claimed.transmission}).first()
            self._test = bool(conn.execute(_TEST, {"of": claimed.transmission}).scalar_one())
        if row.state not in ("queued", "placing"):  # however this job became ready: nothing goes out twice
            with context.database.write() as conn:
                queue.done(conn, claimed)
            return
        partner = context.config.partners.get(row.partner)
        try:
            target = _target(partner, row.partner, test=self._test)
            if self._must_wait(claimed, row, target, in_order=partner is not None and partner.delivery.in_order):
                return
            session = self._session(target)
            if row.state == "placing":
                self._recover(claimed, row, target, session, begun)
            else:
                self._send(claimed, row, target, session, begun)
        except Stopped as error:
            self.close()
            self._stop(claimed, row, target, error)
        except TransportError as error:
            self.close()
            self._postpone(claimed, error)

    def _must_wait(self, claimed: Job, row: Row[Any], target: Target, *, in_order: bool) -> bool:
        """Whether this is not the time for a delivery: all to that place are stopped, or another one comes first."""
        with self._context.database.read() as conn:
            why = stops.stopped(conn, row.partner, places.attempt(target), test=self._test)
            behind = in_order and row.state == "queued" and _earlier(conn, row, self._test)
        if why:
            self._hold(claimed, row, why)
        elif behind:
            with self._context.database.write() as conn:
                queue.postpone(conn, claimed, utc_now() + TURN, count=False)
        return bool(why or behind)

    def _session(self, target: Target) -> Remote:
        if self._open is None or self._open[0] != target or not self._open[1].alive:
            self.close()
            self._open = (target, self._stack.enter_context(connect(places.place(target))))
        self._used = time.monotonic()
        return self._open[1]

    # ---- the steps

    def _send(self, claimed: Job, row: Row[Any], target: Target, session: Remote, begun: Row[Any] | None) -> None:
        suffix = target.temp_suffix
        temp = f"{row.id.lower()}-{secrets.token_hex(3)}{suffix}" if suffix else row.name
        self._clear(row, target, session, begun, temp)
        with self._context.database.write() as conn:
            queue.keep(conn, claimed, self._lease)
            begins = {
                "transmission": row.id,
                "target": places.written(target),
                "temp_name": temp,
                "begun_at": stamp(utc_now()),
            }
            replace_rows(conn, delivery, [begins])
        with self._context.payloads.open(row.sha256) as data:
            leased = cast(BinaryIO, _Leased(data, lambda: self._keep(claimed), self._lease.total_seconds() / 3))
            remote = session.upload_temp(leased, temp)
        if (remote.size, remote.sha256) != (row.size, row.sha256):
            raise Temporary(places.written(target), f"{temp}: other bytes were sent than those of {row.name}")
        with self._context.database.write() as conn:
            queue.keep(conn, claimed, self._lease)
            states = States(conn)
            states.transmission(row.id, "placing")
            reported = {"path": remote.path, "size": remote.size}
            where = places.told(target, session.software)
            self._log(conn, "relay.accepted", row, states, delivery=begins, reported=reported, **where)
        if suffix:
            session.place(temp, row.name)
        how = "renamed" if suffix else "uploaded under its name"
        self._delivered(claimed, row, target, session, f"{how}, same hash there" if remote.confirmed else how)

    def _clear(self, row: Row[Any], target: Target, session: Remote, begun: Row[Any] | None, temp: str) -> None:
        """Take away what an earlier attempt left. Where there are no temporary names, that can't be told from a file
        that the partner has not yet taken, so a person has to look. Raises Permanent."""
        if begun is not None and begun.target == places.written(target) and begun.temp_name != row.name:
            session.discard(begun.temp_name)
        elif begun is not None and begun.temp_name == row.name:
            raise Permanent(
                places.written(target), f"{row.name} was being uploaded, without a temporary name, when it broke off"
            )
        elif temp == row.name and session.probe(temp, row.name).final is not None:
            raise Permanent(places.written(target), f"a file {row.name} is there already")

    def _recover(self, claimed: Job, row: Row[Any], target: Target, session: Remote, begun: Row[Any] | None) -> None:
        if begun is None or begun.target != places.written(target):
            raise Permanent(
                places.written(target), "the file was being delivered to another place, which is configured no more"
            )
        session.require_folder()
        found = session.probe(begun.temp_name, row.name)
        if found.temp is not None and begun.temp_name != row.name:
            self._keep(claimed)
            session.place(begun.temp_name, row.name)
            self._delivered(claimed, row, target, session, "renamed after an interruption")
        elif found.final == row.size:
            self._delivered(claimed, row, target, session, "found under its name after an interruption")
        else:
            self._delivered(claimed, row, target, session, "neither name is there any more: taken away", "unconfirmed")

    def _delivered(
        self, claimed: Job, row: Row[Any], target: Target, session: Remote, confirmed: str, reason: str = ""
    ) -> None:
        brought = receipts.handed_over(self._context, row)
        with self._context.database.write() as conn:
            states = States(conn)
            states.transmission(row.id, "delivered", reason)
            facts = {
                "name": row.name,
                "confirmed": confirmed,
                "attempt": claimed.attempts + 1,
                **places.told(target, session.software),
            }
            self._log(conn, "delivery.completed", row, states, reason, [brought], **facts)
            if row.kind == "business":
                receipts.order(conn, row.id)
            queue.done(conn, claimed)
        self._context.wake.set("log")
        _logger.info("delivered %s to %s as %s: %s", row.id, row.partner, row.name, confirmed)

    def _keep(self, claimed: Job) -> None:
        with self._context.database.write() as conn:
            queue.keep(conn, claimed, self._lease)

    # ---- when it does not work

    def _stop(self, claimed: Job, row: Row[Any], target: Target, error: Stopped) -> None:
        """Nothing can be delivered there: nothing more is tried, and an admin sees why."""
        _logger.error("deliveries to %s are stopped: %s", row.partner, error)
        self._hold(claimed, row, str(error), stops_at=places.attempt(target))

    def _hold(self, claimed: Job, row: Row[Any], why: str, stops_at: str = "") -> None:
        with self._context.database.write() as conn:
            if stops_at:
                stops.stop(conn, row.partner, stops_at, why, test=self._test)
            states = States(conn)
            if row.state == "queued":
                states.transmission(row.id, "held", stops.STOPPED)
            self._log(conn, "relay.rejected", row, states, stops.STOPPED, error=why)
            queue.held(conn, claimed, why)
        self._context.wake.set("log")

    def _postpone(self, claimed: Job, error: TransportError) -> None:
        retry = self._context.config.delivery
        now = utc_now()
        too_late = now - claimed.queued_at > timedelta(hours=retry.give_up_hours)
        with self._context.database.write() as conn:
            row = conn.execute(_ROW, {"which": claimed.transmission}).one()
            states = States(conn)
            if isinstance(error, Permanent) or too_late:
                reason = "remote_refused" if isinstance(error, Permanent) else "gave_up"
                reason = OUTCOME_UNKNOWN if row.state == "placing" else reason
                self._attempt_failed(conn, row, claimed, error)
                states.transmission(row.id, "failed", reason)
                self._log(conn, "delivery.failed", row, states, reason, error=str(error))
                queue.failed(conn, claimed, str(error))
            else:
                wait = Backoff(retry.first_delay_seconds, cap=retry.longest_delay_seconds).delay(claimed.attempts + 1)
                due = now + timedelta(seconds=wait)
                self._attempt_failed(conn, row, claimed, error)
                queue.postpone(conn, claimed, due, str(error))
                _postpone_others(conn, row.partner, stamp(due), self._test)
        self._context.wake.set("log")
        _logger.warning("%s to %s not delivered: %s", claimed.transmission, row.partner, error)

    def _attempt_failed(self, conn: Connection, row: Row[Any], claimed: Job, error: TransportError) -> None:
        refused = isinstance(error, Permanent)
        type, reason = ("relay.rejected", "remote_refused") if refused else ("relay.failed", "remote_unavailable")
        self._log(conn, type, row, States(conn), reason, error=str(error), attempt=claimed.attempts + 1)

    def _log(
        self,
        conn: Connection,
        type: str,
        row: Row[Any],
        states: States,
        reason: str = "",
        objects: Sequence[Content] = (),
        **facts: Any,
    ) -> None:
        carried = conn.execute(_CARRIED, {"of": row.id}).scalars().all()
        partner = self._context.config.partners.get(row.partner)
        self._context.log.append(
            conn,
            type=type,
            xid=row.xid,
            actor="gateway",
            recipient=identity(partner) if partner else "",
            reason=reason,
            objects=objects,
            detail={
                "file": row.name,
                "test": self._test,
                "size": row.size,
                "sha256": row.sha256,
                **states.told(),
                **facts,
                "configuration": self._context.config.digest,
            },
            transmission=row.id,
            message=carried[0] if len(carried) == 1 else None,
        )


class _Leased:
    """A payload being read, whose reader keeps its lease: an upload may take longer than that."""

    def __init__(self, data: BinaryIO, keep: Callable[[], None], every: float) -> None:
        self._data = data
        self._keep = keep
        self._every = every
        self._kept = time.monotonic()

    def read(self, size: int = -1) -> bytes:
        if time.monotonic() - self._kept > self._every:
            self._keep()
            self._kept = time.monotonic()
        return self._data.read(size)


def _like(test: bool) -> ColumnElement[bool]:
    """Of a transmission that goes where tests go, or where production goes."""
    its = (interchange.c.transmission == transmission.c.id, interchange.c.position == 1)
    return exists().where(*its, interchange.c.test.is_(test))


def _postpone_others(conn: Connection, partner: str, due: str, test: bool) -> None:
    """What else waits for a partner whose server is away need not find that out one by one, while others wait."""
    waiting = select(transmission.c.id).where(
        transmission.c.partner == partner, transmission.c.state == "queued", _like(test)
    )
    conn.execute(
        update(job)
        .where(
            job.c.kind == "deliver",
            job.c.state == "ready",
            job.c.owner.is_(None),
            job.c.due_at < due,
            job.c.transmission.in_(waiting),
        )
        .values(due_at=due)
    )


def _earlier(conn: Connection, row: Row[Any], test: bool) -> bool:
    """Whether something that was made before for the same place is still on its way there."""
    before = (
        select(transmission.c.id)
        .where(transmission.c.partner == row.partner, transmission.c.via == row.via, transmission.c.id < row.id)
        .where(transmission.c.state.in_(("queued", "placing", "held")), _like(test))
        .limit(1)
    )
    return conn.execute(before).first() is not None


def _target(partner: Partner | None, code: str, *, test: bool) -> Target:
    box = partner.delivery.box(test=test) if partner else None
    if box is None or box.target is None:
        what = "no test" if test else "nothing"
        raise Permanent(f"partner {code}", f"{what} is delivered to this partner any more")
    return box.target
