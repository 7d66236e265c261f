"""Every sample file, our own and the public ones: nothing that was read is lost when it is written again, and each
message can be cut out of its file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from syntax_samples import PUBLIC, all_findings, segments

from edigw.syntax import Interchange, Message, Segment, WriteError, parse, write

ROOT = Path(__file__).parents[2]
OWN = [ROOT / "samples", ROOT / "tests" / "deviations" / "cases"]
SOURCES = [*OWN, pytest.param(PUBLIC, marks=pytest.mark.skipif(not PUBLIC.is_dir(), reason="not here"))]
# What keeps an interchange from being written in its own delimiters and character set.
UNWRITABLE = {
    "invalid_character",
    "foreign_character",
    "header_element_missing",
    "bad_una",
    "bad_header",
    "bad_delimiters",
    "unsupported_syntax",
    "binary_length",
    "stray_segment",  # of which the tag may be none
    "segment_unknown",
}


def interchanges(source: Path) -> Iterator[tuple[Path, bytes, Interchange]]:
    """Each interchange of each file whose header can be read."""
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.stat().st_size < 2_000_000:
            data = path.read_bytes()
            for found in parse(data).interchanges:
                if len(found.header) > 1:
                    yield path, data, found


def content(found: Interchange) -> list[Segment]:
    """All segments, without the trailers, which writing may put right, and the padding of ISA."""
    trailers = ("UNT", "UNE", "UNZ", "SE", "GE", "IEA")
    kept = [segment for segment in segments(found) if segment[0] not in trailers]
    kept[0] = [element.rstrip() if isinstance(element, str) else element for element in kept[0]]
    return [*kept, *found.outside]


@pytest.mark.parametrize("source", SOURCES)
def test_parse_write_parse_is_the_identity(source: Path) -> None:
    """What is written gives the same segments again, outside of messages, too; only faulty trailers become right."""
    seen: Counter[str] = Counter()
    for path, _, found in interchanges(source):
        codes = {finding.code for finding in all_findings(found) if finding.severity == "error"}
        try:
            written = write(found)
        except WriteError as error:
            assert codes & UNWRITABLE or _odd_tags(found), (path, error, codes)
            seen["refused"] += 1
            continue
        parsed = parse(written)
        assert len(parsed.interchanges) == 1, path
        again = parsed.interchanges[0]
        assert content(again) == content(found), path
        assert [p.octets for p in again.packages] == [p.octets for p in found.packages], path
        if not codes:
            assert segments(again)[1:] == segments(found)[1:], path
            assert not [f for f in all_findings(again) if f.severity == "error"], path
        assert write(again) == written, path
        seen["written"] += 1
    assert seen["written"] > 3 and seen["refused"] <= seen["written"] / 4, seen


def _odd_tags(found: Interchange) -> bool:
    """Tags that no standard has can be read but not written."""
    tags = [segment[0] for segment in segments(found)]
    return not all(tag.isascii() and tag.isalnum() and tag.isupper() and 2 <= len(tag) <= 3 for tag in tags)


@pytest.mark.parametrize("source", SOURCES)
def test_every_message_can_be_cut_out_of_its_file(source: Path) -> None:
    """Its bytes, in the envelope of its interchange, are the same message; together with what lies between they are
    the file."""
    cut = 0
    for path, data, found in interchanges(source):
        places = [m.start for m in found.messages] + [g.offset for g in found.groups]
        places += found.outside_offsets + found.loose_offsets + [p.start for p in found.packages]
        if not found.messages or any(f.code in ("bad_header", "binary_length") for f in found.findings):
            continue
        opening = data[found.start : min(places)]
        for message in found.messages[:20]:
            whole = opening + _group_header(found, message, data) + data[message.start : message.end]
            unterminated = any(f.code == "unterminated" for f in found.findings) and message is found.messages[-1]
            end = found.delimiters.terminator.encode(found.charset) if unterminated else b""
            [alone] = parse(whole + end + _closing(found)).interchanges[0].messages
            assert alone.segments == message.segments, (path, message.control)
            cut += 1
        ends = [m.end for m in found.messages]
        assert ends == sorted(ends) and all(a <= m.start for a, m in zip(ends, found.messages[1:], strict=False))
    assert cut > 3


def _group_header(found: Interchange, message: Message, data: bytes) -> bytes:
    group = next((g for g in found.groups if message in g.messages), None)
    if group is None or found.standard == "edifact":
        return b""
    return data[group.offset : group.messages[0].start]


def _closing(found: Interchange) -> bytes:
    d = found.delimiters
    lines = ["UNZ+1+1'"] if found.standard == "edifact" else ["GE+1+1'", "IEA+1+1'"]
    text = "".join(lines).replace("'", d.terminator).replace("+", d.element)
    return text.encode(found.charset)
