"""`[acknowledgements]`: what is told about files."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from edigw.partners.tables.base import MessageType, Table


class Acknowledgements(Table, frozen=True):
    """`[acknowledgements]`: what the partner is told about the files that it sends, and is asked to tell."""

    send: Literal["always", "requested", "never"] = "always"  # CONTRL, 997 or 999
    # Types of messages for which none is sent as long as they are accepted. A CONTRL is about an interchange: it stays
    # away if all messages in that are such.
    send_not_for: tuple[MessageType, ...] = ()
    list_accepted: bool = True  # whether a 997 or 999 names accepted sets, too (AK2), and not just counts them
    functional: Literal["997", "999"] = "997"  # which of the two X12 has; 999 needs version 005010 or later
    ta1: Literal["always", "requested", "on-error", "never"] = "requested"  # requested: ISA14 = 1
    # Ask for an acknowledgement of what is sent to the partner (0031 = 1). X12 needs no asking for a 997.
    request: bool = True
    request_not_for: tuple[MessageType, ...] = ()  # types of messages for which none is asked, and none is missed
    request_ta1: bool = False  # ask for a TA1 as well (ISA14 = 1)
    # How long after an interchange arrived its acknowledgement may take that was asked for; then it is overdue.
    due_hours: Annotated[float, Meta(gt=0)] = 24

    def requested_for(self, message_type: str) -> bool:
        """Whether the partner is asked to acknowledge a message of this type."""
        return self.request and message_type not in self.request_not_for
