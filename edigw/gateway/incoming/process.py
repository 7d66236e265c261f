"""Processing of received files: parse, validate, decide, acknowledge, translate, hand over.

Everything that needs no database is done first. Then one transaction writes all of it: rows, events, control numbers,
mailbox items, deliveries, and the end of the job. A crash before its commit leaves the job; after it, the whole result.
Several small files share a transaction, and what goes wrong with one is undone for that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select, update

from edigw import directory
from edigw.acknowledge import is_acknowledgement
from edigw.gateway import queue
from edigw.gateway.context import Context, identity
from edigw.gateway.incoming import answer, settle
from edigw.gateway.incoming.entrance import Entered, enter
from edigw.gateway.incoming.judge import JudgedInterchange, JudgedMessage, check_guides, judge
from edigw.gateway.outgoing.dispatch import Dispatch
from edigw.gateway.outgoing.forward import LOSSES_IN_LOG, Forwarding, told
from edigw.gateway.outgoing.losses import Weighed
from edigw.gateway.outgoing.numbers import Numbers
from edigw.gateway.queue import Failure, Job
from edigw.gateway.records import NewMessage, States, approvals, fitting, forget_findings, write_findings
from edigw.gateway.upkeep.maps import ENGINE
from edigw.log.eventlog import new_xid
from edigw.partners.reading import agreed_reading
from edigw.partners.tables.partner import Partner
from edigw.store.clock import stamp, utc_now
from edigw.store.errors import StoreError, TransactionLost
from edigw.store.ids import new_id
from edigw.store.savepoint import savepoint
from edigw.store.schema import interchange, interchange_key, message, transmission
from edigw.store.upsert import insert_new
from edigw.syntax.findings import Finding
from edigw.syntax.model import ParsedFile

FINDINGS_IN_LOG = 200  # of one file; all of them are kept beside the transmission
_ROW = select(transmission).where(transmission.c.id == bindparam("which"))
_GONE = select(message.c.receiver).where(message.c.source == bindparam("of"))
_KNOWN = select(message.c.id, message.c.xid, message.c.state, message.c.created_at).where(
    message.c.transmission == bindparam("of"),
    message.c.interchange == bindparam("nth"),
    message.c.position == bindparam("place"),
)


def process(context: Context, jobs: Sequence[Job]) -> list[Failure]:
    """Process the received transmissions of `jobs`. What failed on our side stays to be done."""
    prepared: list[tuple[Job, _Prepared]] = []
    failures: list[Failure] = []
    for job in jobs:
        try:
            if (one := _prepare(context, job)) is not None:
                prepared.append((job, one))
        except Exception as error:
            failures.append(Failure(job, error))
    return [*failures, *_write(context, prepared)]


def _prepare(context: Context, job: Job) -> _Prepared | None:
    """What is to be written of one file; None if it is done already, or has to wait for something. Raises what the
    stores raise."""
    with context.database.read() as conn:
        row = conn.execute(_ROW, {"which": job.transmission}).one()
        released = approvals(conn, row.id)
    login = context.partner(row.partner)
    entered = enter(context, job, row, login)
    if entered is None:
        return None
    agreed = agreed_reading(login)
    parsed = directory.check(entered.data, *agreed)
    check_guides(context.config, login, parsed, agreed.validation)
    return _Prepared(row, login, entered, parsed, judge(context.config, login, entered.data, parsed, released))


def _write(context: Context, prepared: Sequence[tuple[Job, _Prepared]]) -> list[Failure]:
    if not prepared:
        return []
    failures = []
    try:
        with context.database.write() as conn:
            for job, one in prepared:
                try:
                    with savepoint(conn):
                        queue.keep(conn, job, timedelta(seconds=context.config.worker.lease_seconds))
                        row = one.entered.record(conn, context, one.row, one.login)
                        _Outcome(context, conn, row, one.login, one.entered.data, one.parsed, one.judged).write()
                        queue.done(conn, job)
                except TransactionLost:
                    raise
                except Exception as error:
                    failures.append(Failure(job, error))
    except StoreError as error:  # nothing of it was committed
        return [Failure(job, error) for job, _ in prepared]
    context.wake.all()
    return failures


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One file, judged, on its way into the database."""

    row: Row[Any]
    login: Partner
    entered: Entered
    parsed: ParsedFile
    judged: list[JudgedInterchange]


