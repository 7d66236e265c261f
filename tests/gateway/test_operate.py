"""What an admin does with a transmission, and what the log says of it."""

from __future__ import annotations

import pytest

from edigw.gateway.desk import operate
from edigw.gateway.desk.operate import Refusal

from .house import SESSION, House, sample


def test_a_held_file_is_processed_once_the_receiver_is_configured(house: House) -> None:
    data = sample("orders_3.edi").replace(b"0799999000107:14", b"0799999000206:14", 1)
    id = str(house.send("nordwind", "orders.edi", data)["id"])
    assert house.show(id)["state"] == "held" and house.sent("prairie") == []
    house.edit("prairie", 'edifact = [{ id = "0799999000107"', 'edifact = [{ id = "0799999000206"')
    operate.release(house.context.log, id, "admin:anna", "set up now")
    house.work()
    assert house.show(id)["state"] == "accepted"
    assert len(house.sent("prairie")) == 3
    assert len(house.outbox("nordwind")) == 1
    (told,) = [e for e in house.show(id)["events"] if e["type"] == "admin.action"]  # type: ignore[attr-defined]
    assert (told["actor"], told["detail"]["why"]) == ("admin:anna", "set up now")
    assert house.problems() == []


def test_processing_again_forwards_only_what_was_held(house: House) -> None:
    """One receiver is known and one is not: the two interchanges of the file have different fates at first."""
    other = sample("orders_text.edi").replace(b"0799999000107:14", b"0799999000206:14")
    id = str(house.send("nordwind", "both.edi", sample("orders_3.edi") + other)["id"])
    assert house.show(id)["state"] == "partly_accepted" and len(house.sent("prairie")) == 3
    house.edit(
        "prairie",
        'edifact = [{ id = "0799999000107", qualifier = "14" }]',
        'edifact = [{ id = "0799999000107", qualifier = "14" }, { id = "0799999000206", qualifier = "14" }]',
    )
    operate.reprocess(house.context.log, id, "admin:anna", "set up now")
    house.work()
    assert house.show(id)["state"] == "accepted"
    assert len(house.sent("prairie")) == 4
    assert len(house.sent("nordwind", "ack")) == 2
    assert house.problems() == []


def test_a_file_in_the_outbox_can_be_laid_there_again(house: House) -> None:
    house.send("prairie", "asn.x12", sample("asn_4711.x12"))
    home = house.home("nordwind")
    (entry,) = home.list("outbox")
    home.picked_up(entry, SESSION, entry.size, complete=True)
    home.remove(entry, SESSION)
    assert house.outbox("nordwind") == {}
    id = str(entry.item.transmission)  # type: ignore[attr-defined]
    operate.resend(house.context.log, id, "admin:anna", "their disk died")
    assert list(house.outbox("nordwind")) == [entry.name]
    assert house.show(id)["state"] == "deposited"
    assert house.problems() == []


def test_what_is_held_back_is_not_delivered_until_it_is_released(house: House) -> None:
    house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    with house.context.database.read() as conn:
        id = conn.exec_driver_sql("SELECT id FROM transmission WHERE direction = 'out' AND kind = 'business'").scalar()
    operate.hold(house.context.log, str(id), "admin:anna", "wrong price list")
    assert house.work("deliver") == 0
    assert house.show(str(id))["state"] == "held"
    operate.release(house.context.log, str(id), "admin:anna", "checked")
    assert house.show(str(id))["state"] == "queued"
    assert house.work("deliver") == 1
    assert house.problems() == []


@pytest.mark.parametrize("act", [operate.resend, operate.hold, operate.release, operate.reprocess])
def test_an_act_that_does_not_fit_is_refused_with_the_state(small_house: House, act: object) -> None:
    id = str(small_house.send("nordwind", "orders.edi", sample("orders_text.edi"))["id"])
    with pytest.raises(Refusal, match="inbound transmission that is accepted"):
        act(small_house.context.log, id, "admin:anna", "why not")  # type: ignore[operator]
    with pytest.raises(Refusal, match="no transmission"):
        act(small_house.context.log, "NOSUCHID", "admin:anna", "why not")  # type: ignore[operator]
