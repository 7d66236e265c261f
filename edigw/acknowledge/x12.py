"""TA1, 997 and 999: what was found in an X12 interchange, reported to its sender.

Sources: X12.5 (TA1, data elements I17 and I18), X12 transaction sets 997 and 999. TA1 judges the envelope
ISA/IEA alone; each functional group is answered by one transaction set. Once the envelope is rejected
nothing else is said.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from edigw.acknowledge.codes import TEXTS
from edigw.acknowledge.errors import AcknowledgementImpossible
from edigw.acknowledge.functional import Form, set_body
from edigw.acknowledge.subjects import GUIDE_OF_999, SetId, answer_version, answerable, subjects
from edigw.acknowledge.values import at, errors_of, is_number, told_of
from edigw.syntax.compose import check_x12_delimiters, write_x12, x12_delimiters
from edigw.syntax.encode import WriteError
from edigw.syntax.findings import Finding
from edigw.syntax.model import Delimiters, Group, Interchange, Segment
from edigw.syntax.outgoing import MessageBody, X12Envelope, X12Group
from edigw.syntax.values import value

_USUAL_ENVELOPE = "00401"
_MAX_CONTROL = 999_999_999  # ISA13, GS06
_NO_ERROR, _BAD_STRUCTURE, _BAD_CONTENT = "000", "022", "024"  # I18


@dataclass(frozen=True, slots=True)
class _Application:
    """Who answers whom, and how: groups that agree in this are answered in one FA group."""

    sender: str
    receiver: str
    version: str  # GS08
    set_id: SetId


def ta1(interchange: Interchange, noted: Container[str] = ()) -> Segment:
    """The TA1 on the envelope of `interchange`: accepted, rejected with the code of its first error, or, if
    a group in it can't be named by a 997, 024: rejected if that goes for all groups, else accepted with
    errors. The latter also if there is a warning by one of the rules in `noted`.

    Raises `AcknowledgementImpossible` if ISA09, ISA10 or ISA13, which it repeats, can't be read.
    """
    header = interchange.header
    repeated: list[str] = []
    for element, size in ((13, 9), (9, 6), (10, 4)):
        given = at(header, element)
        if not is_number(given) or len(given) > size or (len(given) < size and element != 13):
            raise AcknowledgementImpossible(f"ISA{element:02} is {given!r}, and a TA1 must repeat it")
        repeated.append(given.zfill(size))
    errors = errors_of(interchange.findings)
    if errors:
        return ["TA1", *repeated, "R", _note_code(errors)]
    groups = subjects(interchange)
    answered = sum(map(answerable, groups))
    if answered < len(groups):
        return ["TA1", *repeated, "E" if answered else "R", _BAD_CONTENT]
    if warnings := told_of(interchange.findings, noted):
        return ["TA1", *repeated, "E", _note_code(warnings)]
    return ["TA1", *repeated, "A", _NO_ERROR]


def write_x12_acks(
    interchange: Interchange,
    *,
    control: int,
    group_control: int,
    now: datetime,
    include_ta1: bool | None = None,
    include_accepted: bool = True,
    unanswered: Container[str] = (),
    set_id: SetId = "997",
    noted: Container[str] = (),
    include_context: bool = True,
) -> bytes | None:
    """The interchange that answers `interchange`: sender and receiver swapped, version, test flag and
    delimiters as received, ISA13 = `control`, no TA1 asked for. None if there is nothing to answer: an
    interchange of acknowledgements (FA groups, TA1), or one that says nothing because TA1 is not wanted.

    A TA1 comes first if `include_ta1` says so; by default if ISA14 asks for it, or if it has an error to
    state. If the envelope is rejected it comes alone. Otherwise each group is answered by a 997, or by a
    999 if `set_id` says so and the group's version is 005010 or later, in the version that `answer_version`
    chooses; accepted sets are listed unless `include_accepted` is false. A group without errors that holds only sets
    of the types in `unanswered` is passed over. Sets for different pairs of
    applications and versions stand in groups of their own, numbered from `group_control` on:
    `x12_ack_groups` says how many numbers that takes. Warnings by the rules in `noted`, those that the
    agreement made milder, are told as well: accepted, but errors were noted (E). A 999 says in which situation
    a rule of the guide holds (CTX), unless `include_context` is false.

    Raises `AcknowledgementImpossible` if what must be repeated is missing or not allowed, or if a group can
    be answered by TA1 only and `include_ta1` forbids it. Raises ValueError if a control number is not 1 to
    999999999.
    """
    if interchange.standard != "x12":
        raise ValueError("TA1, 997 and 999 answer an X12 interchange")
    if not (1 <= control <= _MAX_CONTROL and 1 <= group_control <= _MAX_CONTROL):
        raise ValueError(f"control numbers are 1 to {_MAX_CONTROL}")
    if _only_acknowledges(interchange):
        return None
    answers = _answers(interchange, set_id, unanswered)
    ta1_needed = not interchange.accepted or not all(map(answerable, subjects(interchange)))
    if include_ta1 is None:
        include_ta1 = ta1_needed or interchange.ack_requested == "1"
    elif ta1_needed and interchange.accepted and not include_ta1:
        raise AcknowledgementImpossible("a GS can't be repeated in a 997, and a TA1 is not wanted")
    if not include_ta1 and not answers:
        return None
    delimiters = _delimiters(interchange)
    groups: list[X12Group] = []
    for application, its in answers.items():
        form = Form(application.set_id, application.version[:6], delimiters.all(), noted, include_context)
        bodies = [set_body(subject, form, include_accepted=include_accepted) for subject in its]
        groups.append(_fa_group(application, bodies, _next(group_control, len(groups))))
    return _written(interchange, control, now, groups, [ta1(interchange, noted)] if include_ta1 else [])


def write_ta1(interchange: Interchange, *, control: int, now: datetime) -> bytes | None:
    """The interchange with nothing but the TA1 on `interchange`; None if that holds only acknowledgements. Raises
    `AcknowledgementImpossible` as `write_x12_acks` does."""
    if _only_acknowledges(interchange):
        return None
    return _written(interchange, control, now, [], [ta1(interchange)])


def _only_acknowledges(interchange: Interchange) -> bool:
    """Whether there is nothing in it but TA1 and FA groups."""
    return not subjects(interchange) and bool(interchange.groups or interchange.loose)


def _written(
    interchange: Interchange, control: int, now: datetime, groups: Sequence[X12Group], loose: Sequence[Segment]
) -> bytes:
    for element in (5, 6, 7, 8, 12):
        if not _writable(identifier := value(interchange.header, element)):
            raise AcknowledgementImpossible(f"ISA{element:02} is {identifier!r}, and the answer must repeat it")
    envelope = X12Envelope(
        sender=interchange.receiver,
        receiver=interchange.sender,
        control=str(control),
        prepared=now,
        version=_envelope_version(interchange),
        usage=_usage(interchange),
        charset=interchange.charset,
    )
    try:
        return write_x12(envelope, groups, _delimiters(interchange), loose=loose)
    except WriteError as error:
        raise AcknowledgementImpossible(str(error)) from error


def x12_ack_groups(interchange: Interchange, *, set_id: SetId = "997", unanswered: Container[str] = ()) -> int:
    """How many group control numbers `write_x12_acks` uses for `interchange`; 0 if it writes no group."""
    return len(_answers(interchange, set_id, unanswered))


def _answers(interchange: Interchange, set_id: SetId, unanswered: Container[str]) -> dict[_Application, list[Group]]:
    """The groups to be answered by 997 or 999, collected by the FA group that answers them."""
    answers: dict[_Application, list[Group]] = {}
    for group in subjects(interchange) if interchange.accepted else ():
        if answerable(group) and not _passed_over(group, unanswered):
            answers.setdefault(_application(group, interchange, set_id), []).append(group)
    return answers


def _passed_over(group: Group, unanswered: Container[str]) -> bool:
    sound = not errors_of(group.findings) and all(message.valid for message in group.messages)
    return sound and bool(group.messages) and all(message.type in unanswered for message in group.messages)


def _application(group: Group, interchange: Interchange, set_id: SetId) -> _Application:
    written, version = answer_version(group, interchange, set_id)
    return _Application(
        sender=group.receiver if _fits_gs(group.receiver) else interchange.receiver.id,
        receiver=group.sender if _fits_gs(group.sender) else interchange.sender.id,
        version=version,
        set_id=written,
    )


def _fits_gs(application: str) -> bool:
    return 2 <= len(application) <= 15 and _writable(application)


def _writable(text: str) -> bool:
    """Whether `text` may stand in ISA and GS, which are ASCII: other characters were reported, but kept."""
    return text.isascii() and text.isprintable()


def _fa_group(application: _Application, bodies: Iterable[list[Segment]], control: int) -> X12Group:
    guide = GUIDE_OF_999 if application.set_id == "999" else ""
    return X12Group(
        functional_id="FA",
        sender=application.sender,
        receiver=application.receiver,
        control=str(control),
        version=application.version,
        messages=[MessageBody(application.set_id, body, association=guide) for body in bodies],
    )


def _delimiters(interchange: Interchange) -> Delimiters:
    """The delimiters of the subject, which its sender can read, or the usual ones if they can't be
    written."""
    version, own = _envelope_version(interchange), interchange.delimiters
    if version != interchange.syntax:
        own = replace(own, repetition="")  # ISA11 is none in the version that is written instead
    try:
        check_x12_delimiters(own)
    except WriteError:
        return x12_delimiters(version)
    return own


def _envelope_version(interchange: Interchange) -> str:
    """ISA12 of the answer: as received, if that is a version at all."""
    version = interchange.syntax
    return version if is_number(version) and len(version) == 5 else _USUAL_ENVELOPE


def _usage(interchange: Interchange) -> str:
    """ISA15 of the answer: as received, if it is one."""
    usage = value(interchange.header, 15)
    return usage if usage in ("P", "T", "I") else "P"


def _next(control: int, n: int) -> int:
    """The nth number after `control`; after 999999999 they begin again at 1."""
    return (control + n - 1) % _MAX_CONTROL + 1


def _note_code(errors: Iterable[Finding]) -> str:
    """TA105: the code of the first error in the interchange."""
    first = min(errors, key=lambda f: (f.offset is None, f.offset or 0))
    code = first.standard_code("x12") if first.level == "interchange" or first.tag == "ISA" else ""
    return code if code in TEXTS["I18"] else _BAD_STRUCTURE
