"""`edigw show`: names beside values, errors where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from edigw.admin.cli import main
from tests.admin.texts import BAD_ORDERS, BAD_PO, ORDERS, PO

Capture = pytest.CaptureFixture[str]


def shown(tmp_path: Path, capsys: Capture, data: bytes) -> tuple[int, list[str]]:
    path = tmp_path / "file"
    path.write_bytes(data)
    code = main(["show", str(path)])
    return code, capsys.readouterr().out.splitlines()


def test_segments_elements_and_codes_have_their_names(tmp_path: Path, capsys: Capture) -> None:
    code, lines = shown(tmp_path, capsys, ORDERS)
    text = "\n".join(" ".join(line.split()) for line in lines)
    assert code == 0
    assert "ORDERS D.96A EAN008, message 1: Purchase order message" in text
    assert "4 NAD Name and address" in text
    assert "3035 Party qualifier BY = Buyer" in text
    assert "UNB Interchange header" in text
    assert "0001 Syntax identifier UNOC" in text
    assert "3036 Party name Müller" in text or "3124 Name and address line Müller" in text


def test_loops_are_indented_and_named(tmp_path: Path, capsys: Capture) -> None:
    _, lines = shown(tmp_path, capsys, ORDERS)
    loops = [line for line in lines if line.strip().startswith("SG")]
    assert [line.strip() for line in loops] == ["SG2", "SG2", "SG25", "SG28"]
    assert loops[3].index("S") == loops[2].index("S") + 2


def test_an_x12_interchange_shows_its_group(tmp_path: Path, capsys: Capture) -> None:
    code, lines = shown(tmp_path, capsys, PO)
    text = "\n".join(" ".join(line.split()) for line in lines)
    assert code == 0
    assert "479 Functional Identifier Code PO = Purchase Order (850)" in text
    assert "98 Entity Identifier Code BY = Buying Party (Purchaser)" in text


@pytest.mark.parametrize(("data", "before"), [(BAD_ORDERS, "3035 Party qualifier"), (BAD_PO, "355 Unit or Basis")])
def test_an_error_stands_under_its_element(tmp_path: Path, capsys: Capture, data: bytes, before: str) -> None:
    code, lines = shown(tmp_path, capsys, data)
    at = next(n for n, line in enumerate(lines) if "is not in the code list" in line)
    assert code == 1
    assert before in lines[at - 1]
    assert lines[at].strip().startswith("! error:")


def test_a_missing_segment_is_told_where_it_should_stand(tmp_path: Path, capsys: Capture) -> None:
    _, lines = shown(tmp_path, capsys, ORDERS.replace(b"BGM+220+PO123+9'\n", b"").replace(b"UNT+10", b"UNT+9"))
    at = next(n for n, line in enumerate(lines) if "! error:" in line)
    assert "BGM" in lines[at]
    assert "DTM" in lines[at + 1]


def test_a_message_of_an_unknown_version_is_shown_without_names(tmp_path: Path, capsys: Capture) -> None:
    code, lines = shown(tmp_path, capsys, ORDERS.replace(b"D:96A", b"D:42Z"))
    assert code == 1
    assert any(line.split()[:3] == ["02", "PO123"] or line.split() == ["02", "PO123"] for line in lines)


def test_nothing_readable_is_said_to_be_nothing(tmp_path: Path, capsys: Capture) -> None:
    code, lines = shown(tmp_path, capsys, b"hello\x1b")
    assert code == 1
    assert lines[0].startswith("! error:")
    assert "\x1b" not in "".join(lines)


STRAYS = PO.replace(b"GS*", b"TA1*000000007*260101*0900*A*000~\nGS*", 1)
STRAYS = STRAYS.replace(b"ST*850", b"N1*BY*Lost~\nST*850", 1).replace(b"IEA*1", b"REF*ZZ*Found~\nIEA*1", 1)


def test_what_stands_outside_of_messages_is_shown_where_it_stands(tmp_path: Path, capsys: Capture) -> None:
    """Acknowledgements before the groups, and strays with what is said of them."""
    code, lines = shown(tmp_path, capsys, STRAYS)
    tags = [words[0] for line in lines if (words := line.split()) and words[0] in {"TA1", "GS", "N1", "850", "REF"}]
    assert code == 1
    assert tags == ["TA1", "GS", "N1", "850", "N1", "REF"]
    lost = next(n for n, line in enumerate(lines) if line.startswith("  N1 Name"))
    assert "! error: segment 'N1'" in lines[lost + 1]
    assert "Lost" in lines[lost + 3]


def test_objects_are_shown_without_their_octets(tmp_path: Path, capsys: Capture) -> None:
    """Header, size and trailer, between the messages."""
    text = "UNB+UNOC:4+A:14+B:14+20260102:1000+R1'UNO+2+AID:1+OBJ:1+13'hello'+:worldUNP+13+2'"
    text += "UNH+1+ORDERS:D:96A:UN'BGM+220+P'DTM+137:20260102:102'UNS+S'UNT+5+1'UNZ+2+R1'"
    _, lines = shown(tmp_path, capsys, text.encode())
    assert [line.strip() for line in lines if line.startswith("    object")] == [
        "object 2: 13 octets, which are not shown"
    ]
    assert not any("world" in line for line in lines)
    assert any(line.startswith("  UNP Object trailer") for line in lines)


def test_a_guide_is_applied_on_request(tmp_path: Path, capsys: Capture) -> None:
    """What it says stands under the element, as the standard's findings do."""
    guide = tmp_path / "guide.yaml"
    guide.write_text(
        "guide: Acme\nstandard: edifact\nmessage: ORDERS\nversions: [D.96A]\n"
        'locations:\n  - {at: "SG2/NAD[3035=SU]", max: 0}\n  - {at: BGM/1004, max_length: 3}\n'
        "  - {at: FTX, use: required}\n"
    )
    path = tmp_path / "orders.edi"
    path.write_bytes(ORDERS)
    assert main(["show", str(path)]) == 0
    assert "(Acme)" not in capsys.readouterr().out
    assert main(["show", str(path), "--guide", str(guide)]) == 1
    lines = capsys.readouterr().out.splitlines()
    at = [n for n, line in enumerate(lines) if "(Acme)" in line]
    assert len(at) == 3
    assert "1004 Document/message number" in lines[at[0] - 1]
    assert "FTX" in lines[at[1]] and "SG2" in lines[at[1] + 1]
    assert "NAD" in lines[at[2] - 1]


@pytest.mark.parametrize(("old", "new"), [(b"UNB+", b"UNB:1+"), (b"UNB+UNOC", b"UNB:1+UNOC"), (b"UNZ+", b"UNZ:1+")])
def test_nesting_numbers_behind_the_tag_of_a_header_break_nothing(
    tmp_path: Path, capsys: Capture, old: bytes, new: bytes
) -> None:
    """The tag is shown without them."""
    for advice in (b"", b"UNA:+.? '\n"):
        data = advice + ORDERS.partition(b"\n")[2].replace(old, new)
        _, lines = shown(tmp_path, capsys, data)
        assert not any("[" in line.split(" ")[0] for line in lines)
