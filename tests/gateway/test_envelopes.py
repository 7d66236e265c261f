"""The envelope that a receiver gets, whatever the sender's looked like."""

from __future__ import annotations

import pytest

from edigw import directory, syntax
from edigw.gateway.desk import operate, queries
from edigw.gateway.outgoing.numbers import Numbers

from .house import House, sample


def only(data: list[bytes]) -> bytes:
    (one,) = data
    return one


def test_the_test_flag_goes_from_edifact_to_x12_and_back(house: House) -> None:
    house.edit("prairie", 'method = "sftp"', 'method = "sftp"\ntest = { method = "mailbox" }')
    orders = sample("orders_text.edi").replace(b"++ORDERS'", b"++ORDERS++++1'", 1)
    house.send("nordwind", "orders.edi", orders)
    assert syntax.parse(only(house.sent("prairie"))).interchanges[0].test
    data = advice(house, sample("asn_4711.x12").replace(b"*0*P*>", b"*0*T*>", 1))
    assert syntax.parse(data).interchanges[0].test
    assert house.problems() == []


def order(house: House, name: str = "orders_text.edi", reference: bytes = b"NW0004714") -> bytes:
    """What the supplier gets for an order of the retailer."""
    before = len(house.sent("prairie"))
    house.send("nordwind", "orders.edi", house.fresh(sample(name), reference))
    return only(house.sent("prairie")[before:])


def advice(house: House, data: bytes = sample("asn_4711.x12")) -> bytes:
    """What the retailer gets for a despatch advice of the supplier."""
    before = len(house.sent("nordwind"))
    house.send("prairie", "asn.x12", house.fresh(data, b"000088231"))
    return only(house.sent("nordwind")[before:])


def acknowledge(data: bytes, accept: list[bool]) -> bytes:
    """The 997 with which the supplier answers an interchange of one group."""
    group = syntax.parse(data).interchanges[0].groups[0]
    lines = ["ST*997*0001", f"AK1*PO*{group.control}"]
    for number, accepted in enumerate(accept, 1):
        lines += [f"AK2*850*{number:04d}", f"AK5*{'A' if accepted else 'R*5'}"]
    lines += [f"AK9*P*{len(accept)}*{len(accept)}*{sum(accept)}", f"SE*{len(lines) + 2}*0001"]
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'PRAIRIEGOODS':15}*ZZ*{'NORDWIND':15}*261005*1010*U*00401*000000900*0*P*>"
    head = [isa, "GS*FA*PRAIRIEGOODS*NORDWIND*20261005*1010*900*X*004010"]
    return "".join(f"{line}~" for line in [*head, *lines, "GE*1*900", "IEA*1*000000900"]).encode()


@pytest.mark.parametrize("asked", [True, False])
def test_a_ta1_is_asked_for_where_that_is_agreed(shared_house: House, asked: bool) -> None:
    shared_house.edit("prairie", "[acknowledgements]\n", f"[acknowledgements]\nrequest_ta1 = {str(asked).lower()}\n")
    interchange = syntax.parse(order(shared_house)).interchanges[0]
    assert interchange.ack_requested == ("1" if asked else "0")


def test_an_acknowledgement_of_edifact_is_asked_for_where_that_is_agreed(shared_house: House) -> None:
    shared_house.edit("nordwind", "[acknowledgements]\n", "[acknowledgements]\nrequest = false\n")
    assert syntax.parse(advice(shared_house)).interchanges[0].ack_requested == ""


def test_service_characters_are_those_that_the_receiver_wants(shared_house: House) -> None:
    shared_house.edit(
        "nordwind",
        "[edifact]\n",
        '[edifact]\nelement = "\\u007c"\ncomponent = "^"\nrelease = "\\\\"\nterminator = "~"\n',
    )
    data = advice(shared_house)
    assert data.startswith(b"UNA^|.\\ ~\nUNB|UNOC^3|")
    assert directory.check(data).interchanges[0].messages[0].valid


def test_the_implementation_stands_in_st03(shared_house: House) -> None:
    shared_house.edit("prairie", 'version = "004010"', 'version = "005010"')
    shared_house.edit("prairie", "[x12]\n", '[x12]\nimplementations = { "850" = "005010X999" }\n')
    interchange = syntax.parse(order(shared_house)).interchanges[0]
    assert interchange.messages[0].segments[0] == ["ST", "850", "0001", "005010X999"]
    assert interchange.groups[0].version == "005010"


def test_control_numbers_are_our_own_and_counts_are_right(house: House) -> None:
    house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    interchanges = [syntax.parse(data).interchanges[0] for data in house.sent("prairie")]
    assert [each.control for each in interchanges] == ["000000001", "000000002", "000000003"]
    assert [group.control for each in interchanges for group in each.groups] == ["1", "2", "3"]
    for data in house.sent("prairie"):
        (checked,) = directory.check(data).interchanges
        assert not [finding for finding in checked.findings if finding.severity == "error"]


