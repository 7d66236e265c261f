"""How states are shown: a shape, a word and a colour, so that none of them speaks alone. Normal is quiet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Shown(NamedTuple):
    """`kind` is a class of the style sheet, `icon` a symbol of the sprite."""

    kind: str
    icon: str
    word: str


_NONE = Shown("none", "none", "none")

VALIDATION: Mapping[str, Shown] = {
    "received": Shown("wait", "wait", "being checked"),
    "accepted": Shown("ok", "ok", "accepted"),
    "translated": Shown("ok", "ok", "accepted"),
    "partly_accepted": Shown("warn", "warn", "partly accepted"),
    "rejected": Shown("bad", "bad", "rejected"),
    "held": Shown("warn", "hold", "held"),
    "duplicate": Shown("none", "none", "sent before"),
    "failed": Shown("bad", "bad", "failed"),
    "sent": Shown("none", "none", "not checked"),
    "none": _NONE,
}
DELIVERY: Mapping[str, Shown] = {
    "queued": Shown("wait", "wait", "waits"),
    "placing": Shown("wait", "wait", "on its way"),
    "delivered": Shown("ok", "ok", "delivered"),
    "deposited": Shown("wait", "wait", "in the mailbox"),
    "picked_up": Shown("ok", "ok", "picked up"),
    "held": Shown("warn", "hold", "held"),
    "failed": Shown("bad", "bad", "failed"),
    "expired": Shown("warn", "warn", "never fetched"),
    "none": Shown("none", "none", "not forwarded"),
}
ACKNOWLEDGEMENT: Mapping[str, Shown] = {
    "wanted": Shown("wait", "wait", "awaited"),
    "overdue": Shown("bad", "warn", "overdue"),
    "expired": Shown("bad", "bad", "never came"),
    "accepted": Shown("ok", "ok", "accepted"),
    "rejected": Shown("bad", "bad", "rejected"),
    "superseded": Shown("none", "none", "sent anew"),
    "none": Shown("none", "none", "none asked"),
}
AXES = {"validation": VALIDATION, "delivery": DELIVERY, "acknowledgement": ACKNOWLEDGEMENT}

ACTS: Mapping[str, tuple[str, str]] = {
    "resend": (
        "Resend",
        "The same bytes go to the partner once more, under the same name and control number. Its system may drop them "
        "as a duplicate.",
    ),
    "reissue": (
        "Re-issue",
        "The same messages go out in a new interchange with new control numbers, linked to the old one. The partner's "
        "system will process them as new.",
    ),
    "hold": ("Hold", "What waits for delivery is kept from going out until somebody releases it."),
    "release": (
        "Release",
        "What goes out is delivered. What came in is processed with the configuration as it is now; a message that is "
        "held for its losses goes on with exactly these losses.",
    ),
    "reprocess": (
        "Reprocess",
        "The file is read again from the stored bytes, with the configuration and mappings as they are now. What was "
        "forwarded before is not forwarded again.",
    ),
}
"""What can be done with a transmission: its word, and its effect."""

FITTING: Mapping[str, frozenset[tuple[str, str]]] = {
    "resend": frozenset(("out", s) for s in ("delivered", "failed", "deposited", "picked_up", "expired")),
    "reissue": frozenset(("out", s) for s in ("delivered", "failed", "deposited", "picked_up", "expired", "held")),
    "hold": frozenset({("out", "queued")}),
    "release": frozenset({("out", "held"), ("in", "held"), ("in", "partly_accepted")}),
    "reprocess": frozenset(("in", s) for s in ("held", "partly_accepted", "failed")),
}
"""In which directions and states an act may do something; the gateway itself has the last word."""


def shown(axis: str, state: str) -> Shown:
    """How a state of one of the three axes is shown; one that is not known is shown as it is called."""
    return AXES[axis].get(state, Shown("none", "dot", state.replace("_", " ")))
