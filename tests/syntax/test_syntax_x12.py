"""Reading X12: delimiters by position, versions, groups, binary segments, and what is read all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from syntax_samples import GROUP, ISA, PO, X12, codes, errors, notes, read, read_file, segments

from edigw.syntax import Delimiters, MessageBody, PartyId, Repeated, WriteError, X12Envelope, X12Group, write, write_x12


def test_the_envelope_is_read() -> None:
    """ISA and GS give the parties, the numbers, and version and association of the messages."""
    found = read(X12)
    assert found.delimiters == Delimiters(element="*", component=">", terminator="~")
    assert (found.syntax, found.control, found.date, found.time) == ("00401", "000000007", "250115", "1031")
    assert (found.sender, found.receiver) == (PartyId("SENDER", "ZZ"), PartyId("123456789", "01"))
    assert found.header[6] == "SENDER         "
    [group], [message] = found.groups, found.messages
    assert (group.functional_id, group.control, group.version, group.sender) == ("PO", "3", "004010", "SENDER")
    assert (message.type, message.version, message.association, message.agency) == ("850", "004010", "VICS", "X")
    assert group.messages == [message] and not found.findings


def test_the_implementation_reference_is_the_association() -> None:
    """ST03 wins over the suffix of GS08."""
    assert read(X12.replace("ST*850*0001", "ST*850*0001*GUIDE1")).messages[0].association == "GUIDE1"


def test_the_test_and_acknowledgement_flags() -> None:
    """ISA15 = T marks a test, ISA14 asks for a TA1."""
    found = read(X12.replace("*0*P*>", "*1*T*>"))
    assert found.test and found.ack_requested == "1"


@pytest.mark.parametrize("terminator", ["\n", "\r", "\r\n", "\x15", "|", "~\r\n", "'"])
def test_any_terminator(terminator: str) -> None:
    """The byte behind ISA16 ends segments, be it CR or LF; line breaks behind it are no data."""
    found = read(X12.replace("~", terminator))
    assert [s[0] for s in segments(found)] == ["ISA", "GS", "ST", "BEG", "PO1", "SE", "GE", "IEA"]
    assert segments(found)[3] == ["BEG", "00", "SA", "PO1", "", "20250115"]
    assert not errors(found)


def test_the_repetition_separator() -> None:
    """ISA11 separates repetitions from 00402 on."""
    text = X12.replace("*U*00401*", "*^*00501*").replace("*5*EA*", "*5^6>7*EA*")
    assert segments(read(text))[4][2] == Repeated(("5", ["6", "7"]))
    assert segments(read(text.replace("00501", "00401")))[4][2] == ["5^6", "7"]
    assert segments(read(text, repetition=False))[4][2] == ["5^6", "7"]


def test_the_letter_u_in_a_new_version_is_no_separator() -> None:
    """Many senders keep U in ISA11: there is no repetition then, and that is noted."""
    found = read(X12.replace("*00401*", "*00501*").replace("*SA*", "*SUA*"))
    assert found.delimiters.repetition == "" and "ISA11" in notes(found)[0]
    assert segments(found)[3][2] == "SUA"


@pytest.mark.parametrize("bad", ["*0*P**~", "*0*P*A~", "*0*P*>A", "*0*P*>>"])
def test_unusable_delimiters(bad: str) -> None:
    """Delimiters that are equal, letters or digits are refused."""
    assert "bad_delimiters" in codes(read_file(X12.replace("*0*P*>~", bad)).interchanges[0])


@pytest.mark.parametrize("character", ["+", "-", "."])
def test_delimiters_that_occur_in_numbers_are_refused(character: str) -> None:
    """Plus, minus and point are refused but the file is still told apart."""
    found = read(X12.replace("*", character).replace("1.5", "15"))
    assert "bad_delimiters" in codes(found) and len(found.messages) == 1


def test_an_isa_without_padding_is_accepted_only_where_agreed() -> None:
    """An ISA that lost its blanks is split by its separators, and rejected all the same if no agreement allows it."""
    text = (
        X12.replace("*          *", "**").replace("SENDER         ", "SENDER").replace("123456789      ", "123456789")
    )
    found = read(text, severities={"isa_unpadded": "note"})
    assert found.sender == PartyId("SENDER", "ZZ") and not errors(found)
    assert "fixed widths" in notes(found)[0]
    refused = read(text)
    assert codes(refused) == ["isa_unpadded"] and refused.sender == PartyId("SENDER", "ZZ")


def test_blanks_before_the_terminator_of_isa() -> None:
    """The terminator is the first character behind ISA16 that is no blank."""
    found = read(X12.replace("*P*>~", "*P*>  ~"))
    assert found.delimiters.terminator == "~" and not errors(found) and "blanks" in notes(found)[0]


def test_a_wrapped_file_is_read() -> None:
    """Eighty columns a line, ISA included."""
    wrapped = "\r\n".join(X12[i : i + 80] for i in range(0, len(X12), 80))
    found = read(wrapped)
    assert segments(found) == segments(read(X12)) and not errors(found)


def test_isa_cut_short() -> None:
    """A file that ends within ISA holds an interchange that can't be read."""
    assert codes(read(X12[:90])) == ["bad_header"]


def test_ta1_before_the_first_group() -> None:
    """TA1 stands before GS or alone; IEA counts groups only."""
    ta1 = "TA1*000000001*250115*1031*A*000~"
    found = read(f"{ISA}{ta1}{GROUP}IEA*1*000000007~")
    assert found.loose == [["TA1", "000000001", "250115", "1031", "A", "000"]] and not errors(found)
    alone = read(f"{ISA}{ta1}IEA*0*000000007~")
    assert len(alone.loose) == 1 and not alone.findings
    assert codes(read(f"{ISA}{GROUP}{ta1}IEA*1*000000007~")) == ["stray_segment"]


