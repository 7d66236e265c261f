"""A partner's deviations from a binding."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edigw import mapping
from edigw.documents import Moment, Order, OrderLine
from edigw.mapping import BindingError
from edigw.mapping.codes import code_list_path
from edigw.mapping.overlay import parse_overlay

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


_WORDS = st.sampled_from([
    "order/850", "number", "lines", "lines.number", "parties", "BEG/03", "DTM[01=002]", "N1[01=ST]/04", "SG1", "units",
    "PO1/06..25 by 2", "PCE", "null", "doc", "at", "in", "rules", "codes", "const", "as", "wrap", "id", "after", "rule",
    "each", "slots", "start", "key", "also", "004010", "1", "10", "[", "]/", "N1[", "",
])  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 12) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=8,
)
_RULES = st.fixed_dictionaries(
    {"id": _WORDS}, optional=dict.fromkeys(("doc", "at", "each", "in", "rules", "codes", "slots", "const"), _VALUES)
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "remove": st.lists(_WORDS, max_size=2) | _VALUES,
            "change": st.lists(_RULES, max_size=2) | _VALUES,
            "add": st.lists(st.fixed_dictionaries({"after": _WORDS, "rule": _RULES | _VALUES}), max_size=2),
            **dict.fromkeys(("constants", "qualifiers", "codes", "dates", "numbering", "versions"), _VALUES),
        },
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_an_overlay_says_it_is_used_or_refused_with_its_line(keys: dict[str, object]) -> None:
    text = json.dumps({"extends": "order/850", **keys})  # JSON is YAML
    try:
        mapping.binding("order/850", "004010", parse_overlay(text.encode(), Path("own.yaml")))
    except BindingError as error:
        assert error.file and error.line
