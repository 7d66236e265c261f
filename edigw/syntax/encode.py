"""Segments to bytes: service characters released, text encoded, and a clear refusal of what can't be expressed.

EDIFACT releases service characters in data (ISO 9735-1 clause 6); the decimal mark is none of them. X12 before 007040
(segment ISX) has no release character: data that holds a delimiter needs other delimiters or data, see `conflicts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from edigw.syntax.charset import Charset
from edigw.syntax.model import Delimiters, Repeated, Segment

_TAG = re.compile(r"[A-Z0-9]{2,3}")
_BINARY = ("BIN", "BDS")


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
        self._codec = charset.codec
        self._terminator = delimiters.terminator
        self._join = delimiters.element.join
        self._compose = delimiters.component.join
        special = delimiters.all().encode("latin-1") + b"\r\n"
        self._data = b"" if charset.ambiguous else charset.allowed.translate(None, special)

    def trimmed(self, segment: Segment, number: int) -> bytes:
        """As `segment`, without trailing empty elements and components."""
        octets = self._plain(segment)
        return self.segment(trimmed(segment), number) if octets is None else octets

    def _plain(self, segment: Segment) -> bytes | None:
        """The octets of a segment that needs no care, as nearly all: nothing to trim, to release or to refuse. Behind
        its data, exactly its own delimiters are left. None for any other segment."""
        delimiters = len(segment)
        try:
            if not segment[-1] or not _is_plain_tag(segment[0]):
                return None
            texts = segment
            composites = [element for element in segment if type(element) is not str]
            if composites:
                for element in composites:
                    if type(element) is not list or not element[-1]:
                        return None
                    delimiters += len(element) - 1
                compose = self._compose
                texts = [element if type(element) is str else compose(element) for element in segment]
            octets = (self._join(texts) + self._terminator).encode(self._codec)
        except (UnicodeEncodeError, TypeError, IndexError):
            return None
        return octets if len(octets.translate(None, self._data)) == delimiters else None

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
        if not self._charset.ambiguous and octets.translate(None, self._allowed):
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
            if not self._charset.ambiguous and octets.translate(None, self._allowed):
                return character
        return None


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
