"""The report of a reader: it names exactly what did not reach the document."""

import pytest

from edigw import mapping
from edigw.documents import Order, OrderLine
from edigw.mapping import Loss
from edigw.syntax import Loop, Repeated
from tests.mapping.messages import ORDER, PURCHASE_ORDER, after, tree

EDIFACT = mapping.binding("order/ORDERS", "D.96A")
X12 = mapping.binding("order/850", "004010")


def read(text: str) -> tuple[Order, list[Loss]]:
    binding = X12 if "*" in text else EDIFACT
    return binding.read(tree(binding, text))


def told(losses: list[Loss]) -> list[tuple[str, str, str]]:
    return [(loss.kind, loss.location, loss.value) for loss in losses]


def test_a_message_that_the_binding_knows_whole_loses_nothing() -> None:
    assert read(ORDER)[1] == [] and read(PURCHASE_ORDER)[1] == []


@pytest.mark.parametrize(
    ("tag", "line", "lost"),
    [
        ("DTM", "PAI+1", [("unmapped", "PAI/01", "1")]),
        ("QTY", "RFF+ON:77:3:9", [("unmapped", "SG25/SG29/RFF/01-4", "9")]),
        ("NAD", "DOC+380+INV1", [("unmapped", "SG2/SG4/DOC/01", "380"), ("unmapped", "SG2/SG4/DOC/02", "INV1")]),
        ("UNS", "CNT+9:12", [("unmapped", "CNT/01-1", "9"), ("unmapped", "CNT/01-2", "12")]),
    ],
)
def test_what_no_rule_wants_is_reported_and_changes_nothing_else(
    tag: str, line: str, lost: list[tuple[str, str, str]]
) -> None:
    document, losses = read(after(ORDER, tag, line))
    assert told(losses) == lost
    for order_line in document.lines:
        order_line.references = []
    assert document == read(ORDER)[0]


def test_the_report_counts_segments_from_the_header() -> None:
    _, losses = read(after(ORDER, "LIN", "PIA+1+X:SA:::", "ALI++A"))
    assert [(loss.value, loss.segment) for loss in losses] == [("A", 7)]


@pytest.mark.parametrize(
    ("line", "values"),
    [("REF*ZQ9*1234", ["ZQ9", "1234"]), ("N1*QQ*Somebody*UL*4299999000023", ["QQ", "Somebody", "UL", "4299999000023"])],
)
def test_an_unknown_qualifier_takes_its_whole_item_into_the_report(line: str, values: list[str]) -> None:
    """An id without its meaning would be a different fact."""
    text = after(PURCHASE_ORDER, "N1" if line.startswith("N1") else "BEG", line)
    document, losses = read(text)
    assert [(loss.kind, loss.value) for loss in losses] == [("unreadable", value) for value in values]
    assert document == read(PURCHASE_ORDER)[0]


def test_an_item_number_of_an_unknown_kind_is_left_to_the_report() -> None:
    document, losses = read(PURCHASE_ORDER.replace("0799999001012", "0799999001012*QQ*7"))
    assert told(losses) == [("unreadable", "PO1/PO106", "QQ"), ("unreadable", "PO1/PO107", "7")]
    assert len(document.lines[0].ids) == 1


def test_a_code_that_was_read_as_a_more_general_one_is_reported_as_folded() -> None:
    document, losses = read(PURCHASE_ORDER.replace("*SA*", "*NE*"))
    assert [(loss.kind, loss.location, loss.value, loss.reason) for loss in losses] == [
        ("folded", "BEG02", "NE", "read as 220")
    ]
    assert document.type == "220"


@pytest.mark.parametrize(
    ("before", "instead", "location"),
    [
        ("QTY+21:12:PCE", "QTY+21:twelve:PCE", "SG25/QTY/6060"),
        ("20261005:102", "20261305:102", "DTM/2380"),
        ("20261005:102", "2026100514:102", "DTM/2380"),
    ],
)
def test_numbers_and_dates_that_are_none_leave_their_field_empty(before: str, instead: str, location: str) -> None:
    _, losses = read(ORDER.replace(before, instead))
    assert [(loss.kind, loss.location) for loss in losses] == [("unreadable", location)]


def test_a_count_that_differs_is_unexpected() -> None:
    _, losses = read(after(ORDER, "UNS", "CNT+2:5"))
    assert [(loss.kind, loss.value, loss.reason) for loss in losses] == [("unexpected", "5", "1 counted")]


