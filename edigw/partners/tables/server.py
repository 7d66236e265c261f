"""`[sftp]`: the SFTP server of the gateway."""

from __future__ import annotations

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


class SftpServer(Table, frozen=True):
    """`[sftp]`: the server on which partners drop and fetch their files."""

    host: Text = "127.0.0.1"  # the address to listen on; "0.0.0.0" or "::" for every one
    port: Port = 2222
    host_keys: Annotated[tuple[Path, ...], Meta(min_length=1)] = (Path("keys/host_ed25519"),)
    limits: SftpLimits = SftpLimits()
