# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own
"""The receiving advice as an 861 has it: lines without levels, each with the number of the package that it came in, and
conditions of goods as one code (`ReceiptByLine`)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import Any

from msgspec.structs import asdict, replace

from edigw.documents import Discrepancy, Moment, Part, ReceiptAdvice, ReceiptLine, ReceiptPackage, Reference
from edigw.mapping.codes import code_list
from edigw.mapping.loss import Entry
from edigw.mapping.views.item_ids import from_item_ids, with_item_ids

_ORDER = "ON"  # 1153
_ACCEPTED, _SHORT, _OVER, _DAMAGED = "194", "119", "121", "124"  # 6063
_DIFFERENCES = frozenset({"12", "21", "46", "48", "59"})  # 6063: quantities that others are compared with
_DAMAGES = frozenset({"AF", "BA", "DME"})  # 4221, 4295 and EANCOM
_EACH = "EA"


class HeadingOrder(Part):
    """An order that the receiving advice is about."""

    id: str | None = None
    issued: Moment | None = None


class Condition(Part):
    """A quantity in one condition (X12 DE 412). `code`: 6063, with 4221 and 4295 where they make another condition of
    it: "195+AC" is too much and sent back, "/AT" was not ordered."""

    quantity: Decimal | None = None
    unit: str | None = None
    code: str | None = None
    nature: str | None = None
    reason: str | None = None
    text: str | None = None


class LineInPackage(ReceiptLine):
    """A line, or what is told of a whole package. `accepted` and `discrepancies` are in `conditions`."""

    type: str | None = None
    sscc: str | None = None
    tracking: str | None = None
    marks: str | None = None
    conditions: list[Condition] = []


class ReceiptByLine(ReceiptAdvice):
    """A receiving advice whose packages are told on its lines; `packages` stays empty."""

    orders: list[HeadingOrder] = []
    lines: list[LineInPackage] = []  # type: ignore[assignment]


@cache
def _known() -> dict[str, tuple[str | None, str | None, str | None]]:
    """What X12 has a code for, as 6063, 4221 and 4295."""
    found = {}
    for code in code_list("receiving_conditions", "x12", "004010").write:
        rest, _, reason = code.partition("/")
        kind, _, nature = rest.partition("+")
        found[code] = (kind or None, nature or None, reason or None)
    return found


def receipt_by_line(advice: ReceiptAdvice, lost: list[Entry]) -> ReceiptByLine:
    """Lines of packages first. Orders that the heading names move to PRF."""
    orders = [ref for ref in advice.references if _is_order(ref)]
    if len(orders) == 1 and any(line.order is None for line in advice.lines):
        reason = "lines without an order will be read as lines of the order that the heading names"
        lost.append(("changed", (), "lines", None, reason))
    lines: list[LineInPackage] = []
    for package in advice.packages:
        _flatten(package, lines, lost)
    for line in advice.lines:
        lines.append(_in_package(line, None, ((), "lines", len(lines)), lost))
    fields = {
        **asdict(advice),
        "packages": [],
        "lines": lines,
        "references": [ref for ref in advice.references if not _is_order(ref)],
    }
    return ReceiptByLine(**fields, orders=[HeadingOrder(id=ref.id, issued=ref.issued) for ref in orders])


def _is_order(ref: Reference) -> bool:
    return ref == Reference(type=_ORDER, id=ref.id, issued=ref.issued) and ref.id is not None


def _flatten(package: ReceiptPackage, lines: list[LineInPackage], lost: list[Entry]) -> None:
    path = ((), "lines", len(lines))
    own = ReceiptLine(discrepancies=package.discrepancies, states=package.states)
    if package.discrepancies or package.states or not package.lines:
        lines.append(_in_package(own, package, path, lost))
    for line in package.lines:
        lines.append(_in_package(line, package, ((), "lines", len(lines)), lost))
    if package.packages:
        lost.append(("changed", path, "", None, "an 861 does not say which package stands in which"))
    for inner in package.packages:
        _flatten(inner, lines, lost)


def _in_package(line: ReceiptLine, package: ReceiptPackage | None, path: Any, lost: list[Entry]) -> LineInPackage:
    conditions: list[Condition] = []
    if line.accepted is not None or line.accepted_unit is not None:
        conditions.append(Condition(quantity=line.accepted, unit=line.accepted_unit, code=_ACCEPTED))
    conditions += [
        _condition(found, (path, "conditions", len(conditions) + index), lost)
        for index, found in enumerate(line.discrepancies)
    ]
    for index, condition in enumerate(conditions):
        if condition.unit is None:
            condition.unit = line.unit or _EACH
            if line.unit is None:
                lost.append(("defaulted", (path, "conditions", index), "unit", _EACH, "the message must say it"))
    fields = {
        **asdict(with_item_ids(line)),
        "accepted": None,
        "accepted_unit": None,
        "discrepancies": [],
        "conditions": conditions,
    }
    if package is not None:
        fields |= {name: getattr(package, name) for name in ("type", "sscc", "tracking", "marks")}
    return LineInPackage(**fields)


def _condition(found: Discrepancy, path: Any, lost: list[Entry]) -> Condition:
    fields = asdict(found)
    kind, quantity = fields.pop("type"), found.quantity
    exact = _key(kind, found.nature, found.reason)
    if exact in _known():
        fields |= {"nature": None, "reason": None}
        return Condition(**fields, code=exact)
    code = kind or ""
    if quantity is not None and (kind in _DIFFERENCES or (kind is None and not _damaged(found))):
        code = _SHORT if quantity < 0 else _OVER
        fields["quantity"] = abs(quantity)
    elif _damaged(found):
        code = _DAMAGED
    if code != (kind or ""):
        lost.append(("changed", path, "code", kind, f"written as {code}"))
    return Condition(**fields, code=code)


def _damaged(found: Discrepancy) -> bool:
    return found.nature in _DAMAGES or found.reason in _DAMAGES


def _key(kind: str | None, nature: str | None, reason: str | None) -> str:
    return f"{kind or ''}{f'+{nature}' if nature else ''}{f'/{reason}' if reason else ''}"


def from_receipt_by_line(view: ReceiptByLine) -> ReceiptAdvice:
    """Lines with the same package, one after the other, are its content. What has neither an item nor a quantity is
    told of the package."""
    sole = view.orders[0].id if len(view.orders) == 1 else None
    packages: list[ReceiptPackage] = []
    lines: list[ReceiptLine] = []
    for key, group in groupby(view.lines, key=lambda line: (line.type, line.sscc, line.tracking, line.marks)):
        if any(part is not None for part in key):
            packages.append(_package_of(key, group, sole))
        else:
            lines += [_with_order(_line_of(line), sole) for line in group]
    fields = {name: value for name, value in asdict(view).items() if name in ReceiptAdvice.__struct_fields__}
    fields["references"] = [Reference(type=_ORDER, **asdict(order)) for order in view.orders] + view.references
    return ReceiptAdvice(**{**fields, "packages": packages, "lines": lines})


def _package_of(
    key: tuple[str | None, str | None, str | None, str | None], group: Iterable[LineInPackage], order: str | None
) -> ReceiptPackage:
    kind, sscc, tracking, marks = key
    package = ReceiptPackage(type=kind, sscc=sscc, tracking=tracking, marks=marks)
    for member in group:
        line = _line_of(member)
        if line == ReceiptLine(discrepancies=line.discrepancies, states=line.states):
            package.discrepancies += line.discrepancies
            package.states += line.states
        else:
            package.lines.append(_with_order(line, order))
    return package


def _with_order(line: ReceiptLine, order: str | None) -> ReceiptLine:
    return replace(line, order=order) if line.order is None and order is not None else line


def _line_of(member: LineInPackage) -> ReceiptLine:
    fields = {name: value for name, value in asdict(member).items() if name in ReceiptLine.__struct_fields__}
    line = from_item_ids(ReceiptLine(**fields))
    conditions = list(member.conditions)
    good = next((condition for condition in conditions if condition.code == _ACCEPTED), None)
    if good is not None:
        conditions.remove(good)
        line = replace(line, accepted=good.quantity, accepted_unit=good.unit)
    return replace(line, discrepancies=list(map(_discrepancy, conditions)))


def _discrepancy(condition: Condition) -> Discrepancy:
    kind, nature, reason = _known().get(condition.code or "", (condition.code, None, None))
    return Discrepancy(
        type=kind or None,
        quantity=condition.quantity,
        unit=condition.unit,
        nature=nature or condition.nature,
        reason=reason or condition.reason,
        text=condition.text,
    )
