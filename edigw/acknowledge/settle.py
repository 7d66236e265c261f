"""Settling: what verdicts mean for every message that was sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edigw.acknowledge.values import number_key
from edigw.acknowledge.verdict import AckCode, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message of a sent interchange, by what an acknowledgement can name it with. `group_control` is ""
    where no groups were used, `functional_id` (GS01) is "" in EDIFACT."""

    type: str
    control: str
    group_control: str = ""
    functional_id: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the verdicts say about one sent message: the outcome, None while nothing is said about it, and
    the codes of the verdict that decided."""

    message: SentMessage
    outcome: Outcome | None = None
    codes: tuple[AckCode, ...] = ()


def settle(
    sent: Sequence[SentMessage], verdicts: Iterable[Verdict], *, interchange_control: str = ""
) -> list[Settlement]:
    """Apply verdicts, in the order in which they arrived, to the messages of one sent interchange; one
    result for each of `sent`, in its order. Verdicts that state another interchange than
    `interchange_control` are left out.

    A rejected interchange or group rejects all in it. Otherwise a message has the outcome of its own
    verdict; one that is not named has that of its group or else of its interchange, if these accept (UCI 7,
    AK9 A, E and P) and the messages that they reject are all found among those sent: a rejection that fits
    none of them leaves the others "received", as does a receipt (CONTRL 8, TA1 A and E). At each level the
    latest verdict counts, a receipt only if there is nothing else. References are compared as sent and,
    failing that, without leading zeros.
    """
    judged = _Judged(sent, [v for v in verdicts if _about(v, interchange_control)])
    return [judged.settlement(i) for i in range(len(sent))]


class _Judged:
    """The verdicts on one sent interchange, found by what they are about."""

    def __init__(self, sent: Sequence[SentMessage], verdicts: list[Verdict]) -> None:
        self._sent = sent
        self._received = any(v.outcome == "received" for v in verdicts)
        firm = [v for v in verdicts if v.outcome != "received"]
        self._interchange = next((v for v in reversed(firm) if v.level == "interchange"), None)
        self._groups: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in firm:
            if verdict.level == "group":
                self._groups[number_key(verdict.group_control)].append(verdict)
        self._own: dict[int, Verdict] = {}
        self._strays: list[Verdict] = []  # rejections of what was not sent
        self._match([v for v in firm if v.level == "message"])
        self._rejected = [m for i, m in enumerate(sent) if i in self._own and self._own[i].outcome == "rejected"]
        self._complete: dict[Verdict, bool] = {}

    def settlement(self, index: int) -> Settlement:
        message = self._sent[index]
        groups = self._groups.get(number_key(message.group_control), ())
        group = next((v for v in reversed(groups) if _in_group(message, v)), None)
        for verdict in (group, self._interchange):
            if verdict and verdict.outcome == "rejected":
                return Settlement(message, "rejected", verdict.codes)
        if own := self._own.get(index):
            return Settlement(message, own.outcome, own.codes)
        verdict = group or self._interchange
        if verdict and self._is_complete(verdict):
            return Settlement(message, "accepted" if verdict.outcome == "partly_accepted" else verdict.outcome)
        return Settlement(message, "received" if verdict or self._received else None)

    def _is_complete(self, verdict: Verdict) -> bool:
        """Whether all that `verdict`, of a group or interchange, rejects is known by name."""
        if verdict not in self._complete:
            self._complete[verdict] = self._accounts_for_rejections(verdict)
        return self._complete[verdict]

    def _accounts_for_rejections(self, verdict: Verdict) -> bool:
        if any(_within(stray, verdict) for stray in self._strays):
            return False
        if verdict.counts:
            rejected = sum(_in_group(m, verdict) for m in self._rejected)
            return rejected >= verdict.counts.received - verdict.counts.accepted
        if verdict.outcome != "partly_accepted":
            return True
        rejections = (
            self._rejected if verdict.level == "interchange" else [m for m in self._rejected if _in_group(m, verdict)]
        )
        groups = (v for found in self._groups.values() for v in found)
        return bool(rejections) or any(v.outcome == "rejected" and _within(v, verdict) for v in groups)

    def _match(self, verdicts: list[Verdict]) -> None:
        """Find the messages that verdicts name; a reference that was sent exactly so stands for no other."""
        exact: dict[str, list[int]] = defaultdict(list)
        loose: dict[str, list[int]] = defaultdict(list)
        for i, message in enumerate(self._sent):
            exact[message.control].append(i)
            loose[number_key(message.control)].append(i)
        for verdict in verdicts:
            candidates = (
                exact.get(verdict.message_control, ()),
                loose.get(number_key(verdict.message_control), ()),
            )
            found = [[i for i in some if _names(self._sent[i], verdict)] for some in candidates]
            named = found[0] or found[1]
            self._own.update(dict.fromkeys(named, verdict))
            if verdict.outcome == "rejected" and not named:
                self._strays.append(verdict)


def _within(inner: Verdict, outer: Verdict) -> bool:
    """Whether `inner` belongs to the group or interchange that `outer` judges."""
    if inner.interchange_control != outer.interchange_control:
        return False
    return outer.level == "interchange" or (
        inner.group_control == outer.group_control and inner.functional_id == outer.functional_id
    )


def _names(message: SentMessage, verdict: Verdict) -> bool:
    if verdict.message_type and message.type and verdict.message_type != message.type:
        return False
    return not verdict.group_control or _in_group(message, verdict)


def _in_group(message: SentMessage, verdict: Verdict) -> bool:
    if verdict.functional_id and message.functional_id and verdict.functional_id != message.functional_id:
        return False
    return number_key(message.group_control) == number_key(verdict.group_control)


def _about(verdict: Verdict, interchange_control: str) -> bool:
    stated = verdict.interchange_control
    return not (interchange_control and stated) or number_key(stated) == number_key(interchange_control)
