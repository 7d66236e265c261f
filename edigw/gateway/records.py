"""Rows of transmissions and messages, and the facts about them that their events put into the log.

The log is the product; the tables are for finding things quickly. So each row is written together with an event whose
`detail` object states the same facts, and each change of state together with an event that states the new one: the
audit (`edigw log verify`) compares the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from edigw.log.kept import kept
from edigw.store.clock import stamp, utc_now
from edigw.store.schema import finding, message, payload, reference, transmission
from edigw.syntax.findings import Finding

_FORGET = delete(finding).where(
    finding.c.transmission == bindparam("of"), finding.c.kind.in_(("finding", "held", "loss"))
)
_HELD = select(finding.c.message, finding.c.body).where(
    finding.c.transmission == bindparam("of"), finding.c.kind == "held"
)
_RELEASED = (
    select(message.c.interchange, message.c.position, finding.c.body)
    .join(message, message.c.id == finding.c.message)
    .where(finding.c.transmission == bindparam("of"), finding.c.kind == "released")
)
_SLICES = (
    select(message.c.slice).where(message.c.transmission == bindparam("of"), message.c.slice.is_not(None)).distinct()
)
_ADD_TRANSMISSION, _ADD_MESSAGE = insert(transmission), insert(message)
_ADD_REFERENCE, _ADD_FINDING = insert(reference), insert(finding)
_UNREFER = delete(reference).where(reference.c.message == bindparam("of"))
_CHANGE = (
    update(transmission)
    .where(transmission.c.id == bindparam("which"))
    .values(state=bindparam("new"), reason=bindparam("why"), changed_at=bindparam("now"))
)
_ACKNOWLEDGED = update(message).where(message.c.id == bindparam("which")).values(ack_state=bindparam("new"))


def fitting(text: str, size: int) -> str:
    """`text` as a column takes it: cut to `size` characters, without NUL, which PostgreSQL refuses. What partners write
    is kept whole in the payload; rows are for finding it."""
    return text.replace("\0", "\ufffd")[:size]


def forget_findings(conn: Connection, transmission_id: str, messages: Collection[str] | None = None) -> None:
    """Remove what was found in a received transmission, before it is judged anew; with `messages`, what was found in
    those, or if there are none, beside messages. What an admin released stays."""
    if messages is None:
        conn.execute(_FORGET, {"of": transmission_id})
    elif messages:
        conn.execute(_FORGET.where(finding.c.message.in_(messages)), {"of": transmission_id})
    else:
        conn.execute(_FORGET.where(finding.c.message.is_(None)), {"of": transmission_id})


def sliced(conn: Connection, transmission_id: str) -> list[str]:
    """The slices of a large file, by the names under which events tell of them (`States.told`)."""
    return [f"{transmission_id}/{n}" for n in sorted(conn.execute(_SLICES, {"of": transmission_id}).scalars())]


def approve(conn: Connection, transmission_id: str, actor: str) -> list[dict[str, str]]:
    """Keep that `actor` lets the messages of a received transmission go that are held for their losses: exactly these
    losses. Returns each message with its approval, for the event."""
    rows = conn.execute(_HELD, {"of": transmission_id}).all()
    given = []
    for row in rows:
        why = msgspec.json.decode(row.body)
        if "approval" in why:
            write_findings(conn, "released", transmission_id, row.message, [{"approval": why["approval"], "by": actor}])
            given.append({"message": row.message, "approval": why["approval"]})
    return given


def approvals(conn: Connection, transmission_id: str) -> dict[tuple[int, int], set[str]]:
    """What was approved, by the messages' places in the file: interchange, and position in it."""
    found: dict[tuple[int, int], set[str]] = {}
    for row in conn.execute(_RELEASED, {"of": transmission_id}):
        found.setdefault((row.interchange, row.position), set()).add(msgspec.json.decode(row.body)["approval"])
    return found


@dataclass(frozen=True, slots=True)
class NewTransmission:
    """A passage of one file into or out of the gateway, as it is first recorded."""

    id: str
    direction: str  # in | out
    kind: str  # business | ack
    partner: str
    via: str  # in: sftp | sftp-fetch | folder; out: sftp-push | folder | mailbox
    name: str
    sha256: str
    size: int
    xid: str
    state: str
    source: str | None = None
    created_at: str = field(default_factory=lambda: stamp(utc_now()))
    clear_sha256: str | None = None  # of the interchanges in it, where the file itself is encrypted

    @property
    def content_sha256(self) -> str:
        """Of the interchanges in it."""
        return self.clear_sha256 or self.sha256

    def facts(self) -> dict[str, Any]:
        """What the log states about it."""
        return {k: v or "" for k, v in _fields(self).items() if k not in ("state", "size")} | {"size": self.size}

    def write(self, conn: Connection) -> None:
        conn.execute(_ADD_TRANSMISSION, {**_fields(self), "changed_at": self.created_at})


