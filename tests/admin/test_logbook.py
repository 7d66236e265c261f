"""`edigw log` and `edigw evidence`, on a gateway that has done some work."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest

from edigw.admin.cli import main
from tests.gateway.house import House, sample


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A gateway through which orders, a broken order and a despatch advice went."""
    house = House(tmp_path_factory.mktemp("worked"))
    for name in ("orders_3.edi", "orders_broken.edi"):
        house.send("nordwind", name, sample(name))
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    while house.context.log.integrate():
        pass
    return house


def run(house: House, *arguments: str) -> int:
    return main([*arguments, "-c", str(house.config)])


def found(house: House, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    assert run(house, "log", "search", "--json", *arguments) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--partner", "prairie", "--direction", "in"], ["asn.x12"]),
        (["--state", "rejected"], ["orders_broken.edi"]),
        (["--validation", "rejected"], ["orders_broken.edi"]),
        (["--delivery", "deposited", "--direction", "in"], ["asn.x12"]),
        (["--acknowledgement", "wanted", "--type", "ORDERS"], ["orders_3.edi"]),
        (["--type", "desadv"], ["DESADV_3.edi"]),
        (["--control", "NW0004711"], ["orders_3.edi"]),
        (["--reference", "307999990047110013"], ["DESADV_3.edi", "asn.x12"]),
        (["--direction", "in", "broken"], ["orders_broken.edi"]),
        (["--until", "2020-01-01"], []),
        (["--direction", "in", "--since", "2020-01-01", "--limit", "1"], ["asn.x12"]),
    ],
)
def test_search_finds_by_each_filter_newest_first(
    worked: House, capsys: pytest.CaptureFixture[str], arguments: list[str], names: list[str]
) -> None:
    assert [t["name"] for t in found(worked, capsys, *arguments)] == names


def test_show_tells_a_transmissions_life_also_by_the_end_of_its_id(
    worked: House, capsys: pytest.CaptureFixture[str]
) -> None:
    (rejected,) = found(worked, capsys, "--state", "rejected")
    assert run(worked, "log", "show", str(rejected["id"])[-10:]) == 0
    text = capsys.readouterr().out
    assert "SUP is not in the code list" in text and "validation.failed" in text and "CONTRL" in text


def test_thread_has_every_message_of_the_order_in_time_order(worked: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(worked, "log", "thread", "NW-4711", "--json") == 0
    (thread,) = json.loads(capsys.readouterr().out)
    assert thread["partners"] == ["nordwind", "prairie"]
    assert [m["type"] for m in thread["messages"]] == ["ORDERS", "850", "856", "DESADV"]
    indices = [event["index"] for event in thread["events"]]
    assert indices == sorted(indices)
    assert run(worked, "log", "thread", "NW-4711") == 0
    assert "translated ORDERS NW-4711 to 850 004010" in capsys.readouterr().out


def test_an_unknown_order_or_id_is_one_line_and_code_2(worked: House, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["log", "thread", "NO-SUCH"], ["log", "show", "NOSUCH"], ["log", "payload", "NOSUCH"]):
        assert run(worked, *command) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_payload_gives_the_exact_bytes(worked: House, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with worked.context.database.read() as conn:
        id = conn.exec_driver_sql("SELECT id FROM transmission WHERE name = 'orders_3.edi'").scalar_one()
    assert run(worked, "log", "payload", str(id)) == 0
    assert capfdbinary.readouterr().out == sample("orders_3.edi")


def test_who_looked_at_content_and_why_is_in_the_log(worked: House, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with worked.context.database.read() as conn:
        id = conn.exec_driver_sql("SELECT id FROM transmission WHERE name = 'orders_3.edi'").scalar_one()
    assert run(worked, "log", "payload", str(id), "--reason", "asked by the buyer") == 0
    capfdbinary.readouterr()
    *_, event = [e for e in worked.show(str(id))["events"] if e["type"] == "admin.action"]  # type: ignore[attr-defined]
    assert event["actor"].startswith("admin:")
    assert (event["detail"]["action"], event["detail"]["why"]) == ("look at content", "asked by the buyer")
    assert run(worked, "log", "show", str(id)) == 0
    assert b"look at content, because: asked by the buyer" in capfdbinary.readouterr().out
    assert worked.problems() == []


def test_tail_ends_with_the_newest_event(worked: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(worked, "log", "tail", "--lines", "3", "--no-follow", "--json") == 0
    events = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert len(events) == 3 and events[-1]["index"] == max(e["index"] for e in events)


def test_an_exported_bundle_verifies_and_one_changed_byte_in_it_does_not(
    worked: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "evidence.zip"
    key = str(worked.config.parent / "keys" / "log.vkey")
    assert run(worked, "evidence", "export", "--thread", "NW-4711", "-o", str(bundle)) == 0
    assert main(["evidence", "verify", str(bundle), "--key", key]) == 0
    assert "VERIFIED" in capsys.readouterr().out
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == next(n for n in old.namelist() if n.endswith(".bin")):
                data = bytes([data[0] ^ 1]) + data[1:]
            new.writestr(name, data)
    assert main(["evidence", "verify", str(broken), "--key", key]) == 1
    assert "DOES NOT VERIFY" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE transmission SET state = 'accepted' WHERE name = 'orders_broken.edi'", "transmission row"),
        ("UPDATE message SET number = 'NW-1' WHERE number = 'NW-4712'", "message row"),
        ("UPDATE event SET actor = 'gateway' WHERE type = 'submission.accepted'", "event row"),
        ("UPDATE ev_entry SET entry = x'7b7d' WHERE seq = 3", "ev_entry row 3"),
        ("DELETE FROM ev_entry WHERE seq = 2", "ev_entry row 2"),
        ("UPDATE interchange SET control = 'X' WHERE control = 'NW0004711'", "interchange row"),
        ("UPDATE reference SET value = 'X' WHERE value = 'NW-4711' AND kind = 'order'", "reference"),
        ("UPDATE mailbox_item SET sha256 = (SELECT max(sha256) FROM transmission)", "mailbox_item row"),
        ("UPDATE finding SET body = '{}' WHERE id = 1", "finding"),
    ],
)
def test_a_changed_row_makes_verify_fail_and_is_named(
    worked: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], statement: str, named: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(worked.config.parent, copy)
    config = str(copy / "edigw.toml")
    assert main(["log", "verify", "-c", config]) == 0
    with sqlite3.connect(copy / "data" / "edigw.db") as connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()
    capsys.readouterr()
    assert main(["log", "verify", "-c", config]) == 1
    assert named in capsys.readouterr().out


def test_one_changed_byte_of_a_payload_makes_verify_fail_and_is_named(
    worked: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(worked.config.parent, copy)
    with sqlite3.connect(copy / "data" / "edigw.db") as connection:
        sha256, content = connection.execute("SELECT sha256, content FROM payload").fetchone()
        changed = bytearray(content)
        changed[len(changed) // 2] ^= 1
        connection.execute("UPDATE payload SET content = ? WHERE sha256 = ?", (bytes(changed), sha256))
    connection.close()
    assert main(["log", "verify", "-c", str(copy / "edigw.toml")]) == 1
    assert sha256 in capsys.readouterr().out
