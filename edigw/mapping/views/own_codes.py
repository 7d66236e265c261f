"""Codes of an agency's own list that say what an allowance, a charge or a service is (SAC03 and SAC04).

EDIFACT has no place for them, so that the reason tells them: `Ticket [VI TC990101]`.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from edigw.documents import Allowance
from edigw.mapping.runtime import wrap

_TOLD = re.compile(
    r"(?:(?P<reason>.*\S) )?\[(?P<own_code_agency>[A-Z]{2}) (?P<own_code>[^\s\]]{1,10})\]", re.ASCII | re.DOTALL
)
_TEXT = (35, 2)  # 7160


def put_own_codes(view: Any) -> None:
    """What the reasons tell instead, of a document and its lines, as far as it will be read back."""
    view.allowances = _each(view.allowances, _put)
    for index, line in enumerate(view.lines):
        if line.allowances:
            allowances = _each(line.allowances, _put)
            if allowances is not line.allowances:
                view.lines = [*view.lines[:index], replace(line, allowances=allowances), *view.lines[index + 1 :]]


def take_own_codes(document: Any) -> None:
    """What `put_own_codes` put."""
    document.allowances = _each(document.allowances, _take)
    for line in document.lines:
        if line.allowances:
            line.allowances = _each(line.allowances, _take)


def _each(allowances: list[Allowance], change: Any) -> list[Allowance]:
    changed = [change(allowance) for allowance in allowances]
    return changed if any(a is not b for a, b in zip(changed, allowances, strict=True)) else allowances


def _put(allowance: Allowance) -> Allowance:
    if allowance.own_code is None or allowance.own_code_agency is None:
        return allowance
    words = [*([allowance.reason] if allowance.reason else []), f"[{allowance.own_code_agency} {allowance.own_code}]"]
    told = replace(allowance, reason=" ".join(words), own_code=None, own_code_agency=None)
    pieces = wrap(told.reason or "", *_TEXT)
    return told if pieces is not None and " ".join(pieces) == told.reason and _take(told) == allowance else allowance


def _take(allowance: Allowance) -> Allowance:
    found = _TOLD.fullmatch(allowance.reason) if allowance.reason is not None else None
    return allowance if found is None else replace(allowance, **found.groupdict())
