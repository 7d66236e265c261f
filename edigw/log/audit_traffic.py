"""The audit's third part: rows that events state one by one, against what the events' details say of them.

A detail may state facts and states:

    "transmission": {"id", "direction", "kind", "partner", "via", "name", "sha256", "size", "xid"}
    "messages": [{"id", "position", "type", "version", "control", "number", "sender", "receiver", "standard"}]
    "remembered": [{"key", "digest", "transmission", "position", "created_at"}]
    "numbers": [{"series", "last"}]
    "delivery": {"transmission", "target", "temp_name", "begun_at"}
    "states": {"transmission/<id>": state, "reason/<id>": its reason, "changed/<id>": since when,
               "message/<id>": state, "ack/<id>": its ack_state}

Each row must be as the last event about it says, each row must have an event, and each that an event tells of must be
there. What else is kept about a transmission: `audit_kept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select

from edigw.log.audit_entries import Told, by_key
from edigw.log.audit_kept import KeptAudit
from edigw.log.audit_report import Problem, Progress, Scratch
from edigw.log.audit_work import WorkAudit
from edigw.log.entry import canonical, parse_canonical
from edigw.store.schema import control_number, delivery, interchange_key, message, transmission


@dataclass(frozen=True, slots=True)
class _Stated:
    """A table whose rows events state: the member of the detail, the column that names a row, what must be said."""

    member: str
    table: Table
    key: str
    facts: tuple[str, ...]


_TRANSMISSIONS = _Stated(
    "transmission",
    transmission,
    "id",
    ("id", "direction", "kind", "partner", "via", "name", "sha256", "size", "xid"),
)
_MESSAGES = _Stated(
    "messages",
    message,
    "id",
    ("id", "position", "type", "version", "control", "number", "sender", "receiver", "standard"),
)
_REMEMBERED = _Stated("remembered", interchange_key, "key", ("key", "digest", "transmission", "position", "created_at"))
_NUMBERS = _Stated("numbers", control_number, "series", ("series", "last"))
_DELIVERIES = _Stated("delivery", delivery, "transmission", ("transmission", "target", "temp_name", "begun_at"))
_ALL = (_TRANSMISSIONS, _MESSAGES, _REMEMBERED, _NUMBERS, _DELIVERIES)
_STATES = {
    "transmission": {"transmission": "state", "reason": "reason", "changed": "changed_at"},
    "message": {"message": "state", "ack": "ack_state"},
}
_STATED = {kind for kinds in _STATES.values() for kind in kinds}


class TrafficAudit:
    """Takes the details in log order; `finish` compares the tables with what they said."""

    def __init__(self, connection: Connection, scratch: Scratch) -> None:
        self._connection = connection
        self._scratch = scratch
        self._kept = KeptAudit(connection, scratch)
        self._work = WorkAudit(connection)

    def take(self, told: Told) -> Iterator[Problem]:
        """Remembers what one detail says."""
        whole = told.detail.get("transmission")
        owner = {"transmission": whole["id"]} if isinstance(whole, Mapping) and "id" in whole else {}
        for stated in _ALL:
            for facts in _listed(told.detail.get(stated.member)):
                yield from self._fact(stated, {**owner, **facts} if stated is _MESSAGES else facts, told)
        states = told.detail.get("states", {})
        for key, state in states.items() if isinstance(states, Mapping) else ():
            kind, _, row = key.partition("/")
            self._scratch.put(
                "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?, ?)", kind, row, told.place, told.xid, str(state)
            )
        if "interchanges" in told.detail and "remembered" not in told.detail:  # from before references were stated
            about = told.detail.get("about", {})
            self._scratch.put("INSERT OR IGNORE INTO unremembered VALUES (?)", str(about.get("transmission", "")))
        self._kept.take(told)

    def finish(self) -> Iterator[Problem | Progress]:
        """What the tables say otherwise, or beyond, or not at all."""
        for stated in _ALL:
            yield from self._table(stated)
        yield from self._kept.finish()
        yield from self._work.walk()
        for kind, row, place, xid in self._scratch.all("SELECT kind, id, place, xid FROM fact WHERE NOT seen"):
            yield Problem(f"{kind} row {row}", f"missing, although {place} tells of it", xid)

    def _fact(self, stated: _Stated, facts: Mapping[str, Any], told: Told) -> Iterator[Problem]:
        kind = stated.table.name
        lacking = [name for name in stated.facts if name not in facts]
        if lacking:
            yield Problem(told.place, f"states a {kind} without its {', '.join(lacking)}", told.xid)
            return
        # The last statement counts: what was held may be understood better when it is processed again.
        self._scratch.put(
            "INSERT OR REPLACE INTO fact (kind, id, place, xid, facts) VALUES (?, ?, ?, ?, ?)",
            *(kind, str(facts[stated.key]), told.place, told.xid, canonical(facts)),
        )

    def _table(self, stated: _Stated) -> Iterator[Problem | Progress]:
        table, kind = stated.table, stated.table.name
        total = self._connection.scalar(select(func.count()).select_from(table)) or 0
        for done, row in enumerate(by_key(self._connection, table, stated.key), 1):
            key = row._mapping[stated.key]
            found = self._scratch.one("SELECT place, xid, facts FROM fact WHERE kind = ? AND id = ?", kind, key)
            if found is not None:
                if stated is not _DELIVERIES or self._has_relayed(key):
                    yield from _compare(kind, key, row, *found)
                self._scratch.put("UPDATE fact SET seen = 1 WHERE kind = ? AND id = ?", kind, key)
            elif not self._may_be_untold(stated, row):
                yield Problem(f"{kind} row {key}", "no event tells of it", row._mapping.get("xid", ""))
            if kind in _STATES:
                yield from self._compare_state(kind, row)
                if done % 1000 == 0 or done == total:
                    yield Progress(f"{kind}s", done, total)

    def _may_be_untold(self, stated: _Stated, row: Row[Any]) -> bool:
        """Whether a row may be there without an event: details were erased, the log is older than the statement, or
        the row means nothing yet."""
        if stated in (_TRANSMISSIONS, _MESSAGES):
            return self._scratch.one("SELECT 1 FROM forgotten WHERE xid = ?", row.xid) is not None
        if stated is _REMEMBERED:
            return self._scratch.one("SELECT 1 FROM unremembered WHERE id = ?", row.transmission) is not None
        return True

    def _has_relayed(self, transmission_id: str) -> bool:
        """Whether the last attempt at a delivery is the one that an event tells of: it came as far as that."""
        found = self._scratch.one("SELECT state FROM state WHERE kind = 'transmission' AND id = ?", transmission_id)
        return found is not None and found[0] in ("placing", "delivered")

    def _compare_state(self, kind: str, row: Row[Any]) -> Iterator[Problem]:
        for stated, column in _STATES[kind].items():
            found = self._scratch.one("SELECT place, state FROM state WHERE kind = ? AND id = ?", stated, row.id)
            held = row._mapping[column]
            if found is not None and found[1] != held:
                yield Problem(
                    f"{kind} row {row.id}", f"its {column} is {held!r}, {found[0]} says {found[1]!r}", row.xid
                )


def _listed(member: object) -> Iterator[Mapping[str, Any]]:
    """The statements in a member of a detail: one, or a list of them."""
    if isinstance(member, Mapping):
        yield member
    elif isinstance(member, list):
        yield from (each for each in member if isinstance(each, Mapping))


def _compare(kind: str, key: str, row: Row[Any], place: str, xid: str, said: bytes) -> Iterator[Problem]:
    held = row._mapping
    for name, value in parse_canonical(said).items():
        if name in held and ("" if held[name] is None else held[name]) != value:
            yield Problem(f"{kind} row {key}", f"its {name} is {held[name]!r}, {place} says {value!r}", xid)
