"""The values in the headers of interchanges and groups."""

from __future__ import annotations

import pytest

from edigw.directory import ValidationOptions, check
from edigw.syntax import Finding

UNB = "UNB+UNOC:3+5412345000013:14+8712345678906:14+260830:1200+REF1'"
UNG = "UNG+ORDERS+BUYER:14+SELLER:14+260830:1200+G1+UN+D:96A'"
ORDER = "UNH+1+ORDERS:D:96A:UN'BGM+220+PO1+9'DTM+137:20260830:102'NAD+BY+5412345000013::9'LIN+1'UNS+S'UNT+7+1'"


def findings(old: str, new: str, *, group: bool = False, **severities: str) -> list[Finding]:
    """What is found in UNB and UNG if `old` is written otherwise."""
    inside = f"{UNG}{ORDER}UNE+1+G1'" if group else ORDER
    text = f"{UNB}{inside}UNZ+1+REF1'"
    assert old in text
    options = ValidationOptions(severities=severities)  # type: ignore[arg-type]
    (interchange,) = check(text.replace(old, new, 1).encode("latin-1"), options).interchanges
    return [*interchange.findings, *(f for g in interchange.groups for f in g.findings)]


def test_headers_as_they_should_be_have_no_findings() -> None:
    """With a group and without."""
    assert findings("REF1", "REF1") == findings("REF1", "REF1", group=True) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "element", "component"),
    [
        ("5412345000013:14", f"{'5' * 36}:14", "too_long", 2, 1),
        ("8712345678906:14", "8712345678906:14:A:B", "too_many_components", 3, 4),
        (":1200", "", "element_missing", 4, 2),
        (":1200", ":12", "too_short", 4, 2),
        (":1200", ":12H0", "bad_number", 4, 2),
        ("+REF1'", "+REF1++++++++++'", "", 0, None),
        ("+REF1'", "+REF1+++++++X'", "too_many_elements", 12, None),
    ],
)
def test_what_is_wrong_in_unb_is_found(old: str, new: str, code: str, element: int, component: int | None) -> None:
    """Each fault at its element, of the interchange; trailing separators are but noted."""
    found = [f for f in findings(old, new) if f.code != "trailing_separators"]
    assert [(f.code, f.severity, f.tag, f.element, f.component) for f in found] == (
        [(code, "error", "UNB", element, component)] if code else []
    )


@pytest.mark.parametrize(
    ("old", "new", "code", "element", "component"),
    [
        (":14+8712", ":QQ+8712", "header_code", 2, 2),
        ("+REF1'", "+REF1++++7'", "header_code", 9, None),
        ("UNOC:3", "UNOY:3", "header_code", 1, 1),
        ("UNOC:3", "unoc:3", "header_code", 1, 1),
        ("UNOC:3", "KECA:3", "header_code", 1, 1),
        ("260830", "261330", "bad_date", 4, 1),
        (":1200", ":2560", "bad_time", 4, 2),
    ],
)
def test_codes_and_days_in_unb_only_warn(old: str, new: str, code: str, element: int, component: int | None) -> None:
    """Partners agree on qualifiers of their own; what is no day harms nobody."""
    (found,) = findings(old, new)
    assert (found.code, found.severity, found.element, found.component) == (code, "warning", element, component)


def test_an_agreement_can_refuse_codes_of_headers() -> None:
    """CONTRL then says that the value is invalid."""
    (found,) = findings(":14+8712", ":QQ+8712", header_code="error")
    assert (found.severity, found.standard_code("edifact")) == ("error", "12")


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "element"),
    [
        ("BUYER:14", "BUYER:QQ", "header_code", "warning", 2),
        ("+UN+D", "+UNX+D", "too_long", "error", 6),
        ("D:96A'", "D:96A:EAN0088'", "too_long", "error", 7),
        ("UNG+ORDERS+BUYER:14", "UNG+ORDERS+", "element_missing", "error", 2),
    ],
)
def test_what_is_wrong_in_ung_is_found(old: str, new: str, code: str, severity: str, element: int) -> None:
    """Of the group, not of the interchange."""
    found = findings(old, new, group=True)
    assert [(f.code, f.severity, f.tag, f.element) for f in found if f.code in {code}] == [
        (code, severity, "UNG", element)
    ]


def test_a_header_that_can_not_be_read_is_not_judged() -> None:
    """One reason is enough."""
    parsed = check(f"{ORDER}UNZ+1+REF1'".encode())
    assert parsed.interchanges == []
    (interchange,) = check(b"UNA:+.? 'UNZ+1+REF1'").interchanges
    assert {f.code for f in interchange.findings if f.tag == "UNB"} <= {"bad_header"}


@pytest.mark.parametrize(
    ("old", "new"),
    [("UNB+", "UNB:1+"), ("UNG+", "UNG:1+"), ("+260830", "+\xb2608\xb20"), (":1200", ":\xb9\xb2\xb0\xb0")],
)
def test_odd_headers_are_judged_as_well(old: str, new: str) -> None:
    """Nesting numbers behind the tag, and digits that are none."""
    assert findings(old, new, group=True) is not None
