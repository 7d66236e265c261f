"""Writing a parsed interchange back, with counts and references of its trailers computed anew."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

from edigw.syntax.charset import by_codec
from edigw.syntax.compose import implied, isa, service_string
from edigw.syntax.edifact import syntax_version
from edigw.syntax.encode import Encoder, WriteError
from edigw.syntax.model import Interchange, Message, Package, Segment
from edigw.syntax.values import number, same_reference, value


def write(interchange: Interchange) -> bytes:
    """The interchange as bytes, with its own delimiters and character set, without line breaks between segments.

    Segments are written as they are, trailing empty elements included, so that reading gives the same segments again;
    only wrong or missing counts and references of trailers are put right. A UNA is written if there was one, or if the
    delimiters need one. Raises WriteError if the interchange can't be expressed: its header could not be read, or its
    text is not in its character set."""
    if len(interchange.header) < 2:
        raise WriteError("the header of the interchange could not be read")
    encoder = Encoder(interchange.delimiters, by_codec(interchange.charset))
    unreleased = Encoder(replace(interchange.delimiters, release=""), by_codec(interchange.charset))
    if interchange.standard == "x12":
        parts = [isa([item.rstrip(" ") for item in interchange.header], interchange.delimiters)]
        segments = body_segments(interchange)
    else:
        parts = []
        if interchange.una or not implied(interchange.delimiters, syntax_version(interchange)):
            service = service_string(interchange.delimiters)
            if not service.isascii():
                raise WriteError(f"{service!r} can't be written: service characters are ASCII")
            parts.append(service.encode(interchange.charset))
        segments = [interchange.header, *body_segments(interchange)]
    objects = {id(package.header): package.octets for package in interchange.packages}
    for n, segment in enumerate(segments, 1):
        # ISX gives the release character: there it can't be released itself
        parts.append((unreleased if segment[0] == "ISX" else encoder).segment(segment, n))
        if id(segment) in objects:
            parts.append(objects[id(segment)])
    return b"".join(parts)


def body_segments(interchange: Interchange) -> list[Segment]:
    """Everything between the header of the interchange and its end, in the order of the file. Of objects, header and
    trailer."""
    edifact = interchange.standard == "edifact"
    group_trailer, reference_at, trailer = ("UNE", 5, "UNZ") if edifact else ("GE", 6, "IEA")
    reference = value(interchange.header, 5 if edifact else 13)
    pieces = [(message.start, _message(message)) for message in interchange.messages]
    pieces += [(package.start, _package(package)) for package in interchange.packages]
    pieces += [(start, [segment]) for start, segment in _loose(interchange)]
    objects = sorted(package.start for package in interchange.packages)
    for group in interchange.groups:
        end = max([group.end, *(message.end for message in group.messages)])
        count = len(group.messages) + bisect_left(objects, end) - bisect_left(objects, group.offset)
        pieces.append((group.offset, [group.header]))
        pieces.append((end - 1, [_trailer(group_trailer, count, value(group.header, reference_at), group.trailer)]))
    pieces.sort(key=lambda piece: piece[0])
    outside = len(interchange.messages) + len(interchange.packages)
    count = outside if edifact and not interchange.groups else len(interchange.groups)
    last = _trailer(trailer, count, reference, interchange.trailer)
    return [*(segment for _, segments in pieces for segment in segments), last]


def _loose(interchange: Interchange) -> Iterator[tuple[int, Segment]]:
    """The segments outside of messages, with their places; those that have none stand first."""
    yield from zip_longest(interchange.loose_offsets, interchange.loose, fillvalue=interchange.start)
    yield from zip_longest(interchange.outside_offsets, interchange.outside, fillvalue=interchange.start)


def _package(package: Package) -> list[Segment]:
    trailer = ["UNP", str(len(package.octets)), package.control]
    return [package.header, package.trailer or trailer]


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
