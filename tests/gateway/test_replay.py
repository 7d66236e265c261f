"""The latest messages of a partner through a changed mapping."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from edigw.admin.cli import main
from edigw.resources import shipped

from .house import House, sample

OVERLAY = "extends: order/850\npartner: prairie\ncodes: {parties.role: {BY: BO}}\n"


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A gateway that has forwarded four orders; a replay changes nothing in it."""
    house = House(tmp_path_factory.mktemp("replay"))
    house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    house.send("nordwind", "text.edi", sample("orders_text.edi"))
    while house.context.log.integrate():
        pass
    return house


def replayed(house: House, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    capsys.readouterr()
    code = main(["mapping", "replay", "-c", str(house.config), *arguments, "--json"])
    out, error = capsys.readouterr()
    assert error == ""
    return code, json.loads(out)


def test_it_shows_what_would_differ_and_changes_nothing(
    worked: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay = tmp_path / "new.yaml"
    overlay.write_text(OVERLAY)
    before = worked.sent("prairie")
    code, told = replayed(worked, "--partner", "prairie", "--overlay", str(overlay), capsys=capsys)
    assert code == 1 and [one["number"] for one in told] == ["NW-4711", "NW-4712", "NW-4713", "NW-4714"]
    for one in told:
        (difference,) = one["differences"]
        assert "-N1*BY*" in difference and "+N1*BO*" in difference
    assert worked.sent("prairie") == before
    assert worked.work() == 0 and worked.problems() == []


def test_only_the_latest_are_run(worked: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    overlay = tmp_path / "new.yaml"
    overlay.write_text("extends: order/ORDERS\n")
    code, told = replayed(worked, "--partner", "nordwind", "--last", "2", "--overlay", str(overlay), capsys=capsys)
    assert (code, [one["number"] for one in told]) == (0, ["NW-4713", "NW-4714"])


def test_it_stands_in_the_log_that_somebody_looked(
    worked: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay = tmp_path / "new.yaml"
    overlay.write_text(OVERLAY)
    replayed(worked, "--partner", "prairie", "--last", "1", "--overlay", str(overlay), capsys=capsys)
    worked.context.log.integrate()
    main(["log", "tail", "--no-follow", "-n", "1", "-c", str(worked.config)])
    said = capsys.readouterr().out
    assert "admin.action" in said and "replay, because: to try new.yaml" in said


def test_a_folder_of_bindings_can_be_tried(worked: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mappings"
    shutil.copytree(shipped("mappings"), folder)
    codes = folder / "codes" / "party_roles.csv"
    codes.write_text(codes.read_text().replace("BY,,BY,both", "BY,,AB,both"))
    code, told = replayed(worked, "--partner", "prairie", "--last", "1", "--mappings", str(folder), capsys=capsys)
    assert code == 1 and "+N1*AB*" in told[0]["differences"][0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--partner", "prairie"], "give --overlay FILE or --mappings DIR"),
        (["--partner", "nobody", "--overlay", "x.yaml"], "there is no partner nobody"),
        (["--partner", "prairie", "--overlay", "nothing.yaml"], "nothing.yaml: no such file or directory"),
        (["--partner", "prairie", "--mappings", "tests"], "tests: holds no bindings"),
    ],
)
def test_what_cannot_be_tried_is_told(
    worked: House, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mapping", "replay", "-c", str(worked.config), *arguments]) == 2
    assert told in capsys.readouterr().err
