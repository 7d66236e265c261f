"""Exchanges that have ended are closed; those that have not stay open."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from edigw.gateway.desk import operate
from edigw.gateway.upkeep import closing
from edigw.gateway.upkeep.closing import close_exchanges
from edigw.log.audit import Problem, audit
from edigw.log.bundle import export
from edigw.log.thin import thin
from edigw.log.verify import verify_bundle
from edigw.store.clock import utc_now
from edigw.store.schema import ev_checkpoint, event, message

from .house import SESSION, House, sample

LATER = utc_now() + closing.QUIET + timedelta(hours=1)
MUCH_LATER = utc_now() + closing.PATIENCE + timedelta(hours=1)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A despatch advice was sent, translated, and fetched; its acknowledgement has not come."""
    house = House(tmp_path)
    house.edit("prairie", 'method = "sftp"', 'method = "mailbox"')
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    return house


def fetch_all(house: House, partner: str) -> None:
    home = house.home(partner)
    for entry in home.list("outbox"):
        home.picked_up(entry, SESSION, entry.size, True)
    house.work()


def types(house: House, xid: str) -> list[str]:
    with house.context.database.read() as conn:
        return list(conn.execute(select(event.c.type).where(event.c.xid == xid).order_by(event.c.n)).scalars())


def exchanges(house: House) -> tuple[str, str]:
    """That of the file, and that of the message in it."""
    with house.context.database.read() as conn:
        rows = conn.execute(select(message).where(message.c.document == "DespatchAdvice").order_by(message.c.id)).all()
        file = conn.execute(select(event.c.xid).where(event.c.transmission == rows[0].transmission)).scalars().first()
    assert file is not None
    return file, rows[0].xid


def sound(house: House) -> list[str]:
    while house.context.log.integrate():
        pass
    log = house.context.log
    return [str(p) for p in audit(log.database, log.payloads, log.keys) if isinstance(p, Problem)]


def test_nothing_is_closed_while_a_file_waits_to_be_fetched(house: House) -> None:
    assert close_exchanges(house.context, MUCH_LATER) == 0


def test_what_was_fetched_and_answered_is_closed_after_a_week(house: House) -> None:
    fetch_all(house, "nordwind")
    fetch_all(house, "prairie")
    file, inner = exchanges(house)
    assert close_exchanges(house.context, utc_now()) == 0
    assert close_exchanges(house.context, LATER) == 1
    assert types(house, file)[-1] == "exchange.closed"
    assert "exchange.closed" not in types(house, inner), "its acknowledgement may still come"
    assert close_exchanges(house.context, LATER) == 0
    assert sound(house) == []


def test_an_acknowledgement_that_never_came_expires(house: House, tmp_path: Path) -> None:
    fetch_all(house, "nordwind")
    fetch_all(house, "prairie")
    file, inner = exchanges(house)
    assert close_exchanges(house.context, MUCH_LATER) == 2
    assert types(house, inner)[-2:] == ["exchange.expired", "exchange.closed"]
    assert sound(house) == []
    log = house.context.log
    report = verify_bundle(export(log, [file, inner], tmp_path / "e.zip"), [str(log.keys[0])])
    assert report.ok and report.warnings == []


def test_a_late_event_opens_an_exchange_again(house: House) -> None:
    fetch_all(house, "nordwind")
    fetch_all(house, "prairie")
    close_exchanges(house.context, MUCH_LATER)
    _, inner = exchanges(house)
    with house.context.database.read() as conn:
        sent = conn.execute(select(event.c.transmission).where(event.c.xid == inner)).scalars().first()
    operate.resend(house.context.log, str(sent), "admin:ann", "their disk was full")
    assert types(house, inner)[-1] == "admin.action"
    assert sound(house) == []
    assert close_exchanges(house.context, MUCH_LATER + closing.QUIET) == 0, "it lies in the outbox again"


def test_of_old_checkpoints_one_in_five_minutes_is_kept(house: House) -> None:
    for number in range(4):
        house.send("prairie", f"{number}.x12", sample("asn_4711.x12") + b"\n" * number)
        house.context.log.integrate()

    def sizes() -> list[int]:
        with house.context.database.read() as conn:
            return list(conn.execute(select(ev_checkpoint.c.size).order_by(ev_checkpoint.c.size)).scalars())

    before = sizes()
    assert len(before) > 4 and thin(house.context.database, utc_now()) == 0
    assert thin(house.context.database, LATER) == len(before) - 1
    assert sizes() == before[:1]
    house.send("prairie", "after.x12", sample("asn_4711.x12") + b"\n\n\n\n\n\n")
    assert sound(house) == []
