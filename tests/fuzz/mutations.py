"""Changes to a file: a few octets, or its syntax as a whole. The same `Random` gives the same changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

Mutation: TypeAlias = Callable[[bytes, Random], bytes]

LONGEST = 20_000
_DELIMITERS = b"'+:?*~>^|\x1c\x1d\x1f\n\r ,.!U"
_WORDS = (
    b"UNA:+.? '", b"UNB+UNOC:3", b"UNH+1+ORDERS:D:96A:UN'", b"UNT+1+1'", b"UNZ+1+REF1'", b"UNG'", b"UNE+1'",
    b"UNS+D'", b"UNO+1+1+1+3+9'", b"UNP+9+1'", b"ISA*00*", b"GS*PO*A*B*20250115*1031*3*X*004010~", b"ST*850*0001~",
    b"SE*1*0001~", b"GE*1*3~", b"IEA*1*000000007~", b"BIN*99*", b"BDS*ASC*99*", b"TA1*1*2*3~", b"ISX*\\~",
    b"HL*1*1*S~", b"LS*1~", b"LE*1~", b"UNOA", b"UNOB", b"UNOW", b"UNOX", b"UNOY", b"UNOZ", b"KECA", b":4",
    b"00501", b"007040", b"D:24A", b"S:93A", b"CONTRL:D:3:UN", b"EAN008", b"999999999999999999999", b"-1", b"0",
    b"1E5", b"+", b"20250230", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80\x99", b"\xa0", b"\x00", b"\x1a", b"\x1b$B",
    b"'" * 40, b"+" * 60, b":" * 60, b"*" * 90, b"?" * 31, b"A" * 300,
)  # fmt: skip


def mutate(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """`data` after one to six changes; `others` are files from which pieces are taken."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 6))):
        if rng.random() < 0.1:
            data = _splice(data, rng.choice(others), rng)
        else:
            data = rng.choice(MUTATIONS)(data, rng)[:LONGEST]
    return data


def _span(data: bytes, rng: Random, longest: int) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.randint(1, longest))


def _pieces(data: bytes) -> list[bytes]:
    """The segments with their terminators, as far as the usual terminators tell them apart."""
    return re.findall(rb"[^'~\n\x1c]*['~\n\x1c]?", data)


def flip(data: bytes, rng: Random) -> bytes:
    """Some octets become others."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4) if data else 0):
        changed[rng.randrange(len(changed))] = rng.choice(_DELIMITERS) if rng.random() < 0.5 else rng.randrange(256)
    return bytes(changed)


def truncate(data: bytes, rng: Random) -> bytes:
    """The end, or now and then the beginning, is missing."""
    cut = rng.randrange(len(data) + 1)
    return data[:cut] if rng.random() < 0.8 else data[cut:]


def drop(data: bytes, rng: Random) -> bytes:
    """Some octets in the middle are missing."""
    start, end = _span(data, rng, 30)
    return data[:start] + data[end:]


def insert(data: bytes, rng: Random) -> bytes:
    """A word of the syntax stands where it does not belong."""
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_WORDS) + data[at:]


def overwrite(data: bytes, rng: Random) -> bytes:
    """A word of the syntax stands in place of something else."""
    word = rng.choice(_WORDS)
    at = rng.randrange(len(data) + 1)
    return data[:at] + word + data[at + len(word) :]


def shuffle(data: bytes, rng: Random) -> bytes:
    """Segments change places, are given twice, or are missing."""
    pieces = _pieces(data)
    at, other = rng.randrange(len(pieces)), rng.randrange(len(pieces))
    match rng.randrange(4):
        case 0:
            pieces[at], pieces[other] = pieces[other], pieces[at]
        case 1:
            pieces.insert(at, pieces[other])
        case 2:
            del pieces[at]
        case _:
            pieces[at : at + 5] = rng.sample(pieces[at : at + 5], len(pieces[at : at + 5]))
    return b"".join(pieces)


def swap_delimiter(data: bytes, rng: Random) -> bytes:
    """One delimiter is another character, everywhere or from some place on."""
    old, new = rng.choice(_DELIMITERS), rng.choice(_DELIMITERS)
    at = 0 if rng.random() < 0.5 else rng.randrange(len(data) + 1)
    return data[:at] + data[at:].replace(bytes([old]), bytes([new]))


def change_number(data: bytes, rng: Random) -> bytes:
    """A number is another one: a count, a reference, a length, a version."""
    numbers = list(re.finditer(rb"[0-9]+", data))
    if not numbers:
        return data
    found = rng.choice(numbers)
    other = rng.choice((b"", b"0", b"1", b"00000", b"99", b"-5", b"4294967296", b"9" * 40, b"3.5", b"1,000", b"\xb2"))
    return data[: found.start()] + other + data[found.end() :]


def repeat(data: bytes, rng: Random) -> bytes:
    """A piece is given many times."""
    start, end = _span(data, rng, 60)
    return data[:end] + data[start:end] * rng.randint(1, 40) + data[end:]


def _splice(data: bytes, other: bytes, rng: Random) -> bytes:
    return (data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :])[:LONGEST]


MUTATIONS: tuple[Mutation, ...] = (
    flip, flip, truncate, drop, insert, insert, overwrite, shuffle, shuffle, swap_delimiter, change_number, repeat,
)  # fmt: skip
