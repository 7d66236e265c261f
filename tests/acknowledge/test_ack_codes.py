"""The tables of codes against each other and against the facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from ack_builders import edifact, gs, order, po, x12

from edigw.acknowledge import write_contrl, write_x12_acks
from edigw.acknowledge.codes import TEXTS, contrl_code, text_of
from edigw.acknowledge.contrl import Guide
from edigw.acknowledge.subjects import SetId
from edigw.directory import check
from edigw.directory import x12 as x12_directory
from edigw.directory.packaged import versions
from edigw.syntax import Delimiters, Finding
from edigw.syntax.findings import RULES, Trigger
from edigw.syntax.model import EDIFACT_DEFAULT

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"


def test_every_rule_has_codes_that_the_lists_know() -> None:
    """A finding's code must be in the list of the segment that reports it."""
    lists = {"interchange": "I18", "group": "716", "message": "718", "segment": "720", "element": "723"}
    for rule in RULES.values():
        if rule.x12 and rule.level in lists:
            assert rule.x12 in TEXTS[lists[rule.level]], rule.code  # type: ignore[index]
        for version, code in ((3, rule.contrl), (4, rule.contrl4 or rule.contrl)):
            if code:
                assert text_of("0085", contrl_code(code, version)).find("not in list") < 0, rule.code


def test_codes_of_another_syntax_version_are_replaced() -> None:
    """What a version's list lacks is stated by its nearest code, or as unspecified."""
    assert contrl_code("43", 3) == "43"
    assert contrl_code("43", 4) == "7"
    assert contrl_code("48", 4) == "48"
    assert contrl_code("48", 3) == "18"
    assert contrl_code("99", 3) == "18"


def test_unknown_codes_are_called_so() -> None:
    """A code that no list has is named, not hidden."""
    assert text_of("720", "99") == "code 99, which is not in list 720"


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the facts are not beside the repository")
def test_lists_are_complete() -> None:
    """Every code of 0085 in both syntax versions and of the X12 lists has a text; CONTRL uses its own
    version's."""
    for version in (3, 4):
        facts = json.loads((REFERENCE / "edifact" / f"syntax{version}.json").read_text())
        codes = set(facts["codes"]["0085"])
        assert codes <= set(TEXTS["0085"])
        assert codes == {code for code in TEXTS["0085"] if contrl_code(code, version) == code}
    names = json.loads((REFERENCE / "x12" / "codes.json").read_text())["codes"]
    pairs = (("I18", "I18"), ("716", "716"), ("718", "718"), ("718", "618"))
    pairs += (("720", "720"), ("720", "620"), ("723", "723"), ("723", "621"))
    for ours, theirs in pairs:
        assert {code for code, name in names[theirs].items() if name} <= set(TEXTS[ours])  # type: ignore[index]


# -- every code in every version, against our own dictionaries ---------------------------------------------------

NOW = datetime(2026, 8, 30, 14, 5)
WITH_997 = [v for v in versions("x12") if v.isdigit() and "997" in x12_directory(v).messages()]
INNER = [rule for rule in RULES.values() if rule.level in {"message", "segment", "element"}]


def finding(code: str, tag: str = "N1", segment: int = 4) -> Finding:
    guide = "Guide" if code.startswith("guide_") else ""
    trigger = Trigger(3, "REF", 1, None, "128") if guide else None
    return Finding(code, "", "error", segment, tag, "", 1, None, None, "98", "Q9", 0, guide=guide, trigger=trigger)


def all_findings(data: bytes | None) -> list[Finding]:
    """Everything that is found in an answer, notes included."""
    assert data is not None
    parsed = check(data)
    parts = [part for i in parsed.interchanges for part in (i, *i.groups, *i.messages)]
    return [*parsed.findings, *(f for part in parts for f in part.findings)]


@pytest.mark.parametrize("version", WITH_997)
@pytest.mark.parametrize("set_id", ["997", "999"])
def test_every_rule_can_be_reported_in_every_version(version: str, set_id: SetId) -> None:
    """997 and 999 have no finding themselves, whatever they say of sets, segments, elements and groups."""
    sets = [po(f"{n:04}", finding(rule.code)) for n, rule in enumerate(INNER, 1)]
    groups = [gs("1", *sets, version=version)]
    for n, rule in enumerate((r for r in RULES.values() if r.level == "group"), 2):
        groups.append(gs(str(n), po(), findings=(Finding(rule.code, ""),), version=version))
    for element in range(1, 9):
        header = Finding("too_long", "", tag="GS", element=element)
        groups.append(gs(str(100 + element), po(), findings=(header,), version=version))
    delimiters = Delimiters("*", ":", "~", "^" if version > "004010" else "")
    subject = x12(*groups, version=version[:5], delimiters=delimiters)
    data = write_x12_acks(subject, control=1, group_control=1, now=NOW, set_id=set_id)
    assert all_findings(data) == []


@pytest.mark.parametrize("status", ["A", "E", "R"])
def test_every_code_of_ta1_is_valid(status: str) -> None:
    """Our own dictionary has all that a TA1 says."""
    isa = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260830*1200*U*00401*000000001*0*P*>~"
    notes = "".join(f"TA1*000000001*260830*1200*{status}*{code}~" for code in TEXTS["I18"])
    assert all_findings(f"{isa}{notes}IEA*0*000000001~".encode()) == []


@pytest.mark.parametrize(
    ("syntax", "guide"),
    [("UNOA:1", ""), ("UNOB:2", "eancom97"), ("UNOC:3", ""), ("UNOC:3", "eancom2002"), ("UNOC:4", "")],
)
def test_every_rule_can_be_reported_in_every_syntax_version(syntax: str, guide: Guide) -> None:
    """CONTRL has no finding itself, whatever it says of messages, segments and elements, and of the interchange."""
    messages = [order(str(n), finding(rule.code, "NAD")) for n, rule in enumerate(INNER, 1)]
    how = {"control": "C1", "message_control": "1", "now": NOW, "guide": guide}
    characters = EDIFACT_DEFAULT if syntax < "UNOC:4" else replace(EDIFACT_DEFAULT, repetition="*")
    subject = edifact(*messages, syntax=syntax, delimiters=characters)
    assert all_findings(write_contrl(subject, **how)) == []  # type: ignore[arg-type]
    for rule in RULES.values():
        if rule.level == "interchange":
            subject = edifact(order(), findings=(Finding(rule.code, ""),), syntax=syntax, delimiters=characters)
            assert all_findings(write_contrl(subject, **how)) == [], rule.code  # type: ignore[arg-type]
