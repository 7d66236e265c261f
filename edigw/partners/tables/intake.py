"""`[[sends]]` and `[unknown]`: what the partner may send, and what becomes of what can't be placed."""

from __future__ import annotations

from typing import Literal, TypeAlias

from edigw.partners.tables.base import MessageType, Table, Text

OnUnknown: TypeAlias = Literal["hold", "reject"]
OnTest: TypeAlias = Literal["accept", "hold", "reject"]


class Sends(Table, frozen=True):
    """`[[sends]]`: a type of message that the partner has agreed to send. Where none is named, all are taken."""

    message: MessageType  # "ORDERS", "850"
    version: Text = "*"  # "D.96A", "0040*"


class Unknown(Table, frozen=True):
    """`[unknown]`: what becomes of what the partner sends and nobody knows. "hold" keeps it, unanswered, until an admin
    has set up what was missing (edigw reprocess); "reject" tells the partner at once."""

    sender: OnUnknown = "hold"  # an envelope whose sender has no partner file
    receiver: OnUnknown = "hold"  # or whose receiver has none
    type: OnUnknown = "hold"  # a message of a type or version that no directory has
