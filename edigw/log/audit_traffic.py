"""The audit's third part: the traffic tables against what the events' details say of them.

A detail may state facts and states:

    "transmission": {"id", "direction", "kind", "partner", "via", "name", "sha256", "size", "xid"}
    "messages": [{"id", "position", "type", "version", "control", "number", "sender", "receiver", "standard"}]
    "states": {"transmission/<id>": state, "reason/<id>": its reason, "message/<id>": state, "ack/<id>": its ack_state}
    "kept": {"<id of a transmission>": {"interchange" | "reference" | "finding" | "mailbox_item": SHA-256}}

Each row must be as its event says, each row must have an event, and the last state and hash stated must be the rows'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select

from edigw.log.audit_entries import Told, by_key
from edigw.log.audit_report import Problem, Progress, Scratch
from edigw.log.entry import canonical, parse_canonical
from edigw.log.kept import KINDS, Kind
from edigw.store.schema import job, message, transmission

TRANSMISSION_FACTS = ("id", "direction", "kind", "partner", "via", "name", "sha256", "size", "xid")
MESSAGE_FACTS = ("id", "position", "type", "version", "control", "number", "sender", "receiver", "standard")
_STATES = {
    "transmission": {"transmission": "state", "reason": "reason"},
    "message": {"message": "state", "ack": "ack_state"},
}


class TrafficAudit:
    """Takes the details in log order; `finish` compares the tables with what they said."""

    def __init__(self, connection: Connection, scratch: Scratch) -> None:
        self._connection = connection
        self._scratch = scratch

    def take(self, told: Told) -> Iterator[Problem]:
        """Remembers what one detail says."""
        stated = told.detail.get("transmission")
        if isinstance(stated, Mapping):
            yield from self._fact("transmission", TRANSMISSION_FACTS, stated, told)
        messages = told.detail.get("messages", [])
        for facts in messages if isinstance(messages, list) else []:
            if isinstance(facts, Mapping):
                owner = {"transmission": stated["id"]} if isinstance(stated, Mapping) and "id" in stated else {}
                yield from self._fact("message", MESSAGE_FACTS, {**owner, **facts}, told)
        states = told.detail.get("states", {})
        for key, state in states.items() if isinstance(states, Mapping) else ():
            kind, _, row = key.partition("/")
            self._scratch.put(
                "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?, ?)", kind, row, told.place, told.xid, str(state)
            )

        hashes = told.detail.get("kept", {})
        for row, tables in hashes.items() if isinstance(hashes, Mapping) else ():
            for table, digest in tables.items() if isinstance(tables, Mapping) else ():
                self._scratch.put(
                    "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?, 0)",
                    *(table, row, told.place, told.xid, str(digest)),
                )

    def finish(self) -> Iterator[Problem | Progress]:
        """What the tables say otherwise, or beyond, or not at all."""
        yield from self._table("transmission", transmission)
        yield from self._table("message", message)
        for kind in KINDS:
            yield from self._kept(kind)
        yield from self._unattended()
        for kind, row, place, xid in self._scratch.all("SELECT kind, id, place, xid FROM fact WHERE NOT seen"):
            yield Problem(f"{kind} row {row}", f"missing, although {place} tells of it", xid)

    def _fact(self, kind: str, names: tuple[str, ...], facts: Mapping[str, Any], told: Told) -> Iterator[Problem]:
        lacking = [name for name in names if name not in facts]
        if lacking:
            yield Problem(told.place, f"states a {kind} without its {', '.join(lacking)}", told.xid)
            return
        said = canonical(facts)
        before = self._scratch.one("SELECT place, facts FROM fact WHERE kind = ? AND id = ?", kind, facts["id"])
        if before is None:
            self._scratch.put(
                "INSERT INTO fact (kind, id, place, xid, facts) VALUES (?, ?, ?, ?, ?)",
                *(kind, str(facts["id"]), told.place, told.xid, said),
            )
        elif before[1] != said:  # what was held may be understood better when it is processed again
            self._scratch.put(
                "UPDATE fact SET place = ?, facts = ? WHERE kind = ? AND id = ?",
                told.place,
                said,
                kind,
                str(facts["id"]),
            )

    def _table(self, kind: str, table: Table) -> Iterator[Problem | Progress]:
        total = self._connection.scalar(select(func.count()).select_from(table)) or 0
        for done, row in enumerate(by_key(self._connection, table, "id"), 1):
            found = self._scratch.one("SELECT place, facts FROM fact WHERE kind = ? AND id = ?", kind, row.id)
            if found is None:
                if self._scratch.one("SELECT 1 FROM forgotten WHERE xid = ?", row.xid) is None:
                    yield Problem(f"{kind} row {row.id}", "no event tells of it", row.xid)
            else:
                yield from self._compare(kind, row, *found)
                self._scratch.put("UPDATE fact SET seen = 1 WHERE kind = ? AND id = ?", kind, row.id)
            yield from self._compare_state(kind, row)
            if done % 1000 == 0 or done == total:
                yield Progress(f"{kind}s", done, total)

    def _unattended(self) -> Iterator[Problem]:
        """What waits for the gateway must have a job, or it waits for ever."""
        for states, kind in ((("received",), "process"), (("queued", "placing"), "deliver")):
            waiting = select(job.c.id).where(
                job.c.transmission == transmission.c.id, job.c.kind == kind, job.c.state == "ready"
            )
            lost = select(transmission.c.id, transmission.c.xid, transmission.c.state).where(
                transmission.c.state.in_(states), ~waiting.exists()
            )
            for row in self._connection.execute(lost):
                yield Problem(f"transmission row {row.id}", f"is {row.state}, but has no job to {kind} it", row.xid)

    def _kept(self, kind: Kind) -> Iterator[Problem]:
        for row, digest in kind.all(self._connection):
            found = self._scratch.one("SELECT place, xid, digest FROM kept WHERE kind = ? AND id = ?", kind.table, row)
            if found is None:
                yield Problem(f"{kind.table} rows of transmission {row}", "no event tells of them")
                continue
            place, xid, stated = found
            if stated != digest:
                yield Problem(f"{kind.table} rows of transmission {row}", f"are not those that {place} tells of", xid)
            self._scratch.put("UPDATE kept SET seen = 1 WHERE kind = ? AND id = ?", kind.table, row)
        for row, place, xid in self._scratch.all(
            "SELECT id, place, xid FROM kept WHERE kind = ? AND NOT seen", kind.table
        ):
            yield Problem(f"{kind.table} rows of transmission {row}", f"missing, although {place} tells of them", xid)

    def _compare(self, kind: str, row: Row[Any], place: str, said: bytes) -> Iterator[Problem]:
        held = row._mapping
        for name, value in parse_canonical(said).items():
            if name in held and (held[name] or value) != value:
                yield Problem(f"{kind} row {row.id}", f"its {name} is {held[name]!r}, {place} says {value!r}", row.xid)

    def _compare_state(self, kind: str, row: Row[Any]) -> Iterator[Problem]:
        for stated, column in _STATES[kind].items():
            found = self._scratch.one("SELECT place, state FROM state WHERE kind = ? AND id = ?", stated, row.id)
            held = row._mapping[column]
            if found is not None and found[1] != held:
                yield Problem(
                    f"{kind} row {row.id}", f"its {column} is {held!r}, {found[0]} says {found[1]!r}", row.xid
                )
