"""A partner's overlay at work: whole messages in, whole messages out."""

from __future__ import annotations

from typing import Any

from edigw import syntax
from edigw.gateway.desk import queries

from .house import House, sample

ORDERS = sample("orders_text.edi")


def overlay(house: House, partner: str, text: str, name: str = "own.yaml", direction: str = "both") -> None:
    """Give a partner an overlay."""
    folder = house.config.parent / "mappings"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    house.edit(
        partner, "[delivery]\n", f'[[overlays]]\nfile = "../mappings/{name}"\ndirection = "{direction}"\n\n[delivery]\n'
    )


def sent(house: House, data: bytes = ORDERS, sender: str = "nordwind", to: str = "prairie") -> list[list[Any]]:
    """The segments of the one message that goes out for a file."""
    before = len(house.sent(to))
    reference = b"NW0004714" if b"NW0004714" in data else b"000088231"
    shown = house.send(sender, "file.edi", house.fresh(data, reference))
    assert shown["state"] == "accepted", shown["findings"]
    (written,) = house.sent(to)[before:]
    return syntax.parse(written).interchanges[0].messages[0].segments


def of(segments: list[list[Any]], tag: str) -> list[list[Any]]:
    return [segment for segment in segments if segment[0] == tag]


def translation(house: House) -> dict[str, Any]:
    with house.context.database.read() as conn:
        events = queries.events_from(conn, house.context.payloads, 0)
    *_, event = [event for event in events if event["type"] == "translation.completed"]
    return dict(event["detail"])


def test_the_receivers_overlay_decides_what_is_written(house: House) -> None:
    overlay(
        house,
        "prairie",
        """
extends: order/850
partner: prairie
remove: [parties.references]
change:
  - {id: contract, at: BEG/04}
  - {id: release, at: BEG/06}
codes:
  units: {PCE: P1}
  parties.role: {BY: BO}
numbering:
  lines.number: {start: 10, step: 10, digits: 4}
""",
    )
    segments = sent(house)
    assert [line[1:4] for line in of(segments, "PO1")] == [["0010", "48", "P1"], ["0020", "36", "P1"]]
    assert [party[1] for party in of(segments, "N1")] == ["BO", "SU", "ST", "BT"]
    assert of(segments, "BEG") == [["BEG", "00", "SA", "NW-4714", "NW-PG-2026", "20261006"]]
    assert of(segments, "REF") == []
    house.context.log.integrate()
    detail = translation(house)
    agreed = house.context.config.partners["prairie"].adaptations[0].overlay
    assert detail["bindings"][1]["overlay"] == "own.yaml"
    assert detail["bindings"][1]["overlay_sha256"] == agreed.sha256
    assert [loss["text"] for loss in detail["losses"] if loss["location"].endswith("references")] == [
        "the references of party 1 (RFF) has no place in an 850",
        "the references of party 2 (RFF) has no place in an 850",
    ]
    assert house.problems() == []


def test_the_senders_overlay_decides_what_is_read(shared_house: House) -> None:
    """The buyer says 63 for the delivery date, 92 where it means GLNs, counts its lines in tens, and has a unit of its
    own, which the standard lacks."""
    data = ORDERS.replace(b"DTM+2:", b"DTM+63:").replace(b"::9+", b"::92+").replace(b":PCE", b":STK")
    data = data.replace(b"LIN+1+", b"LIN+10+").replace(b"LIN+2+", b"LIN+20+")
    shared_house.edit("nordwind", "[delivery]\n", '[severities]\ninvalid_code = "note"\n\n[delivery]\n')
    overlay(
        shared_house,
        "nordwind",
        """
extends: order/ORDERS
partner: nordwind
versions: [D.96A]
qualifiers:
  "DTM[2005=2]": "DTM[2005=63|2]"
codes:
  "6411": {PCE: STK}
  parties.scheme: {"9": "92"}
numbering:
  lines.number: {start: 10, step: 10}
""",
        direction="sends",
    )
    segments = sent(shared_house, data)
    shared_house.edit("nordwind", '[[overlays]]\nfile = "../mappings/own.yaml"\ndirection = "sends"\n', "")
    assert segments == sent(shared_house, ORDERS)


def test_dates_and_constants_are_written_as_the_receiver_wants_them(shared_house: House) -> None:
    overlay(
        shared_house,
        "nordwind",
        """
extends: despatch/DESADV
partner: nordwind
dates: {issued: 102}
constants: {type: 270}
""",
        direction="receives",
    )
    segments = sent(shared_house, sample("asn_4711.x12"), "prairie", "nordwind")
    assert of(segments, "BGM") == [["BGM", "270", "PG-SHP-88231", "9"]]
    assert ["DTM", ["137", "20261013", "102"]] in segments
    detail = translation(shared_house)
    (lost,) = [loss for loss in detail["losses"] if loss["location"] == "issued"]
    assert lost["text"].endswith("is not the same in a DESADV: the time of day has no place")


def test_a_partner_of_the_same_standard_gets_its_overlay_too(shared_house: House) -> None:
    """Without one, what is sent in the form that is wanted is passed on as it is."""
    shared_house.edit("prairie", 'message = "850"\nversion = "004010"', 'message = "ORDERS"\nversion = "D.96A"')
    overlay(
        shared_house,
        "prairie",
        'extends: order/ORDERS\npartner: prairie\nconstants: {currency-use: "4"}\n',
        direction="receives",
    )
    segments = sent(shared_house)
    assert of(segments, "CUX") == [["CUX", ["2", "EUR", "4"]]]
    shared_house.context.log.integrate()
    assert [b["name"] for b in translation(shared_house)["bindings"]] == ["order/ORDERS", "order/ORDERS"]
