"""Delivery to a partner's server: two recorded steps, so that every crash has one right continuation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from edigw.gateway import queue
from edigw.gateway.desk import operate
from edigw.gateway.desk.queries import Filters, search
from edigw.gateway.outgoing import stops
from edigw.gateway.outgoing.deliver import Deliverer
from edigw.store.schema import job
from edigw.transport.keys import generate
from edigw.transport.remote.sftp import SftpSession

from .house import House, sample
from .supplier import Supplier


@pytest.fixture
def supplier(tmp_path: Path) -> Iterator[Supplier]:
    supplier = Supplier(tmp_path / "remote")
    yield supplier
    supplier.stop()


@pytest.fixture
def stocked(tmp_path: Path, supplier: Supplier) -> House:
    """A gateway with one 850 to deliver."""
    house = House(tmp_path, supplier_port=supplier.port, host_key=supplier.host_key)
    house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    return house


def outbound(house: House) -> dict[str, object]:
    with house.context.database.read() as conn:
        (found,) = search(conn, Filters(direction="out", type="850"))
    return house.show(str(found["id"]))


def steps(house: House) -> list[str]:
    return [event["type"] for event in outbound(house)["events"]]  # type: ignore[attr-defined]


def test_a_delivery_arrives_under_its_final_name_with_the_bytes_that_the_log_names(
    stocked: House, supplier: Supplier
) -> None:
    supplier.start(stocked)
    stocked.work("deliver")
    (data,) = stocked.sent("prairie")
    assert supplier.files() == {"850_000000001.x12": data}
    shown = outbound(stocked)
    assert shown["state"] == "delivered"
    assert steps(stocked)[-2:] == ["relay.accepted", "delivery.completed"]
    completed = shown["events"][-1]["detail"]  # type: ignore[index]
    assert completed["sha256"] == shown["sha256"] and completed["remote"]["host_key"].startswith("SHA256:")
    assert stocked.problems() == []


def test_a_server_that_is_away_is_tried_again_later_and_each_attempt_is_an_event(
    stocked: House, supplier: Supplier
) -> None:
    assert stocked.work("deliver") == 1
    shown = outbound(stocked)
    assert shown["state"] == "queued" and steps(stocked)[-1] == "relay.failed"
    (waiting,) = shown["waiting"]  # type: ignore[misc]
    assert waiting["attempts"] == 1 and "refused" in waiting["error"]
    assert stocked.problems() == []


def test_a_changed_host_key_stops_the_delivery_at_once(stocked: House, supplier: Supplier, tmp_path: Path) -> None:
    (supplier.folder / "host").unlink()
    (supplier.folder / "host.pub").unlink()
    generate(supplier.folder / "host", "another")
    supplier.start(stocked)
    stocked.work("deliver")
    shown = outbound(stocked)
    assert (shown["state"], shown["reason"]) == ("held", "delivery_stopped")
    assert steps(stocked)[-1] == "relay.rejected"
    assert supplier.files() == {}
    assert stocked.problems() == []


def test_nothing_more_is_tried_after_a_stop_until_an_admin_resumes(stocked: House, supplier: Supplier) -> None:
    for name in ("host", "host.pub"):
        (supplier.folder / name).rename(supplier.folder / f"right_{name}")
    generate(supplier.folder / "host", "another")
    supplier.start(stocked)
    stocked.work("deliver")
    supplier.stop()
    stocked.send("nordwind", "more.edi", sample("orders_3.edi"))
    stocked.work("deliver")  # none of them knocks at the server, which is away
    with stocked.context.database.read() as conn:
        assert [each["partner"] for each in stops.listed(conn)] == ["prairie"]
        assert {t["state"] for t in search(conn, Filters(direction="out", type="850"))} == {"held"}
    assert stops.resume(stocked.context.log, "nordwind", "admin:ann", "") is None
    for name in ("host", "host.pub"):
        (supplier.folder / f"right_{name}").rename(supplier.folder / name)
    supplier.start(stocked)
    assert stops.resume(stocked.context.log, "prairie", "admin:ann", "their key is back") == 4
    stocked.work("deliver")
    assert len(supplier.files()) == 4
    assert stocked.problems() == []


def test_a_corrected_configuration_lets_stopped_deliveries_go_on(stocked: House, supplier: Supplier) -> None:
    (supplier.folder / "host.pub").unlink()
    (supplier.folder / "host").unlink()
    new = generate(supplier.folder / "host", "another")
    supplier.start(stocked)
    stocked.work("deliver")
    stops.resume_changed(stocked.context)
    assert stocked.work("deliver") == 0
    stocked.edit("prairie", supplier.host_key, new)
    stops.resume_changed(stocked.context)
    stocked.work("deliver")
    assert len(supplier.files()) == 1
    assert stocked.problems() == []


def test_deliveries_in_order_wait_for_one_another_but_not_for_what_has_failed(
    stocked: House, supplier: Supplier
) -> None:
    stocked.edit("prairie", 'method = "sftp"', 'method = "sftp"\nin_order = true')
    supplier.start(stocked)
    stocked.send("nordwind", "more.edi", sample("orders_3.edi"))
    with stocked.context.database.read() as conn:
        ids = sorted(str(t["id"]) for t in search(conn, Filters(direction="out", type="850")))
    operate.hold(stocked.context.log, ids[1], "admin:ann", "wait")
    for _ in range(3):
        stocked.work("deliver")
        due_now(stocked)
    assert len(supplier.files()) == 1  # those behind the held one wait
    operate.release(stocked.context.log, ids[1], "admin:ann", "go")
    for _ in range(4):
        due_now(stocked)
        stocked.work("deliver")
    assert len(supplier.files()) == 4
    with stocked.context.database.read() as conn:
        done = {str(t["id"]): str(t["changed_at"]) for t in search(conn, Filters(direction="out", type="850"))}
    assert sorted(ids, key=lambda id: done[id]) == ids
    assert stocked.problems() == []


def due_now(house: House) -> None:
    with house.context.database.write() as conn:
        conn.execute(update(job).where(job.c.state == "ready").values(due_at="2000-01-01T00:00:00.000Z"))


def test_a_folder_gets_its_files_under_their_names(stocked: House, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    stocked.edit("prairie", 'method = "sftp"', f'method = "folder"\nfolder = {{ path = "{folder}" }}')
    stocked.work("deliver")
    assert outbound(stocked)["state"] == "queued"  # the share is not mounted
    folder.mkdir()
    due_now(stocked)
    stocked.work("deliver")
    shown = outbound(stocked)
    assert (shown["state"], [path.name for path in folder.iterdir()]) == ("delivered", [shown["name"]])
    assert stocked.problems() == []


class PowerCut(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", ["upload_temp", "after_upload_temp", "place", "after_place", "taken_away"])
def test_a_crash_at_any_moment_ends_with_one_file_delivered_once(
    stocked: House, supplier: Supplier, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier.start(stocked)
    (data,) = stocked.sent("prairie")
    crash_at(stocked, monkeypatch, "after_place" if moment == "taken_away" else moment)
    if moment == "taken_away":  # the partner's own software is quick
        (supplier.folder / "incoming" / "850_000000001.x12").rename(supplier.folder / "taken.x12")
    restart(stocked)
    stocked.work("deliver")
    shown = outbound(stocked)
    assert (shown["state"], shown["reason"]) == ("delivered", "unconfirmed" if moment == "taken_away" else "")
    assert supplier.files() == ({} if moment == "taken_away" else {"850_000000001.x12": data})
    assert stocked.problems() == []


def crash_at(house: House, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Deliver, until the process ends before a step of the client, or just after it."""
    name = moment.removeprefix("after_")
    genuine = getattr(SftpSession, name)

    def crash(*arguments: object) -> None:
        if moment.startswith("after_"):
            genuine(*arguments)
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(SftpSession, name, crash)
        with pytest.raises(PowerCut):
            house.work("deliver")


