"""Names of the files that a partner gets: a pattern with placeholders, "{type}_{control}.edi"."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

PLACEHOLDERS: dict[str, str] = {
    "type": "message type or transaction set, ORDERS, 850; of an acknowledgement CONTRL, 997, 999, TA1",
    "control": "the interchange's control reference",
    "sender": "the sending partner's code",
    "receiver": "the receiving partner's code",
    "date": "the date of writing, 20260102, UTC",
    "time": "the time of writing, 030405, UTC",
    "id": "the transmission's own number, never the same twice",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 200


def problem(pattern: str) -> str | None:
    """What is wrong with a pattern, in words; None if nothing is."""
    try:
        fields = [
            (name, spec, conversion)
            for _, name, spec, conversion in string.Formatter().parse(pattern)
            if name is not None
        ]
    except ValueError as error:
        return f"not a pattern: {error}"
    for name, spec, conversion in fields:
        if name not in PLACEHOLDERS or spec or conversion:
            known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            return f"unknown placeholder {{{name}}}, expected one of {known}"
    if not {"control", "id"} & {name for name, _, _ in fields}:
        return "needs {control} or {id}, or files would get the same name"
    literal = "".join(text for text, *_ in string.Formatter().parse(pattern))
    if _UNSAFE.search(literal) or pattern.startswith("."):
        return "may hold letters, digits, '.', '_' and '-' beside the placeholders, and can't start with '.'"
    return None


def file_name(pattern: str, values: Mapping[str, str]) -> str:
    """The name by `pattern`, which `problem` accepts, and a value for each of `PLACEHOLDERS`.

    Values come from interchanges, so anything but letters, digits, ".", "_" and "-" in them becomes "_"; the
    name has at most 200 characters, does not start with "." and never leaves its folder."""
    name = pattern.format_map({key: _UNSAFE.sub("_", value) for key, value in values.items()})
    return name[:_LONGEST].lstrip(".") or "_"
