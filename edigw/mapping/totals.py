"""Totals that a sender computed, compared with what the document holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Any

from edigw.documents import CREDITS, Allowance, Invoice, InvoiceLine, Tax

_CENT = Decimal("0.01")
_EXACT = Context(prec=60, traps=[])  # numbers of any size are compared; none of them is an error
_NOT_INVOICED = frozenset({"1", "3", "7", "15", "18", "ZZ"})  # of 4471: settled elsewhere, or said for information


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """`of(document)` computes the total, None if the document does not say enough for it; `tolerance(document)` is how
    far the sender's may be from it, because he rounded."""

    of: Callable[[Any], Decimal | None]
    tolerance: Callable[[Any], Decimal] = lambda document: Decimal(0)


@dataclass(frozen=True, slots=True)
class TotalCheck:
    """A control total at a place whose texts `read` reads."""

    total: ControlTotal
    read: Callable[[str], Decimal | None]

    def found(self, document: Any, text: str) -> Decimal | None:
        """What the document amounts to, where the text says something else; None where it does not."""
        with localcontext(_EXACT):
            return self._differing(document, text)

    def _differing(self, document: Any, text: str) -> Decimal | None:
        computed = self.total.of(document)
        if computed is None:
            return None
        stated = self.read(text)
        if stated is None:
            return computed
        if isinstance(document, Invoice) and document.type in CREDITS:  # read without the minus that the type says
            stated, computed = abs(stated), abs(computed)
        return None if abs(stated - computed) <= self.total.tolerance(document) else computed


def line_amounts(invoice: Invoice) -> Decimal | None:
    """The amounts of all lines; those of components are in that of their line."""
    amounts = [line.amount for line in invoice.lines if line.parent is None]
    return _sum(amounts) if amounts else None


def tax_amounts(invoice: Invoice) -> Decimal | None:
    """The amounts of tax by kind and rate."""
    return _sum(tax.amount for tax in invoice.taxes) if invoice.taxes else None


def with_tax(invoice: Invoice) -> Decimal | None:
    """The total without tax, and the tax."""
    if invoice.taxable is None or invoice.tax_total is None:
        return None
    return invoice.taxable + invoice.tax_total


def invoiced(invoice: Invoice) -> Decimal | None:
    """What an 810 amounts to: quantities by prices, allowances, charges and taxes."""
    amounts = [_line(line) for line in invoice.lines if line.parent is None]
    return _sum([*amounts, _allowed(invoice.allowances), _taxed(invoice.taxes)]) if amounts else None


def rounded_in_lines(invoice: Invoice) -> Decimal:
    """A cent for each line, tax, allowance and charge."""
    lines = invoice.lines
    return _CENT * sum(1 + len(line.taxes) + len(line.allowances) for line in lines) + rounded_taxes(invoice)


def rounded_taxes(invoice: Invoice) -> Decimal:
    """A cent for each tax, allowance and charge of the whole."""
    return _CENT * (len(invoice.taxes) + len(invoice.allowances))


def _line(line: InvoiceLine) -> Decimal | None:
    goods = line.amount
    if goods is None:
        if line.quantity is None or line.price is None or line.price_unit not in (None, line.unit):
            return None
        goods = _sum([line.quantity * line.price / (line.price_basis or 1), _allowed(line.allowances)])
    return _sum([goods, _taxed(line.taxes)])


def _allowed(allowances: list[Allowance]) -> Decimal | None:
    """Charges less allowances, and the taxes on them."""
    counted = [one for one in allowances if one.handling not in _NOT_INVOICED and one.indicator in ("A", "C")]
    signed = [a.amount if a.indicator == "C" or a.amount is None else -a.amount for a in counted]
    return _sum([*signed, *(_taxed(allowance.taxes) for allowance in counted)])


def _taxed(taxes: list[Tax]) -> Decimal | None:
    """Taxes whose amounts are stated; those that state a rate alone are in a total elsewhere."""
    return _sum(tax.amount for tax in taxes if tax.amount is not None)


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for value in values:
        if value is None:
            return None
        total += value
    return total


INVOICE_TOTALS: dict[str, ControlTotal] = {
    "line_amounts": ControlTotal(line_amounts),
    "tax_amounts": ControlTotal(tax_amounts, rounded_taxes),
    "with_tax": ControlTotal(with_tax),
    "invoiced": ControlTotal(invoiced, rounded_in_lines),
}
