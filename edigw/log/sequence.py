"""Sequencing: pending entries get their place in the tree, and the tree's new state is signed.

Two transactions. The first moves entries and grows the tiles; the second, which nobody shares, reads what is committed,
and only then signs. So no signature ever covers what a crash could undo. Any process may try; an advisory lock
(PostgreSQL) or the write lock (SQLite) lets one at a time. Pending rows are taken whole, never by "id greater
than the last": ids commit out of order.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update

from edigw.log.errors import LogDamaged, LogRolledBack
from edigw.log.highwater import check_mark, read_mark, write_mark
from edigw.log.keys import LogKey
from edigw.log.merkle import Tree, leaf_hash
from edigw.log.note import Checkpoint, VerifierKey, assemble, split_note
from edigw.log.tiles import STATE, SqlTiles, load_edge, read_state, store_tiles
from edigw.store.database import Database
from edigw.store.schema import ev_checkpoint, ev_entry, ev_pending, ev_state

SEQUENCER_LOCK = 0x45444945  # advisory lock on PostgreSQL: "EDIE"
_SLICE = 500  # rows a DELETE names: SQLite takes at most 999 variables in old builds


def work_waits(connection: Connection) -> tuple[bool, bool]:
    """Whether entries wait for their place, and whether the tree has grown since it was last signed."""
    pending = connection.scalar(select(ev_pending.c.id).limit(1)) is not None
    size, _ = read_state(connection)
    signed = connection.scalar(select(func.max(ev_checkpoint.c.size)))
    return pending, size > (signed or 0)


def move(database: Database, limit: int) -> int:
    """Gives up to `limit` pending entries their places. Returns how many; 0 also if another process is at it.

    Raises LogDamaged if tiles and state contradict each other.
    """
    with database.write(hurry=True) as connection:
        if not _elected(connection, wait=False):
            return 0
        rows = connection.execute(select(ev_pending).order_by(ev_pending.c.id).limit(limit)).all()
        if not rows:
            return 0
        size, root = read_state(connection)
        edge = load_edge(connection, size)
        if edge.root() != root:
            raise LogDamaged("the tiles at the edge of the tree do not give the root in ev_state")
        connection.execute(
            insert(ev_entry),
            [{"seq": seq, "eid": row.eid, "entry": row.entry} for seq, row in enumerate(rows, size)],
        )
        store_tiles(connection, edge.append(leaf_hash(row.entry) for row in rows))
        moved = connection.execute(
            update(ev_state)
            .where(ev_state.c.id == STATE, ev_state.c.size == size, ev_state.c.root == root)
            .values(size=edge.size, root=edge.root())
        )
        if moved.rowcount != 1:
            raise LogDamaged("ev_state changed under the sequencer")
        for at in range(0, len(rows), _SLICE):
            ids = [row.id for row in rows[at : at + _SLICE]]
            connection.execute(delete(ev_pending).where(ev_pending.c.id.in_(ids)))
        return len(rows)


def sign(database: Database, signers: Sequence[LogKey], keys: Sequence[VerifierKey], highwater: Path | None) -> bool:
    """Signs the committed state with each of `signers`, if it has grown; False if there was nothing new.

    What was signed before must be a beginning of it, else LogRolledBack: the log never signs two histories.
    The mark is written before the checkpoint's row, so that it is never behind what anybody may have seen.
    """
    origin = signers[0].name
    with database.write(alone=True, hurry=True) as connection:
        _elected(connection, wait=True)
        size, root = read_state(connection)
        newest = connection.execute(select(ev_checkpoint).order_by(ev_checkpoint.c.size.desc()).limit(1)).first()
        if size == (newest.size if newest else 0):
            return False
        tree = Tree(SqlTiles(connection), size)
        if tree.root() != root:
            raise LogDamaged("the tiles do not give the root in ev_state")
        mark = read_mark(highwater) if highwater else None
        if mark is not None:
            check_mark(mark, str(highwater), tree, origin, keys)
        elif highwater and newest is not None:
            raise LogRolledBack(
                f"{highwater} has gone, although this log has signed {newest.size} entries: put it back"
            )
        if newest is not None:
            check_mark(newest.note, f"ev_checkpoint row {newest.size}", tree, origin, keys)
        body = Checkpoint(origin, size, root).body()
        note = assemble(body, *(key.sign(body) for key in signers))
        if highwater:
            write_mark(highwater, note)
        connection.execute(insert(ev_checkpoint).values(size=size, note=note))
        return True


def countersign(database: Database, signers: Sequence[LogKey]) -> None:
    """Adds what is missing of the signatures of `signers` to the newest checkpoint. Raises NoteError."""
    with database.write(alone=True) as connection:
        _elected(connection, wait=True)
        newest = connection.execute(select(ev_checkpoint).order_by(ev_checkpoint.c.size.desc()).limit(1)).one()
        body, signatures = split_note(newest.note)
        there = {key_id for _, key_id, _ in signatures}
        more = [key.sign(body) for key in signers if key.verifier.key_id not in there]
        if more:
            change = update(ev_checkpoint).where(ev_checkpoint.c.size == newest.size)
            connection.execute(change.values(note=newest.note + "".join(more)))


def _elected(connection: Connection, *, wait: bool) -> bool:
    if connection.dialect.name != "postgresql":
        return True  # whoever writes to SQLite is alone
    if wait:
        connection.execute(select(func.pg_advisory_xact_lock(SEQUENCER_LOCK)))
        return True
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(SEQUENCER_LOCK))))
