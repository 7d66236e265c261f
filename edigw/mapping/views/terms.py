"""Payment terms in the shape of EDIFACT: one PAT group says one thing.

X12 (ITD) and the documents say in one term when to pay and what discount there is for paying early. EDIFACT needs two
groups for that, PAT+1 and PAT+22, and says the means of payment (PAI) and the words (FTX+AAB) once for the whole
message. A discount and the one net term of a message are therefore read as one term, unless they contradict each other.
With several net terms (instalments) nobody can say which discount belongs to which, and every group stays a term of its
own.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec.structs import asdict, replace

from edigw.documents import Part, PaymentTerm
from edigw.mapping.loss import Entry
from edigw.mapping.views.own_codes import put_own_codes, take_own_codes

_BASIC, _DISCOUNT = "1", "22"  # 4279
_DISCOUNTS = frozenset({_DISCOUNT, "8"})
_AFTER = "3"  # 2009
_INVOICE_DATE = "5"  # 2475
_DAYS, _MONTHS = "D", "M"  # 2151
_NET = ("days", "months", "day_of_month", "due")
_PERCENTAGES = ("discount_percent", "penalty_percent", "percent")
_REDUCED = ("discount_percent", "discount_amount", "discount_days", "discount_months", "discount_due")

T = TypeVar("T", bound=Part)


class TermGroup(PaymentTerm):
    """A PAT group: `period` and `unit` stand for the days or months, those of the discount in a term of a discount."""

    unit: str | None = None  # 2151: D, CD (days), M (months)
    period: int | None = None


def grouped(document: type[Part]) -> type[Any]:
    """The class of a document whose `terms` stand in `term_groups`; `payment_means` and `terms_text` are those of the
    message."""
    more: list[Any] = [
        ("term_groups", list[TermGroup], msgspec.field(default_factory=list)),
        ("payment_means", str | None, None),
        ("terms_text", str | None, None),
    ]
    return msgspec.defstruct(f"{document.__name__}Grouped", more, bases=(document,), kw_only=True, module=__name__)


def to_groups(cls: type[Any], document: Any, lost: list[Entry]) -> Any:
    """A document as `cls`, which `grouped` made. Reports the kind of terms that a group can't have."""
    view = cls(**asdict(document))
    view.terms = []
    for index, term in enumerate(document.terms):
        if index == 0 and term.text is not None:  # read as the words of the first terms without any
            view.terms_text, term = term.text, replace(term, text=None)
        for part in _split(term, ((), "terms", index), lost):
            _put(part, view, lost)
    put_own_codes(view)
    return view


def from_groups(cls: type[T], view: Any) -> T:
    """The document, a `cls`, that `to_groups` took."""
    fields = {name: getattr(view, name) for name in cls.__struct_fields__}
    terms = [_from_period(group) for group in view.term_groups]
    if view.terms_text is not None:
        index = _first_without_text(terms)
        terms = [*terms, PaymentTerm()] if index == len(terms) else terms
        terms[index].text = view.terms_text
    terms = _joined(terms)
    if view.payment_means is not None:
        terms = terms or [PaymentTerm()]
        terms[0].means = view.payment_means
    fields["terms"] = terms
    document = cls(**fields)
    take_own_codes(document)
    return document


def _first_without_text(terms: list[PaymentTerm]) -> int:
    return next((index for index, term in enumerate(terms) if term.text is None), len(terms))


def _says(term: PaymentTerm, names: tuple[str, ...]) -> bool:
    return any(getattr(term, name) is not None for name in names)


def _split(term: PaymentTerm, path: Any, lost: list[Entry]) -> list[TermGroup]:
    """The net part and the discount of a term, or the one that there is; nothing of terms that are only words."""
    if not _says(term, _REDUCED):
        return [_typed(term, _BASIC if term.type in _DISCOUNTS else term.type, path, lost)]
    if not _says(term, _NET):
        return [_typed(term, term.type if term.type in _DISCOUNTS else _DISCOUNT, path, lost)]
    net = replace(term, **dict.fromkeys(_REDUCED))
    reduced = {name: getattr(term, name) for name in _REDUCED}
    discount = TermGroup(type=_DISCOUNT, basis=term.basis, relation=term.relation, **reduced)
    return [_typed(net, _BASIC if term.type in _DISCOUNTS else term.type, path, lost), discount]


def _typed(term: PaymentTerm, type_: str | None, path: Any, lost: list[Entry]) -> TermGroup:
    if term.type is None and type_ is not None:
        lost.append(("defaulted", path, "", type_, "terms with a discount alone are of this kind"))
    elif type_ != term.type:
        lost.append(("changed", path, "", term.type, f"the kind of these terms is written as {type_}"))
    return TermGroup(**{**asdict(term), "type": type_})


def _put(group: TermGroup, view: Any, lost: list[Entry]) -> None:
    """Make a PAT group of it, and let the message say what a group can't."""
    path = ((), "term_groups", len(view.term_groups))
    if view.payment_means is None:
        view.payment_means = group.means
    elif group.means not in (None, view.payment_means):
        lost.append(("dropped", path, "means", group.means, "a message has one means of payment"))
    group.means = None
    said = [name for name in _PERCENTAGES if getattr(group, name) is not None]
    for name in said[1:]:
        lost.append(("dropped", path, name, getattr(group, name), "a group has one percentage"))
        setattr(group, name, None)
    _to_period(group, path, lost)
    if group != TermGroup():
        view.term_groups.append(group)


def _to_period(group: TermGroup, path: Any, lost: list[Entry]) -> None:
    days, months = ("discount_days", "discount_months") if group.type in _DISCOUNTS else ("days", "months")
    if getattr(group, days) is not None:
        group.unit, group.period = _DAYS, getattr(group, days)
        if getattr(group, months) is not None:
            lost.append(("dropped", path, months, getattr(group, months), "a group has one period"))
    elif getattr(group, months) is not None:
        group.unit, group.period = _MONTHS, getattr(group, months)
    setattr(group, days, None)
    setattr(group, months, None)
    if group.period is not None and group.relation is None:
        group.relation = _AFTER
    if group.relation is not None and group.basis is None:
        group.basis = _INVOICE_DATE
        lost.append(("defaulted", path, "", _INVOICE_DATE, "2475 must be said beside a period"))


def _from_period(group: TermGroup) -> PaymentTerm:
    term = PaymentTerm(**{name: getattr(group, name) for name in PaymentTerm.__struct_fields__})
    if group.period is None:
        return term
    discount = group.type in _DISCOUNTS or _says(group, _REDUCED)
    name = ("discount_" if discount else "") + ("months" if group.unit == _MONTHS else "days")
    setattr(term, name, group.period)
    if term.relation == _AFTER:
        term.relation = None
    return term


def _joined(terms: list[PaymentTerm]) -> list[PaymentTerm]:
    """The only net term put into the first discount that doesn't contradict it."""
    net = [term for term in terms if not _says(term, _REDUCED) and term.penalty_percent is None]
    if len(net) != 1 or net[0].type in _DISCOUNTS:
        return terms
    for index, term in enumerate(terms):
        if _says(term, _REDUCED) and (both := _union(term, net[0])) is not None:
            return [both if n == index else other for n, other in enumerate(terms) if other is not net[0]]
    return terms


def _union(discount: PaymentTerm, net: PaymentTerm) -> PaymentTerm | None:
    values: dict[str, Any] = {}
    for name, value in asdict(net).items():
        other = getattr(discount, name)
        if name != "type" and value is not None and other is not None and value != other:
            return None
        values[name] = value if value is not None else other
    return PaymentTerm(**values)
