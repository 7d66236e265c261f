"""`[delivery]`: how the partner gets its files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from edigw.partners.tables.base import Port, Table, Text


class SftpTarget(Table, frozen=True):
    """`[delivery.sftp]`: the partner's own server."""

    host: Text
    user: Text
    key_file: Path  # the private key with which the gateway logs in, OpenSSH format, not encrypted
    # The only key that is trusted: the server's public key, "ssh-ed25519 AAAA...", or its fingerprint, "SHA256:...".
    host_key: Annotated[str, Meta(max_length=2000)]
    port: Port = 22
    folder: str = "."  # on the server, where the files go
    temp_suffix: str = ".part"  # uploaded under this name, then renamed; "" uploads under the final name


class Delivery(Table, frozen=True):
    """`[delivery]`: how the partner gets its files."""

    method: Literal["mailbox", "sftp"] = "mailbox"  # fetched from its outbox here, or pushed to its server
    sftp: SftpTarget | None = None
    file_name: Text = "{type}_{control}.edi"  # see edigw.partners.names for the placeholders
    # Put the messages of one received interchange into one interchange; otherwise each gets an interchange of its own.
    together: bool = False
