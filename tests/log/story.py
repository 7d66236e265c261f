"""A small life of a log, for tests that need something to look at or to spoil."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from edigw.log.eventlog import Appended, Content, EventLog, new_xid
from edigw.store import new_id, stamp, utc_now
from edigw.store.schema import job, message, transmission

ORDER = b"UNB+UNOC:3+4012345000009:14+5412345000013:14+260102:0304+REF1'UNZ+0+REF1'"
TRANSLATED = b"ISA*00*          *00*          ~IEA*1*000000001~"


@dataclass(frozen=True, slots=True)
class Story:
    """The ids of one submission and of what came of it."""

    xid: str
    child: str
    transmission: str
    message: str
    sha256: str
    first: Appended


def tell(log: EventLog, name: str = "orders.edi") -> Story:
    """A file comes in, its message gets an exchange of its own, is translated and fetched."""
    xid, child, inbound, inner = new_xid(), new_xid(), new_id(), new_id()
    data = ORDER + name.encode()
    sha256, translated = log.payloads.files.put(data), log.payloads.files.put(TRANSLATED)
    now = stamp(utc_now())
    facts: dict[str, Any] = {
        "id": inbound,
        "direction": "in",
        "kind": "business",
        "partner": "supplier",
        "via": "sftp",
        "name": name,
        "sha256": sha256,
        "size": len(data),
        "xid": xid,
    }
    held: dict[str, Any] = {
        "id": inner,
        "position": 1,
        "type": "ORDERS",
        "version": "D.96A",
        "control": "1",
        "number": "PO4711",
        "sender": "supplier",
        "receiver": "retailer",
        "standard": "edifact",
    }
    with log.database.write() as connection:
        connection.execute(insert(transmission).values(**facts, created_at=now, changed_at=now, state="accepted"))
        connection.execute(
            insert(job).values(kind="receipt", transmission=inbound, state="ready", due_at=now, queued_at=now)
        )
        first = log.append(
            connection,
            type="submission.accepted",
            xid=xid,
            actor="partner:supplier",
            sender="GLN:4012345000009",
            recipient="GLN:5412345000013",
            objects=[Content("payload.original", sha256=sha256, size=len(data))],
            detail={"transmission": facts, "states": {f"transmission/{inbound}": "received"}},
            transmission=inbound,
        )
    with log.database.write() as connection:
        connection.execute(
            insert(message).values(
                **held,
                transmission=inbound,
                interchange=1,
                xid=child,
                state="translated",
                ack_state="none",
                created_at=now,
            )
        )
        log.append(
            connection,
            type="validation.passed",
            xid=child,
            actor="gateway",
            parent=first.leaf,
            detail={
                "transmission": facts,
                "messages": [held],
                "states": {
                    f"message/{inner}": "translated",
                    f"ack/{inner}": "none",
                    f"transmission/{inbound}": "accepted",
                },
            },
            message=inner,
        )
        log.append(
            connection,
            type="translation.completed",
            xid=child,
            actor="gateway",
            objects=[Content("payload.translated", sha256=translated, size=len(TRANSLATED))],
            detail={"binding": "order", "engine": "1.0"},
            message=inner,
        )
    with log.database.write() as connection:
        log.append(connection, type="retrieval.completed", xid=child, actor="partner:retailer", detail={"via": "sftp"})
        log.append(connection, type="exchange.closed", xid=xid, actor="gateway")
    return Story(xid, child, inbound, inner, sha256, first)
