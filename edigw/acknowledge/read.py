"""Reading acknowledgements: what a received CONTRL, TA1, 997 or 999 says about what was sent."""

from __future__ import annotations

from edigw.acknowledge.read_contrl import contrl_verdicts
from edigw.acknowledge.read_x12 import set_verdicts, ta1_verdict
from edigw.acknowledge.verdict import Verdict
from edigw.syntax.model import Interchange, Message

_TYPES = {"edifact": frozenset({"CONTRL"}), "x12": frozenset({"997", "999"})}


def is_acknowledgement(item: Interchange | Message) -> bool:
    """Whether a message is a CONTRL, 997 or 999; whether an interchange holds nothing but these, TA1 and
    TA3. Such an interchange is never answered."""
    if isinstance(item, Message):
        return item.type in _TYPES[item.standard]
    return bool(item.messages or item.loose) and all(is_acknowledgement(m) for m in item.messages)


def read_acknowledgement(interchange: Interchange) -> list[Verdict]:
    """What the acknowledgements in a parsed interchange say, in their order; other messages in it are
    passed over.

    Each CONTRL gives its interchange's verdict and then those of the groups and messages that it names,
    each 997 or 999 its group's verdict and then those of the sets, each TA1 that of an interchange, even if it stands
    behind the groups, where some senders put it.
    Messages need not be structured (`Message.tree`) nor valid: a report whose action code is missing or
    unknown settles nothing and gives no verdict, which validation has found as well.
    """
    if interchange.standard == "edifact":
        return [v for m in interchange.messages if is_acknowledgement(m) for v in contrl_verdicts(m)]
    verdicts = [ta1_verdict(s, interchange) for s in (*interchange.loose, *interchange.outside) if s[0] == "TA1"]
    return [v for v in verdicts if v] + [
        v for m in interchange.messages if is_acknowledgement(m) for v in set_verdicts(m, interchange)
    ]
