"""Invoices in the shape of an X12 transaction set (810).

What a line is made of stands inside it (SLN), one element says what the price is for (IT105), and one segment names the
carrier and a number of the shipment (CAD). IT1 has one price: where a document has no net price, the price before
allowances takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import asdict, replace

from edigw.documents import Invoice, InvoiceLine, Part, Party, Reference, Transport
from edigw.mapping.loss import Entry
from edigw.mapping.views.credit_signs import unsigned, without_sign
from edigw.mapping.views.item_ids import put_origin, take_origin
from edigw.mapping.views.numbered import NUMBERED, take_numbered
from edigw.mapping.views.orders import plain, struct, top_lines
from edigw.mapping.views.price_codes import code_price, decode_price, put_net_price, take_net_price
from edigw.mapping.views.terms_places import PLACED, put_place, take_place

_GROSS = ("INV", "AAB", "CAL")  # 5125
_SCAC = "182"  # 3055
_MAIN_CARRIAGE = "20"  # 8051


class Carriage(Part):
    """The carrier (CAD), with a number of the shipment."""

    mode: str | None = None
    carrier: str | None = None
    routing: str | None = None
    service: str | None = None
    reference_type: str | None = None
    reference: str | None = None


Component = struct("InvoiceComponent", InvoiceLine, price_code=str | None)
LineWithComponents = struct(
    "InvoiceLineWithComponents",
    InvoiceLine,
    price_code=str | None,
    components=list[Component],  # type: ignore[valid-type]
)
InvoiceSet = struct(
    "InvoiceSet",
    Invoice,
    **NUMBERED,
    **PLACED,
    lines=list[LineWithComponents],  # type: ignore[valid-type]
    carriage=list[Carriage],
)


def to_invoice_set(
    invoice: Invoice, lost: list[Entry], sign: Callable[[Invoice, list[Entry]], Invoice] = without_sign
) -> Any:
    """An invoice as the 810 has it. `sign` gives credit notes theirs."""
    invoice = sign(invoice, lost)
    view = InvoiceSet(**asdict(invoice))
    view.lines = _with_components(invoice.lines, lost)
    put_place(view, lost)
    view.parties = named(invoice.parties, ((), "parties"), lost)
    view.carriage, view.transport = [], []
    for index, transport in enumerate(invoice.transport):
        view.carriage.append(_carriage(transport, ((), "transport", index), lost))
    if view.total is None and view.payable is not None:
        lost.append(("changed", (), "payable", view.payable, "the amount to be paid is written as the total"))
        view.total, view.payable = view.payable, None
    return view


def from_invoice_set(view: Any) -> Invoice:
    """The invoice that an 810 tells of."""
    view = replace(view)
    take_numbered(view)
    take_place(view)
    fields = {name: getattr(view, name) for name in Invoice.__struct_fields__}
    fields["lines"] = list(_lines(view.lines))
    fields["transport"] = [transport for carriage in view.carriage if (transport := _transport(carriage))]
    fields["references"] = [
        *view.references,
        *(Reference(type=c.reference_type, id=c.reference) for c in view.carriage if c.reference is not None),
    ]
    return unsigned(Invoice(**fields))


# lines


def _with_components(lines: list[InvoiceLine], lost: list[Entry]) -> list[Any]:
    above = top_lines(lines)
    places = {index: place for place, index in enumerate(i for i, top in enumerate(above) if i == top)}
    out = [_shaped(LineWithComponents, lines[index], ((), "lines", place), lost) for index, place in places.items()]
    for index, top in enumerate(above):
        if top != index:
            components = out[places[top]].components
            path = (((), "lines", places[top]), "components", len(components))
            component = _shaped(Component, lines[index], path, lost)
            if component.parent == lines[top].number:
                component.parent = None
            components.append(component)
    return out


def _lines(views: Iterable[Any]) -> Iterator[InvoiceLine]:
    for view in views:
        yield _restored(view)
        for component in view.components:
            line = _restored(component)
            line.parent = line.parent if line.parent is not None else view.number
            yield line


def _shaped(cls: type[Any], line: InvoiceLine, path: Any, lost: list[Entry]) -> Any:
    view = cls(**asdict(line))
    put_net_price(view, path, lost)
    put_origin(view)
    if view.price is None:
        gross = next((p for p in line.prices if p.qualifier in _GROSS and p.type is None and p.value is not None), None)
        if gross is not None:
            reason = f"the price of kind {gross.qualifier} is written as the price"
            lost.append(("changed", path, "price", gross.value, reason))
            view.price, view.price_basis, view.price_unit = gross.value, gross.basis, gross.unit
            view.prices = [price for price in line.prices if price is not gross]
    view.parties = named(line.parties, (path, "parties"), lost)
    code_price(view, path, lost)
    return view


def _restored(view: Any) -> InvoiceLine:
    view = replace(view)
    take_net_price(view)
    decode_price(view)
    take_origin(view)
    return plain(InvoiceLine, view)


# the carrier


def _carriage(transport: Transport, path: Any, lost: list[Entry]) -> Carriage:
    carriage = Carriage(mode=transport.mode, routing=transport.routing, service=transport.service)
    if transport.carrier_scheme in (_SCAC, None):
        carriage.carrier = transport.carrier
    elif transport.carrier is not None:
        lost.append(("dropped", path, "carrier", transport.carrier, "CAD04 takes a SCAC only"))
    told = [(name, getattr(transport, name)) for name in ("conveyance", "means")]
    lost += [("dropped", path, name, value, "CAD has no place for it") for name, value in told if value is not None]
    if transport.stage not in (_MAIN_CARRIAGE, None):
        lost.append(("changed", path, "", transport.stage, "CAD is read as the main carriage"))
    return carriage


def _transport(carriage: Carriage) -> Transport | None:
    """The main carriage; None where CAD gives a number alone."""
    told = {name: getattr(carriage, name) for name in ("mode", "carrier", "routing", "service")}
    if not any(told.values()):
        return None
    scheme = None if carriage.carrier is None else _SCAC
    return Transport(stage=_MAIN_CARRIAGE, carrier_scheme=scheme, **told)


# parties


def named(parties: list[Party], where: tuple[Any, str], lost: list[Entry]) -> list[Party]:
    """Parties whose name and address have no structure with all of it as the name: N1 has no place for it otherwise."""
    out = []
    for index, party in enumerate(parties):
        if party.name is None and party.name_and_address is not None:
            lost.append(("changed", (*where, index), "name", party.name_and_address, "name and address are the name"))
            party = replace(party, name=party.name_and_address, name_and_address=None)
        out.append(party)
    return out
