"""Every public sample file has the outcome that was reviewed."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from edigw.directory import check
from tests.public.outcomes import SAMPLES, golden, manifest, outcome

present = pytest.mark.skipif(not (SAMPLES / "manifest.csv").is_file(), reason="the public samples are not here")


@present
def test_each_file_is_judged_as_reviewed() -> None:
    """Accepted, accepted with notes or rejected, with the same codes and the same answer as when it was looked at."""
    expected = golden()
    wrong = {path: expected[path].differences(outcome(path)) for path in manifest()}
    assert not [f"{path}: {'; '.join(found)}" for path, found in wrong.items() if found]


@present
def test_the_list_is_complete() -> None:
    """Each file of the manifest is in the list, and no other."""
    assert sorted(manifest()) == sorted(golden())


@present
def test_what_is_judged_otherwise_than_it_was_meant_is_explained() -> None:
    """Valid-looking files that are rejected, and fragments and broken ones that are accepted."""
    rows = golden()
    looks = {path: intent.startswith("valid") for path, intent in manifest().items()}
    assert {True, False} == set(looks.values())
    assert [p for p, valid in looks.items() if valid == (rows[p].outcome == "rejected") and not rows[p].why] == []


@present
def test_no_file_takes_long() -> None:
    """A second for a megabyte, at most, whatever is wrong with it."""
    for path in manifest():
        data = (SAMPLES / Path(path)).read_bytes()
        if len(data) > 100_000:
            start = time.process_time()
            check(data)
            assert time.process_time() - start < 1.0 + len(data) / 1e6, path


def test_rejections_are_explained() -> None:
    """The review says for each rejected file why that is right, and it rejects no more than it accepted to reject."""
    rows = golden().values()
    assert [row.path for row in rows if row.outcome == "rejected" and not row.why] == []
    assert [row.path for row in rows if (row.outcome == "rejected") != bool(row.errors)] == []
    assert Counter(row.outcome for row in rows)["rejected"] <= 334
