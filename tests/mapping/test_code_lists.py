"""The code lists that ship with the bindings, held against the directories."""

import csv
from pathlib import Path

import pytest

from edigw.directory import edifact, x12
from edigw.mapping import BindingError, codes
from edigw.mapping.codes import CodeList, code_list
from edigw.resources import shipped

LISTS = sorted((shipped("mappings") / "codes").glob("*.csv"))
ELEMENTS = {  # list: (EDIFACT element, X12 element)
    "allowance_codes": ("7161", "1300"),
    "allowance_handling": ("4471", "331"),
    "amounts": ("5025", "522"),
    "application_errors": ("", "647"),  # 9321: no list in the directories
    "application_responses": ("1225", "110"),
    "change_types": ("1229", "670"),
    "channels": ("3155", "365"),
    "appointments": ("2005", "1652"),
    "characteristics": ("7081", "750"),
    "contact_functions": ("3139", "366"),
    "dates": ("2005", "374"),
    "delivery_terms": ("", "335"),  # 4053: Incoterms are a list of their own, outside the directories
    "delivery_terms_functions": ("4055", "334"),
    "document_types": ("1001", "143"),
    "equipment": ("8053", "40"),
    "freight_payment": ("4215", "146"),
    "item_schemes": ("7143", "235"),
    "line_status": ("", "668"),  # 1229 and 6063 together
    "locations": ("3227", "309"),
    "marks": ("4233", "88"),
    "measurement_dimensions": ("6313", "738"),
    "measurement_purposes": ("6311", "737"),
    "note_subjects": ("4451", "363"),
    "order_types": ("1001", "92"),
    "party_roles": ("3035", "98"),
    "party_schemes": ("3055", "66"),
    "payment_basis": ("2475", "333"),
    "price_bases": ("", "639"),  # 5375, a quantity and its unit
    "price_types": ("5387", "236"),
    "purposes": ("1225", "353"),
    "quantities": ("6063", "673"),
    "receiving_conditions": ("", "412"),  # 6063 with 4221 and 4295
    "references": ("1153", "128"),
    "responses": ("4343", "587"),
    "shipment_status_reasons": ("", "1651"),  # 9013, and NS for none
    "shipment_statuses": ("", "1650"),  # 9011 with 3227 and 2005
    "tax_categories": ("5305", "441"),
    "taxes": ("5153", "963"),
    "transport_modes": ("8067", "91"),
    "units": ("6411", "355"),
}


OF_VIEWS = {"item_schemes": {"CH"}}  # what a view makes of a field, which no directory has a code for


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
@pytest.mark.parametrize(("standard", "version"), [("x12", "004010"), ("x12", "005010"), ("edifact", "D.96A")])
def test_every_list_is_a_function_in_both_directions(path: Path, standard: str, version: str) -> None:
    made = code_list(path.stem, standard, version)
    assert made.identity is (standard == "edifact")
    assert set(made.folded()).isdisjoint(code for c, code in made.write.items() if made.read.get(code) == c)


@pytest.mark.parametrize(("name", "elements"), ELEMENTS.items(), ids=ELEMENTS)
def test_every_code_is_in_some_directory_of_its_standard(name: str, elements: tuple[str, str]) -> None:
    here, there = elements
    canonical = [
        c for v in ("D.96A", "D.01B", "D.05B", "D.21B") for c in (edifact(v).codes(here) if here else None) or ()
    ]
    for version in ("004010", "005010"):
        made = code_list(name, "x12", version)
        known = x12(version).codes(there)
        assert known is None or set(made.read) | set(made.write.values()) <= set(known)
        assert not canonical or set(made.write) - OF_VIEWS.get(name, set()) <= set(canonical)


def test_lists_tell_what_does_not_come_back() -> None:
    made = CodeList(read={"A": "1", "B": "1"}, write={"1": "A", "2": "B"})
    assert made.folded() == {"B": "read as 1"} and made.changed() == {"2": "written as B"}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["1,,A,both,,x", "2,,A,both,,x"], "A is read as two codes"),
        (["1,,A,both,,x", "1,,B,both,,x"], "1 is written as two codes"),
        (["1,,A,write,,x"], "written, but not read: A"),
        (["1,,A,sideways,,x"], "unknown direction"),
    ],
)
def test_a_list_that_is_no_function_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[str], reason: str
) -> None:
    path = tmp_path / "made.csv"
    path.write_text("\n".join(["canonical,edifact,x12,direction,releases,meaning", *rows]), "utf-8")
    monkeypatch.setattr(codes, "code_list_path", lambda name, folder: path)
    with pytest.raises(BindingError, match=reason):
        code_list.__wrapped__("made", "x12", "004010")


def test_every_row_has_a_meaning() -> None:
    for path in LISTS:
        with path.open(encoding="utf-8", newline="") as file:
            assert all(row["meaning"] and row["canonical"] for row in csv.DictReader(file)), path.name
