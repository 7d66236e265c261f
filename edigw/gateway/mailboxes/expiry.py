"""What lies in mailboxes for too long goes out of the partner's sight. It can be put back: `edigw resend`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from edigw.gateway.context import Context, identity
from edigw.gateway.mailboxes import mailbox
from edigw.gateway.records import States
from edigw.partners.tables.partner import Partner
from edigw.store.clock import stamp
from edigw.store.schema import OUTGOING, mailbox_item, transmission

BATCH = 200


def expire_items(context: Context, now: datetime) -> int:
    """Take out of sight what every partner's [mailbox] says; how many items. Raises StoreError, LogError.

    Of what was sent to it that is an event of the exchange, and the transmission, if nobody fetched it, has expired."""
    expired = 0
    for partner in context.config.partners.values():
        for due in _due(partner, now):
            while done := _expire(context, partner, due, now):
                expired += done
    return expired


def _due(partner: Partner, now: datetime) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Conditions of what is too old, a folder and state each."""
    rules = partner.mailbox
    for where, state, days, since in (
        (OUTGOING, "visible", rules.keep_days, mailbox_item.c.created_at),
        (OUTGOING, "downloaded", rules.keep_fetched_days, mailbox_item.c.changed_at),
        (mailbox_item.c.folder.startswith("inbox"), "visible", rules.keep_sent_days, mailbox_item.c.created_at),
        (mailbox_item.c.folder == "receipts", "visible", rules.keep_receipts_days, mailbox_item.c.created_at),
    ):
        if days:
            old = since < stamp(now - timedelta(days=days))
            yield mailbox_item.c.partner == partner.code, where, mailbox_item.c.state == state, old


def _expire(context: Context, partner: Partner, due: tuple[ColumnElement[bool], ...], now: datetime) -> int:
    with context.database.write() as conn:
        rows = conn.execute(select(mailbox_item).where(*due).order_by(mailbox_item.c.id).limit(BATCH)).all()
        ids = [row.id for row in rows]
        conn.execute(
            update(mailbox_item).where(mailbox_item.c.id.in_(ids)).values(state="expired", changed_at=stamp(now))
        )
        for row in rows:
            if mailbox.outgoing(row.folder) and row.transmission is not None:
                _tell(context, conn, partner, row)
    return len(rows)


def _tell(context: Context, conn: Connection, partner: Partner, item: Row[Any]) -> None:
    out = conn.execute(select(transmission).where(transmission.c.id == item.transmission)).one()
    states = States(conn)
    if out.state == "deposited":
        states.transmission(out.id, "expired", "not_fetched")
    context.log.append(
        conn,
        type="mailbox.removed",
        xid=out.xid,
        actor="gateway",
        recipient=identity(partner),
        reason="not_fetched" if item.state == "visible" else "kept_long_enough",
        detail={"file": item.name, "size": item.size, "sha256": item.sha256, **states.told(out.id)},
        transmission=out.id,
    )
