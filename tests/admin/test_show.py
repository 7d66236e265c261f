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
