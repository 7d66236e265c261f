"""Receiving advices: what both standards say of goods that are not as they should be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from edigw import mapping
from edigw.documents import (
    Discrepancy,
    Moment,
    Party,
    ReceiptAdvice,
    ReceiptLine,
    ReceiptPackage,
    State,
    order_numbers,
    references,
)
from tests.mapping.messages import after, tree

RECADV = mapping.binding("receipt/RECADV", "D.96A")
X861 = mapping.binding("receipt/861", "004010")
BUYER = Party(role="BY", id="4299999000016", id_scheme="9")
SSCC = "307999990047110020"


def advice(*discrepancies: Discrepancy, **more: object) -> ReceiptAdvice:
    line = ReceiptLine(number="1", quantity=Decimal(10), unit="EA", discrepancies=list(discrepancies))
    return ReceiptAdvice(
        id="RA1", purpose="9", issued=Moment.parse("2026-10-20"), received=Moment.parse("2026-10-19"),
        parties=[BUYER], lines=[line], **more,  # type: ignore[arg-type]
    )  # fmt: skip


def found(type: str | None, quantity: int, nature: str | None = None, reason: str | None = None) -> Discrepancy:
    return Discrepancy(type=type, quantity=Decimal(quantity), unit="EA", nature=nature, reason=reason)


@pytest.mark.parametrize(
    ("said", "qvr", "rcd"),
    [
        (found("119", 3), ["QVR", ["-3", "119"]], ["3", "EA", "02"]),
        (found("121", 3), ["QVR", ["3", "121"]], ["3", "EA", "03"]),
        (found("124", 3), ["QVR", ["-3", "124"]], ["3", "EA", "01"]),
        (found("89", 3), ["QVR", ["-3", "89"]], ["3", "EA", "09"]),
        (found("195", 3, "AC"), ["QVR", ["3", "195"], "AC"], ["3", "EA", "12"]),
        (found(None, 3, "AE"), ["QVR", "3", "AE"], ["3", "EA", "14"]),
        (found(None, 3, reason="AT"), ["QVR", "3", "", "AT"], ["3", "EA", "05"]),
    ],
)
def test_a_discrepancy_is_a_signed_difference_or_a_condition(said: Discrepancy, qvr: list[str], rcd: list[str]) -> None:
    segments, losses = RECADV.write(advice(said))
    assert qvr in segments and losses == []
    segments, losses = X861.write(advice(said))
    assert next(segment for segment in segments if segment[0] == "RCD")[6:] == rcd and losses == []
    for binding in (RECADV, X861):
        assert binding.read(binding.write_tree(advice(said))[0]) == (advice(said), [])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (found("12", -3), "02"),  # three fewer than despatched
        (found("21", 3), "03"),
        (found("195", 3, "AF"), "01"),
        (found("195", 3), "08"),
    ],
)
def test_what_x12_has_no_condition_for_becomes_the_nearest_and_is_told(said: Discrepancy, code: str) -> None:
    segments, losses = X861.write(advice(said))
    assert next(segment for segment in segments if segment[0] == "RCD")[6:] == ["3", "EA", code]
    assert [loss.location for loss in losses if loss.kind == "changed"] == ["lines[0].conditions[0].code"]


@pytest.mark.parametrize("written", ["3", "-3"])
def test_partners_differ_about_the_sign_of_what_is_damaged(written: str) -> None:
    text = (
        f"BGM+632+RA1+9\nDTM+137:20261020:102\nNAD+BY+4299999000016::9\nCPS+1\nLIN+1\nQTY+48:10:EA\nQVR+{written}:124"
    )
    read, losses = RECADV.read(tree(RECADV, text))
    assert (read.lines[0].discrepancies, losses) == ([found("124", 3)], [])


def test_more_conditions_than_an_861_has_room_for_are_told() -> None:
    many = [found("124", n) for n in range(1, 7)]
    _, losses = X861.write(advice(*many))
    assert [(loss.location, loss.reason) for loss in losses] == [("lines[0].conditions[5]", "no room")]


def test_a_line_that_says_no_quantity_is_no_line_of_an_861() -> None:
    bare = ReceiptAdvice(id="RA1", received=Moment.parse("2026-10-19"), lines=[ReceiptLine(order="PO1")])
    segments, losses = X861.write(bare)
    assert "RCD" not in [segment[0] for segment in segments]
    assert "lines[0]" in [loss.location for loss in losses]


def test_a_package_that_is_missing_is_told_in_both_standards() -> None:
    missing = Discrepancy(type="126", quantity=Decimal(1), unit="EA")
    package = ReceiptPackage(type="CT", sscc=SSCC, discrepancies=[missing])
    lost = advice(packages=[package])
    segments, losses = X861.write(lost)
    start = segments.index(["RCD", "", "", "", "", "", "1", "EA", "02"])
    assert segments[start : start + 3][-1] == ["MAN", "GM", "00" + SSCC]
    assert [loss.reason for loss in losses] == ["written as 02"]
    segments, losses = RECADV.write(lost)
    assert ["QVR", ["-1", "126"]] in segments and [loss.location for loss in losses] == [
        "packages[0].discrepancies[0].unit"
    ]


def test_the_state_of_goods_and_what_shall_be_done_stand_in_a_recadv_only() -> None:
    told = advice()
    told.lines[0].states = [State(observed="1", code="4", text="wet", action="AA")]
    segments, losses = RECADV.write(told)
    start = segments.index(["CDI", "1", ["4", "", "", "wet"]])
    assert segments[start + 1] == ["INP", "", ["1", "AA"]] and losses == []
    assert RECADV.read(RECADV.write_tree(told)[0]) == (told, [])
    assert [loss.location for loss in X861.write(told)[1]] == ["lines[0].states"]


def test_the_order_of_the_heading_is_that_of_all_lines() -> None:
    text = "BRA*RA1*20261020*00*2\nDTM*050*20261019\nPRF*PO1***20261005\nRCD*1*10*EA\nLIN**BP*U1"
    read, losses = X861.read(tree(X861, text))
    assert (read.lines[0].order, losses) == ("PO1", [])
    assert order_numbers(read) == ["PO1"]
    assert references(read) == [("receipt", "RA1"), ("order", "PO1"), ("item", "U1")]


def test_a_receipt_is_found_by_its_despatch_advice_and_its_packages() -> None:
    read, _ = RECADV.read(
        tree(RECADV, after("BGM+632+RA1+9\nDTM+137:20261020:102\nNAD+BY+1::9\nCPS+1", "DTM", "RFF+AAK:DA1"))
    )
    read.packages = [ReceiptPackage(sscc=SSCC, lines=[ReceiptLine(despatch="DA2", order="PO2")])]
    assert references(read) == [
        ("receipt", "RA1"),
        ("despatch", "DA1"),
        ("party", "1"),
        ("sscc", SSCC),
        ("order", "PO2"),
        ("despatch", "DA2"),
    ]
