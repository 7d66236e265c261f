"""`[acknowledgements]`: what is told about files."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from edigw.partners.tables.base import Table


class Acknowledgements(Table, frozen=True):
    """`[acknowledgements]`: what the partner is told about the files that it sends, and is asked to tell."""

    send: Literal["always", "requested", "never"] = "always"  # CONTRL, 997 or 999
    functional: Literal["997", "999"] = "997"  # which of the two X12 has; 999 needs version 005010 or later
    ta1: Literal["always", "requested", "on-error", "never"] = "requested"  # requested: ISA14 = 1
    # Ask for an acknowledgement of what is sent to the partner (0031 = 1). X12 needs no asking for a 997.
    request: bool = True
    request_ta1: bool = False  # ask for a TA1 as well (ISA14 = 1)
    # How long after an interchange arrived its acknowledgement may take that was asked for; then it is overdue.
    due_hours: Annotated[float, Meta(gt=0)] = 24
