"""`[identifiers]`: who the partner is in envelopes."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from edigw.partners.tables.base import Table, Text
from edigw.syntax.model import PartyId


class EdifactIdentifier(Table, frozen=True):
    """One identifier in UNB S002/S003: 0004 and 0007."""

    id: Annotated[str, Meta(min_length=1, max_length=35)]
    qualifier: Annotated[str, Meta(max_length=4)] = ""  # "14" for a GLN; "" if the partner sends none

    @property
    def party(self) -> PartyId:
        return PartyId(self.id, self.qualifier)


class X12Identifier(Table, frozen=True):
    """One identifier in ISA05-08, and the application code that goes with it in GS02/GS03."""

    id: Annotated[str, Meta(min_length=1, max_length=15)]
    # "ZZ", "01" for a D-U-N-S number, "07" for a GLN.
    qualifier: Annotated[str, Meta(min_length=2, max_length=2)]
    group: Annotated[str, Meta(max_length=15)] = ""  # the application code; default: the id itself

    @property
    def party(self) -> PartyId:
        return PartyId(self.id, self.qualifier)


class Contact(Table, frozen=True):
    """`[[contacts]]`: whom to ask."""

    name: Text
    role: str = ""  # "EDI", "orders"
    email: str = ""
    phone: str = ""
    note: str = ""


class Identifiers(Table, frozen=True):
    """`[identifiers]`: by which the partner is known in envelopes. All are accepted when reading; the first
    of each list is used when writing."""

    edifact: tuple[EdifactIdentifier, ...] = ()
    x12: tuple[X12Identifier, ...] = ()
