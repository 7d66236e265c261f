"""What a file is: detection by content, bounds, reading piece by piece."""

from __future__ import annotations

import gzip
import mmap
import re
import time
from pathlib import Path

import pytest
from syntax_samples import EDIFACT, ISA, ORDER, UNB, X12, codes, errors, notes, read, read_file, segments

from edigw.syntax import Finding, InterchangeEnd, InterchangeStart, MessageRead, ReadOptions, parse, scan


@pytest.mark.parametrize(
    "data", [b"", b"\0\0 \r\n\x1a", b"hello", b"UNITED+1'", b"ISABEL", b"BGM+220'", b"\xff\xd8\xff"]
)
def test_no_edi(data: bytes) -> None:
    """A file without an interchange is an error, never a silent success."""
    parsed = parse(data)
    assert codes(parsed) == ["not_edi"] and not parsed.interchanges


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"STX=ANA:1+5000000000000'", "TRADACOMS"),
        (b"UIB+UNOA:1'", "interactive"),
        (b"UNA:+.? 'UIB+UNOA:1'", "interactive"),
        (b"IH*X*1~", "mailbag"),
        (b"PK\x03\x04....", "zip"),
        (gzip.compress(b"ISA", mtime=0), "gzip"),
        (b"<?xml version='1.0'?>", "XML"),
        ("UNB+UNOC:3".encode("cp500"), "EBCDIC"),
        (b"-----BEGIN PGP MESSAGE-----", "PGP"),
    ],
)
def test_known_but_unsupported_formats(data: bytes, name: str) -> None:
    """Formats that partners send by mistake are called by their name."""
    [finding] = parse(data).findings
    assert finding.code == "unsupported_format" and name in finding.text


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\0\0", b" \r\n\t", b"\x1a\n"])
def test_what_may_stand_before_a_header(mark: bytes) -> None:
    """A byte-order mark, NUL, blanks and 0x1A are skipped; the interchange starts at its header."""
    for text in (EDIFACT, X12):
        found = read(mark + text.encode())
        assert found.start == len(mark) and not errors(found)


def test_lines_before_the_header_only_if_agreed() -> None:
    """A foreign header is refused unless the agreement allows it."""
    text = "FROM: ACME\r\nDATE: TODAY UNB+\r\n" + EDIFACT
    assert codes(read_file(text)) == ["not_edi"]
    found = read(text, severities={"foreign_header": "note"})
    assert found.start == text.index("UNB+UNOC") and len(notes(found)) >= 1 and not errors(found)


@pytest.mark.parametrize("end", ["", "'", "~", "\r\n"])
def test_an_unreadable_header_takes_only_its_own_interchange(end: str) -> None:
    """Reading goes on at the next header that is plainly one and stands behind the end of a segment."""
    broken = EDIFACT.replace("UNB+UNOC:3", "UNB++UNOC") + X12[:60] + end
    for good in (EDIFACT, X12, *(["UNA:+.? '\r\n" + EDIFACT] if end else [])):
        parsed = read_file(f"{EDIFACT}{broken}{good}")
        assert [i.accepted for i in parsed.interchanges] == [True, False, True][: 3 if end else 2]
        assert parsed.interchanges[-1].end == len(EDIFACT + broken + good)
        if end:
            assert parsed.interchanges[1].end == len(EDIFACT + broken) and parsed.interchanges[2].messages[0].valid


def test_a_header_within_data_is_none() -> None:
    """Behind an unreadable header only what is plausible as a whole counts: words that look like one do not."""
    text = "UNB++.'FTX+AAI+++ask for the UNB of 'UNA and ISA forms'UNB'ISA'UNZ+1+1'"
    [found] = read_file(text).interchanges
    assert codes(found) == ["bad_header"] and found.end == len(text)


