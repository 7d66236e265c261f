"""Segments to bytes: service characters released, text encoded, and a clear refusal of what can't be expressed.

EDIFACT releases service characters in data (ISO 9735-1 clause 6); the decimal mark is none of them. X12 before 007040
(segment ISX) has no release character: data that holds a delimiter needs other delimiters or data, see `conflicts`.

An interchange is written as one text in which characters that are no data stand for the separators: then what must be
released can be, all at once. What can't be written so is written segment by segment, which names the place of an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from edigw.syntax.charset import Charset
from edigw.syntax.model import Delimiters, Repeated, Segment

_TAG = re.compile(r"[A-Z0-9]{2,3}")
_BINARY = ("BIN", "BDS")
_CONTROLS = frozenset(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
_ELEMENT, _COMPONENT, _TERMINATOR = "\1\2\3"  # control characters that are in no character set of EDI
_EMPTY_END = (_COMPONENT + _ELEMENT, _COMPONENT + _TERMINATOR, _ELEMENT + _TERMINATOR)
_empty_components = re.compile(f"{_COMPONENT}+(?=[{_ELEMENT}{_TERMINATOR}])")
_empty_elements = re.compile(f"{_ELEMENT}+(?={_TERMINATOR})")


class WriteError(ValueError):
    """Data that the target can't express, and where it stands. `segment`, `element`, `component` and `repetition`
    count from 1, `segment` from the first one of the body; they are None where they don't apply."""

    def __init__(
        self,
        text: str,
        *,
        segment: int | None = None,
        tag: str = "",
        element: int | None = None,
        component: int | None = None,
        repetition: int | None = None,
        character: str = "",
    ) -> None:
        super().__init__(text)
        self.segment = segment
        self.tag = tag
        self.element = element
        self.component = component
        self.repetition = repetition
        self.character = character


@lru_cache(maxsize=4096)
def _is_plain_tag(tag: str) -> bool:
    return bool(_TAG.fullmatch(tag)) and tag not in _BINARY


@dataclass(frozen=True, slots=True)
class Conflict:
    """A character in data that can't be written there with the given delimiters."""

    segment: int
    tag: str
    element: int
    component: int | None
    repetition: int | None
    character: str
    value: str

    def __str__(self) -> str:
        return f"{_place(self)}: {self.character!r} in {self.value!r}"


def conflicts(segments: Sequence[Segment], delimiters: Delimiters) -> list[Conflict]:
    """Each delimiter or line break that stands in the data of `segments` and can't be released there, one for each
    value and character. Empty if the segments can be written with `delimiters`."""
    bad = "\r\n" + ("" if delimiters.release else delimiters.all())
    return [
        Conflict(n, segment[0], element, component, repetition, character, value)
        for n, segment in enumerate(segments, 1)
        for element, component, repetition, value in _values(segment)
        for character in dict.fromkeys(value)
        if character in bad and not _is_octets(segment, element)
    ]


def trimmed(segment: Segment) -> Segment:
    """The segment without trailing empty elements and components, which no standard wants on output."""
    elements = [_trimmed_element(element) for element in segment]
    while len(elements) > 1 and elements[-1] == "":
        elements.pop()
    return elements


