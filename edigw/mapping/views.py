# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own
"""Views: a document seen in the shape of a message, as a Python pair; and values derived from an item.

A DESADV gives what it counts at its top level, and an order number for all lines may stand in its heading
(`DespatchByLevel`). The 856 in its usual shape (BSN05 0001: shipment, order, pack, item) puts the order above the
packages, the despatch advice puts it on the lines (`ShipmentByOrder`). Such differences are no matter of rules: a
binding binds the view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from msgspec.structs import asdict, replace

from edigw.documents import (
    ApplicationResponse,
    Characteristic,
    DespatchAdvice,
    DespatchLine,
    ItemId,
    Lot,
    Order,
    Package,
    Packaging,
    Part,
    Reference,
    Serial,
)
from edigw.documents.moment import Moment
from edigw.mapping.application_views import (
    AnswerByMessage,
    by_message,
    from_by_message,
    from_transaction_set,
    to_transaction_set,
)
from edigw.mapping.loss import Entry

ORDER_LEVEL = frozenset({"CO", "CR", "IA", "IV", "PD", "AMV", "ADE", "VR"})
"""1153 codes of references that an 856 gives for the order, not for the item."""

_LOT = "BB"
_SERIAL = "SN"


class OrderShare(Part):
    """What one order has in a shipment."""

    order: str | None = None
    issued: Moment | None = None
    release: str | None = None
    contract: str | None = None
    sales_order: str | None = None
    references: list[Reference] = []
    packages: list[Package] = []
    lines: list[DespatchLine] = []


class ShipmentByOrder(DespatchAdvice):
    """A despatch advice whose packages and lines stand under their orders. `packages` and `lines` of the shipment
    itself stay empty."""

    orders: list[OrderShare] = []


def _lines(package: Package) -> Iterator[DespatchLine]:
    yield from package.lines
    for inner in package.packages:
        yield from _lines(inner)


def _each_line(package: Package, change: Callable[[DespatchLine], DespatchLine]) -> Package:
    return replace(
        package,
        lines=[change(line) for line in package.lines],
        packages=[_each_line(inner, change) for inner in package.packages],
    )


def by_order(advice: DespatchAdvice, lost: list[Entry]) -> ShipmentByOrder:
    """Packages under the order of their first line that names one. What all lines of an order say of it moves up to
    the order; a line of another order in the same package keeps what it says."""
    shares: dict[str | None, OrderShare] = {}

    def share(order: str | None) -> OrderShare:
        return shares.setdefault(order, OrderShare(order=order))

    for index, package in enumerate(advice.packages):
        order = next((line.order for line in _lines(package) if line.order), None)
        if order is not None and any(line.order is None for line in _lines(package)):
            reason = f"lines without an order will be read as lines of {order}"
            lost.append(("changed", ((), "packages", index), "", None, reason))
        share(order).packages.append(package)
    for line in advice.lines:
        share(line.order).lines.append(line)
    fields = {**asdict(advice), "packages": [], "lines": []}
    return ShipmentByOrder(**fields, orders=[_lift(share) for share in shares.values()])


def _lift(share: OrderShare) -> OrderShare:
    lines = [line for package in share.packages for line in _lines(package)] + share.lines
    own = [line for line in lines if line.order == share.order]

    def common(name: str) -> Any:
        values = [getattr(line, name) for line in own]
        return values[0] if values and all(value == values[0] for value in values) else None

    lifted = {name: common(name) for name in ("order_issued", "order_release", "contract", "sales_order")}
    references = _common_references(own)

    def lower(line: DespatchLine) -> DespatchLine:
        if line.order != share.order:
            return _with_item_ids(line)
        cleared: dict[str, Any] = {name: None for name, value in lifted.items() if value is not None}
        return _with_item_ids(replace(line, order=None, references=line.references[len(references) :], **cleared))

    return OrderShare(
        order=share.order,
        issued=lifted["order_issued"],
        release=lifted["order_release"],
        contract=lifted["contract"],
        sales_order=lifted["sales_order"],
        references=references,
        packages=[_each_line(package, lower) for package in share.packages],
        lines=[lower(line) for line in share.lines],
    )


def _common_references(lines: list[DespatchLine]) -> list[Reference]:
    """The references of the order with which all lines begin."""
    if not lines:
        return []
    shared = lines[0].references
    for line in lines[1:]:
        same = 0
        while same < min(len(shared), len(line.references)) and shared[same] == line.references[same]:
            same += 1
        shared = shared[:same]
    end = next((n for n, ref in enumerate(shared) if ref.type not in ORDER_LEVEL), len(shared))
    return shared[:end]


def _with_item_ids(line: DespatchLine) -> DespatchLine:
    """Lots and serial numbers among the item's numbers, where LIN has them. What else is said of a lot stays in
    `lots`."""
    more = [ItemId(scheme=_LOT, id=lot.id) for lot in line.lots if lot.id is not None]
    more += [ItemId(scheme=_SERIAL, id=serial.id) for serial in line.serials if serial.id is not None]
    facts = [replace(lot, id=None) for lot in line.lots]
    facts = [lot for lot in facts if lot != Lot()]
    return replace(line, ids=line.ids + more, lots=facts, serials=[]) if line.lots or line.serials else line


def _from_item_ids(line: DespatchLine) -> DespatchLine:
    lots = [Lot(id=item.id) for item in line.ids if item.scheme == _LOT]
    serials = [Serial(id=item.id) for item in line.ids if item.scheme == _SERIAL]
    if not lots and not serials:
        return line
    ids = [item for item in line.ids if item.scheme not in (_LOT, _SERIAL)]
    return replace(line, ids=ids, lots=lots + line.lots, serials=serials + line.serials)


def from_by_order(view: ShipmentByOrder) -> DespatchAdvice:
    """The despatch advice that a shipment by order tells of."""
    packages = [_each_line(package, _from_item_ids) for package in view.packages]
    lines = [_from_item_ids(line) for line in view.lines]
    for share in view.orders:
        put = _put(share)
        packages += [_each_line(package, put) for package in share.packages]
        lines += [put(line) for line in share.lines]
    fields = {name: value for name, value in asdict(view).items() if name in DespatchAdvice.__struct_fields__}
    return DespatchAdvice(**{**fields, "packages": packages, "lines": lines})


def _put(share: OrderShare) -> Callable[[DespatchLine], DespatchLine]:
    """Write on a line what its order says of it."""

    def put(line: DespatchLine) -> DespatchLine:
        line = _from_item_ids(line)
        if line.order is not None and line.order != share.order:
            return line
        return replace(
            line,
            order=share.order,
            order_issued=line.order_issued or share.issued,
            order_release=line.order_release or share.release,
            contract=line.contract or share.contract,
            sales_order=line.sales_order or share.sales_order,
            references=share.references + line.references,
        )

    return put


class Unit(Packaging):
    """Packages counted in the top level of a DESADV, or the one package that a small shipment has there."""

    sscc: str | None = None


class DespatchByLevel(DespatchAdvice):
    """A despatch advice whose top level (CPS) speaks of the packages as `units`; `packaging` stays empty."""

    units: list[Unit] = []


def by_level(advice: DespatchAdvice, lost: list[Entry]) -> DespatchByLevel:
    """Packages counted together are units of the top level."""
    if _order_of_all(advice.references) and any(line.order is None for line in _all_lines(advice)):
        reason = "lines without an order will be read as lines of the order that the heading names"
        lost.append(("changed", (), "lines", None, reason))
    units = [Unit(**asdict(packaging)) for packaging in advice.packaging]
    return DespatchByLevel(**{**asdict(advice), "packaging": []}, units=units)


def from_by_level(view: DespatchByLevel) -> DespatchAdvice:
    """A unit with an SSCC is a package; if it is the only one, everything is in it. An order number in the heading is
    that of all lines which name none."""
    marked = [unit for unit in view.units if unit.sscc is not None]
    packages = [_package_of(unit) for unit in marked]
    lines = view.lines
    if len(packages) == 1 and not view.packages:
        packages[0].lines, lines = lines, []
    order = _order_of_all(view.references)

    def put(line: DespatchLine) -> DespatchLine:
        return replace(line, order=order) if line.order is None and order is not None else line

    fields = {name: value for name, value in asdict(view).items() if name in DespatchAdvice.__struct_fields__}
    fields["packaging"] = [_packaging_of(unit) for unit in view.units if unit.sscc is None]
    fields["packages"] = [_each_line(package, put) for package in packages + view.packages]
    fields["lines"] = [put(line) for line in lines]
    return DespatchAdvice(**fields)


def _order_of_all(references: list[Reference]) -> str | None:
    orders = [reference.id for reference in references if reference.type == "ON"]
    return orders[0] if len(orders) == 1 else None


def _all_lines(advice: DespatchAdvice) -> Iterator[DespatchLine]:
    yield from advice.lines
    for package in advice.packages:
        yield from _lines(package)


def _packaging_of(unit: Unit) -> Packaging:
    return Packaging(**{name: value for name, value in asdict(unit).items() if name != "sscc"})


def _package_of(unit: Unit) -> Package:
    return Package(
        type=unit.type,
        sscc=unit.sscc,
        gross_weight=unit.gross_weight,
        weight_unit=unit.weight_unit,
        volume=unit.volume,
        volume_unit=unit.volume_unit,
    )


@dataclass(frozen=True, slots=True)
class View:
    """A document in another shape: `cls` is what the rules bind. `to_view` reports what the shape can't keep."""

    cls: type
    to_view: Callable[[Any, list[Entry]], Any]
    from_view: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Derivation:
    """A value that follows from the item. `accepts`: what is fine on reading; empty: anything."""

    write: Callable[[Any], str]
    accepts: frozenset[str] = field(default_factory=frozenset)


