"""Character sets: what S001 declares, what is not in it, and texts that must be decoded before they are cut."""

from __future__ import annotations

import pytest
from syntax_samples import EDIFACT, ORDER, UNB, X12, codes, errors, notes, read, read_file, segments

from edigw.syntax import Interchange, write


def order(syntax: str, text: bytes, encoding: str = "") -> bytes:
    """An order of syntax identifier `syntax` whose BGM 1004 is `text`."""
    return EDIFACT.replace("UNOC:3", syntax + encoding).encode().replace(b"PO1", text)


@pytest.mark.parametrize(
    ("syntax", "codec", "text"),
    [
        ("UNOC:3", "latin-1", "Größe é"),
        ("UNOD:3", "iso8859_2", "Łódź"),
        ("UNOE:3", "iso8859_5", "Заказ"),
        ("UNOF:3", "iso8859_7", "Παραγγελία"),
        ("UNOG:4", "iso8859_3", "Ħaż-Żebbuġ"),
        ("UNOH:4", "iso8859_4", "Ķīpsala"),
        ("UNOI:4", "iso8859_6", "طلب"),
        ("UNOJ:4", "iso8859_8", "הזמנה"),
        ("UNOK:4", "iso8859_9", "Sipariş"),
        ("UNOL:4", "iso8859_15", "5 €"),
        ("UNOW:4", "utf-8", "Łódź 注文 €"),
        ("UNOY:4", "utf-8", "注文"),
        ("KECA:3", "cp949", "주문"),
        ("UNOX:4", "iso2022_jp", "注文書"),
    ],
)
def test_the_declared_character_set(syntax: str, codec: str, text: str) -> None:
    """The text is decoded as S001 says, offsets stay bytes, and writing gives the same bytes."""
    data = order(syntax, text.encode(codec)).replace(b"+250115:", b"+20250115:" if ":4" in syntax else b"+250115:")
    found = read(data)
    message = found.messages[0]
    assert message.segments[1][2] == text and not errors(found)
    assert [data[o : o + 3] for o in message.offsets] == [b"UNH", b"BGM", b"DTM", b"LIN", b"UNT"]
    assert data[message.start : message.end].endswith(b"UNT+5+1'") and found.end == len(data)
    assert write(found) == data


def test_broken_escape_sequences() -> None:
    """Escape sequences of ISO 2022 that lead nowhere are invalid characters, whatever stands behind them."""
    data = order("UNOX:4", b"\x1b$\x1b7650000").replace(b"+250115:", b"+20250115:")
    [message] = read_file(data).interchanges[0].messages
    assert "foreign_character" in codes(message)


def test_0133_overrides_the_syntax_identifier() -> None:
    """In syntax 4 the encoding of S001 wins."""
    data = order("UNOA:4", "注文".encode(), "::7")
    assert read(data).charset == "utf-8" and read(data).messages[0].segments[1][2] == "注文"


@pytest.mark.parametrize("encoding", ["3", "6"])
def test_an_encoding_that_is_not_read_rejects_the_interchange(encoding: str) -> None:
    """EBCDIC and UCS-4: code 46 in syntax 4, at 0133 in S001."""
    found = next(f for f in read(order("UNOC:4", b"", f"::{encoding}")).findings if f.severity == "error")
    assert (found.code, found.element, found.component) == ("unsupported_encoding", 1, 4)
    assert found.standard_code("edifact", 4) == "46"


