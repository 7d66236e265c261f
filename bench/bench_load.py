"""A gateway under load, everything durable, over real SFTP: from upload to delivery, with translation, acknowledgement,
receipts and log. Partners, gateway and the supplier's server share this machine.

    python -m bench.bench_load rate [ORDERS]                as fast as four partners' sessions may: the sustained rate
    python -m bench.bench_load latency [ORDERS] [A_SECOND]  at a steady rate: the time from close to delivered
    python -m bench.bench_load sessions [IDLE] [ACTIVE]     memory with so many sessions
    python -m bench.bench_load large [ORDERS] [A_SECOND]    small files while one of so many orders passes
    python -m bench.bench_load soak [ORDERS]                memory and handles while so many orders pass (100000: hours)
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select

from bench.load import make_room, offer, put, sessions
from bench.stand import cpu, handles, interchange, machine, memory, order
from edigw.admin.demo.stage import Stage
from edigw.gateway.incoming.slices import LARGE
from edigw.partners.load import load
from edigw.store.clock import parse_stamp
from edigw.store.database import Database
from edigw.store.schema import event, job, message, transmission

WARM = 250  # orders until all that is compiled when it has come often is compiled
MB = 1 << 20


class Bench:
    """A gateway with its partners."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.database = Database(load(stage.config).database_url)
        self.next = 1  # number of an order

    @property
    def pid(self) -> int:
        return self.stage.gateway_pid

    def numbers(self, count: int) -> range:
        """Numbers of orders that were not sent yet."""
        self.next += count
        return range(self.next - count, self.next)

    async def calm(self, seconds: float = 3600) -> float:
        """Wait until nothing is left to be done; when that was."""
        left = select(func.count()).select_from(job).where(job.c.state == "ready")
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            with self.database.read() as conn:
                if conn.execute(left).scalar_one() == 0:
                    return time.monotonic()
            await asyncio.sleep(0.2)
        raise TimeoutError("work is left")

    async def warm(self) -> None:
        async with sessions(self.stage.retailer, 1) as clients:
            await offer(clients, self.numbers(WARM), order)
        await self.calm()

    def latencies(self, numbers: range) -> list[float]:
        """Milliseconds from accepted to delivered, of orders that came alone."""
        names = {f"NW-{n:07d}" for n in numbers}
        with self.database.read() as conn:
            accepted = dict(
                conn.execute(
                    select(event.c.transmission, event.c.at).where(event.c.type == "submission.accepted")
                ).all()
            )
            inbound = {
                row.xid: row.transmission
                for row in conn.execute(select(message).where(message.c.source.is_(None)))
                if row.number in names
            }
            done = conn.execute(select(event.c.xid, event.c.at).where(event.c.type == "delivery.completed")).all()
        ends = {xid: at for xid, at in done if xid in inbound}
        return [
            (parse_stamp(at) - parse_stamp(accepted[inbound[xid]])).total_seconds() * 1000 for xid, at in ends.items()
        ]


def told(times: Sequence[float]) -> str:
    """Percentiles in words."""
    cuts = statistics.quantiles(times, n=100)
    return f"median {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, longest {max(times):.0f} ms ({len(times)} files)"


async def rate(bench: Bench, orders: float = 300) -> None:
    await bench.warm()
    before, began = cpu(bench.pid), time.monotonic()
    async with sessions(bench.stage.retailer, 4) as clients:
        sent = await offer(clients, bench.numbers(int(orders)), order)
        took = await bench.calm() - began
    spent = 1000 * (cpu(bench.pid) - before) / orders
    print(f"{orders:g} orders: accepted at {orders / sent:.1f}/s, all delivered at {orders / took:.1f}/s")
    print(f"CPU of the gateway: {spent:.1f} ms an order")


async def latency(bench: Bench, orders: float = 300, a_second: float = 10) -> None:
    await bench.warm()
    numbers, before = bench.numbers(int(orders)), cpu(bench.pid)
    async with sessions(bench.stage.retailer, 4) as clients:
        sent = await offer(clients, numbers, order, a_second)
        await bench.calm()
    spent = 1000 * (cpu(bench.pid) - before) / orders
    print(f"{orders:g} orders at {orders / sent:.1f}/s, {a_second:g}/s were wanted; {spent:.1f} ms of CPU an order")
    print(f"close to delivered: {told(bench.latencies(numbers))}")


async def with_sessions(bench: Bench, idle: float = 200, active: float = 50) -> None:
    await bench.warm()
    print(f"{memory(bench.pid) / MB:.0f} MB of memory without sessions")
    async with sessions(bench.stage.retailer, int(idle)):
        print(f"{memory(bench.pid) / MB:.0f} MB with {idle:g} idle ones")
        async with sessions(bench.stage.retailer, int(active)) as clients:
            await offer(clients, bench.numbers(int(active) * 4), order)
            print(f"{memory(bench.pid) / MB:.0f} MB with {active:g} active ones, too; {handles(bench.pid)} handles")
        await bench.calm()


async def large(bench: Bench, orders: float = 1000, a_second: float = 2) -> None:
    await bench.warm()
    data = interchange(9_000_000, bench.numbers(int(orders)))
    waits = select(func.count()).where(
        job.c.kind == "process",
        job.c.state == "ready",
        job.c.transmission == transmission.c.id,
        transmission.c.size > LARGE,
    )
    before = most = memory(bench.pid)
    first = bench.next
    async with sessions(bench.stage.retailer, 2) as (big, small):
        await put(big, "large.edi", data)
        began, waiting = time.monotonic(), 1
        while waiting:
            await offer([small], bench.numbers(2), order, a_second)
            most = max(most, memory(bench.pid))
            with bench.database.read() as conn:
                waiting = conn.execute(waits).scalar_one()
        took, last = time.monotonic() - began, bench.next
        await bench.calm()
    print(f"{len(data) / MB:.1f} MB with {orders:g} orders were processed in {took:.0f} s")
    print(f"memory: {before / MB:.0f} MB before, {most / MB:.0f} MB at most")
    print(f"small ones meanwhile, close to delivered: {told(bench.latencies(range(first, last)))}")


async def soak(bench: Bench, orders: float = 1000) -> None:
    await bench.warm()
    steps = 10
    async with sessions(bench.stage.retailer, 4) as clients:
        for step in range(steps + 1):
            print(f"{step * orders / steps:7.0f} orders: {memory(bench.pid) / MB:.0f} MB, {handles(bench.pid)} handles")
            if step < steps:
                await offer(clients, bench.numbers(int(orders / steps)), order)
                await bench.calm()


KINDS = {"rate": rate, "latency": latency, "sessions": with_sessions, "large": large, "soak": soak}


def main(kind: str, *figures: float) -> None:
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        stage.build()
        make_room(stage, max_file_mb=1024)
        print(machine())
        stage.start_gateway()
        asyncio.run(KINDS[kind](Bench(stage), *figures))
        print(machine())


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    main(sys.argv[1], *map(float, sys.argv[2:]))
