"""Writing: headers, trailers and counts, released characters, refusals that name the place."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from syntax_samples import EDIFACT, GROUP, ISA, ORDER, UNB, X12, errors, read, read_file, segments

from edigw.syntax import (
    EDIFACT_DEFAULT,
    X12_DEFAULT,
    Conflict,
    Delimiters,
    EdifactEnvelope,
    EdifactGroup,
    MessageBody,
    PartyId,
    Repeated,
    Segment,
    WriteError,
    X12Envelope,
    X12Group,
    body,
    conflicts,
    edifact_delimiters,
    trimmed,
    write,
    write_edifact,
    write_x12,
)

WHEN = datetime(2025, 1, 15, 10, 31)
EDI = EdifactEnvelope(PartyId("5412345000013", "14"), PartyId("8798765000012", "14"), "REF1", WHEN)
X = X12Envelope(PartyId("SENDER", "ZZ"), PartyId("123456789", "01"), "7", WHEN)
LINES: list[Segment] = [["BGM", "220", "PO1", "9"], ["LIN", "1", "", ["5412345000013", "EN"]]]
ORDERS = MessageBody("ORDERS", LINES, "D.96A", association="EAN008")


def po(*lines: Segment, version: str = "004010", **fields: str) -> X12Group:
    return X12Group("PO", "SENDER", "RECEIVER", "3", version, [MessageBody("850", list(lines), **fields)])


def test_an_edifact_interchange() -> None:
    """Counts and references are computed, UNA stands in front, empty fields at the end are left out."""
    assert write_edifact(EDI, [ORDERS, replace(ORDERS, control="X2")]) == (
        b"UNA:+.? 'UNB+UNOC:3+5412345000013:14+8798765000012:14+250115:1031+REF1'"
        b"UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+PO1+9'LIN+1++5412345000013:EN'UNT+4+1'"
        b"UNH+X2+ORDERS:D:96A:UN:EAN008'BGM+220+PO1+9'LIN+1++5412345000013:EN'UNT+4+X2'UNZ+2+REF1'"
    )


def test_every_field_of_unb() -> None:
    """Each field of the envelope lands in its element."""
    envelope = replace(
        EDI,
        sender_routing="SR",
        receiver_routing="RR",
        password="PW",
        password_qualifier="AA",
        application_reference="ORDERS",
        priority="A",
        ack_request="1",
        agreement="EANCOM",
        test=True,
    )
    found = read(write_edifact(envelope, [ORDERS], una=False))
    assert found.header[2:] == [
        ["5412345000013", "14", "SR"],
        ["8798765000012", "14", "RR"],
        ["250115", "1031"],
        "REF1",
        ["PW", "AA"],
        "ORDERS",
        "A",
        "1",
        "EANCOM",
        "1",
    ]
    assert found.test and found.ack_requested == "1" and not found.una


def test_syntax_4_writes_long_dates_and_repetitions() -> None:
    """Syntax 4 has eight-digit dates and a repetition separator, which UNA shows."""
    data = write_edifact(
        replace(EDI, version=4, syntax="UNOW"), [MessageBody("X", [["IMD", Repeated(("é", "*"))]], "D.01B")]
    )
    assert data.startswith(b"UNA:+.?*'UNB+UNOW:4+") and b"+20250115:1031+" in data
    assert "IMD+é*?*'".encode() in data


def test_groups_are_written() -> None:
    """UNG and UNE enclose messages, UNZ counts the groups."""
    group = EdifactGroup("ORDERS", PartyId("S", "14"), PartyId("R"), "G1", [ORDERS], "D.96A", "EAN008")
    data = write_edifact(EDI, groups=[group, replace(group, control="G2")])
    assert b"UNG+ORDERS+S:14+R+250115:1031+G1+UN+D:96A:EAN008'UNH+1+" in data
    assert data.endswith(b"UNE+1+G2'UNZ+2+REF1'")
    assert not errors(read(data))


def test_only_service_characters_are_released() -> None:
    """The decimal mark is no service character."""
    data = write_edifact(EDI, [MessageBody("ORDERS", [["FTX", "it's 1.5+2,5: ok?"]], "D.96A")])
    assert b"FTX+it?'s 1.5?+2,5?: ok??'" in data


def test_trailing_empties_are_cut() -> None:
    """Empty elements, components and repetitions at the end are not sent."""
    assert trimmed(["A", "", ["x", "", ""], ["", ""], Repeated(("", "")), ""]) == ["A", "", "x"]
    assert trimmed(["A", Repeated((["x", ""], ["", "y"], ""))]) == ["A", Repeated(("x", ["", "y"]))]
    assert trimmed(["UNS", ""]) == ["UNS"]


def test_a_line_for_each_segment() -> None:
    """A line feed behind each segment is optional."""
    assert write_edifact(EDI, [ORDERS], newline=True).count(b"'\n") == 7
    assert write_x12(X, [po(["BEG", "00"])], newline=True).count(b"~\n") == 7


def test_an_x12_interchange() -> None:
    """ISA has 106 bytes, numbers have their zeros, counts are computed."""
    data = write_x12(X, [po(["BEG", "00", "SA", "PO1", "", "20250115", ""], version="004010VICS")])
    assert data == (
        b"ISA*00*          *00*          *ZZ*SENDER         *01*123456789      *250115*1031*U*00401*000000007*0*P*>~"
        b"GS*PO*SENDER*RECEIVER*20250115*1031*3*X*004010VICS~ST*850*0001~BEG*00*SA*PO1**20250115~SE*3*0001~"
        b"GE*1*3~IEA*1*000000007~"
    )
    assert len(data[: data.index(b"GS*")]) == 106


def test_an_x12_interchange_of_version_5() -> None:
    """ISA11 is the repetition separator, ST03 the implementation reference, flags are set."""
    envelope = replace(X, version="00501", usage="T", ack_request=True)
    data = write_x12(envelope, [po(["BEG", Repeated(("a", ["b", "c"]))], version="005010", association="GUIDE")])
    assert b"*^*00501*000000007*1*T*>~" in data and b"ST*850*0001*GUIDE~BEG*a^b>c~" in data


def test_dates_of_old_groups_have_six_digits() -> None:
    """GS04 is YYMMDD before 004010."""
    assert b"GS*PO*SENDER*RECEIVER*250115*1031*3*X*003040~" in write_x12(X, [po(["BEG", "00"], version="003040")])


def test_acknowledgements_before_groups() -> None:
    """TA1 alone makes an interchange without groups."""
    data = write_x12(X, [], loose=[["TA1", "000000001", "250115", "1031", "A", "000"]])
    assert data.endswith(b"TA1*000000001*250115*1031*A*000~IEA*0*000000007~") and not errors(read(data))


def test_binary_octets_are_written_raw() -> None:
    """BIN keeps its octets, and its length must be right."""
    octets = "*~>\r\n\x00\xff"
    data = write_x12(X, [po(["BEG", "00"], ["BIN", str(len(octets)), octets])])
    assert read(data).messages[0].segments[2] == ["BIN", "7", octets]
    with pytest.raises(WriteError, match="length"):
        write_x12(X, [po(["BIN", "3", octets])])


@pytest.mark.parametrize(
    ("segment", "place", "character"),
    [
        (["N1", "BY", "a*b"], (2, 2, None, None), "*"),
        (["N1", ["x", "y>z"]], (2, 1, 2, None), ">"),
        (["N1", Repeated(("x", ["y", "z~"]))], (2, 1, 2, 2), "~"),
        (["N1", "two\nlines"], (2, 1, None, None), "\n"),
        (["N1", "é"], (2, 1, None, None), "é"),
        (["N1", "\x00"], (2, 1, None, None), "\x00"),
    ],
)
def test_x12_names_what_it_can_not_write(segment: Segment, place: tuple[int | None, ...], character: str) -> None:
    """X12 has no release character: the error says where the delimiter stands."""
    with pytest.raises(WriteError) as caught:
        write_x12(replace(X, version="00501"), [po(["BEG", "00"], segment)])
    error = caught.value
    assert (error.segment, error.element, error.component, error.repetition) == place
    assert error.tag == "N1" and error.character == character and repr(character) in str(error)


def test_conflicts_lists_all_of_them() -> None:
    """Callers can see every conflict before they choose other delimiters."""
    lines: list[Segment] = [["N1", "a*b~*"], ["N2", ["x", ">"], Repeated(("ok", "~"))]]
    assert conflicts(lines, X12_DEFAULT) == [
        Conflict(1, "N1", 1, None, None, "*", "a*b~*"),
        Conflict(1, "N1", 1, None, None, "~", "a*b~*"),
        Conflict(2, "N2", 1, 2, None, ">", ">"),
        Conflict(2, "N2", 2, None, 2, "~", "~"),
    ]
    assert conflicts(lines, Delimiters("|", "\\", "\x1e")) == []
    assert conflicts(lines, EDIFACT_DEFAULT) == []
    assert [c.character for c in conflicts([["FTX", "a\nb"]], EDIFACT_DEFAULT)] == ["\n"]


@pytest.mark.parametrize(
    ("syntax", "text"),
    [("UNOA", "lower"), ("UNOB", "a_b"), ("UNOB", "é"), ("UNOC", "€"), ("UNOC", "\x93"), ("UNOD", "é字")],
)
def test_edifact_names_what_the_character_set_lacks(syntax: str, text: str) -> None:
    """The first character that is not in the target's character set is named with its place."""
    with pytest.raises(WriteError, match=f"segment 2 .FTX., element 1.*{syntax}"):
        write_edifact(replace(EDI, syntax=syntax), [MessageBody("ORDERS", [["BGM", "220"], ["FTX", text]], "D.96A")])


