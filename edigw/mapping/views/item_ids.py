"""Lots, serial numbers and the country of origin among the numbers of an item, where X12 has them (LIN, PO1).

The dates of a lot are those of the item, if it is the only one.
"""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec.structs import replace

from edigw.documents import Date, DespatchLine, ItemId, Lot, ReceiptLine, Serial

Line = TypeVar("Line", bound=DespatchLine | ReceiptLine)

_ORIGIN = "CH"  # X12 DE 235; 7143 has no such code
_LOT = "BB"  # 7143
_SERIAL = "SN"
_DATES = {"expiry": "36", "produced": "94", "best_before": "361"}  # 2005


def put_origin(view: Any) -> None:
    """The country of origin of a view's line, among its numbers."""
    if view.origin is not None:
        view.ids, view.origin = [*view.ids, ItemId(scheme=_ORIGIN, id=view.origin)], None


def take_origin(view: Any) -> None:
    """What `put_origin` put."""
    for item in view.ids:
        if item.scheme == _ORIGIN and item.id is not None and view.origin is None:
            view.origin, view.ids = item.id, [other for other in view.ids if other is not item]
            return


def with_item_ids(line: Line) -> Line:
    """The line with its lots and serial numbers among `ids`. What else is said of a lot stays in `lots`."""
    if not line.lots and not line.serials:
        return line
    if len(line.lots) == 1:
        line = _with_lot_dates(line, line.lots[0])
    more = [ItemId(scheme=_LOT, id=lot.id) for lot in line.lots if lot.id is not None]
    more += [ItemId(scheme=_SERIAL, id=serial.id) for serial in line.serials if serial.id is not None]
    facts = [replace(lot, id=None) for lot in line.lots]
    return replace(line, ids=line.ids + more, lots=[lot for lot in facts if lot != Lot()], serials=[])


def _with_lot_dates(line: Line, lot: Lot) -> Line:
    dates = [Date(type=type, at=at) for field, type in _DATES.items() if (at := getattr(lot, field)) is not None]
    bare = replace(lot, expiry=None, produced=None, best_before=None)
    if (lot.quantity, lot.unit) == (line.quantity, line.unit):
        bare = replace(bare, quantity=None, unit=None)
    return replace(line, dates=dates + line.dates, lots=[bare])


def from_item_ids(line: Line) -> Line:
    """The line with its lots and serial numbers out of `ids`. Dates stay with the item."""
    lots = [Lot(id=item.id) for item in line.ids if item.scheme == _LOT]
    serials = [Serial(id=item.id) for item in line.ids if item.scheme == _SERIAL]
    if not lots and not serials:
        return line
    ids = [item for item in line.ids if item.scheme not in (_LOT, _SERIAL)]
    return replace(line, ids=ids, lots=lots + line.lots, serials=serials + line.serials)