class Encoder:
    """Writes segments with the delimiters and in the character set of one interchange."""

    def __init__(self, delimiters: Delimiters, charset: Charset) -> None:
        self._delimiters = delimiters
        self._charset = charset
        self._allowed = charset.allowed + delimiters.all().encode("latin-1")
        release = delimiters.release
        self._release = release + r"\g<0>" if release != "\\" else r"\\\g<0>"
        self._service = re.compile(f"[{re.escape(delimiters.all())}]")
        used = {_ELEMENT, _COMPONENT, _TERMINATOR}.intersection(delimiters.all())
        self._in_one_text = not used and not charset.ambiguous

    def segments(self, segments: Sequence[Segment], numbers: Sequence[int], end: str = "") -> bytes:
        """Segments without trailing empty elements and components, `end` behind each. Raises WriteError with their
        `numbers`."""
        octets = self._at_once(segments, end)
        if octets is not None:
            return octets
        written = [self.segment(trimmed(one), number) for one, number in zip(segments, numbers, strict=True)]
        return b"".join([octets + end.encode("ascii") for octets in written])

    def _at_once(self, segments: Sequence[Segment], end: str) -> bytes | None:
        """The octets of segments that hold nothing but texts and components; None if there is anything else, or
        anything that can't be written."""
        text = _joined(segments) if self._in_one_text else None
        if text is None or "\n" in text or "\r" in text:
            return None
        if any(empty in text for empty in _EMPTY_END):
            text = _empty_elements.sub("", _empty_components.sub("", text))
        delimiters = self._delimiters
        for character in delimiters.release + delimiters.all().replace(delimiters.release, ""):
            if character in text:
                if not delimiters.release:
                    return None
                text = text.replace(character, delimiters.release + character)
        text = text.replace(_ELEMENT, delimiters.element).replace(_COMPONENT, delimiters.component)
        try:
            octets = text.replace(_TERMINATOR, delimiters.terminator + end).encode(self._charset.codec)
        except UnicodeEncodeError:
            return None
        return None if octets.translate(None, self._allowed + end.encode("ascii")) else octets

    def segment(self, segment: Segment, number: int) -> bytes:
        """One segment with its terminator. Raises WriteError, which names the place; `number` is the segment's."""
        if not segment or not isinstance(segment[0], str) or not _TAG.fullmatch(segment[0]):
            raise WriteError(f"segment {number} has no proper tag: {segment[:1]!r}", segment=number)
        if segment[0] in _BINARY:
            return self._binary(segment, number)
        try:
            text = self._delimiters.element.join(map(self._element, segment))
        except _Unwritable as unwritable:
            raise self._refusal(segment, number, str(unwritable)) from None
        if "\n" in text or "\r" in text:
            raise self._refusal(segment, number, "line breaks can't be data")
        return self._encoded(text + self._delimiters.terminator, segment, number)

    def _element(self, element: Any) -> str:
        if isinstance(element, str):
            return self._value(element)
        if isinstance(element, list):
            return self._delimiters.component.join(map(self._value, element))
        if isinstance(element, Repeated):
            if not self._delimiters.repetition:
                raise _Unwritable("repeated elements need a repetition separator")
            return self._delimiters.repetition.join(map(self._element, element))
        raise _Unwritable(f"{element!r} is no text")

    def _value(self, value: Any) -> str:
        if not isinstance(value, str):
            raise _Unwritable(f"{value!r} is no text")
        if value.isalnum() or not self._service.search(value):
            return value
        if not self._delimiters.release:
            raise _Unwritable("there is no release character")
        return self._service.sub(self._release, value)

    def _encoded(self, text: str, segment: Segment, number: int) -> bytes:
        try:
            octets = text.encode(self._charset.codec)
        except UnicodeEncodeError:
            raise self._refusal(segment, number, f"the character is not in {self._charset.name}") from None
        if self._has_foreign(text, octets):
            raise self._refusal(segment, number, f"the character is not in {self._charset.name}")
        return octets

    def _binary(self, segment: Segment, number: int) -> bytes:
        """BIN, BDS: the last element is octets, one a character, and the one before it their number."""
        *head, octets = segment
        if len(head) < 2 or not isinstance(octets, str) or head[-1] != str(len(octets)):
            raise WriteError(
                f"segment {number} ({segment[0]}): the length before the octets is not their number",
                segment=number,
                tag=segment[0],
            )
        element = self._delimiters.element
        text = element.join(map(self._element, head)) + element
        try:
            data = octets.encode("latin-1")
        except UnicodeEncodeError:
            raise self._refusal(segment, number, "the characters are no octets") from None
        return self._encoded(text, segment, number) + data + self._delimiters.terminator.encode("latin-1")

    def _refusal(self, segment: Segment, number: int, reason: str) -> WriteError:
        """The error for the first value that can't be written."""
        for element, component, repetition, value in _values(segment):
            character = self._first_bad(value)
            if character is not None:
                place = Conflict(number, segment[0], element, component, repetition, character, str(value))
                return WriteError(
                    f"{_place(place)}: {character!r} can't be written ({reason})"
                    if character
                    else f"{_place(place)}: {reason}",
                    segment=number,
                    tag=segment[0],
                    element=element,
                    component=component,
                    repetition=repetition,
                    character=character,
                )
        return WriteError(f"segment {number} ({segment[0]}): {reason}", segment=number, tag=segment[0])

    def _first_bad(self, value: Any) -> str | None:
        """The first character that can't be written; "" if the value is no text; None if it can be written."""
        if not isinstance(value, str):
            return ""
        unreleased = "" if self._delimiters.release else self._delimiters.all()
        for character in value:
            if character in "\r\n" or character in unreleased:
                return character
            try:
                octets = character.encode(self._charset.codec)
            except UnicodeEncodeError:
                return character
            if self._has_foreign(character, octets):
                return character
        return None

    def _has_foreign(self, text: str, octets: bytes) -> bool:
        """Whether a text has characters that are not allowed, although its codec has them, in `octets`."""
        if not self._charset.ambiguous:
            return bool(octets.translate(None, self._allowed))
        return any(map(_CONTROLS.__contains__, text.translate(dict.fromkeys(map(ord, self._delimiters.all())))))


