"""Our segments, messages and interchanges as objects of pydifact, and back, for programs that already use it.

pydifact is imported when a function is called. It knows no repetition separator, no functional groups and no X12:
repeated elements become the text that they were on the wire, UNG and UNE become ordinary segments.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from edigw.syntax.charset import declared
from edigw.syntax.compose import edifact_delimiters
from edigw.syntax.edifact import syntax_version
from edigw.syntax.model import EDIFACT_DEFAULT, Delimiters, Interchange, Message, Repeated, Segment
from edigw.syntax.outgoing import MessageBody
from edigw.syntax.rewrite import body_segments
from edigw.syntax.scan import parse
from edigw.syntax.values import unrepeated

if TYPE_CHECKING:
    import pydifact.segmentcollection
    import pydifact.segments
    from pydifact.control.characters import Characters


def to_pydifact_segment(segment: Segment, repetition: str = "*") -> pydifact.segments.Segment:
    """One segment. pydifact raises ValueError for a tag that is not three letters or digits."""
    from pydifact.segments import Segment as PydifactSegment

    return PydifactSegment(segment[0], *(_plain(element, repetition) for element in segment[1:]))


def from_pydifact_segment(segment: pydifact.segments.Segment) -> Segment:
    """One segment; elements of one component become text, as they do when a file is read."""
    return [segment.tag, *(_element(element) for element in segment.elements)]


def to_pydifact_message(
    message: Message, delimiters: Delimiters = EDIFACT_DEFAULT
) -> pydifact.segmentcollection.Message:
    """A message with the segments between UNH and UNT; further elements of UNH are kept. Raises ValueError for X12."""
    from pydifact.segmentcollection import Message as PydifactMessage

    _only_edifact(message.standard)
    header, repetition = message.segments[0], delimiters.repetition
    identifier = _plain(header[2], repetition) if len(header) > 2 else ""
    converted = PydifactMessage(
        message.control,
        [identifier] if isinstance(identifier, str) else identifier,
        extra_header_elements=[_plain(element, repetition) for element in header[3:]],
        characters=to_characters(delimiters),
    )
    for segment in message.segments[1:]:
        converted.add_segment(to_pydifact_segment(segment, repetition))
    return converted


def from_pydifact_message(message: pydifact.segmentcollection.Message) -> MessageBody:
    """A message to be written by `write_edifact`."""
    kind, number, release, agency, association = [*message.identifier, "", "", "", "", ""][:5]
    return MessageBody(
        type=kind,
        segments=[from_pydifact_segment(segment) for segment in message.segments],
        version=f"{number}.{release}",
        control=message.reference_number,
        association=association,
        agency=agency,
    )


def to_pydifact(interchange: Interchange) -> pydifact.segmentcollection.Interchange:
    """An interchange with all its segments between UNB and UNZ. Raises ValueError for X12, and for a UNB that lacks a
    mandatory element or whose date or syntax version pydifact can't hold."""
    from pydifact.segmentcollection import Interchange as PydifactInterchange

    _only_edifact(interchange.standard)
    header = [_plain(element, interchange.delimiters.repetition) for element in interchange.header]
    year = "%Y" if len(interchange.date) == 8 else "%y"
    if len(header) < 6:
        raise ValueError("UNB has no sender, recipient, date or reference")
    converted = PydifactInterchange(
        sender=header[2],
        recipient=header[3],
        control_reference=header[5],
        syntax_identifier=(interchange.syntax.partition(":")[0], syntax_version(interchange)),
        timestamp=datetime.strptime(interchange.date + interchange.time, f"{year}%m%d%H%M").replace(tzinfo=UTC),
        extra_header_elements=header[6:],
        characters=to_characters(interchange.delimiters),
    )
    converted.has_una_segment = interchange.una
    for segment in body_segments(interchange)[:-1]:
        converted.add_segment(to_pydifact_segment(segment, interchange.delimiters.repetition))
    return converted


def from_pydifact(interchange: pydifact.segmentcollection.Interchange) -> Interchange:
    """An interchange as if it had been received: pydifact writes it, and we read that. Raises ValueError if its text is
    not in the character set that it declares."""
    charset = declared(interchange.syntax_identifier[0])
    if charset is None:
        raise ValueError(f"the syntax identifier {interchange.syntax_identifier[0]} is not known")
    return parse(interchange.serialize().encode(charset.codec)).interchanges[0]


def to_characters(delimiters: Delimiters) -> Characters:
    """The service characters as pydifact's `Characters`."""
    from pydifact.control.characters import Characters

    return Characters(  # type: ignore[no-untyped-call]
        component_separator=delimiters.component,
        data_separator=delimiters.element,
        decimal_point=delimiters.decimal,
        escape_character=delimiters.release or " ",
        reserved=delimiters.repetition or " ",
        segment_terminator=delimiters.terminator,
    )


def from_characters(characters: Characters, version: int = 3) -> Delimiters:
    """pydifact's `Characters` as service characters of a syntax version."""
    reserved = characters.reserved_character.strip()
    return Delimiters(
        element=characters.data_separator,
        component=characters.component_separator,
        terminator=characters.segment_terminator,
        repetition=reserved if edifact_delimiters(version).repetition else "",
        release=characters.escape_character.strip(),
        decimal=characters.decimal_point,
    )


def _plain(element: Any, repetition: str) -> str | list[str]:
    if isinstance(element, Repeated):
        return unrepeated(element, repetition)
    return element if isinstance(element, str) else list(element)


def _element(element: Any) -> str | list[str]:
    if element is None:
        return ""
    if isinstance(element, str):
        return element
    parts = ["" if part is None else part for part in element]
    return parts if len(parts) > 1 else "".join(parts)


def _only_edifact(standard: str) -> None:
    if standard != "edifact":
        raise ValueError("pydifact holds EDIFACT only, this is X12")
