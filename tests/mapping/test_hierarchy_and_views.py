"""Levels, packages and the orders inside a shipment."""

from __future__ import annotations

from decimal import Decimal

from edigw import mapping
from edigw.documents import DespatchAdvice, DespatchLine, ItemId, Lot, Package, Packaging, Reference, Serial
from edigw.mapping.hierarchy import MAX_DEPTH, nest, unnest
from edigw.mapping.plan import HierarchyPlan
from edigw.syntax import Loop
from tests.mapping.messages import tree

HL = HierarchyPlan("HL", id=1, parent=2, child=4)
DESADV = mapping.binding("despatch/DESADV", "D.96A")
X856 = mapping.binding("despatch/856", "004010")


def levels(*triples: tuple[str, str, str]) -> Loop:
    return Loop("856", [["ST", "856"], *(Loop("HL", [["HL", *triple]]) for triple in triples), ["CTT", "1"]])


def line(**fields: object) -> DespatchLine:
    return DespatchLine(quantity=Decimal(1), unit="EA", **fields)  # type: ignore[arg-type]


def test_levels_stand_inside_their_parents_and_come_out_numbered_depth_first() -> None:
    nested = nest(levels(("1", "", "S"), ("2", "1", "O"), ("3", "2", "P"), ("4", "1", "O")), HL, [])
    shipment = nested[1]
    assert [level[0][3] for level in shipment[1:]] == ["O", "O"]
    assert [segment for segment in mapping.flatten(unnest(nested, HL)) if segment[0] == "HL"] == [
        ["HL", "1", "", "S", "1"],
        ["HL", "2", "1", "O", "1"],
        ["HL", "3", "2", "P", "0"],
        ["HL", "4", "1", "O", "0"],
    ]


def test_a_level_without_a_parent_is_an_orphan_and_kept() -> None:
    lost: list[tuple[object, ...]] = []
    nested = nest(levels(("1", "", "S"), ("2", "9", "O"), ("3", "", "O")), HL, lost)
    assert len(nested[1]) == 3
    assert [(entry[0], entry[2], entry[3]) for entry in lost] == [
        ("orphan", "9", "no such parent"),
        ("orphan", "", "no parent"),
    ]


def test_levels_that_name_each_other_or_are_too_deep_end_at_the_top() -> None:
    lost: list[tuple[object, ...]] = []
    deep = levels(("1", "", "S"), *((str(n), str(n - 1), "P") for n in range(2, 5000)))
    nested = nest(deep, HL, lost)
    assert lost and {entry[3] for entry in lost} == {"nested too deeply"}

    def depth(loop: Loop) -> int:
        return 1 + max((depth(item) for item in loop if isinstance(item, Loop)), default=0)

    assert depth(nested) == MAX_DEPTH + 2
    assert len(nest(levels(("1", "2", "S"), ("2", "1", "O")), HL, [])[1]) == 2


def test_a_shipment_of_two_orders_groups_its_packages_by_order() -> None:
    advice = DespatchAdvice(
        id="DA1",
        purpose="9",
        packages=[
            Package(
                sscc="307999990047110013", lines=[line(number="1", order="PO1", ids=[ItemId(scheme="EN", id="1")])]
            ),
            Package(
                sscc="307999990047110020", lines=[line(number="2", order="PO2", ids=[ItemId(scheme="EN", id="2")])]
            ),
        ],
        lines=[line(number="3", order="PO1", ids=[ItemId(scheme="EN", id="3")])],
    )
    segments, losses = X856.write(advice)
    shape = [(s[3], s[2]) for s in segments if s[0] == "HL"]
    assert shape == [("S", ""), ("O", "1"), ("P", "2"), ("I", "3"), ("I", "2"), ("O", "1"), ("P", "6"), ("I", "7")]
    assert [s[1] for s in segments if s[0] == "PRF"] == ["PO1", "PO2"] and losses == []
    assert ["CTT", "8"] in segments


