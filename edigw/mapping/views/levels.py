# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own
"""The despatch advice as a DESADV has it: levels (CPS) that count packages and hold items (`DespatchByLevel`).

A level with one package is that package. A level that counts several tells of all of them together: in the despatch
advice they stand inside a package of which nothing else is said. An order number for all lines may stand in the
heading.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec.structs import asdict, replace

from edigw.documents import (
    DespatchAdvice,
    DespatchLine,
    Measure,
    Package,
    PackageId,
    Packaging,
    Part,
    Reference,
    Serial,
)
from edigw.mapping.loss import Entry
from edigw.mapping.views.shipments import changed_lines, lines_of, told

_OF_ALL = ("gross_weight", "weight_unit", "volume", "volume_unit", "measures")
"""What PAC says of all packages that it counts together."""


class Unit(Packaging):
    """Packages of a kind that a level counts, with their numbers (PAC)."""

    sscc: list[PackageId] = []
    tracking: str | None = None
    marks: str | None = None
    labels: list[Serial] = []
    tiers: int | None = None
    blocks: int | None = None
    units: Decimal | None = None  # pieces in each
    measures: list[Measure] = []


class Level(Part):
    """A level below that of the shipment (CPS)."""

    units: list[Unit] = []
    lines: list[DespatchLine] = []
    levels: list[Level] = []


class DespatchByLevel(DespatchAdvice):
    """A despatch advice in levels; `packaging` and `packages` stay empty. `units` and `lines` are those of the top."""

    units: list[Unit] = []
    levels: list[Level] = []


def by_level(advice: DespatchAdvice, lost: list[Entry]) -> DespatchByLevel:
    """Packages counted together are units of the top level, each other package is a level."""
    if _order_of_all(advice.references) and any(line.order is None for line in lines_of(advice)):
        reason = "lines without an order will be read as lines of the order that the heading names"
        lost.append(("changed", (), "lines", None, reason))
    return DespatchByLevel(
        **{**asdict(advice), "packaging": [], "packages": []},
        units=[Unit(**asdict(packaging)) for packaging in advice.packaging],
        levels=list(map(_level, told(advice.packages))),
    )


def _level(package: Package) -> Level:
    own = replace(package, packages=[], lines=[])
    if own == Package() and package.packages and not any(inner.packages or inner.lines for inner in package.packages):
        return Level(units=_counted(package.packages), lines=package.lines)
    levels = list(map(_level, package.packages))
    return Level(units=[] if own == Package() else [_unit(own)], lines=package.lines, levels=levels)


def _unit(package: Package) -> Unit:
    fields = {name: value for name, value in asdict(package).items() if name in Unit.__struct_fields__}
    sscc = [PackageId(id=package.sscc)] if package.sscc is not None else []
    return Unit(**{**fields, "sscc": sscc, "count": 1 if package.count is None else package.count})


def _counted(packages: list[Package]) -> list[Unit]:
    """Packages without items, of which those that differ in their number only are counted together."""
    units: list[Unit] = []
    for package in packages:
        unit = _unit(package)
        before = units[-1] if units else None
        alike = before is not None and replace(before, count=1, sscc=unit.sscc) == unit
        if before is not None and alike and unit.sscc and len(before.sscc) == before.count and not _weighed(unit):
            units[-1] = replace(before, count=len(before.sscc) + 1, sscc=before.sscc + unit.sscc)
        else:
            units.append(unit)
    return units


def _weighed(unit: Unit) -> bool:
    own = (*_OF_ALL, "marks", "tracking", "labels", "tiers", "blocks")
    return any(getattr(unit, name) not in (None, []) for name in own)


def from_by_level(view: DespatchByLevel) -> DespatchAdvice:
    """A unit of the top level with numbers or marks is a package; if nothing stands below, everything is in it. An
    order number in the heading is that of all lines which name none."""
    marked = [unit for unit in view.units if unit != Unit(**_packaging(unit))]
    packages = [package for unit in marked for package in _packages(unit)]
    lines = view.lines
    if packages and lines and not view.levels:
        packages, lines = [_holding(packages, lines)], []
    order = _order_of_all(view.references)

    def put(line: DespatchLine) -> DespatchLine:
        return replace(line, order=order) if line.order is None and order is not None else line

    fields = {name: value for name, value in asdict(view).items() if name in DespatchAdvice.__struct_fields__}
    fields["packaging"] = [Packaging(**_packaging(unit)) for unit in view.units if unit not in marked]
    fields["packages"] = [changed_lines(package, put) for package in told([*packages, *map(_package, view.levels)])]
    fields["lines"] = [put(line) for line in lines]
    return DespatchAdvice(**fields)


def _packaging(unit: Unit) -> dict[str, Any]:
    return {name: value for name, value in asdict(unit).items() if name in Packaging.__struct_fields__}


def _holding(packages: list[Package], lines: list[DespatchLine]) -> Package:
    if len(packages) == 1 and not packages[0].packages:
        return replace(packages[0], lines=lines)
    return Package(packages=packages, lines=lines)


def _package(level: Level) -> Package:
    inner = list(map(_package, level.levels))
    counted = [package for unit in level.units for package in _packages(unit)]
    if len(counted) == 1:
        return replace(counted[0], lines=level.lines, packages=counted[0].packages + inner)
    return Package(packages=counted + inner, lines=level.lines)


def _packages(unit: Unit) -> list[Package]:
    """One package for each number, and one more for those without."""
    fields = {name: value for name, value in asdict(unit).items() if name in Package.__struct_fields__}
    fields |= {"sscc": None, "count": None}
    if len(unit.sscc) <= 1 and (unit.count or 1) == 1:
        return [Package(**{**fields, "sscc": unit.sscc[0].id if unit.sscc else None})]
    if not unit.sscc:
        return [Package(**{**fields, "count": unit.count})]
    alike = {name: fields[name] for name in ("type", "units")}
    of_all = {name: value for name, value in fields.items() if name not in alike}
    numbered = [Package(sscc=sscc.id, **alike) for sscc in unit.sscc]
    left = (unit.count or 0) - len(numbered)
    if left > 0:
        numbered.append(Package(count=left if left > 1 else None, **alike))
    return [Package(**of_all, packages=numbered)] if Package(**of_all) != Package() else numbered


def _order_of_all(references: list[Reference]) -> str | None:
    orders = [reference.id for reference in references if reference.type == "ON"]
    return orders[0] if len(orders) == 1 else None
