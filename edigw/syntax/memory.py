"""Building something large without the cyclic garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Pauses the automatic collection of cycles. What is read from a file has none and stays alive, and is bounded by
    the size of the file; to look through it again and again takes two thirds of the time.

    Whoever pauses the collector starts it again, so threads may overlap: it may run a little while, it never stays
    off. What was made meanwhile goes to the oldest generation, else all of it would be looked through at once."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # what a program has frozen itself stays so
            gc.freeze()
            gc.unfreeze()
        gc.enable()