def test_an_interchange_without_groups() -> None:
    """Without a group and without TA1 an interchange is empty."""
    assert codes(read(f"{ISA}IEA*0*000000007~")) == ["interchange_empty"]


def test_several_groups() -> None:
    """Groups of different kinds may share an interchange; equal numbers are fine if the kinds differ."""
    other = GROUP.replace("GS*PO", "GS*IN").replace("ST*850", "ST*810")
    found = read(f"{ISA}{GROUP}{other}IEA*2*000000007~")
    assert [m.type for m in found.messages] == ["850", "810"] and not errors(found)
    twice = read(f"{ISA}{GROUP}{GROUP}IEA*2*000000007~")
    assert [codes(g) for g in twice.groups] == [["group_reference_duplicate"]] * 2


def test_a_transaction_set_outside_of_a_group() -> None:
    """ST without GS is an error of the interchange."""
    found = read(f"{ISA}{PO}IEA*0*000000007~")
    assert codes(found) == ["groups_mixed"] and found.messages[0].version == ""


def test_missing_header_elements() -> None:
    """ISA without sender, GS and ST without their numbers."""
    assert codes(read(X12.replace("SENDER         ", " " * 15))) == ["header_element_missing"]
    assert codes(read(X12.replace("*3*X*", "**X*")).groups[0]) == ["group_header_invalid", "group_reference"]
    assert "message_header_invalid" in codes(read(X12.replace("ST*850*0001", "ST*850")).messages[0])


V7 = X12.replace("*U*00401*", "*^*00704*")


def test_a_release_character_from_007040_on() -> None:
    """ISX, directly behind ISA, makes data of the delimiter that follows its release character."""
    text = V7.replace("GS*PO", "ISX*\\~\r\nGS*PO").replace("*PO1**", "*P\\*O\\~1\\\\**")
    found = read(text)
    assert found.delimiters.release == "\\" and found.outside == [["ISX", "\\"]]
    assert found.messages[0].segments[1][3] == "P*O~1\\" and not errors(found)
    assert write(found) == text.replace("\r\n", "").encode()
    assert text[found.outside_offsets[0] :].startswith("ISX")


def test_isx_keeps_its_other_elements() -> None:
    """What else stands in ISX is kept; without a release character nothing is released."""
    text = V7.replace("GS*PO", "ISX**05~GS*PO")
    found = read(text)
    assert found.delimiters.release == "" and found.outside == [["ISX", "", "05"]] and write(found) == text.encode()


@pytest.mark.parametrize("isx", ["ISX**~", "ISX*A~", "ISX*^~"])
def test_an_unusable_isx(isx: str) -> None:
    """Before 007040 there is no ISX, and not every character can release others."""
    text = V7.replace("GS*PO", f"{isx}GS*PO")
    assert codes(read(text.replace("*00704*", "*00501*"))) == ["unsupported_syntax"]
    assert codes(read(text)) == ([] if isx == "ISX**~" else ["unsupported_syntax"])


def test_what_is_released_is_written_released() -> None:
    """From 007040 on an interchange can be written with a release character, before it can't."""
    chosen = Delimiters("*", ">", "~", "^", "\\")
    groups = [
        X12Group("PO", "SENDER", "RECEIVER", "1", "007040", [MessageBody("850", [["BEG", "00", "SA", "a*b~c\\"]])])
    ]
    envelope = X12Envelope(
        PartyId("SENDER", "ZZ"), PartyId("RECEIVER", "ZZ"), "1", datetime(2025, 1, 15, 10, 31), version="00704"
    )
    found = read(write_x12(envelope, groups, chosen))
    assert found.messages[0].segments[1] == ["BEG", "00", "SA", "a*b~c\\"] and found.delimiters == chosen
    with pytest.raises(WriteError):
        write_x12(replace(envelope, version="00501"), groups, chosen)


@pytest.mark.parametrize("octets", [b"\x00\xff~*>\r\n IEA*1*x~", b"", b"plain", b"SE*1*1~" * 5_000])
@pytest.mark.parametrize("prefix", [b"BIN*%d*", b"BDS*ASC*%d*"])
def test_binary_octets_are_counted(octets: bytes, prefix: bytes) -> None:
    """The octets of BIN and BDS are no delimiters, no text and no line breaks."""
    binary = prefix % len(octets) + octets + b"~"
    data = X12.encode().replace(b"PO1*1", binary + b"PO1*1").replace(b"SE*4", b"SE*5")
    found = read(data)
    assert not errors(found)
    assert found.messages[0].segments[2][-1].encode("latin-1") == octets
    message = found.messages[0]
    assert data[message.start : message.end].endswith(b"SE*5*0001~")
    assert data[message.offsets[3] :].startswith(b"PO1*1*")


@pytest.mark.parametrize("length", [b"3", b"500", b"x", b""])
def test_a_wrong_length_of_binary_data(length: bytes) -> None:
    """If no terminator follows the counted octets, nothing behind them can be believed."""
    data = X12.encode().replace(b"PO1*1", b"BIN*" + length + b"*12345~PO1*1")
    [found] = read_file(data).interchanges
    assert codes(found) == ["binary_length", "interchange_trailer_missing"]
    assert codes(found.messages[0]) == ["message_trailer_missing"]


def test_segments_keep_their_place_in_the_file() -> None:
    """Offsets are bytes of the file although line breaks are dropped."""
    data = ("\r\n" + X12.replace("~", "~\r\n")).encode()
    [message] = read(data).messages
    assert [data[o : o + 4] for o in message.offsets] == [b"ST*8", b"BEG*", b"PO1*", b"SE*4"]
    assert data[message.start : message.end] == PO.replace("~", "~\r\n").rstrip().encode()