def _joined(segments: Sequence[Segment]) -> str | None:
    """The text of segments, with control characters for separators; None if it could be read as anything else."""
    composites: list[Any] = []
    try:
        tags = set(map(itemgetter(0), segments))
        try:
            text = _TERMINATOR.join([*map(_ELEMENT.join, segments), ""])
        except TypeError:  # there are composites; few messages of X12 have any
            elements: list[Any] = []
            for segment in segments:
                elements += segment
                elements.append(_TERMINATOR)
            composites = [element for element in elements if type(element) is not str]
            text = _ELEMENT.join([e if type(e) is str else _COMPONENT.join(e) for e in (*elements, "")])
            text = text.replace(f"{_ELEMENT}{_TERMINATOR}{_ELEMENT}", _TERMINATOR)
    except (IndexError, TypeError):
        return None
    sound = (
        all(map(_is_plain_tag, tags))
        and all(type(composite) is list for composite in composites)
        and text.count(_TERMINATOR) == len(segments)
        and text.count(_ELEMENT) == sum(map(len, segments)) - len(segments)
        and text.count(_COMPONENT) == sum(map(len, composites)) - len(composites)
    )
    return text if sound else None


class _Unwritable(Exception):
    """An element that can't be written, and why; its place is found afterwards."""


def _values(segment: Segment) -> Iterator[tuple[int, int | None, int | None, Any]]:
    """Element, component, repetition and value of everything behind the tag."""
    for number, element in enumerate(segment[1:], 1):
        repeated = isinstance(element, Repeated)
        for repetition, part in enumerate(element if repeated else (element,), 1):
            parts = part if isinstance(part, list) else [part]
            for component, value in enumerate(parts, 1):
                yield number, component if isinstance(part, list) else None, repetition if repeated else None, value


def _is_octets(segment: Segment, element: int) -> bool:
    return segment[0] in _BINARY and element == len(segment) - 1


def _place(place: Conflict) -> str:
    parts = [f"segment {place.segment} ({place.tag})", f"element {place.element}"]
    if place.repetition is not None:
        parts.append(f"repetition {place.repetition}")
    if place.component is not None:
        parts.append(f"component {place.component}")
    return ", ".join(parts)


def _trimmed_element(element: Any) -> Any:
    if isinstance(element, Repeated):
        parts = [_trimmed_element(part) for part in element]
        while parts and parts[-1] == "":
            parts.pop()
        return Repeated(parts) if len(parts) > 1 else parts[0] if parts else ""
    if isinstance(element, list):
        length = len(element)
        while length and element[length - 1] == "":
            length -= 1
        return element[:length] if length > 1 else element[0] if length else ""
    return element
