"""Which fields of documents UBL has no place for, and why. A new field has a rule, or stands here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import pytest

from edigw.documents import DOCUMENTS
from edigw.mapping.resolver import fields
from edigw.mapping.xml import ubl_binding, ubl_bindings
from edigw.mapping.xml.plan import Scope

# The path of a field, or the end of several; in front of a colon the document, if only that one lacks it
WITHOUT = {
    "*notes.code": "a note of UBL is a text",
    "*notes.code_list": "a note of UBL is a text",
    "*notes.code_agency": "a note of UBL is a text",
    "*notes.function": "a note of UBL is a text",
    "*references.line": "a reference to a document names no line of it, but for those to orders and quotations",
    "*parties.references.line": "an identification of a party is a number",
    "*parties.references.issued": "an identification of a party is a number",
    "*parties.references.description": "an identification of a party is a number",
    "contacts": "every contact is one of a party",
    "responses.contacts": "every contact is one of a party",
    "*measures.purpose": "a dimension says what was measured, not what for",
    "*allowances.handling": "an allowance does not say how it is settled",
    "*allowances.quantity": "an allowance has a rate for each unit, and no number of units",
    "*allowances.unit": "an allowance has a rate for each unit, and no number of units",
    "*allowances.own_code*": "an allowance has one code and a text",
    "*conditions": "conditions of the deal are words in UBL",
    "*sales_condition": "conditions of the deal are words in UBL",
    "exchange_until": "a rate has the day on which it counts",
    "*packaging.information": "a unit of transport says nothing of how its packages are marked",
    "*markings.instruction": "marks are a text",
    "packages.information": "a unit of transport says nothing of how its packages are marked",
    "packages.labels": "a unit of transport has one number",
    "packages.tiers": "a unit of transport says nothing of its layers",
    "packages.blocks": "a unit of transport says nothing of its layers",
    "lines.pack_*": "an item has measures of its own, and none of a pack of it",
    "lines.cumulative*": "a line tells what was despatched",
    "*transport.service": "a stage says nothing of the carrier's service",
    "terms.relation": "terms name an event and a period after it",
    "terms.day_of_month": "terms name an event and a period after it",
    "delivery_terms_function": "terms of delivery are a code and a place",
    "freight_payment": "who pays the freight is said by the terms of a consignment, in words",
    "lines.units_per_inner_pack": "an item has one number of units in a pack",
    "lines.parent": "a line that is a part of another one stands in it: the view nests them",
    "cancel_after": "no order says until when it is cancelled if it is not delivered",
    "Order: response": "no order says how it shall be answered",
    "OrderChange: response": "no order says how it shall be answered",
    "reason": "no change or response says why, but for the text of a cancellation",
    "lines.reason": "no change or response says why, but for the text of a cancellation",
    "lines.reason_notes": "no change or response says why, but for the text of a cancellation",
    "lines.outstanding": "a line of an order does not say what is outstanding",
    "lines.outstanding_unit": "a line of an order does not say what is outstanding",
    "lines.answered": "a line has one status",
    "lines.confirmations.reason*": "a quantity has no reason",
    "packages.sscc": "it is the number of a unit: the view has `key` and `marked`",
    "packages.lines": "lines stand at the top and name their package: the view moves them",
    "packages.discrepancies": "a unit of transport has no differences",
    "packages.states": "a unit of transport has no states of what is in it",
    "DespatchAdvice: lines.dates": "a despatched line has no dates, but for those of its goods",
    "DespatchAdvice: lines.parties": "a line has no parties, but for the originator of an order's",
    "DespatchAdvice: lines.ordered*": "a line tells what was despatched",
    "ReceiptAdvice: lines.dates": "a received line has the date of its receipt",
    "ReceiptAdvice: lines.parties": "a line has no parties, but for the originator of an order's",
    "ReceiptAdvice: lines.ordered*": "a line tells what was received, what of it not accepted, and what is missing",
    "ReceiptAdvice: lines.accepted*": "a line tells what was received, what of it not accepted, and what is missing",
    "ReceiptAdvice: lines.returned*": "a line tells what was received, what of it not accepted, and what is missing",
    "ReceiptAdvice: lines.despatched*": "a line tells what was received, what of it not accepted, and what is missing",
    "lines.states": "a line has no states of goods",
    "lines.quantities": "a line has the quantities that UBL names",
    "lines.discrepancies.nature": "a difference is known by its element, and a rejection has one reason",
    "lines.lots.quantity": "an instance of an item has no quantity",
    "lines.lots.unit": "an instance of an item has no quantity",
    "default_taxes": "each line has its taxes",
    "lines.amounts": "a line has one amount",
    "discountable": "totals say nothing of discounts for paying early",
    "discount_total": "totals say nothing of discounts for paying early",
    "discounted": "totals say nothing of discounts for paying early",
    "TransportStatus: dates": "a status has no dates, but for those of its events",
    "locations": "a status has no places, but for those of its events",
    "consignments.locations": "a consignment has places by what they are for, one element each",
    "consignments.events.references": "an event has no references",
    "consignments.events.notes": "an event has one text",
    "consignments.events.parties": "an event has no parties",
    "responses.dates": "a response to a document has no dates",
    "responses.amounts": "a response to a document has no amounts",
    "responses.quantities": "a response to a document has no quantities",
    "responses.findings.references": "a response to a line names the line alone",
}


def collect(
    cls: type, scopes: Sequence[Scope], path: str, bound: set[str], known: set[str], above: frozenset[Any]
) -> None:
    """Add the fields of a class to `known`, and those for which one of the scopes has a rule to `bound`."""
    for name, field in fields(cls).items():
        place = f"{path}{name}"
        known.add(place)
        if not field.many:
            if any(name in scope.bound for scope in scopes):
                bound.add(place)
            continue
        inner: list[Scope] = []
        for scope in scopes:
            for (key, list_name), nodes in scope.eaches.items():
                for each in [node.each for node in nodes if node.each is not None]:
                    if key is None and list_name == name:
                        inner.append(each.scope)
                        bound |= {place, *(f"{place}.{field}" for field in each.where)}
                        bound |= {f"{place}.{field}" for field in (each.codec.fields if each.codec else ())}
                    elif key is not None and key[0] == name:
                        bound |= {f"{place}.{list_name}", *(f"{place}.{list_name}.{one}" for one in each.scope.bound)}
            for rule in scope.rules:
                if rule.pick is not None and rule.pick.list == name:
                    bound |= {place, f"{place}.{rule.field}", f"{place}.{rule.pick.field}"}
        if place in bound and field.type not in above:
            collect(field.type, inner, f"{place}.", bound, known, above | {field.type})


def without_rule(document: str) -> set[str]:
    """The fields of a document that no binding of UBL reads or writes."""
    bound: set[str] = set()
    known: set[str] = set()
    for name in ubl_bindings():
        binding = ubl_binding(name)
        if binding.document == document:
            collect(DOCUMENTS[document], [binding.plan], "", bound, known, frozenset())
    return known - bound


def reasons(document: str, path: str) -> set[str]:
    """The entries of the table that are about a field."""
    return {
        known
        for known in WITHOUT
        if fnmatchcase(path, known.removeprefix(f"{document}: ")) and known.partition(": ")[0] in (document, known)
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_field_has_a_rule_or_a_reason(document: str) -> None:
    assert [path for path in sorted(without_rule(document)) if not reasons(document, path)] == []


def test_no_reason_is_left_over() -> None:
    used: defaultdict[str, set[str]] = defaultdict(set)
    for document in DOCUMENTS:
        for path in without_rule(document):
            for known in reasons(document, path):
                used[known].add(path)
    assert WITHOUT.keys() - used.keys() == set()
