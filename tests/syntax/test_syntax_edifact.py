"""Reading EDIFACT: service characters, syntax versions, groups, and the deviations that are read all the same."""

from __future__ import annotations

import pytest
from syntax_samples import BODY, EDIFACT, ORDER, UNB, codes, errors, notes, read, read_file, segments

from edigw.syntax import PartyId, Repeated, unrepeated, write


def test_the_envelope_is_read() -> None:
    """Sender, receiver, references, dates, flags and the message's type and version come from UNB and UNH."""
    found = read(EDIFACT.replace("+REF1'UNH", "+REF1++ORDERS++1++1'UNH"))
    assert (found.standard, found.syntax, found.charset) == ("edifact", "UNOC:3", "iso8859-1")
    assert found.sender == PartyId("5412345000013", "14")
    assert found.receiver == PartyId("8798765000012", "14")
    assert (found.control, found.date, found.time) == ("REF1", "250115", "1031")
    assert (found.test, found.ack_requested, found.una) == (True, "1", False)
    [message] = found.messages
    assert (message.type, message.version, message.association, message.agency) == ("ORDERS", "D.96A", "EAN008", "UN")
    assert message.control == "1"
    assert not found.findings and message.valid


def test_elements_keep_their_shape() -> None:
    """One component is text, several are a list; trailing empty elements and components stay."""
    found = read(UNB + "UNH+1+ORDERS:D:96A:UN'FTX+AAI+++a::+'UNS'PIA+:x:'UNT+5+1'UNZ+1+REF1'")
    assert found.messages[0].segments[1:4] == [
        ["FTX", "AAI", "", "", ["a", "", ""], ""],
        ["UNS"],
        ["PIA", ["", "x", ""]],
    ]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("a?+b", "a+b"),
        ("a?:b", "a:b"),
        ("it?'s", "it's"),
        ("why??", "why?"),
        ("??'", None),
        ("???'", "?'"),
        ("1?.5", "1.5"),
    ],
)
def test_a_released_character_is_data(sent: str, meant: str | None) -> None:
    """The release character makes data of the next one, itself included; `??'` is a question mark and the end."""
    body = f"FTX+{sent}'" if meant is not None else "FTX+??'"
    found = read(f"{UNB}UNH+1+ORDERS:D:96A:UN'{body}UNT+3+1'UNZ+1+REF1'")
    assert found.messages[0].segments[1] == ["FTX", meant if meant is not None else "?"]
    assert not errors(found)


def test_a_needless_release_is_noted() -> None:
    """A release character before an ordinary one is read, and noted with its place."""
    text = EDIFACT.replace("PO1", "P?O1")
    found = read(text)
    assert found.messages[0].segments[1][2] == "PO1"
    assert found.findings[0].offset == text.index("?O")


def test_una_gives_the_service_characters() -> None:
    """All six characters of UNA count, for this interchange only."""
    body = ORDER.replace("+", "|").replace(":", "^").replace("'", "~")
    unb = UNB.replace("+", "|").replace(":", "^").replace("'", "~")
    first = f"UNA^|,\\ ~{unb}{body}UNZ|1|REF1~"
    parsed = read_file(first + EDIFACT)
    assert [i.delimiters.decimal for i in parsed.interchanges] == [",", "."]
    assert parsed.interchanges[0].una and not parsed.interchanges[1].una
    assert parsed.interchanges[0].delimiters.release == "\\"
    assert segments(parsed.interchanges[0]) == segments(parsed.interchanges[1])


def test_blanks_and_line_breaks_behind_una_are_noted() -> None:
    """Between UNA and UNB a CRLF or blanks are tolerated."""
    found = read("UNA:+.? '\r\n  " + EDIFACT)
    assert not errors(found) and "behind UNA" in notes(found)[0]


def test_a_blank_release_character_is_none() -> None:
    """With a blank release character in UNA a question mark is data."""
    found = read("UNA:+.  '" + EDIFACT.replace("PO1", "P?O1"))
    assert found.messages[0].segments[1][2] == "P?O1"


