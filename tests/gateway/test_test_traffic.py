"""What is marked as a test stays marked, and never lies where production files do, whichever way it goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edigw import directory, syntax
from edigw.gateway.desk import held, operate
from edigw.gateway.desk.queries import Filters, search
from edigw.gateway.desk.reissue import reissue
from edigw.gateway.outgoing import stops
from edigw.transport.keys import generate

from .house import SESSION, House, sample
from .supplier import free_port

ORDERS = sample("orders_text.edi").replace(b"+ORDERS'UNH", b"+ORDERS++++1'UNH", 1)
ADVICE = sample("asn_4711.x12").replace(b"*P*>~", b"*T*>~", 1)
PRODUCTION = sample("orders_text.edi")


def is_test(data: bytes) -> bool:
    (interchange,) = syntax.parse(data).interchanges
    return interchange.test


def deliver_to(house: House, production: Path, more: str = "") -> None:
    """Let the supplier's files go into a folder, and its tests where `more` says."""
    production.mkdir(exist_ok=True)
    path = house.config.parent / "partners" / "prairie.toml"
    head, _, _ = path.read_text().partition("[delivery]\n")
    place = f"folder = {{ path = {json.dumps(str(production))} }}"
    table = f'method = "folder"\nfile_name = "{{type}}_{{control}}.x12"\n{place}\n'
    path.write_text(f"{head}[delivery]\n{table}{more}")
    house.reload()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_partner_fetches_tests_from_a_folder_of_their_own(house: House) -> None:
    house.edit("nordwind", "[delivery]\n", '[mailbox]\nfolders = { advices = ["DESADV"] }\n[delivery]\n')
    shown = house.send("prairie", "asn.x12", ADVICE)
    assert shown["state"] == "accepted" and house.outbox("nordwind") == {}
    assert house.outbox("nordwind", "outbox/advices") == {} and house.outbox("nordwind", "test") == {}
    ((name, data),) = house.outbox("nordwind", "test/advices").items()
    assert is_test(data)
    home = house.home("nordwind")
    entry = home.find("test/advices", name)
    assert entry is not None
    home.picked_up(entry, SESSION, entry.size, complete=True)
    home.remove(entry, SESSION)
    assert house.outbox("nordwind", "test/advices") == {}
    (out,) = [t for t in shown["became"] if t["partner"] == "nordwind"]  # type: ignore[attr-defined]
    events = {e["type"]: e for e in house.show(out["id"])["events"]}  # type: ignore[attr-defined]
    assert events["translation.completed"]["detail"]["test"] and events["mailbox.deposited"]["detail"]["test"]
    assert {"retrieval.completed", "mailbox.removed"} <= events.keys()
    operate.resend(house.context.log, out["id"], "admin:ann", "once more")
    assert house.outbox("nordwind") == {} and len(house.outbox("nordwind", "test/advices")) == 1
    assert house.problems() == []


def test_what_acknowledges_a_test_is_marked_and_lies_among_tests(small_house: House) -> None:
    small_house.send("nordwind", "orders.edi", ORDERS)
    small_house.send("prairie", "asn.x12", ADVICE)
    (contrl,) = small_house.sent("nordwind", "ack")
    assert contrl in small_house.outbox("nordwind", "test").values()
    (x997,) = small_house.outbox("prairie", "test").values()
    assert b"UCI+" in contrl and b"~AK1*" in x997 and is_test(contrl) and is_test(x997)
    assert small_house.outbox("nordwind") == {} and small_house.outbox("prairie") == {}
    assert small_house.claim("deliver") == []


def test_a_test_for_a_server_without_a_place_for_tests_is_held_until_there_is_one(house: House, tmp_path: Path) -> None:
    production, tests = tmp_path / "production", tmp_path / "tests"
    tests.mkdir()
    deliver_to(house, production)
    shown = house.send("nordwind", "orders.edi", ORDERS)
    assert (shown["state"], shown["reason"]) == ("held", "no_test_box")
    (why,) = [f for f in shown["findings"] if f.get("code") == "no_test_box"]  # type: ignore[attr-defined]
    assert "[delivery.test]" in why["text"]
    deliver_to(
        house, production, f'[delivery.test]\nmethod = "folder"\nfolder = {{ path = {json.dumps(str(tests))} }}\n'
    )
    assert held.reprocess(house.context.log, "no_test_box", "", "admin:ann", "set up") == [shown["id"]]
    house.send("nordwind", "real.edi", house.fresh(PRODUCTION, b"NW0004714"))
    house.work()
    house.work("deliver")
    assert (names(production), names(tests)) == (["850_000000002.x12"], ["850_000000001.x12"])
    assert [is_test((folder / names(folder)[0]).read_bytes()) for folder in (production, tests)] == [False, True]
    done = [e for t in _sent(house) for e in house.show(t["id"])["events"] if e["type"] == "delivery.completed"]  # type: ignore[attr-defined]
    assert sorted(e["detail"]["test"] for e in done) == [False, True]
    (test,) = [t for t in _sent(house) if t["test"]]
    new = reissue(house.context, test["id"], "admin:ann", "their test system lost it")
    house.work("deliver")
    assert house.state(new) == "delivered" and len(names(tests)) == 2 and len(names(production)) == 1
    deliver_to(house, production)
    with pytest.raises(operate.Refusal, match="no place for tests"):
        reissue(house.context, test["id"], "admin:ann", "again")
    assert house.problems() == []


