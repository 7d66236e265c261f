"""Several small files delivered at once: each of them exactly once, whatever becomes of the others."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from edigw.gateway import queue
from edigw.gateway.desk.queries import Filters, search
from edigw.gateway.outgoing.deliver import Deliverer
from edigw.store.clock import utc_now
from edigw.store.schema import job
from edigw.transport.remote.pipeline import Pipeline

from .house import LEASE, House, sample
from .supplier import Supplier

FILES = 6


@pytest.fixture
def supplier(tmp_path: Path) -> Iterator[Supplier]:
    supplier = Supplier(tmp_path / "remote")
    yield supplier
    supplier.stop()


@pytest.fixture
def stocked(tmp_path: Path, supplier: Supplier, database_url: str) -> House:
    """A gateway with some 850s to deliver to a server that runs."""
    house = House(tmp_path, database_url, supplier_port=supplier.port, host_key=supplier.host_key)
    supplier.start(house)
    for number in range(FILES // 3):
        house.send("nordwind", f"{number}.edi", house.fresh(sample("orders_3.edi"), b"NW0004711"))
    return house


@pytest.fixture
def small_stock(tmp_path: Path, supplier: Supplier) -> House:
    """The same on SQLite."""
    house = House(tmp_path, supplier_port=supplier.port, host_key=supplier.host_key)
    supplier.start(house)
    for _ in range(FILES // 3):
        house.send("nordwind", "orders.edi", house.fresh(sample("orders_3.edi"), b"NW0004711"))
    return house


def states(house: House) -> Counter[str]:
    with house.context.database.read() as conn:
        return Counter(str(one["state"]) for one in search(conn, Filters(direction="out", type="850")))


def again(house: House) -> None:
    """What a start finds of a process that died, and the next attempt."""
    with house.context.database.write() as conn:
        due = {"owner": None, "lease_until": None, "due_at": "2020-01-01T00:00:00.000Z"}
        conn.execute(update(job).where(job.c.state == "ready").values(**due))
    house.work("deliver")


def arrived_once(house: House, supplier: Supplier) -> None:
    assert states(house) == {"delivered": FILES}
    assert sorted(supplier.files().values()) == sorted(house.sent("prairie"))
    assert all(name.endswith(".x12") for name in supplier.files())
    assert house.problems() == []


def test_files_that_go_together_arrive_and_each_has_its_events(stocked: House, supplier: Supplier) -> None:
    assert stocked.work("deliver") == FILES
    arrived_once(stocked, supplier)
    with stocked.context.database.read() as conn:
        for one in search(conn, Filters(direction="out", type="850")):
            types = [event["type"] for event in stocked.show(str(one["id"]))["events"]]  # type: ignore[attr-defined]
            assert types[-2:] == ["relay.accepted", "delivery.completed"]


def test_one_that_fails_does_not_keep_the_others(stocked: House, supplier: Supplier) -> None:
    (supplier.folder / "incoming" / "850_000000003.x12").write_bytes(b"the partner's own")
    stocked.work("deliver")
    assert states(stocked) == {"delivered": FILES - 1, "failed": 1}
    assert supplier.files()["850_000000003.x12"] == b"the partner's own"
    assert stocked.problems() == []


def test_while_the_server_is_away_each_waits_for_its_next_attempt(stocked: House, supplier: Supplier) -> None:
    supplier.stop()
    stocked.work("deliver")
    assert states(stocked) == {"queued": FILES}
    supplier.start(stocked)
    again(stocked)
    arrived_once(stocked, supplier)


class PowerCut(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["write", "rename"])
@pytest.mark.parametrize("moment", ["before", "in the middle", "after"])
def test_a_crash_at_any_step_ends_with_each_file_delivered_once(
    stocked: House, supplier: Supplier, step: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = getattr(Pipeline, step)

    def crash(pipeline: Pipeline, files: dict[str, object]) -> None:
        if moment == "in the middle":
            files = dict(list(files.items())[: FILES // 2])
        if moment != "before":
            genuine(pipeline, files)
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, step, crash)
        with pytest.raises(PowerCut):
            stocked.work("deliver")
    again(stocked)
    arrived_once(stocked, supplier)


@pytest.mark.parametrize("step", ["write", "rename"])
def test_a_connection_that_breaks_leaves_nothing_twice_and_nothing_behind(
    stocked: House, supplier: Supplier, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = getattr(Pipeline, step)

    def broken(pipeline: Pipeline, files: dict[str, object]) -> None:
        genuine(pipeline, dict(list(files.items())[: FILES // 2]))
        raise EOFError

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, step, broken)
        stocked.work("deliver")
    assert states(stocked) == {"queued" if step == "write" else "placing": FILES}
    again(stocked)
    arrived_once(stocked, supplier)


def test_what_the_server_refuses_of_many_is_tried_once_more_by_itself(
    stocked: House, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = Pipeline.write

    def refusing(pipeline: Pipeline, files: dict[str, bytes]) -> dict[str, int | OSError]:
        return {**genuine(pipeline, files), next(iter(files)): OSError("failure")}

    monkeypatch.setattr(Pipeline, "write", refusing)
    monkeypatch.setattr(Pipeline, "rename", lambda pipeline, names: {old: OSError("unsupported") for old in names})
    stocked.work("deliver")
    arrived_once(stocked, supplier)


def test_a_folder_gets_many_files_too(tmp_path: Path) -> None:
    house = House(tmp_path)
    share = tmp_path / "share"
    share.mkdir()
    house.edit("prairie", 'method = "sftp"', f'method = "folder"\nfolder = {{ path = "{share}" }}')
    house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    house.work("deliver")
    assert states(house) == {"delivered": 3} and len(os.listdir(share)) == 3
    assert house.problems() == []


@pytest.mark.parametrize("most", [1, FILES])
def test_what_another_worker_has_taken_over_is_left_to_it(small_stock: House, most: int) -> None:
    lane = queue.Lane("deliver", most)
    with small_stock.context.database.write() as conn:
        mine = queue.claim(conn, lane, "slow", utc_now(), LEASE)
        theirs = queue.claim(conn, lane, "other", utc_now() + 2 * LEASE, LEASE)
    assert [job.id for job in theirs] == [job.id for job in mine]
    late, other = Deliverer(), Deliverer()
    assert {type(each.error) for each in late.deliver(small_stock.context, mine)} == {queue.LeaseLost}
    assert other.deliver(small_stock.context, theirs) == []
    late.close()
    other.close()
    assert states(small_stock)["delivered"] == most
    assert small_stock.problems() == []
