"""How tolerant a reader is, and the bounds within which it works on hostile input."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field

from edigw.syntax.findings import Severities, Severity, check_severities, severity_of

BOUNDS = (
    "max_interchanges",
    "max_messages",
    "max_segments",
    "max_segment_length",
    "max_elements",
    "max_binary_length",
)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What an agreement says about reading, and the bounds of a file. The defaults suit an unknown sender.

    Whatever is outside of the bounds is a finding, never an exception. Raises ValueError for a bound below 1 and for a
    rule that does not exist, and LookupError for a character set that Python does not have.
    """

    severities: Severities = field(default_factory=dict)
    """By rule code, where the agreement differs from `RULES`: tolerances, and the counts of envelopes."""
    fallback_charset: str | None = None
    """Python codec for text that does not fit the declared character set; its use is noted."""
    x12_charset: str = "ascii"
    """Python codec of X12 text: X12 declares no character set, the agreement does. It must contain ASCII."""
    repetition: bool = True
    """Whether the repetition separator is honoured where the syntax version has one."""
    max_interchanges: int = 500_000
    """Interchanges in a file."""
    max_messages: int = 1_000_000
    """Messages, groups, objects and counted binary segments, all together, in a file."""
    bytes_per_message: int = 60
    """Bytes that a file must have for each of these, the first thousand aside; an interchange counts as one of them,
    and as three more if it is rejected. The shortest interchanges of use, which accept what was received, have some
    140."""
    max_segments: int = 200_000
    """Segments in a message. In a file there may be one for each eight bytes, the first five hundred aside."""
    max_segment_length: int = 131_072
    """Bytes in a segment, counted binary data (BIN, BDS, UNO) not included."""
    max_elements: int = 1_000
    """Elements in a segment."""
    max_binary_length: int = 33_554_432
    """Octets of counted binary data in one segment or object."""

    def __post_init__(self) -> None:
        check_severities(self.severities)
        for name in (*BOUNDS, "bytes_per_message"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        for codec in (self.fallback_charset, self.x12_charset):
            if codec is not None:
                codecs.lookup(codec)

    def severity(self, code: str) -> Severity | None:
        """The severity of a rule; None if nothing is to be said of it."""
        return severity_of(code, self.severities)

    def tolerates(self, code: str) -> bool:
        """Whether a deviation is read all the same, with a note or without."""
        return self.severity(code) != "error"