def restated(row: Row[Any], **changed: str) -> dict[str, Any]:
    """What the log states about a transmission that is recorded already, with what is known now."""
    known = {name: getattr(row, name) for name in NewTransmission.__dataclass_fields__}
    return NewTransmission(**{**known, **changed}).facts()


def content_of(conn: Connection, row: Row[Any]) -> tuple[str, int]:
    """SHA-256 and size of the interchanges in a transmission."""
    if row.clear_sha256 is None:
        return row.sha256, row.size
    size = conn.execute(select(payload.c.size).where(payload.c.sha256 == row.clear_sha256)).scalar_one()
    return row.clear_sha256, size


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message of a transmission, as it is first recorded. `sender` and `receiver` are partner codes."""

    id: str
    transmission: str
    interchange: int
    position: int
    xid: str
    standard: str
    type: str
    version: str
    group_control: str
    control: str
    document: str
    number: str
    sender: str
    receiver: str
    state: str
    ack_state: str
    source: str | None = None
    created_at: str = field(default_factory=lambda: stamp(utc_now()))
    slice: int | None = None  # of a large file

    def facts(self) -> dict[str, Any]:
        """What the log states about it."""
        return {k: v or "" for k, v in _fields(self).items() if k not in ("state", "ack_state")}

    def write(self, conn: Connection, references: Iterable[tuple[str, str]] = ()) -> None:
        conn.execute(_ADD_MESSAGE, _fields(self))
        self._refer(conn, references)

    def rewrite(self, conn: Connection, references: Iterable[tuple[str, str]] = ()) -> None:
        """Give the row of a message that was processed before, and held, what is known of it now."""
        conn.execute(update(message).where(message.c.id == self.id).values(**_fields(self)))
        conn.execute(_UNREFER, {"of": self.id})
        self._refer(conn, references)

    def _refer(self, conn: Connection, references: Iterable[tuple[str, str]]) -> None:
        found = {(kind, fitting(value, 80)) for kind, value in references}
        rows = [{"message": self.id, "kind": kind, "value": value} for kind, value in found]
        if rows:
            conn.execute(_ADD_REFERENCE, rows)


def _fields(row: NewTransmission | NewMessage) -> dict[str, Any]:
    return {each.name: getattr(row, each.name) for each in fields(row)}


class States:
    """Changes of state inside one transaction: applied to the rows, and collected for the event that tells them."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self.stated: dict[str, str] = {}

    def told(self, *transmissions: str) -> dict[str, Any]:
        """The members `states` and `kept` of the event's detail: the states so far, and for each of `transmissions`, or
        slices of them ("<transmission>/<slice>"), the hashes of what else is kept about it. To be asked for when all
        its rows are written."""
        return {"states": self.stated, "kept": {id: kept(self._conn, id) for id in transmissions}}

    def state(self, of: NewTransmission | NewMessage) -> None:
        """State the first state of a new row."""
        kind = "transmission" if isinstance(of, NewTransmission) else "message"
        self.stated[f"{kind}/{of.id}"] = of.state
        if isinstance(of, NewTransmission):
            self.stated[f"reason/{of.id}"] = ""
            self.stated[f"changed/{of.id}"] = of.created_at
        if isinstance(of, NewMessage):
            self.stated[f"ack/{of.id}"] = of.ack_state

    def transmission(self, id: str, state: str, reason: str = "") -> None:
        now = stamp(utc_now())
        self._conn.execute(_CHANGE, {"which": id, "new": state, "why": reason, "now": now})
        self.stated[f"transmission/{id}"] = state
        self.stated[f"reason/{id}"] = reason
        self.stated[f"changed/{id}"] = now

    def acknowledged(self, message_id: str, ack_state: str) -> None:
        self._conn.execute(_ACKNOWLEDGED, {"which": message_id, "new": ack_state})
        self.stated[f"ack/{message_id}"] = ack_state


def write_findings(
    conn: Connection, kind: str, transmission_id: str, message_id: str | None, items: Iterable[Finding | Any]
) -> None:
    """Keep findings, losses or acknowledgement codes beside what they speak of, as JSON."""
    rows = [
        {
            "transmission": transmission_id,
            "message": message_id,
            "kind": kind,
            "body": msgspec.json.encode(item).decode().replace("\\u0000", "\\ufffd"),
        }
        for item in items
    ]
    if rows:
        conn.execute(_ADD_FINDING, rows)
