"""The laws of a UBL binding as checks on one document."""

from __future__ import annotations

from typing import Any

import msgspec

from edigw.mapping.xml import XmlBinding
from tests.mapping.laws import copied, differences, prune, without

_SORTED = (
    "parties",
    "ids",
    "references",
    "dates",
    "amounts",
    "quantities",
    "taxes",
    "contacts",
    "channels",
    "prices",
    "measures",
    "notes",
    "locations",
    "terms",
)
"""Lists that are spread over elements of different names: UBL keeps their order only within each of them."""

_DISCOUNT = ("percent", "amount", "days", "months", "due")
_OF_VIEWS = ("amounts", "reason_notes", "means")


def _key(item: Any) -> tuple[str, ...]:
    names = ("role", "scheme", "type", "function", "subject", "qualifier", "category", "text")
    reduced = any(getattr(item, f"discount_{name}", None) is not None for name in _DISCOUNT)
    return (*(str(getattr(item, name, "")) for name in names), str(getattr(item, "amount", None) is None), str(reduced))


def arranged(item: Any) -> Any:
    """The same, with the lists in an order that UBL need not keep."""
    if isinstance(item, list):
        for value in item:
            arranged(value)
    elif isinstance(item, msgspec.Struct):
        for name in item.__struct_fields__:
            value = getattr(item, name)
            arranged(value)
            if isinstance(value, list) and name in _SORTED:
                value.sort(key=_key)
    return item


def _of_view(loss: Any) -> bool:
    """Whether a view makes a value up: what is compared has it already."""
    return loss.location in _OF_VIEWS or loss.reason == "quantity and price"


def settle(item: Any, losses: list[Any]) -> Any:
    """What the report says is read as something else, as that."""
    wanted = copied(item)
    losses = [loss for loss in losses if loss.kind != "defaulted" or not _of_view(loss)]
    for loss in losses:
        if loss.kind == "changed" and loss.reason.startswith("read as "):
            *way, last = loss.location.split(".")
            owner = wanted
            for step in way:
                name, _, index = step.rstrip("]").partition("[")
                owner = getattr(owner, name)[int(index)]
            code = loss.reason.removeprefix("read as ")
            setattr(owner, last, None if code == "not said" else code)
    return without(wanted, [loss for loss in losses if not loss.reason.startswith("read as ")])


def check_round_trip(binding: XmlBinding, document: Any) -> None:
    """`read(write(d)) == d` without exactly what the report lists, and own output is consumed whole."""
    data, lost = binding.write(document)
    back, rest = binding.read(data)
    assert not [loss for loss in rest if loss.kind != "folded"], (rest, data.decode())
    view = binding._view
    wanted = document if view is None else view.to_view(document, [])
    wanted = settle(wanted, lost)
    if view is not None:
        wanted = view.from_view(wanted, [])
    prune(wanted)
    prune(back)
    found = differences(arranged(wanted), arranged(back))
    assert not found, (found, lost, data.decode())
