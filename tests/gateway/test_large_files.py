"""Files of many messages are processed in slices: nothing differs but how much is done at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from edigw import syntax
from edigw.gateway import queue
from edigw.gateway.context import Wake
from edigw.gateway.desk import operate
from edigw.gateway.incoming import slices
from edigw.gateway.incoming.process import process
from edigw.gateway.worker import DELIVERING
from edigw.store.clock import utc_now
from edigw.store.schema import event, job, message
from tests.torture.traffic import interchange, number

from .house import LEASE, House

ORDERS = 120  # more than fit into a file that is processed at once
SLICES = ORDERS // slices.MESSAGES + 1


class PowerCut(BaseException):
    """The process ends here."""


class Fuse(Wake):
    """Cuts the power after so many slices."""

    def __init__(self, slices: int) -> None:
        super().__init__()
        self._left = slices

    def all(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise PowerCut


def large(house: House, orders: int = ORDERS) -> tuple[bytes, list[str]]:
    """An interchange with orders of numbers of their own, and these."""
    first = house.number() * 1000
    data = interchange(first, range(first, first + orders))
    assert len(data) > slices.LARGE
    return data, [number(n) for n in range(first, first + orders)]


def sent(house: House, numbers: list[str]) -> Counter[str]:
    """How often each of the orders has gone out."""
    with house.context.database.read() as conn:
        out = select(message.c.number).where(message.c.source.is_not(None), message.c.number.in_(numbers))
        return Counter(conn.execute(out).scalars().all())


def checked(house: House, id: str) -> int:
    """How many events tell that the file, or a slice of it, was checked."""
    with house.context.database.read() as conn:
        told = (event.c.transmission == id, event.c.type.startswith("validation."))
        return conn.execute(select(func.count()).where(*told)).scalar_one()


def test_each_message_goes_out_once_whenever_the_power_is_cut(house: House) -> None:
    data, numbers = large(house)
    id = house.drop("nordwind", "large.edi", data)
    for cut in range(1, SLICES):
        with house.context.database.write() as conn:
            (claimed,) = queue.claim(conn, queue.Lane("process"), "test", utc_now() + cut * LEASE * 2, LEASE)
        with pytest.raises(PowerCut):
            process(replace(house.context, wake=Fuse(1)), [claimed])
        assert sent(house, numbers).total() == slices.MESSAGES * cut
        assert house.state(id) == "received" and house.problems() == []
    with house.context.database.write() as conn:
        jobs = queue.claim(conn, queue.Lane("process"), "test", utc_now() + timedelta(hours=1), LEASE)
    assert process(house.context, jobs) == []
    house.work()
    assert sent(house, numbers) == dict.fromkeys(numbers, 1)
    assert house.state(id) == "accepted" and checked(house, id) == SLICES
    assert len(house.sent("nordwind", "ack")) == 1
    assert house.problems() == []


def test_what_is_wrong_in_one_slice_is_told_with_the_whole_interchange(shared_house: House) -> None:
    data, numbers = large(shared_house)
    wrong = numbers[60]
    at = data.index(wrong.encode())
    broken = data[:at] + data[at:].replace(b"QTY+21:48:PCE", b"QTY+21:4x8:PCE", 1)
    shown = shared_house.send("nordwind", "broken.edi", broken)
    assert shown["state"] == "partly_accepted"
    assert sent(shared_house, numbers) == dict.fromkeys((n for n in numbers if n != wrong), 1)
    answer = syntax.parse(shared_house.sent("nordwind", "ack")[-1]).interchanges[0].messages[0]
    assert [segment[1] for segment in answer.segments if segment[0] == "UCM"].count("61") == 1
    assert shared_house.problems() == []


def test_all_or_nothing_holds_for_all_slices(shared_house: House) -> None:
    shared_house.agree("nordwind", '[reading]\naccept = "interchange"\n')
    data, numbers = large(shared_house)
    at = data.index(numbers[-1].encode())
    shown = shared_house.send("nordwind", "whole.edi", data[:at] + data[at:].replace(b"QTY+21:48", b"QTY+21:4x", 1))
    assert shown["state"] == "rejected"
    assert sent(shared_house, numbers) == {}
    assert shared_house.problems() == []


def test_a_file_that_comes_again_goes_nowhere_and_gets_the_same_answer(shared_house: House) -> None:
    data, numbers = large(shared_house)
    shared_house.send("nordwind", "first.edi", data)
    answer = shared_house.sent("nordwind", "ack")[-1]
    assert shared_house.send("nordwind", "again.edi", data)["state"] == "duplicate"
    assert sent(shared_house, numbers) == dict.fromkeys(numbers, 1)
    assert shared_house.sent("nordwind", "ack")[-1] == answer
    assert shared_house.problems() == []


def test_what_was_held_in_any_slice_goes_out_once_it_is_processed_again(shared_house: House) -> None:
    shared_house.edit("prairie", 'document = "Order"', 'document = "Invoice"')
    data, numbers = large(shared_house)
    shown = shared_house.send("nordwind", "held.edi", data)
    assert shown["state"] == "held" and sent(shared_house, numbers) == {}
    assert shared_house.problems() == []
    shared_house.edit("prairie", 'document = "Invoice"', 'document = "Order"')
    operate.reprocess(shared_house.context.log, str(shown["id"]), "admin:test", "")
    shared_house.work()
    assert shared_house.state(str(shown["id"])) == "accepted"
    assert sent(shared_house, numbers) == dict.fromkeys(numbers, 1)
    assert shared_house.problems() == []
    with shared_house.context.database.read() as conn:
        assert conn.execute(select(job.c.state).where(job.c.state != "done", job.c.kind == "process")).all() == []


def test_what_a_large_file_became_holds_up_no_other_delivery(shared_house: House) -> None:
    others, of_large, _ = DELIVERING
    shared_house.send("nordwind", "large.edi", large(shared_house)[0])
    shared_house.send(
        "nordwind", "small.edi", interchange(shared_house.number() * 1000, [shared_house.number() * 1000])
    )
    with shared_house.context.database.write() as conn:
        alone = queue.claim(conn, others, "test", utc_now(), LEASE)
        together = queue.claim(conn, of_large, "test", utc_now(), LEASE)
    (id,) = [job.transmission for job in alone]
    assert len(together) == of_large.most
    assert id > max(job.transmission for job in together)  # made later, and delivered all the same
