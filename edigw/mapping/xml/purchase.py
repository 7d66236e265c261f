# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own
"""Views of orders and invoices: lines that are parts of other lines stand in these, and how to pay stands apart.

UBL has a list of ways to pay (cac:PaymentMeans): each is a code with the accounts of who pays and is paid, and has a
number by which terms name it. Documents have the code in their terms, and accounts with their parties.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from msgspec.structs import replace

from edigw.documents import (
    Account,
    Date,
    Invoice,
    InvoiceLine,
    Moment,
    Order,
    OrderChange,
    OrderChangeLine,
    OrderLine,
    OrderResponse,
    OrderResponseLine,
    Part,
    Party,
    PaymentTerm,
    Reference,
)
from edigw.mapping.loss import Entry, Loss

_PAID, _PAYING = ("PE", "SU", "II", "SE"), ("IV", "BY")  # 3035, the one that is meant first
_UNDEFINED = "1"  # 4461
_DUE = "13"  # 2005
_PAYMENT = "PQ"  # 1153


class PaymentMeans(Part):
    id: str | None = None
    code: str | None = None  # 4461
    due: Moment | None = None
    reference: str | None = None  # by which the payment is known
    payer: list[Account] = []
    payee: list[Account] = []


class NestedOrderLine(OrderLine):
    sublines: list[NestedOrderLine] = []


class NestedChangeLine(OrderChangeLine):
    sublines: list[NestedChangeLine] = []


class NestedResponseLine(OrderResponseLine):
    sublines: list[NestedResponseLine] = []


class NestedInvoiceLine(InvoiceLine):
    sublines: list[NestedInvoiceLine] = []


class PurchaseOrder(Order):
    means: list[PaymentMeans] = []
    lines: list[NestedOrderLine] = []  # type: ignore[assignment]


class PurchaseChange(OrderChange):
    means: list[PaymentMeans] = []
    lines: list[NestedChangeLine] = []  # type: ignore[assignment]


class PurchaseResponse(OrderResponse):
    means: list[PaymentMeans] = []
    lines: list[NestedResponseLine] = []  # type: ignore[assignment]


class PurchaseInvoice(Invoice):
    means: list[PaymentMeans] = []
    lines: list[NestedInvoiceLine] = []  # type: ignore[assignment]


def _fields(item: Part, **changes: Any) -> dict[str, Any]:
    return {name: changes.get(name, getattr(item, name)) for name in item.__struct_fields__}


@dataclass(frozen=True, slots=True)
class Purchase:
    """The view of one kind of document: its classes and those of the document."""

    view: type[Any]
    nested: type[Any]
    document: type[Any]
    line: type[Any]

    def to_view(self, document: Any, lost: list[Entry]) -> Any:
        """The same with sublines in their lines, and with means of payment."""
        means, parties, references = _means(document, lost)
        lines = list(self._nest(document.lines))
        return self.view(**_fields(document, parties=parties, references=references, lines=lines), means=means)

    def from_view(self, view: Any, losses: list[Loss]) -> Any:
        """The document; a number of means that there are not is told."""
        lines = list(self._flat(view.lines))
        fields = {name: getattr(view, name) for name in self.document.__struct_fields__}
        document = self.document(**{**fields, "lines": lines})
        _settle_means(document, view.means, losses)
        return document

    def _nest(self, lines: Sequence[Any]) -> Iterator[Any]:
        """A line stands in the one whose number it names, if it follows that one or another line in it."""
        around: list[Any] = []
        top: list[Any] = []
        for line in lines:
            made = self.nested(**_fields(line), sublines=[])
            numbers = [one.number for one in around]
            if line.parent is None or line.parent not in numbers:
                around = [made]
                top.append(made)
                continue
            depth = numbers.index(line.parent)
            made.parent = None
            around[depth].sublines.append(made)
            around[depth + 1 :] = [made]
        return iter(top)

    def _flat(self, lines: Sequence[Any], parent: str | None = None) -> Iterator[Any]:
        for line in lines:
            fields = {name: getattr(line, name) for name in self.line.__struct_fields__}
            yield self.line(**{**fields, "parent": parent or line.parent})
            yield from self._flat(line.sublines, line.number)


PURCHASE_ORDER = Purchase(PurchaseOrder, NestedOrderLine, Order, OrderLine)
PURCHASE_CHANGE = Purchase(PurchaseChange, NestedChangeLine, OrderChange, OrderChangeLine)
PURCHASE_RESPONSE = Purchase(PurchaseResponse, NestedResponseLine, OrderResponse, OrderResponseLine)
PURCHASE_INVOICE = Purchase(PurchaseInvoice, NestedInvoiceLine, Invoice, InvoiceLine)


# ---------------------------------------------------------------- means of payment


def _first(parties: Sequence[Party], roles: Sequence[str]) -> int | None:
    """The position of the party whose account is meant."""
    found = [next((n for n, party in enumerate(parties) if party.role == role), None) for role in roles]
    return next((n for n in found if n is not None), None)


def _means(document: Any, lost: list[Entry]) -> tuple[list[PaymentMeans], list[Party], list[Reference]]:
    """How to pay, and the parties and references without what is told there."""
    codes = list(dict.fromkeys(term.means for term in document.terms if term.means))
    only = codes[0] if len(codes) == 1 else None
    parties = list(document.parties)
    accounts: list[list[Account]] = []
    for roles in (_PAYING, _PAID):
        place = _first(parties, roles)
        accounts.append([] if place is None else parties[place].accounts)
        if place is not None:
            parties[place] = replace(parties[place], accounts=[])
    means = [PaymentMeans(id=code, code=code) for code in codes] if only is None or not any(accounts) else []
    if any(accounts) and only is None:
        lost.append(("defaulted", (), "means", _UNDEFINED, "UBL must say how accounts are used"))
    for payer, payee in zip_longest(*accounts):
        one = PaymentMeans(
            id=only, code=only or _UNDEFINED, payer=[payer] if payer else [], payee=[payee] if payee else []
        )
        means.append(one)
    references = list(document.references)
    known = next((r for r in references if r.type == _PAYMENT and r == Reference(type=_PAYMENT, id=r.id)), None)
    if means and known is not None and known.id:
        references.remove(known)
        means[0].reference = known.id
    return means, parties, references


def _settle_means(document: Any, means: Sequence[PaymentMeans], losses: list[Loss]) -> None:
    """Put what is told of payment where documents have it."""
    known = {one.id: one.code for one in means if one.id and one.code}
    named = {term.means for term in document.terms if term.means is not None}
    for term in document.terms:
        if term.means is not None and term.means not in known:
            losses.append(Loss("orphan", "cac:PaymentTerms/cbc:PaymentMeansID", term.means, "no PaymentMeans has it"))
        term.means = known.get(term.means)
    free = dict.fromkeys(one.code for one in means if one.code not in (None, _UNDEFINED) and one.id not in named)
    said = {term.means for term in document.terms}
    codes = [code for code in free if code not in said]
    if len(codes) == 1 and document.terms and said == {None}:
        for term in document.terms:
            term.means = codes[0]
    else:
        document.terms.extend(PaymentTerm(means=code) for code in codes)
    for name, roles in (("payer", _PAYING), ("payee", _PAID)):
        accounts = [account for one in means for account in getattr(one, name)]
        if accounts:
            _party(document, roles).accounts.extend(accounts)
    for one in means:
        if one.reference:
            document.references.append(Reference(type=_PAYMENT, id=one.reference))
        if one.due is not None and Date(type=_DUE, at=one.due) not in document.dates:
            document.dates.append(Date(type=_DUE, at=one.due))


def _party(document: Any, roles: Sequence[str]) -> Party:
    place = _first(document.parties, roles)
    if place is None:
        document.parties.append(Party(role=roles[0]))
        place = -1
    found: Party = document.parties[place]
    return found
