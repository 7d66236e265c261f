"""The audit's first part: the tree, recomputed from the entries, against tiles, state and all that was signed.

Two frontiers grow side by side, one over the entries' own hashes, one over those that the tiles keep. Where an entry
and its tile disagree, the next signed checkpoint tells which was changed: the one whose root it confirms is right.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from edigw.log.anchors.folder import Copy
from edigw.log.audit_events import Events
from edigw.log.audit_report import Batch, Problem, Progress, raw
from edigw.log.errors import LogDamaged, LogError, NoteError
from edigw.log.highwater import read_mark
from edigw.log.merkle import EMPTY, HASH, WIDTH, Frontier, fold, split, tile_shape
from edigw.log.note import Checkpoint, VerifierKey, open_checkpoint
from edigw.log.tiles import read_state
from edigw.store.schema import ev_checkpoint, ev_entry, ev_tile

BATCH = 4 * WIDTH
_ENTRIES: Select[Any] = (
    select(ev_entry.c.seq, raw(ev_entry.c.eid), ev_entry.c.entry)
    .where(ev_entry.c.seq >= bindparam("first"))
    .order_by(ev_entry.c.seq)
    .limit(BATCH)
)
_TILES = (
    select(ev_tile.c.data)
    .where(ev_tile.c.level == 0, ev_tile.c.idx >= bindparam("first"), ev_tile.c.idx <= bindparam("last"))
    .order_by(ev_tile.c.idx)
)
_TILE = select(ev_tile.c.data).where(ev_tile.c.level == bindparam("level"), ev_tile.c.idx == bindparam("idx"))


@dataclass(frozen=True, slots=True)
class _Signed:
    size: int
    root: bytes
    where: str


class TreeAudit:
    """Walks all entries once. `rows` yields them in batches between what it has to say."""

    def __init__(
        self,
        connection: Connection,
        events: Events,
        origin: str,
        keys: Sequence[VerifierKey],
        highwater: Path | None,
        held: Mapping[str, str],
        copies: Iterable[Copy] = (),
    ) -> None:
        """`held`: checkpoints that lie elsewhere, by a name; `copies`: more of them, by size."""
        self._connection = connection
        self._events = events
        self._origin = origin
        self._keys = keys
        self._highwater = highwater
        self._held = held
        self._copies = copies
        self._own = Frontier()
        self._kept: Frontier | None = None  # None as long as both say the same
        self._suspects: list[int] = []  # rows that differ from their tile, since the last signed size
        self._confirmed = 0  # the largest size that a signature was compared with
        self._before = 0  # the one before that
        self._lost = False  # whether the roots have parted for good
        self._tile = (-1, b"")

    def walk(self) -> Iterator[Problem | Progress | Batch]:
        """Problems of the tree, progress, and all entries in batches."""
        try:
            size, root = read_state(self._connection)
        except LogDamaged as error:
            yield Problem("ev_state", str(error))
            size, root = 0, EMPTY
        signed = self._signed()
        pending = yield from _next(signed)
        for batch in self._batches():
            leaves = [sha256(b"\0" + row[2]).digest() for row in batch]  # leaf_hash
            if self._kept is None and self._agree(batch, leaves):
                kept: Sequence[bytes | None] = leaves
                pending = yield from self._take_all(leaves, pending, signed)
            else:
                kept = [self._kept_hash(row.seq) for row in batch]
                for row, leaf, held in zip(batch, leaves, kept, strict=True):
                    while self._own.size < row.seq and not self._lost:
                        yield from self._missing(row.seq)
                        pending = yield from self._compare(pending, signed)
                    yield from self._take(row.seq, leaf, held)
                    pending = yield from self._compare(pending, signed)
            yield Batch("ev_entry", batch, self._events.beside([row[1] for row in batch]), leaves, kept)
            yield Progress("entries", self._own.size, max(size, self._own.size))
        yield from self._tail(size, root, pending, signed)
        yield from _check_tiles(self._connection, size)

    def _batches(self) -> Iterator[Sequence[Any]]:
        first = 0
        while found := self._connection.execute(_ENTRIES, {"first": first}).all():
            yield found
            first = found[-1].seq + 1

    def _agree(self, batch: Sequence[Any], leaves: Sequence[bytes]) -> bool:
        """Whether the rows are just the next ones, and the tiles hold just their hashes."""
        first, last = self._own.size, batch[-1].seq
        if batch[0].seq != first or last - first + 1 != len(batch):
            return False
        span = {"first": first // WIDTH, "last": last // WIDTH}
        tiles = b"".join(self._connection.execute(_TILES, span).scalars())
        start = first % WIDTH * HASH
        return tiles[start : start + len(leaves) * HASH] == b"".join(leaves)

    def _take_all(
        self, leaves: Sequence[bytes], pending: _Signed | None, signed: Iterator[Problem | _Signed]
    ) -> Generator[Problem, None, _Signed | None]:
        """Grows by hashes that entries and tiles agree on, as far as the next signature each time."""
        at = 0
        while at < len(leaves):
            until = len(leaves)
            if pending is not None and pending.size > self._own.size:
                until = min(until, at + pending.size - self._own.size)
            self._own.extend(leaves[at:until])
            at = until
            pending = yield from self._compare(pending, signed)
        return pending

    def _parted(self) -> Frontier:
        """What the tiles say, from here on beside what the entries say."""
        if self._kept is None:
            self._kept = self._own.copy()
        return self._kept

    def _kept_hash(self, seq: int) -> bytes | None:
        index, offset = divmod(seq, WIDTH)
        if self._tile[0] != index:
            data = self._connection.execute(_TILE, {"level": 0, "idx": index}).scalar()
            self._tile = (index, bytes(data or b""))
        found = self._tile[1][offset * HASH : (offset + 1) * HASH]
        return found if len(found) == HASH else None

    def _missing(self, before: int) -> Iterator[Problem]:
        """Steps over the next row, which is not there, or over all up to `before` if the tiles lack it too."""
        seq = self._own.size
        kept = self._kept_hash(seq)
        if kept is None:
            self._lost = True
            yield Problem(f"ev_entry rows {seq} to {before - 1}", "missing, and the tiles lack them too")
            return
        if self._kept is not None:
            self._kept.push(kept)
        self._own.push(kept)
        yield Problem(f"ev_entry row {seq}", "missing: the tree holds its hash, the table has no such row")

    def _take(self, seq: int, leaf: bytes, kept: bytes | None) -> Iterator[Problem]:
        if kept is None:
            yield Problem(f"ev_tile 0/{seq // WIDTH}", f"does not hold the hash of ev_entry row {seq}")
        elif kept != leaf:
            self._suspects.append(seq)
            self._parted()
        if self._kept is not None:
            self._kept.push(kept or leaf)
        self._own.push(leaf)

    def _compare(
        self, pending: _Signed | None, signed: Iterator[Problem | _Signed]
    ) -> Generator[Problem, None, _Signed | None]:
        """Judges by each signature over the size reached; returns the next one to come."""
        while pending is not None and pending.size <= self._own.size:
            if pending.size == self._own.size:
                yield from self._judge(pending.root, pending.where)
            pending = yield from _next(signed)
        return pending

    def _judge(self, root: bytes, where: str) -> Iterator[Problem]:
        suspects, self._suspects = self._suspects, []
        size = self._own.size
        if self._lost:
            for seq in suspects:
                yield Problem(f"ev_entry row {seq}", "its bytes and its hash in the tree do not belong together")
        elif self._own.root() == root:
            self._kept = None
            for seq in suspects:
                what = f"its hash {seq % WIDTH} is not that of ev_entry row {seq}, which {where} confirms"
                yield Problem(f"ev_tile 0/{seq // WIDTH}", what)
        elif self._kept is not None and self._kept.root() == root:
            self._own, self._kept = self._kept, None
            for seq in suspects:
                yield Problem(f"ev_entry row {seq}", f"changed: its bytes are not those that {where} confirms")
        else:
            self._lost = True
            for seq in suspects:
                yield Problem(f"ev_entry row {seq}", "its bytes and its hash in the tree do not belong together")
            yield Problem(
                f"ev_entry rows {self._before if self._confirmed == size else self._confirmed} to {size - 1}",
                f"not those that {where} is about: its root over the first {size} entries is {root.hex()}, "
                f"that of the table is {self._own.root().hex()}",
            )
        if size > self._confirmed:
            self._before, self._confirmed = self._confirmed, size

    def _tail(
        self, size: int, root: bytes, pending: _Signed | None, signed: Iterator[Problem | _Signed]
    ) -> Iterator[Problem]:
        """What comes after the last row: rows cut off, the state, signatures over more than there is."""
        while not self._lost and self._kept_hash(self._own.size) is not None:
            yield from self._missing(self._own.size + 1)
            pending = yield from self._compare(pending, signed)
        held = self._own.size
        if size != held:
            yield Problem("ev_state", f"states {size} entries, there are {held}")
        elif self._confirmed < held:
            yield from self._judge(root, "ev_state")
        elif not self._lost and root != self._own.root():
            yield Problem("ev_state", f"states the root {root.hex()}, the entries give {self._own.root().hex()}")
        for seq in self._suspects:
            yield Problem(f"ev_entry row {seq}", "its bytes and its hash in the tree do not belong together")
        while pending is not None:
            yield Problem(
                "ev_entry",
                f"{pending.where} was signed over {pending.size} entries, there are {held}: "
                f"the newest were cut off, or the database is an old copy",
            )
            pending = yield from _next(signed)

    def _signed(self) -> Iterator[Problem | _Signed]:
        """Every signed checkpoint by size, its signature checked; those that lie elsewhere among them."""
        elsewhere = self._elsewhere()
        pending = yield from _next(elsewhere)
        last = -1
        while True:
            rows = self._connection.execute(
                select(ev_checkpoint).where(ev_checkpoint.c.size > last).order_by(ev_checkpoint.c.size).limit(BATCH)
            ).all()
            if not rows:
                break
            for row in rows:
                while pending is not None and pending.size <= row.size:
                    yield pending
                    pending = yield from _next(elsewhere)
                where = f"ev_checkpoint row {row.size}"
                try:
                    checkpoint = open_checkpoint(row.note, self._origin, self._keys)
                except NoteError as error:
                    yield Problem(where, str(error))
                    continue
                if checkpoint.size != row.size:
                    yield Problem(where, f"its note was signed over {checkpoint.size} entries")
                    continue
                yield _Signed(checkpoint.size, checkpoint.root, where)
            last = rows[-1].size
        while pending is not None:
            yield pending
            pending = yield from _next(elsewhere)

    def _elsewhere(self) -> Iterator[Problem | _Signed]:
        """What was signed and lies outside of the database: the mark, what is held, copies; by size."""
        mark = yield from self._mark()
        few = [mark] if mark else []
        for where, note in self._held.items():
            few += yield from self._opened(where, note)
        few.sort(key=lambda one: one.size)
        last = 0
        for copy in self._copies:
            if copy.size < last:
                yield Problem(str(copy.path), f"lies behind a checkpoint over {last} entries")
            last = copy.size
            while few and few[0].size <= copy.size:
                yield few.pop(0)
            try:
                yield from (yield from self._opened(str(copy.path), copy.note()))
            except LogError as error:
                yield Problem(str(copy.path), str(error))
        yield from few

    def _opened(self, where: str, note: str) -> Generator[Problem, None, list[_Signed]]:
        try:
            held = open_checkpoint(note, self._origin, self._keys)
        except NoteError as error:
            yield Problem(where, str(error))
            return []
        return [_Signed(held.size, held.root, where)]

    def _mark(self) -> Generator[Problem, None, _Signed | None]:
        if self._highwater is None:
            return None
        where = str(self._highwater)
        try:
            note = read_mark(self._highwater)
            checkpoint = open_checkpoint(note, self._origin, self._keys) if note else Checkpoint("", 0, EMPTY)
        except LogError as error:
            yield Problem(where, str(error))
            return None
        newest = self._connection.scalar(select(func.max(ev_checkpoint.c.size)))
        if not note and newest:
            yield Problem(where, f"missing, although ev_checkpoint shows that {newest} entries were signed")
        return _Signed(checkpoint.size, checkpoint.root, where) if note else None


def _next(signed: Iterator[Problem | _Signed]) -> Generator[Problem, None, _Signed | None]:
    """The next signed checkpoint, or None; problems on the way are passed on."""
    for item in signed:
        if isinstance(item, _Signed):
            return item
        yield item
    return None


def _check_tiles(connection: Connection, size: int) -> Iterator[Problem | Progress]:
    """Every hash above level 0 must be the root over the tile below it; no tile may be there without need."""
    shape = tile_shape(size)
    expected = {level: full + bool(rest) for level, (full, rest) in enumerate(shape)}
    for row in connection.execute(
        select(ev_tile.c.level, func.count(), func.max(ev_tile.c.idx)).group_by(ev_tile.c.level)
    ):
        wanted = expected.get(row[0], 0)
        if row[1] > wanted or row[2] >= wanted:
            yield Problem(f"ev_tile level {row[0]}", f"has {row[1]} rows up to {row[2]}, should have {wanted}")
    for level, (full, rest) in enumerate(shape):
        for index in range(expected[level]):
            held = WIDTH if index < full else rest
            data = connection.execute(_TILE, {"level": level, "idx": index}).scalar()
            if data is None or len(data) != held * HASH:
                found = "missing" if data is None else f"{len(data)} bytes long"
                yield Problem(f"ev_tile {level}/{index}", f"{found}, should have {held * HASH} bytes")
            elif level:
                yield from _check_tile(connection, level, index, split(bytes(data)))
            if index % 256 == 255:
                yield Progress("tiles", index + 1, expected[level])


def _check_tile(connection: Connection, level: int, index: int, hashes: list[bytes]) -> Iterator[Problem]:
    first = index * WIDTH
    below = connection.execute(
        select(ev_tile.c.idx, ev_tile.c.data).where(
            ev_tile.c.level == level - 1, ev_tile.c.idx >= first, ev_tile.c.idx < first + len(hashes)
        )
    )
    for child, data in below:
        if len(data) == WIDTH * HASH and fold(split(bytes(data))) != hashes[child - first]:
            yield Problem(
                f"ev_tile {level}/{index}", f"its hash {child - first} is not that of ev_tile {level - 1}/{child}"
            )