def test_control_separators_of_level_b() -> None:
    """UNB followed by IS3 uses the information separators, without a release character."""
    text = EDIFACT.replace("UNOC", "UNOB").replace("+", "\x1d").replace(":", "\x1f").replace("'", "\x1c")
    found = read(text.replace("PO1", "PO?1"))
    assert found.messages[0].segments[1] == ["BGM", "220", "PO?1", "9"]
    assert not errors(found)


def test_other_separators_without_una_are_taken_from_unb() -> None:
    """UNB shows its own element and component separators."""
    found = read(EDIFACT.replace("+", "*").replace(":", "/"))
    assert found.messages[0].segments[2] == ["DTM", ["137", "20250115", "102"]]
    assert any("without UNA" in note for note in notes(found))


def test_una_that_contradicts_unb_is_overruled() -> None:
    """If UNB plainly uses other separators than UNA says, the bytes are believed."""
    found = read("UNA:*.? '" + EDIFACT)
    assert found.messages[0].control == "1" and any("UNA gives" in note for note in notes(found))


@pytest.mark.parametrize("advice", ["UNA:+.? ~", "UNA;*.? |", "UNA:+.? \n"])
def test_a_terminator_that_no_segment_has_is_overruled(advice: str) -> None:
    """If segments plainly end with another character than UNA says, the bytes are believed."""
    found = read(advice + EDIFACT)
    assert found.delimiters.terminator == "'" and len(found.messages[0].segments) == 5 and not errors(found)
    assert any("UNA gives" in note for note in notes(found))


@pytest.mark.parametrize("una", ["", "UNA:+.? '", "UNA:+.?*'"])
def test_without_a_syntax_version_the_next_element_is_none(una: str) -> None:
    """S001 of one component: the digit that follows begins the sender."""
    found = read(una + EDIFACT.replace("UNOC:3", "UNOC"))
    assert found.syntax == "UNOC:" and not found.delimiters.repetition and found.control == "REF1"


def test_a_syntax_identifier_of_any_length_shows_the_separator_behind_it() -> None:
    """A letter is never taken for a separator."""
    found = read(EDIFACT.replace("UNOC", "UNOEAN008Y").replace("UNZ", "UNOEA'UNZ"))
    assert codes(found)[0] == "unsupported_syntax" and found.delimiters.component == ":" and len(found.messages) == 1


def test_una_of_letters_is_reported_and_the_rest_is_read_all_the_same() -> None:
    """So that a CONTRL can name UNA as what is wrong."""
    found = read("UNAabcdef" + EDIFACT)
    assert codes(found) == ["bad_una"] and found.control == "REF1" and len(found.messages) == 1


@pytest.mark.parametrize(("indicator", "test"), [("", False), ("0", False), *((n, True) for n in "12345")])
def test_every_test_indicator_is_one(indicator: str, test: bool) -> None:
    """0035 has several kinds of tests; none of them is production."""
    assert read(EDIFACT.replace("+REF1'", f"+REF1++++++{indicator}'", 1)).test is test


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"])
def test_line_breaks_as_terminators(line_break: str) -> None:
    """A file that ends its segments with line breaks only is read."""
    found = read(EDIFACT.replace("'", line_break))
    assert len(found.messages[0].segments) == 5 and not errors(found)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", " ", "\r\n\r\n  "])
def test_line_breaks_and_blanks_between_segments(line_break: str) -> None:
    """Line breaks behind segments change nothing but are noted once."""
    found = read(EDIFACT.replace("'", "'" + line_break))
    assert segments(found) == segments(read(EDIFACT))
    assert len(notes(found)) == 1


