"""`[[overlays]]`, `[codes]` and `[loss]`: what is agreed for translation."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import field

from edigw.partners.tables.base import Table, Text

CodeAction: TypeAlias = Literal["drop", "pass", "hold"]
LossAction: TypeAlias = Literal["allow", "flag", "hold"]
LossKind: TypeAlias = Literal["carried", "converted", "defaulted", "truncated", "dropped"]


class AgreedOverlay(Table, frozen=True):
    """`[[overlays]]`: the partner's deviations from a binding, in a file of their own (docs/mapping.md)."""

    file: Path
    # For the messages that the partner sends, those that it receives, or both.
    direction: Literal["both", "sends", "receives"] = "both"


class Codes(Table, frozen=True):
    """`[codes]`: what becomes of codes that a code list of `mappings/codes` lacks, in messages of the partner and in
    messages for it. Each of them is in the loss report, whatever is agreed."""

    # "drop" leaves the code out, "pass" passes it on as it is, "hold" holds the message for a person.
    unmapped: CodeAction = "drop"
    lists: dict[str, str] = field(default_factory=dict)  # otherwise for single lists: { units = "hold" }
    # A canonical code to be used instead of those that a list lacks: { units = "C62" }.
    defaults: dict[str, str] = field(default_factory=dict)


class LossRule(Table, frozen=True):
    """`[[loss.rules]]`: some losses, and what becomes of a message that has them."""

    action: LossAction
    # Where: a place of the document or of a message, or a part of one: "lines.price", "FTX", "NAD/3164", "notes".
    # "*" stands for any characters. Default: everywhere.
    at: Text = "*"
    kind: LossKind | None = None  # what became of the value; default: whatever it was


class LossPolicy(Table, frozen=True):
    """`[loss]`: what becomes of a message of which a value can't be carried over one to one. Losses in reading are a
    matter of the sender's agreement, losses in writing of the receiver's."""

    # "allow" records it, "flag" also marks the translation in the log, "hold" holds the message until it is released.
    action: LossAction = "flag"
    rules: tuple[LossRule, ...] = ()  # the first one that fits decides; `action` where none does
