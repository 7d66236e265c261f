"""`[delivery]`: how the partner gets its files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

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
    # A server that knows only algorithms of long ago (ssh-rsa, group14-sha1, AES-CBC, HMAC-SHA1).
    legacy: bool = False


class FolderTarget(Table, frozen=True):
    """`[delivery.folder]`: a folder of this machine, or a share that is mounted here."""

    path: Path
    temp_suffix: str = ".part"  # written under this name, then renamed; "" writes under the final name


class Box(Table, frozen=True):
    """A place where files of the partner go."""

    # Fetched from its outbox here, pushed to its server, or put into a folder.
    method: Literal["mailbox", "sftp", "folder"] = "mailbox"
    sftp: SftpTarget | None = None
    folder: FolderTarget | None = None

    @property
    def target(self) -> Target | None:
        """Where files are brought; None if the partner fetches them."""
        return {"mailbox": None, "sftp": self.sftp, "folder": self.folder}[self.method]


class Delivery(Box, frozen=True):
    """`[delivery]`: how the partner gets its files."""

    # `[delivery.test]`, with the same keys: where it gets what is marked as a test. Default: with "mailbox" the folder
    # `test` here; else there is no such place, and tests are held.
    test: Box | None = None
    # One after the other as they were made: as long as one can't be delivered, those behind it wait. One that has
    # failed for good, in sight of an admin, holds up nobody.
    in_order: bool = False
    file_name: Text = "{type}_{control}.edi"  # see edigw.partners.names for the placeholders
    # Put the messages of one received interchange into one interchange; otherwise each gets an interchange of its own.
    together: bool = False

    def box(self, *, test: bool) -> Box | None:
        """Where the partner gets its production files, or its tests; None if it has no place for those."""
        if not test:
            return self
        return Box() if self.test is None and self.method == "mailbox" else self.test


Target: TypeAlias = SftpTarget | FolderTarget
