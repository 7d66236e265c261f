"""The place that terms of delivery name, as X12 has it (FOB02 and FOB03): its name or its code, and what the place is.

Incoterms of the groups E and F name a place where the seller delivers, the others one where the goods arrive. In a
document, what the place is goes without saying therefore, unless it is another: "FOB origin" without an Incoterm.
"""

from __future__ import annotations

from typing import Any

from edigw.mapping.loss import Entry

PLACED: dict[str, Any] = {"place_kind": str | None, "place": str | None}
"""The fields of a view for it."""

_CODE = "CODE"  # of the list terms_places; its other codes are those of DE 309
_ORIGIN, _DESTINATION = "OR", "DE"
_AT_ORIGIN = frozenset({"EXW", "FCA", "FAS", "FOB"})


def _implied(view: Any) -> str:
    return _ORIGIN if view.delivery_terms in _AT_ORIGIN else _DESTINATION


def put_place(view: Any, lost: list[Entry]) -> None:
    """The name of the place, or else its code, in the one element that there is."""
    name, code, kind = view.delivery_place, view.delivery_place_code, view.delivery_place_kind
    if name is not None:
        if kind == _implied(view):
            lost.append(("changed", (), "delivery_place_kind", kind, "goes without saying"))
        view.place_kind, view.place = kind or _implied(view), name
        view.delivery_place = view.delivery_place_kind = None
    elif code is not None:
        view.place_kind, view.place, view.delivery_place_code = _CODE, code, None


def take_place(view: Any) -> None:
    """What `put_place` put."""
    if view.place_kind == _CODE:
        view.delivery_place_code = view.place
        return
    view.delivery_place = view.place
    if view.place is not None and view.place_kind != _implied(view):
        view.delivery_place_kind = view.place_kind
