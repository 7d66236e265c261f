"""From the end of an upload to its receipt, over real SFTP on loopback, everything durable.

Run as `python bench/bench_receipts.py [SECONDS] [PER_SECOND]`. Partner, gateway and the supplier's server share this
machine; every upload is an order, which the gateway checks, acknowledges, translates and delivers meanwhile. Prints
percentiles, in milliseconds, of the time from the answer to CLOSE until the partner has its receipt: of some uploads
as the partner sees it, who asks for the file every fiftieth of a second and then reads it, and of all as the database
tells it, from the event of the submission to that of the receipt.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import select

from bench.stand import cpu, machine, order
from edigw.admin.demo.people import SftpJob
from edigw.admin.demo.stage import Stage, wait_for
from edigw.log.keys import load_verifiers
from edigw.log.receipt import verify_receipt
from edigw.partners.load import load
from edigw.store.clock import parse_stamp
from edigw.store.database import Database
from edigw.store.schema import event

FOLLOWED = 20  # one in so many uploads is followed to its receipt
LOOK = 0.02  # seconds between two questions
SENDERS = 4  # sessions that share the uploads


def send(job: SftpJob, numbers: range, rate: float, closed: dict[int, float]) -> None:
    """Upload orders, `rate` a second; `closed` gets the moment at which each was answered."""
    with job.session() as sftp:
        began = time.monotonic()
        for at, number in enumerate(numbers):
            time.sleep(max(0.0, began + at / rate - time.monotonic()))
            with sftp.open(f"inbox/{number}.edi", "wb") as file:
                file.write(order(number))
            closed[number] = time.monotonic()


def follow(job: SftpJob, numbers: list[int], closed: dict[int, float], seen: dict[int, tuple[float, str]]) -> None:
    """Wait for the receipts of some uploads, and read them."""
    with job.session() as sftp:
        for number in numbers:
            while number not in closed:
                time.sleep(LOOK)
            text = ""
            while not text:
                try:
                    with sftp.open(f"receipts/{number}.edi.receipt") as file:
                        text = file.read().decode()
                except FileNotFoundError:
                    time.sleep(LOOK)
            seen[number] = (time.monotonic(), text)


def main(seconds: float, rate: float) -> None:
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        stage.build()
        stage.start_gateway()
        config = load(stage.config)
        keys = load_verifiers(config.log.key_file.with_suffix(".vkey"))
        closed: dict[int, float] = {}
        seen: dict[int, tuple[float, str]] = {}
        follow_one = (stage.retailer, [1], closed, seen)
        warm = threading.Thread(target=follow, args=follow_one)
        warm.start()
        send(stage.retailer, range(1, 2), 1, closed)
        warm.join()
        count = int(seconds * rate) // SENDERS * SENDERS
        numbers = range(10_000, 10_000 + count)
        followers = [
            threading.Thread(target=follow, args=(stage.retailer, list(some), closed, seen))
            for some in (numbers[:: 2 * FOLLOWED], numbers[FOLLOWED :: 2 * FOLLOWED])
        ]
        senders = [
            threading.Thread(target=send, args=(stage.retailer, numbers[at::SENDERS], rate / SENDERS, closed))
            for at in range(SENDERS)
        ]
        before, began = cpu(stage.gateway_pid), time.monotonic()
        for thread in (*followers, *senders):
            thread.start()
        for thread in senders:
            thread.join()
        sent = time.monotonic() - began
        for thread in followers:
            thread.join()
        spent = cpu(stage.gateway_pid) - before
        print(f"{count} uploads, {count / sent:.1f}/s where {rate:g}/s were offered; {machine()}")
        for _, text in seen.values():
            verify_receipt(text, keys)
        tell("as the partner sees it", [seen[number][0] - closed[number] for number in numbers[::FOLLOWED]])
        database = Database(config.database_url)
        wait_for(lambda: len(told(database)) > count, "every receipt", seconds=120)
        tell("as the log tells it", told(database))
        database.close()
        print(f"CPU of the gateway: {1000 * spent / count:.1f} ms an upload")


def tell(what: str, times: list[float]) -> None:
    """Prints a line."""
    cuts = statistics.quantiles([1000 * each for each in times], n=100)
    print(f"{what:24} p50 {cuts[49]:5.0f} ms   p95 {cuts[94]:5.0f} ms   longest {1000 * max(times):5.0f} ms")


def told(database: Database) -> list[float]:
    """Seconds from the submission to its receipt, for each that has one."""
    with database.read() as conn:
        rows = conn.execute(
            select(event.c.xid, event.c.type, event.c.at)
            .where(event.c.type.in_(("submission.accepted", "notification.sent")))
            .order_by(event.c.at)
        ).all()
    at = {(row.xid, row.type): parse_stamp(row.at) for row in reversed(rows)}
    return [
        (moment - at[xid, "submission.accepted"]).total_seconds()
        for (xid, type), moment in at.items()
        if type == "notification.sent" and (xid, "submission.accepted") in at
    ]


if __name__ == "__main__":
    given = [float(argument) for argument in sys.argv[1:]]
    main(given[0] if given else 20, given[1] if len(given) > 1 else 50)
