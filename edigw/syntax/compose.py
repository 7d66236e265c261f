"""Writing interchanges: headers and trailers with computed counts and references around message bodies.

ISO 9735-1 clauses 7 and 8, X12.5 section 3, X12.6. Trailing empty elements and components are cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter

from edigw.syntax.charset import by_codec, declared
from edigw.syntax.encode import Encoder, WriteError, trimmed
from edigw.syntax.model import EDIFACT_DEFAULT, X12_DEFAULT, Delimiters, PartyId, Segment
from edigw.syntax.outgoing import EdifactEnvelope, EdifactGroup, MessageBody, X12Envelope, X12Group
from edigw.syntax.x12 import ISA_WIDTHS, RELEASE_SINCE

_EDIFACT_ENVELOPE = frozenset(("UNA", "UNB", "UNZ", "UNG", "UNE", "UNH", "UNT", "UNO", "UNP", "ISA"))
_X12_ENVELOPE = frozenset(("ISA", "IEA", "GS", "GE", "ST", "SE", "UNA", "UNB"))


def write_edifact(
    envelope: EdifactEnvelope,
    messages: Sequence[MessageBody] = (),
    delimiters: Delimiters | None = None,
    una: bool = True,
    newline: bool = False,
    groups: Sequence[EdifactGroup] = (),
) -> bytes:
    """An EDIFACT interchange of `messages`, or of `groups`. Without `delimiters` those of the syntax version are used;
    `newline` puts a line feed behind each segment.

    Raises WriteError if an envelope field does not fit, or if data has characters that the character set lacks."""
    if bool(messages) == bool(groups):
        raise WriteError("an interchange holds either messages or groups, and at least one")
    chosen = delimiters or edifact_delimiters(envelope.version)
    check_edifact_delimiters(chosen, envelope.version, una)
    charset = declared(envelope.syntax, envelope.encoding)
    if charset is None or envelope.version not in (1, 2, 3, 4):
        raise WriteError(f"syntax {envelope.syntax}:{envelope.version} is not supported")
    writer = _Writer(Encoder(chosen, charset), newline)
    header = _unb(envelope)
    writer.add(header)
    for group in groups:
        writer.add(_ung(group, envelope))
        _edifact_messages(writer, group.messages)
        writer.add(["UNE", str(len(group.messages)), group.control])
    _edifact_messages(writer, messages)
    writer.add(["UNZ", str(len(groups) or len(messages)), envelope.control])
    return (service_string(chosen, newline).encode("ascii") if una else b"") + writer.data()


def write_x12(
    envelope: X12Envelope,
    groups: Sequence[X12Group],
    delimiters: Delimiters | None = None,
    newline: bool = False,
    loose: Sequence[Segment] = (),
) -> bytes:
    """An X12 interchange of `groups`; `loose` are TA1 segments, which stand before the first group.

    Raises WriteError if an envelope field does not fit, or if data holds a delimiter: X12 can release it only from
    version 007040 on, if `delimiters` has a release character (which ISX, behind ISA, then states)."""
    chosen = delimiters or x12_delimiters(envelope.version)
    check_x12_delimiters(chosen, envelope.version)
    writer = _Writer(Encoder(chosen, by_codec(envelope.charset)), newline)
    items = _isa(envelope)
    service = [isa(items, chosen)]
    if chosen.release:
        service.append(f"ISX{chosen.element}{chosen.release}{chosen.terminator}".encode("ascii"))
    for segment in loose:
        if segment[:1] not in (["TA1"], ["TA3"]):
            raise WriteError(f"{segment[:1]!r} can't stand before the first group")
        writer.add(segment)
    for group in groups:
        writer.add(_gs(group, envelope))
        for n, message in enumerate(group.messages, 1):
            control = message.control or f"{n:04}"
            header = ["ST", _sized(message.type, 3, 3, "ST01"), _sized(control, 4, 9, "ST02"), message.association]
            writer.add_message(trimmed(header), message.segments, "SE", control, _X12_ENVELOPE)
        writer.add(["GE", str(len(group.messages)), group.control])
    writer.add(["IEA", str(len(groups)), items[13]])
    return b"".join([octets + (b"\n" if newline else b"") for octets in service]) + writer.data()


class _Writer:
    """Collects the segments of an interchange; `numbers` counts those of a message from 1."""

    def __init__(self, encoder: Encoder, newline: bool) -> None:
        self._encoder = encoder
        self._end = "\n" if newline else ""
        self._segments: list[Segment] = []
        self._numbers: list[int] = []

    def add(self, segment: Segment) -> None:
        self._segments.append(segment)
        self._numbers.append(1)

    def add_message(
        self, header: Segment, body: Sequence[Segment], trailer: str, control: str, envelope: frozenset[str]
    ) -> None:
        try:
            free = envelope.isdisjoint(map(itemgetter(0), body))
        except (IndexError, TypeError):  # a segment without a proper tag, which is refused when it is written
            free = True
        if not free:
            number, tag = next((n, segment[0]) for n, segment in enumerate(body, 1) if segment[0] in envelope)
            raise WriteError(f"segment {number}: {tag} can't stand in a message", segment=number, tag=tag)
        self.add(header)
        self._segments += body
        self._numbers += range(1, len(body) + 1)
        self.add([trailer, str(len(body) + 2), control])

    def data(self) -> bytes:
        return self._encoder.segments(self._segments, self._numbers, self._end)


# -- EDIFACT ----------------------------------------------------------------------------------------------------------


def edifact_delimiters(version: int) -> Delimiters:
    """The default delimiters of a syntax version: syntax 4 also has a repetition separator."""
    return replace(EDIFACT_DEFAULT, repetition="*" if version >= 4 else "")


def service_string(delimiters: Delimiters, newline: bool = False) -> str:
    """UNA."""
    d = delimiters
    advice = f"UNA{d.component}{d.element}{d.decimal}{d.release or ' '}{d.repetition or ' '}{d.terminator}"
    return advice + ("\n" if newline else "")


def implied(delimiters: Delimiters, version: int) -> bool:
    """Whether a reader takes these delimiters for granted if there is no UNA."""
    return replace(delimiters, decimal=".") == edifact_delimiters(version)


def check_edifact_delimiters(delimiters: Delimiters, version: int, una: bool) -> None:
    """Raises WriteError if these can't be the service characters of an interchange, or need a UNA."""
    characters = delimiters.all()
    if len(set(characters)) < len(characters) or any(c.isalnum() or c == " " or ord(c) > 0x7E for c in characters):
        raise WriteError(f"{characters!r} can't be service characters")
    if any(c in "\r\n" for c in characters.replace(delimiters.terminator, "")):
        raise WriteError("a line break can only be the segment terminator")
    if delimiters.repetition and version < 4:
        raise WriteError(f"syntax {version} has no repetition separator")
    if not una and not implied(delimiters, version):
        raise WriteError(f"the service characters {characters!r} must be given by UNA")


