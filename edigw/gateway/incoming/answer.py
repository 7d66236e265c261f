"""What the sender of a file is told: acknowledgements in its own standard, and a report in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from edigw import acknowledge, syntax
from edigw.acknowledge import AcknowledgementImpossible
from edigw.gateway.context import Context, identity
from edigw.gateway.incoming.judge import JudgedInterchange
from edigw.gateway.incoming.settle import ROLES
from edigw.gateway.mailboxes import mailbox
from edigw.gateway.outgoing.numbers import Numbers
from edigw.gateway.outgoing.send import Sent, hand_over, message_row
from edigw.gateway.records import NewMessage, States
from edigw.partners.tables.partner import Partner
from edigw.store.clock import stamp, utc_now
from edigw.store.schema import transmission
from edigw.syntax.findings import Finding
from edigw.syntax.model import Interchange

REPORTED = 200  # findings in one report


def acknowledge_interchange(
    conn: Connection,
    context: Context,
    numbers: Numbers,
    each: JudgedInterchange,
    login: Partner,
    row: Row[Any],
    *,
    again: bool,
) -> None:
    """Acknowledge an interchange as its sender has agreed: with CONTRL, or with TA1 and 997 or 999.

    Never an acknowledgement of an acknowledgement, and none while it is held for its envelope. A rejection is always
    told. An interchange that was sent again gets the answer that it got before; one that is processed again, none."""
    if each.acknowledgement or each.state == "held":
        return
    if again and any(_given(conn, context, row.id, each.interchange)):
        return
    if each.state == "duplicate":
        if each.repeats:  # the answer to the first of them is for all
            return
        for given in _given(conn, context, each.reason, each.interchange):
            _send(conn, context, numbers, given, login, row, utc_now())
        return
    agreed = each.sender if each.sender is not None and each.entitled else login
    if not _wanted(each, agreed):
        return
    now = utc_now()
    try:
        data = _write(numbers, each, agreed, now)
    except AcknowledgementImpossible as error:
        each.interchange.findings.append(Finding("bad_header", f"no acknowledgement is possible: {error}"))
        return
    if data is not None:
        _send(conn, context, numbers, data, login, row, now)


def _wanted(each: JudgedInterchange, agreed: Partner) -> bool:
    send = agreed.acknowledgements.send
    if send == "never":
        return False
    if _told_of(each):
        return True
    if each.interchange.standard == "edifact" and _unanswered(each, agreed):
        return False
    if send == "always":
        return True
    return each.interchange.standard == "x12" or each.interchange.ack_requested in ("1", "2")


def _unanswered(each: JudgedInterchange, agreed: Partner) -> bool:
    """Whether all messages are of types that are agreed not to be acknowledged."""
    types = agreed.acknowledgements.send_not_for
    return bool(each.interchange.messages) and all(message.type in types for message in each.interchange.messages)


def _told_of(each: JudgedInterchange) -> bool:
    """Whether something is rejected, of which the sender is told in any case."""
    return each.state in ("rejected", "partly_accepted")


def _write(numbers: Numbers, each: JudgedInterchange, agreed: Partner, now: datetime) -> bytes | None:
    i = each.interchange
    between = str(i.receiver), str(i.sender)
    if i.standard == "edifact":
        number = (
            f"{agreed.edifact.number_prefix}{numbers.take('edifact', 'interchange', *between, agreed.edifact.numbers)}"
        )
        only_receipt = agreed.acknowledgements.send == "requested" and i.ack_requested == "2" and not _told_of(each)
        return acknowledge.write_contrl(i, control=number, message_control="1", now=now, receipt_only=only_receipt)
    rule = agreed.acknowledgements.ta1
    failed = not i.accepted
    wanted = {
        "always": True,
        "never": False,
        "on-error": failed,
        "requested": i.ack_requested == "1" or failed,
    }[rule]
    set_id = agreed.acknowledgements.functional
    silent = agreed.acknowledgements.send_not_for
    count = acknowledge.x12_ack_groups(i, set_id=set_id, unanswered=silent)
    series = agreed.x12.numbers
    taken = numbers.take("x12", "interchange", *between, series) if wanted or count else 1  # then nothing is written
    groups = [numbers.take("x12", "acknowledgement", *between, series) for _ in range(count)]
    return acknowledge.write_x12_acks(
        i,
        control=taken,
        group_control=groups[0] if groups else 1,
        now=now,
        include_ta1=wanted,
        include_accepted=agreed.acknowledgements.list_accepted,
        unanswered=silent,
        set_id=set_id,
        noted={code for code, word in agreed.severities.items() if word == "warning"},
    )


def _given(conn: Connection, context: Context, transmission_id: str, subject: Interchange) -> Iterable[bytes]:
    """The acknowledgements that an interchange of that transmission has got."""
    rows = conn.execute(
        select(func.coalesce(transmission.c.clear_sha256, transmission.c.sha256))
        .where(transmission.c.source == transmission_id, transmission.c.kind == "ack")
        .order_by(transmission.c.id)
    )
    for sha256 in rows.scalars().all():
        data = context.payloads.read(sha256, conn=conn)
        if _answers(data, subject):
            yield data


def _answers(data: bytes, subject: Interchange) -> bool:
    groups = {group.control for group in subject.groups}
    return any(
        verdict.interchange_control == subject.control
        or (not verdict.interchange_control and verdict.group_control in groups)
        for answer in syntax.parse(data).interchanges
        for verdict in acknowledge.read_acknowledgement(answer)
    )


def _send(
    conn: Connection, context: Context, numbers: Numbers, data: bytes, login: Partner, row: Row[Any], now: datetime
) -> None:
    """Hand an acknowledgement over to the partner that it answers, and log that in the exchange of its file."""
    sent = hand_over(
        conn,
        context,
        data,
        kind="ack",
        sender="",
        receiver=login,
        source=row.id,
        xid=row.xid,
        now=now,
    )
    rows = _message_rows(sent, row.xid, login.code)
    states = States(conn)
    states.state(sent.transmission)
    for new in rows:
        new.write(conn)
        states.state(new)
    role = ROLES[rows[0].type] if rows else "ack.ta1"
    context.log.append(
        conn,
        type="mailbox.deposited" if sent.transmission.via == "mailbox" else "ack.queued",
        xid=row.xid,
        actor="gateway",
        recipient=identity(login),
        objects=sent.objects(role),
        detail={
            "file": sent.transmission.name,
            "test": sent.interchange.test,
            "transmission": sent.transmission.facts(),
            "messages": [new.facts() for new in rows],
            **numbers.told(),
            **states.told(sent.transmission.id),
            "configuration": context.config.digest,
        },
        transmission=sent.transmission.id,
        message=rows[0].id if rows else None,
    )


def _message_rows(sent: Sent, xid: str, receiver: str) -> list[NewMessage]:
    count = len(sent.interchange.messages)
    return [message_row(sent, n, xid=xid, sender="", receiver=receiver) for n in range(1, count + 1)]


# ---------------------------------------------------------------- in plain words


def explain(
    conn: Connection,
    context: Context,
    numbers: Numbers,
    findings: Iterable[Finding],
    login: Partner,
    row: Row[Any],
) -> None:
    """Put a report into the sender's receipts that says in plain words what was wrong with its file, and log that."""
    data = report(row.name, row.sha256, row.size, list(findings)).encode()
    sha256 = context.payloads.keep(conn, data)
    name = mailbox.free_name(conn, login.code, "receipts", f"{row.name}.report.txt", row.id)
    mailbox.deposit(conn, login.code, "receipts", name, sha256, len(data), row.id)
    context.log.append(
        conn,
        type="notification.sent",
        xid=row.xid,
        actor="gateway",
        recipient=identity(login),
        detail={
            "file": name,
            "sha256": sha256,
            "size": len(data),
            **numbers.told(),
            **States(conn).told(row.id),
        },
        transmission=row.id,
    )


def report(name: str, sha256: str, size: int, findings: list[Finding]) -> str:
    """The report itself: which file it is about, then each finding with its place."""
    errors = [f for f in findings if f.severity == "error"]
    lines = [
        f"File     {name}",
        f"Size     {size} bytes",
        f"SHA-256  {sha256}",
        f"Checked  {stamp(utc_now())}",
        "",
        f"{len(errors)} error{'s' if len(errors) != 1 else ''} found. Nothing that is in error was forwarded.",
        "",
    ]
    for number, finding in enumerate(errors[:REPORTED], 1):
        place = [f"segment {finding.segment}" if finding.segment else "", finding.tag, finding.path]
        where = ", ".join(part for part in place if part)
        at = f"byte {finding.offset}" if finding.offset is not None else ""
        lines.append(f"{number}. {finding.text}")
        lines.append(f"   {'; '.join(part for part in (where, at, finding.code) if part)}")
    if len(errors) > REPORTED:
        lines.append(f"... and {len(errors) - REPORTED} more.")
    return "\n".join(lines) + "\n"
