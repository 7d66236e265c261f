# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own
"""The despatch advice as an 856 has it: a tree of shipment, orders, packages and items (`ShipmentByOrder`).

The despatch advice has items in packages, and the order on each item. An 856 comes in four shapes (BSN05): 0001 has the
packages under their orders, 0002 (standard pack) the packages of an item under the item, 0003 the orders inside a
package, 0004 no packages. All of them are read, by what stands in what; which one is written says the binding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from msgspec.structs import asdict, replace

from edigw.documents import DespatchAdvice, DespatchLine, Moment, Package, Part, Party, Reference
from edigw.mapping.loss import Entry
from edigw.mapping.views.item_ids import from_item_ids, put_origin, take_origin, with_item_ids

ORDER_LEVEL = frozenset({"CO", "CR", "IA", "IV", "PD", "AMV", "ADE", "VR"})
"""1153 codes of references that an 856 gives for the order, not for the item."""

_LIFTED = {"issued": "order_issued", "release": "order_release", "contract": "contract", "sales_order": "sales_order"}
_BESIDE_ORDER = ("order_issued", "order_release", "contract")
"""What PRF says beside the number of the order, and not without it."""
_UNMARKED = Package()


class ShippedLine(DespatchLine):
    """An item, with the packages that hold it where they stand under it."""

    packages: list[ShippedPackage] = []


class OrderShare(Part):
    """What one order has in a shipment or in a package."""

    order: str | None = None
    issued: Moment | None = None
    release: str | None = None
    contract: str | None = None
    sales_order: str | None = None
    references: list[Reference] = []
    parties: list[Party] = []
    packages: list[ShippedPackage] = []
    lines: list[ShippedLine] = []


class ShippedPackage(Package):
    """A package, with the orders that are in it where they stand under it."""

    orders: list[OrderShare] = []
    packages: list[ShippedPackage] = []  # type: ignore[assignment]
    lines: list[ShippedLine] = []  # type: ignore[assignment]


class ShipmentByOrder(DespatchAdvice):
    """A despatch advice as a tree."""

    orders: list[OrderShare] = []
    packages: list[ShippedPackage] = []  # type: ignore[assignment]
    lines: list[ShippedLine] = []  # type: ignore[assignment]


Change = Callable[[DespatchLine], DespatchLine]


def lines_in(package: Package) -> Iterator[DespatchLine]:
    """The lines of a package and of those inside it."""
    yield from package.lines
    for inner in package.packages:
        yield from lines_in(inner)


def lines_of(advice: DespatchAdvice) -> Iterator[DespatchLine]:
    """All lines of a despatch advice."""
    yield from advice.lines
    for package in advice.packages:
        yield from lines_in(package)


def changed_lines(package: Package, change: Change) -> Package:
    """The package with each line changed."""
    return replace(
        package,
        lines=[change(line) for line in package.lines],
        packages=[changed_lines(inner, change) for inner in package.packages],
    )


def told(packages: list[Package]) -> list[Package]:
    """Without packages and items of which nothing is said."""
    kept = [
        replace(
            package,
            packages=told(package.packages),
            lines=[line for line in package.lines if line != DespatchLine()],
        )
        for package in packages
    ]
    return [package for package in kept if package != Package()]


def _own(package: Package) -> dict[str, Any]:
    """What a package says of itself."""
    return {**{name: getattr(package, name) for name in Package.__struct_fields__}, "packages": [], "lines": []}


def _is_unmarked(package: Package) -> bool:
    return Package(**_own(package)) == _UNMARKED


# to the tree


def _shipped(package: Package) -> ShippedPackage:
    packages, lines = list(map(_shipped, package.packages)), [ShippedLine(**asdict(line)) for line in package.lines]
    count = package.count or (1 if package.type is not None else None)  # TD101 does not stand without TD102
    return ShippedPackage(**{**_own(package), "packages": packages, "lines": lines, "count": count})


def _view(advice: DespatchAdvice, **parts: Any) -> ShipmentByOrder:
    return ShipmentByOrder(**{**asdict(advice), "packages": [], "lines": [], **parts})


def packages_under_orders(advice: DespatchAdvice, lost: list[Entry]) -> ShipmentByOrder:
    """0001. Packages under the order of their first line that names one. What all lines of an order say of it moves up
    to the order; a line of another order in the same package keeps what it says."""
    shares: dict[str | None, OrderShare] = {}
    for index, package in enumerate(told(advice.packages)):
        order = next((line.order for line in lines_in(package) if line.order), None)
        if order is not None and any(line.order is None for line in lines_in(package)):
            reason = f"lines without an order will be read as lines of {order}"
            lost.append(("changed", ((), "packages", index), "", None, reason))
        shares.setdefault(order, OrderShare(order=order)).packages.append(_shipped(package))
    _share(shares, [ShippedLine(**asdict(line)) for line in advice.lines])
    return _view(advice, orders=list(map(_lift, shares.values())))


def orders_in_packages(advice: DespatchAdvice, lost: list[Entry]) -> ShipmentByOrder:
    """0003. Each package with its orders."""
    orders = _share({}, [ShippedLine(**asdict(line)) for line in advice.lines])
    return _view(
        advice,
        orders=list(map(_lift, orders)),
        packages=[_with_orders(_shipped(package)) for package in told(advice.packages)],
    )


def _with_orders(package: ShippedPackage) -> ShippedPackage:
    orders = list(map(_lift, _share({}, package.lines)))
    return replace(package, lines=[], orders=orders, packages=list(map(_with_orders, package.packages)))


def packages_under_items(advice: DespatchAdvice, lost: list[Entry]) -> ShipmentByOrder:
    """0002. Under each item the packages that hold it; a package of several items stands under each of them. Packages
    that hold the same item one after the other are told together, each with the pieces in it."""
    items: list[ShippedLine] = []
    bare: list[ShippedPackage] = []
    for package in map(_shipped, told(advice.packages)):
        _by_item(package, items, bare, lost)
    items += [ShippedLine(**asdict(line)) for line in advice.lines]
    return _view(advice, orders=list(map(_lift, _share({}, items))), packages=bare)


def _by_item(package: ShippedPackage, items: list[ShippedLine], bare: list[ShippedPackage], lost: list[Entry]) -> None:
    inner_are_bare = all(not inner.lines and not inner.packages for inner in package.packages)
    if package.packages and _is_unmarked(package) and len(package.lines) == 1 and inner_are_bare:
        items.append(replace(package.lines[0], packages=package.packages))
        return
    own = ShippedPackage(**_own(package))
    if package.packages:
        lost.append(("changed", ((), "packages", len(bare)), "", None, "what stands in the package is told beside it"))
    if package.packages or not package.lines:
        bare.append(own)
    if len(package.lines) > 1 and own.units is not None:
        reason = "where a package holds several items, the pieces are those of the item"
        lost.append(("changed", ((), "packages", len(bare)), "units", own.units, reason))
    for line in package.lines:
        pieces = own.units if len(package.lines) == 1 and own.units is not None else line.quantity
        _add_item(items, replace(line, packages=[replace(own, units=pieces)]))
    for inner in package.packages:
        _by_item(inner, items, bare, lost)


def _add_item(items: list[ShippedLine], line: ShippedLine) -> None:
    """Put a line behind the others, or its packages to those of the one before if that is the same item."""
    if items and line.quantity is not None and line.packages[0].units == line.quantity:
        before = items[-1]
        same = replace(before, quantity=line.quantity, packages=line.packages) == line
        if same and before.quantity is not None and _pieces(before.packages) == before.quantity:
            quantity = before.quantity + line.quantity
            items[-1] = replace(before, quantity=quantity, packages=before.packages + line.packages)
            return
    items.append(line)


def _pieces(packages: list[ShippedPackage]) -> Decimal | None:
    units = [package.units for package in packages]
    return sum((one for one in units if one is not None), Decimal(0)) if None not in units else None


def without_packages(advice: DespatchAdvice, lost: list[Entry]) -> ShipmentByOrder:
    """0004. Packages are left out."""
    for index, package in enumerate(told(advice.packages)):
        lost.append(("dropped", ((), "packages", index), "", Package(**_own(package)), "packages are not told"))
    lines = [ShippedLine(**asdict(line)) for line in lines_of(advice)]
    return _view(advice, orders=list(map(_lift, _share({}, lines))))


def _share(shares: dict[str | None, OrderShare], lines: list[ShippedLine]) -> list[OrderShare]:
    """Lines put to their orders, in the order in which these are first met."""
    for line in lines:
        shares.setdefault(line.order, OrderShare(order=line.order)).lines.append(line)
    return list(shares.values())


def _lift(share: OrderShare) -> OrderShare:
    """What all lines of an order say of it, said once."""
    lines = [line for package in share.packages for line in lines_in(package)] + share.lines
    own = [line for line in lines if line.order == share.order]

    def common(name: str) -> Any:
        values = [getattr(line, name) for line in own]
        return values[0] if values and all(value == values[0] for value in values) else None

    lifted = {name: common(of_line) for name, of_line in _LIFTED.items()}
    references, parties = _common_references(own), common("parties") or []

    def lower(line: DespatchLine) -> DespatchLine:
        if line.order != share.order:
            return _item(line)
        cleared: dict[str, Any] = {_LIFTED[name]: None for name, value in lifted.items() if value is not None}
        cleared["references"] = line.references[len(references) :]
        cleared["parties"] = [] if parties else line.parties
        lowered = replace(line, **cleared)
        if all(getattr(lowered, name) is None for name in _BESIDE_ORDER):
            lowered.order = None
        return _item(lowered)

    return OrderShare(
        order=share.order,
        references=references,
        parties=parties,
        packages=[changed_lines(package, lower) for package in share.packages],  # type: ignore[misc]
        lines=[lower(line) for line in share.lines],  # type: ignore[misc]
        **lifted,
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


# and back


def from_tree(view: ShipmentByOrder) -> DespatchAdvice:
    """The despatch advice that a tree of any of the four shapes tells of."""
    packages, lines = _told(view, _same)
    for share in view.orders:
        more, others = _told(share, _put(share))
        packages += more
        lines += others
    fields = {name: value for name, value in asdict(view).items() if name in DespatchAdvice.__struct_fields__}
    return DespatchAdvice(**{**fields, "packages": told(packages), "lines": lines})


def _same(line: DespatchLine) -> DespatchLine:
    return line


def _told(
    level: ShipmentByOrder | OrderShare | ShippedPackage, put: Change
) -> tuple[list[Package], list[DespatchLine]]:
    """The packages and lines of a level. `put` says on a line what its order does."""
    packages = [_package(package, put) for package in level.packages]
    lines: list[DespatchLine] = []
    marked: dict[str, Package] = {}
    for item in level.lines:
        line = put(_line(item))
        if not item.packages:
            lines.append(line)
            continue
        for package in _of_item(line, [_package(package, put) for package in item.packages]):
            known = marked.get(package.sscc or "")
            if known is not None and _is_same(known, package):
                known.lines += package.lines
                known.units = None
                continue
            packages.append(package)
            if package.sscc is not None:
                marked[package.sscc] = package
    return packages, lines


def _is_same(known: Package, package: Package) -> bool:
    """Whether a package is the one that stood under another item already; the pieces are those of the item."""
    return not package.packages and replace(package, units=None, lines=[]) == replace(known, units=None, lines=[])


def _package(package: ShippedPackage, put: Change) -> Package:
    packages, lines = _told(package, put)
    for share in package.orders:
        more, others = _told(share, _put(share))
        packages += more
        lines += others
    count = None if package.count == 1 else package.count
    return Package(**{**_own(package), "packages": packages, "lines": lines, "count": count})


def _of_item(line: DespatchLine, packages: list[Package]) -> list[Package]:
    """An item in its packages: each with its pieces, where they say how many and that is all of the item; else all of
    them together hold it."""
    if len(packages) == 1 and not packages[0].packages:
        return [replace(packages[0], lines=[line])]
    pieces = [package.units for package in packages]
    known = [units for units in pieces if units is not None]
    if len(known) == len(pieces) and sum(known) == line.quantity and not any(p.packages for p in packages):
        return [replace(package, lines=[replace(line, quantity=package.units)]) for package in packages]
    return [Package(packages=packages, lines=[line])]


def _line(item: ShippedLine) -> DespatchLine:
    fields = {name: value for name, value in asdict(item).items() if name in DespatchLine.__struct_fields__}
    line = from_item_ids(DespatchLine(**fields))
    take_origin(line)
    if line.cumulative is not None:
        line.cumulative_unit = line.unit
    return line


def _item(line: DespatchLine) -> DespatchLine:
    """A line as LIN and SN1 have it: SN104 goes with the unit of SN102."""
    line = replace(with_item_ids(line))
    put_origin(line)
    if line.cumulative is not None and line.cumulative_unit == line.unit:
        line.cumulative_unit = None
    return line


def _put(share: OrderShare) -> Change:
    def put(line: DespatchLine) -> DespatchLine:
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
            parties=line.parties or share.parties,
        )

    return put
