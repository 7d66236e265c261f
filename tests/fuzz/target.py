"""What must hold for any file at all: it is checked, answered, read as an acknowledgement, converted and written back;
nothing raises what is not documented, nothing takes long, and nothing grows beyond what the file gives reason for."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from datetime import datetime

from edigw.acknowledge import (
    AcknowledgementImpossible,
    accepted_messages,
    read_acknowledgement,
    write_contrl,
    write_x12_acks,
)
from edigw.directory import ValidationOptions, check
from edigw.syntax import RULES, Finding, Interchange, Loop, ParsedFile, ReadOptions, Segment, WriteError, write
from edigw.syntax.interop import to_pydifact

NOW = datetime(2026, 8, 30, 14, 5)
_TOLERANCES = [code for code, rule in RULES.items() if rule.kind == "tolerance"]
OPTIONS = (
    ReadOptions(),
    ReadOptions(dict.fromkeys(_TOLERANCES, "note"), fallback_charset="cp1252", x12_charset="latin-1"),
    ReadOptions(dict.fromkeys(_TOLERANCES, "error"), repetition=False, x12_charset="utf-8"),
    ReadOptions(max_interchanges=3, max_messages=4, max_segments=12, max_segment_length=200, max_elements=6),
)
VALIDATION = ValidationOptions(max_findings=200)
LONGEST_TEXT = 500  # characters of a finding
SLOWEST = 1.0  # seconds a megabyte
SMALLEST = 2.0  # seconds that any file may take: as many interchanges as are read, on a busy machine
_COPIES = frozenset({"invalid_code", "too_short"})
_COPIED = frozenset({"UCI", "UCF", "UCM", "UCS", "AK1", "AK2", "AK3", "IK3"})  # may repeat what was wrong


def exercise(data: bytes, read: ReadOptions = OPTIONS[0]) -> None:
    """Raises AssertionError, or whatever it ran into."""
    start, longest = time.perf_counter(), max(SMALLEST, SLOWEST * len(data) / 1e6)
    parsed = check(data, VALIDATION, read)
    if time.perf_counter() - start > longest:  # by a clock that is quick to read, but also counts other programs
        start = time.process_time()
        check(data, VALIDATION, read)
        taken = time.process_time() - start
        assert taken <= longest, f"{taken:.2f} s for {len(data)} bytes"
    _sound(parsed, data, read)
    for interchange in parsed.interchanges:
        accepted = accepted_messages(interchange)
        assert all(message.valid for message in accepted)
        read_acknowledgement(interchange)
        _answered(interchange)
        _written_back(interchange)
        if interchange.standard == "edifact":
            _converted(interchange)


def findings_of(parsed: ParsedFile) -> Iterator[Finding]:
    yield from parsed.findings
    for interchange in parsed.interchanges:
        yield from interchange.findings
        for group in interchange.groups:
            yield from group.findings
        for message in interchange.messages:
            yield from message.findings


def _sound(parsed: ParsedFile, data: bytes, read: ReadOptions) -> None:
    """Everything lies within the file and within the bounds, and a tree holds exactly the segments of its message."""
    found = list(findings_of(parsed))
    assert parsed.interchanges or found, "nothing in the file, and nothing said about it"
    for finding in found:
        assert 0 < len(finding.text) <= LONGEST_TEXT, finding
        assert finding.offset is None or 0 <= finding.offset <= len(data), finding
    assert len(parsed.interchanges) <= read.max_interchanges
    end = 0
    for interchange in parsed.interchanges:
        assert end <= interchange.start <= interchange.end <= len(data)
        end = interchange.end
        for message in interchange.messages:
            assert interchange.start <= message.start <= message.end <= interchange.end
            assert len(message.offsets) == len(message.segments) <= read.max_segments + 1
            assert len(message.findings) <= VALIDATION.max_findings + 20 + 2 * len(message.segments)
            if message.tree is not None:
                assert list(leaves(message.tree)) == message.segments


def leaves(loop: Loop) -> Iterator[Segment]:
    """The segments of a tree from left to right."""
    for item in loop:
        if isinstance(item, Loop):
            yield from leaves(item)
        else:
            yield item


def answer(interchange: Interchange) -> bytes | None:
    """The CONTRL, or the TA1 and 997 or 999, that the gateway would send; None if there is none."""
    try:
        if interchange.standard == "edifact":
            return write_contrl(interchange, control="C1", message_control="1", now=NOW)
        return write_x12_acks(interchange, control=1, group_control=1, now=NOW, set_id="999")
    except AcknowledgementImpossible:
        return None


def _answered(interchange: Interchange) -> None:
    """An answer is an interchange without any error but codes that it has to repeat."""
    data = answer(interchange)
    if data is None:
        return
    charset = interchange.charset if interchange.standard == "x12" else "ascii"
    replies = check(data, read=ReadOptions(x12_charset=charset))
    assert not replies.findings and len(replies.interchanges) == 1, data
    wrong = [f for f in findings_of(replies) if f.severity == "error" and f.code != "message_not_supported"]
    assert all(f.code in _COPIES and f.tag in _COPIED for f in wrong), (data, wrong)
    read_acknowledgement(replies.interchanges[0])


def _written_back(interchange: Interchange) -> None:
    try:
        write(interchange)
    except WriteError:
        return


def _converted(interchange: Interchange) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # by which pydifact tells of empty segments
        try:
            to_pydifact(interchange)
        except ValueError:
            return
