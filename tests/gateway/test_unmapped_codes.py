"""Codes that no list has: left out, passed on, replaced, or the message is held; never in silence."""

from __future__ import annotations

from typing import Any

import pytest

from edigw import syntax

from .house import House, sample

ORDERS = sample("orders_text.edi").replace(b"QTY+21:48:PCE", b"QTY+21:48:UNIT")  # the unit of the first line


def agree(house: House, partner: str, text: str) -> None:
    house.edit(partner, "[delivery]\n", f"{text}\n[delivery]\n")


def sent(house: House, unit: str) -> tuple[str, list[Any], list[tuple[str, ...]]]:
    """The state of an order with a unit, its first line as it goes out, and the losses for want of a code."""
    before = len(house.sent("prairie"))
    data = house.fresh(ORDERS.replace(b"UNIT", unit.encode()), b"NW0004714")
    shown: dict[str, Any] = house.send("nordwind", "orders.edi", data)
    lines = [
        segment
        for written in house.sent("prairie")[before:]
        for segment in syntax.parse(written).interchanges[0].messages[0].segments
        if segment[0] == "PO1"
    ]
    rows = [shown, *(house.show(each["id"]) for each in shown["became"])]
    found = [f for row in rows for f in row["findings"] if f.get("code_list")]
    return shown["state"], lines[0][:4] if lines else [], [(f["kind"], f["code_list"], f["value"]) for f in found]


def test_without_an_agreement_the_code_is_left_out_and_told(shared_house: House) -> None:
    assert sent(shared_house, "STK") == ("accepted", ["PO1", "1", "48", ""], [("dropped", "units", "STK")])


def test_it_is_passed_on_where_there_is_room_for_it(shared_house: House) -> None:
    agree(shared_house, "prairie", '[codes]\nunmapped = "pass"\n')
    assert sent(shared_house, "Q9") == ("accepted", ["PO1", "1", "48", "Q9"], [("passed", "units", "Q9")])


def test_what_does_not_fit_is_not_passed_on(shared_house: House) -> None:
    agree(shared_house, "prairie", '[codes]\nunmapped = "pass"\n')
    assert sent(shared_house, "STK") == ("accepted", ["PO1", "1", "48", ""], [("dropped", "units", "STK")])


def test_a_default_takes_its_place(house: House) -> None:
    agree(house, "prairie", '[codes]\ndefaults = { units = "C62" }\n')
    assert sent(house, "STK") == ("accepted", ["PO1", "1", "48", "UN"], [("defaulted", "units", "STK")])
    assert house.problems() == []


@pytest.mark.parametrize("text", ['unmapped = "hold"', 'lists = { units = "hold" }'])
def test_the_message_is_held(shared_house: House, text: str) -> None:
    agree(shared_house, "prairie", f"[codes]\n{text}\n")
    state, line, losses = sent(shared_house, "STK")
    assert (state, line, losses) == ("held", [], [("dropped", "units", "STK")])


def test_a_list_of_its_own_goes_before_the_rest(shared_house: House) -> None:
    agree(shared_house, "prairie", '[codes]\nunmapped = "hold"\nlists = { units = "drop" }\n')
    assert sent(shared_house, "STK")[0] == "accepted"


def test_an_item_that_falls_with_its_code_holds_the_message_too(shared_house: House) -> None:
    """A role that X12 has no code for takes the whole party with it."""
    agree(shared_house, "prairie", '[codes]\nlists = { party_roles = "hold" }\n')
    data = shared_house.fresh(sample("orders_text.edi").replace(b"NAD+IV+", b"NAD+AB+"), b"NW0004714")
    shown: dict[str, Any] = shared_house.send("nordwind", "orders.edi", data)
    (held,) = [f for f in shown["findings"] if f["kind"] == "held"]
    assert shown["state"] == "held"
    assert "party 4 (NAD" in held["text"] and "its code list party_roles lacks a code" in held["text"]


def test_codes_that_the_sender_uses_are_a_matter_of_its_own_agreement(shared_house: House) -> None:
    agree(shared_house, "prairie", '[codes]\nlists = { measurement_purposes = "hold", packaging = "hold" }\n')
    data = sample("asn_4711.x12").replace(b"TD1*PLT*2", b"TD1*ZZZ*2")
    agree(shared_house, "prairie", '[severities]\ninvalid_code = "note"\n')
    shown: dict[str, Any] = shared_house.send("prairie", "asn.x12", data)
    losses = [f for f in shown["findings"] if f.get("code_list")]
    assert shown["state"] == "held" and [f["code_list"] for f in losses] == ["packaging"]
    assert losses[0]["text"].endswith("code not in list packaging (list packaging), so it goes no further")
