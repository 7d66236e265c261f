"""The queue: each job is done by one worker, comes back when its worker dies, and ends with its result."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from edigw.gateway import queue
from edigw.gateway.queue import Lane, LeaseLost
from edigw.gateway.worker import Worker
from edigw.store.clock import utc_now
from edigw.store.schema import payload

from .house import LEASE, House, sample


def claim(house: House, owner: str = "a/1/1/t", later: timedelta = timedelta(0)) -> queue.Job | None:
    with house.context.database.write() as conn:
        return next(iter(queue.claim(conn, Lane("process"), owner, utc_now() + later, LEASE)), None)


def test_a_job_is_claimed_by_one_worker_only(house: House) -> None:
    house.drop("nordwind", "a.edi", sample("orders_text.edi"))
    claimed: list[queue.Job | None] = []
    workers = [threading.Thread(target=lambda n=n: claimed.append(claim(house, f"host/{n}/1/t"))) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(one is not None for one in claimed) == 1


def test_a_job_comes_back_when_its_lease_runs_out_and_its_first_worker_can_no_longer_end_it(house: House) -> None:
    house.drop("nordwind", "a.edi", sample("orders_text.edi"))
    first = claim(house)
    assert first is not None and claim(house) is None
    second = claim(house, "b/2/2/t", LEASE + timedelta(seconds=1))
    assert second is not None and second.id == first.id
    with pytest.raises(LeaseLost), house.context.database.write() as conn:
        queue.done(conn, first)
    with house.context.database.write() as conn:
        queue.done(conn, second)


def test_leases_of_a_process_that_died_are_taken_back_and_those_of_the_living_are_not(small_house: House) -> None:
    small_house.drop("nordwind", "a.edi", sample("orders_text.edi"))
    small_house.drop("nordwind", "b.edi", sample("orders_3.edi"))
    program = "from edigw.gateway.queue import owner_name; print(owner_name('t'))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    dead = claim(small_house, done.stdout.strip())
    living = claim(small_house, queue.owner_name("t"))
    assert dead is not None and living is not None
    with small_house.context.database.write() as conn:
        assert queue.release_dead(conn) == 1
    again = claim(small_house, "c/3/3/t")
    assert again is not None and again.id == dead.id


def test_each_lane_has_the_files_of_its_sizes_and_takes_as_many_as_it_says(house: House) -> None:
    order = sample("orders_text.edi")
    names = {house.drop("nordwind", f"{n}.edi", order * n): n for n in (1, 3, 2, 1)}

    def taken(lane: Lane) -> list[int]:
        with house.context.database.write() as conn:
            return [names[one.transmission] for one in queue.claim(conn, lane, "a/1/1/t", utc_now(), LEASE)]

    size = len(order)
    assert taken(Lane("process", 2, largest=2 * size)) == [1, 2]
    assert taken(Lane("process", 5, smallest=2 * size + 1)) == [3]
    assert taken(Lane("process", 5, largest=2 * size)) == [1]
    assert taken(Lane("process", 5)) == []


def test_deliveries_are_taken_of_one_partner_at_a_time_that_nobody_is_at(house: House) -> None:
    advice = sample("asn_4711.x12")
    house.edit("nordwind", 'method = "mailbox"', 'method = "folder"\nfolder = { path = "." }')
    for number in range(2):
        house.send("nordwind", f"{number}.edi", house.fresh(sample("orders_text.edi"), b"NW0004714"))
        house.send("prairie", f"{number}.x12", house.fresh(advice, b"000088231"))

    def taken(owner: str) -> set[str]:
        with house.context.database.write() as conn:
            found = queue.claim(conn, Lane("deliver", 9, by_partner=True), owner, utc_now(), LEASE)
        return {str(house.show(one.transmission)["partner"]) for one in found}

    assert [taken("a/1/1/t"), taken("b/2/2/t"), taken("c/3/3/t")] == [{"prairie"}, {"nordwind"}, set()]


def test_a_failed_attempt_is_counted_and_waiting_is_not(small_house: House) -> None:
    small_house.drop("nordwind", "a.edi", sample("orders_text.edi"))
    first = claim(small_house)
    assert first is not None
    with small_house.context.database.write() as conn:
        queue.postpone(conn, first, utc_now(), "no answer")
    second = claim(small_house)
    assert second is not None and second.attempts == 1
    with small_house.context.database.write() as conn:
        queue.postpone(conn, second, utc_now(), count=False)
    third = claim(small_house)
    assert third is not None and third.attempts == 1


def test_a_file_that_fails_on_our_side_stays_in_the_queue_and_holds_up_no_other(small_house: House) -> None:
    bad = small_house.drop("nordwind", "a.edi", sample("orders_text.edi"))
    small_house.drop("nordwind", "b.edi", sample("orders_3.edi"))
    sha256 = small_house.show(bad)["sha256"]
    with small_house.context.database.write() as conn:
        conn.execute(update(payload).where(payload.c.sha256 == sha256).values(content=b""))
    worker = Worker(small_house.current, "w", Lane("process", 16))
    assert worker.step(small_house.context) and not worker.step(small_house.context)
    assert small_house.show(bad)["state"] == "received"
    (waiting,) = [j for j in small_house.show(bad)["waiting"] if j["kind"] == "process"]
    assert waiting["attempts"] == 1 and waiting["error"]
    assert len(small_house.sent("prairie")) == 3


def test_one_partner_does_not_keep_all_workers_of_a_process(house: House) -> None:
    for number in range(6):
        house.drop("nordwind", f"{number}.edi", sample("orders_text.edi"))
    late = house.drop("prairie", "late.x12", sample("asn_4711.x12"))

    def taken(thread: str, share: int = 2) -> list[str]:
        with house.context.database.write() as conn:
            lane = Lane("process", 2, share=share)
            found = queue.claim(conn, lane, queue.owner_name(thread), utc_now(), LEASE)
        return [one.transmission for one in found]

    assert len(taken("process-0")) == len(taken("process-1")) == 2
    assert taken("process-2") == [late]
    assert taken("process-2") == []
    assert len(taken("process-2", share=3)) == 2