def _unb(envelope: EdifactEnvelope) -> Segment:
    e = envelope
    date = e.prepared.strftime("%Y%m%d" if e.version >= 4 else "%y%m%d")
    return trimmed(
        [
            "UNB",
            [e.syntax, str(e.version), "", e.encoding],
            _party(e.sender, e.sender_routing, "sender"),
            _party(e.receiver, e.receiver_routing, "receiver"),
            [date, e.prepared.strftime("%H%M")],
            _sized(e.control, 1, 14, "control reference (0020)"),
            [_sized(e.password, 0, 14, "password (0022)"), _sized(e.password_qualifier, 0, 2, "qualifier (0025)")],
            _sized(e.application_reference, 0, 14, "application reference (0026)"),
            _sized(e.priority, 0, 1, "priority (0029)"),
            _sized(e.ack_request, 0, 1, "acknowledgement request (0031)"),
            _sized(e.agreement, 0, 35, "agreement (0032)"),
            "1" if e.test else "",
        ]
    )


def _ung(group: EdifactGroup, envelope: EdifactEnvelope) -> Segment:
    prepared = group.prepared or envelope.prepared
    date = prepared.strftime("%Y%m%d" if envelope.version >= 4 else "%y%m%d")
    return trimmed(
        [
            "UNG",
            _sized(group.type, 1, 6, "group type (0038)"),
            _party(group.sender, "", "group sender"),
            _party(group.receiver, "", "group receiver"),
            [date, prepared.strftime("%H%M")],
            _sized(group.control, 1, 14, "group reference (0048)"),
            group.agency,
            [*_version(group.version), group.association],
            group.password,
        ]
    )


