"""Guide files: what is wrong with one is told with its line, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from edigw.directory.guides import GuideError, compiled, load_guide, parse_guide, read_guide
from tests.guides.guide_messages import ORDERS_HEAD, PO_HEAD, guide, orders, wrong

ENTRY = "locations:\n  - at: "


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("locations: []\nlocatoins: []\n", 6, 'unknown key \'locatoins\', did you mean "locations"?'),
        (ENTRY + "BGM\n    zzz: required\n", 7, "unknown key 'zzz', expected one of at,"),
        (ENTRY + "BGM\n    use: requierd\n", 7, 'required, optional, forbidden; did you mean "required"?'),
        (ENTRY + "BGM\n    max: many\n", 7, "max: expected a whole number"),
        (ENTRY + "BGM\n    at: DTM\n", 7, "'at' stands twice"),
        (ENTRY + "BGM\n    widens: yes\n", 7, "widens: expected true or false"),
        ("locations:\n  - use: required\n", 6, "at is missing"),
        ("locations: BGM\n", 5, "locations: expected a list of entries"),
        (ENTRY + "BGM\n    elements:\n      \"1004\": [required]\n", 8, "1004: expected a use or keys with values"),
        (ENTRY + "BGM/1004\n    length: 3\n    min_length: 2\n", 7, "length says it all"),
        (ENTRY + "BGM/1004\n    min_length: 5\n    max_length: 4\n", 7, "min_length is greater than max_length"),
        (ENTRY + "BGM/1001\n    codes: 220\n", 7, "codes: expected a list of codes"),
        ("locations: []\nrules:\n  - require: FTX\n", 7, "a rule has an id"),
        ("locations: []\nrules:\n  - id: a\n    when: FTX\n", 7, "a rule says one of require, forbid, same and sum"),
        ("locations: []\nrules:\n  - id: a\n    sum: SG25/QTY/6060\n", 7, "sum and equals belong together"),
        ("locations: []\nsegments:\n  - tag: toolong\n", 7, "tag: expected two or three letters and digits"),
        ("locations: [\n", 6, "expected the node content"),
        ("locations: []\ntitle: [\n", 7, "expected the node content"),
    ],
)  # fmt: skip
def test_a_fault_in_the_form_is_told_with_its_line(text: str, line: int, reason: str) -> None:
    """The line is that of the key, the reason says what should stand there."""
    first = wrong(text)[0]
    assert (first.line, first.file) == (line, "test.yaml")
    assert reason in first.reason
    assert str(first) == f"test.yaml:{line}: {first.reason}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ENTRY + "BGX", "BGX does not stand in ORDERS D.96A"),
        (ENTRY + "SG2/LIN", "LIN does not stand in the group SG2 of ORDERS D.96A"),
        (ENTRY + "SG99/NAD", "SG99 does not stand in ORDERS D.96A"),
        (ENTRY + "SG2//NAD", "not a location"),
        (ENTRY + '"1004"', "begins with a group or a segment"),
        (ENTRY + "BGM/9999", "BGM has no element 9999"),
        (ENTRY + "SG25/PIA/7140", "write 7140#1 for the first, or 7140*"),
        (ENTRY + '"SG2/NAD[3035=YB]"', "has no code 'YB'"),
        (ENTRY + '"SG2/NAD[3035]"', "a condition is reference=code"),
        (ENTRY + '"SG2/NAD[C082=1]"', "C082 is a composite: name one of its components"),
        (ENTRY + '"BGM/1004[1001=220]"', "conditions stand at segments"),
        (ENTRY + "BGM\n    pattern: x", "codes, lengths and patterns are said about elements"),
        (ENTRY + "BGM/C002\n    pattern: x", "are said about its components"),
        (ENTRY + "BGM\n    use: forbidden", "UN/EDIFACT D.96A requires it; a guide can't forbid it"),
        (ENTRY + "BGM\n    use: optional", "requires it; write `widens: true`"),
        (ENTRY + "FTX\n    max: 100", "allows 99; write `widens: true`"),
        (ENTRY + "FTX\n    min: 3\n    max: 2", "min is greater than max"),
        (ENTRY + "FTX\n    use: forbidden\n    max: 2", "has neither min nor max"),
        (ENTRY + "SG2/NAD/3035\n    use: forbidden", "a guide can't forbid it"),
        (ENTRY + 'BGM/1001\n    codes: ["221", "XX1"]', "1001 (Document/message name, coded) has no code 'XX1'"),
        (ENTRY + 'BGM/1001\n    add_codes: ["220"]', "has the code '220' anyway: "),
        (ENTRY + "SG25/QTY/6411\n    add_codes: [XYZ]", "has no code list to add to"),
        (ENTRY + "BGM/1004\n    max_length: 36", "has 35 at most; write `widens: true`"),
        (ENTRY + "BGM/1004\n    min_length: 36", "has 35 at most"),
        (ENTRY + "BGM/1004\n    decimals: 2", "decimals are said about numbers"),
        (ENTRY + "BGM/1004\n    pattern: '(a*)*'", "pattern: this pattern could take too long"),
        ("locations: []\nrules:\n  - {id: a, for: BGM/1004, require: FTX}", "a rule is for a group or a segment"),
        ("locations: []\nrules:\n  - {id: a, for: BGM, require: FTX}", "inside of the segment BGM only its elements"),
        ("locations: []\nrules:\n  - {id: a, same: [BGM, FTX]}", "same, sum and equals are said about elements"),
        ("locations: []\nsegments:\n  - {tag: NAD}", "NAD stands in ORDERS anyway"),
        ("locations: []\nsegments:\n  - {tag: ZZA, in: SG99}", "ORDERS has no group SG99"),
        ("locations: []\nexample: nowhere.edi", "nowhere.edi: no such file or directory"),
    ],
)
def test_what_does_not_fit_the_standard_is_told(text: str, reason: str) -> None:
    """Locations, codes, lengths and bounds are held against the directory before any message is."""
    first = wrong(text + "\n")[0]
    assert reason in first.reason
    assert first.line > 4 or "example" in reason or "nowhere" in reason


def test_x12_positions_are_held_against_the_segment() -> None:
    """A position that the segment does not have is refused."""
    (first,) = wrong(ENTRY + "PO1/26\n", PO_HEAD)
    assert "PO1 has no element 26 in X12 004010" in first.reason


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (ORDERS_HEAD.replace("D.96A", "D.96C"), "there is no version 'D.96C'"),
        (ORDERS_HEAD.replace("ORDERS", "ORDRES"), "there is no message 'ORDRES'"),
        (ORDERS_HEAD.replace("[D.96A]", "[]"), "versions: expected at least one"),
        (ORDERS_HEAD.replace("edifact", "edifcat"), 'did you mean "edifact"?'),
        (ORDERS_HEAD.replace("message: ORDERS\n", ""), "message is missing"),
    ],
)
def test_the_head_names_a_message_that_exists(head: str, reason: str) -> None:
    """Standard, message and version are checked first."""
    assert any(reason in each.reason for each in wrong("locations: []\n", head))


def test_all_faults_are_told_at_once() -> None:
    """Whoever writes a guide need not run the check once for every mistake."""
    text = "locations:\n  - {at: BGX}\n  - {at: BGM, use: forbidden}\n  - {at: BGM/1004, decimals: 2}\n"
    assert [each.line for each in wrong(text)] == [6, 7, 8]


def test_values_are_texts_as_they_are_written() -> None:
    """02 is not the number two, and NO is Norway."""
    made = guide(ENTRY + "SG2/NAD/3207\n    codes: [NO, DE]\n")
    assert made.entries[0].codes is not None
    assert list(made.entries[0].codes) == ["NO", "DE"]
    made = guide(ENTRY + "BEG/01\n    codes: [00, 05]\n", PO_HEAD)
    assert made.entries[0].codes is not None
    assert list(made.entries[0].codes) == ["00", "05"]


def test_a_guide_can_be_for_several_versions() -> None:
    """Every location must exist in each of them."""
    head = ORDERS_HEAD.replace("[D.96A]", "[D.96A, D.01B]")
    assert guide(ENTRY + "BGM/1004\n", head).versions == ("D.96A", "D.01B")
    (first,) = wrong(ENTRY + "SG25/SG26/CCI\n", head)
    assert "D.01B" in first.reason


def test_a_file_that_is_no_guide_is_refused_in_one_line(tmp_path: Path) -> None:
    """No such file, no text, not YAML: one error each, with the file's name."""
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"guide: x\ntitle: \xff\n")
    for path, reason in (
        (tmp_path / "gone.yaml", "gone.yaml: no such file or directory"),
        (binary, "binary.yaml:2: not UTF-8 text"),
    ):
        found, errors = read_guide(path)
        assert found is None
        assert str(errors[0]).endswith(reason)
        with pytest.raises(GuideError, match=reason):
            load_guide(path)
    for text in (
        b"just a text",
        b"- a\n",
        b"a: !!python/object:os.system x\n",
        b"[" * 5000,
        b"? [a]\n: b\n",
        b"x" * 1_000_001,
    ):
        found, errors = parse_guide(text, Path("x.yaml"))
        assert found is None
        assert errors


def test_an_example_must_keep_its_guide(tmp_path: Path) -> None:
    """What teaches must be right."""
    (tmp_path / "example.edi").write_bytes(orders())
    path = tmp_path / "guide.yaml"
    head = f"{ORDERS_HEAD}example: example.edi\n"
    path.write_text(head + ENTRY + "BGM/1004\n    max_length: 3\n")
    assert load_guide(path).example == tmp_path / "example.edi"
    path.write_text(head + ENTRY + "BGM/1004\n    max_length: 2\n")
    with pytest.raises(GuideError, match="PO1 has 3 characters"):
        load_guide(path)


def test_a_guide_is_compiled_once_for_a_version() -> None:
    """The second message needs no second compilation."""
    made = guide(ENTRY + "BGM\n")
    assert compiled(made, "D.96A") is compiled(made, "D.96A")
