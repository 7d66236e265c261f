"""`[reading]`, `[tolerances]` and `[severities]` of a partner file, and the options that come of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from edigw.directory import DEFAULT_SEVERITIES
from edigw.partners import ConfigError, load
from edigw.partners.reading import agreed_reading
from edigw.partners.tables.reading import Reading, Tolerances
from edigw.syntax import RULES, ReadOptions

Change = Callable[[str, str, str], Path]
M = "partners/muster.toml"


def with_tables(change: Change, tables: str) -> Path:
    return change(M, "[[receives]]", f"{tables}\n[[receives]]")


def test_every_tolerance_has_a_key_with_its_default() -> None:
    """The table in the partner file and the table of rules are the same."""
    words = {"note": "note", "error": "reject"}
    told = {code: words[rule.severity] for code, rule in RULES.items() if rule.kind == "tolerance"}
    assert msgspec.structs.asdict(Tolerances()) == told


def test_the_defaults_are_those_of_the_reader(folder: Path) -> None:
    """A partner file that says nothing reads as the reader does without an agreement."""
    agreed = agreed_reading(load(folder / "edigw.toml").partners["muster"])
    assert agreed.read == ReadOptions(severities=agreed.read.severities)
    assert all(agreed.read.severity(code) == DEFAULT_SEVERITIES[code] for code in RULES)
    assert all(agreed.validation.severity(code) == DEFAULT_SEVERITIES[code] for code in RULES)
    assert agreed.validation.codes
    assert set(Reading.__struct_fields__) - {"codes", "accept", "archives"} < set(ReadOptions.__dataclass_fields__)


def test_what_is_agreed_reaches_the_reader(change: Change) -> None:
    """Every table has its effect."""
    path = with_tables(
        change,
        """
        [reading]
        fallback_charset = "cp1252"
        max_segments = 7
        codes = false
        [tolerances]
        line_breaks = "reject"
        blanks = "ignore"
        foreign_header = "note"
        [severities]
        control_total = "warning"
        check_digit = "ignore"
        message_count = "note"
        """,
    )
    validation, read = agreed_reading(load(path).partners["muster"])
    assert (read.fallback_charset, read.max_segments, validation.codes) == ("cp1252", 7, False)
    assert [read.severity(code) for code in ("line_breaks", "blanks", "foreign_header")] == ["error", None, "note"]
    assert [validation.severity(code) for code in ("control_total", "check_digit")] == ["warning", None]
    assert read.severity("message_count") == "note"


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ('[tolerances]\nline_break = "note"', 'tolerances.line_break: unknown key; did you mean "line_breaks"?'),
        (
            '[tolerances]\nblanks = "rejct"',
            'tolerances.blanks: expected one of "ignore", "note", "reject", got "rejct"; did you mean "reject"?',
        ),
        (
            '[severities]\ncontrol_totals = "note"',
            'severities.control_totals: there is no such rule; did you mean "control_total"?',
        ),
        (
            '[severities]\ncontrol_total = "warn"',
            'severities.control_total: expected one of "error", "warning", "note", "ignore", got "warn"; '
            'did you mean "warning"?',
        ),
        ('[severities]\nblanks = "note"', "severities.blanks: belongs into [tolerances]"),
        ('[severities]\nmessage_trailer_missing = "note"', "severities.message_trailer_missing: always rejects"),
        ('[severities]\nxyz = "note"', "severities.xyz: there is no such rule"),
        ("[severities]\ncontrol_total = 3", "severities.control_total: expected a text, got 3"),
        (
            '[reading]\nfallback_charset = "klingon"',
            'reading.fallback_charset: expected a character set that contains ASCII, such as "latin-1", got "klingon"',
        ),
        (
            '[reading]\nx12_charset = "cp500"',
            'reading.x12_charset: expected a character set that contains ASCII, such as "latin-1", got "cp500"',
        ),
        ("[reading]\nmax_segments = 0", "reading.max_segments: expected a whole number of 1 or more, got 0"),
        ("[reading]\nmax_segmets = 1", 'reading.max_segmets: unknown key; did you mean "max_segments"?'),
    ],
)
def test_mistakes_are_told_with_the_likely_name(change: Change, tables: str, told: str) -> None:
    """A key or a word that does not exist is an error that names what was probably meant."""
    with pytest.raises(ConfigError) as error:
        load(with_tables(change, tables))
    assert re.sub(r":\d+:", ":", str(error.value), count=1) == f"{M}: {told}"
