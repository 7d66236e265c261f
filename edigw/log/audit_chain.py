"""The audit's look at exchanges: the events of each follow one another, and its row says where it has come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from sqlalchemy import Connection, bindparam, select

from edigw.log.audit_report import Problem, Scratch, raw
from edigw.store.schema import exchange

REMEMBERED = 20_000  # exchanges in memory; the events of one mostly lie close together
BATCH = 1000
# xid; n, leaf hash, and leaf hash according to the tree, of the newest event; the parent; whether that event closed it;
# whether its first event was taken since the exchange is in memory
_State: TypeAlias = tuple[bytes, int, bytes, bytes, str, bool, bool]
_NONE: _State = (b"", -1, bytes(32), bytes(32), "", False, True)
_PUT = (
    "INSERT INTO chain (xid, n, leaf, kept, parent, closed, begun) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
    " SET n = excluded.n, leaf = excluded.leaf, kept = excluded.kept, parent = excluded.parent,"
    " closed = excluded.closed, twice = twice OR excluded.begun"
)
_GET = "SELECT xid, n, leaf, kept, parent, closed, 0 FROM chain WHERE xid = ?"
_ALL = "SELECT xid, n, leaf, kept, parent, closed, twice FROM chain ORDER BY xid"
_EXCHANGES = (
    select(raw(exchange.c.xid), exchange.c.events, raw(exchange.c.last), exchange.c.parent, exchange.c.open)
    .where(exchange.c.xid > bindparam("last"))
    .order_by(exchange.c.xid)
    .limit(BATCH)
)


class Chains:
    """The newest event of every exchange, the latest in memory, the others on disk."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._recent: dict[bytes, _State] = {}

    def follow(
        self, xid: bytes, number: int, prev: str, own_parent: str, leaf: bytes, kept: bytes, closed: bool
    ) -> str:
        """What is wrong with an entry's place in its exchange; nothing if it follows the one before it.

        Takes what the entry says (its n is `number`) and its leaf hash, also according to the tree (`kept`). Of an
        exchange that begins, nothing is looked up: `finish` tells of one that began twice."""
        _, n, last, last_kept, parent, _, begun = self._recent.get(xid) or self._state(xid, number)
        self._recent[xid] = (xid, number, leaf, kept, parent if number else own_parent, closed, begun)
        if number != n + 1:
            return f"is event {number} of its exchange, event {n + 1} should follow"
        before = bytes.fromhex(prev)
        return "" if before in (last, last_kept) else f"its prev is not the hash of event {n} of its exchange"

    def _state(self, xid: bytes, number: int) -> _State:
        if len(self._recent) >= REMEMBERED:
            self._forget()
        found: Any = self._scratch.one(_GET, xid) if number else None
        state: _State = found or _NONE
        return state

    def _forget(self) -> None:
        self._scratch.put_many(_PUT, sorted(self._recent.values()))
        self._recent.clear()

    def finish(self, connection: Connection) -> Iterator[Problem]:
        """The rows of `exchange` against what was followed. Both come in the order of their ids."""
        self._forget()
        followed = self._scratch.all(_ALL)
        chain = next(followed, None)
        for row in _exchanges(connection):
            xid = bytes(row.xid)
            while chain is not None and chain[0] < xid:
                yield _missing(chain[0])
                chain = next(followed, None)
            if chain is None or chain[0] != xid:
                yield Problem(f"exchange row {xid.hex()}", "no entry of the log belongs to it", xid.hex())
                continue
            yield from _compare(row, *chain[1:])
            chain = next(followed, None)
        while chain is not None:
            yield _missing(chain[0])
            chain = next(followed, None)


def _exchanges(connection: Connection) -> Iterator[Any]:
    last = ""
    while rows := connection.execute(_EXCHANGES, {"last": last}).all():
        yield from rows
        last = rows[-1].xid.hex()


def _missing(xid: bytes) -> Problem:
    return Problem(f"exchange row {xid.hex()}", "missing, although the log has events of it", xid.hex())


def _compare(row: Any, n: int, leaf: bytes, kept: bytes, parent: str, closed: int, twice: int) -> Iterator[Problem]:
    xid = row.xid.hex()
    where = f"exchange row {xid}"
    if twice:
        yield Problem(where, "the log has its first event twice", xid)
    if row.events != n + 1:
        yield Problem(where, f"states {row.events} events, the log has {n + 1}", xid)
    if row.last not in (leaf, kept):
        yield Problem(where, "its last is not the hash of its newest event", xid)
    if row.parent != parent:
        yield Problem(where, f"its parent is {row.parent!r}, the log says {parent!r}", xid)
    if row.open == bool(closed):
        yield Problem(where, f"is {'open' if row.open else 'closed'}, the log says otherwise", xid)
