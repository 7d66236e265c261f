"""How tolerant a reader is, and the bounds within which it works on hostile input."""

from __future__ import annotations

import codecs
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What an agreement says about reading, and the bounds of a file. The defaults suit an unknown sender.

    Whatever is outside of the bounds is a finding, never an exception. Raises ValueError for a bound below 1 and
    LookupError for a character set that Python does not have.
    """

    fallback_charset: str | None = None
    """Python codec for text that does not fit the declared character set; each use of it is noted."""
    x12_charset: str = "ascii"
    """Python codec of X12 text: X12 declares no character set, the agreement does. It must contain ASCII."""
    strict_repertoire: bool = False
    """Whether printable ASCII outside of the declared level (lower case under UNOA) is an error; else it is noted."""
    repetition: bool = True
    """Whether the repetition separator is honoured where the syntax version has one."""
    unpadded_isa: bool = True
    """Whether an ISA whose elements are not padded to their fixed widths is read (and noted)."""
    foreign_header: bool = False
    """Whether lines of something else may stand before the first interchange; they are skipped and noted."""
    max_interchanges: int = 10_000
    """Interchanges in a file."""
    max_messages: int = 100_000
    """Messages, groups and segments outside of messages, all together, in a file."""
    max_segments: int = 200_000
    """Segments in a message."""
    max_segment_length: int = 131_072
    """Bytes in a segment, counted binary data (BIN, BDS, UNO) not included."""
    max_elements: int = 1_000
    """Elements in a segment."""

    def __post_init__(self) -> None:
        for name in ("max_interchanges", "max_messages", "max_segments", "max_segment_length", "max_elements"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        for codec in (self.fallback_charset, self.x12_charset):
            if codec is not None:
                codecs.lookup(codec)
