"""Which codec a rule gets: by its keys, the type of its field, and the element in the directory."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from edigw.directory.directory import Directory
from edigw.directory.model import ElementSpec
from edigw.documents import Moment
from edigw.mapping import codecs, moments
from edigw.mapping.codecs import Codec
from edigw.mapping.codesource import CodeSource
from edigw.mapping.errors import BindingError, did_you_mean
from edigw.mapping.loader import Entry
from edigw.mapping.pairs import PAIRS
from edigw.mapping.partner_forms import date_format, line_number
from edigw.mapping.places import Place
from edigw.mapping.unmapped import Unmapped


def allowed_codes(directory: Directory, place: Place) -> frozenset[str] | None:
    """The codes of the directory for a place; None if there is no list."""
    listed = directory.codes(place.spec.id) if place.spec else None
    return frozenset(listed) if listed else None


def choose(rule: Entry, type_: Any, places: list[Place], directory: Directory, codes: CodeSource) -> Codec:
    """The codec for a field of `type_` at places. Raises BindingError if the rule asks for what can't be."""
    spec = places[0].spec
    if spec is None:
        raise BindingError("a composite is no place for a value")
    named, listed = rule.get("as"), rule.get("codes")
    _no_more_than_one(rule, type_)
    if named == "form" and isinstance(listed, str):
        form = _bounded(codecs.packaging_form(codes.list(listed, rule, spec.id)), spec)
        return codecs.agreed(form, listed, codes.unmapped.of(listed), spec)
    if named is not None:
        if named not in PAIRS:
            raise BindingError(f"there is no codec {named!r}{did_you_mean(named, PAIRS)}")
        return PAIRS[named]
    if "numbering" in rule:
        return line_number(rule["numbering"], spec.max)
    if type_ is Moment:
        return _moment(rule, places, directory)
    if "format" in rule:
        raise BindingError(f"{rule['doc']} is no date, so it has no format")
    if len(places) > 1:
        raise BindingError(f"a value takes one place, not {len(places)}; a text is `as: wrap`")
    if isinstance(listed, dict):
        return codecs.agreed(codecs.inline({str(k): v for k, v in listed.items()}), rule["id"], Unmapped(), spec)
    if listed is not None or type_ is str:
        return _coded(rule, places[0], directory, codes)
    if type_ is Decimal:
        return codecs.decimal(spec)
    if type_ is int:
        return codecs.integer(spec)
    raise BindingError(f"{rule['doc']} is no plain value: give it `codes`")


def _no_more_than_one(rule: Entry, type_: Any) -> None:
    """What would be ignored beside something else is refused."""
    if "own_codes" in rule and (type_ is not str or isinstance(rule.get("codes"), dict) or "numbering" in rule):
        raise BindingError(f"{rule['doc']} takes no codes of the partner's own")
    if "numbering" in rule and (type_ is not str or "as" in rule or "codes" in rule):
        raise BindingError(f"{rule['doc']} is no number of a line")
    if "format" in rule and "as" in rule:
        raise BindingError("format does not go with as")
    if "own_codes" in rule and rule.get("as") not in (None, "form"):
        raise BindingError("own codes do not go with as")


def _moment(rule: Entry, places: list[Place], directory: Directory) -> Codec:
    wanted = rule.get("format")
    if directory.standard == "edifact":
        if wanted is not None:
            return date_format(str(wanted))
        return moments.edifact_moment(with_offset="205" in (directory.codes("2379") or ()))
    if wanted is not None:
        raise BindingError("a date has one form in X12; `format` is for EDIFACT (2379)")
    codec = (moments.x12_date, moments.x12_date_time, moments.x12_zoned)[len(places) - 1]()
    spec = places[0].spec
    return moments.with_short_year(codec) if spec is not None and spec.max == moments.SHORT_DATE else codec


def _bounded(codec: Codec, spec: ElementSpec) -> Codec:
    """A codec that writes what there is room for, where no list of the directory says what a code may be."""
    wide = codec.write

    def write(value: str) -> str | None:
        text: str | None = wide(value)
        return text if text is not None and max(spec.min, 1) <= len(text) <= spec.max else None

    return replace(codec, write=write)


def _coded(rule: Entry, place: Place, directory: Directory, codes: CodeSource) -> Codec:
    """A code by a crosswalk or by the directory's list, or a text where there is neither."""
    spec, allowed = place.spec, allowed_codes(directory, place)
    assert spec is not None  # noqa: S101 - a composite was refused before
    listed = rule.get("codes")
    name = listed or spec.id
    known = codes.known(listed, rule, spec.id)
    if known is not None:
        own = codes.own(listed, rule, spec.id).values()
        codec = codecs.listed(known, None if allowed is None else allowed.union(own))
        if allowed is None:
            codec = _bounded(codec, spec)
    else:
        codec = codecs.text(spec, allowed)
        if allowed is None:
            return codec
    return codecs.agreed(codec, name, codes.unmapped.of(name), spec)
