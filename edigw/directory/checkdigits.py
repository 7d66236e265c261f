"""GS1 check digits: GTIN, GLN, SSCC (GS1 General Specifications 7.9.1, modulo 10, weights 3 and 1 from the
right)."""

from __future__ import annotations

GTIN = (8, 12, 13, 14)
GLN = (13,)
SSCC = (18,)


def is_gs1(value: str, lengths: tuple[int, ...]) -> bool:
    """Whether a value is a number of one of these lengths with the right check digit."""
    if len(value) not in lengths or not (value.isascii() and value.isdecimal()):
        return False
    digits = value.encode()
    excess = b"0"[0] * (len(digits) + len(digits) // 2 * 2)
    return (sum(digits[-2::-2]) * 3 + sum(digits[::-2]) - excess) % 10 == 0
