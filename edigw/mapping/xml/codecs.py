"""Codecs: one value between its texts in XML and its type in a document, both ways (W3C XML Schema 1.0, part 2).

A codec is chosen when a binding is compiled, from the field's type and the elements. What can't be read or written is
None; nothing is cut.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from edigw.documents import Moment
from edigw.mapping.partner_forms import line_number

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII).fullmatch
_INTEGER = re.compile(r"\+?(\d+)(?:\.0*)?", re.ASCII).fullmatch
_WHOLE = re.compile(r"\d{1,60}", re.ASCII).fullmatch
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?", re.ASCII).fullmatch
_TIME = re.compile(r"(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII).fullmatch
_BEYOND_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII).fullmatch
_DIGITS = 60
_FARTHEST = dt.timedelta(hours=14)


class _Sign(Enum):
    NOT_MINE = "not mine"
    NOTHING = "nothing"


NOT_MINE: Final = _Sign.NOT_MINE
"""What a codec reads from texts that another rule should read."""

NOTHING: Final = _Sign.NOTHING
"""What a codec reads from a text that only says that there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Codec:
    """`read` takes one text for each place, "" where there is none; `write` gives as many, "" for nothing. `folded` and
    `changed` name the reason where what was read or written would not come back the same."""

    read: Callable[..., Any]
    write: Callable[[Any], tuple[str, ...] | None]
    refusal: str
    folded: Callable[..., str | None] | None = None
    changed: Callable[[Any], str | None] | None = None


def sayable(value: str) -> bool:
    """Whether XML 1.0 has all the characters (2.2)."""
    return _BEYOND_XML(value) is None


def _write_text(value: str) -> tuple[str] | None:
    return (value,) if value.strip() and sayable(value) else None


TEXT = Codec(lambda value: value, _write_text, "blank, or a character that XML does not have")


def _token(value: str) -> str:
    return " ".join(re.split("[\t\n\r]", value)).strip(" ")


def _write_token(value: str) -> tuple[str] | None:
    token = _token(value)
    return (token,) if token.strip() and sayable(token) else None


def _changed_token(value: str) -> str | None:
    return None if _token(value) == value else "blanks"


TOKEN = Codec(lambda value: _token(value) or None, _write_token, TEXT.refusal, None, _changed_token)
"""Identifiers, codes and attributes, whose ends may be padded (`xsd:normalizedString`)."""


def _read_decimal(value: str) -> Decimal | None:
    value = value.strip()
    return Decimal(value) if _NUMBER(value) and len(value) <= 2 * _DIGITS else None


def _write_decimal(value: Decimal) -> tuple[str] | None:
    if not value.is_finite() or abs(value.adjusted()) > _DIGITS or len(value.as_tuple().digits) > _DIGITS:
        return None
    return (format(value, "f"),)


DECIMAL = Codec(_read_decimal, _write_decimal, f"not {_DIGITS} digits or fewer")


def _read_integer(value: str) -> int | None:
    match = _INTEGER(value.strip())
    return int(match[1]) if match and len(match[1]) <= _DIGITS else None


INTEGER = Codec(_read_integer, lambda value: (str(value),) if value >= 0 else None, "not a whole number")

_TRUTH = {"true": True, "1": True, "false": False, "0": False}
BOOLEAN = Codec(
    lambda value: _TRUTH.get(value.strip()), lambda value: ("true" if value else "false",), "not true or false"
)


def listed(codes: dict[str, Any]) -> Codec:
    """A code by pairs written into the binding, {code: value}; of several codes with one value the first is written."""
    write: dict[Any, str] = {}
    for code, value in codes.items():
        write.setdefault(value, code)
    return Codec(
        lambda code: codes.get(code.strip()),
        lambda value: (write[value],) if value in write else None,
        "code not in list",
        lambda code: None if write.get(codes.get(code.strip())) == code.strip() else "another code of the same meaning",
    )


