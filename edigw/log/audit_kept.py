"""The audit's look at rows that events vouch for by a hash: what is kept beside a transmission.

A detail may state `"kept": {"<id of a transmission>": {NAME: SHA-256}}` with the names in `edigw.log.kept`; what it
leaves out is not there, as long as `mailbox` is among them. The last statement about a transmission counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from edigw.log.audit_entries import Told
from edigw.log.audit_report import Problem, Scratch
from edigw.log.kept import FORMER_MAILBOX, KINDS, MAILBOX, Kind

_PUT = "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?, 0)"
_GET = "SELECT place, xid, digest FROM kept WHERE kind = ? AND id = ?"
_UNSEEN = "SELECT id, place, xid FROM kept WHERE kind = ? AND NOT seen AND digest <> ''"


class KeptAudit:
    """Takes the details in log order; `finish` compares the tables with the last hashes."""

    def __init__(self, connection: Connection, scratch: Scratch) -> None:
        self._connection = connection
        self._scratch = scratch

    def take(self, told: Told) -> None:
        """Remembers the hashes that one detail states."""
        hashes = told.detail.get("kept", {})
        for id, named in hashes.items() if isinstance(hashes, Mapping) else ():
            if not isinstance(named, Mapping):
                continue
            self._scratch.put("DELETE FROM kept WHERE id = ?", id)
            self._scratch.put_many(_PUT, ((name, id, told.place, told.xid, str(of)) for name, of in named.items()))

    def finish(self) -> Iterator[Problem]:
        """Rows that are not those that the last event tells of."""
        for kind in KINDS:
            for id, digest in kind.all(self._connection):
                yield from self._compare(kind, id, digest)
                self._scratch.put("UPDATE kept SET seen = 1 WHERE kind = ? AND id = ?", kind.name, id)
            for id, place, xid in self._scratch.all(_UNSEEN, kind.name):
                yield Problem(_where(kind, id), f"missing, although {place} tells of them", xid)
        yield from self._former()

    def _compare(self, kind: Kind, id: str, digest: str) -> Iterator[Problem]:
        found = self._scratch.one(_GET, kind.name, id)
        if found is None:
            if kind is not MAILBOX or self._scratch.one("SELECT 1 FROM kept WHERE id = ?", id) is None:
                yield Problem(_where(kind, id), "no event tells of them")
        elif found[2] != digest:
            yield Problem(_where(kind, id), f"are not those that {found[0]} tells of", found[1])

    def _former(self) -> Iterator[Problem]:
        """Mailboxes of transmissions about which nothing was said since receipts are events."""
        stated = self._scratch.all("SELECT id, place, xid, digest FROM kept WHERE kind = ?", FORMER_MAILBOX.name)
        for id, place, xid, digest in stated:
            if FORMER_MAILBOX.of(self._connection, id) != digest:
                yield Problem(_where(MAILBOX, id), f"are not those that {place} tells of", xid)


def _where(kind: Kind, id: str) -> str:
    return f"{kind.table} rows of transmission {id}"
