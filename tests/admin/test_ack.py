"""`edigw ack`: the answer that a file would get."""

from __future__ import annotations

from pathlib import Path

import pytest

from edigw import syntax
from edigw.acknowledge import read_acknowledgement
from edigw.admin.cli import main
from edigw.syntax import ParsedFile
from tests.admin.texts import BAD_ORDERS, BAD_PO, FA, ORDERS, PO

PO_5010 = PO.replace(b"*004010~", b"*005010~").replace(b"*U*00401*", b"*^*00501*")

Capture = pytest.CaptureFixture[str]


def answered(tmp_path: Path, capsys: Capture, data: bytes, *options: str) -> tuple[int, ParsedFile, str]:
    path = tmp_path / "file"
    path.write_bytes(data)
    code = main(["ack", str(path), *options])
    told = capsys.readouterr()
    return code, syntax.parse(told.out.encode("latin-1")), told.err


@pytest.mark.parametrize(
    ("data", "options", "code", "types", "outcome"),
    [
        (ORDERS, (), 0, ["CONTRL"], "accepted"),
        (BAD_ORDERS, (), 1, ["CONTRL"], "rejected"),
        (ORDERS, ("--as", "contrl"), 0, ["CONTRL"], "accepted"),
        (PO, ("--as", "997"), 0, ["997"], "accepted"),
        (BAD_PO, ("--as", "997"), 1, ["997"], "rejected"),
        (PO_5010, ("--as", "999"), 0, ["999"], "accepted"),
    ],
)  # fmt: skip
def test_the_answer_says_what_was_found(
    tmp_path: Path, capsys: Capture, data: bytes, options: tuple[str, ...], code: int, types: list[str], outcome: str
) -> None:
    got, parsed, _ = answered(tmp_path, capsys, data, *options)
    (interchange,) = parsed.interchanges
    assert got == code
    assert [message.type for message in interchange.messages] == types
    verdicts = read_acknowledgement(interchange)
    assert outcome in {verdict.outcome for verdict in verdicts}


def test_isa14_asks_for_a_ta1_beside_the_997(tmp_path: Path, capsys: Capture) -> None:
    code, parsed, _ = answered(tmp_path, capsys, PO)
    (interchange,) = parsed.interchanges
    assert code == 0
    assert [segment[0] for segment in interchange.loose] == ["TA1"]
    assert [message.type for message in interchange.messages] == ["997"]


def test_a_ta1_alone_judges_the_envelope(tmp_path: Path, capsys: Capture) -> None:
    code, parsed, _ = answered(tmp_path, capsys, BAD_PO, "--as", "ta1", "--control", "77")
    (interchange,) = parsed.interchanges
    assert code == 1
    assert (interchange.control, interchange.messages, interchange.test) == ("000000077", [], True)
    assert interchange.loose[0][4:6] == ["A", "000"]


def test_sender_and_receiver_change_places(tmp_path: Path, capsys: Capture) -> None:
    _, parsed, _ = answered(tmp_path, capsys, ORDERS)
    assert parsed.interchanges[0].sender.id == "8712345000011"
    assert parsed.interchanges[0].receiver.id == "5412345000013"


def test_each_interchange_of_a_file_gets_an_answer_of_its_own(tmp_path: Path, capsys: Capture) -> None:
    code, parsed, _ = answered(tmp_path, capsys, ORDERS + PO)
    assert code == 0
    assert [interchange.standard for interchange in parsed.interchanges] == ["edifact", "x12"]


def test_acknowledgements_are_not_acknowledged(tmp_path: Path, capsys: Capture) -> None:
    code, parsed, error = answered(tmp_path, capsys, FA)
    assert code == 0
    assert parsed.interchanges == []
    assert "acknowledgements are not acknowledged" in error


@pytest.mark.parametrize(
    ("data", "form", "error"),
    [
        (ORDERS, "997", "interchange REF1: a 997 can't answer EDIFACT"),
        (PO, "contrl", "interchange 000000001: a CONTRL can't answer X12"),
        (PO, "999", "a 999 answers version 005010 and later"),
        (PO.replace(b"IEA*1*000000001", b"IEA*1*000000002"), "997", "the envelope is rejected, which a TA1 says"),
        (ORDERS.replace(b"+REF1++++1'", b"'"), "contrl", "no acknowledgement is possible: 0020 in UNB is missing"),
        (b"hello", "auto", "holds no interchange"),
    ],
)
def test_an_answer_that_cannot_be_is_one_line_and_code_2(
    tmp_path: Path, capsys: Capture, data: bytes, form: str, error: str
) -> None:
    code, parsed, told = answered(tmp_path, capsys, data, "--as", form)
    assert code == 2
    assert parsed.interchanges == []
    assert error in told
    assert told.count("\n") == 1
