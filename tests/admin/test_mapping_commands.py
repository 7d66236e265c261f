"""`edigw mapping`: what analysts see of bindings and overlays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edigw.mapping import library
from edigw.resources import shipped

from .mapping_runs import Capture, overlay, run

OVERLAY = """
extends: order/850
partner: ACME
note: "ACME's guide, <chapter 4>"
versions: ["004010"]
remove: [parties.references]
change:
  - {id: contract, at: BEG/04, note: where the release is usual}
  - {id: release, at: BEG/06}
qualifiers: {"DTM[01=002]": "DTM[01=010|002]"}
codes: {units: {PCE: P1}}
"""
ORDER = """BEG*00*SA*4711*C-1*20261005~
DTM*010*20261019~
N1*BY*Nordwind*UL*4299999000016~
PO1*1*5*P1*4.35**EN*0799999001012~
CTT*1~
"""


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """An overlay with one message in its folder of examples."""
    return overlay(tmp_path, OVERLAY, ORDER, "850")


def test_every_binding_is_listed_with_its_versions(capsys: Capture) -> None:
    code, out, _ = run("list", "--json", capsys=capsys)
    told = json.loads(out)
    assert code == 0 and [one["name"] for one in told["bindings"]] == list(library.names())
    order = next(one for one in told["bindings"] if one["name"] == "order/850")
    assert (order["document"], order["message"]) == ("Order", "850") and "004010" in order["versions"]


def test_the_examples_that_ship_with_the_bindings_pass(capsys: Capture) -> None:
    code, out, _ = run("test", capsys=capsys)
    assert code == 0 and out.rstrip().endswith(" 0 failed")


def test_examples_are_recorded_once_and_hold_from_then_on(acme: Path, capsys: Capture) -> None:
    code, out, _ = run("test", str(acme), capsys=capsys)
    assert code == 1 and "first.document.json is missing" in out
    code, out, _ = run("test", str(acme), "--record", capsys=capsys)
    document = json.loads((acme.parent / "acme" / "first.document.json").read_text())
    assert code == 0 and document["lines"][0]["unit"] == "PCE"
    assert (document["contract"], document["requested_delivery"]) == ("C-1", "2026-10-19")
    code, out, _ = run("test", str(acme), capsys=capsys)
    assert (code, out.splitlines()[-1]) == (0, "1 example, 0 failed")


def test_a_difference_is_shown_line_by_line_and_ends_with_1(acme: Path, capsys: Capture) -> None:
    run("test", str(acme), "--record", capsys=capsys)
    acme.write_text(OVERLAY.replace("PCE: P1", "EA: P1"), "utf-8")
    code, out, _ = run("test", str(acme), capsys=capsys)
    lines = [line.strip() for line in out.splitlines()]
    assert code == 1 and '-      "unit": "PCE"' in [line[:24] for line in lines]
    assert "-PO1*1*5*P1*4.35**EN*0799999001012~" in lines
    assert lines[-1] == "1 example, 1 failed"
    code, out, _ = run("test", str(acme), "--json", capsys=capsys)
    (told,) = json.loads(out)
    assert (code, told["example"], told["passed"]) == (1, "first", False)


def test_a_document_with_a_key_that_no_document_has_is_no_expectation(acme: Path, capsys: Capture) -> None:
    run("test", str(acme), "--record", capsys=capsys)
    path = acme.parent / "acme" / "first.document.json"
    path.write_text(path.read_text().replace('"contract"', '"contrct"'))
    code, out, _ = run("test", str(acme), capsys=capsys)
    assert code == 1 and '-  "contrct": "C-1",' in out


def test_losses_of_an_example_are_expected_or_not(acme: Path, capsys: Capture) -> None:
    message = acme.parent / "acme" / "first.850"
    message.write_text(ORDER.replace("DTM*", "TAX*12~\nDTM*"), "utf-8")
    run("test", str(acme), "--record", capsys=capsys)
    losses = acme.parent / "acme" / "first.losses.txt"
    assert losses.read_text() == "read 850: unmapped TAX/01: no rule\n"
    assert (acme.parent / "acme" / "first.written.850").read_text() == ORDER
    assert run("test", str(acme), capsys=capsys)[0] == 0
    losses.unlink()
    code, out, _ = run("test", str(acme), capsys=capsys)
    assert code == 1 and "not expected: read 850: unmapped TAX/01" in out


def test_an_interchange_of_the_partner_is_an_example_too(acme: Path, capsys: Capture) -> None:
    whole = shipped("samples") / "guides" / "lakeshore-850-good.x12"
    (acme.parent / "acme" / "first.850").write_bytes(whole.read_bytes())
    assert run("test", str(acme), "--record", capsys=capsys)[0] == 0


def test_the_rules_that_differ_are_listed(acme: Path, capsys: Capture) -> None:
    code, out, _ = run("diff", "order/850", str(acme), capsys=capsys)
    assert code == 1
    assert "~ contract: at: BEG/06 -> BEG/04" in out
    assert "+ codes.units: PCE P1" in out
    assert "- parties.references: each references, in REF, rules reference" in out
    assert run("diff", "order/850", "order/850", capsys=capsys)[:2] == (0, "no difference\n")


def test_two_versions_of_the_standard_are_compared(capsys: Capture) -> None:
    code, out, _ = run("diff", "order/850:004010", "order/850:005010", "--json", capsys=capsys)
    told = {each["rule"]: each["changes"] for each in json.loads(out)["rules"]}
    assert code == 1 and told["notes.text"] == [["at", "MSG/01 ...", "MTX/02 ..."]]


def test_a_sample_shows_what_differs_in_the_output(acme: Path, tmp_path: Path, capsys: Capture) -> None:
    sample = tmp_path / "po.x12"
    sample.write_text(ORDER)
    code, out, _ = run("diff", "order/850", str(acme), "--sample", str(sample), capsys=capsys)
    assert code == 1 and '+  "contract": "C-1",' in out and "the document:" in out


def test_a_specification_has_rules_codes_coverage_and_the_overlay(acme: Path, tmp_path: Path, capsys: Capture) -> None:
    page = tmp_path / "acme.html"
    assert run("doc", str(acme), "-o", str(page), capsys=capsys)[0] == 0
    text = page.read_text("utf-8")
    assert "ACME&#x27;s guide, &lt;chapter 4&gt;" in text and "<script" not in text
    assert "<del>BEG/06</del> <ins>BEG/04</ins>" in text
    assert 'href="#codes-units"' in text and 'id="codes-units"' in text
    assert "where the release is usual" in text
    assert "the whole segment" in text and "PO104 unit price" in text


@pytest.mark.parametrize("name", ["despatch/856", "despatch/DESADV", "order/ORDERS:D.01B"])
def test_every_kind_of_binding_has_a_specification(name: str, capsys: Capture) -> None:
    code, out, error = run("doc", name, capsys=capsys)
    assert (code, error) == (0, "") and out.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["doc", "order/851"], "there is no binding 'order/851'"),
        (["doc", "order/850:002040"], "order/850:002040 is for 003040..006030, not for 002040"),
        (["doc", "nothing.yaml"], "nothing.yaml: no such file or directory"),
        (["diff", "order/850", "order/ORDERS"], "order/850 and order/ORDERS are different bindings"),
        (["test", "order/850", "--record"], "--record is for overlays"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: list[str], told: str, capsys: Capture) -> None:
    code, _, error = run(*arguments, capsys=capsys)
    assert code == 2 and told in error and error.count("\n") == 1