def _edifact_messages(writer: _Writer, messages: Sequence[MessageBody]) -> None:
    for n, message in enumerate(messages, 1):
        control = _sized(message.control or str(n), 1, 14, "message reference (0062)")
        identifier = [message.type, *_version(message.version), message.agency, message.association]
        writer.add_message(trimmed(["UNH", control, identifier]), message.segments, "UNT", control, _EDIFACT_ENVELOPE)


def _version(version: str) -> tuple[str, str]:
    number, _, release = version.partition(".")
    return number, release


def _party(party: PartyId, routing: str, name: str) -> list[str]:
    return [
        _sized(party.id, 1, 35, name),
        _sized(party.qualifier, 0, 4, f"qualifier of the {name}"),
        _sized(routing, 0, 35, f"routing address of the {name}"),
    ]


# -- X12 --------------------------------------------------------------------------------------------------------------


def x12_delimiters(version: str) -> Delimiters:
    """Usual delimiters; from version 00402 on there is a repetition separator."""
    return replace(X12_DEFAULT, repetition="^" if version >= "00402" else "")


def check_x12_delimiters(delimiters: Delimiters, version: str = "") -> None:
    """Raises WriteError if these can't be the delimiters of an interchange whose ISA12 is `version`: only from 00704
    on there may be a release character."""
    characters = delimiters.all()
    odd = any(c.isalnum() or c in " .-+" or ord(c) > 0x7E for c in characters)
    bad = odd or len(set(characters)) < len(characters)
    if (
        bad
        or (delimiters.release and version < RELEASE_SINCE)
        or any(c in "\r\n" for c in characters.replace(delimiters.terminator, ""))
    ):
        raise WriteError(f"{characters!r} can't be delimiters")


def isa(items: Sequence[str], delimiters: Delimiters) -> bytes:
    """The 106 bytes of ISA. `items` are its tag and 16 elements; the last one, and ISA11 where a repetition separator
    is in use, follow from `delimiters`. Raises WriteError if an element is too long or no ASCII."""
    fields = [*items[1:11], delimiters.repetition or items[11], *items[12:16], delimiters.component]
    special = set(delimiters.all() + "\r\n")
    for n, (field, width) in enumerate(zip(fields, ISA_WIDTHS, strict=True), 1):
        _sized(field, 0, width, f"ISA{n:02}")
        if n not in (11, 16) and not special.isdisjoint(field):
            raise WriteError(f"ISA{n:02} holds a delimiter: {field!r}", tag="ISA", element=n)
    padded = [field.ljust(width) for field, width in zip(fields, ISA_WIDTHS, strict=True)]
    text = delimiters.element.join(["ISA", *padded]) + delimiters.terminator
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise WriteError(f"ISA holds {text[error.start]!r}", tag="ISA", character=text[error.start]) from None


def _isa(envelope: X12Envelope) -> list[str]:
    e = envelope
    return [
        "ISA",
        *e.authorisation,
        *e.security,
        _sized(e.sender.qualifier, 2, 2, "ISA05"),
        _sized(e.sender.id, 1, 15, "ISA06"),
        _sized(e.receiver.qualifier, 2, 2, "ISA07"),
        _sized(e.receiver.id, 1, 15, "ISA08"),
        e.prepared.strftime("%y%m%d"),
        e.prepared.strftime("%H%M"),
        "U",
        _sized(e.version, 5, 5, "ISA12"),
        _digits(e.control, "ISA13").zfill(9),
        "1" if e.ack_request else "0",
        _sized(e.usage, 1, 1, "ISA15"),
        "",
    ]


def _gs(group: X12Group, envelope: X12Envelope) -> Segment:
    prepared = group.prepared or envelope.prepared
    return [
        "GS",
        _sized(group.functional_id, 2, 2, "GS01"),
        _sized(group.sender, 2, 15, "GS02"),
        _sized(group.receiver, 2, 15, "GS03"),
        prepared.strftime("%y%m%d" if group.version[:6] < "004010" else "%Y%m%d"),
        prepared.strftime("%H%M"),
        _digits(group.control, "GS06"),
        _sized(group.agency, 1, 2, "GS07"),
        _sized(group.version, 6, 12, "GS08"),
    ]


def _digits(text: str, name: str) -> str:
    if not (text.isascii() and text.isdecimal()):
        raise WriteError(f"{name} must be a number, not {text!r}")
    return _sized(text, 1, 9, name)


def _sized(text: str, least: int, most: int, name: str) -> str:
    if not least <= len(text) <= most:
        raise WriteError(f"{name} must have {least} to {most} characters: {text!r}")
    return text