def test_control_characters_are_in_no_character_set() -> None:
    """Not even where the codec has them."""
    for syntax in ("UNOX", "UNOY"):
        with pytest.raises(WriteError, match="x1f"):
            write_edifact(replace(EDI, syntax=syntax, version=4), [MessageBody("ORDERS", [["BGM", "a\x1fb"]], "D.96A")])


@pytest.mark.parametrize("element", [None, 5, ("a", "b"), [1, 2]])
def test_only_text_is_written(element: object) -> None:
    """Numbers, None and other things are refused, not guessed."""
    with pytest.raises(WriteError, match="no text"):
        write_edifact(EDI, [MessageBody("ORDERS", [["BGM", element]], "D.96A")])


def test_repetitions_need_a_separator() -> None:
    """Before syntax 4 and in X12 00401 repeated elements can't be written."""
    line: Segment = ["IMD", Repeated(("a", "b"))]
    with pytest.raises(WriteError, match="repetition separator"):
        write_edifact(EDI, [MessageBody("ORDERS", [line], "D.96A")])
    with pytest.raises(WriteError, match="repetition separator"):
        write_x12(X, [po(line)])


@pytest.mark.parametrize("segment", [[], [""], ["lin", "1"], ["LI+N"], [["LIN", "1"]], ["UNT", "1", "1"], ["UNB"]])
def test_tags_are_checked(segment: Segment) -> None:
    """A body holds no envelope segments and only proper tags."""
    with pytest.raises(WriteError):
        write_edifact(EDI, [MessageBody("ORDERS", [segment], "D.96A")])


