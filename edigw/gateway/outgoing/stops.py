"""Deliveries to a partner that were stopped: its server shows another key, or refuses us.

Trying on would change nothing, and may lock our account there. An admin sees why, puts it right, and lets them go on; a
changed configuration does so by itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from edigw.gateway import queue
from edigw.gateway.context import Context
from edigw.gateway.places import attempt
from edigw.gateway.records import States
from edigw.log.eventlog import EventLog, new_xid
from edigw.partners.tables.partner import Partner
from edigw.store.clock import stamp, utc_now
from edigw.store.schema import job, stopped_delivery, transmission
from edigw.store.upsert import replace_rows

STOPPED = "delivery_stopped"  # the reason for which a transmission is held


def stop(conn: Connection, partner: str, place: str, reason: str, *, test: bool) -> None:
    """Stop the deliveries of production, or of tests, to a partner at this place (`places.attempt`)."""
    facts = {"place": place, "reason": reason, "since": stamp(utc_now())}
    replace_rows(conn, stopped_delivery, [{"partner": partner, "test": test, **facts}])


def stopped(conn: Connection, partner: str, place: str, *, test: bool) -> str:
    """Why nothing goes to this place; "" if nothing is known against it."""
    of = (stopped_delivery.c.partner == partner, stopped_delivery.c.test.is_(test))
    row = conn.execute(select(stopped_delivery).where(*of)).first()
    return str(row.reason) if row is not None and row.place == place else ""


def listed(conn: Connection) -> list[dict[str, Any]]:
    """Every partner whose deliveries are stopped: partner, whether it is those of tests, reason, since."""
    rows = conn.execute(select(stopped_delivery).order_by(stopped_delivery.c.partner, stopped_delivery.c.test))
    return [{"partner": row.partner, "test": row.test, "reason": row.reason, "since": row.since} for row in rows]


def resume(log: EventLog, partner: str, actor: str, why: str, *, test: bool | None = None) -> int | None:
    """Let the deliveries to a partner go on, only those of production or of tests if `test` says so; how many wait.
    None if they were not stopped. Raises StoreError."""
    with log.database.write() as conn:
        of = [stopped_delivery.c.partner == partner]
        if test is not None:
            of.append(stopped_delivery.c.test.is_(test))
        if conn.execute(delete(stopped_delivery).where(*of)).rowcount == 0:
            return None
        waiting = conn.execute(
            select(transmission)
            .join(job, (job.c.transmission == transmission.c.id) & (job.c.kind == "deliver"))
            .where(transmission.c.partner == partner, job.c.state == "held")
            .where((transmission.c.state == "placing") | (transmission.c.reason == STOPPED))
            .order_by(transmission.c.id)
        ).all()
        for row in waiting:
            states = States(conn)
            states.transmission(row.id, "placing" if row.state == "placing" else "queued")
            queue.again(conn, "deliver", row.id)
            facts = {"action": "resume", "partner": partner, "why": why, **states.told(row.id)}
            log.append(conn, type="admin.action", xid=row.xid, actor=actor, detail=facts, transmission=row.id)
        if not waiting:
            facts = {"action": "resume", "partner": partner, "why": why}
            log.append(conn, type="admin.action", xid=new_xid(), actor=actor, detail=facts)
    return len(waiting)


def resume_changed(context: Context) -> None:
    """Let deliveries go on to partners that are reached otherwise now than when they were stopped."""
    with context.database.read() as conn:
        rows = conn.execute(select(stopped_delivery)).all()
    for row in rows:
        if row.place != _attempt(context.config.partners.get(row.partner), test=row.test):
            resume(context.log, row.partner, "gateway", "the partner is reached otherwise now", test=row.test)
            context.wake.set("deliver")


def _attempt(partner: Partner | None, *, test: bool) -> str:
    box = partner.delivery.box(test=test) if partner else None
    return attempt(box.target) if box and box.target else ""