@pytest.mark.parametrize("codec", ["utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf_16(codec: str, mark: str) -> None:
    """UTF-16 is recognised by its header; places are those of the file."""
    text = EDIFACT.replace("UNOC:3", "UNOY:4").replace("PO1", "注文𝄞'!".replace("'", "?'"))
    data = (mark + text + "\r\n" + text).encode(codec)
    parsed = read_file(data)
    assert not parsed.findings and len(parsed.interchanges) == 2
    for found in parsed.interchanges:
        message = found.messages[0]
        assert not errors(found) and found.charset == codec and message.segments[1][2] == "注文𝄞'!"
        assert [data[o : o + 6].decode(codec) for o in message.offsets] == ["UNH", "BGM", "DTM", "LIN", "UNT"]
        assert data[message.start : message.end].decode(codec).endswith("UNT+5+1'")
        assert data[found.start : found.end].decode(codec) == text
    assert write(parsed.interchanges[0]) == text.encode(codec)


def test_x12_in_utf_16() -> None:
    """X12 may come as UTF-16, too."""
    found = read(X12.encode("utf-16"))
    assert segments(found) == segments(read(X12)) and found.charset == "utf-16-le"


@pytest.mark.parametrize("codec", ["latin-1", "utf-8", "shift_jis", "gbk"])
def test_the_character_set_of_x12_is_agreed(codec: str) -> None:
    """X12 is ASCII unless the agreement says otherwise, even if octets look like delimiters."""
    text = "é" if codec == "latin-1" else "注文ソ表"
    data = X12.encode().replace(b"PO1**", text.encode(codec) + b"**")
    found = read(data, x12_charset=codec)
    assert found.messages[0].segments[1][3] == text and not errors(found)
    assert "foreign_character" in errors(read_file(data).interchanges[0])


def test_lower_case_under_unoa_is_noted() -> None:
    """Printable ASCII outside of the declared level is read, and noted once with its place."""
    data = order("UNOA:3", b"Lower_case")
    found = read(data)
    assert not errors(found) and len(notes(found)) == 1
    assert found.findings[0].offset == data.index(b"ower") and "'o'" in found.findings[0].text
    assert "(the first of 9)" in found.findings[0].text
    strict = read(data, severities={"repertoire": "error"})
    assert not strict.findings and set(codes(strict.messages[0])) == {"foreign_character"}
    assert not read(data, severities={"repertoire": None}).findings


@pytest.mark.parametrize(
    ("syntax", "octets", "said"),
    [
        ("UNOA:3", b"\xe9", "latin small letter e with acute"),
        ("UNOB:3", "€".encode(), "in UTF-8 it is '€'"),
        ("UNOC:3", b"\x93", "in Windows-1252 it is '“'"),
        ("UNOB:3", b"\xa0", "no-break space"),
        ("UNOW:4", b"\xe9t\xe9", "latin small letter e with acute"),
        ("UNOF:3", b"\xff", "0xFF"),
        ("UNOC:3", b"\x00", "control character 0x00"),
        ("UNOC:3", b"\x7f", "control character 0x7F"),
    ],
)
def test_what_is_not_in_the_character_set(syntax: str, octets: bytes, said: str) -> None:
    """Octets that the character set lacks are errors of their message, named with their place and what they probably
    mean."""
    data = order(syntax, b"A" + octets + b"Z")
    found = read(data)
    finding = found.messages[0].findings[0]
    assert not codes(found) and finding.code == "foreign_character"
    assert (finding.tag, finding.segment, finding.element, finding.component) == ("BGM", 2, 2, None)
    assert finding.offset == data.index(octets) and said in finding.text
    value = found.messages[0].segments[1][2]
    assert value.encode("latin-1") == b"A" + octets + b"Z"


def test_a_fallback_is_noted() -> None:
    """With a fallback the text is read by it, noted once, and nothing is lost."""
    data = order("UNOB:3", "Größe".encode()).replace(b"'LIN", "'FTX+é'LIN".encode()).replace(b"UNT+5", b"UNT+6")
    found = read(data, fallback_charset="utf-8")
    assert not errors(found) and len(notes(found)) == 1 and found.charset == "utf-8"
    assert found.messages[0].segments[1][2] == "Größe" and found.messages[0].segments[3] == ["FTX", "é"]
    assert write(found) == data
    quotes = read(order("UNOC:3", b"\x93A\x94\xe9"), fallback_charset="cp1252")
    assert quotes.messages[0].segments[1][2] == "“A”é" and not errors(quotes)


def test_a_fallback_that_does_not_fit_either() -> None:
    """Octets that are in neither character set stay an error."""
    found = read(order("UNOB:3", b"\xe9"), fallback_charset="utf-8")
    assert codes(found.messages[0]) == ["foreign_character"]
    assert found.messages[0].segments[1][2] == "é"


def test_a_fallback_is_checked_to_the_end() -> None:
    """What the fallback can't decode later in the file is still an error."""
    data = order("UNOB:3", "é".encode()).replace(b"'LIN", b"'FTX+\xe9x'LIN").replace(b"UNT+5", b"UNT+6")
    found = read(data, fallback_charset="utf-8")
    assert codes(found.messages[0]) == ["foreign_character"]
    assert found.messages[0].findings[0].offset == data.index(b"\xe9x")


def test_the_fallback_counts_its_characters() -> None:
    """The note on the fallback says where it was first needed and how often."""
    data = order("UNOB:3", b"\xe4\xf6\xfc")
    [note] = read(data, fallback_charset="latin-1").findings
    assert note.code == "fallback_charset" and note.offset == data.index(b"\xe4") and "first of 3" in note.text
    [note] = read(order("UNOB:3", "äöü".encode()), fallback_charset="utf-8").findings
    assert "first of 3" in note.text


def test_a_fallback_can_be_forbidden() -> None:
    """Where the agreement rejects the fallback, it is as if there were none."""
    found = read(order("UNOB:3", b"\xe9"), fallback_charset="latin-1", severities={"fallback_charset": "error"})
    assert codes(found.messages[0]) == ["foreign_character"]


def test_an_invalid_character_outside_of_messages_rejects_the_interchange() -> None:
    """In UNB, UNZ or between messages no message can answer for it."""
    for data in (EDIFACT.replace("REF1'UNH", "R\xe9F1'UNH"), EDIFACT.replace("UNZ+1+REF1", "UNZ+1+R\xe9F1")):
        found = read(data.replace("UNOC", "UNOB"))
        assert "invalid_character" in codes(found) and not errors_of_messages(found)


def errors_of_messages(found: Interchange) -> list[str]:
    return [code for message in found.messages for code in codes(message)]


def test_only_the_message_with_the_character_is_rejected() -> None:
    """Good messages beside it go on; the finding names element and component."""
    bad = ORDER.replace("UNH+1", "UNH+2").replace("UNT+5+1", "UNT+5+2").replace("5412345000013:EN", "54\x93:EN")
    third = ORDER.replace("UNH+1", "UNH+3").replace("UNT+5+1", "UNT+5+3")
    found = read(f"{UNB}{ORDER}{bad}{third}UNZ+3+REF1'")
    assert not found.findings and [codes(m) for m in found.messages] == [[], ["foreign_character"], []]
    [finding] = found.messages[1].findings
    assert (finding.tag, finding.segment, finding.element, finding.component) == ("LIN", 4, 3, 1)


def test_noise_is_not_listed_in_full() -> None:
    """Of each value the first invalid character is told; after ten of a message one more finding says that there are
    others; each message is told."""
    noise = ORDER.replace("PO1", "\xe9\xe9 +" * 5_000)
    found = read(f"{UNB}{noise}{noise}UNZ+2+REF1'".replace("UNOC", "UNOB"))
    for message in found.messages:
        listed = [f for f in message.findings if f.code == "foreign_character"]
        assert len(listed) == 11 and "not listed" in listed[-1].text
