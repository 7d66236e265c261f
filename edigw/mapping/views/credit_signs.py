"""The minus of a credit note, which its type says already (`edigw.documents.invoice`).

Partners differ: most EDIFACT credit notes state what is credited without a sign, in X12 (BIG07 CR) some state it
negative. Who says it twice, by the type and by a negative total, is read without the minus; it is never written.
"""

from __future__ import annotations

from collections.abc import Iterable
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


def unsigned(invoice: Invoice) -> Invoice:
    """A credit note with positive totals; its lines, taxes, allowances and charges likewise, where they are negative as
    a whole. Any other document as it is."""
    if not twice_negative(invoice):
        return invoice
    lines = list(invoice.lines)
    if _negative([line.quantity for line in lines]) or _negative([line.amount for line in lines]):
        lines = [_negated(line, ("quantity", "amount", "despatched")) for line in lines]
        for line in lines:
            line.quantities = [_negated(quantity, ("value",)) for quantity in line.quantities]
            line.splits = [_negated(split, ("quantity",)) for split in line.splits]
            line.amounts = [_negated(amount, ("value",)) for amount in line.amounts]
    lines = [
        replace(
            line,
            taxes=_positive(line.taxes, ("amount", "base")),
            allowances=_positive(line.allowances, ("amount", "base")),
        )
        for line in lines
    ]
    positive: Invoice = _negated(invoice, _TOTALS)
    return replace(
        positive,
        lines=lines,
        taxes=_positive(invoice.taxes, ("amount", "base")),
        allowances=_positive(invoice.allowances, ("amount", "base")),
        amounts=_positive(invoice.amounts, ("value",)),
    )


def _positive(items: list[Any], names: tuple[str, ...]) -> list[Any]:
    said = [getattr(item, name) for item in items for name in names]
    return [_negated(item, names) for item in items] if _negative(said) else items


def _below_zero(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and value < 0


def _negative(values: Iterable[Decimal | None]) -> bool:
    return sum(value for value in values if value is not None and value.is_finite()) < 0


def _negated(item: Any, names: tuple[str, ...]) -> Any:
    values = {name: getattr(item, name) for name in names}
    return replace(item, **{name: -value for name, value in values.items() if value is not None})
