# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own
"""The receiving advice as a RECADV has it: in levels as a DESADV, and with what is missing or unfit as a negative
number (`ReceiptByLevel`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import asdict, replace

from edigw.documents import Discrepancy, Packaging, Part, ReceiptAdvice, ReceiptLine, ReceiptPackage, Reference, State
from edigw.mapping.loss import Entry

_COMPARED = frozenset({"12", "21", "46", "48", "59", None})
"""6063 codes of quantities that a difference is reckoned from; the others say what the goods are."""

_SURPLUS_TYPES = frozenset({"121", "123", "193", "194"})
_SURPLUS_NATURES = frozenset({"AC", "AE", "CE", "CM"})  # 4221


def lines_of(item: ReceiptAdvice | ReceiptPackage) -> Iterator[ReceiptLine]:
    """The lines of an advice or package, those of its inner packages included."""
    yield from item.lines
    for package in item.packages:
        yield from lines_of(package)


def _only(cls: type[Part], item: Any) -> dict[str, Any]:
    """The fields of an item that another class has."""
    return {name: value for name, value in asdict(item).items() if name in cls.__struct_fields__}


class ReceiptUnit(Packaging):
    """Packages counted in the top level of a RECADV, or the one package that a small shipment has there."""

    sscc: str | None = None
    discrepancies: list[Discrepancy] = []
    states: list[State] = []


class ReceiptByLevel(ReceiptAdvice):
    """A receiving advice whose top level (CPS) speaks of the packages as `units`; `packaging` stays empty."""

    units: list[ReceiptUnit] = []


def receipt_by_level(advice: ReceiptAdvice, lost: list[Entry]) -> ReceiptByLevel:
    """Packages counted together are units of the top level; differences have the sign that EDIFACT gives them."""
    if _order_of_all(advice.references) and any(line.order is None for line in lines_of(advice)):
        reason = "lines without an order will be read as lines of the order that the heading names"
        lost.append(("changed", (), "lines", None, reason))
    _report_negative(advice, (), lost)
    fields = {
        **asdict(advice),
        "packaging": [],
        "packages": [_package(package, _signed) for package in advice.packages],
        "lines": [_line(line, _signed) for line in advice.lines],
    }
    return ReceiptByLevel(**fields, units=[ReceiptUnit(**asdict(packaging)) for packaging in advice.packaging])


def from_receipt_by_level(view: ReceiptByLevel) -> ReceiptAdvice:
    """A unit with an SSCC, or of which something is told, is a package; if it is the only one, everything is in it. An
    order number in the heading is that of all lines which name none."""
    told = [unit for unit in view.units if unit.sscc is not None or unit.discrepancies or unit.states]
    packages = [ReceiptPackage(**_only(ReceiptPackage, unit)) for unit in told]
    lines = view.lines
    if len(packages) == 1 and not view.packages:
        packages[0].lines, lines = lines, []
    order = _order_of_all(view.references)

    def put(line: ReceiptLine) -> ReceiptLine:
        line = _with_units(_line(line, _unsigned))
        return replace(line, order=order) if line.order is None and order is not None else line

    fields = _only(ReceiptAdvice, view)
    fields["packaging"] = [Packaging(**_only(Packaging, unit)) for unit in view.units if unit not in told]
    fields["packages"] = [_package(package, _unsigned, put) for package in packages + view.packages]
    fields["lines"] = [put(line) for line in lines]
    return ReceiptAdvice(**fields)


def _order_of_all(references: list[Reference]) -> str | None:
    orders = [reference.id for reference in references if reference.type == "ON"]
    return orders[0] if len(orders) == 1 else None


_Change = Callable[[Discrepancy], Discrepancy]


def _line(line: ReceiptLine, change: _Change) -> ReceiptLine:
    """QVR has no unit: it is that of the line."""
    if not line.discrepancies:
        return line
    found = map(change, line.discrepancies)
    return replace(line, discrepancies=[replace(d, unit=None) if d.unit == line.unit else d for d in found])


def _with_units(line: ReceiptLine) -> ReceiptLine:
    return replace(line, discrepancies=[replace(d, unit=d.unit or line.unit) for d in line.discrepancies])


def _package(
    package: ReceiptPackage, change: _Change, put: Callable[[ReceiptLine], ReceiptLine] | None = None
) -> ReceiptPackage:
    return replace(
        package,
        discrepancies=list(map(change, package.discrepancies)),
        packages=[_package(inner, change, put) for inner in package.packages],
        lines=[put(line) if put else _line(line, change) for line in package.lines],
    )


def _signed(found: Discrepancy) -> Discrepancy:
    """As EANCOM has it: what is missing or unfit is negative, what is too much positive."""
    if not found.quantity or found.type in _COMPARED:
        return found
    more = found.type in _SURPLUS_TYPES or found.nature in _SURPLUS_NATURES
    return replace(found, quantity=abs(found.quantity) if more else -abs(found.quantity))


def _unsigned(found: Discrepancy) -> Discrepancy:
    if not found.quantity or found.type in _COMPARED:
        return found
    return replace(found, quantity=abs(found.quantity))


def _report_negative(item: ReceiptAdvice | ReceiptLine | ReceiptPackage, path: Any, lost: list[Entry]) -> None:
    """Only a difference between two quantities can be negative."""
    if not isinstance(item, ReceiptAdvice):
        for index, found in enumerate(item.discrepancies):
            if _unsigned(found) != found:
                lost.append(("changed", (path, "discrepancies", index), "quantity", found.quantity, "the sign"))
    if not isinstance(item, ReceiptLine):
        for name in ("packages", "lines"):
            for index, inner in enumerate(getattr(item, name)):
                _report_negative(inner, (path, name, index), lost)
