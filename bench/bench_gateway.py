"""From the end of an upload to the delivery at the partner's server, over real SFTP on loopback, everything durable.

Run as `python bench/bench_gateway.py [ORDERS] [PER_SECOND]`. Partner, gateway and the supplier's server share this
machine. Prints percentiles of the time from the `submission.accepted` event to the `delivery.completed` event, in
milliseconds, and the gateway's CPU time an order.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from bench.stand import cpu, machine, order
from edigw.admin.demo.stage import Stage, wait_for
from edigw.gateway.desk.queries import Filters, search
from edigw.partners.load import load
from edigw.store.clock import parse_stamp
from edigw.store.database import Database
from edigw.store.schema import event, message


def main(orders: int, rate: float) -> None:
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        stage.build()
        stage.start_gateway()
        database = Database(load(stage.config).database_url)

        def delivered() -> int:
            with database.read() as conn:
                return len(search(conn, Filters(direction="out", type="850", state="delivered", limit=100_000)))

        with stage.retailer.session() as sftp:
            stage.retailer.put(sftp, "warm.edi", order(1))
            wait_for(lambda: delivered() == 1, "the first delivery")
            before, began = cpu(stage.gateway_pid), time.monotonic()
            for number in range(orders):
                stage.retailer.put(sftp, f"{number}.edi", order(10_000 + number))
                time.sleep(max(0.0, began + (number + 1) / rate - time.monotonic()))
            sent = time.monotonic() - began
            wait_for(lambda: delivered() == orders + 1, "all deliveries", seconds=120)
        spent = cpu(stage.gateway_pid) - before
        times = latencies(database)[1:]
    cuts = statistics.quantiles(times, n=100)
    print(f"{orders} orders, {orders / sent:.1f}/s offered at {rate:g}/s")
    print(f"close to delivered: median {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, longest {max(times):.0f} ms")
    print(f"CPU of the gateway: {1000 * spent / orders:.1f} ms an order; {machine()}")


def latencies(database: Database) -> list[float]:
    """Milliseconds from accepted to delivered, for each order."""
    with database.read() as conn:
        accepted = dict(
            conn.execute(select(event.c.transmission, event.c.at).where(event.c.type == "submission.accepted")).all()
        )
        inbound = dict(
            conn.execute(select(message.c.xid, message.c.transmission).where(message.c.source.is_(None))).all()
        )
        done = conn.execute(
            select(event.c.xid, event.c.at).where(event.c.type == "delivery.completed").order_by(event.c.at)
        ).all()
    return [
        (parse_stamp(at) - parse_stamp(accepted[inbound[xid]])).total_seconds() * 1000
        for xid, at in done
        if xid in inbound
    ]


if __name__ == "__main__":
    given = [float(argument) for argument in sys.argv[1:]]
    main(int(given[0]) if given else 100, given[1] if len(given) > 1 else 5)
