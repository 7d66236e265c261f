"""Changing the log's key: an event that both keys sign for, so that whoever trusts one of them can learn the other."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from edigw.log.eventlog import EventLog, new_xid
from edigw.log.keys import load_key, load_previous, next_key, put_in_use
from edigw.log.note import VerifierKey
from edigw.log.sequence import countersign
from edigw.store.database import Database
from edigw.store.payloads import Payloads

OVERLAP = timedelta(days=30)


def rotate(
    database: Database,
    payloads: Payloads,
    origin: str,
    key_file: Path,
    *,
    keys: tuple[VerifierKey, ...],
    highwater: Path | None,
    actor: str,
    until: date,
) -> VerifierKey:
    """Gives the log a new key; its public half. `keys` are the public keys so far.

    A `log.key` event names the new key and the one that it replaces, and a checkpoint over it is signed by both. Only
    then does the new key take its place. Both sign up to and with `until`: the gateway has to be started anew for that.
    Interrupted anywhere, it can be run again. Raises LogError, StoreError.
    """
    old = load_key(key_file, origin)
    new = next_key(key_file, origin)
    earlier = load_previous(key_file, origin, date.min)
    signers = [new, old, *earlier]
    log = EventLog.open(database, payloads, origin, key=new, previous=signers[1:], keys=keys, highwater=highwater)
    with database.write() as connection:
        log.append(
            connection,
            type="log.key",
            xid=new_xid(),
            actor=actor,
            detail={"key": str(new.verifier), "replaces": str(old.verifier), "until": until.isoformat()},
        )
    while log.integrate():
        pass
    countersign(database, signers)  # a gateway that runs may have signed first, without the new key
    put_in_use(key_file, origin, until)
    return new.verifier
