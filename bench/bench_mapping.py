"""Milliseconds of CPU to translate a 30-line ORDERS D.96A into an 850 004010: reading, writing, and both.

Run: python bench/bench_mapping.py [repetitions]
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal

from edigw import mapping
from edigw.documents import Channel, Contact, ItemId, Moment, Note, Order, OrderLine, Party, Reference
from edigw.syntax import Loop

LINES = 30


def order() -> Order:
    """An order as a retailer sends it."""
    delivery = Moment(dt.date(2026, 10, 19))
    contact = Contact(function="OC", name="Jana Petersen", channels=[Channel(type="TE", value="+49 40 5550120")])
    parties = [
        Party(
            role=role,
            id="4299999000016",
            id_scheme="9",
            name="Nordwind Markt eG",
            street="Speicherstrasse 12",
            city="Hamburg",
            postal_code="20457",
            country="DE",
            contacts=[contact] if role == "BY" else [],
        )
        for role in ("BY", "SU", "DP", "IV")
    ]
    lines = [
        OrderLine(
            number=str(n),
            ids=[
                ItemId(scheme="EN", id="0799999001012"),
                ItemId(scheme="SA", id=f"PG-{n}"),
                ItemId(scheme="IN", id=str(30000 + n)),
            ],
            description="Maple syrup grade A, 250 ml bottle",
            quantity=Decimal(12 * n),
            unit="PCE",
            price=Decimal("4.35"),
            requested_delivery=delivery,
        )
        for n in range(1, LINES + 1)
    ]
    return Order(
        id="NW-4711",
        type="220",
        purpose="9",
        issued=Moment(dt.date(2026, 10, 5)),
        requested_delivery=delivery,
        contract="NW-PG-2026",
        currency="EUR",
        terms_basis="5",
        net_days=30,
        references=[Reference(type="PL", id="2026-3")],
        notes=[Note(subject="AAI", text="Deliver to dock 4")],
        parties=parties,
        lines=lines,
    )


def segments(tree: Loop) -> int:
    return sum(segments(item) if isinstance(item, Loop) else 1 for item in tree)


def milliseconds(work: Callable[[], object], repetitions: int) -> tuple[float, float]:
    """Median and best of several rounds, CPU time of one call."""
    rounds = []
    for _ in range(repetitions):
        start = time.process_time()
        for _ in range(50):
            work()
        rounds.append((time.process_time() - start) / 50 * 1000)
    return statistics.median(rounds), min(rounds)


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    start = time.process_time()
    reader = mapping.binding("order/ORDERS", "D.96A")
    writer = mapping.binding("order/850", "004010")
    print(f"two bindings compiled in {(time.process_time() - start) * 1000:.0f} ms")
    document = order()
    tree, lost = reader.write_tree(document)
    back, rest = reader.read(tree)
    assert back == document and not lost and not rest, "the sample order passes unchanged"
    tasks: dict[str, Callable[[], object]] = {
        f"read ORDERS ({segments(tree)} segments)": lambda: reader.read(tree),
        "write 850": lambda: writer.write(document),
        "ORDERS to 850": lambda: writer.write(reader.read(tree)[0]),
        "write ORDERS": lambda: reader.write(document),
    }
    for name, work in tasks.items():
        median, best = milliseconds(work, repetitions)
        print(f"{name:30} median {median:.3f} ms, best {best:.3f} ms")


if __name__ == "__main__":
    main()
