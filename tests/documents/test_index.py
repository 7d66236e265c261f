"""What documents are found by."""

from edigw.documents import (
    DespatchAdvice,
    DespatchLine,
    ItemId,
    Lot,
    Order,
    OrderChange,
    OrderLine,
    OrderResponse,
    OrderResponseLine,
    Package,
    Party,
    Reference,
    number,
    order_numbers,
    references,
)


def test_an_order_is_found_by_its_numbers_parties_and_items() -> None:
    order = Order(
        id="PO1",
        contract="C1",
        references=[Reference(type="PL", id="P1"), Reference(type="ACE", id="X"), Reference(type="ON")],
        parties=[Party(role="BY", id="4299999000016")],
        lines=[OrderLine(ids=[ItemId(scheme="EN", id="0799999001012"), ItemId(scheme="SA", id="PG-1")])],
    )
    assert number(order) == "PO1"
    assert order_numbers(order) == ["PO1"]
    assert references(order) == [
        ("order", "PO1"),
        ("contract", "C1"),
        ("price_list", "P1"),
        ("reference", "X"),
        ("party", "4299999000016"),
        ("gtin", "0799999001012"),
        ("item", "PG-1"),
    ]


def test_a_despatch_advice_is_found_by_the_orders_and_packages_inside_of_it() -> None:
    carton = Package(sscc="307999990047110020", lines=[DespatchLine(order="PO2", lots=[Lot(id="L1")])])
    advice = DespatchAdvice(
        id="DA1",
        packages=[Package(sscc="307999990047110013", packages=[carton])],
        lines=[DespatchLine(order="PO1"), DespatchLine(order="PO2", sales_order="SO9")],
    )
    assert number(advice) == "DA1"
    assert order_numbers(advice) == ["PO1", "PO2"]
    assert references(advice) == [
        ("despatch", "DA1"),
        ("order", "PO1"),
        ("order", "PO2"),
        ("sales_order", "SO9"),
        ("sscc", "307999990047110013"),
        ("sscc", "307999990047110020"),
        ("lot", "L1"),
    ]


def test_a_change_and_a_response_are_found_by_the_order_that_they_are_about() -> None:
    change = OrderChange(id="C1", order="PO1", sales_order="SO9")
    assert references(change) == [("order_change", "C1"), ("order", "PO1"), ("sales_order", "SO9")]
    line = OrderResponseLine(ids=[ItemId(scheme="SA", id="A")], substitutes=[ItemId(scheme="SA", id="B")])
    response = OrderResponse(order="PO1", change="C1", lines=[line])
    assert references(response) == [("order", "PO1"), ("order_change", "C1"), ("item", "A"), ("item", "B")]
    assert order_numbers(change) == order_numbers(response) == ["PO1"]
    assert (number(change), number(response)) == ("C1", "PO1")


def test_a_document_without_numbers_is_found_by_nothing() -> None:
    assert references(Order()) == [] and number(Order()) is None
