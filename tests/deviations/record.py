"""Writes down what becomes of each case, to be read through before it is committed.

python -m tests.deviations.record [CASE...]
"""

from __future__ import annotations

import sys

from tests.deviations.outcome import CASES, expected_file, outcomes

for name in sys.argv[1:] or CASES:
    expected_file(name).parent.mkdir(exist_ok=True)
    expected_file(name).write_text(outcomes(name) + "\n")
