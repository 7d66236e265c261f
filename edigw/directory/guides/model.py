"""What an implementation guide says, as it was written: the overlay that a partner lays over a message of the
standard. `edigw.directory.guides.read` makes it from a file, `compiled` holds it against a directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from edigw.syntax.findings import Severity
from edigw.syntax.model import Standard

Use: TypeAlias = Literal["", "required", "optional", "forbidden"]
CheckDigit: TypeAlias = Literal["GTIN", "GLN", "SSCC"]
Unlisted: TypeAlias = Literal["allowed", "forbidden"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a guide says about one location: a group, a segment or an element."""

    at: str
    line: int
    use: Use = ""
    min: int | None = None  # occurrences
    max: int | None = None
    codes: Mapping[str, str] | None = None  # the codes that may be used, with the guide's own meanings or ""
    add_codes: Mapping[str, str] = field(default_factory=dict)  # codes that the standard does not have
    remove_codes: tuple[str, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    value: str | None = None
    decimals: int | None = None
    check_digit: CheckDigit | None = None
    widens: bool = False  # it allows more than the standard does
    severity: Severity = "error"
    name: str = ""
    note: str = ""

    @property
    def about_values(self) -> bool:
        """Whether it says something that only elements have."""
        return bool(
            self.codes is not None
            or self.add_codes
            or self.remove_codes
            or self.pattern
            or self.min_length is not None
            or self.max_length is not None
            or self.value is not None
            or self.decimals is not None
            or self.check_digit
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that holds in a situation, or between values. Locations are relative to `scope`, if there is one.

    Where everything in `when` stands and nothing in `unless` does, everything in `require` must stand and nothing in
    `forbid` may; the values of `same` must be equal, and those of `sum` add up to that of `equals`.
    """

    id: str
    line: int
    scope: str = ""
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    sum: str = ""
    equals: str = ""
    text: str = ""
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class PrivateElement:
    """An element of a segment that the partner invented: one value, without components."""

    name: str
    line: int
    type: Literal["a", "n", "an"] = "an"
    min_length: int = 1
    max_length: int = 35
    required: bool = False
    codes: Mapping[str, str] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PrivateSegment:
    """A segment that the standard does not have at this place, and that the partner sends all the same."""

    tag: str
    line: int
    name: str = ""
    inside: str = ""  # the group in which it stands; "" for anywhere
    max: int | None = None  # in each occurrence of that group, or in the message
    elements: tuple[PrivateElement, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """An implementation guide. Each one is itself only, so that what was compiled from it can be remembered."""

    name: str
    standard: Standard
    message: str
    versions: tuple[str, ...]
    file: str
    associations: tuple[str, ...] = ()  # 0057, or the suffix of GS08; none: any
    title: str = ""
    partner: str = ""
    edition: str = ""
    note: str = ""
    unlisted_segments: Unlisted = "allowed"
    unlisted_elements: Unlisted = "allowed"
    example: Path | None = None  # an interchange that keeps the guide
    entries: tuple[Entry, ...] = ()
    rules: tuple[Rule, ...] = ()
    segments: tuple[PrivateSegment, ...] = ()
    sha256: str = ""  # of the file, in hex
