"""What an agreement makes of values that a translation can't carry over: allowed, flagged, held, released."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from edigw.admin.cli import main
from edigw.gateway.desk import operate, queries
from edigw.log.bundle import export

from .house import House, sample

ORDERS = sample("orders_text.edi")


def unread(data: bytes) -> bytes:
    """The order with one segment more, which no rule reads: country of origin of all goods."""
    at = data.index(b"FTX+")
    count = data.index(b"UNT+") + 4
    end = data.index(b"+", count)
    more = str(int(data[count:end]) + 1).encode()
    return data[:at] + b"ALI+DE'" + data[at:count] + more + data[end:]


def agree(house: House, partner: str, text: str) -> None:
    """Add tables to a partner's file."""
    house.edit(partner, "[delivery]\n", f"{text}\n[delivery]\n")


def send(house: House, data: bytes) -> dict[str, Any]:
    """Send an order under a reference that was not used before."""
    return house.send("nordwind", "orders.edi", house.fresh(data, b"NW0004714"))


def losses(shown: dict[str, Any]) -> list[dict[str, Any]]:
    return [f for f in shown["findings"] if "action" in f]


def translation(house: House, shown: dict[str, Any]) -> dict[str, Any]:
    (event,) = [e for e in shown["events"] if e["type"] == "translation.completed"]
    return dict(event)


def test_a_value_that_is_not_read_is_told_in_words_and_flagged(house: House) -> None:
    shown = house.send("nordwind", "orders.edi", unread(ORDERS))
    event = translation(house, shown)
    (lost,) = [loss for loss in event["detail"]["losses"] if loss["value"] == "DE"]
    assert lost["text"].startswith('country of origin, coded "DE" (ALI, segment 5)')
    assert lost["text"].endswith("no rule reads it, so it goes no further")
    assert (lost["action"], event["reason"]) == ("flag", "loss_flagged")
    values = event["detail"]["values"]
    assert values["dropped"] == 1 + len([x for x in event["detail"]["losses"] if x["location"].startswith("UNH")])
    assert values["values"] == values["carried"] + values["dropped"] + values["converted"]
    (out,) = [t for t in shown["became"] if t["kind"] == "business"]  # type: ignore[attr-defined]
    assert lost["text"] in [f["text"] for f in losses(house.show(out["id"]))]
    assert house.problems() == []


def test_what_is_allowed_is_recorded_but_marks_nothing(shared_house: House) -> None:
    agree(shared_house, "nordwind", '[loss]\naction = "allow"\n')
    agree(shared_house, "prairie", '[loss]\naction = "allow"\n')
    event = translation(shared_house, send(shared_house, unread(ORDERS)))
    assert "reason" not in event and {loss["action"] for loss in event["detail"]["losses"]} == {"allow"}


def test_a_message_is_held_for_its_losses_until_exactly_these_are_released(house: House) -> None:
    agree(house, "nordwind", '[loss]\naction = "hold"\n')
    id = str(house.send("nordwind", "orders.edi", unread(ORDERS))["id"])
    shown = house.show(id)
    assert (shown["state"], shown["reason"]) == ("held", "loss") and house.sent("prairie") == []
    (why,) = [f for f in shown["findings"] if f["kind"] == "held"]  # type: ignore[attr-defined]
    assert 'country of origin, coded "DE" (ALI, segment 5)' in why["text"]
    assert [loss["value"] for loss in losses(shown) if loss["action"] == "hold"] == ["DE"]
    (judged,) = [e for e in shown["events"] if e["type"].startswith("validation")]  # type: ignore[attr-defined]
    assert judged["detail"]["held"][0]["text"] == why["text"]

    operate.reprocess(house.context.log, id, "admin:anna", "try again")
    house.work()
    assert house.show(id)["state"] == "held"

    operate.release(house.context.log, id, "admin:anna", "they know")
    house.work()
    shown = house.show(id)
    assert shown["state"] == "accepted" and len(house.sent("prairie")) == 1
    event = translation(house, shown)
    assert (event["reason"], event["detail"]["released"]) == ("released", why["approval"])
    (release,) = [e for e in shown["events"] if e["detail"].get("action") == "release"]  # type: ignore[attr-defined]
    assert release["actor"] == "admin:anna" and release["detail"]["approved"][0]["approval"] == why["approval"]
    assert house.problems() == []


def test_a_release_covers_no_other_losses(shared_house: House) -> None:
    agree(shared_house, "nordwind", '[loss]\naction = "hold"\n')
    id = str(send(shared_house, unread(ORDERS))["id"])
    operate.release(shared_house.context.log, id, "admin:anna", "they know")
    agree(shared_house, "prairie", '[loss]\naction = "hold"\n')  # from now on its folded letters hold it, too
    shared_house.work()
    assert shared_house.show(id)["state"] == "held"
    operate.release(shared_house.context.log, id, "admin:anna", "and these, too")
    shared_house.work()
    assert shared_house.show(id)["state"] == "accepted"


@pytest.mark.parametrize(("at", "state"), [("ALI", "accepted"), ("FTX", "held")])
def test_rules_name_places(shared_house: House, at: str, state: str) -> None:
    agree(shared_house, "nordwind", f'[loss]\naction = "hold"\nrules = [{{ at = "{at}", action = "allow" }}]\n')
    assert send(shared_house, unread(ORDERS))["state"] == state


def test_losses_in_writing_are_a_matter_of_the_receiver(shared_house: House) -> None:
    """An 850 has no place for "ß" and the like: the name of a street is folded."""
    agree(shared_house, "prairie", '[loss]\naction = "allow"\nrules = [{ at = "parties", action = "hold" }]\n')
    shown = send(shared_house, ORDERS)
    assert (shown["state"], shown["reason"]) == ("held", "loss")
    (why,) = [f for f in shown["findings"] if f["kind"] == "held"]  # type: ignore[attr-defined]
    assert "written as" in why["text"]


def test_an_evidence_bundle_holds_the_losses_in_words(shared_house: House, tmp_path: Path) -> None:
    shown = send(shared_house, unread(ORDERS))
    log = shared_house.context.log
    while log.integrate():
        pass
    with shared_house.context.database.read() as conn:
        row = queries.find_transmission(conn, str(shown["id"]))
        assert row is not None
        xids = queries.exchanges_of_transmission(conn, row)
    bundle = export(log, xids, tmp_path / "evidence.zip")
    with zipfile.ZipFile(bundle) as file:
        contents = [
            file.read(name) for name in file.namelist() if name.startswith("objects/") and name.endswith(".bin")
        ]
    assert any(b"(ALI, segment 5): no rule reads it, so it goes no further" in content for content in contents)


def test_a_translation_that_is_flagged_is_found_by_that(small_house: House, capsys: pytest.CaptureFixture[str]) -> None:
    agree(small_house, "prairie", '[loss]\naction = "allow"\n')
    send(small_house, ORDERS)
    capsys.readouterr()
    assert main(["log", "search", "--flagged", "-c", str(small_house.config)]) == 0
    assert capsys.readouterr().out == "nothing found\n"
    shown: dict[str, Any] = small_house.send(
        "nordwind", "again.edi", unread(ORDERS).replace(b"NW0004714", b"NW0004715")
    )
    (out,) = [each for each in shown["became"] if each["kind"] == "business"]
    main(["log", "search", "--flagged", "-c", str(small_house.config)])
    assert capsys.readouterr().out.startswith(out["id"])
    main(["log", "show", out["id"], "-c", str(small_house.config)])
    assert '"DE" (ALI, segment 5): no rule reads it, so it goes no further [flag]' in capsys.readouterr().out
