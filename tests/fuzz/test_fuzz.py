"""Hostile input in the default suite: mutated samples, and files that are large in every way that costs something."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edigw.directory import check
from tests.fuzz.mutations import mutate
from tests.fuzz.run import inputs, work
from tests.fuzz.seeds import seeds
from tests.fuzz.target import OPTIONS, exercise, findings_of

_UNB = b"UNB+UNOC:3+A:14+B:14+250115:1031+REF1'"
_UNH = b"UNH+1+ORDERS:D:96A:UN'BGM+220+1'DTM+137:20250115:102'"
_ISA = b"ISA*00*          *00*          *ZZ*SENDER         *01*123456789      *250115*1031*^*00501*000000007*1*P*:~"
_GS = b"GS*PO*SENDER*RECEIVER*20250115*1031*3*X*005010~"
_SIZE = 400_000

LARGE = {
    "terminators": _UNB + b"'",
    "terminators in X12": _ISA + b"~",
    "release characters": _UNB + _UNH + b"?",
    "released terminators": _UNB + _UNH + b"FTX+ZZZ+++?'",
    "element separators": _UNB + _UNH + b"+",
    "components": _UNB + _UNH + b"FTX+ZZZ+++:",
    "repetitions": _ISA + _GS + b"ST*850*0001~REF*CT*A^",
    "wrapped lines": _UNB + _UNH + b"\r\n",
    "blanks": _UNB + b" ",
    "unknown segments": _UNB + _UNH + b"XYZ+1'",
    "misplaced segments": _UNB + _UNH + b"LIN+1'BGM+220'",
    "segments beyond their maximum": _UNB + _UNH + b"RFF+ON:1'NAD+BY'",
    "levels": _ISA + _GS + b"ST*856*0001~BSN*00*1*20250115*1031~HL*1*2*S~",
    "message headers": _UNB + b"UNH+1+ORDERS:D:96A:UN'",
    "group headers": _ISA + _GS,
    "interchange headers": _UNB,
    "ISA": _ISA,
    "service string advice": b"UNA:+.? '",
    "digits": _UNB + _UNH + b"QTY+21:9",
    "characters of another set": _UNB + _UNH + b"FTX+ZZZ+++\x80",
    "nulls": _UNB + b"\0",
    "objects": _UNB + b"UNO+1+1+1+3+0'UNP+0+1'",
}
REPEATED = {"misplaced segments": 15, "levels": 12, "segments beyond their maximum": 17, "objects": 23}


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


@pytest.mark.parametrize("name", LARGE)
def test_large_inputs_take_no_longer_than_they_are(name: str) -> None:
    """A second a megabyte at most, however the file is made up."""
    start = LARGE[name]
    piece = start[-REPEATED.get(name, _piece(name)) :]
    exercise((start + piece * (_SIZE // len(piece)))[:_SIZE])


def _piece(name: str) -> int:
    """How much of the end of a large input is repeated: its last octet, or a whole segment."""
    whole = {"unknown segments": 6, "message headers": 22, "group headers": len(_GS), "interchange headers": len(_UNB)}
    whole |= {"ISA": len(_ISA), "service string advice": 9, "released terminators": 2, "repetitions": 2}
    return whole.get(name, 1)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(8))
def test_soak(seed: int) -> None:
    """A million mutations."""
    assert not work(seed + 1, 125_000, float("inf"), None).crashes


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_soak_guided_by_coverage() -> None:
    """Ten minutes of atheris, which looks for inputs that reach new code; a crash ends the run."""
    pytest.importorskip("atheris", reason="needs the package atheris")
    import subprocess
    import sys

    run = [sys.executable, "-m", "tests.fuzz.guided", "-max_total_time=600", "-max_len=8192", "-print_final_stats=1"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
