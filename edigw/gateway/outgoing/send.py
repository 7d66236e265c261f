"""Handing an interchange to a partner: into its mailbox, or into the queue of deliveries to its server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from edigw import syntax
from edigw.gateway import queue
from edigw.gateway.context import Context
from edigw.gateway.mailboxes import mailbox
from edigw.gateway.records import NewMessage, NewTransmission
from edigw.log.eventlog import Content
from edigw.partners.names import file_name
from edigw.partners.tables.delivery import Box
from edigw.partners.tables.partner import Partner
from edigw.store.ids import new_id
from edigw.store.schema import interchange, transmission
from edigw.syntax.model import Interchange

_ADD_INTERCHANGE = insert(interchange)
_SENT_AS = (
    select(transmission.c.id)
    .where(
        transmission.c.partner == bindparam("to"),
        transmission.c.name == bindparam("called"),
        transmission.c.direction == "out",
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Sent:
    """An interchange on its way out: its row, what it holds, and its bytes."""

    transmission: NewTransmission
    interchange: Interchange
    data: bytes  # of the interchange; the transmission's are those of the message that it is in, if it is encrypted

    def objects(self, role: str) -> list[Content]:
        """What an event commits to that tells of it: the interchange in its `role`, and the message that it is in, if
        it is encrypted."""
        sent = self.transmission
        size = len(self.data)
        held = [Content(role=role, sha256=sent.content_sha256, size=size, data=self.data, stored=True)]
        if sent.clear_sha256:
            held.append(Content(role="payload.encrypted", sha256=sent.sha256, size=sent.size, stored=True))
        return held


def hand_over(
    conn: Connection,
    context: Context,
    data: bytes,
    *,
    kind: str,
    sender: str,
    receiver: Partner,
    source: str,
    xid: str,
    now: datetime,
) -> Sent:
    """Record one outbound interchange (`data`) and hand it over, encrypted if that is agreed.

    What is marked as a test goes where the receiver gets tests. Where it has no such place, a test never comes so far,
    but the acknowledgement of one does: that lies in the folder `test` of its mailbox.
    `sender` and `source` are the partner code and the transmission it stems from. Inside the caller's transaction."""
    parsed = syntax.parse(data).interchanges[0]
    box = receiver.delivery.box(test=parsed.test) or Box()
    pushed = box.method != "mailbox"
    type = parsed.messages[0].type if parsed.messages else "TA1"
    folder = receiver.mailbox.folder_of(type, test=parsed.test)
    id = new_id()
    name = file_name(
        receiver.delivery.file_name,
        {
            "type": type,
            "control": parsed.control,
            "sender": sender,
            "receiver": receiver.code,
            "date": f"{now:%Y%m%d}",
            "time": f"{now:%H%M%S}",
            "id": id,
        },
    )
    clear, sha256, size = None, context.payloads.keep(conn, data), len(data)
    agreed = receiver.openpgp
    if agreed.send != "clear":
        sign = agreed.send == "encrypted-and-signed"
        message = context.openpgp.seal(data, receiver.code, sign=sign, armor=agreed.armor)
        clear, sha256, size = sha256, context.payloads.keep(conn, message), len(message)
        name += agreed.suffix
    name = (
        _pushed_name(conn, receiver, name, id) if pushed else mailbox.free_name(conn, receiver.code, folder, name, id)
    )
    sent = NewTransmission(
        id=id,
        direction="out",
        kind=kind,
        partner=receiver.code,
        via={"sftp": "sftp-push"}.get(box.method, box.method),
        name=name,
        sha256=sha256,
        size=size,
        xid=xid,
        state="queued" if pushed else "deposited",
        source=source,
        clear_sha256=clear,
    )
    sent.write(conn)
    conn.execute(
        _ADD_INTERCHANGE,
        {
            "transmission": id,
            "position": 1,
            "standard": parsed.standard,
            "syntax": parsed.syntax,
            "sender": str(parsed.sender),
            "receiver": str(parsed.receiver),
            "control": parsed.control,
            "test": parsed.test,
            "state": "sent",
        },
    )
    if pushed:
        queue.put(conn, "deliver", id)
    else:
        mailbox.deposit(conn, receiver.code, folder, name, sha256, size, id)
    return Sent(sent, parsed, data)


def _pushed_name(conn: Connection, receiver: Partner, name: str, id: str) -> str:
    """A name that nothing sent to this partner's server has: what two senders sent must not get in each other's way."""
    taken = conn.execute(_SENT_AS, {"to": receiver.code, "called": name}).first()
    return name if taken is None else mailbox.marked(name, id)


def message_row(sent: Sent, position: int, *, xid: str, sender: str, receiver: str, **values: str | None) -> NewMessage:
    """The row of the message at `position` (from 1) of an outbound interchange."""
    message = sent.interchange.messages[position - 1]
    groups = (g for g in sent.interchange.groups if any(message is one for one in g.messages))
    group = next((g.control for g in groups), "")
    return NewMessage(
        id=new_id(),
        transmission=sent.transmission.id,
        interchange=1,
        position=position,
        xid=xid,
        standard=message.standard,
        type=message.type,
        version=message.version,
        group_control=group,
        control=message.control,
        document=values.get("document") or "",
        number=values.get("number") or "",
        sender=sender,
        receiver=receiver,
        state="sent",
        ack_state=values.get("ack_state") or "none",
        source=values.get("source"),
    )
