"""Acknowledgements that were asked for and have not come in the agreed time: told to admins, and in the log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from edigw.gateway.context import Context, identity
from edigw.gateway.records import States, write_findings
from edigw.partners.tables.partner import Partner
from edigw.store.clock import stamp
from edigw.store.schema import message, transmission

BATCH = 200


def find_overdue(context: Context, now: datetime) -> int:
    """Mark what is overdue; how many messages. Raises StoreError, LogError."""
    found = 0
    for partner in context.config.partners.values():
        while marked := _mark(context, partner, now):
            found += marked
    return found


def _mark(context: Context, partner: Partner, now: datetime) -> int:
    """A message is overdue so long after its interchange arrived: nobody acknowledges what lies in an outbox."""
    hours = partner.acknowledgements.due_hours
    late = (
        select(message.c.id, message.c.xid, message.c.transmission, message.c.type, message.c.control)
        .join(transmission, transmission.c.id == message.c.transmission)
        .where(message.c.ack_state == "wanted", transmission.c.partner == partner.code)
        .where(transmission.c.state.in_(("delivered", "picked_up")))
        .where(transmission.c.changed_at < stamp(now - timedelta(hours=hours)))
        .order_by(message.c.id)
        .limit(BATCH)
    )
    with context.database.write() as conn:
        rows = conn.execute(late).all()
        for row in rows:
            _tell(context, conn, partner, row, hours)
    return len(rows)


def _tell(context: Context, conn: Connection, partner: Partner, row: Row[*tuple[Any, ...]], hours: float) -> None:
    states = States(conn)
    states.acknowledged(row.id, "overdue")
    text = f"{partner.code} has not acknowledged {row.type} {row.control} within {hours:g} hours"
    write_findings(conn, "ack", row.transmission, row.id, [{"code": "overdue_acknowledgement", "text": text}])
    context.log.append(
        conn,
        type="ack.overdue",
        xid=row.xid,
        actor="gateway",
        recipient=identity(partner),
        reason="overdue_acknowledgement",
        detail={"text": text, "due_minutes": round(hours * 60), **states.told(row.transmission)},
        transmission=row.transmission,
        message=row.id,
    )
