"""What a 997 or 999 answers, and can repeat of it: groups, their sets, and the version of the answer.

Whatever is repeated must be valid in the answer, too, or the answer were itself refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from edigw.acknowledge.values import at, is_number
from edigw.directory import Directory, NotInDirectory, x12
from edigw.directory.packaged import versions
from edigw.syntax.model import Group, Interchange, Message

SetId: TypeAlias = Literal["997", "999"]

GUIDE_OF_999 = "005010X231A1"  # GS08 and ST03 of a 999

_USUAL_VERSION = "004010"  # where neither GS08 nor ISA12 can be read
_SHORTEST_CONTROL, _LONGEST_CONTROL = 4, 9  # 329


def subjects(interchange: Interchange) -> list[Group]:
    """The groups that are to be answered: acknowledgements never are, whatever group they stand in."""
    return [g for g in interchange.groups if g.functional_id != "FA" and not _acknowledges(g)]


def _acknowledges(group: Group) -> bool:
    return bool(group.messages) and all(message.type in ("997", "999") for message in group.messages)


def known_version(group: Group) -> bool:
    """Whether there is a dictionary with transaction sets for what GS08 says."""
    try:
        return bool(x12(at(group.header, 8)).messages())
    except NotInDirectory:
        return False


def answer_version(group: Group, interchange: Interchange, set_id: SetId) -> tuple[SetId, str]:
    """What answers a group, and in which version (GS08). A 999 answers 005010 and later, in the version of its guide.

    A 997 has the version that it answers, industry suffix included. If that has no 997 here (007010, or one that is
    not known), it has the newest version before it that has one, or the oldest of all. A GS08 that can't be read is
    taken for the version that belongs to ISA12."""
    given = at(group.header, 8)
    if not (is_number(given[:6]) and 6 <= len(given) <= 12):
        given = f"{interchange.syntax}0" if is_number(interchange.syntax) else _USUAL_VERSION
    if set_id == "999" and given >= "005010":
        return "999", GUIDE_OF_999
    if _has_997(given):
        return "997", given
    known = [version for version in versions("x12") if is_number(version) and _has_997(version)]
    earlier = [version for version in known if version <= given[:6]]
    return "997", earlier[-1] if earlier else known[0]


def _has_997(version: str) -> bool:
    try:
        return "997" in x12(version).messages()
    except NotInDirectory:
        return False


def answerable(group: Group) -> bool:
    """Whether AK1 can name the group: GS01 is in its code list, GS06 has one to nine digits. If not, no 997 can answer
    it, and TA1 024 is all that can be said."""
    control = at(group.header, 6)
    return _is_code("479", at(group.header, 1), 2) and is_number(control) and len(control) <= 9


def set_names(group: Group) -> list[tuple[str, str] | None]:
    """How AK2 names each set of a group (AK201, AK202); None for one that it can't name. A group that holds one such is
    rejected whole (716 = 5), as its sender could not tell which set is meant.

    AK202 has four characters at least. A shorter number is given zeros in front, with which it is the same number,
    unless another set of the group has just that."""
    sent = [at(message.segments[0], 2) for message in group.messages]
    return [_set_name(message, control, sent) for message, control in zip(group.messages, sent, strict=True)]


def _set_name(message: Message, control: str, all_sent: Sequence[str]) -> tuple[str, str] | None:
    type = at(message.segments[0], 1)
    if not (_is_code("143", type, 3) or message.tree is not None):
        return None
    if not control or len(control) > _LONGEST_CONTROL or not (control.isascii() and control.isprintable()):
        return None
    if len(control) >= _SHORTEST_CONTROL:
        return type, control
    padded = control.zfill(_SHORTEST_CONTROL)
    same = {other for other in all_sent if is_number(other) and other.zfill(_SHORTEST_CONTROL) == padded}
    return (type, padded) if same == {control} else None


def _is_code(element: str, code: str, length: int) -> bool:
    """Whether a code is in the list of a data element, as far as the lists are installed."""
    if re.fullmatch(f"[A-Z0-9]{{{length}}}", code) is None:
        return False
    known = _lists().codes(element)
    return known is None or code in known


def _lists() -> Directory:
    """The lists of functional identifiers and transaction sets are the same in all versions."""
    return x12(_USUAL_VERSION)
