"""The application response: what the addressee's application made of documents that it received. UBL 2:
ApplicationResponse; EDIFACT: APERAK; X12: 824.

It comes after the acknowledgement of syntax (CONTRL, 997, 999), and where no document of its own answers: an order is
answered by an order response.
"""
# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own

from __future__ import annotations

from edigw.documents.common import Amount, Contact, Date, Note, Part, Party, Quantity, Reference
from edigw.documents.moment import Moment


class ApplicationFinding(Part):
    """One thing that an application found wrong, or worth saying. UBL: Status in a LineResponse."""

    code: str | None = None  # 9321: of `mappings/codes/application_errors.csv`, or the sender's own
    code_scheme: str | None = None  # 3055: whose code it is: 92 the buyer's, 91 the seller's
    own_code: str | None = None  # the sender's own, beside one of the list
    text: str | None = None
    line: str | None = None  # the line of the document that it speaks of
    segment: str | None = None  # tag of the segment at fault
    segment_number: int | None = None  # counted from 1 at UNH or ST
    element: int | None = None  # position in the segment, from 1
    component: int | None = None  # position in the element, from 1
    element_id: str | None = None  # number of the data element in its directory
    value: str | None = None  # what stood there
    new_value: str | None = None  # what stands there now, or should
    references: list[Reference] = []


class DocumentResponse(Part):
    """The answer to one document. UBL: DocumentResponse with its DocumentReference."""

    response: str | None = None  # 1225: 44 accepted, 45 with reserves, 34 with changes, 27 not accepted
    acknowledgement: str | None = None  # 4343, where a sender gives it beside the response
    type: str | None = None  # 1153: what kind of number the id is: ON order, IV invoice, AAK despatch advice
    id: str | None = None  # of the document that is answered
    issued: Moment | None = None
    document_type: str | None = None  # 1001: 220 order, 380 invoice
    version: str | None = None  # of the message that is answered: "004010"
    sender_code: str | None = None  # GS02 of it
    receiver_code: str | None = None  # GS03 of it
    sent: Moment | None = None  # date and time of its group
    group_control: str | None = None
    control: str | None = None  # the control reference of the message that is answered
    dates: list[Date] = []
    references: list[Reference] = []
    contacts: list[Contact] = []
    amounts: list[Amount] = []
    quantities: list[Quantity] = []
    findings: list[ApplicationFinding] = []


class ApplicationResponse(Part):
    id: str | None = None
    purpose: str | None = None  # 1225: 9 original, 11 response
    issued: Moment | None = None
    parties: list[Party] = []
    notes: list[Note] = []
    responses: list[DocumentResponse] = []
