"""Intake: the one place where a file enters the gateway.

When `receive` returns, the bytes, the transmission, its `submission.accepted` event and the job that will process it
are committed together: the partner may be told that the file was accepted. (A large file was on disk before that.)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from edigw.gateway import queue
from edigw.gateway.context import Context, identity
from edigw.gateway.mailboxes import mailbox
from edigw.gateway.records import NewTransmission, States
from edigw.log.eventlog import Content, new_xid
from edigw.store.clock import stamp, utc_now
from edigw.store.ids import new_id
from edigw.store.payloads import SMALL
from edigw.store.schema import event
from edigw.transport.ports import Folder, Session, Staged

AGAIN = timedelta(hours=1)


def receive(
    context: Context,
    partner: str,
    folder: Folder,
    name: str,
    staged: Staged,
    session: Session,
    *,
    via: str = "sftp",
    also: Callable[[Connection, str], None] | None = None,
) -> str:
    """Take a complete file of a partner into the gateway; the id of its transmission.

    `folder` is its inbox, or a folder in it. Raises what the stores raise if the file can't be made durable; then
    nothing was recorded. `via` is how it came (see `edigw.store.schema.transmission`). `also` is called in the same
    transaction, with the transmission's id; what it raises undoes all of it."""
    digest, size, data = staged.sha256, staged.size, staged.data
    if data is None and size <= SMALL:
        data = staged.path.read_bytes()
    if data is None:
        context.payloads.files.put_file(staged.path, digest)
    original = context.log.seal(
        Content(role="payload.original", sha256=digest, size=size, data=data, stored=data is not None)
    )
    received = NewTransmission(
        id=new_id(),
        direction="in",
        kind="business",
        partner=partner,
        via=via,
        name=name,
        sha256=digest,
        size=size,
        xid=new_xid(),
        state="received",
    )
    with context.database.write() as conn:
        if data is not None:
            context.payloads.keep(conn, data)
        received.write(conn)
        if also is not None:
            also(conn, received.id)
        mailbox.deposit(conn, partner, folder, name, digest, size, received.id)
        queue.put(conn, "process", received.id)
        queue.put(conn, "receipt", received.id)
        states = States(conn)
        states.state(received)
        context.log.append(
            conn,
            type="submission.accepted",
            xid=received.xid,
            actor=f"partner:{partner}",
            sender=identity(context.partner(partner)),
            objects=[original],
            detail={
                "transmission": received.facts(),
                "session": session_facts(session),
                **states.told(received.id),
                "configuration": context.config.digest,
            },
            transmission=received.id,
        )
    context.wake.set("log", "process")
    return received.id


def reject(
    context: Context, partner: str, folder: Folder, name: str, staged: Staged, session: Session, reason: str, text: str
) -> None:
    """Log that a complete upload was not taken in: `reason` is a code, `text` what the partner was told.

    The same file refused again within the hour is no news. Raises StoreError, LogError."""
    xid = sha256(f"{partner}\n{folder}/{name}\n{staged.sha256}".encode()).hexdigest()[:32]
    again = select(event.c.n).where(event.c.xid == xid, event.c.at > stamp(utc_now() - AGAIN)).limit(1)
    with context.database.write() as conn:
        if conn.execute(again).first() is not None:
            return
        context.log.append(
            conn,
            type="submission.rejected",
            xid=xid,
            actor=f"partner:{partner}",
            sender=identity(context.partner(partner)),
            reason=reason,
            detail={
                "file": name,
                "folder": folder,
                "size": staged.size,
                "sha256": staged.sha256,
                "text": text,
                "session": session_facts(session),
                "configuration": context.config.digest,
            },
        )
    context.wake.set("log")


def session_facts(session: Session) -> dict[str, Any]:
    """What a detail object tells of the SFTP session in which something happened."""
    return {
        "user": session.user,
        "peer": session.peer,
        "key": session.key_fingerprint,
        "client": session.client_version,
        "algorithms": session.algorithms,
    }
