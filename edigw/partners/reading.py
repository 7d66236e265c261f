"""How the files of a partner are read and judged, from what its partner file says."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from edigw.directory.options import ValidationOptions
from edigw.partners.tables.partner import PartnerFile
from edigw.syntax.findings import Severity
from edigw.syntax.options import BOUNDS, ReadOptions

_MEANINGS: dict[str, Severity | None] = {
    "error": "error",
    "reject": "error",
    "warning": "warning",
    "note": "note",
    "ignore": None,
}


class Agreed(NamedTuple):
    """The options of `edigw.directory.check`."""

    validation: ValidationOptions
    read: ReadOptions


def agreed_reading(partner: PartnerFile) -> Agreed:
    """What the agreement with a partner says about reading and judging its files."""
    reading = partner.reading
    told = {**msgspec.structs.asdict(partner.tolerances), **partner.severities}
    severities = {code: _MEANINGS[word] for code, word in told.items()}
    read = ReadOptions(
        severities=severities,
        fallback_charset=reading.fallback_charset,
        x12_charset=reading.x12_charset,
        repetition=reading.repetition,
        **{bound: getattr(reading, bound) for bound in BOUNDS},
    )
    return Agreed(ValidationOptions(severities=severities, codes=reading.codes), read)
