"""Received acknowledgements settle what was sent, down to the message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from edigw import acknowledge
from edigw.acknowledge import SentMessage, Settlement, Verdict
from edigw.gateway.context import Context, identity
from edigw.gateway.records import States, content_of, write_findings
from edigw.log.eventlog import Content
from edigw.store.schema import interchange, message, transmission
from edigw.syntax.model import Interchange

CANDIDATES = 50  # interchanges of one control number, newest first
TOLD = 100  # acknowledgements of one file that answer nothing
ROLES = {"CONTRL": "ack.contrl", "997": "ack.997", "999": "ack.999"}


def settle(conn: Connection, context: Context, received: Interchange, partner: str, row: Row[Any]) -> None:
    """Apply the acknowledgements in `received`, which `partner` sent in the transmission `row`, to our messages.

    What matches nothing that was sent to this partner is kept as a finding of the transmission."""
    kind = next((m.type for m in received.messages if acknowledge.is_acknowledgement(m)), "TA1")
    unmatched: list[str] = []
    for verdicts in _by_subject(acknowledge.read_acknowledgement(received)):
        sent = _sent(conn, partner, verdicts[0])
        if not sent:
            unmatched.append(f"{kind} answers nothing that was sent to {partner}: {_subject(verdicts[0])}")
            continue
        messages = [SentMessage(m.type, m.control, m.group_control) for m in sent]
        settlements = acknowledge.settle(messages, verdicts)
        for one, settlement in zip(sent, settlements, strict=True):
            _apply(conn, context, one, settlement, kind, row)
    if unmatched:
        _unmatched(conn, context, unmatched, row)


def _unmatched(conn: Connection, context: Context, texts: list[str], row: Row[Any]) -> None:
    told = [{"code": "unexpected_acknowledgement", "text": text} for text in texts[:TOLD]]
    write_findings(conn, "ack", row.id, None, told)
    context.log.append(
        conn,
        type="ack.unmatched",
        xid=row.xid,
        actor=f"partner:{row.partner}",
        reason="unexpected_acknowledgement",
        detail={"texts": texts[:TOLD], "in_all": len(texts), **States(conn).told(row.id)},
        transmission=row.id,
    )


def _by_subject(verdicts: Iterable[Verdict]) -> list[list[Verdict]]:
    """Verdicts about one interchange or group together, in the order received."""
    subjects: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        key = (verdict.interchange_control, "" if verdict.interchange_control else verdict.group_control)
        subjects.setdefault(key, []).append(verdict)
    return list(subjects.values())


def _subject(verdict: Verdict) -> str:
    if verdict.interchange_control:
        return f"interchange {verdict.interchange_control}"
    return f"group {verdict.functional_id} {verdict.group_control}"


def _sent(conn: Connection, partner: str, verdict: Verdict) -> Sequence[Row[Any]]:
    """The messages of the newest interchange sent to `partner` that the verdict can be about.

    Each sender has control numbers of its own, so the acknowledgement's addresses say whose is meant."""
    by_control = interchange.c.control.in_(_spellings(verdict.interchange_control))
    by_group = message.c.group_control.in_(_spellings(verdict.group_control))
    matching = (
        select(transmission.c.id, interchange.c.sender, interchange.c.receiver)
        .join(interchange, interchange.c.transmission == transmission.c.id)
        .join(message, message.c.transmission == transmission.c.id)
        .where(
            transmission.c.direction == "out",
            transmission.c.kind == "business",
            transmission.c.partner == partner,
            interchange.c.standard == verdict.standard,
            by_control if verdict.interchange_control else by_group,
        )
        .order_by(transmission.c.id.desc())
        .limit(CANDIDATES)
    )
    candidates = conn.execute(matching).all()
    stated = (str(verdict.sender), str(verdict.receiver))
    between = [c.id for c in candidates if (c.sender, c.receiver) == stated]
    pairs = {(c.sender, c.receiver) for c in candidates}
    if not between and len(pairs) == 1:  # addressed otherwise than it was sent, but there is only one that can be meant
        between = [c.id for c in candidates]
    if not between:
        return []
    of = message.c.transmission == between[0]
    return conn.execute(select(message).where(of).order_by(message.c.position)).all()


def _spellings(control: str) -> set[str]:
    """A number as it may have been written: partners drop or add leading zeros."""
    bare = control.lstrip("0")
    return {control, bare, bare.zfill(4), bare.zfill(9)} if bare.isdigit() else {control}


def _apply(
    conn: Connection, context: Context, sent: Row[Any], settlement: Settlement, kind: str, row: Row[Any]
) -> None:
    if settlement.outcome is None:
        return
    if settlement.outcome == "received":
        _log(conn, context, sent, settlement, kind, row, "ack.received", States(conn))
        return
    positive = settlement.outcome != "rejected"
    states = States(conn)
    states.acknowledged(sent.id, "accepted" if positive else "rejected")
    write_findings(conn, "ack", sent.transmission, sent.id, settlement.codes)
    before = sent.ack_state if sent.ack_state in ("accepted", "rejected") else None
    contradicted = before is not None and (before == "accepted") != positive
    if contradicted:
        text = f"{kind} in {row.name} says {settlement.outcome}; an earlier acknowledgement said {before}"
        write_findings(
            conn, "ack", sent.transmission, sent.id, [{"code": "contradictory_acknowledgement", "text": text}]
        )
    type = "ack.positive" if positive else "ack.negative"
    reason = "contradictory" if contradicted else "" if positive else "rejected_by_recipient"
    _log(conn, context, sent, settlement, kind, row, type, states, reason, before=before)


def _log(
    conn: Connection,
    context: Context,
    sent: Row[Any],
    settlement: Settlement,
    kind: str,
    row: Row[Any],
    type: str,
    states: States,
    reason: str = "",
    **facts: str | None,
) -> None:
    sha256, size = content_of(conn, row)
    context.log.append(
        conn,
        type=type,
        xid=sent.xid,
        actor=f"partner:{row.partner}",
        recipient=identity(context.partner(row.partner)),
        reason=reason,
        objects=[Content(role=ROLES.get(kind, "ack.ta1"), sha256=sha256, size=size)],
        detail={
            "acknowledgement": {"transmission": row.id, "type": kind, "file": row.name},
            "outcome": settlement.outcome,
            "codes": [
                {"code": code.code, "list": code.code_list, "place": str(code.place), "text": code.text}
                for code in settlement.codes
            ],
            **facts,
            **states.told(sent.transmission),
        },
        transmission=sent.transmission,
        message=sent.id,
    )
