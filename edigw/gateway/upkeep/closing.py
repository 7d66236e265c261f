"""The end of exchanges: what has come to its end and has been quiet for a week is closed, in the log.

`exchange.closed` tells whoever verifies a bundle that nothing was left out at its end. A late event (a resend by an
admin) opens the exchange again. Where an acknowledgement was asked for and has not come in time, `exchange.expired`
says so first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from edigw.gateway.context import Context
from edigw.gateway.records import States
from edigw.store.clock import stamp
from edigw.store.schema import event, exchange, message, transmission

QUIET = timedelta(days=7)
PATIENCE = timedelta(days=30)  # for an acknowledgement that was asked for
ENDED = {"accepted", "partly_accepted", "rejected", "duplicate", "delivered", "picked_up", "expired", "failed"}
BATCH = 100

_first, _newest = event.alias("first"), event.alias("newest")
_QUIET_ONES = (
    select(exchange.c.xid, _newest.c.at)
    .join(_newest, (_newest.c.xid == exchange.c.xid) & (_newest.c.n == exchange.c.events - 1))
    .join(_first, (_first.c.xid == exchange.c.xid) & (_first.c.n == 0))
    .where(
        exchange.c.open,
        exchange.c.xid > bindparam("last"),
        _newest.c.at < bindparam("before"),
        _first.c.transmission.is_not(None),
    )
    .order_by(exchange.c.xid)
    .limit(BATCH)
)


def close_exchanges(context: Context, now: datetime) -> int:
    """Closes what has ended; how many exchanges that were. Raises StoreError, LogError."""
    closed = 0
    for xids in _quiet(context, now):
        with context.database.write() as conn:
            closed += sum(_close(context, conn, xid, now) for xid in xids)
    return closed


def _quiet(context: Context, now: datetime) -> Iterator[list[str]]:
    last = ""
    while True:
        with context.database.read() as conn:
            rows = conn.execute(_QUIET_ONES, {"last": last, "before": stamp(now - QUIET)}).all()
        if not rows:
            return
        yield [row.xid for row in rows]
        last = rows[-1].xid


def _close(context: Context, conn: Connection, xid: str, now: datetime) -> bool:
    """Closes an exchange unless something of it is still under way."""
    newest = conn.execute(select(event.c.at).where(event.c.xid == xid).order_by(event.c.n.desc()).limit(1)).scalar_one()
    named = select(event.c.transmission).where(event.c.xid == xid, event.c.transmission.is_not(None)).distinct()
    states = conn.execute(select(transmission.c.state).where(transmission.c.id.in_(named))).scalars().all()
    waiting = conn.execute(
        select(message.c.id)
        .where(message.c.xid == xid, message.c.ack_state.in_(("wanted", "overdue")))
        .order_by(message.c.id)
    ).scalars()
    unanswered = list(waiting)
    if newest >= stamp(now - QUIET) or not set(states) <= ENDED:
        return False
    if unanswered and newest >= stamp(now - PATIENCE):
        return False
    if unanswered:
        expired = States(conn)
        for id in unanswered:
            expired.acknowledged(id, "expired")
        context.log.append(
            conn,
            type="exchange.expired",
            xid=xid,
            actor="gateway",
            reason="no_acknowledgement",
            detail={"messages_unanswered": unanswered, "days": PATIENCE.days, **expired.told()},
        )
    context.log.append(conn, type="exchange.closed", xid=xid, actor="gateway", detail={"quiet_days": QUIET.days})
    return True
