"""Losses in words, with the places that an agreement can name them by, and counted."""

from __future__ import annotations

import datetime as dt

from edigw import mapping
from edigw.documents import Date, ItemId, Moment, Note, Order, OrderLine, Party
from edigw.mapping import Loss, wire
from edigw.mapping.loss import tally
from edigw.mapping.words import Told, Way

ORDERS = mapping.binding("order/ORDERS", "D.96A")
X12 = mapping.binding("order/850", "004010")
BODY = b"""BGM+220+4711+9'
DTM+137:20261005:102'
FTX+AAI+++Ring twice'
NAD+BY+4299999000016::9++Nordwind+++XXXX'
LIN+1++0799999001012:EN'
QTY+21:5:PCE'
UNS+S'
CNT+2:1'
"""


def written(order: Order) -> list[Told]:
    (message,) = wire.messages(BODY, ORDERS)
    _, losses = X12.write(order)
    way = Way("edifact", "D.96A", ORDERS, X12, "850", message.segments)
    return way.written([loss for loss in losses if loss.kind == "dropped"])


def test_a_value_that_was_read_is_named_by_element_segment_and_number() -> None:
    (told,) = Way("edifact", "D.96A", ORDERS).read([Loss("unmapped", "SG25/LIN/05", "x", "no rule", 6)])
    assert told.loss.text == 'configuration level "x" (LIN, segment 6): no rule reads it, so it goes no further'
    assert "lines" in told.places


def test_a_value_that_was_not_written_is_named_by_the_document_and_its_segment() -> None:
    (told,) = written(Order(id="1", type="220", purpose="9", notes=[Note(subject="AAI", text="Ring twice" * 30_000)]))
    assert told.loss.text.startswith('the text of note 1 (FTX) "Ring twiceRing')
    assert "can't be written into an 850: does not fit into" in told.loss.text
    (told,) = written(Order(id="1", type="220", purpose="9", lines=[OrderLine(number="1", unit="XXXX", quantity=None)]))
    assert told.loss.text == (
        'the unit of line 1 (QTY) "XXXX" can\'t be said in an 850: its code list units lacks a code'
    )
    assert {"lines[0].unit", "SG25/QTY/6411", "PO1/PO103"} <= set(told.places)


def test_the_segment_is_numbered_where_only_one_can_be_meant() -> None:
    (told,) = written(
        Order(id="1", type="220", purpose="9", parties=[Party(role="BY", name="Nordwind", country="XXXX")])
    )
    assert told.loss.text.startswith('the country of party 1 (NAD, segment 5) "XXXX" ')


def test_an_item_that_falls_with_its_code_names_the_list() -> None:
    (told,) = written(
        Order(id="1", type="220", purpose="9", dates=[Date(type="QQ9", at=Moment(dt.date(2026, 10, 5)))])
    )[-1:]
    assert told.loss.text == "date 1 (DTM) can't be said in an 850: its code list dates lacks a code"
    (told,) = written(
        Order(id="1", type="220", purpose="9", lines=[OrderLine(number="1", ids=[ItemId(scheme="QQ", id="5")])])
    )
    assert "id 1 of line 1" in told.loss.text and "item_schemes" in told.loss.text


def test_every_value_of_a_message_is_carried_or_counted_elsewhere() -> None:
    segments = wire.messages(BODY, ORDERS)[0].segments[1:-1]
    counts = tally(
        segments,
        [
            Loss("dropped", "references[0]", '{"type":"QQ9","id":"7"}'),
            Loss("changed", "notes[0].text", "a"),
            Loss("truncated", "N102", "b"),
            Loss("defaulted", "type", "220"),
            Loss("passed", "lines[0].unit", "XX"),
        ],
    )
    assert counts == {"values": 22, "carried": 18, "converted": 1, "defaulted": 1, "truncated": 1, "dropped": 2}


def test_a_text_that_looks_like_an_item_counts_as_one() -> None:
    assert tally([["FTX", "[" * 500]], [Loss("dropped", "x", "[" * 500)])["dropped"] == 1
