"""Mailboxes: what a partner sent and what lies ready for it, as rows. `mailboxes.home` shows them over SFTP.

`inbox` holds what the partner sent, `outbox` what it may fetch, `test` what of that is marked as a test, `receipts` the
log's receipts. An item becomes visible, whole, when the transaction commits that put it there.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, bindparam, insert, select, update

from edigw.store.clock import stamp, utc_now
from edigw.store.schema import IN_SIGHT, OUTGOING, mailbox_item
from edigw.transport.ports import Folder

LONGEST_NAME = 255
_SEEN_AS = (
    mailbox_item.c.partner == bindparam("of"),
    mailbox_item.c.folder == bindparam("below"),
    mailbox_item.c.name == bindparam("called"),
    IN_SIGHT,
)
_THERE = select(mailbox_item.c.id).where(*_SEEN_AS)
_REPLACE = update(mailbox_item).where(*_SEEN_AS).values(state="removed", changed_at=bindparam("now"))
_DEPOSIT = insert(mailbox_item)


def within(root: Folder, folder: Folder) -> bool:
    """Whether a folder is `root`, or in it."""
    return folder.partition("/")[0] == root


def outgoing(folder: Folder) -> bool:
    """Whether what lies in a folder was sent to the partner."""
    return within("outbox", folder) or within("test", folder)


def folder_of(conn: Connection, transmission_id: str) -> Folder:
    """The folder in which an outbound transmission lay last."""
    places = select(mailbox_item.c.folder).where(mailbox_item.c.transmission == transmission_id, OUTGOING)
    return str(conn.execute(places.order_by(mailbox_item.c.id.desc()).limit(1)).scalar_one())


def free_name(conn: Connection, partner: str, folder: Folder, name: str, mark: str) -> str:
    """`name`, or if an item of that name lies there, the name with the end of `mark` (an id) in it."""
    wanted, name = name, name[:LONGEST_NAME]
    while conn.execute(_THERE, {"of": partner, "below": folder, "called": name}).first() is not None:
        name, mark = marked(wanted, mark), secrets.token_hex(4)
    return name


def marked(name: str, mark: str) -> str:
    """The name with the end of `mark` (an id) in it, no longer than a name may be."""
    stem, dot, suffix = name.rpartition(".")
    tail = f"-{mark[-8:].lower()}" + (f".{suffix}" if dot else "")
    return (stem if dot else name)[: LONGEST_NAME - len(tail)] + tail


def deposit(
    conn: Connection, partner: str, folder: Folder, name: str, sha256: str, size: int, transmission_id: str
) -> None:
    """Put an item into a mailbox, under a name that is free (`free_name`). Only in the inbox, which is the partner's
    own, a newer upload takes an older one's place."""
    now = stamp(utc_now())
    if within("inbox", folder):
        conn.execute(_REPLACE, {"of": partner, "below": folder, "called": name, "now": now})
    conn.execute(
        _DEPOSIT,
        {
            "partner": partner,
            "folder": folder,
            "name": name,
            "transmission": transmission_id,
            "sha256": sha256,
            "size": size,
            "created_at": now,
            "state": "visible",
            "changed_at": now,
        },
    )
