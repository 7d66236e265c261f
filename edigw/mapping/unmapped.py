"""What an agreement says of codes that a code list lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Action: TypeAlias = Literal["drop", "pass", "default", "hold"]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """What becomes of a code that is not in a list. It is never silent: each of them is in the loss report.

    drop: it is left out; pass: it goes on as it is, if there is room for it; default: `default`, a canonical code,
    takes its place; hold: it is left out, and the gateway holds the message."""

    action: Action = "drop"
    default: str = ""


@dataclass(frozen=True, slots=True)
class UnmappedCodes:
    """`Unmapped` for every list of an agreement: by its name ("units"), or by the data element where a standard's own
    list is meant ("6411")."""

    rest: Unmapped = Unmapped()
    lists: tuple[tuple[str, Unmapped], ...] = ()

    def of(self, name: str) -> Unmapped:
        """What is agreed for the list `name`."""
        return next((unmapped for list_, unmapped in self.lists if list_ == name), self.rest)


NOTHING_AGREED = UnmappedCodes()
