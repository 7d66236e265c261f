# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own
"""Views: a document in the shape of a UBL document, where rules can't bridge the difference.

A UBL document tells the total of its taxes wherever it tells a tax. A UBL despatch or receiving advice has all its
lines at the top; each names the package that it is in, and packages have numbers for that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, Overflow, localcontext
from typing import Any, TypeAlias

from msgspec.structs import replace

from edigw.documents import (
    Amount,
    DespatchAdvice,
    DespatchLine,
    Invoice,
    InvoiceLine,
    Note,
    OrderChange,
    Package,
    Part,
    ReceiptAdvice,
    ReceiptLine,
    ReceiptPackage,
)
from edigw.mapping.loss import Entry, Loss
from edigw.mapping.xml.purchase import (
    PURCHASE_CHANGE,
    PURCHASE_INVOICE,
    PURCHASE_ORDER,
    PURCHASE_RESPONSE,
    Purchase,
)

_TAX_TOTAL = "176"  # 5025
_PRECISE = 150  # digits, more than codecs let through
_OWN_KEY = re.compile(r"P\d+", re.ASCII).fullmatch
_SSCC = re.compile(r"\d{18}", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class XmlView:
    """`cls` is what the rules bind. Both ways report what the other shape can't keep: `to_view` with the entries of a
    writer, `from_view` with the losses of a reader."""

    cls: type
    to_view: Callable[[Any, list[Entry]], Any]
    from_view: Callable[[Any, list[Loss]], Any]


def with_tax_total(document: Any, lost: list[Entry]) -> Any:
    """The same, with the total of its taxes."""
    amounts = [tax.amount for tax in document.taxes if tax.amount is not None]
    if not amounts or any(amount.type == _TAX_TOTAL for amount in document.amounts):
        return document
    with localcontext(prec=_PRECISE):
        total = Amount(type=_TAX_TOTAL, value=sum(amounts, Decimal(0)))
    lost.append(("defaulted", (), "amounts", total, "UBL must say the total of the taxes"))
    return replace(document, amounts=[*document.amounts, total])


def _same(document: Any, _: list[Loss]) -> Any:
    return document


def with_invoice_totals(invoice: Invoice, lost: list[Entry]) -> Invoice:
    """The same, with the totals that UBL asks for: of the taxes, of what is to be paid, and of each line."""
    changes: dict[str, Any] = {}
    amounts = [tax.amount for tax in invoice.taxes if tax.amount is not None]
    with localcontext(prec=_PRECISE):
        if amounts and invoice.tax_total is None:
            changes["tax_total"] = sum(amounts, Decimal(0))
    if invoice.payable is None and invoice.total is not None:
        changes["payable"] = invoice.total
    for name, value in changes.items():
        lost.append(("defaulted", (), name, value, "UBL must say it"))
    lines = []
    for index, line in enumerate(invoice.lines):
        amount = _line_amount(line) if line.amount is None else None
        if amount is not None:
            lost.append(("defaulted", ((), "lines", index), "amount", amount, "quantity and price"))
        lines.append(line if amount is None else replace(line, amount=amount))
    return replace(invoice, lines=lines, **changes)


def _line_amount(line: InvoiceLine) -> Decimal | None:
    """Quantity times price, less allowances, with charges; 0 without a price. None: the line says nothing."""
    if line == InvoiceLine():
        return None
    if line.quantity is None or line.price is None or line.price_basis == 0:
        return Decimal(0)
    with localcontext(prec=28) as context:
        context.traps[Overflow] = context.traps[InvalidOperation] = False
        amount = line.quantity * line.price / (line.price_basis or Decimal(1))
        for allowance in line.allowances:
            if allowance.amount is not None:
                amount += allowance.amount if allowance.indicator == "C" else -allowance.amount
        return amount if amount.is_finite() else Decimal(0)


def from_invoice_totals(invoice: Invoice, _: list[Loss]) -> Invoice:
    """What is to be paid is said only where it is not the total."""
    return replace(invoice, payable=None) if invoice.payable == invoice.total else invoice


def with_reason(change: OrderChange, lost: list[Entry]) -> OrderChange:
    """A cancellation gives a reason in words."""
    if any(note.text for note in change.reason_notes):
        return change
    note = Note(text="Cancelled")
    lost.append(("defaulted", (), "reason_notes", note, "UBL must say a reason"))
    return replace(change, reason_notes=[*change.reason_notes, note])


class DespatchUnit(Package):
    """A package without its lines. `key` is its SSCC (`marked`), or a number that stands for it."""

    key: str | None = None
    marked: bool | None = None
    packages: list[DespatchUnit] = []  # type: ignore[assignment]


class UnitLine(DespatchLine):
    package: str | None = None


class DespatchByLine(DespatchAdvice):
    packages: list[DespatchUnit] = []  # type: ignore[assignment]
    lines: list[UnitLine] = []  # type: ignore[assignment]


def _all(packages: list[Any]) -> Iterator[Any]:
    for package in packages:
        yield package
        yield from _all(package.packages)


def _fields(item: Part, **changes: Any) -> dict[str, Any]:
    return {name: changes.get(name, getattr(item, name)) for name in item.__struct_fields__}


@dataclass(frozen=True, slots=True)
class _ByLine:
    """One document's view: its own classes and those of the view."""

    view: type[Part]
    unit: type[Part]
    line: type[Part]
    document: type[Part]
    package: type[Part]
    plain: type[Part]

    def to_view(self, document: Any, lost: list[Entry]) -> Any:
        """All lines at the top, those in packages first."""
        taken = {package.sscc for package in _all(document.packages) if package.sscc}
        keys = (key for number in range(1, 10**9) if (key := f"P{number}") not in taken)
        seen: set[str] = set()
        lines: list[Any] = []

        def unit(package: Any, path: Any) -> Any:
            key: str | None = package.sscc
            marked: bool | None = True
            if key in seen:
                lost.append(("dropped", path, "sscc", key, "another package has it, too"))
                key = None
            if not key:
                key, marked = next(keys), None
            seen.add(str(key))
            lines.extend(self.line(**_fields(line), package=key) for line in package.lines)
            inner = [unit(one, (path, "packages", index)) for index, one in enumerate(package.packages)]
            return self.unit(**_fields(package, sscc=None, lines=[], packages=inner), key=key, marked=marked)

        units = [unit(package, ((), "packages", index)) for index, package in enumerate(document.packages)]
        lines += [self.line(**_fields(line)) for line in document.lines]
        return self.view(**_fields(document, packages=units, lines=lines))

    def from_view(self, view: Any, losses: list[Loss]) -> Any:
        """Lines back into their packages."""
        inside: dict[str, list[Any]] = {}
        loose = []
        known = {unit.key for unit in _all(view.packages)}
        for line in view.lines:
            plain = self.plain(**{name: getattr(line, name) for name in self.plain.__struct_fields__})
            if line.package is None or line.package not in known:
                loose.append(plain)
            else:
                inside.setdefault(line.package, []).append(plain)
            if line.package is not None and line.package not in known:
                place = f"/{self.document.__name__}/cac:{self.plain.__name__}"
                losses.append(Loss("orphan", place, line.package, "there is no such package"))

        def package(unit: Any) -> Any:
            fields = {name: getattr(unit, name) for name in self.package.__struct_fields__}
            fields |= {"packages": [package(one) for one in unit.packages], "lines": inside.pop(unit.key, [])}
            if unit.marked or (unit.key and _SSCC(unit.key)):
                fields["sscc"] = unit.key
            elif unit.key and not _OWN_KEY(unit.key):
                place = f"/{self.document.__name__}/cac:Shipment"
                losses.append(Loss("unmapped", place, unit.key, "a number of a package, but no SSCC"))
            return self.package(**fields)

        fields = {name: getattr(view, name) for name in self.document.__struct_fields__}
        fields |= {"packages": [package(one) for one in view.packages], "lines": loose}
        return self.document(**fields)


