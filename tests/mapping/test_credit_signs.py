"""Credit notes of partners who want a minus before what is credited: an option of the invoice bindings."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given

from edigw import mapping
from edigw.documents import Allowance, Invoice, InvoiceLine, Tax
from edigw.mapping import Binding, BindingError
from edigw.mapping.analysis.differences import differences
from edigw.mapping.overlay import load_overlay
from edigw.mapping.registry import adapted
from tests.mapping import laws, strategies
from tests.mapping.test_laws import _SETTINGS

BINDINGS = [("invoice/810", "004010"), ("invoice/INVOIC", "D.96A")]


def negative(folder: Path, name: str, version: str, option: str = "credit_notes: negative") -> Binding:
    path = folder / "acme.yaml"
    path.write_text(f"extends: {name}\npartner: ACME\noptions:\n  {option}\n", "utf-8")
    return mapping.binding(name, version, path)


def credit(type_: str = "381") -> Invoice:
    """Four of five pieces came back, one of them was kept at a reduction."""
    line = InvoiceLine(number="1", quantity=Decimal(4), unit="PCE", price=Decimal("2.50"), amount=Decimal("10.00"))
    return Invoice(
        id="CN-1",
        type=type_,
        purpose="9",
        currency="USD",
        lines=[line],
        taxes=[Tax(type="VAT", percent=Decimal(7), amount=Decimal("0.70"))],
        allowances=[Allowance(indicator="C", code="FC", amount=Decimal("1.00"))],
        total=Decimal("11.70"),
    )


@pytest.mark.parametrize(("name", "version"), BINDINGS)
def test_what_is_credited_is_written_with_a_minus_and_read_without_one(tmp_path: Path, name: str, version: str) -> None:
    binding = negative(tmp_path, name, version)
    segments, lost = binding.write(credit())
    text = "\n".join("*".join(str(element) for element in segment) for segment in segments)
    x12, edifact = ("TDS*-1170", "IT1*1*-4*", "SAC*C*D240***-100"), ("'-4'", "'-11.70'", "'-1.00'")
    minus = x12 if name == "invoice/810" else edifact
    assert lost == [] and all(one in text for one in minus), text
    back, told = binding.read(binding.write_tree(credit())[0])
    assert told == [] and back == credit()


@pytest.mark.parametrize(("name", "version"), BINDINGS)
def test_the_minus_is_for_credit_notes_only(tmp_path: Path, name: str, version: str) -> None:
    binding = negative(tmp_path, name, version)
    plain = mapping.binding(name, version)
    assert binding.write(credit("380")) == plain.write(credit("380"))
    assert "-4" in str(binding.write(credit())[0]) and "-4" not in str(plain.write(credit())[0])


@pytest.mark.parametrize(("name", "version"), BINDINGS)
def test_the_minus_keeps_the_law_of_reading_and_writing(tmp_path: Path, name: str, version: str) -> None:
    binding = negative(tmp_path, name, version)
    kept: list[Invoice] = []

    @_SETTINGS
    @given(strategies.invoices())
    def run(invoice: Invoice) -> None:
        invoice.type, invoice.total = "381", Decimal("119.00")
        first, _ = binding.read(binding.write_tree(invoice)[0])  # without what the message can't say
        tree, lost = binding.write_tree(first)
        back, told = binding.read(tree)
        if not [loss for loss in lost if loss.kind != "defaulted"]:
            kept.append(first)
            assert not laws.unread(told) and not laws.differences(first, back)

    run()
    assert len(kept) > 5


def test_an_option_that_a_binding_does_not_leave_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(
        BindingError, match=r"acme\.yaml:3: options: credit_notes is one of positive, negative, not minus"
    ):
        negative(tmp_path, *BINDINGS[0], option="credit_notes: minus")
    with pytest.raises(BindingError, match='there is no option credit_note; did you mean "credit_notes"'):
        negative(tmp_path, *BINDINGS[0], option="credit_note: negative")
    with pytest.raises(BindingError, match="there is no option credit_notes"):
        negative(tmp_path, "order/850", "004010")


def test_an_option_is_a_difference(tmp_path: Path) -> None:
    negative(tmp_path, *BINDINGS[0])
    overlay = load_overlay(tmp_path / "acme.yaml")
    (only,) = differences(adapted("invoice/810"), adapted("invoice/810", overlay))
    assert (only.kind, only.id, str(only)) == ("added", "options.credit_notes", "option negative")
