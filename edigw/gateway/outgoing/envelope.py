"""Putting a message into an interchange for its receiver: identifiers, character set, delimiters, control numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edigw import directory, syntax
from edigw.directory import Directory
from edigw.gateway.outgoing.fit import fit
from edigw.gateway.outgoing.numbers import Numbers
from edigw.mapping import Loss
from edigw.partners.config import Config
from edigw.partners.tables.partner import Partner
from edigw.partners.tables.writing import EdifactWriting
from edigw.syntax import EdifactEnvelope, MessageBody, ReadOptions, X12Envelope, X12Group
from edigw.syntax.charset import declared
from edigw.syntax.model import Delimiters, Segment, Standard

_X12_CODECS = {"ascii-fold": "ascii", "latin-1": "latin-1", "utf-8": "utf-8"}


@dataclass(frozen=True, slots=True)
class Content:
    """A message to be put into an interchange, and GS01 of its group ("" in EDIFACT)."""

    body: MessageBody
    group_id: str


class Envelope:
    """How interchanges of one standard go from one partner to another, by the receiver's agreement.

    Raises LookupError if one of them has no identifier in that standard."""

    def __init__(self, config: Config, standard: Standard, sender: Partner, receiver: Partner) -> None:
        self._config = config
        self.standard = standard
        self._sender = sender
        self._receiver = receiver
        self._from = config.identifier_for(sender, standard)
        self._to = config.identifier_for(receiver, standard)

    def fit(self, body: Sequence[Segment], version: str) -> tuple[list[Segment], list[Loss]]:
        """The body in characters that the receiver can take, and what that changed."""
        if self.standard == "edifact":
            charset = declared(self._receiver.edifact.character_set)
            codec = charset.codec if charset else "ascii"
            if charset is None or charset.multibyte:
                return fit(body, lambda text: _encodes(text, codec), "\r\n", _no_limit)
            return fit(body, frozenset(charset.allowed.decode(codec)).issuperset, "\r\n", _no_limit)
        codec = _X12_CODECS[self._receiver.x12.characters]
        known = directory.x12(version)
        forbidden = self._delimiters(version).all() + "\r\n"
        return fit(body, lambda text: _encodes(text, codec), forbidden, lambda tag, n: _longest(known, tag, n))

    def marked(self, test: bool) -> bool:
        """Whether an interchange is marked as a test, which came as one if `test`."""
        return test or (self.standard == "x12" and self._receiver.x12.usage == "T")

    def kind(self, content: Content) -> tuple[str, str]:
        """Equal for messages that can go into one interchange."""
        return self.standard, _isa_version(content.body.version) if self.standard == "x12" else ""

    def numbers(self, contents: Sequence[Content]) -> int:
        """How many control numbers an interchange takes: its own, which is that of its first group too, and one for
        each further group."""
        return len(self._groups(contents)) if self.standard == "x12" else 1

    def _groups(self, contents: Sequence[Content]) -> list[list[Content]]:
        """The functional groups of X12: what has one type and version, or each message alone where that is agreed."""
        groups: dict[tuple[object, ...], list[Content]] = {}
        for number, content in enumerate(contents):
            alone = number if self._receiver.x12.message_per_group else None
            groups.setdefault((content.group_id, content.body.version, alone), []).append(content)
        return list(groups.values())

    def wrap(self, contents: Sequence[Content], numbers: Sequence[int], *, test: bool, now: datetime) -> bytes:
        """The interchange with these messages, of one `kind`. It takes as many control numbers as `numbers` says. The
        messages stand in it group by group. Raises syntax.WriteError if the receiver's agreement can't express them."""
        receiver = self._receiver
        wants_ack = any(receiver.acknowledgements.requested_for(content.body.type) for content in contents)
        if self.standard == "edifact":
            edifact = receiver.edifact
            return syntax.write_edifact(
                EdifactEnvelope(
                    sender=self._from,
                    receiver=self._to,
                    control=f"{edifact.number_prefix}{numbers[0]}",
                    prepared=now,
                    syntax=edifact.character_set,
                    version=edifact.syntax_version,
                    ack_request="1" if wants_ack else "",
                    test=test,
                ),
                [content.body for content in contents],
                _service_characters(edifact),
                una=edifact.una,
                newline=edifact.newline,
            )
        x12 = receiver.x12
        envelope = X12Envelope(
            sender=self._from,
            receiver=self._to,
            control=str(numbers[0]),
            prepared=now,
            version=_isa_version(contents[0].body.version),
            ack_request=receiver.acknowledgements.request_ta1,
            usage="T" if self.marked(test) else "P",
            charset=_X12_CODECS[x12.characters],
        )
        groups = [
            X12Group(
                functional_id=group[0].group_id,
                sender=self._config.group_code_for(self._sender),
                receiver=self._config.group_code_for(receiver),
                control=str(number),
                version=group[0].body.version + x12.suffix,
                messages=[content.body for content in group],
            )
            for group, number in zip(self._groups(contents), numbers, strict=True)
        ]
        return syntax.write_x12(envelope, groups, self._delimiters(contents[0].body.version), newline=x12.newline)

    def read_options(self) -> ReadOptions:
        """How the receiver, who knows the agreement, reads what is written for it."""
        return ReadOptions(x12_charset=_X12_CODECS[self._receiver.x12.characters])

    def next_number(self, numbers: Numbers) -> int:
        """The next control number of this pair and standard."""
        agreed = self._receiver.edifact if self.standard == "edifact" else self._receiver.x12
        return numbers.take(self.standard, "interchange", str(self._from), str(self._to), agreed.numbers)

    def _delimiters(self, version: str) -> Delimiters:
        x12 = self._receiver.x12
        repetition = x12.repetition if _isa_version(version) >= "00402" else ""
        return Delimiters(
            element=x12.element, component=x12.component, terminator=x12.terminator, repetition=repetition
        )


def _service_characters(edifact: EdifactWriting) -> Delimiters:
    return Delimiters(
        element=edifact.element,
        component=edifact.component,
        terminator=edifact.terminator,
        release=edifact.release,
        repetition=edifact.repetition if edifact.syntax_version == 4 else "",
    )


def _isa_version(version: str) -> str:
    """ISA12 for a version of the directory: 004010 is 00401 (X12 I11)."""
    return version[:5]


def _encodes(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _no_limit(tag: str, element: int) -> None:
    return None


def _longest(known: Directory, tag: str, element: int) -> int | None:
    """The greatest length of a simple element; None for others."""
    elements = known.segment(tag).elements
    if element > len(elements):
        return None
    spec = elements[element - 1].element
    return spec.max if spec else None
