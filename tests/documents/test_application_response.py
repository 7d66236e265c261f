"""Answers of applications: made from findings, read as verdicts, found by what they speak of."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings

from edigw.directory import check
from edigw.documents import (
    ApplicationFinding,
    ApplicationResponse,
    DespatchAdvice,
    DocumentResponse,
    Moment,
    Order,
    Party,
    Reason,
    Reference,
    answering,
    answers,
    application_finding,
    application_response,
    decode,
    encode,
    number,
    order_numbers,
    outcome,
    references,
)
from edigw.mapping.codes import code_list
from edigw.resources import shipped
from edigw.syntax import Finding
from edigw.syntax.findings import RULES
from tests.mapping import strategies

TODAY = Moment(dt.date(2026, 10, 5))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.answers())
def test_an_application_response_survives_json(answer: ApplicationResponse) -> None:
    assert decode(encode(answer), ApplicationResponse) == answer


def test_it_is_found_by_its_number_and_by_the_numbers_of_what_it_answers() -> None:
    answer = ApplicationResponse(
        id="AA1",
        parties=[Party(role="SU", id="0799999000107")],
        responses=[
            DocumentResponse(type="ON", id="PO1", control="0007", references=[Reference(type="CT", id="C1")]),
            DocumentResponse(document_type="380", id="INV1"),
            DocumentResponse(
                type="AAK",
                id="DA1",
                findings=[ApplicationFinding(references=[Reference(type="ON", id="PO2")])],
            ),
        ],
    )
    assert number(answer) == "AA1"
    assert order_numbers(answer) == ["PO1", "PO2"]
    assert references(answer) == [
        ("answer", "AA1"),
        ("party", "0799999000107"),
        ("order", "PO1"),
        ("reference", "0007"),
        ("contract", "C1"),
        ("invoice", "INV1"),
        ("despatch", "DA1"),
        ("order", "PO2"),
    ]
    assert all(len(kind) <= 16 for kind, _ in references(answer))  # what the index has room for


@pytest.mark.parametrize(
    ("code", "findings", "expected"),
    [
        ("44", 0, "accepted"),
        ("29", 0, "accepted"),
        ("6", 0, "accepted"),
        ("45", 1, "accepted_with_changes"),
        ("34", 0, "accepted_with_changes"),
        ("27", 0, "rejected"),
        ("12", 0, "rejected"),
        (None, 1, "rejected"),
        (None, 0, "accepted"),
    ],
)
def test_the_code_decides_and_without_one_errors_reject(code: str | None, findings: int, expected: str) -> None:
    assert outcome(DocumentResponse(response=code, findings=[ApplicationFinding()] * findings)) == expected


def test_every_document_that_is_answered_gets_a_verdict_with_its_reasons() -> None:
    answer = ApplicationResponse(
        responses=[
            DocumentResponse(
                response="27", type="ON", id="PO1", findings=[ApplicationFinding(code="ITEM", text="Unknown item")]
            ),
            DocumentResponse(response="44", type="ACW", id="17", control="0002"),
        ]
    )
    rejected, accepted = answers(answer)
    assert (rejected.outcome, rejected.kind, rejected.number) == ("rejected", "order", "PO1")
    assert rejected.reasons == (Reason("ITEM", "Unknown item"),)
    assert (accepted.outcome, accepted.kind, accepted.number, accepted.control) == (
        "accepted",
        "reference",
        "17",
        "0002",
    )


def test_an_answer_names_the_document_that_it_is_about() -> None:
    order = Order(id="PO1", issued=TODAY)
    assert answering(order) == DocumentResponse(type="ON", id="PO1", issued=TODAY, document_type="220")
    assert answering(DespatchAdvice(id="DA1")) == DocumentResponse(type="AAK", id="DA1", document_type="351")
    rejection = application_response(answering(order), [ApplicationFinding(code="ITEM")], id="AA1", issued=TODAY)
    assert [(a.outcome, a.kind, a.number) for a in answers(rejection)] == [("rejected", "order", "PO1")]
    assert outcome(application_response(answering(order), [], id="AA2", issued=TODAY).responses[0]) == "accepted"
    changed = application_response(
        answering(order), [ApplicationFinding(code="DATE")], id="AA3", issued=TODAY, response="34"
    )
    assert outcome(changed.responses[0]) == "accepted_with_changes"


def test_what_validation_found_is_told_at_its_place() -> None:
    data = (shipped("samples") / "demo" / "orders_broken.edi").read_bytes()
    (message,) = check(data).interchanges[0].messages
    told = [application_finding(finding) for finding in message.findings]
    assert [(f.code, f.segment, f.segment_number, f.element, f.component, f.element_id, f.value) for f in told] == [
        ("INVALID", "NAD", 11, 1, None, "3035", "SUP"),
        ("INVALID", "QTY", 26, 1, 2, "6060", "12 pcs"),
    ]
    assert all(finding.text for finding in told)


def test_every_rule_of_validation_has_a_code_that_both_standards_can_say() -> None:
    known = code_list("application_errors", "x12", "004010").write
    for rule in RULES:
        code = application_finding(Finding(rule, "")).code
        assert code is not None and code in known and len(code) <= 8, rule
