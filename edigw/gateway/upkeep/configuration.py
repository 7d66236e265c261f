"""Which configuration counted when: each change of its files is in the log, with the content of what changed.

All of these events make up one exchange, so none can be left out unseen. Events about traffic name the digest of the
configuration that they happened under; `version_of` finds what stood in its files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from edigw.gateway.context import Context
from edigw.gateway.desk import queries
from edigw.log import objects
from edigw.log.eventlog import Content
from edigw.partners.config import Config
from edigw.store.payloads import Payloads
from edigw.store.schema import event, evidence_object

ROLE = "configuration"
FILES_PER_EVENT = 100  # an entry of the log has its bounds


@dataclass(frozen=True, slots=True)
class Change:
    """A file that changed: its SHA-256 in hex after and before that, "" where there is no such file."""

    name: str
    sha256: str
    before: str

    @property
    def words(self) -> str:
        """What became of it."""
        return f"{self.name} ({'changed' if self.sha256 and self.before else 'new' if self.sha256 else 'removed'})"


@dataclass(frozen=True, slots=True)
class Version:
    """A configuration that counted from `at` on: its digest, its files with their hashes, and what made it another one
    than the version before."""

    digest: str
    at: str
    files: Mapping[str, str]
    changes: Sequence[Change]


def exchange_of(origin: str) -> str:
    """The exchange that tells of the configuration of the log `origin`."""
    return sha256(f"edigw configuration\n{origin}".encode()).hexdigest()[:32]


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """Which of the files with these hashes differ, by name."""
    found = (Change(name, after.get(name, ""), before.get(name, "")) for name in sorted({*before, *after}))
    return [change for change in found if change.sha256 != change.before]


def record(context: Context, config: Config, at_restart: Sequence[str] = ()) -> None:
    """Put into the log that `config` counts from now on, unless another process has done so. `at_restart` are keys that
    only count once a process starts anew. Raises StoreError, LogError."""
    log, xid = context.log, exchange_of(context.log.origin)
    with context.database.write() as conn:
        events = log.lock(conn, xid)
        before = newest(conn, context.payloads, xid, events)
        if before.get("configuration") == config.digest:
            return
        told = list(_told(changes(before.get("files", {}), hashes(config)), config.path.name))
        for number, (type, some) in enumerate(told, 1):
            last = {"files": hashes(config), "at_restart": list(at_restart) or None}
            log.append(
                conn,
                type=type,
                xid=xid,
                actor="gateway",
                objects=[Content(ROLE, data=config.sources[each.name].content) for each in some if each.sha256],
                detail={
                    "action": "change of the configuration" if type == "admin.action" else None,
                    "configuration": config.digest,
                    "before": before.get("configuration"),
                    "changed": [{"name": c.name, "sha256": c.sha256, "before": c.before} for c in some],
                    **(last if number == len(told) else {}),
                },
            )
    context.wake.set("log")


def hashes(config: Config) -> dict[str, str]:
    """The SHA-256 of each file of a configuration, by name."""
    return {name: source.sha256 for name, source in config.sources.items()}


def _told(changed: Sequence[Change], own: str) -> Iterator[tuple[str, Sequence[Change]]]:
    """The events that tell of the changes: type, and the files of each. What holds for the whole gateway (the file
    `own`) is an act of its admin."""
    for type, some in (
        ("admin.action", [each for each in changed if each.name == own]),
        ("partner.changed", [each for each in changed if each.name != own]),
    ):
        for at in range(0, len(some), FILES_PER_EVENT):
            yield type, some[at : at + FILES_PER_EVENT]


def history(conn: Connection, payloads: Payloads, origin: str) -> list[Version]:
    """Every configuration that counted, newest first."""
    found: list[Version] = []
    changed: list[Change] = []
    for one in _events(conn, payloads, exchange_of(origin)):
        detail = one["detail"]
        changed += [Change(**each) for each in detail["changed"]]
        if "files" in detail:
            found.append(Version(detail["configuration"], one["at"], detail["files"], changed))
            changed = []
    return found[::-1]


def version_of(versions: Sequence[Version], digest: str) -> Version | None:
    """The newest of `versions` with this digest, or one that begins so (at least eight digits); None if there is none
    or if several are meant."""
    if len(digest) < 8:
        return None
    fitting = [each for each in versions if each.digest.startswith(digest)]
    return fitting[0] if len({each.digest for each in fitting}) == 1 else None


def contents(conn: Connection, payloads: Payloads, origin: str, files: Mapping[str, str]) -> dict[str, bytes]:
    """What stood in files with these hashes, by name. What was erased is left out."""
    return kept(conn, payloads, exchange_of(origin), files)


def kept(conn: Connection, payloads: Payloads, xid: str, files: Mapping[str, str]) -> dict[str, bytes]:
    """`contents`, of the files whose changes are told by the exchange `xid`."""
    wanted = set(files.items())
    found: dict[str, bytes] = {}
    for one in _events(conn, payloads, xid):
        commits = [item["commit"] for item in one["objects"] if item["role"] == ROLE]
        there = [each for each in one["detail"]["changed"] if each["sha256"]]
        for commit, each in zip(commits, there, strict=True):
            if (each["name"], each["sha256"]) in wanted:
                row = conn.execute(select(evidence_object).where(evidence_object.c.commit == commit)).one()
                if row.salt is not None:
                    found[each["name"]] = objects.whole(payloads, row)
    return found


def digests(conn: Connection, payloads: Payloads, xids: Sequence[str]) -> list[str]:
    """The digests that the events of exchanges name, each once, in the order of the log."""
    told = queries.events(conn, payloads, event.c.xid.in_(xids))
    return list(dict.fromkeys(one["detail"]["configuration"] for one in told if "configuration" in one["detail"]))


def newest(conn: Connection, payloads: Payloads, xid: str, events: int) -> Mapping[str, Any]:
    """What the newest of so many events of an exchange says; nothing if there is none."""
    found = queries.events(conn, payloads, (event.c.xid == xid) & (event.c.n == events - 1))
    return found[0]["detail"] if found else {}


def _events(conn: Connection, payloads: Payloads, xid: str) -> list[dict[str, Any]]:
    return queries.events(conn, payloads, event.c.xid == xid)
