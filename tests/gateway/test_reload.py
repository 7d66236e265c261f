"""Changed files of the configuration: taken over while the gateway runs, told in the log, refused if they are wrong."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from edigw.gateway.context import Current
from edigw.gateway.desk import queries
from edigw.gateway.incoming.process import process
from edigw.gateway.upkeep import configuration
from edigw.gateway.upkeep.reload import Reloader
from edigw.partners.files import digest_of
from edigw.store.schema import event
from edigw.transport.keys import generate

from .house import House, sample

GUIDE = """\
guide: Words
standard: edifact
message: ORDERS
versions: [D.96A]
locations:
  - {at: FTX, use: required}
"""


def rewrite(house: House, name: str, old: str, new: str) -> None:
    """Change a file, without loading it."""
    path = house.config.parent / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def told(house: House) -> list[dict[str, Any]]:
    """The events about the configuration."""
    with house.context.database.read() as conn:
        xid = configuration.exchange_of(house.context.log.origin)
        return queries.events(conn, house.context.payloads, event.c.xid == xid)


def settle(*reloaders: Reloader) -> None:
    """As if some seconds passed: each has looked at the files until nothing is new."""
    for _ in range(3):
        for each in reloaders:
            each.look()


def test_a_change_counts_for_every_process_and_is_one_event(house: House) -> None:
    current = house.current
    other = Current(house.context)  # another process on the same files and database
    ours, theirs = Reloader(current), Reloader(other)
    ours.begin()
    theirs.begin()
    first = told(house)
    assert [one["type"] for one in first] == ["admin.action", "partner.changed"]
    settle(ours, theirs)
    assert len(told(house)) == 2
    rewrite(house, "partners/prairie.toml", 'file_name = "{type}_{control}.x12"', 'file_name = "new_{control}.x12"')
    settle(ours, theirs)
    for each in (current, other):
        assert each.context.config.partners["prairie"].delivery.file_name == "new_{control}.x12"
    (change,) = told(house)[2:]
    assert (change["type"], change["actor"]) == ("partner.changed", "gateway")
    (changed,) = change["detail"]["changed"]
    assert changed["name"] == "partners/prairie.toml"
    assert changed["before"] == first[1]["detail"]["files"]["partners/prairie.toml"]
    assert change["detail"]["before"] == first[1]["detail"]["configuration"]
    assert change["detail"]["configuration"] == current.context.config.digest
    assert house.problems() == []


def test_which_rules_applied_can_be_answered_for_every_exchange(house: House) -> None:
    """By the digest that its events name, with the content of the files, whatever they say today."""
    reloader = Reloader(house.current)
    reloader.begin()
    id = str(house.send("nordwind", "orders.edi", sample("orders_text.edi"))["id"])
    before = (house.config.parent / "partners/prairie.toml").read_bytes()
    rewrite(house, "partners/prairie.toml", "newline = true", "newline = false")
    key = generate(house.folder / "third", "third")
    third = f'name = "Third"\nidentifiers.edifact = [{{ id = "3RD" }}]\n[login]\nuser = "third"\nkeys = ["{key}"]\n'
    (house.config.parent / "partners/third.toml").write_text(third)
    assert reloader.look(at_once=True)
    log = house.context.log
    with log.database.read() as conn:
        row = queries.find_transmission(conn, id)
        assert row is not None
        named = configuration.digests(conn, log.payloads, queries.exchanges_of_transmission(conn, row))
        versions = configuration.history(conn, log.payloads, log.origin)
        assert [each.digest for each in versions] == [house.context.config.digest, named[0]] and len(named) == 1
        assert [each.words for each in versions[0].changes] == [
            "partners/prairie.toml (changed)",
            "partners/third.toml (new)",
        ]
        version = configuration.version_of(versions, named[0][:12])
        assert version == versions[1] and digest_of(version.files) == named[0]
        found = configuration.contents(conn, log.payloads, log.origin, version.files)
    assert found["partners/prairie.toml"] == before
    assert set(found) == {"edigw.toml", "partners/nordwind.toml", "partners/prairie.toml"}
    assert house.problems() == []


def test_secrets_are_not_kept(small_house: House) -> None:
    house = small_house
    hashed = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$bWVzc2FnZW1lc3NhZ2VtZXNzYWdlbWVzcw"
    house.edit("nordwind", "[login]", f'[login]\npassword_hash = "{hashed}"')
    Reloader(house.current).begin()
    log = house.context.log
    with log.database.read() as conn:
        (version,) = configuration.history(conn, log.payloads, log.origin)
        found = configuration.contents(conn, log.payloads, log.origin, version.files)
    assert b'password_hash = "***"' in found["partners/nordwind.toml"]
    assert hashed.encode() not in b"".join(found.values())


def test_wrong_files_change_nothing_and_are_told_once(small_house: House, caplog: pytest.LogCaptureFixture) -> None:
    house = small_house
    reloader = Reloader(house.current)
    reloader.begin()
    before = house.context.config
    rewrite(house, "partners/prairie.toml", "host =", "hosst =")
    rewrite(house, "partners/nordwind.toml", '"Nordwind Markt eG"', '"Nordwind"')
    with caplog.at_level(logging.WARNING, "edigw.configuration"):
        settle(reloader, reloader)
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert 'delivery.sftp.hosst: unknown key; did you mean "host"?' in record.getMessage()
    assert house.context.config is before and len(told(house)) == 2
    rewrite(house, "partners/prairie.toml", "hosst =", "host =")
    settle(reloader)
    assert house.context.config.partners["nordwind"].name == "Nordwind"
    assert house.problems() == []


def test_half_a_change_is_not_read(small_house: House) -> None:
    """Files are read once they have been the same for two looks."""
    reloader = Reloader(small_house.current)
    reloader.begin()
    settle(reloader)
    rewrite(small_house, "partners/nordwind.toml", '"Nordwind Markt eG"', '"Nor"')
    assert not reloader.look()
    rewrite(small_house, "partners/nordwind.toml", '"Nor"', '"Nordwind"')
    assert not reloader.look()
    assert reloader.look()
    assert small_house.context.config.partners["nordwind"].name == "Nordwind"


def test_a_file_that_a_partner_file_names_is_watched(small_house: House) -> None:
    house = small_house
    guide = house.config.parent / "guide.yaml"
    guide.write_text(GUIDE)
    house.edit("nordwind", 'name = "Nord', 'guides = ["../guide.yaml"]\nname = "Nord')
    reloader = Reloader(house.current)
    reloader.begin()
    settle(reloader)
    guide.write_text(GUIDE.replace("Words", "Other words"))
    settle(reloader)
    assert house.context.config.partners["nordwind"].loaded_guides[0].name == "Other words"
    assert told(house)[-1]["detail"]["changed"][0]["name"] == "guide.yaml"


def test_what_counts_at_the_next_start_is_told(small_house: House, caplog: pytest.LogCaptureFixture) -> None:
    house = small_house
    reloader = Reloader(house.current)
    reloader.begin()
    port = house.context.config.sftp.port
    rewrite(house, "edigw.toml", f"port = {port}\n", "port = 2299\n")
    rewrite(house, "edigw.toml", "years = 10", "years = 12")
    with caplog.at_level(logging.WARNING, "edigw.configuration"):
        assert reloader.look(at_once=True)
    assert "counts when the gateway starts anew: sftp.port" in caplog.text
    assert (house.context.config.sftp.port, house.context.config.retention.years) == (port, 12)
    (change,) = told(house)[2:]
    assert (change["type"], change["detail"]["at_restart"]) == ("admin.action", ["sftp.port"])


def test_a_job_ends_under_the_configuration_with_which_it_began(small_house: House) -> None:
    house = small_house
    reloader = Reloader(house.current)
    reloader.begin()
    before = house.context.config.digest
    began = house.context
    id = house.drop("nordwind", "orders.edi", sample("orders_text.edi"))
    jobs = house.claim("process")
    rewrite(house, "partners/prairie.toml", 'version = "004010"', 'version = "005010"')
    assert reloader.look(at_once=True)
    assert process(began, jobs) == []
    shown = house.show(id)
    assert {e["detail"]["configuration"] for e in shown["events"] if "configuration" in e["detail"]} == {before}  # type: ignore[attr-defined]
    assert b"004010" in house.sent("prairie")[0]


def test_a_change_that_can_t_be_logged_does_not_count_yet(small_house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The database is away for a moment."""
    house = small_house
    reloader = Reloader(house.current)
    reloader.begin()
    before = house.context.config.digest
    rewrite(house, "partners/nordwind.toml", '"Nordwind Markt eG"', '"Nordwind"')
    with house.context.database.write() as conn:
        conn.exec_driver_sql("ALTER TABLE ev_pending RENAME TO away")
    assert not reloader.look(at_once=True)
    assert house.context.config.digest == before and "can't be put into the log" in caplog.text
    with house.context.database.write() as conn:
        conn.exec_driver_sql("ALTER TABLE away RENAME TO ev_pending")
    settle(reloader)
    assert house.context.config.digest != before
