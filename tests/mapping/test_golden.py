"""The sample messages, their documents, and what the other standard gets."""

from datetime import date
from pathlib import Path

import pytest

from edigw import mapping
from edigw.documents import DOCUMENTS, Moment, Order, decode
from tests.mapping import golden


def test_every_sample_becomes_what_the_golden_files_say() -> None:
    for path, text in (golden.expected() | golden.expected_ubl()).items():
        assert path.read_text("utf-8") == text, path.name


def test_no_golden_file_is_left_over() -> None:
    assert set(golden.FOLDER.iterdir()) == set(golden.expected())
    assert set(golden.UBL.iterdir()) == set(golden.expected_ubl())


@pytest.mark.parametrize("document", sorted(golden.FOLDER.glob("*.document.json")), ids=lambda path: path.name)
def test_a_golden_document_is_written_and_read_back_by_both_standards(document: Path) -> None:
    name = golden.kind_of(document.name)
    expected = decode(document.read_bytes(), DOCUMENTS[name])
    for binding_name, version in golden.TARGETS[name]:
        binding = mapping.binding(binding_name, version)
        tree, lost = binding.write_tree(expected)
        assert (binding.read(tree), lost) == ((expected, []), [])


def test_the_samples_are_valid_but_for_the_one_that_is_meant_not_to_be() -> None:
    for sample in golden.SAMPLES:
        assert all(message.valid for message in golden.messages(sample)), sample
    (broken,) = golden.messages("orders_broken.edi")
    errors = [(f.code, f.segment, f.tag, f.element, f.component, f.value) for f in broken.findings]
    assert errors == [("invalid_code", 11, "NAD", 1, None, "SUP"), ("bad_number", 26, "QTY", 1, 2, "12 pcs")]


def test_a_broken_order_says_what_of_it_could_not_be_read() -> None:
    (broken,) = golden.messages("orders_broken.edi")
    assert broken.tree is not None
    order, losses = mapping.binding("order/ORDERS", "D.96A").read(broken.tree)
    assert [(loss.kind, loss.location, loss.value, loss.segment) for loss in losses] == [
        ("unreadable", "SG25/QTY/6060", "12 pcs", 26)
    ]
    assert order.lines[1].quantity is None and order.lines[1].unit == "PCE"


def test_a_date_that_is_not_said_leaves_no_empty_segment() -> None:
    order = Order(id="1", type="220", purpose="9", issued=Moment(date(2026, 1, 2)))
    written, _ = mapping.binding("order/ORDERS", "D.96A").write(order)
    assert [segment for segment in written if segment[0] == "DTM"] == [["DTM", ["137", "20260102", "102"]]]
