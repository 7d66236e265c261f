"""`edigw route`: where the messages of a file would go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edigw.admin.cli import main
from edigw.admin.setup import create
from tests.gateway.house import sample

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return create(tmp_path / "gw")


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Three orders of the example retailer for the example supplier."""
    data = sample("orders_3.edi").replace(b"4299999000016:14", b"5412345000013:14")
    path = tmp_path / "orders.edi"
    path.write_bytes(data.replace(b"0799999000107:14", b"8712345000011:14"))
    return path


def test_rule_receivers_form_and_delivery_are_said(config: Path, orders: Path, capsys: Capture) -> None:
    rule = '[[routes]]\nname = "copies"\ndocument = "Order"\ncopy_to = "retailer"\n'
    (config.parent / "routes.toml").write_text(rule)
    assert main(["route", str(orders), "-c", str(config)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "EDIFACT interchange NW0004711 from 5412345000013:14 to 8712345000011:14",
        "  ORDERS D.96A NW-4711, message 1",
        '    by the rule "copies"',
        "    to supplier as 850 004010, by sftp",
        "    copy to retailer: held, the copy for retailer: partner retailer has not agreed to get documents of type "
        'Order: add [[receives]] with document = "Order" to its file',
    ]
    assert main(["route", str(orders), "--json", "-c", str(config)]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    (supplier, retailer) = told["messages"][0]["receivers"]
    assert (supplier["partner"], supplier["form"], supplier["copy"]) == ("supplier", "850 004010", False)
    assert (retailer["partner"], retailer["reason"], retailer["copy"]) == ("retailer", "no_agreement", True)


def test_without_rules_the_envelope_decides(config: Path, orders: Path, capsys: Capture) -> None:
    assert main(["route", str(orders), "-c", str(config)]) == 0
    assert "    by its envelope, no rule fits" in capsys.readouterr().out.splitlines()


def test_what_would_be_held_or_rejected_is_said(config: Path, orders: Path, capsys: Capture) -> None:
    data = orders.read_bytes()
    orders.write_bytes(data.replace(b"8712345000011:14+2", b"8712345000099:14+2"))
    assert main(["route", str(orders), "-c", str(config)]) == 1
    assert "held: unknown_receiver" in capsys.readouterr().out
    orders.write_bytes(data)
    assert main(["route", str(orders), "--login", "supplier", "-c", str(config)]) == 1
    assert "rejected: sender_not_entitled" in capsys.readouterr().out


def test_a_sender_that_nobody_knows_must_be_named(config: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "other.edi"
    path.write_bytes(sample("orders_3.edi"))
    assert main(["route", str(path), "-c", str(config)]) == 2
    assert "say with --login who sends it" in capsys.readouterr().err
    path.write_bytes(b"hello")
    assert main(["route", str(path), "--login", "retailer", "-c", str(config)]) == 2
