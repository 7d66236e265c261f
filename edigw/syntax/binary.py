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


def counted_segment(data: Buffer, start: int, delimiters: Delimiters, longest: int) -> tuple[str, bytes, int]:
    """A BIN or BDS segment that starts at byte `start`: the text before its octets ("BIN*25*"), the octets, and the
    byte behind its terminator. Raises BinaryLengthError, also if there are more than `longest` octets."""
    element, terminator = delimiters.element.encode("latin-1"), delimiters.terminator.encode("latin-1")
    before = bytes(data[start : start + _LONGEST_PREFIX]).split(element, 3)
    before = before[: 3 if before[0] == b"BDS" else 2]  # BDS has a filter before the length
    prefix = element.join((*before, b""))
    digits = before[-1]
    complete = bytes(data[start : start + len(prefix)]) == prefix and terminator not in prefix
    if before[0] not in (b"BIN", b"BDS") or not complete or not digits.isdigit() or len(digits) > _DIGITS:
        raise BinaryLengthError(f"the binary segment at byte {start} has no length", start)
    first, length = start + len(prefix), int(digits)
    octets = _counted(data, first, length, longest)
    end = first + length
    if bytes(data[end : end + 1]) != terminator:
        raise BinaryLengthError(
            f"the binary segment at byte {start} says it holds {length} bytes, but no terminator follows them", end
        )
    return prefix.decode("latin-1"), octets, end + 1


def counted_object(data: Buffer, header: str, start: int, delimiters: Delimiters, longest: int) -> tuple[bytes, int]:
    """The octets of an object that start at byte `start`, behind the UNO `header` (raw text), and the byte at which its
    UNP starts. Raises BinaryLengthError, also if there are more than `longest` octets."""
    elements = header.split(delimiters.element)
    length = elements[4].split(delimiters.component)[0] if len(elements) > 4 else ""
    if not re.fullmatch(f"[0-9]{{1,{_DIGITS}}}", length):
        raise BinaryLengthError(f"the object header before byte {start} has no length (S022, 0810)", start)
    octets = _counted(data, start, int(length), longest)
    behind = start + int(length)
    trailer = re.match(rb"[\r\n ]{0,8}(?=UNP)", bytes(data[behind : behind + 16]))
    if trailer is None:
        raise BinaryLengthError(
            f"the object at byte {start} says it holds {length} bytes, but no object trailer (UNP) follows them", behind
        )
    return octets, behind + trailer.end()


def _counted(data: Buffer, start: int, length: int, longest: int) -> bytes:
    if length > longest:
        raise BinaryLengthError(f"{length} bytes of binary data at byte {start}; at most {longest} are read", start)
    octets = bytes(data[start : start + length])
    if len(octets) < length:
        text = f"the binary data at byte {start} should have {length} bytes; the file ends after {len(octets)}"
        raise BinaryLengthError(text, start + len(octets))
    return octets
