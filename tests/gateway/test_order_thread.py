"""An order, its change and the responses to both on one thread, across the standards."""

from __future__ import annotations

import pytest

from edigw.gateway.desk import queries
from edigw.partners.errors import ConfigError
from edigw.resources import shipped
from tests.gateway.house import House, sample

SCENARIOS = shipped("samples") / "scenarios"
AS_X12 = """
[[receives]]
document = "OrderResponse"
message = "855"
version = "004010"
[[receives]]
document = "OrderResponse"
message = "865"
version = "004010"

[edifact]
"""
CHANGES = """
[[receives]]
document = "OrderChange"
message = "860"
version = "004010"

[x12]
"""


def from_supplier(scenario: str, control: str) -> bytes:
    """The ORDRSP of a scenario as the supplier sends it."""
    lines = (SCENARIOS / scenario / "ORDRSP").read_text("utf-8").splitlines()
    head = f"UNB+UNOC:3+0799999000107:14+4299999000016:14+261009:0915+{control}'", "UNH+1+ORDRSP:D:96A:UN'"
    tail = f"UNT+{len(lines) + 2}+1'", f"UNZ+1+{control}'"
    return "\n".join([*head, *lines, *tail]).encode("latin-1")


def types(house: House, order: str) -> list[str]:
    with house.context.database.read() as conn:
        (thread,) = queries.thread(conn, house.context.payloads, order)
    return sorted({message["type"] for message in thread["messages"]})


def test_responses_to_orders_and_to_changes_go_as_the_messages_that_are_agreed_for_them(small_house: House) -> None:
    small_house.edit("nordwind", "\n[edifact]\n", AS_X12)
    small_house.send("prairie", "r1.edi", from_supplier("partial-and-back-ordered-response", "71"))
    small_house.send("prairie", "r2.edi", from_supplier("response-to-order-change", "72"))
    first, second = (data.decode("latin-1") for data in small_house.sent("nordwind"))
    assert "GS*PR*" in first and "ST*855*" in first and "BAK*00*AC*NW-4712*" in first
    assert "GS*CA*" in second and "ST*865*" in second and "BCA*00*AD*NW-4712**NW-C-01*" in second
    assert small_house.problems() == []


def test_order_change_and_responses_are_on_the_thread_of_the_order(small_house: House) -> None:
    small_house.edit("nordwind", "\n[edifact]\n", AS_X12)
    small_house.edit("prairie", "\n[x12]\n", CHANGES)
    small_house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    small_house.send("nordwind", "change.edi", sample("change_4713.edi"))
    small_house.send("prairie", "r1.edi", from_supplier("partial-and-back-ordered-response", "71"))
    small_house.send("prairie", "r2.edi", from_supplier("response-to-order-change", "72"))
    assert types(small_house, "NW-4712") == ["850", "855", "865", "ORDERS", "ORDRSP"]
    assert types(small_house, "NW-4713") == ["850", "860", "ORDCHG", "ORDERS"]


def test_a_document_can_not_be_agreed_in_two_forms_that_are_for_the_same(small_house: House) -> None:
    twice = AS_X12.replace('"865"', '"855"')
    with pytest.raises(ConfigError, match="OrderResponse stands here twice"):
        small_house.edit("nordwind", "\n[edifact]\n", twice)
