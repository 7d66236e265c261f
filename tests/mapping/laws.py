"""The laws of a binding as checks on one document."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from edigw.mapping import Binding, Loss, flatten

GTIN = ("EN", "UP", "SRV")
_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


class _Any:
    """Stands for a value of which the report says that it comes back changed."""

    def __repr__(self) -> str:
        return "ANY"


ANY = _Any()


def differences(a: Any, b: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Where two documents differ; ANY in the first is no difference."""
    if a is ANY:
        return []
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [d for n, pair in enumerate(zip(a, b, strict=True)) for d in differences(*pair, f"{path}[{n}]")]
    if isinstance(a, msgspec.Struct) and type(a) is type(b):
        names = a.__struct_fields__
        return [d for f in names for d in differences(getattr(a, f), getattr(b, f), f"{path}.{f}")]
    return [] if a == b else [(path, a, b)]


def copied(item: Any) -> Any:
    """A deep copy; item numbers with the GTIN first, which is the order that EDIFACT keeps."""
    if isinstance(item, list):
        return [copied(value) for value in item]
    if not isinstance(item, msgspec.Struct):
        return item
    return type(item)(**{name: copied(getattr(item, name)) for name in item.__struct_fields__})


def gtin_first(item: Any) -> None:
    if isinstance(item, list):
        for value in item:
            gtin_first(value)
    elif isinstance(item, msgspec.Struct):
        for name in item.__struct_fields__:
            gtin_first(getattr(item, name))
        ids = getattr(item, "ids", None)
        if ids:
            first = next((n for n, i in enumerate(ids) if i.scheme is ANY or i.scheme in GTIN), 0)
            ids.insert(0, ids.pop(first))


def without(document: Any, losses: list[Loss]) -> Any:
    """The document without what the report lists: dropped things gone, changed and defaulted ones equal to anything."""
    gone: list[tuple[list[Any], int]] = []
    split: list[tuple[list[Any], int, int]] = []
    for loss in losses:
        steps = [(name, index) for name, index in _STEP.findall(loss.location)]
        item = document
        for name, index in steps[:-1]:
            item = getattr(item, name)
            item = item[int(index)] if index else item
            if item is ANY or item is None:
                break
        if item is ANY or item is None or not steps:
            continue
        name, index = steps[-1]
        value = getattr(item, name)
        if index:
            if loss.kind == "dropped":
                gone.append((value, int(index)))
            continue
        if loss.kind == "changed" and loss.reason.startswith("split over"):
            owner, position = _owner(document, steps[:-1])
            split.append((owner, position, int(loss.reason.split()[2])))
            setattr(item, name, ANY)
        elif loss.kind in ("changed", "defaulted"):
            if value is not None or loss.kind == "defaulted":
                setattr(item, name, ANY)
        else:
            setattr(item, name, [] if isinstance(value, list) else None)
    for items, index in gone:
        items[index] = None
    for items, index, count in sorted(split, key=lambda s: -s[1]):
        items[index + 1 : index + 1] = [ANY] * (count - 1)
    prune(document)
    return document


def _owner(document: Any, steps: list[tuple[str, str]]) -> tuple[list[Any], int]:
    item = document
    for name, index in steps[:-1]:
        item = getattr(item, name)[int(index)]
    name, index = steps[-1]
    return getattr(item, name), int(index)


def _empty(item: Any) -> bool:
    if isinstance(item, msgspec.Struct):
        return all(_empty(getattr(item, name)) for name in item.__struct_fields__)
    return item is None or (isinstance(item, list) and not item)


def prune(item: Any) -> None:
    """Items that lost everything are gone."""
    if isinstance(item, list):
        for value in item:
            prune(value)
        item[:] = [value for value in item if not _empty(value)]
    elif isinstance(item, msgspec.Struct):
        for name in item.__struct_fields__:
            prune(getattr(item, name))


def read_back(binding: Binding, document: Any) -> tuple[Any, list[Loss], list[Loss], Any]:
    """Write and read: what came back, both reports, and the tree."""
    tree, lost = binding.write_tree(document)
    back, rest = binding.read(tree)
    return back, lost, rest, tree


def unread(losses: list[Loss]) -> list[Loss]:
    """What a reader of our own messages may not report: all but folded codes, and totals that were wrong before."""
    return [loss for loss in losses if loss.kind != "folded" and not loss.reason.endswith("counted")]


def check_round_trip(binding: Binding, document: Any, arranged: bool) -> None:
    """`read(write(d)) == d` without exactly what the report lists, and own output is consumed whole."""
    back, lost, rest, tree = read_back(binding, document)
    assert not unread(rest), (rest, flatten(tree))
    view = binding._view
    wanted = copied(document if view is None else view.to_view(document, []))
    wanted = without(wanted, lost)
    if view is not None:
        wanted = view.from_view(wanted)
        prune(wanted)
    if arranged:
        gtin_first(wanted)
    assert not differences(wanted, back), (differences(wanted, back), lost, flatten(tree))
