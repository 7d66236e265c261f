"""Configured places as the transports know them, as the database compares them, and as the log tells them."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import Any, TypeAlias

from edigw.partners.tables.collection import SftpSource
from edigw.partners.tables.delivery import FolderTarget, SftpTarget
from edigw.transport import remote
from edigw.transport.remote.sftp import fingerprint

Configured: TypeAlias = SftpTarget | SftpSource | FolderTarget


def place(configured: Configured) -> remote.Place:
    """Where a transport finds it."""
    if isinstance(configured, FolderTarget):
        return remote.FolderTarget(configured.path)
    return remote.SftpTarget(
        host=configured.host,
        port=configured.port,
        user=configured.user,
        key_file=configured.key_file,
        host_key=configured.host_key,
        folder=configured.folder,
        legacy=configured.legacy,
    )


def written(configured: Configured) -> str:
    """Where files go or come from, as it is written down and compared after a crash."""
    if isinstance(configured, FolderTarget):
        return json.dumps([str(configured.path)])
    return json.dumps([configured.host, configured.port, configured.user, configured.folder])


def attempt(configured: Configured) -> str:
    """All that decides whether a login can succeed: where nothing could be done with it, another one is worth a try."""
    if isinstance(configured, FolderTarget):
        return written(configured)
    key = b""
    with suppress(OSError):
        key = configured.key_file.read_bytes()
    digest = hashlib.sha256(key).hexdigest()[:16]
    return json.dumps([written(configured), configured.host_key, digest, configured.legacy])


def told(configured: Configured, software: str) -> dict[str, Any]:
    """The other side as the log tells it. Its host key is the pinned one, or there was no session; `software` is how it
    named itself."""
    if isinstance(configured, FolderTarget):
        return {"remote": {"folder": str(configured.path)}}
    return {
        "remote": {
            "host": configured.host,
            "port": configured.port,
            "folder": configured.folder,
            "user": configured.user,
            "host_key": fingerprint(configured.host_key),
            "software": software,
        }
    }
