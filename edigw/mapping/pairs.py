"""Named codec pairs: the few values that types and code lists can't describe (`as:` in a binding)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from string import ascii_uppercase
from typing import Any

from edigw.documents import Moment
from edigw.mapping import codecs, moments
from edigw.mapping.codecs import Codec

_AI_SSCC = "00"  # GS1 General Specifications 3.2: the application identifier of the SSCC
_BASES = {"PE": Decimal(1), "PD": Decimal(12), "HP": Decimal(100), "TP": Decimal(1000)}  # X12 DE 639
_BASIS_CODES = {basis: code for code, basis in _BASES.items()}
_HUNDRED = Decimal(100)
_PERIOD = "718"  # 2379: CCYYMMDDCCYYMMDD
_FRACTION_DIGITS = 10  # DE 954, "percentage expressed as a decimal": ASC X12 RFI 11


def _is_sscc(value: str) -> bool:
    return len(value) == 18 and value.isdigit() and value.isascii()


def _read_sscc(value: str) -> str | None:
    """Both forms are in use: 18 digits, and 20 with the application identifier."""
    digits = value[2:] if len(value) == 20 and value.startswith(_AI_SSCC) else value
    return digits if _is_sscc(digits) else None


def _write_sscc(value: str) -> str | None:
    return _AI_SSCC + value if _is_sscc(value) else None


def _read_equipment(initial: str, number: str) -> str | None:
    """TD302 and TD303: the letters and the digits of one number."""
    return initial + number or None


def _write_equipment(value: str) -> tuple[str, str] | None:
    return ("", value) if 0 < len(value) <= 10 else None


def _read_fraction(value: str) -> Decimal | None:
    """DE 954: 0.12 is 12 %. What would be more than 100 % is a percentage already."""
    number = codecs.number(value)
    if number is None or number > 1:
        return number
    return Decimal(format(number.scaleb(2), "f"))  # 50, not 5E+1


def _percentage(value: str) -> str | None:
    number = codecs.number(value)
    return "a percentage, where a fraction should be" if number is not None and number > 1 else None


def _write_fraction(value: Decimal) -> str | None:
    if not value.is_finite() or not 0 <= value <= _HUNDRED:
        return None
    digits = format(value.scaleb(-2).normalize(), "f")
    return digits if len(digits.replace(".", "")) <= _FRACTION_DIGITS else None


def _write_code(value: str) -> str | None:
    """A code of a list that is in no directory: an Incoterm in 4053."""
    return value if len(value) <= 3 and value.isalnum() and value.isascii() else None


def _write_owned(value: str) -> tuple[str, str] | None:
    """MS201 and MS202: the letters of the owner and the number."""
    owner = value[: len(value) - len(value.lstrip(ascii_uppercase))]
    number = value[len(owner) :]
    return (owner, number) if 2 <= len(owner) <= 4 and 0 < len(number) <= 10 else None


def _half(part: int) -> Codec:
    """One end of a period: a date of its own, or a half of the two that 2379 718 puts together."""
    moment = moments.edifact_moment()

    def read(value: str, format: str) -> Any:
        if format != _PERIOD:
            return moment.read(value, format) if moment.read else None
        digits = value.replace("-", "")
        return moment.read(digits[8 * part :][:8], "102") if moment.read and len(digits) == 16 else None

    return replace(moment, read=read)


def _date_and_time() -> Codec:
    """DE 373 and DE 337 where neither is said without the other."""
    both = moments.x12_date_time()

    def write(value: Moment) -> tuple[str, ...] | None:
        return None if value.time is None else both.write(value)

    return replace(both, write=write, refusal="no time of day, or a UTC offset")


PAIRS: dict[str, Codec] = {
    "period_start": _half(0),
    "period_end": _half(1),
    "date_and_time": _date_and_time(),
    "incoterms": Codec(None, _write_code, "not a code of three letters or digits"),
    "sscc00": Codec(_read_sscc, _write_sscc, "no SSCC of 18 digits"),
    "price_basis": Codec(_BASES.get, _BASIS_CODES.get, "not per 1, 12, 100 or 1000"),
    "fraction": Codec(_read_fraction, _write_fraction, "not 0 to 100 in 10 digits", _percentage),
    "owned_equipment": Codec(_read_equipment, _write_owned, "not 2 to 4 letters and a number"),
    "equipment": Codec(_read_equipment, _write_equipment, "not 1 to 10 characters"),
}