def test_messages_go_together_where_that_is_agreed(house: House) -> None:
    """Three orders in one interchange: one group, one file, three exchanges, each with its own acknowledgement."""
    house.edit("prairie", 'method = "sftp"', 'method = "mailbox"\ntogether = true')
    shown = house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    data = only(house.sent("prairie"))
    interchange = directory.check(data).interchanges[0]
    (group,) = interchange.groups
    assert [message.control for message in group.messages] == ["0001", "0002", "0003"]
    assert all(message.valid for message in interchange.messages) and not [
        f for f in (*interchange.findings, *group.findings) if f.severity == "error"
    ]
    assert house.problems() == []

    house.send("prairie", "997.x12", acknowledge(data, accept=[True, False, True]))
    out = house.show(str(shown["became"][0]["id"]))  # type: ignore[index]
    states = [(m["number"], m["ack_state"]) for m in out["messages"]]  # type: ignore[attr-defined]
    assert states == [("NW-4711", "accepted"), ("NW-4712", "rejected"), ("NW-4713", "accepted")]
    with house.context.database.read() as conn:
        (thread,) = queries.thread(conn, house.context.payloads, "NW-4712")
    told = [(event["type"], event.get("message")) for event in thread["events"]]
    assert [kind for kind, _ in told].count("translation.completed") == 1
    assert ("mailbox.deposited", None) in told and "ack.negative" in [kind for kind, _ in told]
    assert house.problems() == []


def test_each_message_can_have_a_group_of_its_own(house: House) -> None:
    house.edit("prairie", 'method = "sftp"', 'method = "mailbox"\ntogether = true')
    house.edit("prairie", "[x12]\n", "[x12]\nmessage_per_group = true\n")
    house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    interchange = directory.check(only(house.sent("prairie"))).interchanges[0]
    assert [group.control for group in interchange.groups] == ["1", "2", "3"]
    house.send("nordwind", "text.edi", sample("orders_text.edi"))
    assert syntax.parse(house.sent("prairie")[1]).interchanges[0].control == "000000004"
    assert house.problems() == []


def test_a_message_that_is_held_does_not_hold_the_others(shared_house: House) -> None:
    shared_house.edit("prairie", "[delivery]\n", '[codes]\nunmapped = "hold"\n\n[delivery]\ntogether = true\n')
    data = sample("orders_3.edi").replace(b"QTY+21:120:PCE", b"QTY+21:120:STK", 1)
    before = len(shared_house.sent("prairie"))
    id = str(shared_house.send("nordwind", "orders.edi", data)["id"])
    assert len(syntax.parse(only(shared_house.sent("prairie")[before:])).interchanges[0].messages) == 2
    operate.release(shared_house.context.log, id, "admin:anna", "they know")
    shared_house.work()
    first, second = (syntax.parse(one).interchanges[0] for one in shared_house.sent("prairie")[before:])
    assert (len(first.messages), len(second.messages)) == (2, 1)


def test_edifact_messages_go_together_too(shared_house: House) -> None:
    shared_house.edit("nordwind", "[delivery]\n", "[delivery]\ntogether = true\n")
    data = sample("asn_4711.x12")
    start, end = data.index(b"ST*856"), data.index(b"GE*1*")
    second = data[start:end].replace(b"0001~", b"0002~").replace(b"PG-SHP-88231", b"PG-SHP-88232")
    both = data[:end] + second + data[end:].replace(b"GE*1*", b"GE*2*")
    interchange = directory.check(advice(shared_house, both)).interchanges[0]
    assert [message.control for message in interchange.messages] == ["1", "2"]
    assert not [f for f in interchange.findings if f.severity == "error"]


def test_control_numbers_keep_to_the_range_that_is_agreed(house: House) -> None:
    """They begin with its first, come round after its last, and move with it; acknowledgements have them, too."""
    house.edit(
        "nordwind",
        "syntax_version = 3\n",
        'syntax_version = 3\nfirst_number = 5000\nlast_number = 6000\nnumber_prefix = "GW"\n',
    )
    house.edit("prairie", "[x12]\n", "[x12]\nfirst_number = 200001\nlast_number = 201000\n")
    house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    assert controls(house, "nordwind") == ["GW5000", "GW5001"] and controls(house, "prairie") == [
        "000200001",
        "000200002",
    ]
    assert house.problems() == []
    with house.context.database.write() as conn:
        numbers = Numbers(conn)
        taken = [numbers.take("edifact", "interchange", "a", "b", range(998, 1001)) for _ in range(4)]
        moved = [numbers.take("edifact", "interchange", "a", "b", range(5, 9)) for _ in range(2)]
    assert (taken, moved) == ([998, 999, 1000, 998], [5, 6])


def controls(house: House, partner: str) -> list[str]:
    sent = [*house.sent(partner, "ack"), *house.sent(partner)]
    return sorted(syntax.parse(data).interchanges[0].control for data in sent)
