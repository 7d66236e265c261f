"""997 and 999: the body of the transaction set that answers one received functional group.

Sources: X12 transaction sets 997 and 999, data elements 716, 718, 720 and 723. The 999 (5010 and later)
differs in the names of three segments; its codes beyond those of the 997 concern implementation guides:
plain codes say that the standard is broken, those with an I that the guide is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from edigw.acknowledge.codes import TEXTS
from edigw.acknowledge.subjects import SetId, known_version, set_names
from edigw.acknowledge.values import at, errors_of, is_number, joined, told_of
from edigw.syntax.encode import trimmed
from edigw.syntax.findings import Finding
from edigw.syntax.model import Group, Message, Segment

# What is wrong with the numbers in ST and SE is a fault of the set (718).
_OF_SET: dict[tuple[str, int | None], str] = {("ST", 1): "6", ("ST", 2): "7", ("SE", 1): "4", ("SE", 2): "7"}
_REFERENCE = 3  # ST03, the implementation convention reference
_MAX_ELEMENTS = 99  # AK4 in an AK3
_MAX_CODES = 5  # AK502-06, AK905-09
_MAX_ELEMENT_POSITION = 99  # 722, 1528: N0 1/2
_MAX_REPETITION = 9_999  # 1686: N0 1/4
_COPY_SIZE = 99  # 724
_LATER_GROUP_CODES = frozenset({"7", "8", "9", "30", "31"})  # 716 from 005020
_LATER_ELEMENT_CODES = {"too_many_repetitions": "12", "too_many_components": "13"}  # 723 from 004020


@dataclass(frozen=True, slots=True)
class Form:
    """How a 997 or 999 of one version is written. `version` is "004010"; `delimiters` are all characters
    that must not stand in its data. `noted` are the rules whose warnings are told, too. `context`: a 999 names what
    makes a rule of the guide apply (CTX)."""

    set_id: SetId
    version: str
    delimiters: str
    noted: Container[str] = ()
    context: bool = True

    @property
    def notes(self) -> tuple[str, str, str]:
        return ("IK3", "IK4", "IK5") if self.set_id == "999" else ("AK3", "AK4", "AK5")

    def code(self, finding: Finding) -> str:
        """The code of a finding: a 999 has codes of its own for what breaks an implementation guide."""
        return finding.rule.x12_guide if self.set_id == "999" and finding.rule.x12_guide else finding.rule.x12


def set_body(group: Group, form: Form, *, include_accepted: bool) -> list[Segment]:
    """The segments between ST and SE that answer `group`, AK1 to AK9.

    `include_accepted` gives accepted sets an AK2 loop, too; those that were accepted though errors were noted have one
    in any case. In a group that is rejected as a whole only the sets that have errors of their own are named.
    `answerable(group)` is required.
    """
    names = set_names(group)
    statuses = [_status(message, form) for message in group.messages]
    codes = [_group_code(f, form) for f in told_of(group.findings, form.noted)]
    if None in names:
        codes.append("5")
    whole = None in names or bool(errors_of(group.findings))  # the group is rejected as such
    accepted = 0 if whole else sum(status != "R" for status in statuses)
    if not accepted and _version_refused(group):
        codes.append("2")

    body: list[Segment] = [
        trimmed(["AK1", at(group.header, 1), at(group.header, 6), _since_5010(form, group.header, 8)])
    ]
    for message, name, status in zip(group.messages, names, statuses, strict=True):
        if name and (status == "R" or (not whole and (include_accepted or status == "E"))):
            body += _set_report(message, name, status, form)
    refused = whole or "R" in statuses
    status = ("P" if accepted else "R") if refused else "E" if codes or "E" in statuses else "A"
    counts = str(_declared(group)), str(len(group.messages)), str(accepted)
    return [*body, trimmed(["AK9", status, *counts, *_first_codes(codes)])]


def _status(message: Message, form: Form) -> str:
    """AK501: R, E (accepted, but errors were noted) or A."""
    return "R" if not message.valid else "E" if told_of(message.findings, form.noted) else "A"


def _version_refused(group: Group) -> bool:
    """Whether it is the version of the group that is not supported, and not only the sets in it."""
    refused = [any(f.code == "message_not_supported" for f in m.findings) for m in group.messages]
    return bool(refused) and all(refused) and not known_version(group)


def _set_report(message: Message, name: tuple[str, str], status: str, form: Form) -> list[Segment]:
    """AK2 to AK5 of one set."""
    told = told_of(message.findings, form.noted)
    inner = [f for f in told if _is_inner(f)]
    codes = [_set_code(f, form) for f in told if not _is_inner(f)]
    if inner:
        below = _inner_codes(inner, form)
        codes = [*_first_codes(codes, _MAX_CODES - len(below)), *below]
    return [
        trimmed(["AK2", *name, _since_5010(form, message.segments[0], 3)]),
        *_segment_notes(message, inner, form),
        trimmed([form.notes[2], status, *_first_codes(codes)]),
    ]


def _is_inner(finding: Finding) -> bool:
    """Whether a finding is one of AK3 and AK4, and not of the set as a whole."""
    return finding.level in {"segment", "element"} and (finding.tag, finding.element) not in _OF_SET


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
        for finding in whole:
            notes += [_ak3(message, finding, position, form.code(finding), form), *_context(finding, form)]
        if elements:
            notes.append(_ak3(message, elements[0], position, "8", form))
            stated = [(note, finding) for finding in elements if (note := _ak4(finding, form))]
            for note, finding in stated[:_MAX_ELEMENTS]:
                notes += [note, *_context(finding, form)]
    return notes


def _context(finding: Finding, form: Form) -> list[Segment]:
    """The CTX of a rule that holds in a situation: the segment and element that make it apply (005010X231A1)."""
    trigger = finding.trigger
    if trigger is None or form.set_id != "999" or not form.context:
        return []
    place: Any = ""
    if trigger.element and max(trigger.element, trigger.component or 0) <= _MAX_ELEMENT_POSITION:
        place = joined([str(trigger.element), str(trigger.component or "")])
    number = _element_number(trigger.data_element) if place else ""
    return [trimmed(["CTX", "SITUATIONAL TRIGGER", _segment_id(trigger.tag), str(trigger.segment), "", place, number])]


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
    code = _element_code(finding, form)
    copy = "" if code == "6" else _copy(finding.value, form)
    return trimmed([form.notes[1], place, _element_number(finding.data_element), code, copy])


def _element_number(id: str) -> str:
    """725 has up to four digits; "" for a composite."""
    return id if is_number(id) and len(id) <= 4 else ""


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
    if finding.code == "guide_not_kept" and finding.element == _REFERENCE and form.set_id == "997":
        return "19"
    code = form.code(finding) if finding.level == "message" else _OF_SET.get((finding.tag, finding.element), "5")
    if code == "18" and form.version < "004040":
        return "6"
    return code if code in TEXTS["718"] or not code else "5"


def _group_code(finding: Finding, form: Form) -> str:
    code = finding.standard_code("x12") if finding.level == "group" or finding.tag == "GS" else ""
    if finding.code == "group_reference_duplicate" and form.version >= "005010":
        return "19"
    later = code in _LATER_GROUP_CODES and form.version < "005020"
    return code if code in TEXTS["716"] and not later else "1"


def _declared(group: Group) -> int:
    """AK902: GE01 as sent; the sets that were counted if GE is missing or says nothing."""
    declared = at(group.trailer, 1)
    return int(declared) if is_number(declared) and len(declared) <= 6 else len(group.messages)


def _segment_id(tag: str) -> str:
    """721 has two or three letters and digits; "ZZ" for a tag of which nothing like that is left."""
    usable = re.sub(r"[^A-Z0-9]", "", tag.upper())[:3]
    return usable if len(usable) > 1 else "ZZ"


def _since_5010(form: Form, header: Segment, index: int) -> str:
    """A version reference that AK1 and AK2 repeat from 005010 on (480: 12 characters, 1705: 35)."""
    value = at(header, index)
    return value if form.version >= "005010" and len(value) <= (12 if header[0] == "GS" else 35) else ""


def _first_codes(codes: Iterable[str], limit: int = _MAX_CODES) -> list[str]:
    return list(dict.fromkeys(filter(None, codes)))[:limit]
