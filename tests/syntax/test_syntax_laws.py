"""Laws of the syntax layer, tried on generated segments, delimiters and files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from syntax_samples import EDIFACT, GROUP, ISA, X12, errors, read, segments

from edigw.syntax import (
    RULES,
    Delimiters,
    EdifactEnvelope,
    Interchange,
    MessageBody,
    PartyId,
    ReadOptions,
    Repeated,
    Segment,
    WriteError,
    X12Envelope,
    X12Group,
    conflicts,
    parse,
    trimmed,
    write,
    write_edifact,
    write_x12,
)
from edigw.syntax.charset import declared
from edigw.syntax.encode import Encoder

WHEN = datetime(2025, 1, 15, 10, 31)
EDI = EdifactEnvelope(PartyId("A1", "14"), PartyId("B1", "14"), "REF1", WHEN)
X = X12Envelope(PartyId("SENDER", "ZZ"), PartyId("RECEIVER", "ZZ"), "7", WHEN, version="00501")

PUNCTUATION = "!\"#$%&'()*,/:;<=>?@[\\]^_`{|}~"
TAGS = st.sampled_from(["BGM", "LIN", "FTX", "N1", "PO1", "QTY", "A1B"])
EDIFACT_TAGS = TAGS.filter(lambda tag: len(tag) == 3)
LATIN = st.characters(codec="latin-1", exclude_categories=["Cc"])
ANY = st.characters(codec="utf-8", exclude_categories=["Cc"])
GRAPHIC = st.characters(codec="ascii", exclude_categories=["Cc"])


def bodies(
    tags: st.SearchStrategy[str], characters: st.SearchStrategy[str], repeating: bool
) -> st.SearchStrategy[list[Segment]]:
    """Message bodies of any shape that the model has."""
    value = st.text(characters, max_size=8) | st.text(st.sampled_from(PUNCTUATION + "+-. "), max_size=5)
    composite = value | st.lists(value, min_size=2, max_size=4)
    element = composite | st.lists(composite, min_size=2, max_size=3).map(Repeated) if repeating else composite
    return st.lists(st.builds(lambda tag, rest: [tag, *rest], tags, st.lists(element, max_size=5)), max_size=8)


@st.composite
def delimiters(draw: st.DrawFn, release: bool, repetition: bool, marks: str) -> Delimiters:
    """Any delimiters that the standard allows."""
    terminators = marks + "\r\n\x1c\x1d\x1e\x15"
    terminator = draw(st.sampled_from(terminators))
    others = draw(st.permutations(marks.replace(terminator, "")))
    return Delimiters(
        element=others[0],
        component=others[1],
        terminator=terminator,
        repetition=others[2] if repetition else "",
        release=others[3] if release else "",
        decimal=draw(st.sampled_from(".,")),
    )


def without_shape(segment: Segment) -> Segment:
    """As a reader sees a trimmed segment: a list of one component is its text."""
    return trimmed(segment)


@given(bodies(EDIFACT_TAGS, LATIN, False), delimiters(True, False, PUNCTUATION + "+-."), st.booleans())
def test_edifact_syntax_3_reads_what_was_written(body: list[Segment], chosen: Delimiters, newline: bool) -> None:
    """Any text between any service characters comes back, trailing empties apart."""
    found = read(write_edifact(EDI, [MessageBody("ORDERS", body, "D.96A")], chosen, newline=newline))
    assert found.messages[0].segments[1:-1] == [without_shape(segment) for segment in body]
    assert not errors(found) and found.delimiters == chosen


@given(bodies(EDIFACT_TAGS, ANY, True), delimiters(True, True, PUNCTUATION + "+-."))
def test_edifact_syntax_4_reads_what_was_written(body: list[Segment], chosen: Delimiters) -> None:
    """The same with repetitions and UTF-8."""
    envelope = replace(EDI, syntax="UNOW", version=4)
    data = write_edifact(envelope, [MessageBody("ORDERS", body, "D.01B")], chosen)
    found = read(data)
    assert found.messages[0].segments[1:-1] == [without_shape(segment) for segment in body]
    assert not errors(found)
    assert_places(data, found)


@given(bodies(TAGS, GRAPHIC, True), delimiters(False, True, PUNCTUATION))
def test_x12_reads_what_was_written(body: list[Segment], chosen: Delimiters) -> None:
    """X12 without conflicts comes back; with conflicts it is refused, and conflicts() says so beforehand."""
    clean = [[element if not conflicts([["A1", element]], chosen) else "x" for element in segment] for segment in body]
    assert bool(conflicts(body, chosen)) == (clean != body)
    data = write_x12(X, [X12Group("PO", "SENDER", "RECEIVER", "3", "005010", [MessageBody("850", clean)])], chosen)
    found = read(data)
    assert found.messages[0].segments[1:-1] == [without_shape(segment) for segment in clean]
    assert not errors(found) and found.delimiters == replace(chosen, decimal=".")
    assert_places(data, found)


ODD = st.sampled_from("a1\0\1\2\3\n\r\x1d\xa0\xe9\u0141")


@given(
    bodies(TAGS | st.sampled_from(["BIN", "", "abc"]), ODD, True),
    delimiters(True, True, PUNCTUATION) | delimiters(False, False, PUNCTUATION + "\1\2"),
    st.sampled_from(["UNOA", "UNOC", "UNOY", "UNOX"]),
)
def test_segments_are_written_together_as_they_are_one_by_one(
    body: list[Segment], chosen: Delimiters, syntax: str
) -> None:
    """The same octets, or the same refusal with the same place."""
    charset = declared(syntax)
    assert charset is not None
    encoder = Encoder(chosen, charset)

    def octets(write: Callable[[], bytes]) -> bytes | str:
        try:
            return write()
        except WriteError as refusal:
            return str(refusal)

    together = octets(lambda: encoder.segments(body, range(1, len(body) + 1)))
    assert together == octets(lambda: b"".join(encoder.segment(trimmed(one), n) for n, one in enumerate(body, 1)))


def assert_places(data: bytes, found: Interchange) -> None:
    """At each offset stands the tag of its segment; messages follow each other within their interchange."""
    for message in found.messages:
        assert message.start == message.offsets[0] and message.end <= found.end <= len(data)
        assert message.offsets == sorted(message.offsets)
        for segment, offset in zip(message.segments, message.offsets, strict=True):
            assert data[offset:].startswith(segment[0].encode("latin-1"))


SOUND = [
    EDIFACT,
    "UNA:+.? '\r\n" + EDIFACT.replace("PO1", "it?'s ??").replace("'", "'\r\n"),
    EDIFACT.replace("UNOC:3", "UNOC:4").replace("PO1", "A*B:C?*"),
    X12,
    X12.replace("~", "\r\n"),
    X12.replace("*U*00401*", "*^*00501*").replace("*5*EA*", "*5^6>7*EA*"),
    f"{ISA}{GROUP}{GROUP.replace('PO*', 'IN*')}IEA*2*000000007~",
    EDIFACT + X12 + EDIFACT,
    X12.replace("PO1*1", "BIN*9*~*\r\n'+:?~~PO1*1"),
    EDIFACT.replace("UNZ", "UNO+2+A+B+9'UNZ+1+1'?UNP+9+2'UNZ"),
]
TOKENS = [
    "'",
    "~",
    "+",
    "*",
    ":",
    "?",
    "\r\n",
    "UNA",
    "UNB+",
    "UNZ+1'",
    "ISA*",
    "ISA",
    "IEA*1*1~",
    "UNH+2'",
    "ST*1*2~",
    "GS*",
    "BIN*5*",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sound file in which pieces were cut, doubled or exchanged."""
    data = draw(st.sampled_from(SOUND)).encode("latin-1")
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + draw(st.sampled_from([0, 1, 3, 40, 400])))))
        middle = draw(
            st.binary(max_size=6) | st.sampled_from([t.encode() for t in TOKENS]) | st.just(data[start:end] * 2)
        )
        data = data[:start] + middle + data[end:]
    return data


