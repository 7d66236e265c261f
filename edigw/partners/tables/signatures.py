"""`[signatures]`: what the partner signs with its SSH key."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from edigw.partners.tables.base import DatedKey, Table


class Signatures(Table, frozen=True):
    """`[signatures]`: what the partner signs with `ssh-keygen -Y sign`, see docs/evidence.md."""

    # A signature beside each upload, order.edi.sig beside order.edi: "none" takes no notice of any, "allow" checks
    # those that come, "demand" processes no file without.
    submissions: Literal["none", "allow", "demand"] = "none"
    # How long a file waits for its signature where one is demanded, and a signature for its file.
    wait_minutes: Annotated[float, Meta(gt=0, le=10_080)] = 15
    # What becomes of a file whose signature does not come, or does not count. What is held goes on when a good one
    # comes after all.
    failure: Literal["hold", "reject"] = "hold"
    # Signatures over receipts, by which the partner says that it was given a file: "none" takes no notice of any,
    # "allow" checks those that come, "ask" also asks for them and lists what is missing (edigw receipt owed).
    receipts: Literal["none", "allow", "ask"] = "allow"
    keys: tuple[DatedKey, ...] = ()  # default: the keys of [login]
