"""`[retention]`: how long the content of files is kept."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from edigw.partners.tables.base import Table, Text


class RetentionRule(Table, frozen=True):
    """`[[retention.rules]]`: how long the content of some files is kept."""

    years: Annotated[float, Meta(gt=0)]
    partner: str = ""  # a partner's code, as sender or receiver; default: every one
    document: str = ""  # a canonical document, "Invoice"; default: every one


class LegalHold(Table, frozen=True):
    """`[[retention.holds]]`: what is not erased as long as this stands here, however old it is."""

    reason: Text
    partner: str = ""
    document: str = ""
    reference: str = ""  # a business reference of a message in the file: an order's number, a despatch advice's


class Retention(Table, frozen=True):
    """`[retention]`: how long the content of files is kept. What is older is erased; the log goes on proving that it
    was there."""

    years: Annotated[float, Meta(gt=0)] = 10  # where no rule fits
    # The first one that fits decides; of several documents in a file, that which is kept longest.
    rules: tuple[RetentionRule, ...] = ()
    holds: tuple[LegalHold, ...] = ()
