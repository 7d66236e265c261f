"""The example guides: right in themselves, kept by the good samples, and broken by the bad ones as the reports say."""

from __future__ import annotations

from pathlib import Path

import pytest

from edigw import directory
from edigw.admin import report
from edigw.directory.guides import apply, load_guide, problems
from edigw.resources import shipped

FOLDER = shipped("samples") / "guides"
SAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".edi", ".x12"))
GUIDES = sorted(FOLDER.glob("*.yaml"))


def guide_of(sample: Path) -> Path:
    return FOLDER / f"{sample.stem.rpartition('-')[0]}.yaml"


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_every_example_guide_fits_the_standard_and_its_example(path: Path) -> None:
    """Each one is complete: a title, an edition, notes, rules and an example."""
    guide = load_guide(path)
    assert problems(guide) == []
    assert guide.title and guide.edition and guide.note and guide.rules and guide.example


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_report_on_a_sample_is_the_reviewed_one(sample: Path) -> None:
    """The golden report is what `edigw check SAMPLE --guide GUIDE` prints, with the names as seen from the folder."""
    data = sample.read_bytes()
    parsed = directory.check(data)
    assert apply(parsed, [load_guide(guide_of(sample))]) == 1
    text = "\n".join(report.as_text(sample.name, parsed, data)) + "\n"
    assert text == (FOLDER / f"{sample.stem}.report.txt").read_text("utf-8")
    assert report.is_valid(parsed) == sample.stem.endswith("good")


def test_the_standard_alone_finds_next_to_nothing_in_the_bad_samples() -> None:
    """What is wrong with them is what the partners agreed."""
    for sample in SAMPLES:
        messages = [m for i in directory.check(sample.read_bytes()).interchanges for m in i.messages]
        errors = [f.code for m in messages for f in m.findings if f.severity == "error"]
        assert errors in ([], ["segment_unknown"], ["too_long", "segment_unknown"]), sample.name
