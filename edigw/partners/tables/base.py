"""What the tables of the configuration files have in common: the struct that they are, and types of their values.

Every struct in this package is one table of these files and every field one key; the comment at a field is its
documentation. Paths are written relative to the file they stand in, and are absolute once loaded. Keys and passphrases
stay in files of their own, which are named here.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

Port: TypeAlias = Annotated[int, Meta(ge=1, le=65535)]
Positive: TypeAlias = Annotated[int, Meta(ge=1)]
Seconds: TypeAlias = Annotated[float, Meta(gt=0)]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
# The descriptions are what a person reads when the value is wrong: "expected ...".
MessageType: TypeAlias = Annotated[
    str,
    Meta(pattern=r"^([A-Z]{6}|[0-9]{3})\Z", description='a message type, "ORDERS", or a transaction set, "850"'),
]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a configuration file: a key that it does not know is an error."""


class DatedKey(Table, frozen=True):
    """A key that counts on some days. They are those of UTC; both count."""

    key: str  # the public key as OpenSSH writes it, "ssh-ed25519 AAAA... comment"
    valid_from: date | None = None  # default: it always was valid
    valid_until: date | None = None  # default: it still is

    def counts(self, day: date) -> bool:
        """Whether it is valid on a day."""
        return (self.valid_from or day) <= day <= (self.valid_until or day)