def test_a_total_of_quantities_is_compared() -> None:
    assert read(after(ORDER, "UNS", "CNT+1:12,0"))[1] == []
    assert told(read(after(ORDER, "UNS", "CNT+1:13"))[1]) == [("unexpected", "CNT/6066", "13")]
    assert read(PURCHASE_ORDER.replace("CTT*1", "CTT*1*12"))[1] == []


def test_a_constant_that_differs_is_unexpected() -> None:
    _, losses = read(after(ORDER, "NAD", "CUX+2:EUR:5"))
    assert told(losses) == [("unexpected", "SG7/CUX/6343", "5")]


def test_a_second_segment_for_one_fact_never_overwrites_the_first() -> None:
    document, losses = read(after(ORDER, "QTY", "QTY+21:13:PCE"))
    assert document.lines[0].quantity == 12
    assert [(q.type, q.value) for q in document.lines[0].quantities] == [("21", 13)] and losses == []
    document, losses = read(after(PURCHASE_ORDER, "BEG", "CUR*BY*EUR", "CUR*BY*USD"))
    assert document.currency == "EUR"
    assert {loss.value for loss in losses} == {"BY", "USD"}


def test_a_fact_in_two_places_must_be_the_same() -> None:
    binding = mapping.binding("despatch/856", "004010")
    text = """
        BSN*00*DA1*20261013*1430*0001
        DTM*011*20261013
        HL*1**S*1
        DTM*011*20261014
        HL*2*1*O*1
        PRF*PO1
        HL*3*2*I*0
        LIN*1*EN*0799999001012
        SN1**12*EA
        CTT*3
    """
    advice, losses = binding.read(tree(binding, text))
    assert str(advice.despatched) == "2026-10-13"
    assert told(losses) == [("unexpected", "HL/DTM02", "20261014")]
    assert binding.read(tree(binding, text.replace("20261014", "20261013")))[1] == []


def test_repetitions_and_components_that_no_rule_expects_are_reported() -> None:
    message = Loop("ORDERS", [["UNH", "1"], ["BGM", ["220", "x"], ["PO1", "y"]], ["UNS", Repeated(["S", "D"])]])
    document, losses = EDIFACT.read(message)
    assert document.id == "PO1"
    assert sorted(loss.value for loss in losses) == ["D", "x", "y"]


def test_a_hostile_tree_is_reported_and_not_followed() -> None:
    """Groups and segments of other messages, empty ones, and nesting where text should be."""
    odd = Loop("SG99", [["ZZZ", "a", [["b"], "c"]]])
    message = Loop("ORDERS", [["UNH", "1"], ["BGM", [["220"], "z"]], ["XXX"], odd, ["UNT", "4", "1"]])
    _, losses = EDIFACT.read(message)
    assert {loss.value for loss in losses} >= {"a", "b", "c", "z"}


def test_a_text_over_several_segments_is_one_text() -> None:
    document, losses = read(after(PURCHASE_ORDER, "BEG", "N9*L1*AAI", "MSG*Deliver at", "MSG*the back door"))
    assert [(note.subject, note.text) for note in document.notes] == [("AAI", "Deliver at the back door")]
    document, losses = read(after(ORDER, "LIN", "IMD+F++:::Maple syrup:in glass", "IMD+F++:::250 ml"))
    assert document.lines[0].description == "Maple syrup in glass 250 ml" and losses == []


def test_stores_and_quantities_of_an_sdq_are_splits() -> None:
    document, losses = read(after(PURCHASE_ORDER, "PO1", "SDQ*EA*92*0012*5*0013*7", "SDQ*CA*92*0014*1"))
    assert [(s.location, s.location_scheme, s.quantity, s.unit) for s in document.lines[0].splits] == [
        ("0012", "92", 5, "EA"),
        ("0013", "92", 7, "EA"),
        ("0014", "92", 1, "CS"),
    ]
    assert losses == []
    tree_, lost = X12.write_tree(document)
    assert X12.read(tree_) == (document, []) and lost == []


def test_decimal_comma_is_read_in_edifact_only() -> None:
    document, losses = read(ORDER.replace("21:12:", "21:12,50:"))
    assert document.lines[0].quantity == OrderLine(quantity=document.lines[0].quantity).quantity
    assert str(document.lines[0].quantity) == "12.50" and losses == []
    assert [loss.kind for loss in read(PURCHASE_ORDER.replace("*12*", "*12,5*"))[1]] == ["unreadable"]