VIEWS: dict[str, View] = {
    "answer": View(AnswerByMessage, by_message, from_by_message),
    "answers": View(ApplicationResponse, to_transaction_set, from_transaction_set),
    "by_level": View(DespatchByLevel, by_level, from_by_level),
    "by_order": View(ShipmentByOrder, by_order, from_by_order),
}


def _description_kind(characteristic: Characteristic) -> str:
    """7077 of a characteristic: coded, in words, or both."""
    if characteristic.code is None:
        return "F"
    return "C" if characteristic.text is None else "B"


DERIVATIONS: dict[str, Derivation] = {
    # HL03: a package that holds packages is a tare (pallet), one that holds goods a pack (carton)
    "pack_level": Derivation(lambda package: "T" if package.packages else "P", frozenset({"T", "P"})),
    "description_kind": Derivation(_description_kind, frozenset("ABCEFSX")),
    # 5419: the rate of a charge or of an allowance
    "rate_kind": Derivation(lambda allowance: "2" if allowance.charge else "1", frozenset({"1", "2"})),
}


def _quantities(document: Order | DespatchAdvice) -> Decimal:
    """The quantities of all lines, whatever their units: what control totals call the algebraic total."""
    lines = document.lines if isinstance(document, Order) else _all_lines(document)
    return sum((line.quantity for line in lines if line.quantity is not None), Decimal(0))


TOTALS: dict[str, Callable[[Any], Decimal]] = {"quantities": _quantities}
