"""What the price of a line is for, as the one code that X12 has for it (DE 639): its kind, a quantity and a unit."""

from __future__ import annotations

from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from edigw.mapping.codes import code_list
from edigw.mapping.loss import Entry

_FIELDS = ("price_type", "price_basis", "price_unit")
_LONGEST = 17  # digits of DE 212
_DIGITS_OF_BASIS = 9
_ONE = Decimal(1)


@cache
def _codes() -> frozenset[str]:
    """ "CT/100/KGM": kind, quantity and unit, each of which may be missing."""
    return frozenset(code_list("price_bases", "x12", "005010").write)


def code_price(line: Any, path: Any, lost: list[Entry]) -> None:
    """Put what the price of a view's line is for into its `price_code`, as far as there is a code. A price for a
    quantity without a code is put as that for one. What is left in the fields is reported, because no rule knows it; a
    unit that has no code, and is that of the quantity, goes without saying."""
    if line.price_unit is not None and line.price_basis is None:
        if line.price_unit == line.unit and f"/1/{line.price_unit}" not in _codes():
            line.price_unit = None
        else:
            line.price_basis = _ONE
    if line.price_type is None and line.price_basis is None and line.price_unit is None:
        return
    if not _coded(line) and line.price_basis not in (None, _ONE) and line.price is not None:
        _for_one(line, path, lost)
        _coded(line)


def _coded(line: Any) -> bool:
    basis, unit = line.price_basis, line.price_unit
    if basis is not None and abs(basis.adjusted()) > _DIGITS_OF_BASIS:
        return False
    found = _code(line.price_type, None if basis is None else format(basis.normalize(), "f"), unit, unit == line.unit)
    if found is None:
        return False
    line.price_code, kept = found
    for name in kept:
        setattr(line, name, None)
    return True


@lru_cache(maxsize=1024)
def _code(type_: str | None, basis: str | None, unit: str | None, same: bool) -> tuple[str, tuple[str, ...]] | None:
    """The code that says most, and the fields that it stands for; None if there is no code. `same`: the unit is that
    of the quantity, and need not be said."""
    said = dict(zip(_FIELDS, (type_ or "", basis or "", unit or ""), strict=True))
    for kept in (_FIELDS, _FIELDS[1:], *((_FIELDS[:-1], _FIELDS[1:-1]) if same else ())):
        code = "/".join(said[name] if name in kept else "" for name in _FIELDS)
        if code in _codes():
            return code, (*kept, "price_unit") if same else kept
    return None


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


def decode_price(line: Any) -> None:
    """Take the `price_code` of a view's line apart."""
    if line.price_code is not None:
        type_, basis, unit = _decoded(line.price_code)
        line.price_type = line.price_type or type_
        line.price_basis = line.price_basis or basis
        line.price_unit = line.price_unit or unit


@lru_cache(maxsize=1024)
def _decoded(code: str) -> tuple[str | None, Decimal | None, str | None]:
    """Kind, quantity and unit, None for what is missing."""
    type_, basis, unit = code.split("/")
    return type_ or None, Decimal(basis) if basis else None, unit or None