def test_blanks_without_end_are_searched_quickly() -> None:
    """Searching for a header takes linear time on text made to delay it."""
    for piece in (b"\n", b" ", b"'   ", b"ISA*", b"UNA:+.? '", b"'UNB+UNO"):
        data = b"UNB++." + piece * (1_000_000 // len(piece))
        start = time.perf_counter()
        parse(data)
        assert time.perf_counter() - start < 2


def test_too_many_interchanges() -> None:
    """The file is read up to the bound, and says so."""
    parsed = read_file(EDIFACT * 5, max_interchanges=3)
    assert len(parsed.interchanges) == 3 and codes(parsed) == ["file_limit"]
    assert parsed.findings[0].offset == 3 * len(EDIFACT)


@pytest.mark.parametrize("piece", ["UNH'", "UNG'", ORDER, "UNO+1+++0'UNP+0+1'"])
def test_too_many_messages(piece: str) -> None:
    """Messages and groups are bounded in the whole file: it is read up to the bound, and nothing behind it is."""
    parsed = read_file(UNB + piece * 40 + EDIFACT, max_messages=20)
    assert codes(parsed) == ["file_limit"] and "interchange_limit" in codes(parsed.interchanges[0])
    [found] = parsed.interchanges
    assert len(found.messages) + len(found.groups) + len(found.loose) <= 20
    assert not read_file(EDIFACT * 20, max_messages=20).findings
    assert codes(read_file(EDIFACT * 21, max_messages=20)) == ["file_limit"]


def test_short_interchanges_are_bounded_by_the_size_of_the_file_unless_they_are_good() -> None:
    """Thousands of acknowledgements in one file are real, thousands of headers without anything are not."""
    receipt = (
        "UNB+UNOC:3+4299999000016:14+0799999000107:14+250115:1200+1'UNH+1+CONTRL:D:3:UN'UCI+1+42:14+07:14+8'UNT+3+1'"
    )
    assert len(read_file(f"{receipt}UNZ+1+1'" * 3_000).interchanges) == 3_000
    parsed = read_file("UNB+UNOC:3+4299999000016:14+0799999000107:14+250115:1200+1'UNZ+0+1'" * 3_000)
    assert len(parsed.interchanges) < 2_000 and codes(parsed) == ["file_limit"]


def test_floods_of_stray_segments_give_one_finding() -> None:
    """A run of segments outside of messages is one finding, whatever their tags."""
    found = read(EDIFACT.replace("UNZ", "UNT+1'XXX'UNE+1'" * 1_000 + "UNZ"))
    assert codes(found) == ["stray_segment"]


def test_too_many_segments() -> None:
    """A message keeps as many segments as allowed; its trailer is still found and its count right."""
    lines = "LIN+1'" * 1000
    text = f"{UNB}UNH+1+ORDERS:D:96A:UN'{lines}UNT+1002+1'UNZ+1+REF1'"
    [message] = read(text, max_segments=50).messages
    assert codes(message) == ["message_limit"]
    assert len(message.segments) <= 51 and len(message.offsets) == len(message.segments)
    assert text[message.start : message.end].endswith("UNT+1002+1'")
    assert not read(text, max_segments=1002).messages[0].findings


def test_too_many_elements() -> None:
    """A segment keeps as many elements as allowed."""
    [message] = read(EDIFACT.replace("PO1", "A" + "+" * 50), max_elements=20).messages
    assert codes(message) == ["too_many_elements"]
    assert len(message.segments[1]) == 21 and message.findings[0].segment == 2


@pytest.mark.parametrize("length", [3_000, 300_000])
def test_too_long_segments(length: int) -> None:
    """A segment beyond the bound is an error of the interchange, wherever the reader meets it."""
    for text in (EDIFACT, X12):
        found = read_file(text.replace("PO1", "A" * length, 1), max_segment_length=2_000).interchanges[0]
        assert "interchange_limit" in codes(found)
    assert not errors(read(EDIFACT.replace("PO1", "A" * length), max_segment_length=length + 20))


def test_long_segments_across_blocks() -> None:
    """Segments of any length below the bound are read whole, released characters at block ends included."""
    for shift in range(12):
        value = "x" * (8_170 + shift) + "???'?+" * 4_000
        text = f"{UNB}UNH+1+ORDERS:D:96A:UN'FTX+{value}'UNT+3+1'UNZ+1+REF1'"
        assert read(text).messages[0].segments[1] == ["FTX", "x" * (8_170 + shift) + "?'+" * 4_000]


def test_options_are_checked() -> None:
    """Bounds below one and unknown character sets are refused at once."""
    with pytest.raises(ValueError, match="max_segments"):
        ReadOptions(max_segments=0)
    with pytest.raises(LookupError):
        ReadOptions(fallback_charset="klingon")


def many(count: int) -> bytes:
    body = "".join(re.sub(r"(UNH\+|UNT\+5\+)1", rf"\g<1>{n}", ORDER) for n in range(count))
    return f"{UNB}{body}UNZ+{count}+REF1'".encode()


def test_scan_yields_a_message_at_a_time() -> None:
    """Messages come one by one, between start and end of their interchange, and are kept nowhere."""
    data = many(500)
    events = list(scan(data))
    assert isinstance(events[0], InterchangeStart) and isinstance(events[-1], InterchangeEnd)
    messages = [event.message for event in events if isinstance(event, MessageRead)]
    assert len(messages) == 500 and events[-1].interchange.messages == []
    assert messages == parse(data).interchanges[0].messages


def test_scan_stops_reading_when_its_user_stops() -> None:
    """A large file is read only as far as is asked for."""

    class Counting(bytes):
        furthest = 0

        def __getitem__(self, span: slice) -> bytes:  # type: ignore[override]
            Counting.furthest = max(Counting.furthest, span.stop or 0)
            return super().__getitem__(span)

    data = Counting(many(20_000))
    events = scan(data)
    next(events), next(events)
    assert Counting.furthest < 20_000 < len(data)


def test_scan_reads_a_mapped_file(tmp_path: Path) -> None:
    """A memory-mapped file and a memoryview give what bytes give."""
    path = tmp_path / "orders.edi"
    path.write_bytes(many(300))
    expected = parse(path.read_bytes()).interchanges[0].messages
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert [e.message for e in scan(mapped) if isinstance(e, MessageRead)] == expected
    assert [e.message for e in scan(memoryview(many(300))) if isinstance(e, MessageRead)] == expected


def test_findings_of_a_file_are_events() -> None:
    """What is wrong outside of any interchange is yielded where it stands."""
    events = list(scan((EDIFACT + "XYZ+1'" + X12).encode()))
    assert [type(e).__name__ for e in events if isinstance(e, InterchangeStart | Finding)] == [
        "InterchangeStart",
        "Finding",
        "InterchangeStart",
    ]


def test_many_small_interchanges_are_read_in_linear_time() -> None:
    """Two thousand interchanges in a file, each with its own header."""
    parsed = read_file((EDIFACT + ISA + "TA1*000000001*250115*1031*A*000~IEA*0*000000007~") * 1_000)
    assert len(parsed.interchanges) == 2_000 and not parsed.findings
    assert segments(parsed.interchanges[-2]) == segments(parsed.interchanges[0])


def test_many_small_interchanges_in_utf_16_are_read_in_linear_time() -> None:
    """The same in an encoding that has to be decoded first; each place is that of the file."""
    text = EDIFACT.replace("UNOC", "UNOY")
    data = (text * 400).encode("utf-16-be")
    parsed = parse(data)
    assert len(parsed.interchanges) == 400 and not any(errors(i) for i in parsed.interchanges)
    assert [i.start for i in parsed.interchanges] == [n * 2 * len(text) for n in range(400)]


def test_octets_that_are_no_utf_16() -> None:
    """A lone surrogate is an error of the message that holds it, or else of the interchange."""
    text = EDIFACT.replace("UNOC", "UNOY").encode("utf-16-be")
    broken = text.replace("PO1".encode("utf-16-be"), b"\xd8\x00\x00P")
    parsed = parse(text + broken + text)
    assert [codes(i.messages[0]) for i in parsed.interchanges] == [[], ["foreign_character"], []]
    [finding] = parsed.interchanges[1].messages[0].findings
    assert (finding.segment, finding.tag) == (2, "BGM") and not any(i.findings for i in parsed.interchanges)
    outside = text.replace("UNZ+1+REF1".encode("utf-16-be"), "UNZ+1+R".encode("utf-16-be") + b"\xd8\x00")
    assert "invalid_character" in codes(parse(outside).interchanges[0])
