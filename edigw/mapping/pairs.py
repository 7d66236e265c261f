"""Named codec pairs: the few values that types and code lists can't describe (`as:` in a binding)."""

from __future__ import annotations

from decimal import Decimal

from edigw.mapping.codecs import Codec

_AI_SSCC = "00"  # GS1 General Specifications 3.2: the application identifier of the SSCC
_BASES = {"PE": Decimal(1), "PD": Decimal(12), "HP": Decimal(100), "TP": Decimal(1000)}  # X12 DE 639
_BASIS_CODES = {basis: code for code, basis in _BASES.items()}


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


PAIRS: dict[str, Codec] = {
    "sscc00": Codec(_read_sscc, _write_sscc, "no SSCC of 18 digits"),
    "price_basis": Codec(_BASES.get, _BASIS_CODES.get, "not per 1, 12, 100 or 1000"),
    "equipment": Codec(_read_equipment, _write_equipment, "not 1 to 10 characters"),
}
