"""`edigw partner`: what an admin learns about the partner files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edigw.admin.cli import main
from edigw.admin.setup import create
from edigw.transport.keys import generate

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return create(tmp_path / "gw")


def change(config: Path, name: str, old: str, new: str) -> int:
    """Replace text in a partner's file; the line where it first stands."""
    path = config.parent / "partners" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return text.count("\n", 0, text.index(old)) + 1


def test_partners_are_listed_with_what_they_get(config: Path, capsys: Capture) -> None:
    assert main(["partner", "list", "-c", str(config)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "retailer  Example Retail: gets DespatchAdvice as DESADV D.96A by mailbox",
        "supplier  Example Supply: gets Order as 850 004010 by SFTP to sftp.supplier.example:22",
    ]


def test_the_configuration_is_found_by_the_environment(
    config: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDIGW_CONFIG", str(config))
    assert main(["partner", "list", "--json"]) == 0
    assert [each["code"] for each in json.loads(capsys.readouterr().out)] == ["retailer", "supplier"]


def test_a_partner_is_shown_with_its_defaults(config: Path, capsys: Capture) -> None:
    assert main(["partner", "show", "supplier", "-c", str(config)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "identifiers.x12[1].id = EXSUPPLY" in lines
    assert "x12.repetition = ^" in lines
    assert main(["partner", "show", "supplier", "--json", "-c", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)["delivery"]["sftp"]["host"] == "sftp.supplier.example"


def test_an_unknown_partner_is_told(config: Path, capsys: Capture) -> None:
    assert main(["partner", "show", "nobody", "-c", str(config)]) == 2
    assert capsys.readouterr().err == "edigw: there is no partner 'nobody'; there are retailer, supplier\n"


def test_a_missing_configuration_is_told(tmp_path: Path, capsys: Capture) -> None:
    assert main(["partner", "list", "-c", str(tmp_path / "edigw.toml")]) == 2
    assert capsys.readouterr().err == f"edigw: {tmp_path}/edigw.toml: no such file or directory\n"


def test_files_that_are_right_are_said_to_be_right(config: Path, capsys: Capture) -> None:
    assert main(["partner", "check", "-c", str(config)]) == 0
    told = capsys.readouterr()
    assert told.out == f"{config}, 2 partners, 1 agreement: valid\n"
    assert told.err == ""


def test_every_mistake_is_told(config: Path, capsys: Capture) -> None:
    lines = [
        change(config, "retailer.toml", "qualifier = ", "qualifer = "),
        change(config, "supplier.toml", "port = 22", "port = 0"),
    ]
    assert main(["partner", "check", "-c", str(config)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f'partners/retailer.toml:{lines[0]}: identifiers.edifact[1].qualifer: unknown key; did you mean "qualifier"?',
        f"partners/supplier.toml:{lines[1]}: delivery.sftp.port: expected a number from 1 to 65535, got 0",
    ]
    assert main(["partner", "check", "--json", "-c", str(config)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["valid"] is False
    assert [(error["key"], error["line"]) for error in told["errors"]] == [
        ("identifiers.edifact[1].qualifer", lines[0]),
        ("delivery.sftp.port", lines[1]),
    ]


def test_who_cannot_be_named_as_sender_is_noted(config: Path, capsys: Capture) -> None:
    change(config, "supplier.toml", 'edifact = [{ id = "8712345000011", qualifier = "14" }]', "")
    assert main(["partner", "check", "-c", str(config)]) == 0
    assert "supplier has no edifact identifier" in capsys.readouterr().err


def test_a_partner_that_fetches_its_files_has_no_server_to_test(config: Path, capsys: Capture) -> None:
    assert main(["partner", "test", "retailer", "-c", str(config)]) == 2
    assert "it fetches its files here" in capsys.readouterr().err


def test_keys_that_will_soon_count_no_more_are_told(config: Path, tmp_path: Path, capsys: Capture) -> None:
    today = datetime.now(UTC).date()
    keys = ""
    for number, days in enumerate((-1, 20, 60)):
        line = generate(tmp_path / str(number))
        keys += f'{{ key = "{line}", valid_until = {today + timedelta(days=days)} }}, '
    change(config, "retailer.toml", "keys = [", f"keys = [{keys}")
    assert main(["partner", "check", "-c", str(config)]) == 0
    notes = capsys.readouterr().err.splitlines()
    assert [note.partition(") ")[2] for note in notes] == [
        f"expired on {today - timedelta(days=1)}",
        f"expires on {today + timedelta(days=20)}, in 20 days",
    ]
    assert main(["partner", "list", "--json", "-c", str(config)]) == 0
    retailer, supplier = json.loads(capsys.readouterr().out)
    assert [each["days"] for each in retailer["expiring"]] == [-1, 20] and supplier["expiring"] == []
    assert main(["partner", "list", "-c", str(config)]) == 0
    assert "(login.keys[2]) expires on" in capsys.readouterr().out
