"""`[login]`: how the partner comes in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from edigw.partners.tables.base import Table, Text

# The description is what a person reads when the value is wrong: "expected ...".
_USER = Meta(
    pattern=r"^[a-z0-9][a-z0-9._-]{0,63}\Z",
    description="a user name of a-z, 0-9, '.', '_' and '-', 64 at most",
)


class Login(Table, frozen=True):
    """`[login]`: how the partner logs in to the gateway's SFTP server."""

    user: Annotated[str, _USER]
    keys: tuple[str, ...] = ()  # public keys as OpenSSH writes them, "ssh-ed25519 AAAA... comment"
    # Files with such keys, one a line; once loaded, their keys stand in `keys` too.
    key_files: tuple[Path, ...] = ()
    # Names under which the partner's client uploads before it renames: kept, but not taken as sent.
    temporary_suffixes: tuple[Text, ...] = (".tmp", ".part", ".partial", ".filepart", ".writing")
    # Names under which an empty file is accepted, and ignored.
    marker_suffixes: tuple[Text, ...] = (".done", ".ok")
