"""The four structures of an 856 (BSN05): all of them are read, and a partner's overlay says which one is written."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from edigw import mapping
from edigw.documents import DespatchAdvice, DespatchLine, ItemId, Lot, Moment, Package, Party
from edigw.mapping import Binding, BindingError
from edigw.mapping.identities import between
from tests.mapping import laws, strategies
from tests.mapping.messages import tree

STRUCTURES = ("0001", "0002", "0003", "0004")
CARTONS = ("307999990047110020", "307999990047110037")
DESADV = mapping.binding("despatch/DESADV", "D.96A")


def written(folder: Path, structure: str) -> Binding:
    """The binding of the 856 for a partner who wants this structure."""
    others = ", ".join(f'"{code}"' for code in STRUCTURES if code != structure)
    overlay = folder / "structure.yaml"
    overlay.write_text(
        f'extends: despatch/856\npartner: ACME\nchange:\n  - {{id: structure, const: ["{structure}", {others}]}}\n',
        "utf-8",
    )
    return mapping.binding("despatch/856", "004010", overlay)


def levels(binding: Binding, advice: DespatchAdvice) -> str:
    """The levels of what is written, parents before their children: "S O P I"."""
    segments, losses = binding.write(advice)
    assert losses == []
    return " ".join(segment[3] for segment in segments if segment[0] == "HL")


def goods(quantity: int, order: str = "PO1", item: str = "0799999001012") -> DespatchLine:
    return DespatchLine(order=order, ids=[ItemId(scheme="EN", id=item)], quantity=Decimal(quantity), unit="EA")


def cartons() -> DespatchAdvice:
    """Two cartons of twelve, of the same item."""
    packages = [Package(type="CT", sscc=sscc, units=Decimal(12), lines=[goods(12)]) for sscc in CARTONS]
    return DespatchAdvice(id="DA1", purpose="9", packages=packages)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_what_is_written_in_any_structure_reads_back_but_for_what_is_listed(tmp_path: Path, structure: str) -> None:
    binding = written(tmp_path, structure)
    view = binding._view
    assert view is not None

    @settings(
        max_examples=20,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.advices())
    def run(advice: Any) -> None:
        laws.check_round_trip(binding, view.from_view(view.to_view(advice, [])), False)

    run()


@pytest.mark.parametrize(
    ("structure", "shape"), [("0001", "S O P I P I"), ("0002", "S O I P P"), ("0003", "S P O I P O I")]
)
def test_each_structure_says_the_same(tmp_path: Path, structure: str, shape: str) -> None:
    binding = written(tmp_path, structure)
    assert levels(binding, cartons()) == shape
    assert binding.read(binding.write_tree(cartons())[0]) == (cartons(), [])


def test_a_structure_without_packages_tells_which_it_leaves_out(tmp_path: Path) -> None:
    segments, losses = written(tmp_path, "0004").write(cartons())
    assert [segment[3] for segment in segments if segment[0] == "HL"] == ["S", "O", "I", "I"]
    assert [(loss.kind, loss.location) for loss in losses] == [("dropped", "packages[0]"), ("dropped", "packages[1]")]


def test_a_carton_of_two_items_stands_under_both_in_a_standard_pack(tmp_path: Path) -> None:
    mixed = [goods(3), goods(4, item="0799999001029")]
    advice = DespatchAdvice(id="DA1", purpose="9", packages=[Package(sscc=CARTONS[0], lines=mixed)])
    binding = written(tmp_path, "0002")
    assert levels(binding, advice) == "S O I P I P"
    assert binding.read(binding.write_tree(advice)[0]) == (advice, [])


def test_an_unknown_structure_is_refused(tmp_path: Path) -> None:
    overlay = tmp_path / "structure.yaml"
    overlay.write_text("extends: despatch/856\npartner: A\nchange:\n  - {id: structure, const: ['0005']}\n", "utf-8")
    with pytest.raises(BindingError, match="structure is one of 0001, 0002, 0003, 0004, not 0005"):
        mapping.binding("despatch/856", "004010", overlay)


STANDARD_PACK = """
    BSN*00*DA1*20261005*0915*0002
    HL*1**S*1
    HL*2*1*O*1
    PRF*PO1
    HL*3*2*I*1
    LIN**EN*0799999001012
    SN1**24*EA
    HL*4*3*P*0
    MAN*GM*00307999990047110020
    HL*5*3*P*0
    MAN*GM*00307999990047110037
"""


def test_packages_that_do_not_say_how_much_they_hold_hold_it_together() -> None:
    advice, losses = mapping.binding("despatch/856", "004010").read(
        tree(mapping.binding("despatch/856", "004010"), STANDARD_PACK)
    )
    together = Package(packages=[Package(sscc=sscc) for sscc in CARTONS], lines=[goods(24)])
    assert (advice.packages, losses) == ([together], [])
    segments, lost = DESADV.write(advice)
    assert lost == []
    level = segments.index(["CPS", "2", "1"])
    assert segments[level + 1 : level + 5] == [
        ["PAC", "2"],
        ["PCI", "30"],
        ["GIN", "BJ", *CARTONS],
        ["LIN", "", "", ["0799999001012", "EN"]],
    ]
    assert DESADV.read(DESADV.write_tree(advice)[0]) == (advice, [])


DESPATCH = """
    BGM+351+DA1+9
    CPS+1
    CPS+2+1
    PAC+3++CT
    PCI+33E
    GIN+BJ+307999990047110020:307999990047110044
    LIN+1++0799999001012:EN
    QTY+12:36:PCE
    GIN+BX+L1+L2
    GIN+BN+S098:S101
