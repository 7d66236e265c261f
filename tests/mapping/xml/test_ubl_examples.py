"""Foreign UBL: the example instances of the standard are read and written again, and what differs was reported."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from edigw.mapping import Loss
from edigw.mapping.xml import read_ubl, write_ubl
from edigw.mapping.xml.loading import understood
from tests.mapping.xml.reference import examples, needs_reference, schema

pytestmark = needs_reference

_FRACTION = re.compile(r"(\d\d:\d\d:\d\d)\.0+")
_STEP = re.compile(r"\[\d+\]$")

_SAID_OTHERWISE = {("UBLVersionID", "2.0"), ("AcceptedIndicator", "true")}
_OF_UBL = {"UBLVersionID", "DocumentCurrencyCode", "ID/@schemeID", "CreditNoteTypeCode", "OrderResponseCode", "ID"}
"""What UBL 2.1 must say and the examples do not, or say in other words."""


def leaves(root: etree._Element) -> Counter[tuple[str, str]]:
    """Every text and attribute, with its own name and that of the element around it; times without empty fractions.
    Attributes that only name a code list that UBL means anyway are left out."""
    found: Counter[tuple[str, str]] = Counter()
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname
        if element.text and element.text.strip():
            found[name, _FRACTION.sub(r"\1", element.text)] += 1
        for key, value in element.attrib.items():
            if str(value) not in understood().get(str(key), ()) and "schemaLocation" not in str(key):
                found[f"{name}/@{key}", str(value)] += 1
    return found


def place(loss: Loss) -> tuple[str, str]:
    """The same of a loss."""
    *_, owner, last = loss.location.split("/")
    owner, last = (_STEP.sub("", step).rpartition(":")[2] for step in (owner, last))
    return (f"{owner}/{last}" if last.startswith("@") else last), _FRACTION.sub(r"\1", loss.value)


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_an_example_is_read_written_again_and_the_difference_is_the_loss_report(path: Path) -> None:
    data = path.read_bytes()
    document, lost = read_ubl(data)
    written, dropped = write_ubl(document)
    assert not dropped or {loss.kind for loss in dropped} == {"defaulted"}
    tree = etree.fromstring(written)
    schema(etree.QName(tree).localname).assertValid(tree)
    assert read_ubl(written)[0] == document

    before, after = leaves(etree.fromstring(data)), leaves(tree)
    reported = Counter(map(place, lost))
    gone, new = before - after, after - before
    still = {text for _, text in after}
    assert not [leaf for leaf in gone if leaf not in reported and leaf[1] not in still and leaf not in _SAID_OTHERWISE]
    unread = {place(loss) for loss in lost if loss.kind == "unmapped"}
    assert not [leaf for leaf in unread if before[leaf] > after[leaf] and leaf not in gone]
    texts = {text for _, text in before} | {loss.value for loss in dropped}
    joined = {loss.value for loss in lost if loss.kind == "folded"}
    for name, text in new:
        assert text in texts or name in _OF_UBL or any(part in text for part in joined), (name, text)


def test_an_order_keeps_what_its_partners_need() -> None:
    (path,) = (path for path in examples() if path.name == "UBL-Order-2.1-Example.xml")
    order, _ = read_ubl(path.read_bytes())
    parties = {party.role: party for party in order.parties}
    assert (order.id, str(order.issued), order.currency, str(order.total)) == ("34", "2010-01-20T12:30", "SEK", "6225")
    assert (parties["BY"].id, parties["BY"].id_scheme) == ("7300070011115", "9")
    assert parties["DP"].street == "Rådhusgatan 5, 2nd floor"
    assert [(date.type, str(date.at)) for date in order.dates] == [
        ("36", "2010-01-31"),
        ("64", "2010-02-10"),
        ("63", "2010-02-25"),
    ]
    line = order.lines[0]
    assert (line.number, str(line.quantity), line.unit, str(line.price)) == ("1", "120", "LTR", "50")
    assert [(item.scheme, item.id) for item in line.ids] == [("SA", "SItemNo001"), ("EN", "1234567890123")]
    assert [one.text for one in line.characteristics] == ["Paint type: Acrylic", "Solvant: Water"]
    assert [note.text for note in line.notes] == ["Freetext note on line 1"]
