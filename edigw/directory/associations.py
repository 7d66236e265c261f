"""Association codes (0057) and the directories that they belong to."""

from __future__ import annotations

from types import MappingProxyType

EANCOM = MappingProxyType(
    {
        ("ORDERS", "D.96A"): "EAN008",
        ("DESADV", "D.96A"): "EAN005",
        ("INVOIC", "D.96A"): "EAN008",
        ("ORDERS", "D.01B"): "EAN010",
        ("ORDRSP", "D.01B"): "EAN009",
        ("INVOIC", "D.01B"): "EAN011",
    }
)
"""The versions of EANCOM 97 and EANCOM 2002, by message type and directory (GS1)."""


def expected(type: str, version: str, association: str) -> str:
    """The code that a message of EANCOM should carry instead of `association`; "" if that is right or not known."""
    known = EANCOM.get((type, version), "")
    return known if association.startswith("EAN") and association != known else ""