def _sent(house: House) -> list[dict[str, Any]]:
    with house.context.database.read() as conn:
        return search(conn, Filters(direction="out", type="850"))


def test_tests_that_can_not_be_delivered_hold_up_no_production(house: House, tmp_path: Path) -> None:
    """Neither a server of tests that is away, nor one that shows another key, nor an order among deliveries."""
    key, host = house.config.parent / "keys" / "push_ed25519", json.dumps(generate(tmp_path / "other", "host"))
    server = f'method = "sftp"\nsftp = {{ host = "127.0.0.1", port = {free_port()}, user = "u", host_key = {host}, '
    more = f'in_order = true\n[delivery.test]\n{server}key_file = "{key}" }}\n'
    deliver_to(house, tmp_path / "production", more)
    for n, data in enumerate((ORDERS, ORDERS, PRODUCTION, ORDERS, PRODUCTION)):
        house.send("nordwind", f"{n}.edi", house.fresh(data, b"NW0004714"))
    house.work("deliver")
    assert names(tmp_path / "production") == ["850_000000003.x12", "850_000000005.x12"]
    assert [house.state(t["id"]) for t in _sent(house) if t["test"]] == ["queued"] * 3
    with house.context.database.write() as conn:
        stops.stop(conn, "prairie", "elsewhere", "another key", test=True)
        assert stops.stopped(conn, "prairie", "elsewhere", test=False) == ""
        assert [each["test"] for each in stops.listed(conn)] == [True]
    stops.resume_changed(house.context)
    with house.context.database.read() as conn:
        assert stops.listed(conn) == []


def test_tests_may_have_to_be_released_one_by_one(small_house: House) -> None:
    house = small_house
    (house.config.parent / "agreements" / "a.toml").write_text(
        'sender = "prairie"\nreceiver = "nordwind"\ntest = "hold"\n'
    )
    house.reload()
    shown = house.send("prairie", "asn.x12", ADVICE)
    assert (shown["state"], shown["reason"]) == ("held", "test_held")
    assert len(house.outbox("prairie", "test")) == 1 and house.sent("nordwind") == []
    operate.reprocess(house.context.log, str(shown["id"]), "admin:ann", "does that help?")
    house.work()
    assert house.sent("nordwind") == []
    operate.release(house.context.log, str(shown["id"]), "admin:ann", "they are ready")
    house.work()
    assert house.state(str(shown["id"])) == "accepted" and len(house.outbox("nordwind", "test")) == 1
    assert len(house.sent("prairie", "ack")) == 1
    assert house.problems() == []


def test_production_that_a_partner_wants_marked_goes_the_way_of_tests(small_house: House) -> None:
    small_house.edit("prairie", "newline = true\n", 'newline = true\nusage = "T"\n')
    shown = small_house.send("nordwind", "orders.edi", PRODUCTION)
    assert (shown["state"], shown["reason"]) == ("held", "no_test_box")


def test_search_tells_tests_and_production_apart(small_house: House) -> None:
    house = small_house
    house.send("prairie", "test.x12", ADVICE)
    house.send("prairie", "real.x12", house.fresh(sample("asn_4711.x12"), b"000088231"))
    with house.context.database.read() as conn:
        tests, production = (search(conn, Filters(direction="in", test=test)) for test in (True, False))
        both = search(conn, Filters(direction="in"))
    assert [t["name"] for t in tests] == ["test.x12"] and [t["name"] for t in production] == ["real.x12"]
    assert [(t["test"], t["state"]) for t in both] == [(False, "accepted"), (True, "accepted")]


def test_a_copy_of_a_test_and_a_routed_test_lie_among_tests_too(small_house: House) -> None:
    house = small_house
    (house.config.parent / "routes.toml").write_text(
        '[[routes]]\nname = "r"\ndocument = "DespatchAdvice"\nto = "nordwind"\ncopy_to = "prairie"\n'
    )
    form = '[[receives]]\ndocument = "DespatchAdvice"\nmessage = "856"\nversion = "004010"\n'
    house.edit("prairie", "[delivery]\n", f'{form}[delivery]\ntest = {{ method = "mailbox" }}\n')
    assert house.send("prairie", "asn.x12", ADVICE)["state"] == "accepted"
    assert house.outbox("nordwind") == house.outbox("prairie") == {}
    kinds = {
        m.type for d in house.outbox("prairie", "test").values() for m in directory.check(d).interchanges[0].messages
    }
    assert kinds == {"856", "997"} and len(house.outbox("nordwind", "test")) == 1
