"""HL and CPS levels as the tree that they mean."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edigw.admin.demo.stage import sample
from edigw.directory import check, nested
from edigw.syntax.model import Loop


def outline(loop: Loop) -> list[object]:
    """The level codes, children behind their parent: ["S", ["O", ["T", ...]]]."""
    inner = [outline(item) for item in loop if isinstance(item, Loop) and item[0][0] == "HL"]
    return [loop[0][3], *inner] if loop[0][0] == "HL" else inner


def test_a_ship_notice_is_shipment_order_tares_packs_items() -> None:
    tree = check(sample("asn_4711.x12")).interchanges[0].messages[0].tree
    assert tree is not None
    tare = ["T", ["P", ["I"]], ["P", ["I"]]]
    assert outline(nested(tree)) == [["S", ["O", tare, tare]]]


def test_the_tree_itself_stays_flat() -> None:
    tree = check(sample("asn_4711.x12")).interchanges[0].messages[0].tree
    assert tree is not None
    before = repr(tree)
    nested(tree)
    assert repr(tree) == before


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_no_level_is_lost_whatever_the_numbers_say(numbers: list[tuple[int, int]]) -> None:
    levels = [Loop("HL", [["HL", str(own), str(parent), "I"]]) for own, parent in numbers]

    def count(loop: Loop) -> int:
        return sum(1 + count(item) for item in loop if isinstance(item, Loop))

    assert count(nested(Loop("856", [["ST", "856", "0001"], *levels]))) == len(levels)
