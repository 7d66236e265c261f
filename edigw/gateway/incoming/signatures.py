"""Signatures of origin: `order.edi.sig` beside `order.edi`, in either order of arrival.

Each upload has its own job, and only the signature's job judges: it looks for the file that the signature is over among
those of that name, logs in the file's exchange what came of it, and wakes the file's job, which only asks whether there
is a good signature (`admitted`). What was demanded and does not come in time is held or rejected.

A signature covers bytes and purpose. It does not cover the file's name: who uploads signed bytes under another name,
with the same signature, has only shown once more that the partner signed these bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from edigw.gateway import queue
from edigw.gateway.context import Context, identity
from edigw.gateway.incoming.refuse import refuse
from edigw.gateway.queue import Job
from edigw.gateway.records import States, write_findings
from edigw.log.errors import SignatureError
from edigw.log.eventlog import Content
from edigw.log.sshsig import LARGEST, REASONS, SUBMISSION, SigningKey, SshSignature, signed_by
from edigw.partners.signing import signing_keys
from edigw.partners.tables.partner import Partner
from edigw.store.clock import parse_stamp, stamp, utc_now
from edigw.store.errors import PayloadMissing
from edigw.store.schema import finding, transmission

SUFFIX = ".sig"
SIGNED = "signed"  # the kind of finding that says who signed a file
MISSING, WRONG, NOTHING_SIGNED, TOO_LATE = (
    "signature_missing",
    "signature_wrong",
    "nothing_signed",
    "signature_too_late",
)
_REASONS = REASONS | {MISSING, WRONG}  # for which a file is refused
CANDIDATES = 20  # files of one name, newest first
_SOON = timedelta(seconds=1)


def is_signature(login: Partner, name: str) -> bool:
    """Whether an upload of this name is a signature over another one, by the agreement with the partner."""
    return login.signatures.submissions != "none" and name.endswith(SUFFIX)


# ---------------------------------------------------------------- the file


def admitted(context: Context, job: Job, row: Row[Any], login: Partner) -> bool:
    """Whether the received file `row` may be processed, as far as signatures go. If not, it waits (the job is given
    back, due later) or is held or rejected (the job is done)."""
    if login.signatures.submissions == "none":
        return True
    with context.database.write() as conn:
        queue.keep(conn, job, timedelta(seconds=context.config.worker.lease_seconds))
        passes = _passes(conn, context, job, row, login)
    context.wake.set("process", "log")
    return passes


def _passes(conn: Connection, context: Context, job: Job, row: Row[Any], login: Partner) -> bool:
    agreed = login.signatures
    if _is_signed(conn, row.id):
        return True
    coming = _coming(conn, row)
    if coming is not None and not _was_held(conn, row.id):
        queue.hasten(conn, "process", coming.id, waiting=False)
        queue.postpone(conn, job, utc_now() + _SOON, f"waits for {coming.name} to be checked", count=False)
        return False
    if agreed.submissions != "demand":
        return True
    patience = timedelta(minutes=agreed.wait_minutes)
    until = parse_stamp(row.created_at) + patience
    if utc_now() < until:
        waits = f"waits for {row.name}{SUFFIX} until {stamp(until)}"
        queue.postpone(conn, job, until, waits, count=False)
        return False
    wanted = f"no signature came until {stamp(until)}, and the agreement demands one: {_how(row.name, login)}"
    refuse(conn, context, row, login, _refused(login), MISSING, wanted)
    queue.done(conn, job)
    return False


def _how(name: str, login: Partner) -> str:
    what = f"{name}{SUFFIX}" if _refused(login) == "held" else f"it again and {name}{SUFFIX} with it"
    return f"upload {what}, made with ssh-keygen -Y sign -n {SUBMISSION} -f KEY {name}"


def _refused(login: Partner) -> str:
    return "held" if login.signatures.failure == "hold" else "rejected"


def _is_signed(conn: Connection, id: str) -> bool:
    of = select(finding.c.id).where(finding.c.transmission == id, finding.c.kind == SIGNED)
    return conn.execute(of.limit(1)).first() is not None


def _was_held(conn: Connection, id: str) -> bool:
    """Whether it waited for a person, who has let it go."""
    of = select(finding.c.id).where(finding.c.transmission == id, finding.c.kind == "held")
    return conn.execute(of.limit(1)).first() is not None


def _coming(conn: Connection, row: Row[Any]) -> Row[Any] | None:
    """A signature for a file of that name which is not judged yet."""
    named = _uploads(row.partner, f"{row.name}{SUFFIX}").where(transmission.c.state == "received").limit(1)
    return conn.execute(named).first()


def _uploads(partner: str, name: str) -> Select[Any]:
    same = (transmission.c.partner == partner, transmission.c.name == name, transmission.c.direction == "in")
    return select(transmission).where(*same).order_by(transmission.c.id.desc())


# ---------------------------------------------------------------- the signature


@dataclass(frozen=True, slots=True)
class Match:
    """The file that a signature is over, and the key that made it. `sealed` are the objects for the log."""

    file: Row[Any]
    key: SigningKey
    signature: SshSignature
    sealed: tuple[Content, Content]


def take(context: Context, job: Job, row: Row[Any], login: Partner) -> None:
    """Judge the signature in the received transmission `row`. Raises what the stores raise."""
    now = utc_now()
    with context.database.read() as conn:
        named = conn.execute(_uploads(row.partner, row.name.removesuffix(SUFFIX)).limit(CANDIDATES)).all()
        # Of equal bytes, those that still lack it; and no rejected ones if there are others.
        files = sorted(named, key=lambda file: (_is_rejected(file), _is_signed(conn, file.id)))
    problem: SignatureError | None = None
    match: Match | None = None
    try:
        match = _match(context, row, files, login, now)
    except SignatureError as error:
        problem = error
    with context.database.write() as conn:
        queue.keep(conn, job, timedelta(seconds=context.config.worker.lease_seconds))
        if problem is not None:
            _refuse_waiting(conn, context, files, login, problem.reason, f"its signature does not count: {problem}")
            refuse(conn, context, row, login, "rejected", problem.reason, str(problem))
        elif match is None or not _accept(conn, context, row, login, match, now):
            until = parse_stamp(row.created_at) + timedelta(minutes=login.signatures.wait_minutes)
            if not _has_refused_one(row, files):
                unlike = f"{row.name} is over other bytes than these"
                _refuse_waiting(conn, context, files, login, WRONG, f"its signature does not count: {unlike}")
                if now < until:  # it may have come before its file
                    waits = f"waits for the file that it is over until {stamp(until)}"
                    queue.postpone(conn, job, until, waits, count=False)
                    return
            refuse(conn, context, row, login, "rejected", *_unmatched(row.name.removesuffix(SUFFIX), match, files))
        queue.done(conn, job)
    context.wake.set("process", "log")


def _is_rejected(file: Row[Any]) -> bool:
    """Whether a file was rejected for want of a good signature: one that comes now comes too late."""
    return file.state == "rejected" and file.reason in _REASONS


def _has_refused_one(row: Row[Any], files: Sequence[Row[Any]]) -> bool:
    """Whether a file was refused because of the signature in `row`, so that the next file of that name waits for
    another."""
    return any(file.reason == WRONG and file.changed_at >= row.created_at for file in files)


def _match(context: Context, row: Row[Any], files: Sequence[Row[Any]], login: Partner, now: datetime) -> Match | None:
    """The newest of `files` that the signature is over; None if there is none. Raises SignatureError."""
    text = context.payloads.read(row.sha256, limit=LARGEST) if row.size <= LARGEST else b""
    signature = SshSignature.parse(text)
    key = signed_by(signature, SUBMISSION, signing_keys(login), now)
    for file in files:
        try:
            with context.payloads.open(file.sha256) as content:
                digest = signature.digest(iter(lambda: content.read(1 << 20), b""))
        except PayloadMissing:  # erased
            continue
        if signature.covers(digest):
            original = context.log.seal(Content(role="payload.original", sha256=file.sha256, size=file.size))
            return Match(file, key, signature, (original, Content(role="signature.origin", data=text)))
    return None


def _unmatched(name: str, match: Match | None, files: Sequence[Row[Any]]) -> tuple[str, str]:
    """Why a signature that waited for its file in vain is rejected."""
    if match is not None:
        return TOO_LATE, f"{name} was rejected before its signature came: upload both again"
    if files:
        return WRONG, f"it is over none of the files {name} that came: their bytes are others"
    return NOTHING_SIGNED, f"no file {name} came that it could be over"


def _accept(conn: Connection, context: Context, row: Row[Any], login: Partner, match: Match, now: datetime) -> bool:
    """Log in the exchange of the file that the partner signed it, and let the file go if it waited for that. False if
    it was rejected before."""
    file = conn.execute(select(transmission).where(transmission.c.id == match.file.id).with_for_update()).one()
    if _is_rejected(file):
        return False
    facts = stated(login, match.key, match.signature, row)
    if _is_signed(conn, file.id):
        repeated(conn, context, row, facts)
        return True
    states = States(conn)
    states.transmission(row.id, "accepted")
    text = f"{login.code} signed it with the key {match.signature.fingerprint}"
    write_findings(conn, SIGNED, file.id, None, [{"text": text, "by": row.id, "key": match.signature.fingerprint}])
    if file.state == "held" and file.reason in _REASONS:
        states.transmission(file.id, "received")
        queue.again(conn, "process", file.id)
    else:
        queue.hasten(conn, "process", file.id)
    context.log.append(
        conn,
        type="submission.signed",
        xid=file.xid,
        actor=f"partner:{login.code}",
        sender=identity(login),
        objects=match.sealed,
        detail={
            "file": file.name,
            "sha256": file.sha256,
            "size": file.size,
            "signature": facts,
            **states.told(file.id, row.id),
            "configuration": context.config.digest,
        },
        transmission=file.id,
        at=now,  # at which the key was found to count
    )
    return True


def repeated(conn: Connection, context: Context, row: Row[Any], facts: Mapping[str, Any]) -> None:
    """Log that the signature which `facts` state only repeats what was signed before."""
    states = States(conn)
    states.transmission(row.id, "duplicate", "signed_before")
    detail = {"file": row.name, "signature": facts, **states.told(row.id)}
    context.log.append(conn, type="validation.passed", xid=row.xid, actor="gateway", detail=detail, transmission=row.id)


def stated(login: Partner, key: SigningKey, signature: SshSignature, row: Row[Any]) -> dict[str, str | None]:
    """What the log says of a signature that came as the transmission `row`: enough to look for the key in the agreement
    of that time."""
    return {
        "transmission": row.id,
        "file": row.name,
        "namespace": signature.namespace,
        "hash": signature.hash,
        "key": signature.fingerprint,
        "principal": login.code,
        **key.facts(),
    }


def _refuse_waiting(
    conn: Connection, context: Context, files: Sequence[Row[Any]], login: Partner, reason: str, text: str
) -> None:
    """Hold or reject the newest of `files` that nobody has begun to process: the signature was meant for that."""
    for file in sorted(files, key=lambda file: file.id, reverse=True):
        if file.state == "received" and not _was_held(conn, file.id) and queue.withdraw(conn, "process", file.id):
            refuse(conn, context, file, login, _refused(login), reason, text)
            return
