"""Validation, delivery, acknowledgement: three states of a message, and what is found on the third."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from edigw.acknowledge import write_contrl
from edigw.directory import check
from edigw.gateway.desk import operate
from edigw.gateway.desk import reissue as issuing
from edigw.gateway.desk.operate import Refusal
from edigw.gateway.upkeep.overdue import find_overdue
from edigw.store.clock import utc_now
from edigw.store.schema import transmission
from edigw.syntax import parse
from tests.gateway.house import SESSION, House, sample


@pytest.fixture
def shipped(house: House) -> House:
    """A despatch advice, translated, in the retailer's outbox."""
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    return house


def advice(house: House, fetched: bool = True) -> tuple[str, bytes]:
    """The DESADV in the outbox: its transmission and bytes; fetched, if not otherwise wished."""
    home = house.home("nordwind")
    (entry,) = [each for each in home.list("outbox") if each.name.startswith("DESADV")]
    if fetched:
        home.picked_up(entry, SESSION, entry.size, complete=True)
    with home.open(entry) as file:
        return str(entry.item.transmission), file.read()  # type: ignore[attr-defined]


def axes(house: House, id: str) -> dict[str, str]:
    (message,) = house.show(id)["messages"]  # type: ignore[misc]
    return {axis: told["state"] for axis, told in message["axes"].items()}


def answer(house: House, sent: bytes, *, accepted: bool, control: str) -> None:
    interchange = parse(sent).interchanges[0]
    if not accepted:
        broken = sent.replace(b"BGM+351", b"BGM+XXXXXXX", 1)
        interchange = check(broken).interchanges[0]
    data = write_contrl(interchange, control=control, message_control="1", now=utc_now())
    house.send("nordwind", f"contrl{control}.edi", data)


def codes(house: House, id: str) -> list[str]:
    return [f["code"] for f in house.show(id)["findings"] if f["kind"] == "ack"]  # type: ignore[attr-defined]


def test_a_message_goes_through_three_states_with_a_clock_each(shipped: House) -> None:
    id, data = advice(shipped, fetched=False)
    assert axes(shipped, id) == {"validation": "accepted", "delivery": "deposited", "acknowledgement": "wanted"}
    advice(shipped)
    assert axes(shipped, id)["delivery"] == "picked_up"
    answer(shipped, data, accepted=True, control="A1")
    assert axes(shipped, id) == {"validation": "accepted", "delivery": "picked_up", "acknowledgement": "accepted"}
    source = str(shipped.show(id)["source"])
    assert axes(shipped, source) == axes(shipped, id)  # seen from what was received
    (message,) = shipped.show(source)["messages"]  # type: ignore[misc]
    clocks = [told["at"] for told in message["axes"].values()]
    assert all(clocks) and clocks == sorted(clocks)


def test_what_was_rejected_never_gets_further(house: House) -> None:
    id = str(house.send("nordwind", "bad.edi", sample("orders_broken.edi"))["id"])
    assert axes(house, id) == {"validation": "rejected", "delivery": "none", "acknowledgement": "none"}


def test_an_acknowledgement_that_does_not_come_is_overdue_and_may_still_come(shipped: House) -> None:
    later = utc_now() + timedelta(hours=25)
    id, data = advice(shipped, fetched=False)
    assert find_overdue(shipped.context, later) == 0  # nobody has fetched it yet
    advice(shipped)
    assert find_overdue(shipped.context, utc_now() + timedelta(hours=23)) == 0
    assert find_overdue(shipped.context, later) == 1
    assert find_overdue(shipped.context, later) == 0
    assert axes(shipped, id)["acknowledgement"] == "overdue" and codes(shipped, id) == ["overdue_acknowledgement"]
    assert shipped.show(id)["events"][-1]["type"] == "ack.overdue"  # type: ignore[index]
    answer(shipped, data, accepted=True, control="A1")
    assert axes(shipped, id)["acknowledgement"] == "accepted"
    assert shipped.problems() == []


def test_an_acknowledgement_that_contradicts_an_earlier_one_is_told(shipped: House) -> None:
    id, data = advice(shipped)
    answer(shipped, data, accepted=True, control="A1")
    answer(shipped, data, accepted=True, control="A2")
    assert "contradictory_acknowledgement" not in codes(shipped, id)
    answer(shipped, data, accepted=False, control="A3")
    assert axes(shipped, id)["acknowledgement"] == "rejected"
    assert "contradictory_acknowledgement" in codes(shipped, id)
    last = shipped.show(id)["events"][-1]  # type: ignore[index]
    assert (last["type"], last["reason"]) == ("ack.negative", "contradictory")
    assert shipped.problems() == []


def test_a_reissue_has_new_numbers_and_the_same_message(shipped: House) -> None:
    id, before = advice(shipped)
    new = issuing.reissue(shipped.context, id, "admin:ann", "their system lost it")
    shown = shipped.show(new)
    after = shipped.context.payloads.read(str(shown["sha256"]))
    one, other = parse(before).interchanges[0], parse(after).interchanges[0]
    assert one.control != other.control
    assert [m.segments[1:-1] for m in one.messages] == [m.segments[1:-1] for m in other.messages]
    assert (shown["state"], axes(shipped, new)["acknowledgement"]) == ("deposited", "wanted")
    (old,) = shipped.show(id)["messages"]  # type: ignore[misc]
    assert old["ack_state"] == "superseded"
    (told,) = _acts(shown)
    assert (told["actor"], told["detail"]["reissue_of"]) == ("admin:ann", id)
    answer(shipped, after, accepted=True, control="A1")
    assert axes(shipped, new)["acknowledgement"] == "accepted"
    assert shipped.problems() == []


def test_x12_is_reissued_in_its_group_and_version(house: House) -> None:
    house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    (before,) = house.sent("prairie")
    with house.context.database.read() as conn:
        out = (transmission.c.direction == "out", transmission.c.kind == "business")
        id = conn.execute(select(transmission.c.id).where(*out)).scalar_one()
    with pytest.raises(Refusal, match="still on its way"):
        issuing.reissue(house.context, id, "admin:ann", "")
    operate.hold(house.context.log, id, "admin:ann", "stop")
    issuing.reissue(house.context, id, "admin:ann", "new number, please")
    after = house.sent("prairie")[1]
    one, other = parse(before).interchanges[0], parse(after).interchanges[0]
    assert one.groups[0].version == other.groups[0].version
    assert one.groups[0].functional_id == other.groups[0].functional_id == "PO"
    assert (one.control, other.control) == ("000000001", "000000002")
    assert one.messages[0].segments[1:-1] == other.messages[0].segments[1:-1]
    assert house.problems() == []


def test_only_business_files_that_were_sent_can_be_issued_anew(shipped: House) -> None:
    source = str(shipped.show(advice(shipped)[0])["source"])
    with pytest.raises(Refusal, match="no business file that was sent"):
        issuing.reissue(shipped.context, source, "admin:ann", "")


def _acts(shown: dict[str, object]) -> list[dict[str, Any]]:
    return [e for e in shown["events"] if e["type"] == "admin.action"]  # type: ignore[attr-defined]
