"""`edigw log verify`, `export`, `rotate-key` and `edigw evidence`, as an admin gives them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text

from edigw.admin import setup
from edigw.admin.cli import main
from tests.gateway.house import House, sample


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    while house.context.log.integrate():
        pass
    return house


def run(house: House, *arguments: object) -> int:
    return main([*map(str, arguments), "-c", str(house.config)])


def public_key(house: House) -> Path:
    return house.context.config.log.key_file.with_suffix(".vkey")


def test_a_sound_log_verifies_with_and_without_its_contents(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(house, "log", "verify") == run(house, "log", "verify", "--without-content") == 0
    assert all(line.startswith("VERIFIED") for line in capsys.readouterr().out.splitlines())


def test_the_verdict_names_the_first_thing_that_is_wrong(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    with house.context.database.write() as conn:
        conn.execute(text("UPDATE event SET actor = 'admin:x' WHERE n = 0 AND type = 'submission.accepted'"))
    assert run(house, "log", "verify", "--without-content") == 1
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith("DOES NOT VERIFY: 2 problems, the first: event row ") and "its actor is 'admin:x'" in said


def test_a_receipt_that_lies_elsewhere_is_held_against_the_log(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = tmp_path / "held.receipt"
    held.write_bytes(house.outbox("prairie", "receipts")["asn.x12.receipt"])
    assert run(house, "log", "verify", "--against", held) == 0
    held.write_text(held.read_text().replace("index", "indes").replace("\n\n", "\n\nedigw.example/other\n", 1))
    assert run(house, "log", "verify", "--against", held) == 1
    assert str(held) in capsys.readouterr().out
    assert run(house, "log", "verify", "--against", tmp_path / "nowhere") == 2


def test_the_exported_log_verifies_offline(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(house, "log", "export", tmp_path / "open") == 0
    assert main(["log", "verify", "--offline", str(tmp_path / "open"), "--key", str(public_key(house)), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.partition("\n")[2])
    assert told["verified"] and told["checked"]["entries"] > 5
    bundle = next((tmp_path / "open" / "tile" / "entries").rglob("*.p/*"))
    bundle.write_bytes(bundle.read_bytes().replace(b"partner:prairie", b"partner:nordwin"))
    assert main(["log", "verify", "--offline", str(tmp_path / "open")]) == 1
    said = capsys.readouterr().out
    assert "the entries give another root" in said and "warning: the key was taken from the folder itself" in said
    assert main(["log", "verify", "--offline", str(tmp_path)]) == 2


def test_after_a_change_of_the_key_all_still_verifies(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    before = public_key(house).read_text()
    assert run(house, "log", "rotate-key", "--days", "10", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert public_key(house).read_text() == f"{told['key']}\n{before}"
    assert run(house, "log", "verify") == 0


def test_a_new_log_takes_over_from_a_lost_one(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mark = house.context.config.log.highwater_file
    assert run(house, "log", "recover", mark, "--reason", "x") == 2
    fresh = setup.create(tmp_path / "fresh", origin="edigw.example/second", partners={})
    assert main(["log", "recover", str(mark), "--reason", "both disks failed", "-c", str(fresh)]) == 0
    assert "names the last checkpoint of edigw.example/test" in capsys.readouterr().out
    assert main(["log", "verify", "-c", str(fresh)]) == 0


def test_objects_are_withheld_by_role_with_a_reason(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "evidence.zip"
    order = ["evidence", "export", "--thread", "NW-4711", "-o", bundle]
    assert run(house, *order, "--withhold", "payload.original=personal data") == 0
    assert main(["evidence", "verify", str(bundle), "--key", str(public_key(house))]) == 0
    assert "payload.original: withheld, personal data" in capsys.readouterr().out
    with zipfile.ZipFile(bundle) as archive:
        contents = [archive.read(name) for name in archive.namelist() if name.endswith(".bin")]
        assert "personal data" in archive.read("report.html").decode()
    assert sample("asn_4711.x12") not in contents
    assert run(house, *order, "--withhold", "everything") == 2