def with_own(codec: Codec, own: Mapping[str, str]) -> Codec:
    """A codec of one text in which a partner has codes of its own, {canonical: own}."""
    meant = {code: canonical for canonical, code in own.items()}

    def read(text: str) -> Any:
        return meant.get(text.strip()) or codec.read(text)

    def write(value: str) -> tuple[str, ...] | None:
        if value in own:
            return (own[value],)
        return None if value in meant else codec.write(value)

    return replace(codec, read=read, write=write, refusal=f"another code of the partner's own, or {codec.refusal}")


def numbered(numbering: Any) -> Codec:
    """A line's number as a partner counts (`partner_forms.line_number`). Raises BindingError."""
    codec = line_number(numbering, _DIGITS)
    read, write = codec.read, codec.write
    assert read is not None and write is not None  # noqa: S101 - it has both

    def texts(value: str) -> tuple[str] | None:
        text = write(value)
        return None if text is None else (text,)

    return Codec(lambda text: read(text.strip()), texts, codec.refusal, codec.folded, codec.changed)


def _zone(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    if text == "Z":
        return dt.UTC
    offset = dt.timedelta(hours=int(text[1:3]), minutes=int(text[4:]))
    if offset > _FARTHEST or int(text[4:]) > 59:
        raise ValueError(text)
    return dt.timezone(-offset if text[0] == "-" else offset)


def _moment(date: str, time: str) -> Moment | None:
    day, clock = _DATE(date.strip()), _TIME(time.strip())
    if day is None or (time and clock is None):
        return None
    try:
        _zone(day[2])
        if clock is None:
            return Moment(dt.date.fromisoformat(day[1]))
        whole = dt.time.fromisoformat(clock[1])
        micro = int((clock[2] or ".0")[1:7].ljust(6, "0"))
        return Moment(dt.date.fromisoformat(day[1]), whole.replace(microsecond=micro, tzinfo=_zone(clock[3])))
    except ValueError:
        return None


def _folded_moment(date: str, time: str = "") -> str | None:
    day, clock = _DATE(date.strip()), _TIME(time.strip())
    if day and day[2]:
        return "the zone of a date"
    if clock and len((clock[2] or "").rstrip("0")) > 7:
        return "more digits than a microsecond"
    return None


def _texts(value: Moment) -> tuple[str, str] | None:
    date = value.date.isoformat()
    if value.time is None:
        return date, ""
    offset = value.time.utcoffset()
    if offset is not None and (offset.total_seconds() % 60 or abs(offset) > _FARTHEST):
        return None
    return date, value.time.isoformat("auto").replace("+00:00", "Z")


_NO_MOMENT = "no date and time of XML Schema"

MOMENT = Codec(_moment, _texts, _NO_MOMENT, _folded_moment)
"""A date and a time of day, in two elements."""

DATE = Codec(
    lambda date: _moment(date, ""),
    lambda value: (value.date.isoformat(),),
    _NO_MOMENT,
    _folded_moment,
    lambda value: None if value.time is None else "the time of day has no place",
)


def _read_period(start: str, start_time: str, end: str, end_time: str) -> Any:
    if not start or (start, start_time) != (end, end_time):
        return NOT_MINE
    return _moment(start, start_time)


def _write_period(value: Moment) -> tuple[str, ...] | None:
    texts = _texts(value)
    return None if texts is None else texts * 2


def _folded_period(start: str, start_time: str, *_: str) -> str | None:
    return _folded_moment(start, start_time)


def _read_street(street: str, number: str, *more: str) -> str | None:
    """The lines of an address in one: "Avon Way 56A, 3rd floor"."""
    first = " ".join(part for part in (street, number) if part)
    return ", ".join(part for part in (first, *more) if part) or None


def _folded_street(*parts: str) -> str | None:
    return "joined in one line" if sum(bool(part) for part in parts) > 1 or not parts[0] else None


_SCHEMES = {"9": "GLN", "16": "DUNS"}  # 3055 of who gives the number, and what the number is called
_AGENCIES = {"GLN": "9", "GTIN": "9", "0088": "9", "DUNS": "16", "0060": "16"}  # also ISO 6523


def _read_scheme(agency: str, scheme: str) -> Any:
    return agency.strip() or _AGENCIES.get(scheme.strip()) or NOT_MINE


def _write_scheme(value: str) -> tuple[str, str] | None:
    texts = _write_token(value)
    return None if texts is None else (texts[0], _SCHEMES.get(texts[0], ""))


def _folded_scheme(agency: str, scheme: str) -> str | None:
    return None if scheme.strip() == _SCHEMES.get(agency.strip(), "") else "who gives the number says what it is"


def _shifted(value: Decimal, places: int) -> Decimal:
    """The decimal point moved, with all digits kept (`scaleb` keeps 28)."""
    sign, digits, exponent = value.as_tuple()
    return Decimal((sign, digits, int(exponent) + places))


def _read_percent(value: str) -> Decimal | None:
    factor = _read_decimal(value)
    return None if factor is None else _shifted(factor, 2)


def _write_percent(value: Decimal) -> tuple[str] | None:
    return None if _write_decimal(value) is None else _write_decimal(_shifted(value, -2))


def _digits(value: str) -> str | None:
    return value.strip() if _WHOLE(value.strip()) else None


_NAMELESS = "-"


def _read_property(name: str, value: str) -> Any:
    """Name and value of a property in one: "Width: 20 mm"."""
    if not value:
        return NOT_MINE
    return value if name.strip() in (_NAMELESS, "") else f"{name}: {value}"


def _write_property(value: str) -> tuple[str, str] | None:
    if not value.strip() or not sayable(value):
        return None
    name, mark, rest = value.partition(": ")
    if mark and name.strip() not in (_NAMELESS, "") and rest.strip():
        return name, rest
    return _NAMELESS, value


_STAGES = {"10": ("true", ""), "20": ("false", "false"), "30": ("", "true")}  # 8051


def _read_stage(before: str, after: str) -> str | None:
    first, last = _TRUTH.get(before.strip()), _TRUTH.get(after.strip())
    if first and last:
        return None
    return "10" if first else "30" if last else "20"


_NONE = "NA"


def _read_or_none(value: str) -> Any:
    return NOTHING if value.strip() == _NONE else _token(value) or None


def _write_or_none(value: str) -> tuple[str] | None:
    return None if _token(value) == _NONE else _write_token(value)


def _read_name(name: str, description: str) -> str:
    parts = dict.fromkeys(part for part in (name, description) if part.strip())
    return ", ".join(parts)


def _folded_name(name: str, description: str) -> str | None:
    return "joined in one text" if name != description else None


def _read_bic(value: str) -> Any:
    return value.strip() if _BIC(value.strip()) else NOT_MINE


def _write_bank_code(value: str) -> tuple[str] | None:
    return None if _BIC(_token(value)) else _write_token(value)


CODECS: dict[str, Codec] = {
    # ISO 9362, where a bank's national code may stand as well
    "bic": Codec(_read_bic, lambda value: (value,) if _BIC(value) else None, "no BIC of 8 or 11 characters"),
    "bank_code": Codec(lambda value: _token(value) or None, _write_bank_code, "a BIC", None, _changed_token),
    "name_and_description": Codec(
        _read_name, lambda value: (value, value) if _write_text(value) else None, TEXT.refusal, _folded_name
    ),
    "digits": Codec(_digits, lambda value: (value,) if _WHOLE(value) else None, "not digits"),
    "or_none": Codec(_read_or_none, _write_or_none, TOKEN.refusal, None, _changed_token),
    "percent": Codec(_read_percent, _write_percent, DECIMAL.refusal),
    "property": Codec(_read_property, _write_property, TEXT.refusal),
    "stage": Codec(_read_stage, _STAGES.get, "not before, main or after"),
    "party_scheme": Codec(_read_scheme, _write_scheme, TOKEN.refusal, _folded_scheme, _changed_token),
    "same_period": Codec(_read_period, _write_period, _NO_MOMENT, _folded_period),
    "street": Codec(
        _read_street,
        lambda value: (value, "", "", "", "") if value.strip() and sayable(value) else None,
        TEXT.refusal,
        _folded_street,
    ),
}
"""Named codecs (`as:` in a binding)."""
