"""Countersigned receipts: a partner signs the entry of a receipt, and can't deny any more what the entry says.

Whoever finds `receipts/NAME.receipt` signs the entry in it (namespace `receipt@edi-evidence`; docs/evidence.md has the
one command) and uploads the signature as `NAME.receipt.sig`. It is logged in the exchange that the receipt is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from edigw.gateway import queue
from edigw.gateway.context import Context, identity
from edigw.gateway.incoming.refuse import refuse
from edigw.gateway.incoming.signatures import CANDIDATES, NOTHING_SIGNED, SUFFIX, WRONG, repeated, stated
from edigw.gateway.mailboxes.receipts import PROVED
from edigw.gateway.queue import Job
from edigw.gateway.records import States, write_findings
from edigw.log.entry import Entry
from edigw.log.errors import SignatureError
from edigw.log.eventlog import Content
from edigw.log.merkle import leaf_hash
from edigw.log.sshsig import LARGEST, RECEIPT, SigningKey, SshSignature, signed_by
from edigw.partners.config import Config
from edigw.partners.signing import signing_keys
from edigw.partners.tables.partner import Partner
from edigw.store.clock import utc_now
from edigw.store.schema import ev_entry, event, finding, mailbox_item, transmission

SIGNED = "receipt"  # the kind of finding that says who signed the receipt of a transmission


def is_countersignature(login: Partner, name: str) -> bool:
    """Whether an upload of this name is a signature over a receipt, by the agreement with the partner."""
    return login.signatures.receipts != "none" and name.endswith(f".receipt{SUFFIX}")


@dataclass(frozen=True, slots=True)
class Match:
    """The event whose entry is signed, and by which key."""

    event: Row[Any]
    key: SigningKey
    signature: SshSignature
    text: bytes


def take(context: Context, job: Job, row: Row[Any], login: Partner) -> None:
    """Judge the signature over a receipt in the received transmission `row`. Raises what the stores raise."""
    now = utc_now()
    match: Match | None = None
    problem: SignatureError | None = None
    try:
        match = _match(context, row, login, now)
    except SignatureError as error:
        problem = error
    with context.database.write() as conn:
        queue.keep(conn, job, timedelta(seconds=context.config.worker.lease_seconds))
        if match is not None:
            _accept(conn, context, row, login, match, now)
        elif problem is not None:
            refuse(conn, context, row, login, "rejected", problem.reason, str(problem))
        queue.done(conn, job)
    context.wake.set("process", "log")


def _match(context: Context, row: Row[Any], login: Partner, now: datetime) -> Match:
    """The event of the receipt that the signature is over. Raises SignatureError."""
    text = context.payloads.read(row.sha256, limit=LARGEST) if row.size <= LARGEST else b""
    signature = SshSignature.parse(text)
    key = signed_by(signature, RECEIPT, signing_keys(login), now)
    receipt = row.name.removesuffix(SUFFIX)
    with context.database.read() as conn:
        about = _about(conn, row.partner, receipt)
    if not about:
        raise SignatureError(NOTHING_SIGNED, f"no receipt {receipt} was given that it could be over")
    for each in about:
        if signature.covers(signature.digest([bytes(each.entry)])):
            return Match(each, key, signature, text)
    raise SignatureError(WRONG, f"it is not over the entry of the receipt {receipt}: its bytes are others")


def _about(conn: Connection, partner: str, receipt: str) -> list[Row[Any]]:
    """The events that the receipts of this name in a partner's mailbox are about, whether they still lie there or not,
    newest first."""
    named = (
        select(mailbox_item.c.transmission)
        .where(mailbox_item.c.partner == partner, mailbox_item.c.folder == "receipts", mailbox_item.c.name == receipt)
        .order_by(mailbox_item.c.id.desc())
        .limit(CANDIDATES)
    )
    proved = (
        select(event.c.eid, event.c.type, event.c.transmission, ev_entry.c.seq, ev_entry.c.entry)
        .join(ev_entry, ev_entry.c.eid == event.c.eid)
        .where(event.c.transmission.in_(named), event.c.type.in_(PROVED))
        .order_by(ev_entry.c.seq.desc())
        .limit(CANDIDATES)
    )
    return list(conn.execute(proved))


def _accept(conn: Connection, context: Context, row: Row[Any], login: Partner, match: Match, now: datetime) -> None:
    """Log that the partner signed the receipt, in the exchange that it is about."""
    about = conn.execute(select(transmission).where(transmission.c.id == match.event.transmission).with_for_update())
    subject = about.one()
    facts = stated(login, match.key, match.signature, row)
    if _is_signed(conn, subject.id, match.event.eid):
        repeated(conn, context, row, facts)
        return
    states = States(conn)
    entry = Entry.parse(bytes(match.event.entry))
    states.transmission(row.id, "accepted")
    text = f"{login.code} signed its receipt with the key {match.signature.fingerprint}"
    said = {"text": text, "event": match.event.eid, "by": row.id, "key": match.signature.fingerprint}
    write_findings(conn, SIGNED, subject.id, None, [said])
    party = "sender" if match.event.type.startswith("submission.") else "recipient"
    context.log.append(
        conn,
        type="ack.signed",
        xid=entry.xid,
        actor=f"partner:{login.code}",
        **{party: identity(login)},
        objects=[Content(role="ack.receipt", data=match.text)],
        detail={
            "file": row.name.removesuffix(SUFFIX),
            "signed": {
                "event": match.event.eid,
                "type": match.event.type,
                "index": match.event.seq,
                "leaf": leaf_hash(bytes(match.event.entry)).hex(),
            },
            "signature": facts,
            **states.told(subject.id, row.id),
            "configuration": context.config.digest,
        },
        transmission=subject.id,
        at=now,  # at which the key was found to count
    )


def _is_signed(conn: Connection, subject: str, eid: str) -> bool:
    of = select(finding.c.body).where(finding.c.transmission == subject, finding.c.kind == SIGNED)
    return any(eid in body for body in conn.execute(of).scalars())


def owed(conn: Connection, config: Config, partner: str = "") -> list[dict[str, Any]]:
    """The files that partners were given, by agreements that ask for a signed receipt, and have not signed for, oldest
    first."""
    asked = [p.code for p in config.partners.values() if p.signatures.receipts == "ask" and partner in ("", p.code)]
    signed = select(finding.c.id).where(finding.c.transmission == transmission.c.id, finding.c.kind == SIGNED)
    rows = conn.execute(
        select(transmission.c.id, transmission.c.partner, transmission.c.name, transmission.c.changed_at)
        .where(
            transmission.c.direction == "out",
            transmission.c.kind == "business",
            transmission.c.state.in_(("delivered", "picked_up")),
            transmission.c.partner.in_(asked),
            ~signed.exists(),
        )
        .order_by(transmission.c.changed_at)
    )
    return [{"id": r.id, "partner": r.partner, "file": r.name, "since": r.changed_at} for r in rows]
