"""A partner's deviations from a binding."""

from decimal import Decimal
from pathlib import Path

import pytest

from edigw import mapping
from edigw.documents import Moment, Order, OrderLine
from edigw.mapping import BindingError
from edigw.mapping.codes import code_list_path

OVERLAY = """
extends: order/ORDERS
partner: ACME
remove: [cancel]
change:
  - {id: lines.price, at: "SG28[5125=AAB|AAA]/PRI/5118"}
  - {id: parties.name, at: "NAD/3036#1", as: null}
add:
  - {after: requested, rule: {id: cancel-63, doc: cancel_after, at: "DTM[2005=63]/2380"}}
"""


def overlay(folder: Path, text: str = OVERLAY) -> Path:
    path = folder / "acme.yaml"
    path.write_text(text, "utf-8")
    return path


def test_an_overlay_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    plain = mapping.binding("order/ORDERS", "D.96A")
    acme = mapping.binding("order/ORDERS", "D.96A", overlay(tmp_path))
    document = Order(
        id="PO1", type="220", cancel_after=Moment.parse("2026-11-01"), lines=[OrderLine(number="1", price=Decimal(9))]
    )
    segments, losses = acme.write(document)
    assert ["DTM", ["63", "20261101", "102"]] in segments and losses == []
    assert ["DTM", ["61", "20261101", "102"]] in plain.write(document)[0]
    assert acme.partner == "ACME" and acme.sha256 != plain.sha256


@pytest.mark.parametrize(
    "text",
    [
        "extends: order/ORDERS\nremove: [nothing]\n",
        "extends: order/ORDERS\nchange:\n  - {id: lines.nothing, at: LIN/1229}\n",
        "extends: order/ORDERS\nadd:\n  - {after: lines.ids.nothing, rule: {id: x, doc: action, at: LIN/1229}}\n",
        "extends: order/850\n",
    ],
)
def test_an_overlay_that_matches_nothing_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(BindingError, match=r"acme\.yaml:\d+: "):
        mapping.binding("order/ORDERS", "D.96A", overlay(tmp_path, text))


def test_the_digest_covers_the_code_lists() -> None:
    x12, edifact = mapping.binding("order/850", "004010"), mapping.binding("order/ORDERS", "D.96A")
    assert code_list_path("units").is_file()
    assert len({x12.sha256, edifact.sha256}) == 2 and len(x12.sha256) == 64
    assert mapping.binding("order/850", "005010").sha256 == x12.sha256
