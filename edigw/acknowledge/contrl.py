"""CONTRL: what was found in an EDIFACT interchange, reported to its sender.

Sources: CONTRL D.3 (syntax 1 to 3), ISO 9735-4 (syntax 4). The report has up to four levels, UCI
(interchange), UCF (group), UCM (message) and UCS with UCD (segment with its elements); each level states
one error at most. UNH and UNT are judged in UCM, so UCS names only segments between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, Literal, TypeAlias

from edigw.acknowledge.codes import UNSPECIFIED, contrl_code
from edigw.acknowledge.errors import AcknowledgementImpossible
from edigw.acknowledge.values import at, components, errors_of, joined
from edigw.syntax.charset import ENCODINGS, declared
from edigw.syntax.compose import check_edifact_delimiters, edifact_delimiters, write_edifact
from edigw.syntax.edifact import syntax_version
from edigw.syntax.encode import WriteError
from edigw.syntax.findings import Finding
from edigw.syntax.model import Delimiters, Group, Interchange, Message, PartyId, Segment
from edigw.syntax.outgoing import EdifactEnvelope, MessageBody

Guide: TypeAlias = Literal["", "eancom97", "eancom2002"]

ACCEPTED, REJECTED, RECEIVED = "7", "4", "8"

_MAX_SEGMENTS = 999  # UCS in a UCM
_MAX_ELEMENTS = 99  # UCD in a UCS
_MAX_SEGMENT_POSITION = 999_999  # 0096 n..6
_MAX_ELEMENT_POSITION = 999  # 0098, 0104 n..3
_MAX_REPETITION = 999_999  # 0136 n..6

_SERVICE_SEGMENTS = {  # 0013, 0135
    3: frozenset({"UNA", "UNB", "UNG", "UNH", "UNS", "UNT", "UNE", "UNZ"}),
    4: frozenset({"UNB", "UNG", "UNH", "UNO", "UNP", "UNS", "UNT", "UNE", "UNZ"}),
}
_PLACES: dict[str, tuple[str, int | None]] = {  # rule: service segment and element, where the finding does not say
    "bad_una": ("UNA", None),
    "unsupported_syntax": ("UNB", 1),
    "interchange_trailer_missing": ("UNZ", None),
    "interchange_count": ("UNZ", 1),
    "interchange_reference": ("UNZ", 2),
    "group_reference_duplicate": ("UNG", 5),
    "group_trailer_missing": ("UNE", None),
    "group_count": ("UNE", 1),
    "group_reference": ("UNE", 2),
    "message_header_invalid": ("UNH", None),
    "message_reference_duplicate": ("UNH", 1),
    "message_not_supported": ("UNH", 2),
    "message_not_in_group": ("UNH", 2),
    "guide_not_kept": ("UNH", 2),
    "message_trailer_missing": ("UNT", None),
    "message_count": ("UNT", 1),
    "message_reference": ("UNT", 2),
}
_IDENTIFIERS: dict[Guide, tuple[str, str]] = {  # syntax 1 to 3: 0052 and 0054, 0057
    "": ("D.3", ""),
    "eancom97": ("2.2", "EAN002"),
    "eancom2002": ("D.3", "EAN004"),
}
_PARTY_SIZES = {3: (35, 4, 14), 4: (35, 4, 35, 35)}  # S002, S003
_GROUP_PARTY_SIZES = (35, 4)  # S006, S007
_MESSAGE_ID_SIZES = {3: (6, 3, 3, 2, 6), 4: (6, 3, 3, 3, 6, 6, 6)}  # S009


def write_contrl(
    interchange: Interchange,
    *,
    control: str,
    message_control: str,
    now: datetime,
    receipt_only: bool = False,
    list_all: bool = False,
    guide: Guide = "",
    una: bool = True,
) -> bytes | None:
    """The interchange with the CONTRL that answers `interchange`: sender and receiver swapped, syntax, test
    flag and service characters as received, no acknowledgement asked for. `control` is its 0020,
    `message_control` its 0062. None if `interchange` holds CONTRL messages only. `receipt_only` and
    `list_all` as in `contrl_body`.

    `guide` names the CONTRL of EANCOM (syntax 1 to 3). Where the declared character set lacks characters of
    the values that are repeated, the next larger of UNOA, UNOB and UNOC is used. Raises
    `AcknowledgementImpossible` if a value that must be repeated is missing or not allowed, and
    `edigw.syntax.WriteError` if `control`, `message_control` or the service characters without `una` are
    not allowed.
    """
    body = contrl_body(interchange, receipt_only=receipt_only, list_all=list_all)
    if body is None:
        return None
    version = syntax_version(interchange)
    number, association = ("4.1", "") if version >= 4 else _IDENTIFIERS[guide]
    message = MessageBody("CONTRL", body, number, message_control, association)
    header = interchange.header
    encoding = at(header, 1, 4)
    envelope = EdifactEnvelope(
        sender=PartyId(at(header, 3), at(header, 3, 2)),
        receiver=PartyId(at(header, 2), at(header, 2, 2)),
        sender_routing=at(header, 3, 3),
        receiver_routing=at(header, 2, 3),
        control=control,
        prepared=now,
        version=version,
        encoding=encoding if version >= 4 and encoding in ENCODINGS else "",  # any other is not what this is written in
        test=interchange.test,
    )
    delimiters = _delimiters(interchange, version)
    for syntax in _character_sets(at(header, 1)):
        try:
            return write_edifact(replace(envelope, syntax=syntax), [message], delimiters, una)
        except WriteError as error:
            if not error.character:
                raise
    raise AcknowledgementImpossible("values that a CONTRL must repeat have characters that can't be written")


def contrl_body(
    interchange: Interchange, *, receipt_only: bool = False, list_all: bool = False
) -> list[Segment] | None:
    """The segments between UNH and UNT that report on `interchange`, UCI first; None if it holds CONTRL
    messages only, which are never answered. Other messages beside a CONTRL are reported as if it were not
    there.

    `receipt_only` gives the receipt (UCI 8). Else UCI is 4 if the envelope has an error, and 7 if not,
    followed by the rejected messages and groups, or by all of them with `list_all`.

    Raises `AcknowledgementImpossible` if a reference or party that has to be copied is missing or not
    allowed.
    """
    if interchange.standard != "edifact":
        raise ValueError("a CONTRL answers an EDIFACT interchange")
    if interchange.messages and all(m.type == "CONTRL" for m in interchange.messages):
        return None
    return _Report(syntax_version(interchange), list_all).body(interchange, receipt_only)


class _Report:
    """Writes the levels of one report, top down."""

    def __init__(self, version: int, list_all: bool) -> None:
        self._version = version
        self._form = 4 if version >= 4 else 3  # syntax 1 to 3 share CONTRL D.3
        self._list_all = list_all

    def body(self, interchange: Interchange, receipt_only: bool) -> list[Segment]:
        def uci(action: str, *error: Any) -> Segment:
            header = interchange.header
            sizes = _PARTY_SIZES[self._form]
            return [
                "UCI",
                _copied(header, 5, "0020 in UNB", (14,)),
                _copied(header, 2, "S002 in UNB", sizes),
                _copied(header, 3, "S003 in UNB", sizes),
                action,
                *error,
            ]

        if receipt_only:
            return [uci(RECEIVED)]
        errors = errors_of(interchange.findings)
        if errors:
            first = min(errors, key=lambda finding: (finding.offset is None, finding.offset or 0))
            return [uci(REJECTED, *self._error(first))]
        below = self._groups(interchange.groups) if interchange.groups else self._messages(interchange.messages)
        return [uci(ACCEPTED), *below]

    def _groups(self, groups: Iterable[Group]) -> list[Segment]:
        report: list[Segment] = []
        for group in groups:
            if group.messages and all(m.type == "CONTRL" for m in group.messages):
                continue
            errors = errors_of(group.findings)
            if errors:
                report.append(self._ucf(group, REJECTED, *self._error(errors[0])))
                continue
            messages = self._messages(group.messages)
            if messages or self._list_all:
                report.append(self._ucf(group, ACCEPTED))
                report += messages
        return report

    def _ucf(self, group: Group, action: str, *error: Any) -> Segment:
        required = 1 if self._form == 3 else 0
        return [
            "UCF",
            _copied(group.header, 5, "0048 in UNG", (14,)),
            _copied(group.header, 2, "S006 in UNG", _GROUP_PARTY_SIZES, required),
            _copied(group.header, 3, "S007 in UNG", _GROUP_PARTY_SIZES, required),
            action,
            *error,
        ]

    def _messages(self, messages: Iterable[Message]) -> list[Segment]:
        report: list[Segment] = []
        for message in messages:
            if message.type == "CONTRL":
                continue
            errors = errors_of(message.findings)
            if errors:
                report += self._rejected(message, errors)
            elif self._list_all:
                report.append(self._ucm(message, ACCEPTED))
        return report

    def _rejected(self, message: Message, errors: list[Finding]) -> list[Segment]:
        inner = [f for f in errors if _inside(f)]
        own = [f for f in errors if not _inside(f)]
        segments = self._segments(inner)
        if own:
            return [self._ucm(message, REJECTED, *self._error(own[0])), *segments]
        return [self._ucm(message, REJECTED, *([] if segments else [UNSPECIFIED])), *segments]

    def _ucm(self, message: Message, action: str, *error: Any) -> Segment:
        header = message.segments[0]
        return [
            "UCM",
            _copied(header, 1, "0062 in UNH", (14,)),
            _copied(header, 2, "S009 in UNH", _MESSAGE_ID_SIZES[self._form], required=4),
            action,
            *error,
        ]

    def _segments(self, findings: Iterable[Finding]) -> list[Segment]:
        """UCS and UCD in the order of the message."""
        by_position: dict[int, tuple[list[Segment], list[Segment]]] = defaultdict(lambda: ([], []))
        for finding in findings:
            position = _position(finding)
            if position > _MAX_SEGMENT_POSITION:
                continue
            whole, elements = by_position[position]
            ucd = self._ucd(finding)
            if ucd:
                elements.append(ucd)
            else:
                whole.append(["UCS", str(position), self._segment_code(finding)])
        report: list[Segment] = []
        count = 0
        for position, (whole, elements) in sorted(by_position.items()):
            notes = [[ucs] for ucs in whole]
            if elements:
                notes.append([["UCS", str(position)], *elements[:_MAX_ELEMENTS]])
            for note in islice(notes, max(0, _MAX_SEGMENTS - count)):
                report += note
                count += 1
        return report

    def _segment_code(self, finding: Finding) -> str:
        code = self._code(finding)
        # In UCS, 13 says that a whole segment is missing.
        return UNSPECIFIED if code == "13" and finding.level == "element" else code

    def _ucd(self, finding: Finding) -> Segment | None:
        """The UCD of an element finding; None if the finding is about the segment or its element can't be
        stated."""
        place = self._element(finding.element, finding) if finding.level == "element" else None
        return ["UCD", self._code(finding), place] if place else None

    def _code(self, finding: Finding) -> str:
        return contrl_code(finding.standard_code("edifact", self._version) or UNSPECIFIED, self._version)

    def _error(self, finding: Finding) -> list[Any]:
        """0085, 0013 and S011 as far as they can be stated: the error of UCI, UCF or UCM."""
        tag, element = _PLACES.get(finding.code, ("", None))
        if finding.tag in _SERVICE_SEGMENTS[self._form]:
            element = finding.element or (element if finding.tag == tag else None)
            tag = finding.tag
        if tag not in _SERVICE_SEGMENTS[self._form]:
            return [self._code(finding)]
        place = self._element(element, finding)
        return [self._code(finding), tag, *([place] if place else [])]

    def _element(self, element: int | None, finding: Finding) -> Any:
        """S011: 0098 counts the tag as 1, 0104 counts from 1, 0136 (syntax 4) is the repetition, which excludes 0104
        (dependency note D4). None: not statable."""
        component = finding.component or 0
        if element is None or element < 1 or max(element + 1, component) > _MAX_ELEMENT_POSITION:
            return None
        repetition = finding.repetition or 0
        if self._form == 3 or component or repetition > _MAX_REPETITION:
            repetition = 0
        return joined([str(element + 1), str(component or ""), str(repetition or "")])


def _character_sets(identifier: str) -> list[str]:
    """The syntax identifiers (0001) to try, the subject's own first if it is known."""
    own = [identifier.upper()] if declared(identifier) else []
    return list(dict.fromkeys([*own, "UNOA", "UNOB", "UNOC"]))


