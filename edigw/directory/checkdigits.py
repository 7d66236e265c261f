"""GS1 check digits: GTIN, GLN, SSCC (GS1 General Specifications 7.9.1, modulo 10, weights 3 and 1 from the
right)."""

from __future__ import annotations

GTIN = (8, 12, 13, 14)
GLN = (13,)
SSCC = (18,)


_ZEROS = tuple(ord("0") * (length + 2 * (length // 2)) for length in range(19))  # what the digits of zero add up to


def is_gs1(value: str, lengths: tuple[int, ...]) -> bool:
    """Whether a value is a number of one of these lengths with the right check digit."""
    digits = value.encode("ascii", "replace")
    if len(digits) not in lengths or not digits.isdigit():
        return False
    return (sum(digits) + 2 * sum(digits[-2::-2]) - _ZEROS[len(digits)]) % 10 == 0
