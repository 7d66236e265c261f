"""TA1, 997 and 999: what was found in an X12 interchange, reported to its sender.

Sources: X12.5 (TA1, data elements I17 and I18), X12 transaction sets 997 and 999. TA1 judges the envelope
ISA/IEA alone; each functional group is answered by one transaction set. Once the envelope is rejected
nothing else is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from edigw.acknowledge.codes import TEXTS
from edigw.acknowledge.errors import AcknowledgementImpossible
from edigw.acknowledge.functional import Form, SetId, answerable, set_body
from edigw.acknowledge.values import at, errors_of, is_number
from edigw.syntax.compose import check_x12_delimiters, write_x12, x12_delimiters
from edigw.syntax.encode import WriteError
from edigw.syntax.findings import Finding
from edigw.syntax.model import Delimiters, Group, Interchange, Segment
from edigw.syntax.outgoing import MessageBody, X12Envelope, X12Group
from edigw.syntax.values import value

GUIDE_OF_999 = "005010X231A1"  # GS08 and ST03 of a 999

_MAX_CONTROL = 999_999_999  # ISA13, GS06
_USUAL_VERSION = "004010"  # where neither GS08 nor ISA12 can be read
_NO_ERROR, _BAD_STRUCTURE, _BAD_CONTENT = "000", "022", "024"  # I18


@dataclass(frozen=True, slots=True)
class _Application:
    """Who answers whom, and how: groups that agree in this are answered in one FA group."""

    sender: str
    receiver: str
    version: str  # GS08
    set_id: SetId


def ta1(interchange: Interchange) -> Segment:
    """The TA1 on the envelope of `interchange`: accepted, rejected with the code of its first error, or, if
    a group in it can't be named by a 997, 024: rejected if that goes for all groups, else accepted with
    errors.

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
    subjects = _subjects(interchange)
    answered = sum(map(answerable, subjects))
    if answered < len(subjects):
        return ["TA1", *repeated, "E" if answered else "R", _BAD_CONTENT]
    return ["TA1", *repeated, "A", _NO_ERROR]


def write_x12_acks(
    interchange: Interchange,
    *,
    control: int,
    group_control: int,
    now: datetime,
    include_ta1: bool | None = None,
    include_accepted: bool = True,
    set_id: SetId = "997",
) -> bytes | None:
    """The interchange that answers `interchange`: sender and receiver swapped, version, test flag and
    delimiters as received, ISA13 = `control`, no TA1 asked for. None if there is nothing to answer: an
    interchange of acknowledgements (FA groups, TA1), or one that says nothing because TA1 is not wanted.

    A TA1 comes first if `include_ta1` says so; by default if ISA14 asks for it, or if it has an error to
    state. If the envelope is rejected it comes alone. Otherwise each group is answered by a 997, or by a
    999 if `set_id` says so and the group's version is 005010 or later; accepted sets are listed unless
    `include_accepted` is false. Sets for different pairs of applications and versions stand in groups of
    their own, numbered from `group_control` on: `x12_ack_groups` says how many numbers that takes.

    Raises `AcknowledgementImpossible` if what must be repeated is missing or not allowed, or if a group can
    be answered by TA1 only and `include_ta1` forbids it. Raises ValueError if a control number is not 1 to
    999999999.
    """
    if interchange.standard != "x12":
        raise ValueError("TA1, 997 and 999 answer an X12 interchange")
    if not (1 <= control <= _MAX_CONTROL and 1 <= group_control <= _MAX_CONTROL):
        raise ValueError(f"control numbers are 1 to {_MAX_CONTROL}")
    subjects = _subjects(interchange)
    if not subjects and (interchange.groups or interchange.loose):
        return None
    answers = _answers(interchange, set_id)
    ta1_needed = not interchange.accepted or not all(map(answerable, subjects))
    if include_ta1 is None:
        include_ta1 = ta1_needed or interchange.ack_requested == "1"
    elif ta1_needed and interchange.accepted and not include_ta1:
        raise AcknowledgementImpossible("a GS can't be repeated in a 997, and a TA1 is not wanted")
    if not include_ta1 and not answers:
        return None
    for element in (5, 6, 7, 8, 12):
        if not _writable(identifier := value(interchange.header, element)):
            raise AcknowledgementImpossible(f"ISA{element:02} is {identifier!r}, and the answer must repeat it")
    delimiters = _delimiters(interchange)
    groups = [
        _fa_group(application, subject_groups, _next(group_control, n), delimiters, include_accepted)
        for n, (application, subject_groups) in enumerate(answers.items())
    ]
    envelope = X12Envelope(
        sender=interchange.receiver,
        receiver=interchange.sender,
        control=str(control),
        prepared=now,
        version=interchange.syntax,
        test=interchange.test,
        charset=interchange.charset,
    )
    try:
        return write_x12(envelope, groups, delimiters, loose=[ta1(interchange)] if include_ta1 else [])
    except WriteError as error:
        raise AcknowledgementImpossible(str(error)) from error


