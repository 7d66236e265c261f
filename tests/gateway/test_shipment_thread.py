"""What follows a despatch advice stands in the thread of the order, whether it names the order or only the shipment."""

from __future__ import annotations

import pytest

from edigw import directory
from edigw.gateway.desk import queries

from .house import House, sample

ORDER = b"RFF+ON:NW-4711'\nDTM+171:20261005:102'\n"
RECEIPT = sample("receipt_4711.edi")
WITHOUT_ORDER = RECEIPT.replace(ORDER, b"").replace(b"UNT+46+", b"UNT+44+")


def agree(house: House) -> None:
    added = '[[receives]]\ndocument = "ReceiptAdvice"\nmessage = "861"\nversion = "004010"\n\n'
    house.edit("prairie", "[x12]\n", added + "[x12]\n")


def types(house: House, order: str) -> list[str]:
    with house.context.database.read() as conn:
        threads = queries.thread(conn, house.context.payloads, order)
    return [message["type"] for thread in threads for message in thread["messages"]]


@pytest.mark.parametrize("receipt", [RECEIPT, WITHOUT_ORDER], ids=["names the order", "names the despatch advice"])
def test_a_receiving_advice_stands_in_the_thread_of_the_order(small_house: House, receipt: bytes) -> None:
    agree(small_house)
    small_house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    shown = small_house.send("nordwind", "receipt.edi", receipt)
    assert (shown["state"], small_house.problems()) == ("accepted", [])
    (data,) = small_house.sent("prairie")
    (message,) = directory.check(data).interchanges[0].groups[0].messages
    assert message.type == "861" and message.valid
    assert types(small_house, "NW-4711") == ["856", "DESADV", "RECADV", "861"]


def test_a_receiving_advice_of_another_shipment_does_not(small_house: House) -> None:
    agree(small_house)
    small_house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    other = WITHOUT_ORDER.replace(b"PG-SHP-88231", b"PG-SHP-90000").replace(b"PFWL0088231", b"PFWL0090000")
    assert small_house.send("nordwind", "receipt.edi", other)["state"] == "accepted"
    assert types(small_house, "NW-4711") == ["856", "DESADV"]
