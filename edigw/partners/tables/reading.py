"""`[reading]` and `[tolerances]`: how files of the partner are read."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from edigw.partners.tables.base import Positive, Table

Codec: TypeAlias = Annotated[str, Meta(min_length=1, max_length=40)]  # a character set as Python names it, "cp1252"
Tolerance: TypeAlias = Literal["note", "reject", "ignore"]


class Reading(Table, frozen=True):
    """`[reading]`: how files of the partner are read, and the bounds of one file."""

    # For text that does not fit the declared character set; its use is noted. Without one such a message is rejected.
    fallback_charset: Codec | None = None
    x12_charset: Codec = "ascii"  # X12 declares no character set
    # What is accepted or rejected together. "message": good messages go on, whatever is wrong with others.
    accept: Literal["message", "interchange", "file"] = "message"
    archives: bool = True  # whether zip and gzip files are unpacked, and what is in them is read
    repetition: bool = True  # whether the repetition separator counts where the syntax version has one
    max_interchanges: Positive = 500_000
    max_messages: Positive = 1_000_000  # and groups, objects and binary segments, all together
    max_segments: Positive = 200_000  # in a message
    max_segment_length: Positive = 131_072  # bytes
    max_elements: Positive = 1_000  # in a segment
    max_binary_length: Positive = 33_554_432  # octets of counted binary data (BIN, BDS, UNO)
    codes: bool = True  # whether values are checked against code lists


class Tolerances(Table, frozen=True):
    """`[tolerances]`: deviations from the standards that are read all the same. "note" keeps a trace of it, "ignore"
    says nothing, "reject" makes it an error of what deviates: of the message where the deviation is in one, else of the
    interchange. By the names of `edigw.syntax.findings.RULES`, which has the codes of the acknowledgements."""

    # before and between segments
    byte_order_mark: Tolerance = "note"  # before the header
    foreign_header: Tolerance = "reject"  # lines of something else before the header
    stray_terminator: Tolerance = "note"  # a segment terminator before the header
    line_breaks: Tolerance = "note"  # behind segments
    blanks: Tolerance = "note"  # between segments
    wrapped_lines: Tolerance = "note"  # line breaks within segments
    empty_segments: Tolerance = "note"  # a terminator without a segment
    unterminated: Tolerance = "note"  # no terminator at the end of the file
    # headers and trailers
    line_break_terminator: Tolerance = "note"  # CR or LF as segment terminator
    isa_unpadded: Tolerance = "reject"  # ISA without its fixed widths
    isa_terminator_blanks: Tolerance = "note"  # blanks before the terminator of ISA
    isa11_letter: Tolerance = "note"  # U where a repetition separator should be
    una_blanks: Tolerance = "note"  # blanks or a line break behind UNA
    una_short: Tolerance = "note"  # UNA of five characters
    una_contradicted: Tolerance = "note"  # UNB uses other separators than UNA gives
    una_repetition: Tolerance = "note"  # UNA and the syntax version disagree on the repetition separator
    separators_without_una: Tolerance = "note"  # unusual service characters without UNA
    header_date: Tolerance = "note"  # six digits in syntax 4, eight before
    leading_zeros: Tolerance = "note"  # references that differ in leading zeros or blanks
    # within messages
    needless_release: Tolerance = "note"  # a release character before an ordinary one
    trailing_separators: Tolerance = "note"  # empty elements or components at the end
    explicit_nesting: Tolerance = "note"  # numbers behind a tag, LIN:1:2
    repertoire: Tolerance = "note"  # lower case under UNOA, other printable characters
    fallback_charset: Tolerance = "note"  # text in the character set of reading.fallback_charset
    repetition_as_data: Tolerance = "note"  # the repetition separator in free text
    blank_numbers: Tolerance = "note"  # blanks instead of or around a number
    thousands_separators: Tolerance = "note"  # 1,234.50
    s_version: Tolerance = "note"  # version S for a D directory
    association_mismatch: Tolerance = "note"  # EAN010 in a D.96A message
