"""997 and 999: the body of the transaction set that answers one received functional group.

Sources: X12 transaction sets 997 and 999, data elements 716, 718, 720 and 723. The 999 (5010 and later)
differs in the names of three segments; its codes beyond those of the 997 concern implementation guides:
plain codes say that the standard is broken, those with an I that the guide is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from edigw.acknowledge.codes import TEXTS
from edigw.acknowledge.values import at, errors_of, is_number, joined
from edigw.syntax.encode import trimmed
from edigw.syntax.findings import Finding
from edigw.syntax.model import Group, Message, Segment

SetId: TypeAlias = Literal["997", "999"]

_MAX_ELEMENTS = 99  # AK4 in an AK3
_MAX_CODES = 5  # AK502-06, AK905-09
_MAX_ELEMENT_POSITION = 99  # 722, 1528: N0 1/2
_MAX_REPETITION = 9_999  # 1686: N0 1/4
_COPY_SIZE = 99  # 724
_LATER_ELEMENT_CODES = {"too_many_repetitions": "12", "too_many_components": "13"}  # 723 from 004020


@dataclass(frozen=True, slots=True)
class Form:
    """How a 997 or 999 of one version is written. `version` is "004010"; `delimiters` are all characters
    that must not stand in its data."""

    set_id: SetId
    version: str
    delimiters: str

    @property
    def notes(self) -> tuple[str, str, str]:
        return ("IK3", "IK4", "IK5") if self.set_id == "999" else ("AK3", "AK4", "AK5")

    def code(self, finding: Finding) -> str:
        """The code of a finding: a 999 has codes of its own for what breaks an implementation guide."""
        return finding.rule.x12_guide if self.set_id == "999" and finding.rule.x12_guide else finding.rule.x12


def answerable(group: Group) -> bool:
    """Whether AK1 can name the group: GS01 has two characters, GS06 one to nine digits. If not, no 997 can
    answer it, and TA1 024 is all that can be said."""
    control = at(group.header, 6)
    return re.fullmatch(r"[A-Z0-9]{2}", at(group.header, 1)) is not None and is_number(control) and len(control) <= 9


def set_body(group: Group, form: Form, *, include_accepted: bool) -> list[Segment]:
    """The segments between ST and SE that answer `group`, AK1 to AK9.

    `include_accepted` gives accepted sets an AK2 loop, too. In a group that is rejected as a whole only the
    sets that have errors of their own are named. `answerable(group)` is required.
    """
    named = [m for m in group.messages if nameable(m)]
    rejected = [m for m in group.messages if not m.valid]
    group_errors = [_group_code(f) for f in errors_of(group.findings)]
    if len(named) < len(group.messages):
        group_errors.append("5")
    accepted = 0 if group_errors else len(group.messages) - len(rejected)

    body: list[Segment] = [
        trimmed(["AK1", at(group.header, 1), at(group.header, 6), _since_5010(form, group.header, 8)])
    ]
    for message in named:
        if not message.valid or (include_accepted and not group_errors):
            body += _set_report(message, form)
    everything = not group_errors and not rejected
    status = "A" if everything else "P" if accepted else "R"
    counts = str(_declared(group)), str(len(group.messages)), str(accepted)
    return [*body, trimmed(["AK9", status, *counts, *_first_codes(group_errors)])]


def _set_report(message: Message, form: Form) -> list[Segment]:
    """AK2 to AK5 of one set."""
    header = message.segments[0]
    errors = errors_of(message.findings)
    inner = [f for f in errors if f.level in {"segment", "element"}]
    codes = [_set_code(f, form) for f in errors if f.level not in {"segment", "element"}]
    if inner:
        below = _inner_codes(inner, form)
        codes = [*_first_codes(codes, _MAX_CODES - len(below)), *below]
    return [
        trimmed(["AK2", at(header, 1), at(header, 2), _since_5010(form, header, 3)]),
        *_segment_notes(message, inner, form),
        trimmed([form.notes[2], "R" if errors else "A", *_first_codes(codes)]),
    ]


def _segment_notes(message: Message, findings: Iterable[Finding], form: Form) -> list[Segment]:
    """AK3 and AK4 in the order of the set: one AK3 for each error of a whole segment, one for all its
    elements."""
    by_position: dict[int, tuple[list[Finding], list[Finding]]] = defaultdict(lambda: ([], []))
    for finding in findings:
        position = finding.segment or len(message.segments)  # no place: the end, where totals are judged
        by_position[position][finding.level == "element"].append(finding)
    notes: list[Segment] = []
    for position, (whole, elements) in sorted(by_position.items()):
        if len(str(position)) > (10 if form.version >= "005010" else 6):  # 719
            continue
        notes += (_ak3(message, f, position, form.code(f), form) for f in whole)
        if elements:
            notes.append(_ak3(message, elements[0], position, "8", form))
            notes += [note for f in elements if (note := _ak4(f, form))][:_MAX_ELEMENTS]
    return notes


def _ak3(message: Message, finding: Finding, position: int, code: str, form: Form) -> Segment:
    segment = message.segments[position - 1] if position <= len(message.segments) else None
    tag = finding.tag or (segment[0] if segment else "")
    loop = at(segment, 1) if tag in {"LS", "LE"} and segment and segment[0] == tag else ""
    known = code in TEXTS["720"] and (code != "8" or form.version >= "003050")
    return trimmed([form.notes[0], _segment_id(tag), str(position), loop[:4], code if known else ""])


def _ak4(finding: Finding, form: Form) -> Segment | None:
    """The note on an element; None if its position is missing or can't be stated."""
    element, component = finding.element or 0, finding.component or 0
    if not 1 <= element <= _MAX_ELEMENT_POSITION or component > _MAX_ELEMENT_POSITION:
        return None
    place: Any = str(element)
    if form.version >= "003050":  # C030; before that, 722 alone
        repetition = finding.repetition or 0
        if form.version < "004020" or repetition > _MAX_REPETITION:
            repetition = 0
        place = joined([place, str(component or ""), str(repetition or "")])
    number = finding.data_element
    code = _element_code(finding, form)
    copy = "" if code == "6" else _copy(finding.value, form)
    return trimmed([form.notes[1], place, number if is_number(number) and len(number) <= 4 else "", code, copy])


