"""`[log.anchors]`, `[[log.authorities]]`, `[[log.witnesses]]`: who attests checkpoints from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

from msgspec import Meta

from edigw.partners.tables.base import Seconds, Table

Url: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^https?://[A-Za-z0-9\[][^\s@#?]{0,490}\Z",
        description='an address, "https://tsa.example.com/tsr", without a user or a password in it',
    ),
]
_NAME = Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z", description="a name of a-z, 0-9 and '-', 40 at most")


class Anchors(Table, frozen=True):
    """`[log.anchors]`: how often checkpoints are attested. Nobody is asked while the log has not grown."""

    every_minutes: Annotated[float, Meta(ge=0.05, le=10_080)] = 5
    timeout_seconds: Seconds = 20  # for everything that one authority or witness has to say
    # Where copies of attested checkpoints go, best on another machine: whoever has the database and the log's key can't
    # make them fit another history. It has to be there.
    folder: Path | None = None


class Authority(Table, frozen=True):
    """`[[log.authorities]]`: a timestamping authority (RFC 3161). Never delete one: what it has timestamped is checked
    with its certificates for ever. `ask = false` retires it."""

    name: Annotated[str, _NAME]  # in the log and in bundles
    url: Url
    roots: Path  # the certificates (PEM) that its own must lead to, as you have them from the authority
    ask: bool = True
    ca_file: Path | None = None  # trusted for HTTPS, PEM; default: what browsers trust
    netrc_file: Path | None = None  # user and password for its server, as curl and ftp read them


class Witness(Table, frozen=True):
    """`[[log.witnesses]]`: a witness (https://c2sp.org/tlog-witness). Never delete one; `ask = false` retires it."""

    key: Annotated[str, Meta(min_length=1, max_length=400)]  # its public key, "partner.example/w1+93929328+BCms..."
    url: Url  # its submission prefix: "/add-checkpoint" follows
    monitoring_url: Url | None = None  # its monitoring prefix, if that is another one
    ask: bool = True
    ca_file: Path | None = None  # trusted for HTTPS, PEM; default: what browsers trust
