"""Whether the forms in which a partner receives its documents exist: documents, messages of known directories,
bindings between the two."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from edigw.partners.tables.partner import Partner
from edigw.partners.tables.writing import Receives


def unknown_forms(partner: Partner, bindings: bool) -> Iterator[tuple[str, str]]:
    """A key and what is wrong there, for every entry of `receives` that can't be written. `bindings`: also compile the
    bindings, which takes some tenths of a second for each form."""
    if not partner.receives:
        return
    from edigw import directory
    from edigw.documents import DOCUMENTS

    for number, wanted in enumerate(partner.receives, 1):
        key = f"receives[{number}]"
        if wanted.document not in DOCUMENTS:
            close = difflib.get_close_matches(wanted.document, DOCUMENTS, 1, 0.6)
            hint = f'did you mean "{close[0]}"?' if close else f"expected one of {', '.join(DOCUMENTS)}"
            yield f"{key}.document", f'there is no document "{wanted.document}", {hint}'
            continue
        opened = directory.edifact if wanted.standard == "edifact" else directory.x12
        try:
            opened(wanted.version).message(wanted.message)
        except directory.UnknownVersion as error:
            yield f"{key}.version", str(error)
        except directory.UnknownMessage as error:
            yield f"{key}.message", str(error)
        else:
            if bindings and not _bound(wanted):
                yield key, f"no binding writes {wanted.document} as {wanted.message} {wanted.version}"


def _bound(wanted: Receives) -> bool:
    from edigw import mapping

    found = mapping.by_document(wanted.document, wanted.standard, wanted.message, wanted.version)
    return found is not None
