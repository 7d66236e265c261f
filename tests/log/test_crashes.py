"""kill -9 at random moments, with three processes on one log: no gap, no duplicate, no fork, and the audit passes."""

from __future__ import annotations

import random
from pathlib import Path

from .crashes import Crashes, Place


def test_three_processes_that_are_killed_leave_one_whole_log(database_url: str, tmp_path: Path) -> None:
    crashes = Crashes(Place(database_url, tmp_path), seed=random.randrange(10**6))
    for _ in range(2):
        crashes.round(kills=5)
