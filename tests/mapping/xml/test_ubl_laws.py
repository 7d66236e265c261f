"""The laws of the UBL bindings, on arbitrary documents of which most can't be said in full."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from lxml import etree

from edigw.documents import Moment
from edigw.mapping.xml import read_ubl, ubl_binding, ubl_bindings
from tests.mapping import strategies
from tests.mapping.xml import laws
from tests.mapping.xml.reference import needs_reference, schema

BINDINGS = [name for name in ubl_bindings() if name != "ubl/OrderResponseSimple"]
_SETTINGS = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", BINDINGS)
def test_what_is_written_reads_back_without_exactly_what_the_report_lists(name: str) -> None:
    binding = ubl_binding(name)

    @_SETTINGS
    @given(strategies.DOCUMENTS[binding.document]())
    def run(document: Any) -> None:
        laws.check_round_trip(binding, document)

    run()


@pytest.mark.parametrize("name", BINDINGS)
def test_reading_writing_and_reading_gives_what_reading_gave(name: str) -> None:
    binding = ubl_binding(name)

    @_SETTINGS
    @given(strategies.DOCUMENTS[binding.document]())
    def run(document: Any) -> None:
        first, _ = binding.read(binding.write(document)[0])
        data, losses = binding.write(first)
        if not [loss for loss in losses if loss.kind != "defaulted"]:
            assert read_ubl(data)[0] == first

    run()


@needs_reference
@pytest.mark.parametrize("name", BINDINGS)
def test_what_is_written_is_valid_if_the_document_says_what_ubl_needs(name: str) -> None:
    binding = ubl_binding(name)
    checked = schema(binding.message)

    @_SETTINGS
    @given(strategies.DOCUMENTS[binding.document]())
    def run(document: Any) -> None:
        document.id, document.issued = "DOC-1", Moment(dt.date(2026, 10, 5))
        if hasattr(document, "order"):
            document.order = "PO1"
        data, losses = binding.write(document)
        if not any(loss.reason.endswith("UBL needs it") for loss in losses):
            checked.assertValid(etree.fromstring(data))

    run()
