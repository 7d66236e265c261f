"""`edigw mapping` for bindings of UBL: the same commands and overlays as for EDIFACT and X12."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edigw.admin.cli import main
from edigw.mapping import BindingError
from edigw.mapping.overlay import parse_overlay
from edigw.mapping.xml import ubl_binding, ubl_bindings
from edigw.partners.errors import ConfigError
from edigw.partners.load import load

from .mapping_runs import Capture, overlay, run

OVERLAY = """
extends: ubl/Order
partner: ACME
note: "ACME's guide to its XML, edition 2."
remove: [sales-order]
change:
  - {id: contract, at: "cbc:AccountingCostCode"}
add:
  - after: customer-reference
    rule: {id: cost-centre, doc: "references[type=AOU]/id", at: "cbc:AccountingCost", note: Where the goods are booked.}
constants: {version: "2.0"}
qualifiers:
  "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID=VAT]": "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID=MWST|VAT]"
codes:
  "@unitCode": {PCE: EA}
numbering:
  lines.number: {start: 10, step: 10}
"""
ORDER = """<?xml version="1.0"?>
<o:Order xmlns:o="urn:oasis:names:specification:ubl:schema:xsd:Order-2"
  xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <b:UBLVersionID>2.0</b:UBLVersionID>
  <b:ID>4711</b:ID>
  <b:IssueDate>2026-10-05</b:IssueDate>
  <b:AccountingCostCode>C-1</b:AccountingCostCode>
  <b:AccountingCost>CC 12</b:AccountingCost>
  <a:BuyerCustomerParty><a:Party>
    <a:PartyName><b:Name>ACME</b:Name></a:PartyName>
    <a:PartyTaxScheme><b:CompanyID>DE1</b:CompanyID><a:TaxScheme><b:ID>MWST</b:ID></a:TaxScheme></a:PartyTaxScheme>
  </a:Party></a:BuyerCustomerParty>
  <a:SellerSupplierParty/>
  <a:OrderLine><a:LineItem>
    <b:ID>20</b:ID>
    <b:Quantity unitCode="EA">5</b:Quantity>
    <a:Item/>
  </a:LineItem></a:OrderLine>