def _copy(value: str, form: Form) -> str:
    """The bad value as far as 724 can hold it; "" if a character in it can't stand there."""
    if not value.isascii() or not value.isprintable() or any(c in form.delimiters for c in value):
        return ""
    return value[:_COPY_SIZE].rstrip()


def _element_code(finding: Finding, form: Form) -> str:
    if form.version >= "004020" and finding.code in _LATER_ELEMENT_CODES:
        return _LATER_ELEMENT_CODES[finding.code]
    code = form.code(finding)
    return code if code in TEXTS["723"] else "7"


def _inner_codes(findings: Iterable[Finding], form: Form) -> list[str]:
    """What a set with errors in its segments is told as a whole: 5 if they break the standard, I5 if the guide."""
    return sorted({"I5" if form.set_id == "999" and f.guide else "5" for f in findings})


def _set_code(finding: Finding, form: Form) -> str:
    code = form.code(finding) if finding.level == "message" else ""
    if code == "18" and form.version < "004040":
        return "6"
    return code if code in TEXTS["718"] else "5"


def _group_code(finding: Finding) -> str:
    code = finding.rule.x12 if finding.level == "group" else ""
    return code if code in TEXTS["716"] else "1"


def _declared(group: Group) -> int:
    """AK902: GE01 as sent; the sets that were counted if GE is missing or says nothing."""
    declared = at(group.trailer, 1)
    return int(declared) if is_number(declared) and len(declared) <= 6 else len(group.messages)


def nameable(message: Message) -> bool:
    """Whether AK2 can name the set. If not, the group can't be answered in detail and is rejected (716 =
    5)."""
    header = message.segments[0]
    return re.fullmatch(r"[A-Z0-9]{3}", at(header, 1)) is not None and 1 <= len(at(header, 2)) <= 9


def _segment_id(tag: str) -> str:
    """721 has two or three letters and digits; "ZZ" for a tag of which nothing like that is left."""
    usable = re.sub(r"[^A-Z0-9]", "", tag.upper())[:3]
    return usable if len(usable) > 1 else "ZZ"


def _since_5010(form: Form, header: Segment, index: int) -> str:
    """A version reference that AK1 and AK2 repeat from 005010 on (480: 12 characters, 1705: 35)."""
    value = at(header, index)
    return value if form.version >= "005010" and len(value) <= (12 if header[0] == "GS" else 35) else ""


def _first_codes(codes: Iterable[str], limit: int = _MAX_CODES) -> list[str]:
    return list(dict.fromkeys(codes))[:limit]
