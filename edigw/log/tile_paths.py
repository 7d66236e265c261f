"""File names of a log in open form, those of https://c2sp.org/tlog-tiles, and beside them one for the objects.

`tile/LEVEL/N` and `tile/entries/N`, N in groups of three digits, all but the last with an `x`: `x001/x234/067`. What
holds W instead of 256 is called `N.p/W`.
"""

from __future__ import annotations

from edigw.log.merkle import WIDTH


def numbered(index: int, width: int = WIDTH) -> str:
    """The path of number `index`, of which `width` out of 256 are there."""
    path = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        path = f"x{index % 1000:03d}/{path}"
    return path if width == WIDTH else f"{path}.p/{width}"


def tile(level: int, index: int, width: int = WIDTH) -> str:
    """256 or fewer hashes, one after the other."""
    return f"tile/{level}/{numbered(index, width)}"


def entries(index: int, width: int = WIDTH) -> str:
    """As many entries, each after its length in two bytes, big-endian."""
    return f"tile/entries/{numbered(index, width)}"


def objects(index: int, width: int = WIDTH) -> str:
    """What those entries name, one object a line."""
    return f"objects/{numbered(index, width)}.jsonl"


def payload(sha256: str) -> str:
    """A content that is too large for such a line."""
    return f"payloads/{sha256[:2]}/{sha256[2:4]}/{sha256}"