def test_what_all_lines_say_of_their_order_stands_with_the_order() -> None:
    def of(number: str) -> DespatchLine:
        references = [Reference(type="IV", id="INV1"), Reference(type="ACE", id=number)]
        return line(order="PO1", sales_order="SO1", references=references, ids=[ItemId(scheme="EN", id=number)])

    advice = DespatchAdvice(id="DA1", purpose="9", lines=[of("1"), of("2")])
    tree_, losses = X856.write_tree(advice)
    segments = mapping.flatten(tree_)
    order = segments[next(n for n, s in enumerate(segments) if s[0] == "PRF") :][:4]
    assert order == [["PRF", "PO1"], ["REF", "VN", "SO1"], ["REF", "IV", "INV1"], ["HL", "3", "2", "I", "0"]]
    assert [loss.reason for loss in losses] == ["written as ZZ", "written as ZZ"]  # ACE has no X12 code of its own
    assert X856.read(tree_)[0].lines[1].sales_order == "SO1"


def test_a_line_without_an_order_among_lines_of_one_is_told() -> None:
    advice = DespatchAdvice(id="DA1", packages=[Package(lines=[line(order="PO1"), line()])])
    _, losses = X856.write(advice)
    assert "lines without an order will be read as lines of PO1" in [loss.reason for loss in losses]


def test_lots_and_serials_are_item_numbers_in_the_856_and_keep_what_else_is_known() -> None:
    goods = line(ids=[ItemId(scheme="EN", id="1")], lots=[Lot(id="L1", quantity=Decimal(5))], serials=[Serial(id="S1")])
    segments, losses = X856.write(DespatchAdvice(id="DA1", purpose="9", lines=[goods]))
    assert ["LIN", "", "EN", "1", "LT", "L1", "SN", "S1"] in segments
    assert [(loss.kind, loss.location, loss.reason) for loss in losses] == [
        ("dropped", "orders[0].lines[0].lots", "no rule")
    ]


def test_the_top_level_of_a_desadv_counts_packages() -> None:
    advice = DespatchAdvice(id="DA1", packaging=[Packaging(count=2, type="PX")], packages=[Package(sscc="3" * 18)])
    tree_, losses = DESADV.write_tree(advice)
    assert DESADV.read(tree_) == (advice, []) and losses == []
    assert [s for s in mapping.flatten(tree_) if s[0] in ("CPS", "PAC")] == [
        ["CPS", "1"],
        ["PAC", "2", "", "PX"],
        ["CPS", "2", "1"],
        ["PAC", "1"],
    ]


SMALL = """
    BGM+351+DA1+9
    DTM+137:20261013:102
    RFF+ON:PO1
    CPS+1
    PAC+1++CT
    PCI+30
    GIN+BJ+307999990047110020
    LIN+1++0799999001012:EN
    QTY+12:5
    CNT+2:1
"""


def test_a_shipment_of_one_package_has_its_goods_in_it_and_its_order_from_the_heading() -> None:
    advice, losses = DESADV.read(tree(DESADV, SMALL))
    assert losses == [] and advice.lines == []
    (package,) = advice.packages
    assert (package.sscc, package.lines[0].order) == ("307999990047110020", "PO1")
    assert DESADV.read(DESADV.write_tree(advice)[0]) == (advice, [])


def test_a_lot_is_read_where_either_custom_puts_it() -> None:
    plain = SMALL.replace("CNT", "GIN+BX+LOT1\nCNT")
    marked = SMALL.replace("CNT", "PCI+17\nDTM+361:20270301:102\nGIN+BX+LOT1\nCNT")
    (lot,) = DESADV.read(tree(DESADV, plain))[0].packages[0].lines[0].lots
    assert lot == Lot(id="LOT1")
    advice, losses = DESADV.read(tree(DESADV, marked))
    (lot,) = advice.packages[0].lines[0].lots
    assert (lot.id, str(lot.best_before), losses) == ("LOT1", "2027-03-01", [])
    assert DESADV.read(DESADV.write_tree(advice)[0]) == (advice, [])