def _delimiters(interchange: Interchange, version: int) -> Delimiters:
    """The service characters of the subject, which its sender can read, or the defaults if they can't be
    written."""
    own = interchange.delimiters
    if version < 4:
        own = replace(own, repetition="")
    if own.decimal not in (".", ","):
        own = replace(own, decimal=".")
    try:
        check_edifact_delimiters(own, version, una=True)
    except WriteError:
        return edifact_delimiters(version)
    return own


def _inside(finding: Finding) -> bool:
    """Whether the finding is about a segment between UNH and UNT."""
    return finding.level in {"segment", "element"} and finding.segment is not None and finding.tag not in {"UNH", "UNT"}


def _position(finding: Finding) -> int:
    """0096. Findings give the position where an absence showed; CONTRL wants the last segment before the
    gap."""
    position = finding.segment or 1
    return max(1, position - 1) if finding.absence else position


def _copied(segment: Segment, index: int, name: str, sizes: tuple[int, ...], required: int = 1) -> Any:
    """An element of the subject for the report: as it was sent, trailing separators cut.

    Raises `AcknowledgementImpossible` unless its first `required` components are there and none is longer
    or more than `sizes` allow.
    """
    values = components(segment[index]) if index < len(segment) else []
    if len(values) < required or not all(value.strip() for value in values[:required]):
        raise AcknowledgementImpossible(f"{name} is missing, and a CONTRL must repeat it")
    if len(values) > len(sizes):
        raise AcknowledgementImpossible(f"{name} has {len(values)} components, a CONTRL can repeat {len(sizes)}")
    for value, size in zip(values, sizes, strict=False):
        if len(value) > size:
            raise AcknowledgementImpossible(f"{name} holds {value!r}, longer than {size}: a CONTRL can't repeat it")
    return joined(values)
