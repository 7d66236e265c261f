"""What two partners have agreed between them, at work."""

from __future__ import annotations

from edigw import syntax

from .house import House, sample

ORDERS = sample("orders_text.edi")
GUIDE = """\
guide: No words
standard: edifact
message: ORDERS
versions: [D.96A]
locations:
  - {at: FTX, use: forbidden}
"""


def agree(house: House, text: str, sender: str = "nordwind", receiver: str = "prairie") -> None:
    folder = house.config.parent / "agreements"
    folder.mkdir(exist_ok=True)
    (folder / f"{sender}-to-{receiver}.toml").write_text(f'sender = "{sender}"\nreceiver = "{receiver}"\n{text}')
    house.reload()


def test_the_form_that_two_partners_agreed_upon_is_sent(house: House) -> None:
    """The receiver gets orders of others as 850 004010; the answers of what it sends itself stay as they were."""
    agree(
        house,
        """
        [[receives]]
        document = "Order"
        message = "850"
        version = "005010"
        [x12]
        element = "|"
        [delivery]
        file_name = "nordwind_{control}.x12"
        [acknowledgements]
        send = "never"
        """,
    )
    shown = house.send("nordwind", "orders.edi", ORDERS)
    (written,) = house.sent("prairie")
    (interchange,) = syntax.parse(written).interchanges
    assert (interchange.messages[0].type, interchange.messages[0].version) == ("850", "005010")
    assert interchange.delimiters.element == "|"
    (out,) = [t for t in shown["became"] if t["kind"] == "business"]  # type: ignore[attr-defined]
    assert out["name"] == "nordwind_000000001.x12"
    assert house.outbox("nordwind") == {}
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    assert len(house.outbox("nordwind")) == 1
    assert house.problems() == []


def test_a_partner_is_named_as_the_other_one_knows_it(house: House) -> None:
    house.edit(
        "nordwind",
        'x12 = [{ id = "NORDWIND", qualifier = "ZZ" }]',
        'x12 = [{ id = "NORDWIND", qualifier = "ZZ" }, { id = "CUST0815", qualifier = "92" }]',
    )
    agree(house, 'sender_id = "CUST0815"\n')
    house.send("nordwind", "orders.edi", ORDERS)
    (written,) = house.sent("prairie")
    (interchange,) = syntax.parse(written).interchanges
    assert str(interchange.sender) == "CUST0815:92"
    assert interchange.groups[0].sender == "CUST0815"
    answer = sample("asn_4711.x12").replace(b"*ZZ*NORDWIND ", b"*92*CUST0815 ")
    assert house.send("prairie", "asn.x12", answer)["state"] == "accepted"
    assert house.problems() == []


def test_a_guide_of_the_agreement_is_kept_towards_this_receiver_alone(small_house: House) -> None:
    house = small_house
    (house.config.parent / "agreements").mkdir(exist_ok=True)
    (house.config.parent / "agreements/strict.yaml").write_text(GUIDE)
    agree(house, 'guides = ["strict.yaml"]\n')
    shown = house.send("nordwind", "orders.edi", ORDERS)
    assert shown["state"] == "rejected" and shown["reason"] == "guide_segment_unused"
    agree(house, "")
    assert house.send("nordwind", "again.edi", house.fresh(ORDERS, b"NW0004714"))["state"] == "accepted"
