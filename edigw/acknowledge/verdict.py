"""What an acknowledgement says, in the same words for CONTRL, TA1, 997 and 999."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from edigw.acknowledge.codes import CodeList, text_of
from edigw.syntax.model import PartyId, Standard

Outcome: TypeAlias = Literal["accepted", "accepted_with_errors", "partly_accepted", "rejected", "received"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a message the partner found something, as far as it says so.

    `segment` counts from 1 at UNH/ST, `element` from 1 at the first element in both standards (in CONTRL,
    the tag is 1). For a missing segment, `segment` is as stated: in X12 the place where it should have
    been; in EDIFACT the last segment before the gap, though some senders give the expected place there,
    too.
    """

    tag: str = ""
    segment: int | None = None
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    data_element: str = ""
    value: str = ""

    def __str__(self) -> str:
        parts = [self.tag] if self.tag else []
        parts += [
            f"{name} {number}"
            for name in ("segment", "element", "component", "repetition")
            if (number := getattr(self, name)) is not None
        ]
        if self.data_element:
            parts.append(f"data element {self.data_element}")
        if self.value:
            parts.append(f"value {self.value!r}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class AckCode:
    """One error that an acknowledgement reports: `code` of `code_list` ("0085"; X12 "I18", "716", "718",
    "720", "723", which include the lists of the 999) at `place`. `text` says it in plain words."""

    code: str
    place: Place
    text: str
    code_list: CodeList

    @classmethod
    def of(cls, code_list: CodeList, code: str, place: Place = Place()) -> AckCode:
        return cls(code, place, text_of(code_list, code), code_list)


@dataclass(frozen=True, slots=True)
class Counts:
    """AK902 to AK904: the sets that the group's trailer declares, that were received, that were accepted."""

    included: int
    received: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an acknowledgement says about one thing that was sent: an interchange, a group or a message.

    What is empty was not stated. `interchange_control` is UCI 0020 or TA101; a 997 does not name the
    interchange. `sender` and `receiver` are those of the *sent* interchange: as UCI states them, in X12
    those of the acknowledgement's own envelope, swapped. The outcome of an interchange is "received" where
    only the envelope was judged (CONTRL 8, TA1 A and E).
    """

    level: Literal["interchange", "group", "message"]
    standard: Standard
    outcome: Outcome
    sender: PartyId
    receiver: PartyId
    interchange_control: str = ""
    functional_id: str = ""
    group_control: str = ""
    message_type: str = ""
    message_control: str = ""
    codes: tuple[AckCode, ...] = ()
    counts: Counts | None = None