def x12_ack_groups(interchange: Interchange, *, set_id: SetId = "997") -> int:
    """How many group control numbers `write_x12_acks` uses for `interchange`; 0 if it writes no group."""
    return len(_answers(interchange, set_id))


def _answers(interchange: Interchange, set_id: SetId) -> dict[_Application, list[Group]]:
    """The groups to be answered by 997 or 999, collected by the FA group that answers them."""
    answers: dict[_Application, list[Group]] = {}
    for group in _subjects(interchange) if interchange.accepted else ():
        if answerable(group):
            answers.setdefault(_application(group, interchange, set_id), []).append(group)
    return answers


def _application(group: Group, interchange: Interchange, set_id: SetId) -> _Application:
    version = at(group.header, 8)
    if not (is_number(version[:6]) and 6 <= len(version) <= 12):
        version = f"{interchange.syntax}0" if is_number(interchange.syntax) else _USUAL_VERSION
    implementation = set_id == "999" and version >= "005010"
    return _Application(
        sender=group.receiver if _fits_gs(group.receiver) else interchange.receiver.id,
        receiver=group.sender if _fits_gs(group.sender) else interchange.sender.id,
        version=GUIDE_OF_999 if implementation else version,
        set_id="999" if implementation else "997",
    )


def _fits_gs(application: str) -> bool:
    return 2 <= len(application) <= 15 and _writable(application)


def _writable(text: str) -> bool:
    """Whether `text` may stand in ISA and GS, which are ASCII: other characters were reported, but kept."""
    return text.isascii() and text.isprintable()


def _fa_group(
    application: _Application, subjects: list[Group], control: int, delimiters: Delimiters, include_accepted: bool
) -> X12Group:
    form = Form(application.set_id, application.version[:6], delimiters.all())
    guide = GUIDE_OF_999 if application.set_id == "999" else ""
    return X12Group(
        functional_id="FA",
        sender=application.sender,
        receiver=application.receiver,
        control=str(control),
        version=application.version,
        messages=[
            MessageBody(
                application.set_id,
                set_body(subject, form, include_accepted=include_accepted),
                association=guide,
            )
            for subject in subjects
        ],
    )


def _delimiters(interchange: Interchange) -> Delimiters:
    """The delimiters of the subject, which its sender can read, or the usual ones if they can't be
    written."""
    try:
        check_x12_delimiters(interchange.delimiters)
    except WriteError:
        return x12_delimiters(interchange.syntax)
    return interchange.delimiters


def _next(control: int, n: int) -> int:
    """The nth number after `control`; after 999999999 they begin again at 1."""
    return (control + n - 1) % _MAX_CONTROL + 1


def _subjects(interchange: Interchange) -> list[Group]:
    """The groups that are to be answered: acknowledgements (FA) never are."""
    return [g for g in interchange.groups if g.functional_id != "FA"]


def _note_code(errors: Iterable[Finding]) -> str:
    """TA105: the code of the first error in the interchange."""
    first = min(errors, key=lambda f: (f.offset is None, f.offset or 0))
    code = first.rule.x12 if first.level == "interchange" else ""
    return code if code in TEXTS["I18"] else _BAD_STRUCTURE
