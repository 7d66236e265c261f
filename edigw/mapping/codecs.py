"""Codecs: one value between its text in a segment and its type in a document, both ways.

A codec is chosen when a binding is compiled, from the field's type and the element in the directory. Functions for
reading return None for what they can't read, functions for writing for what they can't write; nothing is cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from edigw.directory.model import ElementSpec
from edigw.mapping.codes import CodeList
from edigw.mapping.loss import Reason
from edigw.mapping.unmapped import Unmapped

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)", re.ASCII).fullmatch
_INTEGER = re.compile(r"-?\d+", re.ASCII).fullmatch
DIGITS = re.compile(r"\d+", re.ASCII).fullmatch
_PLAIN = re.compile(r"\d+(?:\.\d+)?", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class Codec:
    """`read` and `folded` take one text for each place (`read` None: the text itself); `write` gives one text, or a
    tuple for several places. `folded` and `changed` name the reason where what was read or written would not come back
    the same. `unknown` is the reason where a code can't be read."""

    read: Callable[..., Any] | None
    write: Callable[[Any], Any]
    refusal: str
    folded: Callable[..., str | None] | None = None
    changed: Callable[[Any], str | None] | None = None
    unknown: Reason | None = None
    fits: str | None = None  # Python that is true if the text `v` is written as it is, instead of a call of `write`


def agreed(codec: Codec, name: str, unmapped: Unmapped, spec: ElementSpec) -> Codec:
    """The codec of a code list, with what an agreement says of codes that the list lacks. `name` is that of the list,
    and stands in every loss of such a code."""
    refused = replace(
        codec,
        refusal=Reason(codec.refusal, code_list=name),
        unknown=Reason(f"code not in list {name}", code_list=name),
    )
    if unmapped.action not in ("pass", "default"):
        return refused
    passes, default = unmapped.action == "pass", unmapped.default
    known_read, known_write, folded, changed = codec.read, codec.write, codec.folded, codec.changed
    kind, told = ("passed", "passed on as it is") if passes else ("defaulted", f"replaced by {default}")
    lacking = Reason(f"code not in list {name}, {told}", code_list=name, kind=kind)  # type: ignore[arg-type]

    def read(code: str) -> Any:
        found = code if known_read is None else known_read(code)
        return found if found is not None else code if passes else default

    def read_reason(code: str) -> str | None:
        if known_read is not None and known_read(code) is None:
            return lacking
        return folded(code) if folded else None

    def write(value: str) -> Any:
        found = known_write(value)
        if found is not None:
            return found
        if not passes:
            return known_write(default)
        return value if max(spec.min, 1) <= len(value) <= spec.max else None

    def write_reason(value: str) -> str | None:
        if known_write(value) is None:
            return lacking
        return changed(value) if changed else None

    return replace(refused, read=read, write=write, folded=read_reason, changed=write_reason)


def _span(least: int, most: int) -> str:
    return str(most) if least == most else f"{least} to {most}"


def text(spec: ElementSpec, codes: frozenset[str] | None) -> Codec:
    """Text as it is, within the element's length; if the element is coded, only codes of the directory."""
    least, most = max(spec.min, 1), spec.max
    if codes is not None:
        return Codec(None, lambda value: value if value in codes else None, "not in the directory's code list")
    if spec.type in ("n", "N0"):

        def write_digits(value: str) -> str | None:
            return value if DIGITS(value) and least <= len(value) <= most else None

        return Codec(None, write_digits, f"not {_span(least, most)} digits")

    def write(value: str) -> str | None:
        return value if least <= len(value) <= most and not value.isspace() else None

    fits = f"{'v' if least == 1 else f'{least} <= len(v)'} and len(v) <= {most} and not v.isspace()"
    return Codec(None, write, f"not {_span(least, most)} characters", fits=fits)


def listed(codes: CodeList, allowed: frozenset[str] | None) -> Codec:
    """A code by a crosswalk."""
    folded, changed = _reason(codes.folded()), _reason(codes.changed())
    if not codes.identity:
        known = {value: code for value, code in codes.write.items() if allowed is None or code in allowed}
        return Codec(codes.read.get, known.get, "code not in list", folded, changed)

    read = _Itself({**{code: code for code in allowed or ()}, **codes.read}).__getitem__
    refusal = "not in the directory's code list"
    if allowed is None:
        return Codec(read, lambda value: codes.write.get(value, value), refusal, folded, changed)
    known = {value: codes.write.get(value, value) for value in allowed.union(codes.write)}
    write = {value: code for value, code in known.items() if code in allowed}
    return Codec(read, write.get, refusal, folded, changed)


class _Itself(dict[str, str]):
    """Codes of which each that is missing stands for itself."""

    def __missing__(self, code: str) -> str:
        return code