@pytest.mark.parametrize(
    "change",
    [
        {"control": ""},
        {"control": "X" * 15},
        {"sender": PartyId("X" * 36)},
        {"sender": PartyId("")},
        {"version": 5},
        {"syntax": "UNOQ"},
    ],
)
def test_edifact_fields_are_checked(change: dict[str, object]) -> None:
    """Fields of UNB that are too long, missing or unknown are refused."""
    with pytest.raises(WriteError):
        write_edifact(replace(EDI, **change), [ORDERS])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"control": "ABC"},
        {"control": "1234567890"},
        {"sender": PartyId("X" * 16, "ZZ")},
        {"sender": PartyId("A", "Z")},
        {"version": "4"},
    ],
)
def test_x12_fields_are_checked(change: dict[str, object]) -> None:
    """Fields of ISA that do not fit their widths are refused."""
    with pytest.raises(WriteError):
        write_x12(replace(X, **change), [po(["BEG", "00"])])  # type: ignore[arg-type]


def test_delimiters_are_checked() -> None:
    """Delimiters must be different and no letters; unusual ones need a UNA."""
    with pytest.raises(WriteError):
        write_edifact(EDI, [ORDERS], replace(EDIFACT_DEFAULT, element=":"))
    with pytest.raises(WriteError, match="UNA"):
        write_edifact(EDI, [ORDERS], replace(EDIFACT_DEFAULT, element="|"), una=False)
    with pytest.raises(WriteError):
        write_edifact(EDI, [ORDERS], edifact_delimiters(4))
    with pytest.raises(WriteError):
        write_x12(X, [po(["BEG", "00"])], replace(X12_DEFAULT, element="A"))
    with pytest.raises(WriteError, match="ISA06"):
        write_x12(replace(X, sender=PartyId("A*B", "ZZ")), [po(["BEG", "00"])])