def restart(house: House) -> None:
    """What a start finds of a process that died, and does about it."""
    with house.context.database.write() as conn:
        conn.execute(update(job).values(owner=None, lease_until=None))


def test_a_folder_that_is_not_there_is_no_proof_of_delivery(
    stocked: House, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier.start(stocked)
    crash_at(stocked, monkeypatch, "place")
    restart(stocked)
    (supplier.folder / "incoming").rename(supplier.folder / "unmounted")
    stocked.work("deliver")
    assert outbound(stocked)["state"] == "placing"
    (supplier.folder / "unmounted").rename(supplier.folder / "incoming")
    again(stocked)
    assert outbound(stocked)["state"] == "delivered" and len(supplier.files()) == 1
    assert stocked.problems() == []


def again(house: House) -> None:
    """The next attempt, without waiting for it."""
    with house.context.database.write() as conn:
        conn.execute(update(job).where(job.c.state == "ready").values(due_at="2020-01-01T00:00:00.000Z"))
    house.work("deliver")


def test_another_target_in_the_configuration_is_no_proof_of_delivery(
    stocked: House, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier.start(stocked)
    crash_at(stocked, monkeypatch, "place")
    restart(stocked)
    (supplier.folder / "elsewhere").mkdir()
    stocked.edit("prairie", 'folder = "incoming"', 'folder = "elsewhere"')
    stocked.work("deliver")
    assert (outbound(stocked)["state"], outbound(stocked)["reason"]) == ("failed", "outcome_unknown")
    stocked.edit("prairie", 'folder = "elsewhere"', 'folder = "incoming"')
    operate.resend(stocked.context.log, str(outbound(stocked)["id"]), "admin:anna", "folder was wrong")
    stocked.work("deliver")
    assert outbound(stocked)["state"] == "delivered"
    assert list(supplier.files()) == ["850_000000001.x12"]
    assert stocked.problems() == []


def test_a_worker_whose_lease_ran_out_does_not_place_what_another_one_delivers(
    stocked: House, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier.start(stocked)
    genuine = SftpSession.upload_temp

    def slow(*arguments: object) -> object:
        """While this worker uploads, its lease ends and another worker delivers the file."""
        done = genuine(*arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(SftpSession, "upload_temp", genuine)
        restart(stocked)
        stocked.work("deliver")
        return done

    monkeypatch.setattr(SftpSession, "upload_temp", slow)
    with pytest.raises(queue.LeaseLost):
        stocked.work("deliver")
    assert [name for name in supplier.files() if not name.endswith(".part")] == ["850_000000001.x12"]
    assert steps(stocked).count("delivery.completed") == 1
    assert stocked.problems() == []


def test_the_session_is_used_for_several_deliveries(tmp_path: Path, supplier: Supplier) -> None:
    house = House(tmp_path, supplier_port=supplier.port, host_key=supplier.host_key)
    house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    supplier.start(house)
    deliverer = Deliverer()
    sessions = set()
    while jobs := house.claim("deliver"):
        assert deliverer.deliver(house.context, jobs) == []
        assert deliverer._open is not None
        sessions.add(id(deliverer._open[1]))
    deliverer.close()
    assert len(supplier.files()) == 3 and len(sessions) == 1
