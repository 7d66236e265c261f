"""What an admin asks of mailboxes: each file, how far it got, and who fetched it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from edigw.gateway.mailboxes.mailbox import outgoing
from edigw.store.schema import IN_SIGHT, mailbox_item, message, sftp_operation, sftp_session, transmission


def items(conn: Connection, partner: str, root: str, *, everything: bool, limit: int) -> list[dict[str, Any]]:
    """The files of a partner in a folder and those inside of it, newest first; `everything`: also those out of sight.

    `state` is visible, downloaded, confirmed, removed or expired; `confirmed_by` is "deletion", "acknowledgement" or
    ""; `downloads` are the attempts that are on record, whole or not."""
    answered = (
        select(func.count())
        .where(message.c.transmission == mailbox_item.c.transmission, message.c.ack_state == "accepted")
        .scalar_subquery()
    )
    found = (
        select(mailbox_item, transmission.c.state.label("passage"), answered.label("answered"))
        .outerjoin(transmission, transmission.c.id == mailbox_item.c.transmission)
        .where(mailbox_item.c.partner == partner, mailbox_item.c.folder.startswith(root, autoescape=True))
        .order_by(mailbox_item.c.id.desc())
        .limit(limit)
    )
    if not everything:
        found = found.where(IN_SIGHT)
    return [_told(conn, row) for row in conn.execute(found).all()]


def _told(conn: Connection, row: Row[Any]) -> dict[str, Any]:
    deleted = row.state == "removed" and row.passage == "picked_up"
    by = "acknowledgement" if outgoing(row.folder) and row.answered else "deletion" if deleted else ""
    return {
        "folder": row.folder,
        "name": row.name,
        "size": row.size,
        "sha256": row.sha256,
        "transmission": row.transmission,
        "state": "confirmed" if by else row.state,
        "confirmed_by": by,
        "since": row.created_at,
        "changed": row.changed_at,
        "downloads": _downloads(conn, row),
    }


def _downloads(conn: Connection, row: Row[Any]) -> list[dict[str, Any]]:
    s, o = sftp_session.c, sftp_operation.c
    done = (
        select(o.at, o.size, o.result, s.user, s.peer, s.method, s.key)
        .join(sftp_session, s.id == o.session)
        .where(o.transmission == row.transmission, o.operation == "download", o.path == f"/{row.folder}/{row.name}")
        .order_by(o.id)
    )
    return [dict(each._mapping) for each in conn.execute(done)]
