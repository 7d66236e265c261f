"""The minus of a credit note, which its type says already (`edigw.documents.invoice`).

Partners differ: most EDIFACT credit notes state what is credited without a sign, in X12 (BIG07 CR) some state it
negative. Who says it twice, by the type and by a negative total, is read without the minus. It is written for partners
who want it (`credit_notes: negative` among the options of a binding), and for nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from edigw.documents import CREDITS, Invoice
from edigw.mapping.loss import Entry

_TOTALS = (
    "lines_total",
    "allowance_total",
    "charge_total",
    "taxable",
    "tax_total",
    "total",
    "prepaid",
    "payable",
    "discountable",
    "discount_total",
    "discounted",
)
_REASON = "a credit note, of which the totals are negative: they are taken without the minus that the type says"


def twice_negative(invoice: Any) -> bool:
    """Whether a credit note has a negative total."""
    total = invoice.total if invoice.total is not None else invoice.payable
    return invoice.type in CREDITS and _below_zero(total)


def signs_dropped(view: Any) -> list[Entry]:
    """The entry for the report where `unsigned` takes the minus from a credit note that is read."""
    return [("folded", "total", str(view.total or view.payable), _REASON, None)] if twice_negative(view) else []


def without_sign(invoice: Invoice, lost: list[Entry]) -> Invoice:
    """`unsigned` for a credit note that is to be written, with a report."""
    if twice_negative(invoice):
        lost.append(("changed", (), "type", invoice.type, _REASON))
    return unsigned(invoice)


def with_sign(invoice: Invoice, lost: list[Entry]) -> Invoice:
    """A credit note with a minus before its totals, and before the lines, taxes, allowances and charges that credit
    something; what will not be read as it was is reported. Any other document as it is."""
    plain = without_sign(invoice, lost)
    total = plain.total if plain.total is not None else plain.payable
    if plain.type not in CREDITS or not total:
        if plain.type in CREDITS:
            lost.append(("changed", (), "type", plain.type, "without a total there is nothing to put a minus before"))
        return plain
    signed = _turned(plain, _above_zero)
    again = unsigned(signed)
    for name in ("lines", "taxes", "allowances", "amounts"):
        if getattr(again, name) != getattr(plain, name):
            value = getattr(plain, name)
            lost.append(("changed", (), name, value, "what takes something back from the credit loses its minus"))
    return signed


def unsigned(invoice: Invoice) -> Invoice:
    """A credit note with positive totals; its lines, taxes, allowances and charges likewise, where they are negative as
    a whole. Any other document as it is."""
    return _turned(invoice, _negative) if twice_negative(invoice) else invoice


def _turned(invoice: Invoice, wanted: Callable[[Iterable[Decimal | None]], bool]) -> Invoice:
    """The invoice with the other sign before its totals, and before the values of lines, taxes and so on of which the
    sum is as wanted."""
    lines = list(invoice.lines)
    if wanted([line.quantity for line in lines]) or wanted([line.amount for line in lines]):
        lines = [_negated(line, ("quantity", "amount", "despatched")) for line in lines]
        for line in lines:
            line.quantities = [_negated(quantity, ("value",)) for quantity in line.quantities]
            line.splits = [_negated(split, ("quantity",)) for split in line.splits]
            line.amounts = [_negated(amount, ("value",)) for amount in line.amounts]
    lines = [
        replace(
            line,
            taxes=_all_turned(line.taxes, ("amount", "base"), wanted),
            allowances=_all_turned(line.allowances, ("amount", "base"), wanted),
        )
        for line in lines
    ]
    turned: Invoice = _negated(invoice, _TOTALS)
    return replace(
        turned,
        lines=lines,
        taxes=_all_turned(invoice.taxes, ("amount", "base"), wanted),
        allowances=_all_turned(invoice.allowances, ("amount", "base"), wanted),
        amounts=_all_turned(invoice.amounts, ("value",), wanted),
    )


def _all_turned(
    items: list[Any], names: tuple[str, ...], wanted: Callable[[Iterable[Decimal | None]], bool]
) -> list[Any]:
    said = [getattr(item, name) for item in items for name in names]
    return [_negated(item, names) for item in items] if wanted(said) else items


def _below_zero(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and value < 0


def _negative(values: Iterable[Decimal | None]) -> bool:
    return _sum(values) < 0


def _above_zero(values: Iterable[Decimal | None]) -> bool:
    return _sum(values) > 0


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None and value.is_finite()), Decimal(0))


def _negated(item: Any, names: tuple[str, ...]) -> Any:
    values = {name: getattr(item, name) for name in names}
    return replace(item, **{name: -value for name, value in values.items() if isinstance(value, Decimal)})
