"""`routes.toml`: where messages go, if not to the partner that their envelope names."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from edigw.partners.tables.base import Table, Text

OneOrMore: TypeAlias = Annotated[Text | tuple[Text, ...], Meta(description="a text, or a list of texts")]


class Route(Table, frozen=True):
    """`[[routes]]`: a rule. The first one whose conditions all fit decides about a message; in a list, one has to."""

    name: Text  # by which `edigw route` and the log call it

    # Conditions. "*" stands for any characters, but not in codes of partners.
    sender: OneOrMore = ()  # the sending partner's code
    receiver: OneOrMore = ()  # the code of the partner that the envelope names
    receiver_id: OneOrMore = ()  # the receiver as the envelope names it, known or not: "4012345000009:14"
    group_receiver: OneOrMore = ()  # as the functional group names it: GS03, 0044 in UNG
    standard: Literal["edifact", "x12"] | None = None
    message: OneOrMore = ()  # "ORDERS", "850"
    version: OneOrMore = ()  # "D.96A", "0040*"
    document: OneOrMore = ()  # the canonical document: "Order"
    test: bool | None = None  # whether the interchange is a test

    # What becomes of the message: it goes to `to`, or is held, or is only checked and acknowledged. Default: it goes to
    # the partner that the envelope names.
    to: Text | None = None  # a partner's code
    hold: Text | None = None  # why: it waits until a person releases it
    only_check: bool = False
    # Beside that, others get a copy: translated as is agreed with them, delivered and acknowledged on its own.
    copy_to: OneOrMore = ()


class RoutesFile(Table, frozen=True):
    """`routes.toml`, top level."""

    routes: tuple[Route, ...] = ()