@pytest.mark.parametrize("width", [7, 19, 40, 80])
def test_wrapped_lines_are_healed(width: int) -> None:
    """A file broken at a fixed width reads as if it were not, even within tags and behind release characters."""
    text = EDIFACT.replace("PO1", "a?'b??c?+d")
    head, rest = text[:20], text[20:]
    wrapped = head + "\r\n".join(rest[i : i + width] for i in range(0, len(rest), width))
    assert segments(read(wrapped)) == segments(read(text))


def test_a_line_break_between_release_and_released_character() -> None:
    """The released character is the one behind the line break."""
    found = read(EDIFACT.replace("PO1", "it?\r\n's"))
    assert found.messages[0].segments[1][2] == "it's"


def test_a_missing_terminator_at_the_end_is_noted() -> None:
    """The last segment needs no terminator."""
    found = read(EDIFACT[:-1] + "\r\n")
    assert not errors(found) and any("has no terminator" in note for note in notes(found))
    assert found.end == len(EDIFACT) - 1


def test_empty_segments_are_skipped() -> None:
    """Two terminators in a row hold no segment and do not count."""
    found = read(EDIFACT.replace("'DTM", "''DTM"))
    assert not errors(found) and any("without a segment" in note for note in notes(found))


def test_a_stray_terminator_before_una() -> None:
    """One terminator left over from before is skipped and noted."""
    found = read("'\r\nUNA:+.? '" + EDIFACT)
    assert found.start == 3 and not errors(found) and "stray" in notes(found)[0]


def test_syntax_4_has_repetitions() -> None:
    """In syntax 4 "*" repeats elements, of UNA or by default; a released one is data."""
    text = EDIFACT.replace("UNOC:3", "UNOC:4").replace("250115:", "20250115:").replace("PO1", "A*B:1*C?*D")
    for advice in ("", "UNA:+.?*'"):
        found = read(advice + text)
        assert found.messages[0].segments[1][2] == Repeated(("A", ["B", "1"], "C*D"))
        assert not found.findings
    for advice in ("UNA:+.? '",):
        assert read(advice + text).messages[0].segments[1][2] == ["A*B", "1*C*D"]


def test_syntax_3_has_no_repetitions() -> None:
    """A reserved "*" in UNA separates nothing before syntax 4, and that is noted."""
    found = read("UNA:+.?*'" + EDIFACT.replace("PO1", "A*B"))
    assert found.messages[0].segments[1][2] == "A*B"
    assert any("UNA reserves" in note for note in notes(found))


def test_repetition_can_be_switched_off() -> None:
    """An agreement can say that the separator is data."""
    text = EDIFACT.replace("UNOC:3", "UNOC:4").replace("PO1", "A*B")
    assert read(text, repetition=False).messages[0].segments[1][2] == "A*B"


def test_a_repetition_can_be_undone() -> None:
    """Where the dictionary allows no repetition, the element reads as if the separator were data."""
    assert unrepeated(Repeated(("A", "B")), "*") == "A*B"
    assert unrepeated(Repeated((["A", "B"], "", ["C", "D"])), "*") == ["A", "B**C", "D"]


def test_groups() -> None:
    """Messages of UNG..UNE belong to their group, and UNZ counts the groups."""
    ung = "UNG+ORDERS+S:14+R:14+250115:1031+G1+UN+D:96A:EAN008'"
    found = read(f"{UNB}{ung}{ORDER}UNE+1+G1'UNZ+1+REF1'")
    [group] = found.groups
    assert (group.functional_id, group.control, group.version) == ("ORDERS", "G1", "D.96A")
    assert (group.sender, group.receiver) == ("S", "R")
    assert group.messages == found.messages and not errors(found)


def test_one_type_a_group_before_syntax_4() -> None:
    """A second message type in a group is an error up to syntax 3 only."""
    invoic = ORDER.replace("ORDERS", "INVOIC").replace("UNH+1", "UNH+2").replace("+5+1'", "+5+2'")
    text = f"{UNB}UNG+ORDERS+S+R+250115:1031+G1+UN+D:96A'{ORDER}{invoic}UNE+2+G1'UNZ+1+REF1'"
    assert codes(read(text).messages[1]) == ["message_not_in_group"]
    assert not errors(read(text.replace("UNOC:3", "UNOC:4").replace("+250115:", "+20250115:")))


