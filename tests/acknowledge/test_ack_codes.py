"""The tables of codes against each other and against the facts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edigw.acknowledge.codes import TEXTS, contrl_code, text_of
from edigw.syntax.findings import RULES

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
