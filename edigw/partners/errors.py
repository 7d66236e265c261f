"""What is wrong with a configuration, in one line for the person who edits it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ConfigError(Exception):
    """A configuration can't be used: `file:line: key: what is wrong`.

    `file` is named as seen from the folder of edigw.toml ("partners/acme.toml"), `key` in dotted form with
    list entries counted from 1 ("receives[2].version"); it is "" where the file as a whole is meant. `line` counts
    from 1; None where no line can be named.
    """

    def __init__(self, file: str, key: str, text: str, line: int | None = None) -> None:
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {key}: {text}" if key else f"{place}: {text}")
        self.file = file
        self.key = key
        self.text = text
        self.line = line


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """What to add to a message about an unknown name: '; did you mean "note"?', or "" if nothing is like it."""
    close = difflib.get_close_matches(given, list(known), 1, 0.6)
    return f'; did you mean "{close[0]}"?' if close else ""
