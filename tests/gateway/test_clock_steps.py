"""The machine's clock jumps: nothing is lost or done twice, and the log stays whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edigw.store import clock

from .house import House, sample

ORDERS = sample("orders_text.edi")


class Clock(datetime):
    """The clock of a machine that somebody sets."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return datetime.now(UTC) + cls.ahead


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    stepping = type("Stepping", (Clock,), {})
    monkeypatch.setattr(clock, "datetime", stepping)
    return stepping


@pytest.mark.parametrize("step", [timedelta(days=-1), timedelta(seconds=-2), timedelta(days=1)])
def test_a_step_between_receipt_and_processing_loses_nothing(
    house: House, machine: type[Clock], step: timedelta
) -> None:
    """What was there before a step back waits at most for as long as the clock was ahead."""
    before = house.drop("nordwind", "before.edi", house.fresh(ORDERS, b"NW0004714"))
    machine.ahead = step
    after = house.drop("nordwind", "after.edi", house.fresh(ORDERS, b"NW0004714"))
    house.work()
    assert house.state(after) == "accepted"
    machine.ahead = timedelta(0)
    house.work()
    assert house.state(before) == "accepted"
    assert len(house.sent("prairie")) == 2 and len(house.sent("nordwind", "ack")) == 2
    assert house.problems() == []


def test_a_step_while_a_file_is_processed_does_it_once(house: House, machine: type[Clock]) -> None:
    """Another worker believes the first one's lease to be over; one of the two ends the job."""
    from edigw.gateway.incoming.process import process

    id = house.drop("nordwind", "a.edi", ORDERS)
    first = house.claim("process")
    machine.ahead = timedelta(days=1)
    second = house.claim("process")
    assert len(first) == len(second) == 1
    failures = [*process(house.context, first), *process(house.context, second)]
    assert len(failures) == 1
    machine.ahead = timedelta(0)
    house.work()
    assert house.state(id) == "accepted" and len(house.sent("prairie")) == 1
    assert len(house.sent("nordwind", "ack")) == 1 and house.problems() == []
