"""What is written down of deliveries to an open place, step by step."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from edigw.gateway import places, queue
from edigw.gateway.context import Context, identity
from edigw.gateway.mailboxes import receipts
from edigw.gateway.queue import Job
from edigw.gateway.records import States
from edigw.log.eventlog import Content
from edigw.partners.tables.delivery import Target
from edigw.store.clock import stamp, utc_now
from edigw.store.schema import delivery, message
from edigw.store.upsert import replace_rows
from edigw.transport.remote import Remote, RemoteFile

_logger = logging.getLogger("edigw.delivery")
_CARRIED = select(message.c.id).where(message.c.transmission == bindparam("of")).limit(2)


@dataclass(frozen=True, slots=True)
class Item:
    """A delivery that a worker has in hand: its job, its transmission, and what an earlier attempt wrote down."""

    claimed: Job
    row: Row[Any]
    begun: Row[Any] | None
    test: bool  # whether it is marked as a test


@dataclass(frozen=True, slots=True)
class Relay:
    """The steps of deliveries to one place. Each raises LeaseLost if another worker has taken the delivery up."""

    context: Context
    target: Target
    session: Remote

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.context.config.worker.lease_seconds)

    def begin(self, conn: Connection, item: Item, temp_name: str) -> dict[str, Any]:
        """Where to, and under which temporary name; the row that says so."""
        queue.keep(conn, item.claimed, self.lease)
        begins = {
            "transmission": item.row.id,
            "target": places.written(self.target),
            "temp_name": temp_name,
            "begun_at": stamp(utc_now()),
        }
        replace_rows(conn, delivery, [begins])
        return begins

    def placing(self, conn: Connection, item: Item, begins: dict[str, Any], remote: RemoteFile) -> None:
        """The bytes are there; now the file gets its final name."""
        queue.keep(conn, item.claimed, self.lease)
        states = States(conn)
        states.transmission(item.row.id, "placing")
        reported = {"path": remote.path, "size": remote.size}
        where = places.told(self.target, self.session.software)
        tell(self.context, conn, "relay.accepted", item, states, delivery=begins, reported=reported, **where)

    def delivered(self, conn: Connection, item: Item, brought: Content, confirmed: str, reason: str = "") -> None:
        """It has its final name. `brought` is the content as an object of the event."""
        row = item.row
        states = States(conn)
        states.transmission(row.id, "delivered", reason)
        facts = {
            "name": row.name,
            "confirmed": confirmed,
            "attempt": item.claimed.attempts + 1,
            **places.told(self.target, self.session.software),
        }
        tell(self.context, conn, "delivery.completed", item, states, reason, [brought], **facts)
        if row.kind == "business":
            receipts.order(conn, row.id)
        queue.done(conn, item.claimed)
        _logger.info("delivered %s to %s as %s: %s", row.id, row.partner, row.name, confirmed)


def temporary_name(row: Row[Any], target: Target) -> str:
    """The name under which a file goes up: no other transmission and no other attempt has it. Its own, where there are
    no temporary names."""
    return f"{row.id.lower()}-{secrets.token_hex(3)}{target.temp_suffix}" if target.temp_suffix else row.name


def confirmation(remote: RemoteFile, how: str = "renamed") -> str:
    """By what it is known that a file has arrived."""
    return f"{how}, same hash there" if remote.confirmed else how


def tell(
    context: Context,
    conn: Connection,
    type: str,
    item: Item,
    states: States,
    reason: str = "",
    objects: Sequence[Content] = (),
    **facts: Any,
) -> None:
    """Log a step of a delivery."""
    row = item.row
    carried = conn.execute(_CARRIED, {"of": row.id}).scalars().all()
    partner = context.config.partners.get(row.partner)
    context.log.append(
        conn,
        type=type,
        xid=row.xid,
        actor="gateway",
        recipient=identity(partner) if partner else "",
        reason=reason,
        objects=objects,
        detail={
            "file": row.name,
            "test": item.test,
            "size": row.size,
            "sha256": row.sha256,
            **states.told(),
            **facts,
            "configuration": context.config.digest,
        },
        transmission=row.id,
        message=carried[0] if len(carried) == 1 else None,
    )
