"""Application responses made from what was found, and read as one plain verdict for each document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from edigw.documents.application_response import ApplicationFinding, ApplicationResponse, DocumentResponse
from edigw.documents.codec import Document
from edigw.documents.common import Party
from edigw.documents.despatch import DespatchAdvice
from edigw.documents.index import kind_of, number
from edigw.documents.invoice import Invoice
from edigw.documents.moment import Moment
from edigw.documents.order import Order
from edigw.documents.order_change import OrderChange
from edigw.documents.order_response import OrderResponse
from edigw.documents.receipt import ReceiptAdvice
from edigw.documents.transport_status import TransportStatus
from edigw.syntax.findings import Finding

Outcome: TypeAlias = Literal["accepted", "accepted_with_changes", "rejected"]

ACCEPTED = frozenset({"6", "29", "44"})
CHANGED = frozenset({"28", "30", "34", "45"})
REJECTED = frozenset({"12", "27"})
"""1225 codes that answer a document; 6 (confirmation) is how EANCOM's APERAK accepts."""

_KINDS: dict[type, tuple[str, str]] = {
    Order: ("ON", "220"),
    OrderChange: ("PP", "230"),
    OrderResponse: ("POR", "231"),
    DespatchAdvice: ("AAK", "351"),
    ReceiptAdvice: ("ALO", "632"),
    Invoice: ("IV", "380"),
    TransportStatus: ("DM", "23"),
}

_CODES = {
    "bad_date": "DATE",
    "bad_time": "DATE",
    "control_total": "TOTAL",
    "duplicate_interchange": "DUPL",
    "element_dependency": "MISSING",
    "element_exclusion": "COMBI",
    "guide_element_excluded": "COMBI",
    "guide_element_needed": "MISSING",
    "guide_element_too_few": "MISSING",
    "guide_relation": "NOMATCH",
    "guide_segment_needed": "MISSING",
    "header_element_missing": "MISSING",
    "message_count": "TOTAL",
    "message_reference_duplicate": "DUPL",
    "sender_not_entitled": "NOAUTH",
    "unknown_receiver": "PARTY",
    "unknown_sender": "PARTY",
}
_MISSING = "_missing"
_INVALID = "INVALID"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code of `mappings/codes/application_errors.csv` or the partner's own, and words. Either may be ""."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner's application says of one document. `kind` and `number` are a pair as `references` gives them
    ("order", "NW-4712"), `control` is the control reference of the message; what was not said is ""."""

    outcome: Outcome
    kind: str
    number: str
    control: str
    reasons: tuple[Reason, ...]


def outcome(response: DocumentResponse) -> Outcome:
    """The verdict on a document. An answer without a code of its own rejects if it names errors: that is what an APERAK
    is for, which otherwise acknowledges (UN/EDIFACT APERAK, 1.1)."""
    if response.response in REJECTED:
        return "rejected"
    if response.response in CHANGED:
        return "accepted_with_changes"
    if response.response in ACCEPTED:
        return "accepted"
    return "rejected" if response.findings else "accepted"


def answers(document: ApplicationResponse) -> list[Answer]:
    """One answer for each document that the response speaks of, in order."""
    return [
        Answer(
            outcome=outcome(response),
            kind=kind_of(response),
            number=response.id or "",
            control=response.control or "",
            reasons=tuple(Reason(finding.code or "", finding.text or "") for finding in response.findings),
        )
        for response in document.responses
    ]


def answering(document: Document) -> DocumentResponse:
    """The reference to a document, for an answer to it."""
    type_, document_type = _KINDS.get(type(document), (None, None))
    if document.id is None and isinstance(document, OrderChange | OrderResponse):
        type_ = "ON"  # they are known by the number of the order
    if isinstance(document, Invoice):  # credit notes and others have a code of their own
        document_type = document.type or document_type
    return DocumentResponse(type=type_, id=number(document), issued=document.issued, document_type=document_type)


def application_finding(finding: Finding) -> ApplicationFinding:
    """What validation found, as an application says it: the rule becomes a code of `application_errors.csv`."""
    code = _CODES.get(finding.code) or ("MISSING" if finding.code.endswith(_MISSING) else _INVALID)
    return ApplicationFinding(
        code=code,
        text=finding.text or None,
        segment=finding.tag or None,
        segment_number=finding.segment,
        element=finding.element,
        component=finding.component,
        element_id=finding.data_element or None,
        value=finding.value or None,
    )


def application_response(
    about: DocumentResponse,
    findings: Iterable[ApplicationFinding],
    *,
    id: str,
    issued: Moment,
    parties: Iterable[Party] = (),
    response: str = "",
) -> ApplicationResponse:
    """The answer to one document: `about` says which (`answering`), `response` is its 1225 code; "": not accepted if
    there are findings, accepted if there are none. `id` is the answer's own number."""
    found = list(findings)
    fields = {name: getattr(about, name) for name in about.__struct_fields__}
    fields |= {"response": response or ("27" if found else "44"), "findings": found}
    return ApplicationResponse(
        id=id, purpose="9", issued=issued, parties=list(parties), responses=[DocumentResponse(**fields)]
    )
