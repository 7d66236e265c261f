"""Public sample files: what partners send is answered, and the acknowledgements among them are understood."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from edigw.acknowledge import (
    AcknowledgementImpossible,
    SentMessage,
    accepted_messages,
    is_acknowledgement,
    read_acknowledgement,
    settle,
    write_contrl,
    write_x12_acks,
)
from edigw.directory import check
from edigw.syntax import Group, Interchange, parse

_BESIDE = Path(__file__).parents[3] / "shared" / "samples-public"
SAMPLES = Path(os.environ.get("EDIGW_SAMPLES_PUBLIC", _BESIDE))
NOW = datetime(2026, 8, 30, 14, 5)
COPIED = {"UCI", "UCF", "UCM", "AK1", "AK2"}  # repeat codes of the subject, right or wrong

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files are not there")


def sample_files() -> Iterator[Path]:
    for path in sorted(SAMPLES.rglob("*")):
        if path.is_file() and path.suffix not in {".md", ".csv"} and path.stat().st_size < 100_000:
            yield path


def answer(subject: Interchange) -> bytes | None:
    try:
        if subject.standard == "edifact":
            return write_contrl(subject, control="C1", message_control="1", now=NOW)
        return write_x12_acks(subject, control=1, group_control=1, now=NOW)
    except AcknowledgementImpossible:
        return None


def unique(subject: Interchange) -> bool:
    """Whether every group and message can be told from the others."""
    keys = [(m.type, m.control, id(group_of(subject).get(id(m)))) for m in subject.messages]
    groups = [(g.functional_id, g.control) for g in subject.groups]
    return len(set(keys)) == len(keys) and len(set(groups)) == len(groups)


def group_of(subject: Interchange) -> dict[int, Group]:
    return {id(m): g for g in subject.groups for m in g.messages}


def test_answers_to_samples_are_sound_and_read_back() -> None:
    """Each answer is valid but for wrong codes that it repeats, and settles each message as it was judged."""
    answered = 0
    for path in sample_files():
        for subject in check(path.read_bytes()).interchanges:
            data = answer(subject)
            if data is None or not unique(subject):
                continue
            answered += 1
            (reply,) = check(data).interchanges
            found = [*reply.findings, *(f for p in (*reply.groups, *reply.messages) for f in p.findings)]
            errors = [f for f in found if f.severity == "error" and f.code != "message_not_supported"]
            assert all(f.code == "invalid_code" and f.tag in COPIED for f in errors), path
            groups = group_of(subject)
            judged = [m for m in subject.messages if not is_acknowledgement(m)]
            sent = [SentMessage(m.type, m.control, groups[id(m)].control if id(m) in groups else "") for m in judged]
            accepted = {id(m) for m in accepted_messages(subject)}
            expected = ["accepted" if id(m) in accepted else "rejected" for m in judged]
            outcomes = [s.outcome for s in settle(sent, read_acknowledgement(reply))]
            assert outcomes == expected, path
    assert answered > 100


def test_acknowledgements_among_samples_are_understood() -> None:
    """Every interchange with a TA1, AK9 or UCI says something about what was sent."""
    read = 0
    for path in sample_files():
        for interchange in parse(path.read_bytes()).interchanges:
            segments = [*interchange.loose, *(s for m in interchange.messages for s in m.segments)]
            if is_acknowledgement(interchange) and {"TA1", "AK9", "UCI"} & {s[0] for s in segments}:
                read += 1
                assert read_acknowledgement(interchange), path
    assert read > 20
