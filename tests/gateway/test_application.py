"""Answers of applications pass through the gateway as any document does."""

from __future__ import annotations

from edigw import directory
from edigw.gateway.desk import queries

from .house import House, sample

AGREEMENT = '[[receives]]\ndocument = "{document}"\nmessage = "{message}"\nversion = "{version}"\n\n'


def agree(house: House, partner: str, before: str, message: str, version: str) -> None:
    added = AGREEMENT.format(document="ApplicationResponse", message=message, version=version)
    house.edit(partner, before, added + before)


def test_a_rejection_of_an_order_reaches_the_buyer_as_a_valid_aperak(house: House) -> None:
    agree(house, "nordwind", "[edifact]\n", "APERAK", "D.96A")
    shown = house.send("prairie", "advice.x12", sample("advice_4712.x12"))
    assert shown["state"] == "accepted"
    (data,) = house.sent("nordwind")
    (message,) = directory.check(data).interchanges[0].messages
    assert message.valid and message.type == "APERAK"
    assert message.segments[1] == ["BGM", "", "PG-AA-0042", "27"]
    assert ["RFF", ["ON", "NW-4712"]] in message.segments
    assert house.problems() == []


def test_the_answer_stands_in_the_thread_of_the_order(small_house: House) -> None:
    agree(small_house, "nordwind", "[edifact]\n", "APERAK", "D.96A")
    small_house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    small_house.send("prairie", "advice.x12", sample("advice_4712.x12"))
    with small_house.context.database.read() as conn:
        (thread,) = queries.thread(conn, small_house.context.payloads, "NW-4712")
    assert [message["type"] for message in thread["messages"]] == ["ORDERS", "850", "824", "APERAK"]


def test_an_answer_to_a_despatch_advice_reaches_the_supplier_as_a_valid_824(small_house: House) -> None:
    agree(small_house, "prairie", "[x12]\n", "824", "004010")
    shown = small_house.send("nordwind", "aperak.edi", sample("aperak_88231.edi"))
    assert shown["state"] == "accepted"
    (data,) = small_house.sent("prairie")
    (interchange,) = directory.check(data).interchanges
    assert interchange.groups[0].header[1] == "AG"
    assert interchange.messages[0].valid
    assert ["OTI", "TE", "SI", "PG-SHP-88231"] in interchange.messages[0].segments
    assert small_house.problems() == []


def test_who_has_not_agreed_to_get_them_does_not_get_them(small_house: House) -> None:
    shown = small_house.send("prairie", "advice.x12", sample("advice_4712.x12"))
    assert (shown["state"], shown["reason"]) == ("held", "no_agreement")
    assert small_house.sent("nordwind") == []
