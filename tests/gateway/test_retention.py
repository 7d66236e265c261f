"""Content is erased when it was kept for long enough, and the log still proves that it was there."""

from __future__ import annotations

import os
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from edigw.admin.cli import main
from edigw.gateway.desk import queries
from edigw.gateway.upkeep import retention
from edigw.gateway.upkeep.retention import YEAR, Held
from edigw.log.audit import Problem, audit
from edigw.log.bundle import export
from edigw.log.verify import verify_bundle
from edigw.partners.tables.retention import LegalHold, Retention, RetentionRule
from edigw.store.clock import utc_now
from edigw.store.schema import event, message, transmission

from .house import House, sample

NAME = "asn.x12"
TEN_YEARS_ON = utc_now() + 10 * YEAR + timedelta(days=1)
DEFAULT = Retention()


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.edit("prairie", 'method = "sftp"', 'method = "mailbox"')
    house.send("prairie", NAME, sample("asn_4711.x12"))
    return house


def names(house: House, rules: Retention, now: datetime) -> set[str]:
    with house.context.database.read() as conn:
        return {name for one in retention.due(conn, rules, now) for name in one.names}


def sound(house: House) -> list[str]:
    while house.context.log.integrate():
        pass
    log = house.context.log
    return [str(p) for p in audit(log.database, log.payloads, log.keys) if isinstance(p, Problem)]


def inbound(house: House) -> Any:
    with house.context.database.read() as conn:
        return conn.execute(select(transmission).where(transmission.c.name == NAME)).one()


def test_nothing_is_erased_before_its_time(house: House) -> None:
    assert names(house, DEFAULT, utc_now() + 9.9 * YEAR) == set()
    assert NAME in names(house, DEFAULT, TEN_YEARS_ON)


@pytest.mark.parametrize(
    ("rules", "after", "erased"),
    [
        ([RetentionRule(years=3, partner="prairie")], 4, True),
        ([RetentionRule(years=3, partner="nordwind", document="DespatchAdvice")], 4, True),
        ([RetentionRule(years=3, document="Invoice")], 4, False),
        ([RetentionRule(years=30, document="DespatchAdvice"), RetentionRule(years=3)], 11, False),
    ],
)
def test_the_first_rule_that_fits_decides(house: House, rules: list[RetentionRule], after: float, erased: bool) -> None:
    found = names(house, Retention(rules=tuple(rules)), utc_now() + after * YEAR)
    assert (NAME in found) is erased


@pytest.mark.parametrize("hold", [{"reference": "NW-4711"}, {"partner": "prairie"}, {"document": "DespatchAdvice"}])
def test_what_is_held_is_not_erased(house: House, hold: dict[str, str]) -> None:
    held = Retention(holds=(LegalHold(reason="dispute", **hold),))
    assert NAME not in names(house, held, TEN_YEARS_ON)
    with house.context.database.read() as conn, pytest.raises(Held, match="legal hold: dispute"):
        retention.wanted(conn, held, inbound(house))


def test_proofs_hold_after_the_erasure_and_say_what_is_missing(house: House, tmp_path: Path) -> None:
    row, c = inbound(house), house.context
    original = sample("asn_4711.x12")
    assert c.payloads.exists(row.sha256)
    for path in tmp_path.rglob("*.zst"):
        os.utime(path, (0, 0))
    assert retention.erase_due(c.log, c.payloads, DEFAULT, TEN_YEARS_ON) >= 2
    assert retention.erase_due(c.log, c.payloads, DEFAULT, TEN_YEARS_ON) == 0
    assert not c.payloads.exists(row.sha256)
    assert house.outbox("prairie", "inbox") == house.outbox("nordwind") == {}
    assert sound(house) == []
    with c.database.read() as conn:
        xids = queries.exchanges_of_transmission(conn, row)
        types = conn.execute(select(event.c.type, event.c.reason).where(event.c.xid == row.xid)).all()
    assert ("object.erased", "retention") in {tuple(each) for each in types}
    bundle = export(c.log, xids, tmp_path / "e.zip")
    report = verify_bundle(bundle, [str(c.log.keys[0])])
    assert report.ok, report.failure
    assert any("payload.original: erased" in line for line in report.story)
    with zipfile.ZipFile(bundle) as archive:
        assert all(original not in archive.read(name) for name in archive.namelist())


def test_the_same_bytes_that_passed_again_are_kept_with_the_younger(house: House) -> None:
    with house.context.database.write() as conn:
        long_ago = "2001-01-01T00:00:00.000Z"
        conn.execute(transmission.update().where(transmission.c.name == NAME).values(created_at=long_ago))
    assert NAME in names(house, DEFAULT, utc_now())
    house.send("prairie", "again.x12", sample("asn_4711.x12"))
    assert NAME not in names(house, DEFAULT, utc_now())


def test_bytes_that_arrive_at_the_moment_of_erasure_stay(house: House) -> None:
    payloads = house.context.payloads.files
    sha256 = payloads.put(b"twice")
    assert not payloads.remove_unused(sha256), "it was stored a moment ago"
    with payloads.open(sha256) as stream:
        assert stream.read() == b"twice"
    assert payloads.remove_unused(sha256, unused_for=-1)
    assert not payloads.exists(sha256)


def test_what_is_under_way_cannot_be_erased(house: House) -> None:
    house.edit("prairie", 'method = "mailbox"', 'method = "sftp"')
    house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    with house.context.database.read() as conn:
        row = conn.execute(select(transmission).where(transmission.c.state == "queued")).scalars().first()
        found = queries.find_transmission(conn, str(row))
        assert found is not None
        with pytest.raises(Held, match="still under way"):
            retention.wanted(conn, DEFAULT, found)


def test_an_admin_erases_one_file_with_a_reason(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    row = inbound(house)
    options = ["-c", str(house.config)]
    assert main(["log", "erase", row.id, *options]) == 2
    assert main(["log", "erase", "--dry-run", *options]) == 0
    assert "no content would be erased" in capsys.readouterr().out
    assert main(["log", "erase", row.id, "--reason", "erasure_request", *options]) == 0
    assert NAME in capsys.readouterr().out
    assert sound(house) == []
    with house.context.database.read() as conn:
        (told,) = conn.execute(select(event).where(event.c.type == "object.erased")).all()
        assert told.reason == "erasure_request" and told.actor.startswith("admin:")
        assert conn.execute(select(message.c.id).where(message.c.transmission == row.id)).first() is not None
    assert main(["log", "payload", row.id, *options]) == 2
    assert f"edigw log show {row.id} tells whether it was erased" in capsys.readouterr().err
    assert main(["log", "show", row.id, *options]) == 0
    assert "object.erased" in capsys.readouterr().out
