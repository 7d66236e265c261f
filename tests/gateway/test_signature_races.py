"""Files and their signatures that several workers have in hand at the same time."""

from __future__ import annotations

import random
import time
from pathlib import Path

from edigw.gateway.queue import Lane
from edigw.gateway.worker import Integrator, Worker
from edigw.log.sshsig import SUBMISSION

from ..log.ssh_signing import Signer
from .house import House, sample

SIGNER = Signer.new()
PAIRS = 12


def test_every_file_is_processed_once_whichever_of_the_two_comes_first_and_whoever_is_at_it(
    tmp_path: Path, database_url: str
) -> None:
    house = House(tmp_path, database_url)
    house.agree("nordwind", f'[signatures]\nsubmissions = "demand"\n[[signatures.keys]]\nkey = "{SIGNER.line}"')
    workers = [Worker(house.current, f"process-{n}", Lane("process", 3)) for n in range(4)]
    threads = [*workers, Integrator(house.current)]
    for thread in threads:
        thread.start()
    uploads = []
    for n in range(PAIRS):
        data = house.fresh(sample("orders_text.edi"), b"NW0004714")
        pair = [(f"po{n}.edi", data), (f"po{n}.edi.sig", SIGNER.sign(data, SUBMISSION))]
        uploads.append(pair if n % 2 else pair[::-1])
    order = random.Random(4711)
    ids = []
    while any(uploads):
        pair = order.choice([pair for pair in uploads if pair])
        ids.append(house.drop("nordwind", *pair.pop(0)))
        house.context.wake.set("process")
    end = time.monotonic() + 60
    while any(house.state(id) == "received" for id in ids) and time.monotonic() < end:
        time.sleep(0.05)
    for thread in threads:
        thread.stop()
    for thread in threads:
        thread.join(10)
    assert {house.state(id) for id in ids} == {"accepted"}
    assert len(house.sent("prairie")) == PAIRS
    assert house.problems() == []
