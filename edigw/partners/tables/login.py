"""`[login]`: how the partner comes in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

from msgspec import Meta

from edigw.partners.secrets import Secret
from edigw.partners.tables.base import DatedKey, Table, Text

# The description is what a person reads when the value is wrong: "expected ...".
_USER = Meta(
    pattern=r"^[a-z0-9][a-z0-9._-]{0,63}\Z",
    description="a user name of a-z, 0-9, '.', '_' and '-', 64 at most",
)
_PRINCIPAL = Meta(
    pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}\Z", description="a name of letters, digits, '.', '_', '@' and '-'"
)


LoginKey: TypeAlias = Annotated[DatedKey | str, Meta(description="a public key, or a table with one and its days")]


class Login(Table, frozen=True):
    """`[login]`: how the partner logs in to the gateway's SFTP server."""

    user: Annotated[str, _USER]
    # Public keys as OpenSSH writes them, "ssh-ed25519 AAAA... comment"; for some days only, a table: { key = "...",
    # valid_from = 2026-01-01, valid_until = 2026-12-31 }.
    keys: tuple[LoginKey, ...] = ()
    # Files with such keys, one a line; once loaded, their keys stand in `keys` too.
    key_files: tuple[Path, ...] = ()
    # Public keys of authorities whose OpenSSH user certificates are accepted (Ed25519 or ECDSA), and for which of the
    # names in them; default: the user name.
    certificate_authorities: tuple[str, ...] = ()
    principals: tuple[Annotated[str, _PRINCIPAL], ...] = ()
    # What `edigw partner password` prints. Counts only where edigw.toml has sftp.passwords = true.
    password_hash: Secret = ""
    networks: tuple[Text, ...] = ()  # from which the partner may log in, "192.0.2.0/24"; default: from everywhere
    # Names under which the partner's client uploads before it renames: kept, but not taken as sent.
    temporary_suffixes: tuple[Text, ...] = (".tmp", ".part", ".partial", ".filepart", ".writing")
    # Names under which an empty file is accepted, and ignored.
    marker_suffixes: tuple[Text, ...] = (".done", ".ok")

    @property
    def dated_keys(self) -> tuple[DatedKey, ...]:
        """All keys, each with its days."""
        return tuple(each if isinstance(each, DatedKey) else DatedKey(key=each) for each in self.keys)
