"""`edigw convert`: every form into every other, and nothing lost in silence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from edigw import directory
from edigw.admin.cli import main
from edigw.admin.report import is_valid
from edigw.syntax import Interchange, PartyId
from tests.admin.texts import BAD_ORDERS, FA, ORDERS, PO

Capture = pytest.CaptureFixture[str]


def converted(tmp_path: Path, capsys: Capture, data: bytes, *options: str) -> tuple[int, bytes, str]:
    path = tmp_path / "file"
    path.write_bytes(data)
    result = tmp_path / "result"
    code = main(["convert", str(path), "-o", str(result), *options])
    told = capsys.readouterr()
    assert told.out == ""
    return code, result.read_bytes() if result.exists() else b"", told.err


def only(data: bytes) -> Interchange:
    parsed = directory.check(data)
    assert is_valid(parsed)
    (interchange,) = parsed.interchanges
    return interchange


def as_json(tmp_path: Path, capsys: Capture, data: bytes) -> Any:
    code, result, _ = converted(tmp_path, capsys, data, "--to", "json")
    assert code == 0
    return json.loads(result)


def test_an_edifact_order_becomes_a_valid_x12_order(tmp_path: Path, capsys: Capture) -> None:
    code, result, _ = converted(tmp_path, capsys, ORDERS, "--to", "850:004010")
    interchange = only(result)
    assert code == 0
    assert interchange.sender == PartyId("5412345000013", "07")
    assert interchange.receiver == PartyId("8712345000011", "07")
    (message,) = interchange.messages
    assert (message.type, message.version) == ("850", "004010")
    assert ["BEG", "00", "SA", "PO123", "", "20260102"] in message.segments


def test_an_x12_order_becomes_a_valid_edifact_order(tmp_path: Path, capsys: Capture) -> None:
    code, result, _ = converted(tmp_path, capsys, PO, "--to", "orders:d.96a:EAN008")
    interchange = only(result)
    assert code == 0
    assert interchange.test
    assert interchange.sender == PartyId("SENDER", "ZZZ")
    (message,) = interchange.messages
    assert (message.type, message.version, message.association) == ("ORDERS", "D.96A", "EAN008")
    assert ["QTY", ["21", "10", "EA"]] in message.segments or ["QTY", ["21", "10", "PCE"]] in message.segments


def test_a_document_is_the_same_after_a_way_through_another_standard(tmp_path: Path, capsys: Capture) -> None:
    first = as_json(tmp_path, capsys, ORDERS)
    _, x12, _ = converted(tmp_path, capsys, ORDERS, "--to", "850:004010")
    second = as_json(tmp_path, capsys, x12)
    assert second["document"] == "Order"
    assert (second["id"], second["lines"][0]["quantity"]) == (first["id"], first["lines"][0]["quantity"])


def test_json_is_read_as_it_was_written(tmp_path: Path, capsys: Capture) -> None:
    document = as_json(tmp_path, capsys, ORDERS)
    assert as_json(tmp_path, capsys, json.dumps(document).encode()) == document
    _, result, _ = converted(tmp_path, capsys, json.dumps(document).encode(), "--to", "ORDERS:D.96A")
    assert only(result).sender == PartyId("SENDER")


def test_several_messages_become_a_list_and_a_list_becomes_several_interchanges(
    tmp_path: Path, capsys: Capture
) -> None:
    documents = as_json(tmp_path, capsys, ORDERS + ORDERS)
    assert [each["id"] for each in documents] == ["PO123", "PO123"]
    _, result, _ = converted(tmp_path, capsys, json.dumps(documents).encode(), "--to", "ORDERS:D.96A")
    assert [each.control for each in directory.check(result).interchanges] == ["1", "2"]


def test_parties_can_be_given(tmp_path: Path, capsys: Capture) -> None:
    _, result, _ = converted(
        tmp_path, capsys, PO, "--to", "ORDERS:D.96A", "--sender", "5412345000013:14", "--receiver", "ACME"
    )
    assert (only(result).sender, only(result).receiver) == (PartyId("5412345000013", "14"), PartyId("ACME"))


def test_the_suffix_of_an_x12_version_is_written(tmp_path: Path, capsys: Capture) -> None:
    _, result, _ = converted(tmp_path, capsys, ORDERS, "--to", "850:004010:VICS", "--newline")
    assert b"*X*004010VICS~\n" in result


def test_what_does_not_pass_unchanged_is_told_and_written(tmp_path: Path, capsys: Capture) -> None:
    loss = tmp_path / "loss.json"
    code, result, error = converted(tmp_path, capsys, ORDERS, "--to", "850:004010", "--loss", str(loss))
    report = json.loads(loss.read_bytes())
    assert code == 0
    assert b"Mueller" in result
    assert {"message", "kind", "location", "value", "reason", "segment", "outcome", "text"} <= set(report[0])
    assert {each["outcome"] for each in report} == {"converted"}
    assert "Müller" in [each["value"] for each in report]
    assert f"{len(report)} value" in error
    assert "written as Mueller" in error


def test_the_loss_report_is_written_for_people_too(tmp_path: Path, capsys: Capture) -> None:
    loss = tmp_path / "loss.txt"
    code, _, _ = converted(tmp_path, capsys, ORDERS, "--to", "850:004010", "--loss", str(loss))
    first, *others = loss.read_text("utf-8").splitlines()
    assert code == 0 and re.fullmatch(r"message 1: \d+ values, \d+ carried, \d+ converted", first)
    assert any('"Müller" (N1, segment ' in line and "is written as Mueller" in line for line in others)


def test_an_invalid_file_is_not_converted(tmp_path: Path, capsys: Capture) -> None:
    code, result, error = converted(tmp_path, capsys, BAD_ORDERS, "--to", "json")
    assert (code, result) == (1, b"")
    assert "is not in the code list" in error


def test_a_result_that_is_not_valid_is_written_and_told(tmp_path: Path, capsys: Capture) -> None:
    code, result, error = converted(tmp_path, capsys, b'{"document": "Order", "id": "1"}', "--to", "850:004010")
    assert code == 1
    assert result.startswith(b"ISA")
    assert "result: invalid" in error


def test_the_result_goes_to_standard_output_by_default(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "po.edi"
    path.write_bytes(ORDERS)
    assert main(["convert", str(path), "--to", "ORDERS:D.96A"]) == 0
    assert b"M\xfcller" in capsysbinary.readouterr().out


def test_an_order_becomes_ubl_and_ubl_an_order(tmp_path: Path, capsys: Capture) -> None:
    code, ubl, _ = converted(tmp_path, capsys, ORDERS, "--to", "ubl")
    assert code == 0 and b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"' in ubl
    code, result, _ = converted(tmp_path, capsys, ubl, "--to", "ORDERS:D.96A")
    (message,) = only(result).messages
    assert code == 0 and ["BGM", "220", "PO123", "9"] in message.segments


def test_what_ubl_has_no_place_for_is_told(tmp_path: Path, capsys: Capture) -> None:
    order = b'{"document": "Order", "id": "1", "issued": "2026-10-05", "cancel_after": "2026-11-05"}'
    _, _, told = converted(tmp_path, capsys, order, "--to", "ubl")
    assert 'cancel_after: "2026-11-05" is dropped: no rule' in told


@pytest.mark.parametrize(
    ("data", "to", "error"),
    [
        (b"<?xml version='1.0'?><!DOCTYPE a><a/>", "json", "a document type declaration is not allowed"),
        (b"<order/>", "json", "the root element 'order' is none of UBL 2"),
        (b'[{"document": "Order"}, {"document": "Order"}]', "ubl", "holds 2 documents, and a file of UBL holds one"),
        (ORDERS, "850", "--to 850: expected json, ubl, or a message and version"),
        (ORDERS, "850:00401", "--to 850:00401: there is no version '00401'"),
        (ORDERS, "ODRERS:D.96A", "--to ODRERS:D.96A: there is no message 'ODRERS'"),
        (ORDERS, "INVOIC:D.96A", "no binding writes Order as INVOIC D.96A"),
        (FA, "json", "no binding reads 997 004010"),
        (b"[]", "json", "holds no document"),
        (b"{", "json", "not JSON"),
        (b'{"id": "1"}', "json", 'expected an object with "document"'),
        (b'{"document": []}', "json", 'expected an object with "document"'),
        (b'{"document": "Order", "lines": [{}, {"qantity": "1"}]}', "json", "Order has no lines[1].qantity"),
        (b'{"document": "Order", "id": 5}', "json", "Expected `str | null`, got `int` - at `$.id`"),
        (b'[{"document": "Order"}, 5]', "json", "document 2: expected an object"),
        (b"[" * 100_000, "json", "not JSON"),
    ],
)
def test_what_cannot_be_converted_is_one_line_and_code_2(
    tmp_path: Path, capsys: Capture, data: bytes, to: str, error: str
) -> None:
    code, result, told = converted(tmp_path, capsys, data, "--to", to)
    assert (code, result) == (2, b"")
    assert error in told
    assert told.count("\n") == 1
