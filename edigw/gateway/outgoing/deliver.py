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
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, BinaryIO, cast

from sqlalchemy import ColumnElement, Connection, Row, bindparam, exists, select, update

from edigw.gateway import places, queue
from edigw.gateway.context import Context
from edigw.gateway.mailboxes import receipts
from edigw.gateway.outgoing import stops
from edigw.gateway.outgoing.relay import Item, Relay, confirmation, tell, temporary_name
from edigw.gateway.outgoing.together import MOST, deliver_together, portions
from edigw.gateway.queue import Failure, Job
from edigw.gateway.records import States
from edigw.partners.tables.delivery import Target
from edigw.partners.tables.partner import Partner
from edigw.store.clock import stamp, utc_now
from edigw.store.schema import delivery, interchange, job, transmission
from edigw.transport.errors import Permanent, Stopped, Temporary, TransportError
from edigw.transport.remote import Remote, connect
from edigw.transport.retry import Backoff

_logger = logging.getLogger("edigw.delivery")
KEEP_OPEN = 10.0  # seconds: a login costs thirty times as much as a small file
TURN = timedelta(seconds=0.5)  # before one of several that go in order looks again whether it is its turn
_ROWS = select(transmission).where(transmission.c.id.in_(bindparam("which", expanding=True)))
_BEGUN = select(delivery).where(delivery.c.transmission.in_(bindparam("which", expanding=True)))
_TESTS = select(interchange.c.transmission).where(
    interchange.c.transmission.in_(bindparam("which", expanding=True)),
    interchange.c.position == 1,
    interchange.c.test.is_(True),
)
OUTCOME_UNKNOWN = "outcome_unknown"  # failed after the bytes were there: the partner may have the file


