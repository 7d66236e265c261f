"""File names made from what partners send."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edigw.partners.names import PLACEHOLDERS, file_name, problem


def test_placeholders_are_filled() -> None:
    values = dict.fromkeys(PLACEHOLDERS, "x") | {"type": "ORDERS", "control": "000000007"}
    assert file_name("{type}_{control}.edi", values) == "ORDERS_000000007.edi"


def test_every_placeholder_may_stand_in_a_pattern() -> None:
    assert problem("_".join(f"{{{name}}}" for name in PLACEHOLDERS)) is None


@given(st.text(max_size=300))
def test_no_value_leads_out_of_the_folder_or_hides_the_file(value: str) -> None:
    name = file_name("{control}{id}.edi", dict.fromkeys(PLACEHOLDERS, value))
    assert 0 < len(name) <= 200
    assert not name.startswith(".")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
