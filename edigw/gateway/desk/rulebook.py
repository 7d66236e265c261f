"""The rules that applied to some exchanges, for their evidence bundle: what was agreed, and the bindings.

Everything is named by its SHA-256, as the events name it. Of a configuration there is the list of its files, whose hash
is the digest; of the files themselves those that are about the partners in question: others are none of their business.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, select

from edigw.gateway.desk import queries
from edigw.gateway.upkeep import configuration, maps
from edigw.mapping import registry
from edigw.mapping.errors import BindingError
from edigw.mapping.overlay import parse_overlay
from edigw.store.payloads import Payloads
from edigw.store.schema import event, message, transmission


def rules(conn: Connection, payloads: Payloads, origin: str, xids: Sequence[str]) -> dict[str, bytes]:
    """What stands behind the hashes in the events of these exchanges, by SHA-256. What was erased, or can't be put
    together any more, is left out."""
    events = queries.events(conn, payloads, event.c.xid.in_(xids))
    parties = _parties(conn, xids)
    versions = configuration.history(conn, payloads, origin)
    files: dict[str, bytes] = {}  # of every configuration, by hash
    found: dict[str, bytes] = {}
    for digest in configuration.digests(conn, payloads, xids):
        version = configuration.version_of(versions, digest)
        if version is not None:
            contents = configuration.contents(conn, payloads, origin, version.files)
            files |= {version.files[name]: content for name, content in contents.items()}
            listed = "".join(f"{hash}  {name}\n" for name, hash in sorted(version.files.items())).encode()
            about = _about(contents, parties)
            found |= {sha256(content).hexdigest(): content for content in (listed, *about)}
    stated = {each["sha256"]: each for one in events for each in one["detail"].get("bindings", ())}
    return found | _bindings(conn, payloads, origin, stated, files)


def _parties(conn: Connection, xids: Sequence[str]) -> set[str]:
    """The codes of the partners that the exchanges are between."""
    sides = conn.execute(select(message.c.sender, message.c.receiver).where(message.c.xid.in_(xids))).all()
    partners = conn.execute(select(transmission.c.partner).where(transmission.c.xid.in_(xids))).scalars()
    return {code for code in (*(code for row in sides for code in row), *partners) if code}


def _about(files: Mapping[str, bytes], parties: set[str]) -> list[bytes]:
    """Those of the files that say what holds for these partners, and between them; and what such a file names."""
    own = {name for name, content in files.items() if _concerns(PurePosixPath(name), content, parties)}
    said = b"\n".join(files[name] for name in sorted(own))
    named = (name for name in files if not name.endswith(".toml") and PurePosixPath(name).name.encode() in said)
    return [files[name] for name in sorted({*own, *named})]


def _concerns(path: PurePosixPath, content: bytes, parties: set[str]) -> bool:
    if path.suffix != ".toml" or path.parent.name not in ("partners", "agreements"):
        return False
    if path.parent.name == "partners":
        return path.stem in parties
    try:
        agreed = tomllib.loads(content.decode())
    except ValueError:
        return False
    return {agreed.get("sender"), agreed.get("receiver")} <= parties


def _bindings(
    conn: Connection,
    payloads: Payloads,
    origin: str,
    stated: Mapping[str, Mapping[str, Any]],
    files: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Bindings that events state, put together from what was published, the newest first, until all are found."""
    found: dict[str, bytes] = {}
    for published in _published(conn, payloads, origin):
        missing = [each for hash, each in stated.items() if hash not in found]
        if not missing:
            break
        with TemporaryDirectory() as name:
            folder = Path(name)
            for path, content in published.items():
                file = folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            for each in missing:
                whole = _whole(each, files, folder)
                if sha256(whole).hexdigest() == each["sha256"]:
                    found[each["sha256"]] = whole
    return found


def _published(conn: Connection, payloads: Payloads, origin: str) -> Iterator[dict[str, bytes]]:
    """The files of bindings, each version of them."""
    xid = maps.exchange_of(origin)
    told = queries.events(conn, payloads, event.c.xid == xid)
    for one in reversed(told):
        if "files" in one["detail"]:
            yield configuration.kept(conn, payloads, xid, one["detail"]["files"])


def _whole(stated: Mapping[str, Any], files: Mapping[str, bytes], folder: Path) -> bytes:
    """A binding as it would be with the bindings of a folder; nothing if it can't be."""
    try:
        overlay = None
        if "overlay" in stated:
            content = files.get(stated["overlay_sha256"])
            if content is None:
                return b""
            overlay = parse_overlay(content, folder / stated["overlay"])
        return registry.written(stated["name"], overlay, stated.get("unmapped", ""), folder)
    except (BindingError, OSError):
        return b""
