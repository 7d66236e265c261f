"""What a view of a document does not keep it tells: whatever was said is in the document that it leads back to, or in
its report."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given

from edigw import mapping
from edigw.mapping.registry import adapted
from tests.mapping import ordinary
from tests.mapping.test_laws import _SETTINGS

IMPLIED = {"price_unit", "price_basis", "carrier_scheme"}  # told with their price and carrier
TOLD_OTHERWISE = {"BB", "SN", "NTP"}  # what is a lot, a serial number or the price of a line
NAMED = [(name, adapted(name).entry["versions"][0]) for name in mapping.bindings() if adapted(name).entry.get("view")]


def said(value: Any) -> Iterator[str]:
    """Every text, number and date in a document or in a part of one, numbers without their sign."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if f"{type(value).__name__}.{name}" != "Price.basis" and name not in IMPLIED:
                yield from said(getattr(value, name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from said(one)
    elif isinstance(value, Decimal):
        yield str(abs(value))
    elif value not in (None, "", *TOLD_OTHERWISE):
        yield str(value)


@pytest.mark.parametrize(("name", "version"), NAMED)
def test_what_a_view_does_not_keep_it_tells(name: str, version: str) -> None:
    binding = mapping.binding(name, version)
    view = binding._view
    assert view is not None

    @_SETTINGS
    @given(ordinary.any_document(binding.document))
    def run(document: Any) -> None:
        lost: list[Any] = []
        shape = view.to_view(document, lost)  # what it holds and no rule wants the writer tells
        kept = {*said(view.from_view(shape)), *said(shape), *said([entry[3] for entry in lost])}
        kept.update(part for text in [*kept] for part in text.split("/"))  # as in "5/12", 1229 and 6063 of a line
        kept.update(word.strip(",;()") for entry in lost for word in entry[4].split())
        assert {*said(document)} - kept == set()

    run()