@dataclass(slots=True)
class _Outcome:
    """The result of processing one file, on its way into the database."""

    context: Context
    conn: Connection
    row: Row[Any]
    login: Partner
    data: bytes
    parsed: ParsedFile
    judged: list[JudgedInterchange]
    rows: dict[int, NewMessage] = field(default_factory=dict)  # by identity of the message
    remembered: list[dict[str, Any]] = field(default_factory=list)  # rows of interchange_key, as they are now
    again: bool = False  # it was processed before, and held

    def write(self) -> None:
        for each in self.judged:
            self._recognise_duplicate(each)
        leaf = self._validated()
        self._untranslated(leaf)
        numbers = Numbers(self.conn)
        forwarding = Forwarding(self.conn, self.context, numbers, self.row, self.data, self.rows, leaf)
        for each in self.judged:
            if each.sender is not None and each.entitled and each.state not in ("duplicate", "held"):
                settle.settle(self.conn, self.context, each.interchange, each.sender.code, self.row)
            forwarding.forward(each)
            answer.acknowledge_interchange(
                self.conn, self.context, numbers, each, self.login, self.row, again=self.again
            )
        findings = self._findings()
        if any(f.severity == "error" for f in findings):
            answer.explain(self.conn, self.context, numbers, findings, self.login, self.row)

    # ---- duplicates (one reference is one interchange for as long as the partners agreed)

    def _recognise_duplicate(self, each: JudgedInterchange) -> None:
        """An interchange seen before is not processed again; its reference used for other bytes is an error.

        Only what the sender was entitled to send is remembered: nobody can use up another one's references."""
        if each.sender is None or not each.entitled or not each.sender.active or not each.interchange.accepted:
            return
        i = each.interchange
        key = fitting(f"{i.standard}/{i.sender}/{i.receiver}/{i.control}", 200)
        now = utc_now()
        place = {"transmission": self.row.id, "position": each.position}
        seen = {"key": key, "digest": each.digest, **place, "created_at": stamp(now)}
        if insert_new(self.conn, interchange_key, seen):
            self.remembered.append(seen)
            return
        before = self.conn.execute(select(interchange_key).where(interchange_key.c.key == key)).one()
        if (before.transmission, before.position) == (self.row.id, each.position):
            return
        if before.created_at < stamp(now - timedelta(days=each.sender.duplicate_days)):
            self.conn.execute(update(interchange_key).where(interchange_key.c.key == key).values(**seen))
            self.remembered.append(seen)
        elif before.digest == each.digest:
            each.state, each.reason = "duplicate", before.transmission
            for one in each.messages:
                one.end("duplicate", "")
        else:
            text = f"reference {i.control} was used before, for other content (transmission {before.transmission})"
            each.reject(Finding("duplicate_interchange", text, value=i.control))

    # ---- validation

    def _validated(self) -> str:
        """Write the verdict about the file: rows, findings, event. Returns the event's leaf hash."""
        states = States(self.conn)
        forget_findings(self.conn, self.row.id)  # what was found when it was processed before, if it was
        state, reason = self._state()
        states.transmission(self.row.id, state, reason)
        for each in self.judged:
            if each.state != "duplicate":
                self._interchange_row(each)
                for position, one in enumerate(each.messages, 1):
                    self._message_row(each, position, one, states)
        findings = self._findings()
        positive = state != "rejected"  # what is held may well be valid
        appended = self.context.log.append(
            self.conn,
            type="validation.passed" if positive else "validation.failed",
            xid=self.row.xid,
            actor="gateway",
            sender=identity(self.login),
            reason=reason if state in ("rejected", "held") else "",
            detail={
                "file": self.row.name,
                "interchanges": [_facts(each) for each in self.judged],
                "remembered": self.remembered,
                "messages": [new.facts() for new in self.rows.values()],
                "findings": [told(f) for f in findings[:FINDINGS_IN_LOG]],
                "findings_in_all": len(findings),
                "routes": [self._routed(one) for each in self.judged for one in each.messages if one.route],
                "held": [why for each in self.judged for one in each.messages for why in self._held(one)],
                **states.told(self.row.id),
                "configuration": self.context.config.digest,
            },
            transmission=self.row.id,
        )
        return appended.leaf

    def _untranslated(self, leaf: str) -> None:
        """Log, in the exchange of its message, each translation that could not be made or may not go out."""
        judged = (one for each in self.judged if each.state != "held" for one in each.messages)
        for one, why in ((each, why) for each in judged for why in self._held(each)):
            receiver = self.context.config.partners.get(why["receiver"])
            self.context.log.append(
                self.conn,
                type="translation.failed",
                xid=self.rows[id(one)].xid,
                parent=leaf,
                actor="gateway",
                sender=identity(self.login),
                recipient=identity(receiver) if receiver else "",
                reason=why["code"],
                detail={**why, "engine": ENGINE, "configuration": self.context.config.digest},
                transmission=self.row.id,
                message=self.rows[id(one)].id,
            )

    def _routed(self, one: JudgedMessage) -> dict[str, Any]:
        """Which rule decided where a message goes."""
        copies = [dispatch.receiver.code for dispatch in one.dispatches if dispatch.copy]
        return {"message": self.rows[id(one)].id, "rule": one.route, "to": one.receiver, "copies": copies}

    def _held(self, one: JudgedMessage) -> Iterator[dict[str, Any]]:
        """For what a message waits."""
        if one.state != "held" or id(one) not in self.rows:
            return
        for why in _waits(one):
            losses = why.weighed.losses if why.weighed else ()
            yield {
                "message": self.rows[id(one)].id,
                "code": why.reason,
                "text": why.text,
                "receiver": why.receiver,
                "losses": [told(loss) for loss in losses[:LOSSES_IN_LOG]],
                "losses_in_all": len(losses),
            }

    def _state(self) -> tuple[str, str]:
        states = {each.state for each in self.judged}
        reason = next((each.reason for each in self.judged if each.reason), "")
        if not self.judged:
            return "rejected", self.parsed.findings[0].code if self.parsed.findings else "not_edi"
        if len(states) == 1:
            held = any(one.state == "held" for each in self.judged for one in each.messages)
            state = states.pop()
            if state == "accepted" and held:
                held_for = next(one.reason for each in self.judged for one in each.messages if one.state == "held")
                return "held", held_for
            return state, reason
        return "partly_accepted", reason

    def _interchange_row(self, each: JudgedInterchange) -> None:
        i = each.interchange
        row = {
            "transmission": self.row.id,
            "position": each.position,
            "standard": i.standard,
            "syntax": fitting(i.syntax, 16),
            "sender": fitting(str(i.sender), 64),
            "receiver": fitting(str(i.receiver), 64),
            "control": fitting(i.control, 35),
            "test": i.test,
            "state": each.state,
        }
        if not insert_new(self.conn, interchange, row):
            self.conn.execute(
                update(interchange)
                .where(interchange.c.transmission == self.row.id, interchange.c.position == each.position)
                .values(state=each.state)
            )
        write_findings(self.conn, "finding", self.row.id, None, i.findings)
        for group in i.groups:
            write_findings(self.conn, "finding", self.row.id, None, group.findings)

    def _message_row(self, each: JudgedInterchange, position: int, one: JudgedMessage, states: States) -> None:
        m, said = one.message, one.understood
        group = each.group_of(m)
        place = {"of": self.row.id, "nth": each.position, "place": position}
        known = self.conn.execute(_KNOWN, place).first()
        self.again = self.again or known is not None
        if known is not None:  # processed again: what went out before does not go out once more
            gone = self.conn.execute(_GONE, {"of": known.id}).scalars().all()
            for dispatch in one.dispatches:
                if known.state == "accepted" or dispatch.receiver.code in gone:
                    dispatch.outgoing = None
        new = NewMessage(
            id=known.id if known else new_id(),
            transmission=self.row.id,
            interchange=each.position,
            position=position,
            xid=known.xid if known else self.row.xid if is_acknowledgement(m) else new_xid(),
            standard=m.standard,
            type=fitting(m.type, 16),
            version=fitting(m.version, 32),
            group_control=fitting(group.control if group else "", 35),
            control=fitting(m.control, 35),
            document=said.name if said else "",
            number=fitting(said.number, 80) if said else "",
            sender=each.sender.code if each.sender else self.login.code,
            receiver=one.receiver or (each.receiver.code if each.receiver else ""),
            state=one.state,
            ack_state="none",
            **({"created_at": known.created_at} if known else {}),
        )
        if known is None:
            new.write(self.conn, said.references if said else ())
        else:
            new.rewrite(self.conn, said.references if said else ())
        states.state(new)
        self.rows[id(one)] = new
        write_findings(self.conn, "finding", self.row.id, new.id, m.findings)
        if one.state == "held":
            for why in _waits(one):
                body = {"code": why.reason, "text": why.text}
                if why.approval:
                    body["approval"] = why.approval
                if why.weighed is not None:
                    write_findings(self.conn, "loss", self.row.id, new.id, why.weighed.losses)
                write_findings(self.conn, "held", self.row.id, new.id, [body])

    def _findings(self) -> list[Finding]:
        found: list[Finding] = list(self.parsed.findings)
        for each in self.judged:
            found += each.interchange.findings
            for group in each.interchange.groups:
                found += group.findings
            for m in each.interchange.messages:
                found += m.findings
        return found


class _Waiting(NamedTuple):
    """Why a message is held; where it is only for one of its receivers, for whom."""

    reason: str
    text: str
    receiver: str = ""
    weighed: Weighed | None = None
    approval: str = ""


def _waits(one: JudgedMessage) -> list[_Waiting]:
    held = [_waits_for(d) for d in one.dispatches if d.reason]
    return held or [_Waiting(one.reason, one.text, approval=one.approval)]


def _waits_for(dispatch: Dispatch) -> _Waiting:
    approval = dispatch.weighed.approval if dispatch.weighed else ""
    return _Waiting(dispatch.reason, dispatch.text, dispatch.receiver.code, dispatch.weighed, approval)


def _facts(each: JudgedInterchange) -> dict[str, Any]:
    i = each.interchange
    return {
        "position": each.position,
        "standard": i.standard,
        "sender": str(i.sender),
        "receiver": str(i.receiver),
        "control": i.control,
        "test": i.test,
        "state": each.state,
        "reason": each.reason,
        "sha256": each.digest,
    }
