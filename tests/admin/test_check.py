"""`edigw check`: the verdict, its JSON, and the report that a clerk reads."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edigw.admin.cli import main
from edigw.syntax import RULES
from edigw.syntax.advice import ADVICE
from tests.admin.texts import BAD_ORDERS, BAD_PO, FA, ORDERS, PO

Capture = pytest.CaptureFixture[str]
Put = Callable[[str, bytes], str]

ERROR_KEYS = [
    "segment", "tag", "path", "element", "component", "data_element",
    "value", "standard_code", "code", "offset", "text",
]  # fmt: skip


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a file and return its name."""

    def write(name: str, data: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write


def checked(capsys: Capture, *arguments: str) -> tuple[int, Any]:
    code = main(["check", "--json", *arguments])
    told = capsys.readouterr()
    assert told.err == ""
    return code, json.loads(told.out)


def test_a_valid_edifact_file_has_the_documented_shape(put: Put, capsys: Capture) -> None:
    name = put("po.edi", ORDERS.replace(b"\n", b""))
    code, told = checked(capsys, name)
    message = {
        "type": "ORDERS", "version": "D.96A", "association": "EAN008", "control": "1", "segments": 10,
        "valid": True, "errors": [],
    }  # fmt: skip
    interchange = {
        "standard": "edifact", "syntax": "UNOC:3", "sender": "5412345000013", "sender_qualifier": "14",
        "receiver": "8712345000011", "receiver_qualifier": "14", "control": "REF1", "test": False, "errors": [],
        "messages": [message],
    }  # fmt: skip
    assert code == 0
    assert told == [{"file": name, "valid": True, "interchanges": [interchange], "errors": []}]


def test_an_error_carries_its_place_value_and_codes(put: Put, capsys: Capture) -> None:
    data = ORDERS.replace(b"NAD+BY+5", b"NAD+Q9+5")
    code, (told,) = checked(capsys, put("po.edi", data))
    (message,) = told["interchanges"][0]["messages"]
    (error,) = message["errors"]
    assert code == 1
    assert (told["valid"], message["valid"]) == (False, False)
    assert list(error) == ERROR_KEYS
    assert error["text"]
    assert {key: error[key] for key in ERROR_KEYS[:-1]} == {
        "segment": 4, "tag": "NAD", "path": "SG2/NAD", "element": 1, "component": None, "data_element": "3035",
        "value": "Q9", "standard_code": "12", "code": "invalid_code", "offset": data.index(b"NAD+Q9"),
    }  # fmt: skip


def test_an_x12_interchange_has_its_groups_and_all_messages_flat(put: Put, capsys: Capture) -> None:
    code, (told,) = checked(capsys, put("po.x12", PO))
    (interchange,) = told["interchanges"]
    (group,) = interchange["groups"]
    assert code == 0
    assert interchange["test"] is True
    assert (group["functional_id"], group["control"], group["version"]) == ("PO", "1", "004010")
    assert group["errors"] == []
    assert group["messages"] == interchange["messages"]
    assert interchange["messages"][0]["type"] == "850"


def test_x12_errors_carry_the_codes_of_the_997(put: Put, capsys: Capture) -> None:
    code, (told,) = checked(capsys, put("po.x12", BAD_PO))
    found = {e["code"]: e["standard_code"] for e in told["interchanges"][0]["messages"][0]["errors"]}
    assert code == 1
    assert found == {"invalid_code": "7", "message_count": "4"}


def test_what_is_no_error_stands_apart_as_warning(put: Put, capsys: Capture) -> None:
    code, (told,) = checked(capsys, put("po.edi", ORDERS))
    (interchange,) = told["interchanges"]
    assert code == 0
    assert interchange["errors"] == []
    assert {warning["severity"] for warning in interchange["warnings"]} == {"note"}
    assert list(interchange["warnings"][0]) == ["severity", *ERROR_KEYS]


def test_every_file_gets_an_object_and_one_bad_file_decides(put: Put, capsys: Capture) -> None:
    code, told = checked(capsys, put("a.edi", ORDERS), put("b.x12", BAD_PO), put("c.x12", PO))
    assert code == 1
    assert [each["valid"] for each in told] == [True, False, True]


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00\xff" * 100])
def test_what_is_no_interchange_is_invalid(put: Put, capsys: Capture, data: bytes) -> None:
    code, (told,) = checked(capsys, put("x", data))
    assert code == 1
    assert told["interchanges"] == []
    assert [error["code"] for error in told["errors"]] == ["not_edi"]


def test_the_report_says_place_value_and_what_to_do(put: Put, capsys: Capture) -> None:
    name = put("po.edi", BAD_ORDERS)
    assert main(["check", name]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"{name}: invalid, 3 errors\n")
    assert "EDIFACT interchange REF1 from 5412345000013 (14) to 8712345000011 (14), UNOC:3" in out
    assert "ORDERS D.96A EAN008, message 1: 3 errors in 10 segments" in out
    assert re.search(r"error at segment 4 \(SG2/NAD\), element 1 \[3035\], byte \d+\n", out)
    assert "NAD+Q9+5412345000013::9'" in out
    assert "-> Use a code of the list" in out


def test_the_report_lets_no_control_character_through(put: Put, capsys: Capture) -> None:
    main(["check", put("po.edi", BAD_ORDERS)])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "LIN+1+\\x1b+5412345111115:EN'" in out


def test_repairs_are_told_on_request(put: Put, capsys: Capture) -> None:
    name = put("po.edi", ORDERS)
    assert main(["check", name]) == 0
    assert "note" not in capsys.readouterr().out
    assert main(["check", "--notes", name]) == 0
    assert "note at byte" in capsys.readouterr().out


def test_several_files_are_counted(put: Put, capsys: Capture) -> None:
    assert main(["check", put("a.edi", ORDERS), put("b.x12", BAD_PO), put("c.x12", FA)]) == 1
    assert capsys.readouterr().err == "3 files: 1 invalid, 2 valid\n"


def test_a_missing_file_among_others_is_told(put: Put, capsys: Capture) -> None:
    assert main(["check", put("a.edi", ORDERS), "gone.edi"]) == 2
    assert capsys.readouterr().err == "edigw: gone.edi: no such file or directory\n"


def test_every_rule_that_can_reject_says_what_to_do() -> None:
    assert RULES.keys() == ADVICE.keys()
