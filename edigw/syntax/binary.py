"""Counted binary data: X12 BIN and BDS, EDIFACT objects between UNO and UNP (syntax 4, ISO 9735-8).

Its octets are counted, not delimited: whatever they look like, they are neither delimiters, line breaks nor text.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from edigw.syntax.model import Delimiters

_LONGEST_PREFIX = 128
_DIGITS = 15


class Buffer(Protocol):
    """What can be read from: bytes, a memory-mapped file, a memoryview."""

    def __getitem__(self, span: slice, /) -> Any: ...
    def __len__(self) -> int: ...


class BinaryLengthError(ValueError):
    """The length does not lead to the end of the segment; `offset` is the byte at which that shows."""

    def __init__(self, text: str, offset: int) -> None:
        super().__init__(text)
        self.offset = offset


def counted_segment(data: Buffer, start: int, delimiters: Delimiters) -> tuple[str, bytes, int]:
    """A BIN or BDS segment that starts at byte `start`: the text before its octets ("BIN*25*"), the octets, and the
    byte behind its terminator. Raises BinaryLengthError."""
    element, terminator = (re.escape(c.encode("latin-1")) for c in (delimiters.element, delimiters.terminator))
    prefix = bytes(data[start : start + _LONGEST_PREFIX])
    filter_id = b"[^%b%b]*%b" % (element, terminator, element)
    pattern = b"(?:BIN%b|BDS%b%b)([0-9]{1,%d})%b" % (element, element, filter_id, _DIGITS, element)
    match = re.match(pattern, prefix)
    if match is None:
        raise BinaryLengthError(f"the binary segment at byte {start} has no length", start)
    first, length = start + match.end(), int(match[1])
    octets = bytes(data[first : first + length])
    end = first + length
    if len(octets) < length or bytes(data[end : end + 1]) != delimiters.terminator.encode("latin-1"):
        raise BinaryLengthError(
            f"the binary segment at byte {start} says it holds {length} bytes, but no terminator follows them", end
        )
    return match[0].decode("latin-1"), octets, end + 1


def object_end(data: Buffer, header: str, end: int, delimiters: Delimiters) -> int:
    """The byte behind the object whose UNO is `header` (raw text) and ends before byte `end`; UNP must follow there.
    Raises BinaryLengthError."""
    elements = header.split(delimiters.element)
    length = elements[4].split(delimiters.component)[0] if len(elements) > 4 else ""
    if not re.fullmatch(f"[0-9]{{1,{_DIGITS}}}", length):
        raise BinaryLengthError(f"the object header before byte {end} has no length (S022, 0810)", end)
    behind = end + int(length)
    if bytes(data[behind : behind + 3]) != b"UNP":
        raise BinaryLengthError(
            f"the object at byte {end} says it holds {length} bytes, but no object trailer (UNP) follows them", end
        )
    return behind
