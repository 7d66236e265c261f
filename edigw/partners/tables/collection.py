"""`[collection]`: files that the gateway fetches itself, where the partner does not bring them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from edigw.partners.tables.base import Port, Seconds, Table, Text


class SftpSource(Table, frozen=True):
    """`[collection.sftp]`: the partner's own server."""

    host: Text
    user: Text
    key_file: Path  # the private key with which the gateway logs in, OpenSSH format, not encrypted
    # The only key that is trusted: the server's public key, "ssh-ed25519 AAAA...", or its fingerprint, "SHA256:...".
    host_key: Annotated[str, Meta(max_length=2000)]
    port: Port = 22
    folder: str = "."  # on the server, where the files lie
    legacy: bool = False  # a server that knows only algorithms of long ago


class Collection(Table, frozen=True):
    """`[collection]`: where the gateway looks for files of the partner; one of `sftp` and `folder`."""

    sftp: SftpSource | None = None
    folder: Path | None = None  # of this machine, or a share that is mounted here
    names: Text = "*"  # which files: "*.edi"
    every_seconds: Seconds = 300
    # A file is fetched when its size and time have not changed for so long: it may be half-written.
    settle_seconds: Annotated[float, Meta(ge=0)] = 30
    # What becomes of a file, once it is accepted. "move" puts it into `done_folder`, seen from where it lies.
    after: Literal["delete", "move"] = "delete"
    done_folder: Text = "done"