@pytest.mark.parametrize(
    ("change", "element"),
    [
        (("UNOC:3", ""), "S001"),
        (("+5412345000013:14", "+"), "S002"),
        (("250115:1031", ""), "S004"),
        (("+REF1'UNH", "'UNH"), "0020"),
    ],
)
def test_missing_header_elements(change: tuple[str, str], element: str) -> None:
    """Each mandatory element of UNB that is absent is named."""
    found = read("UNA:+.? '" + EDIFACT.replace(*change))
    assert any(f.code == "header_element_missing" and element in f.text for f in found.findings)


def test_unknown_syntax() -> None:
    """An unknown character set or syntax version is an error; the rest is read."""
    assert codes(read(EDIFACT.replace("UNOC:3", "UNOQ:3"))) == ["unsupported_syntax"]
    found = read(EDIFACT.replace("UNOC:3", "UNOC:7"))
    assert codes(found) == ["unsupported_syntax"] and found.messages[0].valid


@pytest.mark.parametrize(("syntax", "date"), [("3", "20250115"), ("4", "250115")])
def test_the_date_of_the_other_version_is_noted(syntax: str, date: str) -> None:
    """Six digits in syntax 4 and eight before are accepted by their length."""
    found = read(EDIFACT.replace("UNOC:3", f"UNOC:{syntax}").replace("+250115:", f"+{date}:"))
    assert found.date == date and not errors(found) and "digits" in notes(found)[0]


def test_unb_without_terminator() -> None:
    """UNB that runs into UNH is rejected with the place; what follows is still told apart."""
    text = EDIFACT.replace("REF1'UNH", "REF1\r\nUNH")
    found = read(text)
    assert codes(found) == ["bad_header"]
    assert found.findings[0].offset == text.index("UNH")
    assert found.control == "REF1" and found.messages[0].valid


def test_unusable_una() -> None:
    """Two equal service characters, or letters, can't be; nothing else is read then."""
    assert codes(read("UNA++.? '" + EDIFACT.replace("+UNOC:3", "+UNOC"))) == ["bad_una"]
    assert "bad_una" in codes(read("UNA:+.Q '" + EDIFACT))


def test_una_without_unb() -> None:
    """UNA alone makes no interchange."""
    assert codes(read("UNA:+.? 'UNH+1+ORDERS:D:96A:UN'")) == ["bad_header"]


@pytest.mark.parametrize("lost", ["+1+ORDERS:D:96A:UN:EAN008", ":D:96A:UN:EAN008", "96A"])
def test_unreadable_message_headers(lost: str) -> None:
    """A message without reference, type or version is reported as such."""
    found = read(EDIFACT.replace(lost, ""))
    assert "message_header_invalid" in codes(found.messages[0])
    assert found.messages[0].version == ""


def test_explicit_nesting_is_left_out() -> None:
    """Nesting numbers behind a tag are not needed and noted."""
    found = read(EDIFACT.replace("LIN+", "LIN:1:2+"))
    assert found.messages[0].segments[3][0] == "LIN" and any("nesting" in note for note in notes(found))


OCTETS = "'UNZ+9+X'\x00\xff?+:UNP"
OBJECT = f"UNO+2+AID:1+OBJ:1+{len(OCTETS)}'{OCTETS}UNP+{len(OCTETS)}+2'"
UNB4 = UNB.replace("UNOC:3", "UNOC:4").replace("+250115:", "+20250115:")


