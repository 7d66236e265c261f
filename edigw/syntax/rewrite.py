"""Writing a parsed interchange back, with counts and references of its trailers computed anew."""

from __future__ import annotations

from edigw.syntax.charset import by_codec
from edigw.syntax.compose import implied, isa, service_string
from edigw.syntax.edifact import syntax_version
from edigw.syntax.encode import Encoder, WriteError
from edigw.syntax.model import Group, Interchange, Message, Segment
from edigw.syntax.values import number, same_reference, value


def write(interchange: Interchange) -> bytes:
    """The interchange as bytes, with its own delimiters and character set, without line breaks between segments.

    Segments are written as they are, trailing empty elements included, so that reading gives the same segments again;
    only wrong or missing counts and references of trailers are put right. A UNA is written if there was one, or if the
    delimiters need one. Raises WriteError if the interchange can't be expressed: its header could not be read, or it
    holds objects (UNO)."""
    if len(interchange.header) < 2 or any(segment[0] == "UNO" for segment in interchange.loose):
        raise WriteError("the header of the interchange could not be read, or it holds objects (UNO)")
    encoder = Encoder(interchange.delimiters, by_codec(interchange.charset))
    if interchange.standard == "x12":
        parts = [isa(interchange.header, interchange.delimiters)]
        segments = body_segments(interchange)
    else:
        parts = []
        if interchange.una or not implied(interchange.delimiters, syntax_version(interchange)):
            parts.append(service_string(interchange.delimiters).encode(interchange.charset))
        segments = [interchange.header, *body_segments(interchange)]
    parts += [encoder.segment(segment, n) for n, segment in enumerate(segments, 1)]
    return b"".join(parts)


def body_segments(interchange: Interchange) -> list[Segment]:
    """Everything between the header of the interchange and its end."""
    if interchange.standard == "edifact":
        group_trailer, reference_at, trailer = "UNE", 5, "UNZ"
        count = len(interchange.groups) or len(interchange.messages)
        reference = value(interchange.header, 5)
    else:
        group_trailer, reference_at, trailer = "GE", 6, "IEA"
        count, reference = len(interchange.groups), interchange.header[13]
    segments = list(interchange.loose)
    for item in _in_order(interchange):
        if isinstance(item, Message):
            segments += _message(item)
            continue
        segments.append(item.header)
        for message in item.messages:
            segments += _message(message)
        control = value(item.header, reference_at)
        segments.append(_trailer(group_trailer, len(item.messages), control, item.trailer))
    segments.append(_trailer(trailer, count, reference, interchange.trailer))
    return segments


def _in_order(interchange: Interchange) -> list[Group | Message]:
    """Groups, and messages outside of them, in the order of the file."""
    grouped = {id(message) for group in interchange.groups for message in group.messages}
    placed: list[tuple[int, Group | Message]] = [(group.offset, group) for group in interchange.groups]
    placed += [(message.start, message) for message in interchange.messages if id(message) not in grouped]
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


def _message(message: Message) -> list[Segment]:
    tag, element = ("UNT", 1) if message.standard == "edifact" else ("SE", 2)
    segments, reference = message.segments, value(message.segments[0], element)
    if len(segments) > 1 and segments[-1][0] == tag:
        return [*segments[:-1], _trailer(tag, len(segments), reference, segments[-1])]
    return [*segments, _trailer(tag, len(segments) + 1, reference, None)]


def _trailer(tag: str, count: int, reference: str, sent: Segment | None) -> Segment:
    """The trailer as it was sent, as far as it is right."""
    if sent is None:
        return [tag, str(count), reference]
    trailer = [*sent, *[""] * (3 - len(sent))]
    if number(value(sent, 1)) != count:
        trailer[1] = str(count)
    if not same_reference(value(sent, 2), reference):
        trailer[2] = reference
    return trailer
