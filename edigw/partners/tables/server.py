"""`[sftp]`: the SFTP server of the gateway."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from edigw.partners.tables.base import Port, Positive, Seconds, Table, Text


class SftpLimits(Table, frozen=True):
    """`[sftp.limits]`: what one client, and all of them together, may use up. Named as in
    `edigw.transport.server.limits.Limits`, which has more; times are seconds."""

    login_grace: Seconds = 30  # a connection that has not logged in by then is closed
    failed_attempts: Positive = 6  # wrong credentials in one connection before it is closed
    unauthenticated: Positive = 100  # connections that have not logged in, of all addresses together
    connections_per_address: Positive = 20
    connections_per_partner: Positive = 10
    channels_per_connection: Positive = 10
    handles_per_session: Positive = 64  # open files and folders of one connection
    keepalive_interval: Seconds = 30
    idle: Seconds = 1800  # a session that does nothing for so long is closed
    # An address that fails to log in too often is shut out for `ban_time`, the next time for half as long again. It
    # gets 1 point for a wrong key or password, 2 for an unknown user, 3 for a limit that it hits.
    ban_points: Positive = 15  # within `ban_window`
    ban_window: Seconds = 1800
    ban_time: Seconds = 1800
    # Uploads are refused for the moment ("try again later") when a partner has so many files that wait to be processed,
    # or when the disk has less room left.
    waiting_files: Positive = 10_000
    free_disk_mb: Annotated[int, Meta(ge=0)] = 500  # in 10^6 bytes


class LegacyPort(Table, frozen=True):
    """`[sftp.legacy]`: a second port for clients that know only algorithms of long ago (ssh-rsa, group14-sha1, AES-CBC,
    HMAC-SHA1), for named networks and for a time."""

    port: Port
    networks: Annotated[tuple[Text, ...], Meta(min_length=1)]  # ["192.0.2.0/24"]
    until: date  # closed from this day on (UTC)
    host_keys: tuple[Path, ...] = ()  # an RSA key among them, which such clients need; default: those of [sftp]


class SftpServer(Table, frozen=True):
    """`[sftp]`: the server on which partners drop and fetch their files."""

    host: Text = "127.0.0.1"  # the address to listen on; "0.0.0.0" or "::" for every one
    port: Port = 2222
    host_keys: Annotated[tuple[Path, ...], Meta(min_length=1)] = (Path("keys/host_ed25519"),)
    allow: tuple[Text, ...] = ()  # networks that are served, "192.0.2.0/24"; default: all
    deny: tuple[Text, ...] = ()  # networks that are turned away
    safe: tuple[Text, ...] = ()  # networks that are never shut out for failed logins
    # Load balancers in front, which name the real peer in a PROXY protocol header (versions 1 and 2).
    proxies: tuple[Text, ...] = ()
    passwords: bool = False  # whether partners that have one may log in with a password
    sessions_days: Positive = 400  # how long sessions, and what was done in them, are remembered
    limits: SftpLimits = SftpLimits()
    legacy: LegacyPort | None = None