TOLERANCES = [code for code, rule in RULES.items() if rule.kind == "tolerance"]
OPTIONS = st.sampled_from(
    [
        ReadOptions(),
        ReadOptions(fallback_charset="cp1252", severities={"foreign_header": "note"}, repetition=False),
        ReadOptions(x12_charset="utf-8", severities=dict.fromkeys(TOLERANCES, "error")),
        ReadOptions(x12_charset="shift_jis", max_segments=2, max_segment_length=30, max_elements=2, max_messages=2),
    ]
)


@settings(max_examples=400)
@given(mutated() | st.binary(max_size=300) | st.binary(max_size=60).map(lambda b: b"UNB+UNOX:4" + b), OPTIONS)
def test_no_input_raises(data: bytes, options: ReadOptions) -> None:
    """Whatever the bytes: a result, with findings or interchanges, in which all places lie within the file."""
    parsed = parse(data, options)
    assert parsed.interchanges or parsed.findings
    for found in parsed.interchanges:
        assert 0 <= found.start <= found.end <= len(data)
        for message in found.messages:
            assert found.start <= message.start <= message.end <= found.end
            assert len(message.segments) == len(message.offsets) and message.offsets[0] == message.start
    for finding in [*parsed.findings, *(f for i in parsed.interchanges for f in i.findings)]:
        assert finding.offset is None or 0 <= finding.offset <= len(data)


@given(mutated())
def test_offsets_are_those_of_the_tags(data: bytes) -> None:
    """data[offset:] starts with the tag as it was sent, line breaks and release characters left out."""
    for found in parse(data).interchanges:
        if found.charset.startswith("utf-16"):
            continue
        release = found.delimiters.release
        for message in found.messages:
            for segment, offset in zip(message.segments, message.offsets, strict=True):
                text = re.sub(r"[\r\n]", "", data[offset : offset + 200].decode("latin-1"))
                if release:
                    text = re.sub(re.escape(release) + "(.)", r"\1", text, flags=re.DOTALL)
                assert text.startswith(segment[0][:20])


@given(st.sampled_from(SOUND[:8]))
def test_writing_is_the_inverse_of_reading(text: str) -> None:
    """parse, write, parse: the same segments."""
    for found in parse(text.encode("latin-1")).interchanges:
        assert segments(read(write(found))) == segments(found)


@given(bodies(EDIFACT_TAGS, LATIN, True), delimiters(True, True, PUNCTUATION))
def test_writing_back_keeps_every_segment(body: list[Segment], chosen: Delimiters) -> None:
    """Also for generated messages, whatever their delimiters."""
    envelope = replace(EDI, version=4)
    found = read(write_edifact(envelope, [MessageBody("ORDERS", body, "D.01B")], chosen, newline=True))
    assert segments(read(write(found))) == segments(found)
