"""pyx12's golden acknowledgements beside ours.

`EDIGW_PYX12` names a checkout of github.com/azoner/pyx12; its test data are files with the 997 or 999 that pyx12 writes
for them. All of them are health care sets, which it judges by implementation guides and which are not among our
packaged sets. So what is compared is what the standard says of the envelopes: TA1, the groups and sets that are named,
and the codes on headers, trailers and counts. AK3 and AK4 speak of those guides; they are read, and held against what
their segments say.
"""

from __future__ import annotations

import os
import runpy
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from edigw.acknowledge import read_acknowledgement, write_x12_acks
from edigw.directory import check
from edigw.syntax import Interchange, Segment, parse, value

_DATA = Path(os.environ.get("EDIGW_PYX12", "pyx12-is-not-here")) / "pyx12" / "test" / "x12testdata.py"
_OUR_SETS = {"1", "5", "I5"}  # 718: the set is not supported; errors in its segments, which only pyx12 looks at
_NOW = datetime(2026, 8, 30, 14, 5)

DIFFERENT = {
    "837miss": "IEA is missing: the interchange is rejected by TA1, and nothing more is said of it; pyx12 adds a 997",
    "fail_no_IEA": "the same",
    "trailer_errors": "IEA02 differs from ISA13: TA1 says 001, pyx12 018; after that rejection no 997 follows here",
    "ele": "ISA10 is 3339, no time: both say TA1 015, and after that rejection no 997 follows here",
}

pytestmark = pytest.mark.skipif(not _DATA.is_file(), reason="no checkout of pyx12 (EDIGW_PYX12)")


class Told(NamedTuple):
    """What acknowledgements say about envelopes."""

    interchanges: list[Segment]  # TA1
    groups: list[tuple[str, ...]]  # AK1 and AK902, AK903, with the codes of AK9
    sets: list[tuple[str, ...]]  # AK2 with the codes of AK5 or IK5


def told(interchange: Interchange) -> Told:
    # pyx12 writes TA1 behind the last group, where it does not belong
    found = Told([s for s in (*interchange.loose, *interchange.outside) if s[0] == "TA1"], [], [])
    for segment in (s for message in interchange.messages for s in message.segments):
        match segment[0]:
            case "AK1":
                header = tuple(segment[1:4])
            case "AK2":
                subject = tuple(segment[1:4])
            case "AK5" | "IK5":
                codes = sorted({code for code in segment[2:] if code} - _OUR_SETS)
                found.sets.append((*subject, *codes))
            case "AK9":
                found.groups.append((*header, value(segment, 2), value(segment, 3), *segment[5:]))
    return found


def theirs(golden: str) -> Told:
    [interchange] = parse(golden.encode()).interchanges
    return told(interchange)


def ours(source: str, set_id: str) -> Told:
    all_told = Told([], [], [])
    for interchange in check(source.encode()).interchanges:
        data = write_x12_acks(
            interchange, control=1, group_control=1, now=_NOW, set_id="999" if set_id == "999" else "997"
        )
        for reply in parse(data or b"").interchanges:
            new = told(reply)
            all_told.interchanges.extend(new.interchanges)
            all_told.groups.extend(new.groups)
            all_told.sets.extend(new.sets)
    return all_told


def samples() -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, Any]] = runpy.run_path(str(_DATA))["datafiles"]
    return {name: sample for name, sample in data.items() if {"res997", "resAck"} & sample.keys()}


def pair(sample: dict[str, Any]) -> tuple[Told, Told]:
    golden = sample.get("res997") or sample["resAck"]
    set_id = "999" if "IK5" in golden else "997"
    return ours(sample["source"], set_id), theirs(golden)


def test_envelopes_are_judged_alike() -> None:
    """Both name the same groups and sets with the same codes, and say the same of the interchange."""
    found = samples()
    assert len(found) >= 20
    pairs = {name: pair(sample) for name, sample in found.items() if name not in DIFFERENT}
    assert {name: one for name, (one, _) in pairs.items()} == {name: other for name, (_, other) in pairs.items()}


REFUSED = {  # what our dictionary finds in pyx12's own answers
    "stray_segment",  # TA1 behind the groups
    "wrong_characters",  # a copy of blanks (AK404)
    "segment_not_in_message",  # IK5 in a 997
    "segment_missing",  # its AK5
}


def test_their_answers_are_read_as_they_say() -> None:
    """Every set with its verdict, every note with its code and place; what is not as it should be has its reason."""
    for name, sample in samples().items():
        parsed = check((sample.get("res997") or sample["resAck"]).encode())
        [interchange] = parsed.interchanges
        parts = [interchange, *interchange.groups, *interchange.messages]
        errors = {f.code for part in parts for f in part.findings if f.severity == "error"}
        assert errors <= REFUSED, name
        segments = [s for m in interchange.messages for s in m.segments]
        verdicts = read_acknowledgement(interchange)
        told_sets = [(value(s, 1), value(s, 2)) for s in segments if s[0] == "AK2"]
        assert [(v.message_type, v.message_control) for v in verdicts if v.level == "message"] == told_sets, name
        ta1s = [s for s in (*interchange.loose, *interchange.outside) if s[0] == "TA1"]
        assert [v.interchange_control for v in verdicts if v.level == "interchange"] == [s[1] for s in ta1s], name
        elements = [(value(s, 3), value(s, 1)) for s in segments if s[0] in {"AK4", "IK4"}]
        read = [(c.code, str(c.place.element)) for v in verdicts for c in v.codes if c.code_list == "723"]
        assert read == elements, name


def test_listed_differences_are_still_there() -> None:
    """What is explained is no longer explained once it is gone."""
    found = samples()
    assert DIFFERENT.keys() <= found.keys()
    for name in DIFFERENT:
        mine, other = pair(found[name])
        assert mine != other, name