def _reason(reasons: dict[str, str]) -> Callable[[str], str | None] | None:
    return reasons.get if reasons else None


def packaging_form(codes: CodeList) -> Codec:
    """DE 103: three characters for the form of a package, and two for its material, which has no code elsewhere."""
    known, changed = codes.folded().get, codes.changed().get

    def folded(code: str) -> str | None:
        return f"material {code[3:]}" if len(code) > 3 else known(code)

    return Codec(lambda code: codes.read.get(code[:3]), codes.write.get, "code not in list", folded, changed)


def inline(codes: dict[str, Any]) -> Codec:
    """A code by a few pairs written into the binding, {code: value}."""
    write = {value: code for code, value in codes.items()}
    return Codec(codes.get, write.get, "code not in list")


def decimal(spec: ElementSpec) -> Codec:
    """A number: EDIFACT `n`, X12 `R` and `Nn` (n implied decimals), and numbers in elements for text."""
    refusal = f"not {spec.max} digits or fewer"
    implied = re.fullmatch(r"N([1-9])", spec.type)
    if implied:
        places = int(implied[1])
        changed = _rounded(places)
        return Codec(_implied_reader(places), _implied_writer(places, spec.max, rounds=True), refusal, None, changed)
    if spec.type == "N0":
        return Codec(_implied_reader(0), _implied_writer(0, spec.max), refusal)
    read = _read_decimal if spec.type == "R" else _read_edifact_decimal
    return Codec(read, _decimal_writer(spec), refusal)


def total_reader(spec: ElementSpec | None) -> Callable[[str], Decimal | None]:
    """How the numbers of an element are read; not at all where there is a composite."""
    read = decimal(spec).read if spec is not None else None
    return read if read is not None else lambda text: None


def integer(spec: ElementSpec) -> Codec:
    """A whole number that is not negative."""

    def write(value: int) -> str | None:
        digits = str(value)
        return digits if value >= 0 and len(digits) <= spec.max else None

    return Codec(lambda value: int(value) if DIGITS(value) else None, write, f"not 0 to {spec.max} digits")


def same_number(text: str, number: Decimal) -> bool:
    """Whether a text of either standard is the number."""
    return _read_edifact_decimal(text) == number


def number(text: str) -> Decimal | None:
    """A number of X12 (type R)."""
    return _read_decimal(text)


def _read_decimal(value: str) -> Decimal | None:
    return Decimal(value) if _NUMBER(value) else None


def _read_edifact_decimal(value: str) -> Decimal | None:
    """ISO 9735: the decimal mark is a comma or a point, whatever UNA says of writing it."""
    return Decimal(value) if _PLAIN(value) else _read_decimal(value.replace(",", "."))


def _decimal_writer(spec: ElementSpec) -> Callable[[Decimal], str | None]:
    numeric = spec.type in ("n", "R")
    least, most = spec.min + 1, spec.max  # with a decimal mark, which may not count, digits enough are left

    def length(digits: str) -> int:
        """Sign and decimal mark don't count in a number (ISO 9735, 10; X12.6, 3.4.1), but in text they do."""
        return len(digits) - (digits[0] == "-") - ("." in digits) if numeric else len(digits)

    def write(value: Decimal) -> str | None:
        digits = str(value)
        if least <= len(digits) <= most and (digits.isdigit() or _PLAIN(digits)):
            return digits
        if not value.is_finite() or abs(value.adjusted()) > spec.max + 1:
            return None
        digits = format(value, "f")
        if length(digits) > spec.max and "." in digits:
            digits = digits.rstrip("0").rstrip(".")
        if length(digits) < spec.min:  # CUR03 has at least four digits
            digits += ("" if "." in digits else ".") + "0" * (spec.min - length(digits))
        return digits if length(digits) <= spec.max else None

    return write


def _implied_reader(places: int) -> Callable[[str], Decimal | None]:
    def read(value: str) -> Decimal | None:
        return Decimal(value).scaleb(-places) if _INTEGER(value) else None

    return read


def _implied_writer(places: int, most: int, rounds: bool = False) -> Callable[[Decimal], str | None]:
    """Money with more decimals than the element implies is rounded, which `_rounded` reports; whole numbers are not."""

    def write(value: Decimal) -> str | None:
        if not value.is_finite() or abs(value.adjusted()) > most + 1:
            return None
        scaled = value.scaleb(places)
        whole = scaled.to_integral_value(ROUND_HALF_UP)
        if scaled != whole and not rounds:
            return None
        digits = str(int(whole))
        return digits if len(digits.lstrip("-")) <= most else None

    return write


def _rounded(places: int) -> Callable[[Decimal], str | None]:
    def changed(value: Decimal) -> str | None:
        scaled = value.scaleb(places)
        return None if scaled == scaled.to_integral_value() else f"rounded to {places} decimals"

    return changed
