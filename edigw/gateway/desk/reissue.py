"""Re-issue: what was sent goes out once more under new control numbers, for systems that take no number twice.

`edigw.gateway.desk.operate.resend` sends the same bytes under the same number. Both are linked to what was sent before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from edigw import syntax
from edigw.gateway.context import Context, identity
from edigw.gateway.desk.operate import Refusal, found
from edigw.gateway.outgoing.envelope import Content as Letter
from edigw.gateway.outgoing.envelope import Envelope
from edigw.gateway.outgoing.numbers import Numbers
from edigw.gateway.outgoing.send import Sent, hand_over, message_row
from edigw.gateway.records import NewMessage, States
from edigw.partners.tables.partner import Partner
from edigw.store.clock import utc_now
from edigw.store.schema import interchange, message, reference
from edigw.syntax.outgoing import body

_UNANSWERED = ("wanted", "overdue", "expired")


def reissue(context: Context, id: str, actor: str, why: str) -> str:
    """Send the messages of an outbound transmission in a new interchange; the id of its transmission.

    Raises Refusal, LookupError if a partner is configured no more, StoreError, PayloadError."""
    with context.database.write() as conn:
        row = found(conn, id)
        if row.direction != "out" or row.kind != "business":
            raise Refusal(f"{row.id} is no business file that was sent: only such a one can be issued anew")
        if row.state in ("queued", "placing"):
            raise Refusal(f"{row.id} is still on its way; it can be issued anew once that has ended")
        before = conn.execute(
            select(message).where(message.c.transmission == row.id).order_by(message.c.position)
        ).all()
        receiver, sender = context.partner(row.partner), context.partner(before[0].sender)
        numbers = Numbers(conn)
        sent = _write(conn, context, numbers, row, sender, receiver)
        written = [_message(conn, sent, n, old, receiver) for n, old in enumerate(before, 1)]
        _tell(conn, context, numbers, row, before, sent, written, receiver, actor, why)
    context.wake.all()
    return sent.transmission.id


def _write(
    conn: Connection, context: Context, numbers: Numbers, row: Row[Any], sender: Partner, receiver: Partner
) -> Sent:
    test = conn.execute(select(interchange.c.test).where(interchange.c.transmission == row.id)).scalar_one()
    data = context.payloads.read(row.clear_sha256 or row.sha256)
    standard = syntax.parse(data).interchanges[0].standard
    envelope = Envelope(context.config, standard, sender, receiver)
    if receiver.delivery.box(test=envelope.marked(test)) is None:
        raise Refusal(f"{row.id} is a test, and partner {receiver.code} has no place for tests any more")
    parsed = syntax.parse(data, envelope.read_options()).interchanges[0]
    groups = {id(m): group.functional_id for group in parsed.groups for m in group.messages}
    letters = [Letter(body(m), groups.get(id(m), "")) for m in parsed.messages]
    taken = [envelope.next_number(numbers) for _ in range(envelope.numbers(letters))]
    now = utc_now()
    return hand_over(
        conn,
        context,
        envelope.wrap(letters, taken, test=test, now=now),
        kind="business",
        sender=sender.code,
        receiver=receiver,
        source=row.source,
        xid=row.xid,
        now=now,
    )


def _message(conn: Connection, sent: Sent, position: int, old: Row[Any], receiver: Partner) -> NewMessage:
    new = message_row(
        sent,
        position,
        xid=old.xid,
        sender=old.sender,
        receiver=old.receiver,
        document=old.document,
        number=old.number,
        ack_state="wanted" if receiver.acknowledgements.requested_for(old.type) else "none",
        source=old.source,
    )
    named = select(reference.c.kind, reference.c.value).where(reference.c.message == old.id)
    new.write(conn, [(each.kind, each.value) for each in conn.execute(named).all()])
    return new


def _tell(
    conn: Connection,
    context: Context,
    numbers: Numbers,
    row: Row[Any],
    before: Sequence[Row[Any]],
    sent: Sent,
    written: list[NewMessage],
    receiver: Partner,
    actor: str,
    why: str,
) -> None:
    new = sent.transmission
    states = States(conn)
    states.state(new)
    for one in written:
        states.state(one)
    for old in before:
        if old.ack_state in _UNANSWERED:
            states.acknowledged(old.id, "superseded")
    context.log.append(
        conn,
        type="admin.action",
        xid=row.xid,
        actor=actor,
        recipient=identity(receiver),
        objects=sent.objects("payload.translated"),
        detail={
            "action": "reissue",
            "why": why,
            "reissue_of": row.id,
            "test": sent.interchange.test,
            "transmission": new.facts(),
            "messages": [one.facts() for one in written],
            **numbers.told(),
            **states.told(row.id, new.id),
        },
        transmission=new.id,
    )
    if new.via == "mailbox":
        context.log.append(
            conn,
            type="mailbox.deposited",
            xid=new.xid,
            actor="gateway",
            recipient=identity(receiver),
            detail={"file": new.name, "test": sent.interchange.test, "sha256": new.sha256, "size": new.size},
            transmission=new.id,
        )