</o:Order>
"""


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """An overlay with one order in its folder of examples."""
    return overlay(tmp_path, OVERLAY, ORDER, "xml")


def test_they_are_listed_beside_the_others(capsys: Capture) -> None:
    _, out, _ = run("list", "--json", capsys=capsys)
    told = [one for one in json.loads(out)["bindings"] if one["standard"] == "ubl"]
    assert [one["name"] for one in told] == list(ubl_bindings())
    assert {(one["name"], one["message"], *one["versions"]) for one in told} >= {("ubl/Order", "Order", "2.1")}


def test_the_partners_order_is_read_and_written_as_its_overlay_says(acme: Path, capsys: Capture) -> None:
    code, out, _ = run("test", str(acme), "--record", capsys=capsys)
    folder = acme.parent / "acme"
    assert (code, out.splitlines()[-1]) == (0, "1 example, 0 failed")
    document = json.loads((folder / "first.document.json").read_text())
    assert document["contract"] == "C-1" and document["references"] == [{"type": "AOU", "id": "CC 12"}]
    assert document["parties"][0]["references"] == [{"type": "VA", "id": "DE1"}]
    assert document["lines"] == [{"number": "2", "quantity": "5", "unit": "PCE"}]
    assert not list(folder.glob("first.written*")) and not (folder / "first.losses.txt").exists()
    code, out, _ = run("test", str(acme), capsys=capsys)
    assert (code, out.splitlines()[-1]) == (0, "1 example, 0 failed")
    (folder / "first.xml").write_text(ORDER.replace("CC 12", "CC 13"), "utf-8")
    code, out, _ = run("test", str(acme), capsys=capsys)
    assert code == 1 and "+  <cbc:AccountingCost>CC 12</cbc:AccountingCost>" in [
        line.strip() for line in out.splitlines()
    ]


def test_another_document_in_its_folder_is_told(acme: Path, capsys: Capture) -> None:
    (acme.parent / "acme" / "second.xml").write_text(ORDER.replace("Order", "OrderChange"), "utf-8")
    code, out, _ = run("test", str(acme), capsys=capsys)
    assert code == 1 and "second.xml holds no Order: line 4: not a UBL Order" in out


def test_an_expectation_that_is_no_xml_is_told(acme: Path, capsys: Capture) -> None:
    run("test", str(acme), "--record", capsys=capsys)
    (acme.parent / "acme" / "first.written.xml").write_text("<Order>", "utf-8")
    code, out, error = run("test", str(acme), capsys=capsys)
    assert code == 1 and "first.written.xml holds no Order: line 1: not well-formed XML" in out and not error


def test_what_differs_is_told_rule_by_rule_and_in_a_sample(acme: Path, capsys: Capture) -> None:
    sample = str(acme.parent / "acme" / "first.xml")
    code, out, _ = run("diff", "ubl/Order", str(acme), "--sample", sample, capsys=capsys)
    assert code == 1
    for line in (
        "~ contract: at: cac:Contract/cbc:ID -> cbc:AccountingCostCode",
        "~ lines.number: numbering: nothing -> {start: 10, step: 10}",
        "+ cost-centre: doc references[type=AOU]/id, at cbc:AccountingCost",
        "+ codes.@unitCode: PCE EA",
        "- sales-order: doc references[type=VN]/id, at cbc:SalesOrderID",
        '+  "contract": "C-1",',
        "-unmapped /Order/cbc:AccountingCostCode C-1: ",
    ):
        assert line in out.splitlines(), out
    assert run("diff", "ubl/Order", "ubl/Order:2.1", capsys=capsys)[:2] == (0, "no difference\n")


def test_the_specification_has_the_overlay_and_what_of_the_schema_is_used(acme: Path, capsys: Capture) -> None:
    page = acme.parent / "acme.html"
    assert run("doc", str(acme), "-o", str(page), capsys=capsys)[0] == 0
    text = page.read_text("utf-8")
    for part in (
        "<h1>Order as UBL 2.1 Order</h1>",
        'id="rule-cost-centre"',
        "Where the goods are booked.",
        "The partner&#x27;s own codes of element @unitCode",
        "<span>CatalogueDocumentReference; </span>",
    ):
        assert part in text, part
    assert run("doc", "ubl/TransportationStatus", capsys=capsys)[0] == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("remove: [sales-ordr]", 'has no rule sales-ordr; did you mean "sales-order"?'),
        (
            'change: [{id: contract, at: "cbc:AcountingCost"}]',
            'UBL has no cbc:AcountingCost in Order; did you mean "cbc:Acc',
        ),
        ("change: [{id: contract, slots: [x]}]", "unknown key slots"),
        ("dates: {issued: '203'}", "dates: there are none in UBL"),
        ("options: {credit_notes: negative}", "options: there are none in UBL"),
        ('codes: {"@unitCod": {PCE: EA}}', "codes: no rule of a value has @unitCod"),
        ("codes: {units: {PCE: EA}}", "has no list or rule units"),
        ("codes: {total: {A: B}}", "total takes no codes of the partner's own"),
        ('versions: ["2.2"]', "ubl/Order is not for 2.2"),
    ],
)
def test_an_overlay_that_does_not_fit_is_refused_with_its_line(line: str, reason: str, tmp_path: Path) -> None:
    overlay = parse_overlay(f"extends: ubl/Order\n{line}\n".encode(), tmp_path / "mine.yaml")
    with pytest.raises(BindingError) as caught:
        ubl_binding("ubl/Order", overlay)
    assert (Path(caught.value.file).name, caught.value.line) == ("mine.yaml", 2) and reason in caught.value.reason


def test_a_code_that_means_another_one_to_the_partner_is_not_written(tmp_path: Path) -> None:
    overlay = parse_overlay(b'extends: ubl/Order\ncodes: {"@unitCode": {CS: CT}}\n', tmp_path / "mine.yaml")
    binding = ubl_binding("ubl/Order", overlay)
    order, _ = binding.read(ORDER.replace('"EA"', '"CT"').encode())
    assert order.lines[0].unit == "CS"
    data, _ = binding.write(order)
    assert b'unitCode="CT"' in data
    order.lines[0].unit = "CT"
    data, lost = binding.write(order)
    assert b"unitCode" not in data and ("dropped", "lines[0].unit") in {(loss.kind, loss.location) for loss in lost}


def test_a_partners_file_names_it_and_its_mistakes_are_told(acme: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["init", str(tmp_path / "gateway")]) == 0
    partners = tmp_path / "gateway" / "partners"
    file = next(partners.glob("*.toml"))
    told = file.read_text("utf-8").split("\n[", 1)
    file.write_text(f'{told[0]}\n[[overlays]]\nfile = "../../acme.yaml"\ndirection = "both"\n\n[{told[1]}', "utf-8")
    config = tmp_path / "gateway" / "edigw.toml"
    code, out, _ = run("list", "-c", str(config), capsys=capsys)
    assert code == 0 and "extends ubl/Order, both" in out
    (acme.parent / "acme" / "first.document.json").unlink(missing_ok=True)
    acme.write_text(OVERLAY.replace("[sales-order]", "[sales-ordr]"), "utf-8")
    with pytest.raises(ConfigError, match="has no rule sales-ordr"):
        load(config, private_keys=False)
