"""Which bindings counted when: each change of them, or of the engine that runs them, is in the log, with their content.

Overlays of partners are files of the configuration: `edigw.gateway.upkeep.configuration` tells of those.
"""

from __future__ import annotations

from hashlib import sha256

from edigw import __version__
from edigw.gateway.context import Context
from edigw.gateway.upkeep.configuration import FILES_PER_EVENT, ROLE, changes, newest
from edigw.log.eventlog import Content
from edigw.resources import shipped

ENGINE = f"edigw {__version__}"
_KINDS = (".yaml", ".csv")  # bindings and shared sets; code lists


def exchange_of(origin: str) -> str:
    """The exchange that tells of the bindings of the log `origin`."""
    return sha256(f"edigw bindings\n{origin}".encode()).hexdigest()[:32]


def record(context: Context) -> None:
    """Put into the log which bindings count from now on, unless it says so already. Raises StoreError, LogError."""
    log, xid, files = context.log, exchange_of(context.log.origin), _files(context)
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    digest = sha256("".join(f"{hash}  {name}\n" for name, hash in sorted(hashes.items())).encode()).hexdigest()
    with context.database.write() as conn:
        events = log.lock(conn, xid)
        before = newest(conn, context.payloads, xid, events)
        if (before.get("bindings"), before.get("engine")) == (digest, ENGINE):
            return
        changed = changes(before.get("files", {}), hashes)
        batches = [changed[at : at + FILES_PER_EVENT] for at in range(0, len(changed), FILES_PER_EVENT)] or [[]]
        for some in batches:
            log.append(
                conn,
                type="map.published",
                xid=xid,
                actor="gateway",
                objects=[Content(ROLE, data=files[each.name]) for each in some if each.sha256],
                detail={
                    "engine": ENGINE,
                    "bindings": digest,
                    "before": before.get("bindings"),
                    "changed": [{"name": c.name, "sha256": c.sha256, "before": c.before} for c in some],
                    **({"files": hashes} if some is batches[-1] else {}),
                },
            )
    context.wake.set("log")


def _files(context: Context) -> dict[str, bytes]:
    home = context.config.bindings or shipped("mappings")
    found = (path for path in home.rglob("*") if path.suffix in _KINDS and path.is_file())
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in sorted(found)}
