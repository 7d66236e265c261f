"""Mailboxes: what a partner sent and what lies ready for it, as rows. `edigw.gateway.home` shows them over SFTP.

`inbox` holds what the partner sent, `outbox` what it may fetch, `receipts` the log's receipts. An item becomes visible,
whole, when the transaction commits that put it there.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, insert, select, update

from edigw.store.clock import stamp, utc_now
from edigw.store.schema import mailbox_item
from edigw.transport.ports import Folder


def free_name(conn: Connection, partner: str, folder: Folder, name: str, mark: str) -> str:
    """`name`, or if an item of that name lies there, the name with the end of `mark` (an id) in it."""
    if conn.execute(select(mailbox_item.c.id).where(*_seen_as(partner, folder, name))).first() is None:
        return name
    stem, dot, suffix = name.rpartition(".")
    end = mark[-8:].lower()
    return f"{stem}-{end}.{suffix}" if dot else f"{name}-{end}"


def deposit(
    conn: Connection, partner: str, folder: Folder, name: str, sha256: str, size: int, transmission_id: str
) -> None:
    """Put an item into a mailbox. An item that the partner saw under this name goes out of its sight."""
    now = stamp(utc_now())
    conn.execute(update(mailbox_item).where(*_seen_as(partner, folder, name)).values(state="removed", changed_at=now))
    conn.execute(
        insert(mailbox_item).values(
            partner=partner,
            folder=folder,
            name=name,
            transmission=transmission_id,
            sha256=sha256,
            size=size,
            created_at=now,
            state="visible",
            changed_at=now,
        )
    )


def _seen_as(partner: str, folder: Folder, name: str) -> tuple[ColumnElement[bool], ...]:
    return (
        mailbox_item.c.partner == partner,
        mailbox_item.c.folder == folder,
        mailbox_item.c.name == name,
        mailbox_item.c.state != "removed",
    )
