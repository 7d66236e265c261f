"""A partner's overlay at work: whole messages in, whole messages out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edigw import syntax
from edigw.gateway import queries
from edigw.partners import ConfigError

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
    shown = house.send(sender, "file.edi", data)
    assert shown["state"] == "accepted", shown["findings"]
    (written,) = house.sent(to)
    return syntax.parse(written).interchanges[0].messages[0].segments


def of(segments: list[list[Any]], tag: str) -> list[list[Any]]:
    return [segment for segment in segments if segment[0] == tag]


def translation(house: House) -> dict[str, Any]:
    with house.context.database.read() as conn:
        events = queries.events_from(conn, house.context.payloads, 0)
    (event,) = [event for event in events if event["type"] == "translation.completed"]
    return event["detail"]


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
    agreed = house.context.config.adaptations["prairie"][0].overlay
    assert detail["bindings"][1]["overlay"] == "own.yaml"
    assert detail["bindings"][1]["overlay_sha256"] == agreed.sha256
    assert [loss["text"] for loss in detail["losses"] if loss["location"].endswith("references")] == [
        "the references of party 1 (RFF) has no place in an 850",
        "the references of party 2 (RFF) has no place in an 850",
    ]
    assert house.problems() == []


def test_the_senders_overlay_decides_what_is_read(small_house: House, tmp_path: Path) -> None:
    """The buyer says 63 for the delivery date, 92 where it means GLNs, counts its lines in tens, and has a unit of its
    own, which the standard lacks."""
    data = ORDERS.replace(b"DTM+2:", b"DTM+63:").replace(b"::9+", b"::92+").replace(b":PCE", b":STK")
    data = data.replace(b"LIN+1+", b"LIN+10+").replace(b"LIN+2+", b"LIN+20+")
    small_house.edit("nordwind", "[delivery]\n", '[severities]\ninvalid_code = "note"\n\n[delivery]\n')
    overlay(
        small_house,
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
    segments = sent(small_house, data)
    (tmp_path / "plain").mkdir()
    assert segments == sent(House(tmp_path / "plain"), ORDERS)


def test_dates_and_constants_are_written_as_the_receiver_wants_them(small_house: House) -> None:
    overlay(
        small_house,
        "nordwind",
        """
extends: despatch/DESADV
partner: nordwind
dates: {issued: 102}
constants: {type: 270}
""",
        direction="receives",
    )
    segments = sent(small_house, sample("asn_4711.x12"), "prairie", "nordwind")
    assert of(segments, "BGM") == [["BGM", "270", "PG-SHP-88231", "9"]]
    assert ["DTM", ["137", "20261013", "102"]] in segments
    detail = translation(small_house)
    (lost,) = [loss for loss in detail["losses"] if loss["location"] == "issued"]
    assert lost["text"].endswith("is not the same in a DESADV: the time of day has no place")


def test_a_partner_of_the_same_standard_gets_its_overlay_too(small_house: House) -> None:
    """Without one, what is sent in the form that is wanted is passed on as it is."""
    small_house.edit("prairie", 'message = "850"\nversion = "004010"', 'message = "ORDERS"\nversion = "D.96A"')
    overlay(
        small_house,
        "prairie",
        'extends: order/ORDERS\npartner: prairie\nconstants: {currency-use: "4"}\n',
        direction="receives",
    )
    segments = sent(small_house)
    assert of(segments, "CUX") == [["CUX", ["2", "EUR", "4"]]]
    small_house.context.log.integrate()
    assert [b["name"] for b in translation(small_house)["bindings"]] == ["order/ORDERS", "order/ORDERS"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("extends: order/850\nremove: [refrences]\n", "own.yaml:2: order/850 has no rule refrences; did you mean"),
        ("extends: order/ORDERZ\n", 'own.yaml:1: there is no binding order/ORDERZ; did you mean "order/ORDERS"?'),
        ("extends: order/850\nremoves: [x]\n", 'own.yaml:2: unknown key removes; did you mean "remove"?'),
        (
            "extends: order/850\nchange:\n- {id: number, at: BEG/99}\n",
            "own.yaml:3: rule 'number': BEG has no element 99",
        ),
        (
            "extends: order/850\nchange:\n- {id: number, where: BEG/03}\n",
            "own.yaml:3: rule 'number': unknown key where",
        ),
        (
            "extends: order/850\nadd:\n- after: number\n  rule: {id: x, doc: contrat, at: BEG/06}\n",
            "has no field 'contrat'; did you mean \"contract\"?",
        ),
        ("extends: order/850\nadd:\n- {rule: {id: x, at: BEG/06}}\n", "own.yaml:3: add: say either after or before"),
        ("extends: order/850\nconstants: {number: '1'}\n", "own.yaml:2: number is no constant"),
        (
            "extends: order/850\nqualifiers: {'DTM[01=02]': X}\n",
            "own.yaml:2: no location of order/850 has DTM[01=02]; did",
        ),
        ("extends: order/850\ncodes: {unit: {PCE: P1}}\n", "own.yaml:2: codes: order/850 has no list or rule unit"),
        (
            "extends: order/850\ncodes: {units: {PCE: P1, EA: P1}}\n",
            "own.yaml:2: codes: units: P1 stands for two codes",
        ),
        ("extends: order/850\ndates: {issued: '102'}\n", "own.yaml:2: rule 'issued': a date has one form in X12"),
        ("extends: order/ORDERS\ndates: {issued: '718'}\n", "own.yaml:2: rule 'issued': format is one of 101, 102"),
        (
            "extends: order/850\nnumbering: {lines.number: {begin: 1}}\n",
            "own.yaml:2: rule 'number': numbering: unknown",
        ),
        ("extends: order/850\nversions: ['003040']\n", "own.yaml:2: order/850 is not for 003040"),
        ("extends: order/850\nremove: number\n", "own.yaml:2: remove: expected a list"),
        ("partner: prairie\n", "own.yaml:1: extends is missing"),
        ("extends: order/850\ncodes: {lines.price: {'1': '2'}}\n", "own.yaml:2: rule 'price': price takes no codes"),
        ("extends: order/850\ncodes: {'380': {EA: P1}}\n", "own.yaml:2: codes: no rule has codes of 380 in 850 004010"),
        (
            "extends: order/850\nnumbering: {lines.price: {start: 1}}\n",
            "own.yaml:2: rule 'price': price is no number of",
        ),
        (
            "extends: order/850\nchange:\n- {id: number, key: maybe}\n",
            "own.yaml:3: rule 'number': key: expected yes or no",
        ),
        ("extends: [\n", "own.yaml:2: "),
        ("extends: order/850\nremove: [number]\n", "no rule fills the mandatory element 324"),
    ],
)
def test_what_is_wrong_with_an_overlay_is_told_when_the_configuration_is_loaded(
    small_house: House, text: str, told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        overlay(small_house, "prairie", text)
    assert str(caught.value).startswith("partners/prairie.toml: overlays[1].file: ")
    assert told in str(caught.value)


def test_two_overlays_of_one_binding_are_refused(small_house: House) -> None:
    overlay(small_house, "prairie", "extends: order/850\n", direction="sends")
    overlay(small_house, "prairie", "extends: order/850\n", name="other.yaml", direction="receives")
    with pytest.raises(ConfigError, match="there is an overlay of order/850 already"):
        overlay(small_house, "prairie", "extends: order/850\n", name="third.yaml")


def test_the_configurations_digest_covers_overlays(small_house: House) -> None:
    before = small_house.context.config.digest
    overlay(small_house, "prairie", "extends: order/850\n")
    assert small_house.context.config.digest != before
