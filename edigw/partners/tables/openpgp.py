"""`[openpgp]` in both kinds of files: messages that are encrypted and signed themselves, whatever they pass through."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from edigw.partners.tables.base import Table, Text


class OwnOpenPgp(Table, frozen=True):
    """`[openpgp]` of edigw.toml: the gateway's own keys."""

    # Private keys, as `edigw openpgp new-key` makes them. All of them open what comes, the first one signs what goes
    # out. The passphrase of each lies beside it in KEYFILE.passphrase, or in the environment:
    # EDIGW_OPENPGP_PASSPHRASE itself, or EDIGW_OPENPGP_PASSPHRASE_FILE with the name of a file.
    key_files: Annotated[tuple[Path, ...], Meta(min_length=1)]


class OpenPgp(Table, frozen=True):
    """`[openpgp]` of a partner file: what comes from the partner, and goes to it, as OpenPGP messages."""

    key_files: tuple[Path, ...] = ()  # the partner's certificates (public keys), as `gpg --export` writes them
    # Which uploads are OpenPGP messages; "*" stands for any characters. They are opened, and what is in them processed.
    names: tuple[Text, ...] = ("*.pgp", "*.gpg")
    # What every upload must be: "encryption" for the gateway's key, "signature" by one of the partner's.
    demand: tuple[Literal["encryption", "signature"], ...] = ()
    failure: Literal["hold", "reject"] = (
        "hold"  # what becomes of a file that can't be opened, or lacks what is demanded
    )
    # What the partner gets, acknowledgements included.
    send: Literal["clear", "encrypted", "encrypted-and-signed"] = "clear"
    suffix: Annotated[str, Meta(max_length=20)] = ".pgp"  # at the end of the names of what is sent so
    armor: bool = False  # as text, a third larger, for software that can't take bytes
