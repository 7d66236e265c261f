"""Association codes (0057) and the directories that they belong to."""

from __future__ import annotations

import re
from collections.abc import Container
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

_MARKED = re.compile("[0-9]{1,2}E|X[0-9][0-9A-Z]?|Y[A-Z][0-9]")
_NAMED = re.compile("[A-Z]{3}")
# What a segment is about. Here a slip ("SUP" for the supplier, SU) is likelier than a name of GS1's own.
_SUBJECTS = frozenset({"1001", "1153", "1225", "2005", "2379", "3035", "3055", "3227", "5025", "6063"})
_OWN_CODES = frozenset({("3035", "BCO"), ("3035", "CPE"), ("7143", "GU"), ("7405", "EU")})


def is_eancom(association: str) -> bool:
    """Whether the code is one that GS1 gives to messages of EANCOM."""
    return association.startswith("EAN")


def may_be_eancom(element: str, code: str, known: Container[str]) -> bool:
    """Whether a code that the directory of an EANCOM message lacks may be one that GS1 adds to it (EANCOM part III,
    data elements and code sets): one that another directory has (`known`, all that the element ever had), or one of
    GS1's own. Those are a number and E ("33E"), X and a number, Y with a letter and a digit ("YC1"), and names of three
    capital letters ("NTP"), which are believed only where they don't say what the segment is about."""
    named = _NAMED.fullmatch(code) is not None and element not in _SUBJECTS
    return named or code in known or _MARKED.fullmatch(code) is not None or (element, code) in _OWN_CODES


def expected(type: str, version: str, association: str) -> str:
    """The code that a message of EANCOM should carry instead of `association`; "" if that is right or not known."""
    known = EANCOM.get((type, version), "")
    return known if is_eancom(association) and association != known else ""