def test_objects_are_kept() -> None:
    """The octets between UNO and UNP may look like anything; they are counted, kept and written back."""
    second = ORDER.replace("UNH+1", "UNH+3").replace("UNT+5+1", "UNT+5+3")
    text = f"{UNB4}{ORDER}{OBJECT}{second}UNZ+3+REF1'"
    found = read(text)
    [package] = found.packages
    assert (package.control, package.octets) == ("2", OCTETS.encode("latin-1"))
    assert package.header == ["UNO", "2", ["AID", "1"], ["OBJ", "1"], str(len(OCTETS))]
    assert text[package.start : package.end] == OBJECT and found.end == len(text)
    assert codes(found) == ["objects_not_supported"] and all(message.valid for message in found.messages)
    assert write(found) == text.encode("latin-1")
    assert not read(text, severities={"objects_not_supported": None}).findings


def test_objects_in_groups_and_behind_line_breaks() -> None:
    """A group counts its objects, too; a line break between octets and trailer is skipped."""
    ung = "UNG+ORDERS+S+R+20250115:1031+G1'"
    text = f"{UNB4}\n{ung}\n{ORDER}{OBJECT.replace('UNPUNP', 'UNP' + chr(10) + 'UNP')}UNE+2+G1'UNZ+1+REF1'"
    found = read(text, severities={"objects_not_supported": None})
    assert not errors(found) and found.packages[0].octets == OCTETS.encode("latin-1")
    assert read(write(found)).packages[0].octets == found.packages[0].octets


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (f"1+{len(OCTETS)}'", "1+7'", "binary_length"),
        (f"1+{len(OCTETS)}'", "1+70000'", "binary_length"),
        (f"1+{len(OCTETS)}'", "1+x'", "binary_length"),
        (f"1+{len(OCTETS)}'", "1'", "binary_length"),
        (f"UNP+{len(OCTETS)}", "UNP+7", "object_trailer"),
        (f"UNP+{len(OCTETS)}+2'", f"UNP+{len(OCTETS)}+8'", "object_trailer"),
    ],
)
def test_objects_whose_length_is_wrong(old: str, new: str, code: str) -> None:
    """The octets must lead to UNP, which repeats their number and the reference."""
    found = read_file(f"{UNB4}{ORDER}{OBJECT.replace(old, new)}UNZ+2+REF1'").interchanges[0]
    assert code in codes(found)


def test_objects_are_bounded() -> None:
    """What is longer than the agreement allows is not read."""
    assert "binary_length" in codes(read_file(f"{UNB4}{OBJECT}UNZ+1+REF1'", max_binary_length=5).interchanges[0])


def test_stray_segments_are_kept() -> None:
    """What stands outside of messages is an error, and written back at its place all the same."""
    ung = "UNG+ORDERS+S+R+250115:1031+G1+UN+D:96A'"
    text = f"{UNB}XXX+1'{ung}YYY+a:b'{ORDER}ZZZ'UNT+9+9'UNE+1+G1'UNE+1'UNZ+1+REF1'"
    found = read(text)
    assert [s[0] for s in found.outside] == ["XXX", "YYY", "ZZZ", "UNT", "UNE"]
    assert [text[o : o + 3] for o in found.outside_offsets] == [s[0] for s in found.outside]
    assert codes(found) == ["stray_segment"] * 4 and write(found) == text.encode()


def test_a_message_is_cut_out_unchanged() -> None:
    """The span of a message is what was received, and each offset is that of a segment."""
    text = f"\xef\xbb\xbfUNA:+.? '\r\n{UNB}\r\n" + ORDER.replace("'", "'\r\n") + "UNZ+1+REF1'"
    data = text.encode("latin-1")
    [message] = read(data).messages
    assert data[message.start : message.end].decode() == ORDER.replace("'", "'\r\n").rstrip()
    assert [data[o : o + 3].decode() for o in message.offsets] == ["UNH", "BGM", "DTM", "LIN", "UNT"]


def test_tags_are_compared_whole() -> None:
    """A segment whose tag only starts like that of an envelope segment is data."""
    found = read(EDIFACT.replace(BODY, BODY + "UNTX+1'").replace("UNT+5", "UNT+6"))
    assert len(found.messages[0].segments) == 6 and not errors(found)
