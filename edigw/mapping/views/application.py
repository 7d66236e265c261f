# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own
"""Views of the application response.

An APERAK gives one answer, in its heading, to the documents that its references name, and has no element for the place
of an error: the place stands in the text (`AnswerByMessage`). An 824 answers each document on its own, but knows only
the error codes of X12, and has no text outside of an error (`to_transaction_set`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from msgspec.structs import asdict, replace

from edigw.documents import (
    ApplicationFinding,
    ApplicationResponse,
    Channel,
    Contact,
    DocumentResponse,
    Part,
    Party,
    Reference,
    outcome,
)
from edigw.documents.answers import ACCEPTED, CHANGED, REJECTED
from edigw.documents.moment import Moment
from edigw.mapping.codes import code_list
from edigw.mapping.loss import Entry
from edigw.mapping.runtime import wrap

_ANSWERS = ACCEPTED | CHANGED | REJECTED
_ORIGINAL = "9"
_BY_RESPONSE_TYPE = {"AP": "44", "CA": "45", "RE": "27"}  # 4343 to 1225
_SEVERITY = ("rejected", "accepted_with_changes", "accepted")
_CONTROL = "ACW"  # 1153: reference number to previous message
_NUMBER_OF = {"220": "ON", "230": "ON", "351": "AAK", "380": "IV", "381": "IV"}  # 1001 to 1153
_ANY_NUMBER = "DM"  # 1153: document number
_TEXT = (70, 5)  # FTX C108 up to D.99A


class AnsweredDocument(Part):
    """A document that an APERAK answers, in the DOC group of later directories."""

    type: str | None = None  # 1001
    id: str | None = None
    issued: Moment | None = None


class AnswerParty(Party):
    """A party whose telephone numbers stand beside its contacts; those have no channels."""

    channels: list[Channel] = []


class AnswerByMessage(ApplicationResponse):
    """An application response as one answer to all. `purpose` and `responses` stay empty."""

    function: str | None = None  # 1225: the response, or else the purpose
    answer: str | None = None  # 4343
    documents: list[AnsweredDocument] = []
    answered: list[Reference] = []
    parties: list[AnswerParty] = []  # type: ignore[assignment]
    findings: list[ApplicationFinding] = []


def by_message(document: ApplicationResponse, lost: list[Entry]) -> AnswerByMessage:
    """One answer: to the documents of the first response and of all that give the same one. If responses differ, the
    most severe ones are given, because nobody may take a rejected document for an accepted one."""
    first = min(document.responses, key=lambda r: _SEVERITY.index(outcome(r)), default=None)
    kept = [r for r in document.responses if first is not None and r.response == first.response]
    view = AnswerByMessage(
        **{
            **asdict(document),
            "purpose": None,
            "responses": [],
            "parties": list(map(_with_channels, document.parties)),
        },
        function=document.purpose if first is None or first.response not in _ANSWERS else first.response,
        answer=first.acknowledgement if first is not None else None,
        documents=[AnsweredDocument(type=r.document_type, id=r.id, issued=r.issued) for r in kept if r.document_type],
        answered=[reference for r in kept for reference in _numbers(r)],
        findings=[
            _told(finding, (((), "responses", index), "findings", place), lost)
            for index, response in enumerate(document.responses)
            if any(response is one for one in kept)
            for place, finding in enumerate(_referring(response, kept))
        ],
    )
    _report(document, kept, from_by_message(view), lost)
    return view


def _with_channels(party: Party) -> AnswerParty:
    named = [replace(contact, channels=[]) for contact in party.contacts]
    channels = [channel for contact in party.contacts for channel in contact.channels]
    return AnswerParty(
        **{**asdict(party), "contacts": [contact for contact in named if contact != Contact()]}, channels=channels
    )


def _without_channels(party: AnswerParty) -> Party:
    """The numbers are those of the first contact."""
    fields = {name: value for name, value in asdict(party).items() if name in Party.__struct_fields__}
    if party.channels:
        first, *others = party.contacts or [Contact()]
        fields["contacts"] = [replace(first, channels=party.channels), *others]
    return Party(**fields)


def _numbers(response: DocumentResponse) -> list[Reference]:
    numbers = [Reference(type=_number_type(response), id=response.id, issued=response.issued)] if response.id else []
    if response.control is not None:
        numbers.append(Reference(type=_CONTROL, id=response.control))
    return numbers + response.references


def _number_type(response: DocumentResponse) -> str:
    return response.type or _NUMBER_OF.get(response.document_type or "", _ANY_NUMBER)


def _referring(response: DocumentResponse, kept: list[DocumentResponse]) -> list[ApplicationFinding]:
    """The findings; where several documents are answered, those of all but the first name theirs."""
    if response is kept[0] or response.id is None:
        return response.findings
    own = Reference(type=_number_type(response), id=response.id)
    return [replace(finding, references=[own, *finding.references]) for finding in response.findings]


def from_by_message(view: AnswerByMessage) -> ApplicationResponse:
    """The application response that an APERAK tells of: one answer for each document that it names as such, for all of
    them if it only gives references. The first number that is no control reference is that of the document."""
    numbers = list(view.answered)
    responses = [_answered(document, numbers) for document in view.documents] or [DocumentResponse()]
    first = responses[0]
    named = [n for n in numbers if n.type is not None and n.id is not None]
    if first.id is None and named:
        main = next((n for n in named if n.type != _CONTROL), named[0])
        numbers.remove(main)
        first.type, first.id, first.issued = main.type, main.id, main.issued
        if main.line is not None or main.description is not None:
            numbers.insert(0, main)  # says more than a response has fields for
    control = next((n for n in numbers if n == Reference(type=_CONTROL, id=n.id)), None)
    if control is not None:
        numbers.remove(control)
        first.control = control.id
    first.references = numbers
    for finding in map(_understood, view.findings):
        _owner(finding, responses).findings.append(finding)
    answers = view.function in _ANSWERS
    for response in responses:
        response.response = view.function if answers else _BY_RESPONSE_TYPE.get(view.answer or "")
        response.acknowledgement = view.answer if answers or response.response is None else None
    fields = {name: value for name, value in asdict(view).items() if name in ApplicationResponse.__struct_fields__}
    fields["parties"] = list(map(_without_channels, view.parties))
    told = answers or (view.function is None and first.response is not None)
    fields["purpose"] = _ORIGINAL if told else view.function
    fields["responses"] = [] if responses == [DocumentResponse()] else responses
    return ApplicationResponse(**fields)


def _answered(document: AnsweredDocument, numbers: list[Reference]) -> DocumentResponse:
    """The answer to a document; its number is taken out of the references, where it usually stands, too."""
    type_, issued = _NUMBER_OF.get(document.type or "", _ANY_NUMBER), document.issued
    same = next((n for n in numbers if n == Reference(type=n.type, id=document.id, issued=n.issued)), None)
    if same is not None and document.id is not None:
        numbers.remove(same)
        type_, issued = same.type or type_, issued or same.issued
    return DocumentResponse(
        document_type=document.type, type=type_ if document.id else None, id=document.id, issued=issued
    )


def _owner(finding: ApplicationFinding, responses: list[DocumentResponse]) -> DocumentResponse:
    if finding.references:
        named = finding.references[0]
        for response in responses[1:]:
            if response.id is not None and named == Reference(type=response.type, id=response.id):
                finding.references = finding.references[1:]
                return response
    return responses[0]


def _report(
    document: ApplicationResponse, kept: list[DocumentResponse], back: ApplicationResponse, lost: list[Entry]
) -> None:
    """What does not come back from one answer to all."""
    if kept and document.purpose not in (None, back.purpose):
        lost.append(("dropped", (), "purpose", document.purpose, "the response stands in its place"))
    for index, (party, again) in enumerate(zip(document.parties, back.parties, strict=True)):
        if party.contacts != again.contacts:
            path = ((), "parties", index)
            lost.append(("changed", path, "contacts", party.contacts, "numbers are read as those of the first contact"))
    remaining = iter(back.responses)
    for index, response in enumerate(document.responses):
        path = ((), "responses", index)
        if not any(response is one for one in kept):
            lost.append(("dropped", path, "", response, "an APERAK gives one answer; a more severe one is given"))
            continue
        if response.id is not None and response.type is None:
            lost.append(("defaulted", path, "type", _number_type(response), "the message must say it"))
        found = next(remaining, None)
        if found is None:
            lost.append(("changed", path, "", response, "answered together with the first"))
            continue
        _compare(response, found, path, lost)


def _compare(given: Part, found: Part, path: Any, lost: list[Entry]) -> None:
    for name in given.__struct_fields__:
        value, other = getattr(given, name), getattr(found, name)
        if name == "findings" or not value or value == other:
            continue
        if not other:
            lost.append(("dropped", path, name, value, "an APERAK has no place for it"))
        else:
            lost.append(("changed", path, name, value, "will be read as something else"))


_PLACE = re.compile(
    r"(?:(?P<text>.*\S) )?"
    r"\[(?=[^\]])(?:segment (?P<segment>[A-Z][A-Z0-9]{1,2})?(?(segment) ?)(?P<segment_number>\d{1,10})?(?:, |(?=\])))?"
    r"(?:element (?P<element>\d{1,4})(?:-(?P<component>\d{1,4}))?(?:, |(?=\])))?"
    r"(?:data element (?P<element_id>\w{1,6})(?:, |(?=\])))?"
    r"(?:code (?P<own_code>[^\s,\]]+)(?:, |(?=\])))?"
    r'(?:value "(?P<value>[^"]+)"(?:, |(?=\])))?'
    r'(?:should be "(?P<new_value>[^"]+)")?\]',
    re.ASCII,
)
_NUMBERS = ("segment_number", "element", "component")
_SPOKEN = ("segment", "segment_number", "element", "component", "element_id", "own_code", "value", "new_value")


def _told(finding: ApplicationFinding, path: Any, lost: list[Entry]) -> ApplicationFinding:
    """A finding with its place in its text: `Item unknown [segment LIN 14, element 3, value "0799999009999"]`. If that
    would not be read back, or is too long, the place is left out. What will not be read as it is is reported."""
    told = _as_text(finding)
    _compare(finding, _understood(told), path, lost)
    return told


def _as_text(finding: ApplicationFinding) -> ApplicationFinding:
    if finding.code is None and finding.own_code is not None:
        finding = replace(finding, code=finding.own_code, own_code=None)
    silent: dict[str, Any] = dict.fromkeys(_SPOKEN)
    plain = replace(finding, **silent)
    if plain == finding:
        return finding
    text = _spoken(finding)
    told = replace(plain, text=text)
    fits = " ".join(text.split()) == text and wrap(text, *_TEXT) is not None
    return told if fits and _understood(told) == finding else plain


def _spoken(finding: ApplicationFinding) -> str:
    segment = " ".join(str(x) for x in (finding.segment, finding.segment_number) if x is not None)
    element = "-".join(str(x) for x in (finding.element, finding.component) if x is not None)
    parts = [
        f"segment {segment}" if segment else "",
        f"element {element}" if element else "",
        f"data element {finding.element_id}" if finding.element_id else "",
        f"code {finding.own_code}" if finding.own_code else "",
        f'value "{finding.value}"' if finding.value else "",
        f'should be "{finding.new_value}"' if finding.new_value else "",
    ]
    place = f"[{', '.join(part for part in parts if part)}]"
    return f"{finding.text} {place}" if finding.text else place


def _understood(finding: ApplicationFinding) -> ApplicationFinding:
    """A finding with the place that its text tells. Always a new one."""
    match = _PLACE.fullmatch(finding.text) if isinstance(finding.text, str) else None
    if match is None:
        return replace(finding)
    found: dict[str, Any] = match.groupdict()
    for name in _NUMBERS:
        found[name] = int(found[name]) if found[name] else None
    return replace(finding, **found)


_OTHER = "OTHER"
_AS_FINDINGS = frozenset({"AAO", "ABO"})  # 4451: error description, discrepancy information


@cache
def _listed() -> frozenset[str]:
    """The codes of errors that some version of X12 can say."""
    versions = ("004010", "004030", "005010")
    return frozenset[str]().union(*(code_list("application_errors", "x12", version).write for version in versions))


def to_transaction_set(document: ApplicationResponse, lost: list[Entry]) -> ApplicationResponse:
    """Notes that tell of errors become findings of the first response; a code of the sender's own goes beside the code
    for another reason; a control reference that OTI09 can't give goes among the references."""
    responses = []
    for index, response in enumerate(document.responses):
        path = ((), "responses", index)
        given = response.response
        if given is None:
            given = "27" if outcome(response) == "rejected" else "44"
            lost.append(("defaulted", path, "response", given, "the message must say it"))
        control, references = response.control, response.references
        if control is not None and (response.group_control is None or not 4 <= len(control) <= 9):
            lost.append(("changed", path, "control", control, "given as a reference"))
            control, references = None, [*references, Reference(type=_CONTROL, id=control)]
        findings = []
        for place, finding in enumerate(response.findings):
            findings.append(_with_own_code(finding, (path, "findings", place), lost))
        made = replace(response, response=given, control=control, references=references, findings=findings)
        responses.append(made)
    if not responses:
        return replace(document)
    errors = [note.subject in _AS_FINDINGS for note in document.notes]
    for index, (note, error) in enumerate(zip(document.notes, errors, strict=True)):
        if error:
            lost.append(("changed", ((), "notes", index), "", note, "given as a finding"))
            responses[0].findings.append(ApplicationFinding(code=_OTHER, text=note.text))
    notes = [note for note, error in zip(document.notes, errors, strict=True) if not error]
    return replace(document, notes=notes, responses=responses)


def _with_own_code(finding: ApplicationFinding, path: Any, lost: list[Entry]) -> ApplicationFinding:
    if finding.code is None or finding.code in _listed():
        return finding
    if finding.own_code is not None:
        lost.append(("dropped", path, "own_code", finding.own_code, "the code is the sender's own, too"))
    return replace(finding, code=_OTHER, own_code=finding.code)


def from_transaction_set(view: ApplicationResponse) -> ApplicationResponse:
    """A sender's own code is the code where the one of the list only says that there is another reason."""
    responses = [
        replace(response, findings=[_with_code(finding) for finding in response.findings])
        for response in view.responses
    ]
    return replace(view, responses=responses)


def _with_code(finding: ApplicationFinding) -> ApplicationFinding:
    if finding.own_code is None or finding.code not in (None, _OTHER):
        return finding
    return replace(finding, code=finding.own_code, own_code=None)