"""


def test_a_range_of_numbers_is_every_number_in_it() -> None:
    advice, losses = DESADV.read(tree(DESADV, DESPATCH))
    (group,) = advice.packages
    assert [package.sscc for package in group.packages] == [*CARTONS, "307999990047110044"]
    assert [lot.id for lot in group.lines[0].lots] == ["L1", "L2"]
    assert [serial.id for serial in group.lines[0].serials] == ["S098", "S099", "S100", "S101"]
    assert losses == []


def test_what_is_no_range_is_told() -> None:
    advice, losses = DESADV.read(tree(DESADV, DESPATCH.replace("S098:S101", "S098:T101")))
    assert [(loss.kind, loss.value, loss.reason) for loss in losses] == [("unreadable", "T101", "no range from S098")]
    assert [serial.id for serial in advice.packages[0].lines[0].serials] == ["S098"]


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [("1", "3", 3), ("A9", "A9", 1), ("7", "3", None), ("1", "10", None), ("0001", "9999", None)],
)
def test_ranges_have_ends_of_one_length_and_a_limit(first: str, last: str, count: int | None) -> None:
    found = between(first, last)
    assert (None if found is None else len(found)) == count


def test_the_dates_of_the_only_lot_are_those_of_the_item_in_an_856() -> None:
    line = goods(12)
    line.lots = [Lot(id="L1", expiry=Moment.parse("2027-03-31"), produced=Moment.parse("2026-03-31"))]
    advice = DespatchAdvice(id="DA1", purpose="9", lines=[line])
    binding = mapping.binding("despatch/856", "004010")
    segments, losses = binding.write(advice)
    assert ["DTM", "036", "20270331"] in segments and ["DTM", "094", "20260331"] in segments and losses == []
    (read,) = binding.read(binding.write_tree(advice)[0])[0].lines
    assert [lot.id for lot in read.lots] == ["L1"] and [date.type for date in read.dates] == ["36", "94"]


def test_what_an_order_says_of_a_store_is_said_of_each_of_its_lines() -> None:
    store = "\n    N1*BY**92*0042"
    read, losses = mapping.binding("despatch/856", "004010").read(
        tree(mapping.binding("despatch/856", "004010"), STANDARD_PACK.replace("PRF*PO1", "PRF*PO1" + store))
    )
    assert losses == []
    assert read.packages[0].lines[0].parties == [Party(role="BY", id="0042", id_scheme="92")]


def test_incoterms_are_written_where_the_un_has_codes_of_its_own() -> None:
    advice = DespatchAdvice(id="DA1", purpose="9", delivery_terms="DDP")
    for version, terms in (("D.96A", "DDP"), ("D.01B", ["DDP", "", "4"])):
        binding = mapping.binding("despatch/DESADV", version)
        segments, losses = binding.write(advice)
        assert ["TOD", "", "", terms] in segments and losses == []
        assert binding.read(binding.write_tree(advice)[0]) == (advice, [])


def test_numbers_without_room_are_told() -> None:
    line = goods(1)
    line.serials = []
    line.lots = [Lot(id="x" * 36)]
    assert [loss.location for loss in DESADV.write(DespatchAdvice(id="DA1", lines=[line]))[1]] == [
        "lines[0].lots[0].id",
        "lines[0].lots[0]",
    ]


def test_who_speaks_eancom_gets_its_mark_of_an_sscc(tmp_path: Path) -> None:
    """EANCOM marks packages with 33E, which the UN's list lacks; either is read."""
    overlay = tmp_path / "eancom.yaml"
    change = '{id: units.sscc, in: "PCI[4233=33E|30]/GIN[7405=BJ]"}'
    overlay.write_text(f"extends: despatch/DESADV\npartner: ACME\nchange:\n  - {change}\n", "utf-8")
    eancom = mapping.binding("despatch/DESADV", "D.96A", overlay)
    advice = DespatchAdvice(id="DA1", purpose="9", packages=[Package(sscc=CARTONS[0])])
    for binding, mark in ((DESADV, "30"), (eancom, "33E")):
        segments, losses = binding.write(advice)
        assert ["PCI", mark] in segments and losses == []
        assert eancom.read(binding.write_tree(advice)[0]) == (advice, [])


def test_items_of_one_order_may_name_different_contracts() -> None:
    lines = [
        DespatchLine(number=number, order="PO1", contract=contract, quantity=Decimal(1), unit="EA", ids=[item])
        for number, contract, item in (
            ("1", "C1", ItemId(scheme="SA", id="A")),
            ("2", "C2", ItemId(scheme="SA", id="B")),
        )
    ]
    binding = mapping.binding("despatch/856", "004010")
    tree, losses = binding.write_tree(
        DespatchAdvice(id="SH1", purpose="9", issued=Moment.parse("2026-10-05T10:00"), lines=lines)
    )
    assert losses == [] and binding.read(tree)[0].lines == lines