@pytest.mark.parametrize(
    "text",
    [
        EDIFACT,
        "UNA:+.? '" + EDIFACT,
        EDIFACT.replace("PO1", "it?'s ??"),
        EDIFACT.replace("PO1+9", "PO1+9+:+"),
        f"{UNB}UNG+ORDERS+S+R+250115:1031+G1+UN+D:96A'{ORDER}UNE+1+G1'UNZ+1+REF1'",
        X12,
        X12.replace("*U*00401*", "*^*00501*").replace("*5*EA*", "*5^6>7*EA*").replace("1.5~", "1.5**~"),
        f"{ISA}TA1*000000001*250115*1031*A*000~{GROUP}IEA*1*000000007~",
    ],
)
def test_writing_back_what_was_read(text: str) -> None:
    """A sound interchange is written as it came, trailing empties included."""
    assert write(read(text)) == text.encode()


def test_writing_back_puts_trailers_right() -> None:
    """Wrong counts, wrong references and missing trailers are mended, all else stays."""
    faulty = EDIFACT.replace("UNT+5+1'", "UNT+9+7'").replace("UNZ+1+REF1'", "")
    assert write(read(faulty)).decode() == EDIFACT
    assert write(read(X12.replace("SE*4*0001~GE*1*3~IEA*1*000000007~", ""))).decode() == X12


def test_a_segment_called_as_an_object_is_none_in_x12() -> None:
    """UNO heads octets in EDIFACT only."""
    text = X12.replace("SE*4", "UNO*1*2*3*4~SE*5")
    assert write(read(text)) == text.encode()


def test_separators_that_need_a_una_get_one() -> None:
    """An interchange that was read by its own unusual separators is written with a UNA."""
    found = read(EDIFACT.replace("+", "*"))
    assert write(found).startswith(b"UNA:*.? 'UNB*") and segments(read(write(found))) == segments(found)


def test_what_could_not_be_read_can_not_be_written() -> None:
    """An unreadable header is no interchange to be written."""
    with pytest.raises(WriteError):
        write(read_file("ISA*00").interchanges[0])


def test_a_message_moves_to_another_envelope() -> None:
    """The body of a read message is written in a new interchange unchanged."""
    message = read(EDIFACT).messages[0]
    moved = read(write_edifact(EDI, [body(message)]))
    assert moved.messages[0].segments == message.segments
    with_suffix = read(X12).messages[0]
    assert body(with_suffix).association == "" and body(with_suffix).segments == with_suffix.segments[1:-1]
