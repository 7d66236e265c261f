"""What a sender asks for, and what its agreement says, decide which acknowledgement it gets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edigw import acknowledge, syntax
from tests.gateway.house import House, sample


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def asked(request: bytes, old: bytes = b"", new: bytes = b"") -> bytes:
    """The demo's orders with another acknowledgement request (0031), and one more change."""
    header = b"+ORDERS++1'"
    assert header in sample("orders_3.edi")
    wanted = b"+ORDERS++" + request + b"'" if request else b"+ORDERS'"
    return sample("orders_3.edi").replace(header, wanted).replace(old, new)


def outcomes(house: House) -> list[list[str]]:
    return [
        [
            verdict.outcome
            for interchange in syntax.parse(data).interchanges
            for verdict in acknowledge.read_acknowledgement(interchange)
        ]
        for data in house.outbox("nordwind").values()
        if b"CONTRL" in data
    ]


@pytest.mark.parametrize(
    ("request_", "send", "expected"),
    [
        (b"", "requested", []),
        (b"1", "requested", [["accepted"]]),
        (b"2", "requested", [["received"]]),
        (b"2", "always", [["accepted"]]),
        (b"", "always", [["accepted"]]),
        (b"1", "never", []),
    ],
)
def test_an_edifact_sender_gets_what_it_asks_for(
    house: House, request_: bytes, send: str, expected: list[list[str]]
) -> None:
    """1 asks for a verdict, 2 for a receipt only; an agreement may give a verdict always, or nothing at all."""
    house.edit("nordwind", 'send = "always"', f'send = "{send}"')
    house.send("nordwind", "order.edi", asked(request_))
    assert outcomes(house) == expected


def test_a_rejection_is_told_to_who_asked_for_a_receipt(house: House) -> None:
    """Or for nothing."""
    house.edit("nordwind", 'send = "always"', 'send = "requested"')
    house.send("nordwind", "order.edi", asked(b"2", b"BGM+220", b"BGM+Q9"))
    ((first, *_),) = outcomes(house)
    assert first in ("partly_accepted", "rejected")


def test_what_an_agreement_softens_is_accepted_with_errors(house: House) -> None:
    """The 997 says E and names the error; the message goes on."""
    house.edit("prairie", "[x12]", '[severities]\nmessage_count = "warning"\n\n[x12]')
    data = re.sub(rb"SE\*[0-9]+\*", b"SE*3*", sample("asn_4711.x12"))
    assert house.send("prairie", "asn.x12", data)["state"] == "accepted"
    (reply,) = house.sent("prairie", "ack")
    assert b"AK5*E*4~" in reply and b"AK9*E*1*1*1~" in reply


@pytest.mark.parametrize(
    ("ta1", "asked_for", "told"),
    [
        ("requested", b"0", False),
        ("requested", b"1", True),
        ("always", b"0", True),
        ("on-error", b"1", False),
        ("never", b"1", False),
    ],
)
def test_an_x12_sender_gets_a_ta1_as_agreed(house: House, ta1: str, asked_for: bytes, told: bool) -> None:
    """By ISA14, always, or only where the envelope has an error; the 997 comes in any case."""
    house.edit("prairie", 'ta1 = "requested"', f'ta1 = "{ta1}"')
    data = sample("asn_4711.x12").replace(b"*0*P*>~", b"*" + asked_for + b"*P*>~", 1)
    house.send("prairie", "asn.x12", data)
    (reply,) = house.sent("prairie", "ack")
    assert (b"~TA1*" in reply) == told
    assert b"AK9*A*1*1*1~" in reply


@pytest.mark.parametrize(("ta1", "answers"), [("requested", 1), ("on-error", 1), ("always", 1), ("never", 0)])
def test_an_envelope_with_an_error_is_answered_by_a_ta1(house: House, ta1: str, answers: int) -> None:
    """Even if nobody asked, unless it was agreed to have none."""
    house.edit("prairie", 'ta1 = "requested"', f'ta1 = "{ta1}"')
    house.send("prairie", "asn.x12", sample("asn_4711.x12").replace(b"*261013*1432*U*", b"*261313*1432*U*", 1))
    replies = house.sent("prairie", "ack")
    assert [b"*R*014~" in reply and b"AK1" not in reply for reply in replies] == [True] * answers


def test_types_may_go_without_an_acknowledgement_as_long_as_they_are_accepted(house: House) -> None:
    house.edit("nordwind", 'send = "always"', 'send = "always"\nsend_not_for = ["ORDERS"]')
    house.edit("prairie", 'send = "always"', 'send = "always"\nsend_not_for = ["856"]')
    assert house.send("nordwind", "order.edi", asked(b"1"))["state"] == "accepted"
    assert house.send("prairie", "asn.x12", sample("asn_4711.x12"))["state"] == "accepted"
    assert house.sent("nordwind", "ack") == house.sent("prairie", "ack") == []
    data = house.fresh(sample("asn_4711.x12"), b"000088231").replace(b"*0*P*>~", b"*1*P*>~", 1)
    house.send("prairie", "ta1.x12", data)
    (reply,) = house.sent("prairie", "ack")
    assert b"*A*000~" in reply and b"AK1" not in reply
    house.send("nordwind", "bad.edi", asked(b"1", b"BGM+220", b"BGM+Q9").replace(b"NW0004711", b"NW0004799"))
    house.send("prairie", "bad.x12", house.fresh(data, data[90:99]).replace(b"BSN*00*", b"BSN*QQ*", 1))
    assert len(house.sent("nordwind", "ack")) == 1
    assert b"AK9*R*" in house.sent("prairie", "ack")[-1]


def test_types_may_go_out_without_asking_for_an_acknowledgement(house: House) -> None:
    house.edit("nordwind", 'send = "always"', 'send = "always"\nrequest_not_for = ["DESADV"]')
    shown = house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    (out,) = [t for t in shown["became"] if t["partner"] == "nordwind"]  # type: ignore[attr-defined]
    assert [m["ack_state"] for m in house.show(out["id"])["messages"]] == ["none"]  # type: ignore[attr-defined]
    (sent,) = house.sent("nordwind")
    assert syntax.parse(sent).interchanges[0].ack_requested == ""


def test_a_997_may_only_count_what_is_accepted(house: House) -> None:
    house.edit("prairie", 'send = "always"', 'send = "always"\nlist_accepted = false')
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    (reply,) = house.sent("prairie", "ack")
    assert b"AK2*" not in reply and b"AK9*A*1*1*1~" in reply


def test_copies_of_an_interchange_in_one_file_are_answered_once(house: House) -> None:
    """Whether it is new or came before: one answer is enough, and a file can't make the gateway send thousands."""
    order = asked(b"1")
    house.send("nordwind", "three.edi", order * 3)
    assert len(house.sent("nordwind", "ack")) == 1
    house.send("nordwind", "again.edi", order * 3)
    assert len(house.sent("nordwind", "ack")) == 2
