"""Mailboxes: folders by type, how far a file got, what goes out of sight and comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from edigw.gateway.desk import operate
from edigw.gateway.mailboxes.expiry import expire_items
from edigw.gateway.mailboxes.items import items
from edigw.gateway.mailboxes.sessions import SessionRecord
from edigw.store.clock import utc_now
from tests.gateway.house import SESSION, House, sample

FOLDERS = '[mailbox]\nfolders = { answers = ["CONTRL", "APERAK"] }\n'


def listed(house: House, root: str = "outbox", everything: bool = True) -> list[dict[str, Any]]:
    with house.context.database.read() as conn:
        return items(conn, "nordwind", root, everything=everything, limit=100)


@pytest.fixture
def answered(house: House) -> House:
    """A gateway whose retailer has sent orders, and has their CONTRL in a folder of its own."""
    house.edit("nordwind", "[login]", f"{FOLDERS}\n[login]")
    house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    return house


def test_what_a_partner_gets_lies_in_the_folder_of_its_type(answered: House) -> None:
    assert [(i["folder"], i["state"]) for i in listed(answered)] == [("outbox/answers", "visible")]
    assert answered.outbox("nordwind") == {}
    assert list(answered.outbox("nordwind", "outbox/answers")) == ["CONTRL_1.edi"]


def test_a_file_is_visible_then_downloaded_then_confirmed_by_its_deletion(answered: House) -> None:
    record = SessionRecord(answered.context.database)
    record.began(SESSION)
    home = answered.home("nordwind", record)
    (entry,) = home.list("outbox/answers")
    home.picked_up(entry, SESSION, 3, complete=False)
    record.write()
    (item,) = listed(answered)
    assert item["state"] == "visible"
    assert [d["result"] for d in item["downloads"]] == [f"3 of {entry.size} bytes were sent"]
    home.picked_up(entry, SESSION, entry.size, complete=True)
    assert listed(answered)[0]["state"] == "downloaded"
    home.remove(entry, SESSION)
    record.write()
    (item,) = listed(answered)
    assert (item["state"], item["confirmed_by"]) == ("confirmed", "deletion")
    assert [(d["key"], d["result"]) for d in item["downloads"]][1:] == [(SESSION.key_fingerprint, "")]
    assert listed(answered, everything=False) == []
    assert answered.problems() == []


def test_a_file_that_was_fetched_whole_is_gone_where_the_partner_wants_that(answered: House) -> None:
    answered.edit("nordwind", "[mailbox]\n", "[mailbox]\ndelete_on_download = true\n")
    home = answered.home("nordwind")
    (entry,) = home.list("outbox/answers")
    home.picked_up(entry, SESSION, 3, complete=False)
    assert home.list("outbox/answers") == [entry]
    home.picked_up(entry, SESSION, entry.size, complete=True)
    assert home.list("outbox/answers") == []
    assert answered.problems() == []


def test_what_nobody_fetches_expires_where_that_was_agreed_and_comes_back_on_demand(answered: House) -> None:
    later = utc_now() + timedelta(days=8)
    assert expire_items(answered.context, later) == 0
    answered.edit("nordwind", "[mailbox]\n", "[mailbox]\nkeep_days = 7\nkeep_sent_days = 7\nkeep_receipts_days = 9\n")
    assert expire_items(answered.context, later) == 2  # the CONTRL, and what it uploaded
    assert expire_items(answered.context, later) == 0
    assert answered.outbox("nordwind", "outbox/answers") == {} == answered.outbox("nordwind", "inbox")
    (item,) = listed(answered)
    shown = answered.show(item["transmission"])
    assert (item["state"], shown["state"], shown["reason"]) == ("expired", "expired", "not_fetched")
    assert shown["events"][-1]["type"] == "mailbox.removed"  # type: ignore[index]
    operate.resend(answered.context.log, item["transmission"], "admin:ann", "they were on holiday")
    assert list(answered.outbox("nordwind", "outbox/answers")) == ["CONTRL_1.edi"]
    assert [i["state"] for i in listed(answered)] == ["visible", "expired"]
    assert answered.problems() == []


def test_what_was_fetched_goes_out_of_sight_after_its_own_time(answered: House) -> None:
    home = answered.home("nordwind")
    (entry,) = home.list("outbox/answers")
    home.picked_up(entry, SESSION, entry.size, complete=True)
    assert expire_items(answered.context, utc_now() + timedelta(days=31)) == 2
    (item,) = listed(answered)
    assert item["state"] == "expired"
    assert answered.show(item["transmission"])["state"] == "picked_up"
    assert answered.problems() == []
