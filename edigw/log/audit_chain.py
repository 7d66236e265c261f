"""The audit's look at exchanges: the events of each follow one another, and its row says where it has come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, bindparam, select

from edigw.log.audit_report import Problem, Scratch
from edigw.store.schema import exchange

REMEMBERED = 20_000  # exchanges in memory; the events of one mostly lie close together
BATCH = 1000
# n, leaf hash, and leaf hash according to the tree, of the newest event; the parent; whether that event closed it
_State: TypeAlias = tuple[int, bytes, bytes, str, bool]
_NONE = (-1, bytes(32), bytes(32), "", False)
_PUT = "INSERT OR REPLACE INTO chain VALUES (?, ?, ?, ?, ?, ?)"
_GET = "SELECT n, leaf, kept, parent, closed FROM chain WHERE xid = ?"
_EXCHANGES = select(exchange).where(exchange.c.xid > bindparam("last")).order_by(exchange.c.xid).limit(BATCH)


class Chains:
    """The newest event of every exchange, the latest in memory, the others on disk."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._recent: dict[bytes, _State] = {}

    def follow(
        self, xid: bytes, number: int, prev: str, own_parent: str, leaf: bytes, kept: bytes, closed: bool
    ) -> str:
        """What is wrong with an entry's place in its exchange; nothing if it follows the one before it.

        Takes what the entry says (its n is `number`) and its leaf hash, also according to the tree (`kept`)."""
        n, last, last_kept, parent, _ = self._recent.get(xid) or self._state(xid)
        self._recent[xid] = (number, leaf, kept, parent if number else own_parent, closed)
        if number != n + 1:
            return f"is event {number} of its exchange, event {n + 1} should follow"
        before = bytes.fromhex(prev)
        return "" if before in (last, last_kept) else f"its prev is not the hash of event {n} of its exchange"

    def _state(self, xid: bytes) -> _State:
        found: Any = self._scratch.one(_GET, xid) or _NONE
        if len(self._recent) >= REMEMBERED:
            self._forget()
        state: _State = found
        return state

    def _forget(self) -> None:
        self._scratch.put_many(_PUT, ((xid, *state) for xid, state in self._recent.items()))
        self._recent.clear()

    def finish(self, connection: Connection) -> Iterator[Problem]:
        """The rows of `exchange` against what was followed. Both come in the order of their ids."""
        self._forget()
        followed = self._scratch.all("SELECT xid, n, leaf, kept, parent, closed FROM chain ORDER BY xid")
        chain = next(followed, None)
        for row in _exchanges(connection):
            xid = bytes.fromhex(row.xid)
            while chain is not None and chain[0] < xid:
                yield _missing(chain[0])
                chain = next(followed, None)
            if chain is None or chain[0] != xid:
                yield Problem(f"exchange row {row.xid}", "no entry of the log belongs to it", row.xid)
                continue
            yield from _compare(row, *chain[1:])
            chain = next(followed, None)
        while chain is not None:
            yield _missing(chain[0])
            chain = next(followed, None)


def _exchanges(connection: Connection) -> Iterator[Row[Any]]:
    last = ""
    while rows := connection.execute(_EXCHANGES, {"last": last}).all():
        yield from rows
        last = rows[-1].xid


def _missing(xid: bytes) -> Problem:
    return Problem(f"exchange row {xid.hex()}", "missing, although the log has events of it", xid.hex())


def _compare(row: Row[Any], n: int, leaf: bytes, kept: bytes, parent: str, closed: int) -> Iterator[Problem]:
    where = f"exchange row {row.xid}"
    if row.events != n + 1:
        yield Problem(where, f"states {row.events} events, the log has {n + 1}", row.xid)
    if bytes.fromhex(row.last) not in (leaf, kept):
        yield Problem(where, "its last is not the hash of its newest event", row.xid)
    if row.parent != parent:
        yield Problem(where, f"its parent is {row.parent!r}, the log says {parent!r}", row.xid)
    if row.open == bool(closed):
        yield Problem(where, f"is {'open' if row.open else 'closed'}, the log says otherwise", row.xid)
