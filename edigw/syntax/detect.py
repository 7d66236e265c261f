"""Finding the next interchange by its content, at a segment boundary and nowhere else.

"ISA", "UNA" and "UNB" also occur in data, so a file is never searched for them: a header stands where the file
starts or where the interchange before ended, blanks aside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from edigw.syntax.binary import Buffer
from edigw.syntax.segments import BLANKS

Kind: TypeAlias = Literal["edifact", "x12", "other", "end"]

_WINDOW = 4_096
_SEARCHED = 65_536
_BLANKS = BLANKS.encode()
_MARKS = {b"\xef\xbb\xbf": "", b"\xfe\xff": "utf-16-be", b"\xff\xfe": "utf-16-le"}
_HEADER = re.compile(rb"(?s:UNA(?!.{6}\s*UIB))|UNB(?![A-Za-z0-9])|ISA(?![A-Za-z0-9])")
_STRAY_TERMINATOR = re.compile(rb"[^\w\s\x00][\s\x00]*(?=UNA|UNB(?![A-Za-z0-9])|ISA(?![A-Za-z0-9]))")
_HEADER_LINE = re.compile(rb"[\r\n](UNA|UNB(?![A-Za-z0-9])|ISA(?![A-Za-z0-9]))")
# A header as it stands behind a segment: what ends that one, blanks, then as much of the header as makes it certain.
_ISA = rb"ISA(.)[^\r\n]{2}\2.{10}\2.{2}\2.{10}\2.{2}\2.{15}\2.{2}\2.{15}\2.{6}\2.{4}\2.\2[0-9]{5}\2"
_UNB = rb"UNB[^\w\s][A-Z]{4}[^\w\s][0-9]"
_END = rb"[\r\n\x15\x1c-\x1e!-+/:-@\[-`{-~][\s\x00]{0,16}"
_NEXT = re.compile(rb"(?s:%b(UNA.{6}\s{0,16}%b|%b|%b))" % (_END, _UNB, _UNB, _ISA))
_LONGEST_HEADER = 256
_TAGS = ("UNA", "UNB", "ISA")
_WIDE_TAGS = {codec: tuple(tag.encode(codec) for tag in _TAGS) for codec in ("utf-16-be", "utf-16-le")}
_MOST_MARKS = 8  # byte-order marks before a header; what has more of them is no text
_UNSUPPORTED = (
    (re.compile(rb"STX[=*+]"), "TRADACOMS"),
    (re.compile(rb"(?s:UNA.{6}\s*)?UIB[^A-Za-z0-9]"), "interactive EDIFACT (UIB)"),
    (re.compile(rb"IH[^A-Za-z0-9\s]"), "an X12.56 mailbag (IH)"),
    (re.compile(rb"PK\x03\x04"), "a zip archive"),
    (re.compile(rb"\x1f\x8b"), "gzip"),
    (re.compile(rb"BZh"), "bzip2"),
    (re.compile(rb"7z\xbc\xaf"), "a 7-zip archive"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "zstandard"),
    (re.compile(rb"%PDF"), "PDF"),
    (re.compile(rb"<"), "XML or HTML"),
    (re.compile(rb"[{\[]"), "JSON"),
    (re.compile(rb"-----BEGIN "), "an encrypted or signed text (PGP, PEM)"),
    (re.compile(rb"(?i:content-type|mime-version):"), "a MIME message"),
    (re.compile(rb"\xe4\xd5[\xc1\xc2]|\xc9\xe2\xc1"), "EBCDIC"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at byte `start`. `encoding` is set if the text is UTF-16; `repairs` says what was skipped before: the
    rule's code, what to tell, and the byte."""

    kind: Kind
    start: int
    name: str = ""  # of the format, if it is recognised but not supported
    encoding: str = ""
    repairs: tuple[tuple[str, str, int], ...] = ()


def locate(data: Buffer, position: int, foreign_header: bool = False) -> Found:
    """What stands at `position`, blanks (space, line breaks, NUL, 0x1A) and a byte-order mark skipped.

    A single stray terminator before a header is skipped, too. With `foreign_header`, so are lines of something else
    in the first 4 KB before a line that starts with UNA, UNB or ISA."""
    window, encoding = b"", ""
    repairs: list[tuple[str, str, int]] = []
    while not encoding and len(repairs) < _MOST_MARKS:
        window = bytes(data[position : position + _WINDOW])
        encoding = _wide(window)
        mark = next((m for m in _MARKS if window.startswith(m)), b"")
        skipped = len(mark) or (0 if encoding else _blanks(window))
        if mark:
            repairs.append(("byte_order_mark", "a byte-order mark was skipped", position))
            encoding = _MARKS[mark]
        if not window:
            return Found("end", position)
        position += skipped
        window = window[skipped:]
        if window and not skipped:
            break
    if encoding:
        first = window.decode(encoding, "ignore")[:4].encode("ascii", "replace")
        return Found(_kind(first), position, encoding=encoding, repairs=tuple(repairs))
    if stray := _STRAY_TERMINATOR.match(window):
        text = f"a stray {stray[0][:1].decode('latin-1')!r} at byte {position} before the header was skipped"
        repairs.append(("stray_terminator", text, position))
        position, window = position + stray.end(), window[stray.end() :]
    kind = _kind(window)
    if kind == "other" and foreign_header and (line := _HEADER_LINE.search(window)):
        text = f"{line.start(1)} bytes before the header were skipped"
        repairs.append(("foreign_header", text, position))
        return Found(_kind(line[1]), position + line.start(1), repairs=tuple(repairs))
    name = next((name for pattern, name in _UNSUPPORTED if pattern.match(window)), "") if kind == "other" else ""
    return Found(kind, position, name=name, repairs=tuple(repairs))


def next_header(data: Buffer, position: int) -> int:
    """Where behind `position` the header of another interchange stands at what looks like the end of a segment; the
    length of `data` if none does. For data that can't be cut into segments: a header counts only if it is plausible as
    a whole, with all separators of ISA at their places, or S001 behind UNB."""
    while True:
        window = bytes(data[position : position + _SEARCHED])
        if found := _NEXT.search(window):
            return position + found.start(1)
        if len(window) < _SEARCHED:
            return position + len(window)
        position += _SEARCHED - _LONGEST_HEADER


def _blanks(window: bytes) -> int:
    """How many bytes of blanks stand at the start. In UTF-16 the zero before a header's first letter is part of it: an
    odd number of blank bytes tells."""
    length = len(window) - len(window.lstrip(_BLANKS))
    return length - 1 if length % 2 and _wide(window[length - 1 :]) == "utf-16-be" else length


def _kind(window: bytes) -> Kind:
    if not _HEADER.match(window):
        return "other"
    return "x12" if window.startswith(b"ISA") else "edifact"


def _wide(window: bytes) -> str:
    """The UTF-16 codec, without a byte-order mark, in which a header stands at the start of `window`; "" if none."""
    return next((codec for codec, tags in _WIDE_TAGS.items() if window.startswith(tags)), "")
