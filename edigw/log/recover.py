"""The way on after a loss: a new log, whose first event says from which one it takes over."""

from __future__ import annotations

from sqlalchemy import select

from edigw.log.errors import LogError
from edigw.log.eventlog import Appended, EventLog, new_xid
from edigw.log.note import Checkpoint
from edigw.log.tiles import read_state
from edigw.store.schema import ev_pending


def recover(log: EventLog, note: str, *, actor: str, why: str) -> Appended:
    """Appends `log.recovered` as the first event of a log. `note` is the last checkpoint that the lost one signed.

    Raises LogError if the log has other events already, or has the name of the lost one: two histories under one name
    is just what nobody must be able to show. NoteError if `note` is no checkpoint.
    """
    lost = Checkpoint.of(note)
    if lost.origin == log.origin:
        raise LogError(
            f"the lost log is called {lost.origin} too: the new one needs another origin, and a key of its own"
        )
    with log.database.write() as connection:
        size, _ = read_state(connection)
        if size or connection.scalar(select(ev_pending.c.id).limit(1)) is not None:
            raise LogError(
                f"the log {log.origin} has events already: only the first one can take over from another log"
            )
        return log.append(
            connection,
            type="log.recovered",
            xid=new_xid(),
            actor=actor,
            detail={"log": lost.origin, "size": lost.size, "root": lost.root.hex(), "checkpoint": note, "why": why},
        )
