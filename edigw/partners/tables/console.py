"""`[console]`: the web console for admins, auditors and partners."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from edigw.partners.tables.base import Port, Table, Text


class Console(Table, frozen=True):
    """`[console]`: where the web console listens, and for how long people stay logged in.

    Passwords never cross a network in clear: beyond this machine it wants a certificate of its own or a proxy in front
    that speaks HTTPS."""

    host: Text = "127.0.0.1"  # the address to listen on
    port: Port = 8480
    # PEM files: its certificate with those that lead to it, and its private key. Without both it speaks plain HTTP.
    certificate: Path | None = None
    certificate_key: Path | None = None
    # Networks of proxies in front that name the real peer and its scheme (X-Forwarded-For, X-Forwarded-Proto).
    proxies: tuple[Text, ...] = ()
    idle_minutes: Annotated[int, Meta(ge=1, le=1440)] = 60  # who does nothing for so long has to log in again
    session_hours: Annotated[int, Meta(ge=1, le=168)] = 12  # and after that in any case