class Deliverer:
    """Delivers one transmission after the other; keeps the session to the last partner open for a while."""

    _context: Context  # of the deliveries at hand

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

    def deliver(self, context: Context, jobs: Sequence[Job]) -> list[Failure]:
        """Deliver the transmissions of jobs, or put them back for another attempt, or end them as failed. What failed
        on our side stays to be done."""
        self._context = context
        failures = []
        together: dict[Target, list[Item]] = {}
        for item in self._items(jobs):
            try:
                partner = context.config.partners.get(item.row.partner)
                target = _target_of_many(item, partner)
                if target is None:
                    self._deliver(item, partner)
                elif not self._must_wait(item, target, in_order=False):
                    together.setdefault(target, []).append(item)
            except Exception as error:
                failures.append(Failure(item.claimed, error))
        for target, items in together.items():
            for portion in portions(items):
                failures += self._deliver_together(target, portion)
        return failures

    def _items(self, jobs: Sequence[Job]) -> list[Item]:
        """What is to be delivered, in the order in which it was made."""
        asked = {"which": [claimed.transmission for claimed in jobs]}
        with self._context.database.read() as conn:
            rows = {row.id: row for row in conn.execute(_ROWS, asked)}
            begun = {row.transmission: row for row in conn.execute(_BEGUN, asked)}
            tests = set(conn.execute(_TESTS, asked).scalars())
        claimed = {each.transmission: each for each in jobs}
        return [Item(claimed[id], rows[id], begun.get(id), id in tests) for id in sorted(claimed)]

    def _deliver_together(self, target: Target, items: Sequence[Item]) -> list[Failure]:
        failures = []
        try:
            if len(items) == 1:
                self._deliver(items[0], self._context.config.partners.get(items[0].row.partner))
                return []
            relay = Relay(self._context, target, self._session(target))
            failed: Sequence[tuple[Item, Exception]] = deliver_together(relay, items)
        except Exception as error:
            failed = [(item, error) for item in items]
        for item, why in failed:
            try:
                if not isinstance(why, TransportError):
                    raise why
                self._trouble(target, item, why)
            except Exception as error:
                failures.append(Failure(item.claimed, error))
        return failures

    def _deliver(self, item: Item, partner: Partner | None) -> None:
        row = item.row
        if row.state not in ("queued", "placing"):  # however this job became ready: nothing goes out twice
            with self._context.database.write() as conn:
                queue.done(conn, item.claimed)
            return
        target: Target | None = None
        try:
            target = _target(partner, row.partner, test=item.test)
            if self._must_wait(item, target, in_order=partner is not None and partner.delivery.in_order):
                return
            relay = Relay(self._context, target, self._session(target))
            if row.state == "placing":
                self._recover(relay, item)
            else:
                self._send(relay, item)
        except TransportError as error:
            self._trouble(target, item, error)

    def _must_wait(self, item: Item, target: Target, *, in_order: bool) -> bool:
        """Whether this is not the time for a delivery: all to that place are stopped, or another one comes first."""
        row = item.row
        with self._context.database.read() as conn:
            why = stops.stopped(conn, row.partner, places.attempt(target), test=item.test)
            behind = in_order and row.state == "queued" and _earlier(conn, row, item.test)
        if why:
            self._hold(item, why)
        elif behind:
            with self._context.database.write() as conn:
                queue.postpone(conn, item.claimed, utc_now() + TURN, count=False)
        return bool(why or behind)

    def _session(self, target: Target) -> Remote:
        if self._open is None or self._open[0] != target or not self._open[1].alive:
            self.close()
            self._open = (target, self._stack.enter_context(connect(places.place(target))))
        self._used = time.monotonic()
        return self._open[1]

    # ---- the steps

    def _send(self, relay: Relay, item: Item) -> None:
        row, session = item.row, relay.session
        temp = temporary_name(row, relay.target)
        self._clear(relay, item, temp)
        with self._context.database.write() as conn:
            begins = relay.begin(conn, item, temp)
        with self._context.payloads.open(row.sha256) as data:
            leased = cast(BinaryIO, _Leased(data, lambda: self._keep(relay, item), relay.lease.total_seconds() / 3))
            remote = session.upload_temp(leased, temp)
        if (remote.size, remote.sha256) != (row.size, row.sha256):
            raise Temporary(places.written(relay.target), f"{temp}: other bytes were sent than those of {row.name}")
        with self._context.database.write() as conn:
            relay.placing(conn, item, begins, remote)
        if temp != row.name:
            session.place(temp, row.name)
        how = "renamed" if temp != row.name else "uploaded under its name"
        self._delivered(relay, item, confirmation(remote, how))

    def _clear(self, relay: Relay, item: Item, temp: str) -> None:
        """Take away what an earlier attempt left. Where there are no temporary names, that can't be told from a file
        that the partner has not yet taken, so a person has to look. Raises Permanent."""
        row, begun, where = item.row, item.begun, places.written(relay.target)
        if begun is not None and begun.target == where and begun.temp_name != row.name:
            relay.session.discard(begun.temp_name)
        elif begun is not None and begun.temp_name == row.name:
            raise Permanent(where, f"{row.name} was being uploaded, without a temporary name, when it broke off")
        elif temp == row.name and relay.session.probe(temp, row.name).final is not None:
            raise Permanent(where, f"a file {row.name} is there already")

    def _recover(self, relay: Relay, item: Item) -> None:
        row, begun, session = item.row, item.begun, relay.session
        if begun is None or begun.target != places.written(relay.target):
            what = "the file was being delivered to another place, which is configured no more"
            raise Permanent(places.written(relay.target), what)
        session.require_folder()
        found = session.probe(begun.temp_name, row.name)
        if found.temp is not None and begun.temp_name != row.name:
            self._keep(relay, item)
            session.place(begun.temp_name, row.name)
            self._delivered(relay, item, "renamed after an interruption")
        elif found.final == row.size:
            self._delivered(relay, item, "found under its name after an interruption")
        else:
            self._delivered(relay, item, "neither name is there any more: taken away", "unconfirmed")

    def _delivered(self, relay: Relay, item: Item, confirmed: str, reason: str = "") -> None:
        brought = receipts.handed_over(self._context, item.row)
        with self._context.database.write() as conn:
            relay.delivered(conn, item, brought, confirmed, reason)
        self._context.wake.set("log")

    def _keep(self, relay: Relay, item: Item) -> None:
        with self._context.database.write() as conn:
            queue.keep(conn, item.claimed, relay.lease)

    # ---- when it does not work

    def _trouble(self, target: Target | None, item: Item, error: TransportError) -> None:
        self.close()
        if isinstance(error, Stopped) and target is not None:
            self._stop(item, target, error)
        else:
            self._postpone(item, error)

    def _stop(self, item: Item, target: Target, error: Stopped) -> None:
        """Nothing can be delivered there: nothing more is tried, and an admin sees why."""
        _logger.error("deliveries to %s are stopped: %s", item.row.partner, error)
        self._hold(item, str(error), stops_at=places.attempt(target))

    def _hold(self, item: Item, why: str, stops_at: str = "") -> None:
        row = item.row
        with self._context.database.write() as conn:
            if stops_at:
                stops.stop(conn, row.partner, stops_at, why, test=item.test)
            states = States(conn)
            if row.state == "queued":
                states.transmission(row.id, "held", stops.STOPPED)
            tell(self._context, conn, "relay.rejected", item, states, stops.STOPPED, error=why)
            queue.held(conn, item.claimed, why)
        self._context.wake.set("log")

    def _postpone(self, item: Item, error: TransportError) -> None:
        context, claimed = self._context, item.claimed
        retry = context.config.delivery
        now = utc_now()
        too_late = now - claimed.queued_at > timedelta(hours=retry.give_up_hours)
        with context.database.write() as conn:
            row = conn.execute(_ROWS, {"which": [claimed.transmission]}).one()
            states = States(conn)
            if isinstance(error, Permanent) or too_late:
                reason = "remote_refused" if isinstance(error, Permanent) else "gave_up"
                reason = OUTCOME_UNKNOWN if row.state == "placing" else reason
                self._attempt_failed(conn, item, error)
                states.transmission(row.id, "failed", reason)
                tell(context, conn, "delivery.failed", item, states, reason, error=str(error))
                queue.failed(conn, claimed, str(error))
            else:
                wait = Backoff(retry.first_delay_seconds, cap=retry.longest_delay_seconds).delay(claimed.attempts + 1)
                due = now + timedelta(seconds=wait)
                self._attempt_failed(conn, item, error)
                queue.postpone(conn, claimed, due, str(error))
                _postpone_others(conn, row.partner, stamp(due), item.test)
        context.wake.set("log")
        _logger.warning("%s to %s not delivered: %s", claimed.transmission, row.partner, error)

    def _attempt_failed(self, conn: Connection, item: Item, error: TransportError) -> None:
        refused = isinstance(error, Permanent)
        type, reason = ("relay.rejected", "remote_refused") if refused else ("relay.failed", "remote_unavailable")
        attempt = item.claimed.attempts + 1
        tell(self._context, conn, type, item, States(conn), reason, error=str(error), attempt=attempt)


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


def _target_of_many(item: Item, partner: Partner | None) -> Target | None:
    """Where a delivery goes that can go together with others: nothing has happened to it yet, and nothing is agreed
    that makes it more than a file."""
    box = partner.delivery.box(test=item.test) if partner and not partner.delivery.in_order else None
    target = box.target if box else None
    fresh = item.row.state == "queued" and item.row.size <= MOST and item.begun is None
    return target if target is not None and target.temp_suffix and fresh else None


def _target(partner: Partner | None, code: str, *, test: bool) -> Target:
    box = partner.delivery.box(test=test) if partner else None
    if box is None or box.target is None:
        what = "no test" if test else "nothing"
        raise Permanent(f"partner {code}", f"{what} is delivered to this partner any more")
    return box.target
