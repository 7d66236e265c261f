"""Hostile input in the default suite: mutated samples, and files that are large in every way that costs something."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edigw.directory import check
from tests.fuzz.mutations import mutate
from tests.fuzz.run import inputs, work
from tests.fuzz.seeds import seeds
from tests.fuzz.shapes import SHAPES, large
from tests.fuzz.target import OPTIONS, exercise, findings_of

_UNB = b"UNB+UNOC:3+A:14+B:14+250115:1031+REF1'"
_UNH = b"UNH+1+ORDERS:D:96A:UN'BGM+220+1'DTM+137:20250115:102'"
_ISA = b"ISA*00*          *00*          *ZZ*SENDER         *01*123456789      *250115*1031*^*00501*000000007*1*P*:~"
_GS = b"GS*PO*SENDER*RECEIVER*20250115*1031*3*X*005010~"
_SIZE = 100_000


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.sampled_from(range(len(OPTIONS))))
def test_no_mutation_breaks_anything(rng: Random, which: int) -> None:
    """Whatever a sample is turned into, it is read, judged, answered, converted and written within the bounds."""
    originals = seeds()
    exercise(mutate(rng.choice(originals), originals, rng), OPTIONS[which])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", _UNB, _UNB + _UNH, _ISA, _ISA + _GS + b"ST*850*0001~"]))
def test_no_octets_break_anything(octets: bytes, before: bytes) -> None:
    """Any octets, alone and behind a sound beginning."""
    exercise(before + octets)


def test_each_seed_holds_something() -> None:
    """The mutations start from files of which every part is read."""
    for seed in seeds():
        found = {finding.code for finding in findings_of(check(seed)) if finding.severity == "error"}
        assert not found & {"not_edi", "bad_header", "stray_data", "interchange_trailer_missing"}, seed


def test_the_same_seed_gives_the_same_inputs() -> None:
    """A crash can be had again."""
    one, other = inputs(7), inputs(7)
    assert [next(one) for _ in range(50)] == [next(other) for _ in range(50)]


@pytest.mark.parametrize("name", SHAPES)
def test_large_inputs_break_nothing(name: str) -> None:
    """However a file is made up, it is read, judged, answered, converted and written within the bounds."""
    exercise(large(name, _SIZE))


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_no_shape_takes_longer_than_it_may() -> None:
    """A second a megabyte at most, for each of them; on a machine that does nothing else."""
    run = [sys.executable, "-m", "tests.fuzz.shapes"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(8))
def test_soak(seed: int) -> None:
    """A million mutations."""
    assert not work(seed + 1, 125_000, float("inf"), None).crashes


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_soak_guided_by_coverage(tmp_path: Path) -> None:
    """Ten minutes of atheris, which looks for inputs that reach new code; a crash ends the run."""
    pytest.importorskip("atheris", reason="needs the package atheris")
    run = [
        sys.executable,
        "-m",
        "tests.fuzz.guided",
        "-max_total_time=600",
        "-max_len=8192",
        f"-artifact_prefix={tmp_path}/",
    ]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
