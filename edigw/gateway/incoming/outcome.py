"""What came of a received file, on its way into the database: rows, events, what goes out, and the answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select, update

from edigw.acknowledge import is_acknowledgement
from edigw.gateway.context import Context, identity
from edigw.gateway.incoming import answer, settle
from edigw.gateway.incoming.judge import JudgedInterchange, JudgedMessage
from edigw.gateway.outgoing.dispatch import Dispatch
from edigw.gateway.outgoing.forward import LOSSES_IN_LOG, Forwarding, told
from edigw.gateway.outgoing.losses import Weighed
from edigw.gateway.outgoing.numbers import Numbers
from edigw.gateway.records import NewMessage, States, fitting, forget_findings, write_findings
from edigw.gateway.upkeep.maps import ENGINE
from edigw.log.eventlog import new_xid
from edigw.partners.tables.partner import Partner
from edigw.store.clock import stamp, utc_now
from edigw.store.ids import new_id
from edigw.store.schema import interchange, interchange_key, message
from edigw.store.upsert import insert_new
from edigw.syntax.findings import Finding
from edigw.syntax.model import ParsedFile

FINDINGS_IN_LOG = 200  # of one file; all of them are kept beside the transmission
_GONE = select(message.c.receiver).where(message.c.source == bindparam("of"))
_KNOWN = select(message.c.id, message.c.xid, message.c.state, message.c.created_at, message.c.slice).where(
    message.c.transmission == bindparam("of"),
    message.c.interchange == bindparam("nth"),
    message.c.position == bindparam("place"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """What is written of a file in one transaction: all of it, or a slice of a large one."""

    messages: Mapping[int, Sequence[int]]  # their positions, from 1, by the interchange, from 1 in the file
    ended: Collection[int]  # the interchanges that end in it
    slice: int | None = None  # its number
    last: bool = True  # whether the file ends in it

    @classmethod
    def whole(cls, judged: Sequence[JudgedInterchange]) -> Part:
        """All of a file."""
        everything = {each.position: each.positions for each in judged}
        return cls(everything, everything.keys())

    def within(self, judged: Sequence[JudgedInterchange]) -> list[JudgedInterchange]:
        """The interchanges, of all of the file, of which it has something."""
        return [judged[position - 1] for position in sorted({*self.messages, *self.ended})]

    def of(self, each: JudgedInterchange) -> Iterator[tuple[int, JudgedMessage]]:
        """The messages that it has of an interchange, with their positions."""
        return ((n, each.messages[n - 1]) for n in self.messages.get(each.position, ()))


@dataclass(slots=True)
class Outcome:
    """The result of processing one file, or a part of it, inside of the transaction that writes it."""

    context: Context
    conn: Connection
    row: Row[Any]
    login: Partner
    data: bytes
    parsed: ParsedFile
    judged: list[JudgedInterchange]
    part: Part
    rows: dict[int, NewMessage] = field(default_factory=dict)  # by identity of the message
    remembered: list[dict[str, Any]] = field(default_factory=list)  # rows of interchange_key, as they are now
    again: bool = False  # it was processed before, and held
    slices: set[int | None] = field(default_factory=set)  # those that messages of this part belong to

    def write(self) -> None:
        part = self.part
        mine = part.within(self.judged)
        for each in mine:
            self._recognise_duplicate(each)
        leaf = self._validated(mine)
        self._untranslated(mine, leaf)
        numbers = Numbers(self.conn)
        forwarding = Forwarding(self.conn, self.context, numbers, self.row, self.data, self.rows, leaf)
        for each in mine:
            if each.sender is not None and each.entitled and each.state not in ("duplicate", "held"):
                settle.settle(self.conn, self.context, each.interchange, each.sender.code, self.row)
            forwarding.forward(each)
            if each.position in part.ended:
                answer.acknowledge_interchange(
                    self.conn, self.context, numbers, each, self.login, self.row, again=self.again
                )
        findings = self._findings(Part.whole(self.judged)) if part.last else ()
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

    def _validated(self, mine: Sequence[JudgedInterchange]) -> str:
        """Write the verdict about the file, or the part: rows, findings, event. Returns the event's leaf hash."""
        states, part = States(self.conn), self.part
        if part.slice is None:
            forget_findings(self.conn, self.row.id)  # what was found when it was processed before, if it was
        for each in mine:
            if each.state != "duplicate":
                for position, one in part.of(each):
                    self._message_row(each, position, one, states)
        state, reason = self._state() if part.last else self._state_of_slice(mine)
        if part.last:
            states.transmission(self.row.id, state, reason)
            if part.slice is not None:
                forget_findings(self.conn, self.row.id, ())
            for each in self.judged:
                if each.state != "duplicate":
                    self._interchange_row(each)
        findings = self._findings(part)
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
                "slice": part.slice,
                "interchanges": [_facts(each) for each in mine],
                "remembered": self.remembered,
                "messages": [new.facts() for new in self.rows.values()],
                "findings": [told(f) for f in findings[:FINDINGS_IN_LOG]],
                "findings_in_all": len(findings),
                "routes": [self._routed(one) for each in mine for _, one in part.of(each) if one.route],
                "held": [why for each in mine for _, one in part.of(each) for why in self._held(one)],
                **self._told(states),
                "configuration": self.context.config.digest,
            },
            transmission=self.row.id,
        )
        return appended.leaf

    def _told(self, states: States) -> dict[str, Any]:
        """What else is kept from now on: before the end of a file, only of the slices that this part belongs to."""
        ids = {self.row.id if n is None else f"{self.row.id}/{n}" for n in self.slices}
        return states.told(*sorted(ids | {self.row.id} if self.part.last else ids))

    def _untranslated(self, mine: Sequence[JudgedInterchange], leaf: str) -> None:
        """Log, in the exchange of its message, each translation that could not be made or may not go out."""
        judged = (one for each in mine if each.state != "held" for _, one in self.part.of(each))
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

    def _state_of_slice(self, mine: Sequence[JudgedInterchange]) -> tuple[str, str]:
        judged = [one for each in mine for _, one in self.part.of(each)]
        rejected = bool(judged) and all(one.state == "rejected" for one in judged)
        return ("rejected", judged[0].reason) if rejected else ("accepted", "")

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
            if self.part.slice is not None:
                forget_findings(self.conn, self.row.id, [known.id])
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
            slice=known.slice if known else self.part.slice,
            **({"created_at": known.created_at} if known else {}),
        )
        self.slices.add(new.slice)
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

    def _findings(self, part: Part) -> list[Finding]:
        """What was found in the messages of a part; if the file ends in it, what was found in its envelopes, too."""
        found: list[Finding] = list(self.parsed.findings) if part.last else []
        for each in self.judged if part.last else part.within(self.judged):
            if part.last:
                found += each.interchange.findings
                for group in each.interchange.groups:
                    found += group.findings
            for _, one in part.of(each):
                found += one.message.findings
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
