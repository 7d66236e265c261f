"""Views: a document seen in the shape of a message, as a Python pair; and values derived from an item.

A message may stand in another shape than the document: a DESADV in levels, an 856 as a tree of orders, packages and
items. Such differences are no matter of rules: a binding binds the view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

from edigw.documents import (
    ApplicationResponse,
    Characteristic,
    DespatchAdvice,
    DespatchLine,
    Invoice,
    InvoiceLine,
    Order,
    OrderChange,
    OrderLine,
    OrderResponse,
    Part,
    ReceiptAdvice,
    ReceiptLine,
)
from edigw.mapping.errors import BindingError, did_you_mean
from edigw.mapping.loss import Entry
from edigw.mapping.totals import INVOICE_TOTALS, ControlTotal
from edigw.mapping.views.application import (
    AnswerByMessage,
    by_message,
    from_by_message,
    from_transaction_set,
    to_transaction_set,
)
from edigw.mapping.views.credit_signs import signs_dropped, unsigned, with_sign, without_sign
from edigw.mapping.views.invoices import InvoiceSet, from_invoice_set, to_invoice_set
from edigw.mapping.views.levels import DespatchByLevel, by_level, from_by_level
from edigw.mapping.views.purchases import PURCHASE_VIEWS
from edigw.mapping.views.receipt_lines import ReceiptByLine, from_receipt_by_line, receipt_by_line
from edigw.mapping.views.receipts import ReceiptByLevel, from_receipt_by_level, lines_of, receipt_by_level
from edigw.mapping.views.shipments import (
    ShipmentByOrder,
    from_tree,
    orders_in_packages,
    packages_under_items,
    packages_under_orders,
    without_packages,
)
from edigw.mapping.views.shipments import lines_of as despatched_lines
from edigw.mapping.views.statuses import (
    ConsignmentsInSequence,
    ShipmentStatus,
    ShipmentStatusByLoop,
    consignments_in_sequence,
    from_consignments_in_sequence,
    from_shipment_status,
    from_shipment_status_by_loop,
    shipment_status,
    shipment_status_by_loop,
)
from edigw.mapping.views.terms import from_groups, grouped, to_groups


@dataclass(frozen=True, slots=True)
class View:
    """A document in another shape: `cls` is what the rules bind. `to_view` reports what the shape can't keep, `told`
    what `from_view` changes. `options`: what partners may choose, with the view that each choice makes."""

    cls: type
    to_view: Callable[[Any, list[Entry]], Any]
    from_view: Callable[[Any], Any]
    told: Callable[[Any], list[Entry]] | None = None
    shapes: Mapping[str, Callable[[Any, list[Entry]], Any]] | None = None
    options: Mapping[str, Mapping[str, Callable[[View], View]]] = field(default_factory=dict)

    def chosen(self, options: Mapping[str, Any]) -> View:
        """The view as the `options` of a binding want it. Raises BindingError for one that it has not."""
        view = self
        for name, value in options.items():
            if name not in self.options:
                raise BindingError(f"there is no option {name}{did_you_mean(name, self.options)}")
            if value not in self.options[name]:
                raise BindingError(f"{name} is one of {', '.join(self.options[name])}, not {value}")
            view = self.options[name][value](view)
        return view

    def shaped(self, rules: Iterable[Any]) -> View:
        """The view that writes the shape which a binding names: the first code of its rule `structure`."""
        if self.shapes is None:
            return self
        named = next((rule["const"][0] for rule in rules if rule.get("id") == "structure"), None)
        to_view = self.shapes.get(str(named))
        if to_view is None:
            raise BindingError(f"structure is one of {', '.join(self.shapes)}, not {named}")
        return replace(self, to_view=to_view)


@dataclass(frozen=True, slots=True)
class Derivation:
    """A value that follows from the item. `accepts`: what is fine on reading; empty: anything."""

    write: Callable[[Any], str]
    accepts: frozenset[str] = field(default_factory=frozenset)


def _by_term(document: type[Part]) -> View:
    """A document whose payment terms stand in groups that say one thing each (EDIFACT)."""
    cls = grouped(document)
    return View(cls, partial(to_groups, cls), partial(from_groups, document))


def _credit_notes(negative: Callable[[Any, list[Entry]], Any]) -> Mapping[str, Mapping[str, Callable[[View], View]]]:
    """The option of whether credit notes have a minus; `negative` writes those that have."""
    return {
        "credit_notes": {
            "positive": lambda view: view,
            "negative": lambda view: replace(view, to_view=negative, told=None),
        }
    }


def _invoice_by_term() -> View:
    """As `_by_term`, and without the minus of credit notes, or with it."""
    cls = grouped(Invoice)

    def to_view(invoice: Invoice, lost: list[Entry]) -> Any:
        return to_groups(cls, without_sign(invoice, lost), lost)

    def negative(invoice: Invoice, lost: list[Entry]) -> Any:
        return to_groups(cls, with_sign(invoice, lost), lost)

    def from_view(view: Any) -> Invoice:
        return unsigned(from_groups(Invoice, view))

    return View(cls, to_view, from_view, signs_dropped, options=_credit_notes(negative))


VIEWS: dict[str, View] = {
    "answer": View(AnswerByMessage, by_message, from_by_message),
    "answers": View(ApplicationResponse, to_transaction_set, from_transaction_set),
    "by_level": View(DespatchByLevel, by_level, from_by_level),
    "shipment_tree": View(
        ShipmentByOrder,
        packages_under_orders,
        from_tree,
        shapes={
            "0001": packages_under_orders,
            "0002": packages_under_items,
            "0003": orders_in_packages,
            "0004": without_packages,
        },
    ),
    "receipt_by_level": View(ReceiptByLevel, receipt_by_level, from_receipt_by_level),
    "receipt_by_line": View(ReceiptByLine, receipt_by_line, from_receipt_by_line),
    "consignments_in_sequence": View(ConsignmentsInSequence, consignments_in_sequence, from_consignments_in_sequence),
    "shipment_status": View(ShipmentStatus, shipment_status, from_shipment_status),
    "shipment_status_with_reasons": View(
        ShipmentStatusByLoop, partial(shipment_status_by_loop, normal="NS"), from_shipment_status_by_loop
    ),
    "shipment_status_by_loop": View(ShipmentStatusByLoop, shipment_status_by_loop, from_shipment_status_by_loop),
    "invoice_by_term": _invoice_by_term(),
    "invoice_set": View(
        InvoiceSet,
        to_invoice_set,
        from_invoice_set,
        signs_dropped,
        options=_credit_notes(partial(to_invoice_set, sign=with_sign)),
    ),
    **{name: View(*made) for name, made in PURCHASE_VIEWS.items()},
}


def _description_kind(characteristic: Characteristic) -> str:
    """7077 of a characteristic: coded, in words, or both."""
    if characteristic.code is None:
        return "F"
    return "C" if characteristic.text is None else "B"


def _description_form(characteristic: Characteristic) -> str:
    """DE 349 of a characteristic: free text, a code, or both."""
    if characteristic.code is None:
        return "F"
    return "S" if characteristic.text is None else "X"


DERIVATIONS: dict[str, Derivation] = {
    # HL03: a package that holds packages is a tare (pallet), one that holds goods a pack (carton)
    "pack_level": Derivation(lambda package: "T" if package.packages else "P", frozenset({"T", "P"})),
    "description_form": Derivation(_description_form, frozenset("FSX")),
    "description_kind": Derivation(_description_kind, frozenset("ABCEFSX")),
    # 5419: the rate of a charge or of an allowance
    "rate_kind": Derivation(lambda allowance: "2" if allowance.indicator == "C" else "1", frozenset({"1", "2"})),
}


def _quantities(document: Order | OrderChange | OrderResponse | DespatchAdvice | ReceiptAdvice | Invoice) -> Decimal:
    """The quantities of all lines, whatever their units: what control totals call the algebraic total."""
    lines: Iterable[OrderLine | DespatchLine | ReceiptLine | InvoiceLine]
    if isinstance(document, Order | OrderChange | OrderResponse | Invoice):
        lines = document.lines
    else:
        lines = lines_of(document) if isinstance(document, ReceiptAdvice) else despatched_lines(document)
    return sum((line.quantity for line in lines if line.quantity is not None), Decimal(0))


def _main_quantities(document: Order | OrderChange | OrderResponse | Invoice) -> Decimal:
    """As `_quantities`, without components: X12 counts PO1 and POC, not SLN."""
    main = (line for line in document.lines if line.parent is None)
    return sum((line.quantity for line in main if line.quantity is not None), Decimal(0))


TOTALS: dict[str, ControlTotal] = {
    "main_quantities": ControlTotal(_main_quantities),
    "quantities": ControlTotal(_quantities),
    **INVOICE_TOTALS,
}
