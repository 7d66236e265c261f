"""What the price of a line is for, as the one code that X12 has for it (DE 639): its kind, a quantity and a unit."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from edigw.documents import Price
from edigw.mapping.codes import code_list
from edigw.mapping.loss import Entry

_LONGEST = 17  # digits of DE 212
_DIGITS_OF_BASIS = 9
_ONE = Decimal(1)
_NET = "NTP"  # 5387

_Basis: TypeAlias = tuple[str | None, Decimal | None, str | None]  # kind, quantity, unit; each of them may be missing


@cache
def _meanings() -> dict[str, _Basis]:
    """What the codes "CT/100/KGM" stand for."""
    meanings: dict[str, _Basis] = {}
    for code in code_list("price_bases", "x12", "005010").write:
        type_, basis, unit = code.split("/")
        meanings[code] = type_ or None, Decimal(basis) if basis else None, unit or None
    return meanings


@cache
def _codes() -> dict[_Basis, str]:
    return {meaning: code for code, meaning in _meanings().items()}


def code_price(line: Any, path: Any, lost: list[Entry]) -> None:
    """Put what the price of a view's line is for into its `price_code`, as far as there is a code. A price for a
    quantity without a code is put as that for one. What is left in the fields is reported, because no rule knows it; a
    unit that has no code, and is that of the quantity, goes without saying."""
    if line.price_unit is not None and line.price_basis is None:
        if line.price_unit == line.unit and (None, _ONE, line.price_unit) not in _codes():
            line.price_unit = None
        else:
            line.price_basis = _ONE
    if line.price_type is None and line.price_basis is None and line.price_unit is None:
        return
    if not _coded(line) and line.price_basis not in (None, _ONE) and line.price is not None:
        _for_one(line, path, lost)
        _coded(line)


def _coded(line: Any) -> bool:
    """Whether there is a code for what is said, or for it without its kind. The unit of the quantity goes without
    saying."""
    type_, basis, unit = line.price_type, line.price_basis, line.price_unit
    if basis is not None and (not basis.is_finite() or abs(basis.adjusted()) > _DIGITS_OF_BASIS):
        return False
    find = _codes().get
    code = find((type_, basis, unit)) or find((None, basis, unit))
    if code is None and unit == line.unit:
        code = find((type_, basis, None)) or find((None, basis, None))
    if code is None:
        return False
    line.price_code, line.price_basis, line.price_unit = code, None, None
    if _meanings()[code][0] is not None:
        line.price_type = None
    return True


def _for_one(line: Any, path: Any, lost: list[Entry]) -> None:
    price, basis = line.price, line.price_basis
    line.price_basis = _ONE
    one = price / basis if basis and basis.is_finite() and price.is_finite() else None
    if one is not None and one * basis == price and len(one.as_tuple().digits) <= _LONGEST:
        lost.append(("changed", path, "price", price, f"written as the price for one, not for {basis}"))
        line.price = one
    else:
        reason = f"a price for {basis} has no code, and the price for one is not exact"
        lost.append(("dropped", path, "price", price, reason))
        line.price = None


def put_net_price(line: Any, path: Any, lost: list[Entry]) -> None:
    """A net price among the further prices of a view's line is its price, if it has no other: so it will be read."""
    net = _net_price(line)
    if net is None:
        return
    kind = f" ({net.qualifier})" if net.qualifier else ""
    lost.append(("changed", path, "price", net.value, f"the net price{kind} among the prices is written as the price"))
    for name in ("price_type", "price_basis", "price_unit"):
        if getattr(line, name) is not None:
            lost.append(("dropped", path, name, getattr(line, name), "there is no price that it is said of"))
            setattr(line, name, None)
    take_net_price(line)


def take_net_price(line: Any) -> None:
    """A net price among the further prices as the price of the line, where that has none: UCP in CTP02, beside a PO1
    without a price."""
    net = _net_price(line)
    if net is not None:
        line.price, line.price_basis, line.price_unit = net.value, net.basis, net.unit
        line.prices = [price for price in line.prices if price is not net]


def _net_price(line: Any) -> Price | None:
    if line.price is not None:
        return None
    return next((price for price in line.prices if price.type == _NET and price.value is not None), None)


def decode_price(line: Any) -> None:
    """Take the `price_code` of a view's line apart. One that is passed on and that no list has is a kind of price."""
    if line.price_code is not None:
        type_, basis, unit = _meanings().get(line.price_code, (line.price_code, None, None))
        line.price_type = line.price_type or type_
        line.price_basis = line.price_basis or basis
        line.price_unit = line.price_unit or unit
