"""When to try again."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off. Times in seconds."""

    first: float = 30.0
    factor: float = 2.0
    cap: float = 3600.0
    jitter: float = 0.2  # share by which a delay is shorter or longer, so that peers do not come back in step

    def delay(self, attempt: int, rand: Callable[[], float] = random.random) -> float:
        """How long to wait after failed attempt number `attempt` (from 1). `rand` yields numbers in [0, 1).

        Raises ValueError for an attempt below 1.
        """
        if attempt < 1:
            raise ValueError(f"attempts count from 1, not {attempt}")
        doublings = min(attempt - 1, 64)  # beyond that the cap holds anyway, and the power would overflow
        base = min(self.cap, self.first * self.factor**doublings)
        return base * (1 + self.jitter * (2 * rand() - 1))
