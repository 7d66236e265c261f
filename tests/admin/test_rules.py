"""`edigw partner history` and `rules`: what an admin learns about configurations of the past."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edigw.admin.cli import main
from edigw.gateway.upkeep.reload import Reloader
from tests.gateway.house import House, sample

Capture = pytest.CaptureFixture[str]


def test_the_rules_of_a_transmission_are_found_after_they_changed(tmp_path: Path, capsys: Capture) -> None:
    house = House(tmp_path)
    reloader = Reloader(house.current)
    reloader.begin()
    id = str(house.send("nordwind", "orders.edi", sample("orders_text.edi"))["id"])
    path = house.config.parent / "partners/prairie.toml"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"Prairie Goods Inc.", b"Prairie"))
    assert reloader.look(at_once=True)
    assert main(["partner", "history", "-c", str(house.config)]) == 0
    newest, first = capsys.readouterr().out.splitlines()
    assert newest.endswith("partners/prairie.toml (changed)") and "edigw.toml (new)" in first
    assert main(["partner", "rules", id[-8:], "-o", str(tmp_path / "rules"), "-c", str(house.config)]) == 0
    assert first.split()[1] in capsys.readouterr().out
    assert (tmp_path / "rules/partners/prairie.toml").read_bytes() == before
    assert main(["partner", "rules", newest.split()[1], "--json", "-c", str(house.config)]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert [change["name"] for change in told["changes"]] == ["partners/prairie.toml"]
    assert main(["partner", "rules", id, "-o", str(tmp_path / "rules"), "-c", str(house.config)]) == 2
    assert capsys.readouterr().err == f"edigw: {tmp_path}/rules: file exists\n"
    assert main(["partner", "rules", "0123456789", "-c", str(house.config)]) == 2
    assert "the log tells of no configuration 0123456789" in capsys.readouterr().err


def test_files_that_no_gateway_has_taken_over_are_noted(tmp_path: Path, capsys: Capture) -> None:
    house = House(tmp_path)
    Reloader(house.current).begin()
    house.edit("prairie", "Prairie Goods Inc.", "Prairie")
    assert main(["partner", "history", "-c", str(house.config)]) == 0
    assert "which no gateway has taken over yet" in capsys.readouterr().err
