"""The audit of anchors: every timestamp and cosignature that the log states, and what follows for entries' times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from edigw.log.anchors.statement import Attesters, Statement, cosigned
from edigw.log.audit_report import Batch, Problem, Scratch
from edigw.log.entry import Entry, parse_canonical
from edigw.log.errors import AnchorError, LogError
from edigw.log.note import VerifierKey
from edigw.log.objects import whole
from edigw.store.clock import parse_stamp, stamp
from edigw.store.errors import PayloadError
from edigw.store.payloads import Payloads
from edigw.store.schema import ev_checkpoint, ev_cosignature, ev_timestamp, evidence_object

CLOCKS = timedelta(hours=1)  # by which clocks of different parties may differ


class AnchorAudit:
    """Takes entries in log order, batch by batch; `finish` compares the tables of anchors."""

    def __init__(
        self,
        connection: Connection,
        payloads: Payloads,
        keys: Sequence[VerifierKey],
        trusted: Attesters,
        scratch: Scratch,
    ) -> None:
        self._connection = connection
        self._payloads = payloads
        self._origin = keys[0].name
        self._keys = keys
        self._trusted = trusted
        self._scratch = scratch
        self._newest: dict[str, tuple[int, datetime]] = {}  # by attester: the checkpoint attested last, and when
        self._floor = ("", "")  # no later entry can be older than this; and who says so

    def take(self, batch: Batch) -> Iterator[Problem]:
        """What is wrong with the anchors in a batch of entries, and entries that claim to be older than they can be."""
        for row, told in zip(batch.rows, batch.told, strict=True):
            _, at, kind, *_ = told
            if at is not None and at < self._floor[0]:
                said = f"claims to be of {at}, but was logged after {self._floor[1]}"
                yield Problem(f"{batch.table} row {row[0]}", said)
            if kind == "log.anchored":
                place = row[0] if batch.table == "ev_entry" else None
                yield from self._anchor(f"{batch.table} row {row[0]}", row.entry, place)

    def _anchor(self, where: str, data: bytes, place: int | None) -> Iterator[Problem]:
        try:
            entry = Entry.parse(data)
            statement, commits = self._statement(entry)
            checkpoint = statement.checkpoint
        except LogError as error:
            yield Problem(where, str(error))
            return
        wrong = list(statement.problems(self._origin, self._keys, self._trusted))
        if place is not None and checkpoint.size > place:
            wrong.append(f"it attests {checkpoint.size} entries, but there were {place}")
        note = self._connection.scalar(select(ev_checkpoint.c.note).where(ev_checkpoint.c.size == checkpoint.size))
        if note is None:
            wrong.append(f"the checkpoint over {checkpoint.size} entries, which it attests, was deleted")
        elif not note.startswith(checkpoint.body()):
            wrong.append(f"it attests another checkpoint over {checkpoint.size} entries than ev_checkpoint holds")
        yield from (Problem(where, what, entry.xid) for what in wrong)
        if not wrong:
            yield from self._times(where, entry.xid, statement, commits)

    def _statement(self, entry: Entry) -> tuple[Statement, list[str]]:
        """What the event says, and the commitments to its tokens. Raises LogError."""
        named = {each.commit: each.role for each in entry.objects}
        found = self._connection.execute(select(evidence_object).where(evidence_object.c.commit.in_(list(named))))
        rows = {row.commit: row for row in found}
        try:
            contents = {commit: whole(self._payloads, rows[commit]) for commit in named}
        except KeyError as error:
            raise AnchorError("an object of it is missing") from error
        except PayloadError as error:
            raise AnchorError(str(error)) from error
        tokens = [commit for commit, role in named.items() if role == "tsa.token"]
        details = [commit for commit, role in named.items() if role == "detail"]
        detail = parse_canonical(contents[details[0]]) if details else {}
        return Statement.parse(detail, [contents[commit] for commit in tokens]), tokens

    def _times(self, where: str, xid: str, statement: Statement, commits: Sequence[str]) -> Iterator[Problem]:
        """Whether attestations come in the order of the checkpoints; nobody attests an old one late."""
        checkpoint = statement.checkpoint
        told = [
            ("timestamp", token.authority, parse_stamp(token.at), f"{commit}\n{statement.note}")
            for token, commit in zip(statement.tokens, commits, strict=True)
        ]
        for line in statement.cosignatures:
            signed = cosigned(line, checkpoint.body(), self._trusted.witnesses)
            told.append(("cosignature", signed.witness, signed.at, line))
        for kind, name, at, what in told:
            self._scratch.put(
                "INSERT OR IGNORE INTO anchor VALUES (?, ?, ?, ?, ?)", kind, checkpoint.size, name, stamp(at), what
            )
            size, before = self._newest.get(name, (0, at))
            if checkpoint.size > size and at < before - CLOCKS:
                said = f"{name} attests {checkpoint.size} entries at {stamp(at)}, but {size} at {stamp(before)}"
                yield Problem(where, said, xid)
            elif checkpoint.size < size and at > before + CLOCKS:
                said = f"{name} attests {checkpoint.size} entries at {stamp(at)}, long after it attested {size}"
                yield Problem(where, said, xid)
            self._newest[name] = max((size, before), (checkpoint.size, at))
            floor = stamp(at - CLOCKS)
            self._floor = max(self._floor, (floor, f"{name} attested what lies before it, at {stamp(at)} ({where})"))

    def finish(self) -> Iterator[Problem]:
        """The tables of anchors against what the events say."""
        stamps = ev_timestamp.c
        tables = (
            ("timestamp", select(stamps.size, stamps.authority, stamps.at, stamps.commit, stamps.note)),
            ("cosignature", select(*ev_cosignature.c)),
        )
        for kind, rows in tables:
            count = 0
            for size, name, at, *parts in self._connection.execute(rows):
                count, told = count + 1, "\n".join(parts)
                where = f"ev_{kind} row {size}/{name}"
                said = self._scratch.one(
                    "SELECT at, told FROM anchor WHERE kind = ? AND size = ? AND name = ?", kind, size, name
                )
                if said is None:
                    yield Problem(where, "no valid event of the log says so")
                elif said != (at, told):
                    yield Problem(where, "is not what the log says")
            stated = self._scratch.one("SELECT count(*) FROM anchor WHERE kind = ?", kind)
            if stated and stated[0] > count:
                yield Problem(f"ev_{kind}", f"{stated[0] - count} rows are missing that events of the log state")