class ReceivedUnit(ReceiptPackage):
    """As `DespatchUnit`."""

    key: str | None = None
    marked: bool | None = None
    packages: list[ReceivedUnit] = []  # type: ignore[assignment]


class ReceivedUnitLine(ReceiptLine):
    package: str | None = None


class ReceiptByLine(ReceiptAdvice):
    packages: list[ReceivedUnit] = []  # type: ignore[assignment]
    lines: list[ReceivedUnitLine] = []  # type: ignore[assignment]


_RECEIPT = _ByLine(ReceiptByLine, ReceivedUnit, ReceivedUnitLine, ReceiptAdvice, ReceiptPackage, ReceiptLine)
_DESPATCH = _ByLine(DespatchByLine, DespatchUnit, UnitLine, DespatchAdvice, Package, DespatchLine)

Prepare: TypeAlias = Callable[[Any, list[Entry]], Any]
Restore: TypeAlias = Callable[[Any, list[Loss]], Any]


def _purchase(shape: Purchase, prepare: Prepare, restore: Restore = _same) -> XmlView:
    return XmlView(
        shape.view,
        lambda document, lost: shape.to_view(prepare(document, lost), lost),
        lambda view, losses: restore(shape.from_view(view, losses), losses),
    )


VIEWS: dict[str, XmlView] = {
    "cancellation": XmlView(OrderChange, with_reason, _same),
    "invoice": _purchase(PURCHASE_INVOICE, with_invoice_totals, from_invoice_totals),
    "receipt_by_line": XmlView(ReceiptByLine, _RECEIPT.to_view, _RECEIPT.from_view),
    "order": _purchase(PURCHASE_ORDER, with_tax_total),
    "order_change": _purchase(PURCHASE_CHANGE, with_tax_total),
    "order_response": _purchase(PURCHASE_RESPONSE, with_tax_total),
    "despatch_by_line": XmlView(DespatchByLine, _DESPATCH.to_view, _DESPATCH.from_view),
}
