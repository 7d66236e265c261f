"""Who handed something in, fetched it or was brought it finds a receipt, and beside it the same in words."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from edigw.gateway.worker import Integrator
from edigw.log.eventlog import new_xid
from edigw.log.receipt import Receipt, verify_receipt

from .house import SESSION, House, sample


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    return house


def opened(house: House, partner: str, name: str) -> Receipt:
    return verify_receipt(house.outbox(partner, "receipts")[name].decode(), house.context.log.keys)


def fetch(house: House, partner: str, name: str) -> bytes:
    home = house.home(partner)
    entry = home.find("outbox", name)
    assert entry is not None
    with home.open(entry) as stream:
        data = stream.read()
    home.picked_up(entry, SESSION, len(data), True)
    house.work()
    return data


def receipts(house: House, partner: str) -> list[str]:
    return sorted(name for name in house.outbox(partner, "receipts") if name.endswith(".receipt"))


def test_the_sender_finds_the_receipt_and_its_words(house: House) -> None:
    assert opened(house, "prairie", "asn.x12.receipt").entry.type == "submission.accepted"
    words = house.outbox("prairie", "receipts")["asn.x12.receipt.txt"].decode()
    assert "partner prairie" in words and "handed in" in words
    assert "edigw receipt verify asn.x12.receipt --original asn.x12" in words
    assert str(house.context.log.keys[0]) in words


def test_who_fetches_a_file_gets_a_receipt_that_covers_its_bytes(house: House) -> None:
    (name,) = house.outbox("nordwind")
    assert receipts(house, "nordwind") == []
    data = fetch(house, "nordwind", name)
    receipt = opened(house, "nordwind", f"{name}.receipt")
    assert receipt.entry.type == "retrieval.completed"
    assert receipt.entry.actor == "partner:nordwind"
    assert receipt.covers("payload.translated", data)
    assert "partner nordwind" in house.outbox("nordwind", "receipts")[f"{name}.receipt.txt"].decode()


def test_fetching_again_brings_no_second_receipt(house: House) -> None:
    (name,) = house.outbox("nordwind")
    for _ in range(3):
        fetch(house, "nordwind", name)
    assert receipts(house, "nordwind") == [f"{name}.receipt"]


def test_each_upload_of_one_name_has_a_receipt_of_its_own(house: House) -> None:
    house.send("prairie", "asn.x12", sample("asn_4711.x12") + b"\n")
    names = receipts(house, "prairie")
    assert len(names) == 2
    assert len({opened(house, "prairie", name).entry.eid for name in names}) == 2
    assert all(f"{name}.txt" in house.outbox("prairie", "receipts") for name in names)


def test_a_long_name_is_cut_so_that_both_files_fit(house: House) -> None:
    for _ in range(2):
        house.send("prairie", "n" * 251 + ".x12", sample("asn_4711.x12"))
    names = [name for name in house.outbox("prairie", "receipts") if name.startswith("nnn")]
    assert len(names) == 4
    assert max(map(len, names)) <= 255


def test_acknowledgements_that_are_fetched_bring_no_receipt_but_are_named_by_the_event(house: House) -> None:
    house.send("nordwind", "broken.edi", sample("orders_broken.edi"))
    (contrl,) = (name for name in house.outbox("nordwind") if name.startswith("CONTRL"))
    fetch(house, "nordwind", contrl)
    assert receipts(house, "nordwind") == ["broken.edi.receipt"]


def test_receipts_are_given_while_the_log_never_rests(house: House) -> None:
    context, over = house.context, threading.Event()

    def busy() -> None:
        while not over.is_set():
            with context.database.write() as connection:
                context.log.append(connection, type="admin.action", xid=new_xid(), actor="admin:x")

    integrator, other = Integrator(house.current), threading.Thread(target=busy)
    integrator.start()
    other.start()
    house.drop("prairie", "more.x12", sample("asn_4711.x12") + b"\n")
    until = time.monotonic() + 20
    while "more.x12.receipt" not in receipts(house, "prairie") and time.monotonic() < until:
        time.sleep(0.02)
    found = receipts(house, "prairie")
    over.set()
    other.join()
    integrator.stop()
    integrator.join()
    assert "more.x12.receipt" in found
