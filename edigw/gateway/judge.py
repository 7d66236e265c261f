"""What is to be done with each message of a received file: decided from its content and the configuration alone."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from edigw import acknowledge
from edigw.directory.guides import apply as apply_guides
from edigw.directory.options import ValidationOptions
from edigw.gateway.losses import Weighed
from edigw.gateway.translate import Held, Outgoing, Understood, translate, understand
from edigw.openpgp.keys import expired
from edigw.partners.config import Config
from edigw.partners.tables.partner import Partner
from edigw.store.clock import utc_now
from edigw.syntax.findings import Finding
from edigw.syntax.model import Interchange, Message, ParsedFile


@dataclass(slots=True)
class JudgedMessage:
    """A message, what it says, and what becomes of it: accepted (`outgoing` goes to the receiver), rejected or held."""

    message: Message
    state: str
    reason: str = ""
    text: str = ""  # why it is held and what to do
    understood: Understood | None = None
    outgoing: Outgoing | None = None
    weighed: Weighed | None = None  # the losses for which it is held


@dataclass(slots=True)
class JudgedInterchange:
    """An interchange of the file. `state` is what the sender is told: accepted, partly_accepted, rejected or held."""

    interchange: Interchange
    position: int  # from 1 in the file
    digest: str  # SHA-256 of its bytes, in hex
    sender: Partner | None
    receiver: Partner | None
    state: str = "accepted"
    reason: str = ""
    messages: list[JudgedMessage] = field(default_factory=list)
    acknowledgement: bool = False  # it only acknowledges what we sent
    _groups: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self._groups = {id(m): g.control for g in self.interchange.groups for m in g.messages}

    def sent_by(self, login: Partner) -> bool:
        """Whether the login is that of the envelope's sender."""
        return self.sender is not None and self.sender.code == login.code

    def group_of(self, message: Message) -> str:
        """The control number of the functional group in which a message stands; "" if there are no groups."""
        return self._groups.get(id(message), "")

    def sum_up(self) -> None:
        """Set the state by what becomes of its messages, if any of them is rejected."""
        rejected = [one for one in self.messages if one.state == "rejected"]
        if rejected:
            self.state = "partly_accepted" if len(rejected) < len(self.messages) else "rejected"
            self.reason = rejected[0].reason

    def reject(self, finding: Finding) -> None:
        """Reject it whole, for a finding about its envelope."""
        self.interchange.findings.append(finding)
        self.state, self.reason = "rejected", finding.code
        for judged in self.messages:
            judged.state, judged.reason, judged.outgoing = "rejected", finding.code, None


Place: TypeAlias = tuple[int, int]  # of a message in a file: interchange, and position in it, from 1
Released: TypeAlias = Mapping[Place, Collection[str]]  # approvals (`Weighed.approval`) that an admin gave


def check_guides(config: Config, login: Partner, parsed: ParsedFile, options: ValidationOptions) -> None:
    """Hold every interchange of a file that `login` sent against the guides that are agreed for its parties."""
    for interchange in parsed.interchanges:
        sender, _ = _parties(config, interchange)
        apply_guides(ParsedFile([interchange]), (sender or login).loaded_guides, options)


def judge(
    config: Config, login: Partner, data: bytes, parsed: ParsedFile, released: Released = MappingProxyType({})
) -> list[JudgedInterchange]:
    """Judge every interchange of a file that `login` sent. Findings about its envelopes, and about what is accepted
    only together, are added to them."""
    judged = [_interchange(config, login, data, i, n, released) for n, i in enumerate(parsed.interchanges, 1)]
    if login.reading.accept != "message":
        _bind(judged, login.reading.accept, broken=any(finding.severity == "error" for finding in parsed.findings))
    return judged


def _bind(judged: list[JudgedInterchange], accept: str, broken: bool) -> None:
    """Reject all messages of an interchange, or of the file, if something in it is rejected and all or none are to be
    accepted; `broken`: the file has an error outside of interchanges. Acknowledgements stand for themselves."""
    for together in [judged] if accept == "file" else [[each] for each in judged]:
        business = [
            one for each in together for one in each.messages if not acknowledge.is_acknowledgement(one.message)
        ]
        rejected = any(one.state == "rejected" for one in business) or any(
            each.state == "rejected" for each in together
        )
        if not rejected and not (broken and accept == "file"):
            continue
        text = f"the {accept} is accepted as a whole or not at all, and something else in it is rejected"
        for one in business:
            if one.state != "rejected":
                one.message.findings.append(Finding("all_or_nothing", text, offset=one.message.start))
                one.state, one.reason, one.outgoing, one.weighed = "rejected", "all_or_nothing", None, None
        for each in together:
            each.sum_up()


def _interchange(
    config: Config, login: Partner, data: bytes, interchange: Interchange, position: int, released: Released
) -> JudgedInterchange:
    sender, receiver = _parties(config, interchange)
    judged = JudgedInterchange(
        interchange=interchange,
        position=position,
        digest=hashlib.sha256(data[interchange.start : interchange.end]).hexdigest(),
        sender=sender,
        receiver=receiver,
        acknowledgement=acknowledge.is_acknowledgement(interchange),
    )
    judged.messages = [JudgedMessage(message, "rejected") for message in interchange.messages]
    if not interchange.accepted:
        judged.state = "rejected"
        judged.reason = next(f.code for f in interchange.findings if f.severity == "error")
    elif sender is None:
        text = f"the sender {interchange.sender} is not known here"
        judged.reject(Finding("unknown_sender", text, value=str(interchange.sender)))
    elif not judged.sent_by(login):
        text = f"the login of {login.code} may not send for {interchange.sender}"
        judged.reject(Finding("sender_not_entitled", text, value=str(interchange.sender)))
    elif interchange.test and not sender.test:
        judged.reject(Finding("test_not_accepted", f"{sender.code} has not agreed to send test interchanges"))
    elif receiver is None and not judged.acknowledgement:
        judged.state, judged.reason = "held", "unknown_receiver"
        for each in judged.messages:
            each.state, each.reason = "held", "unknown_receiver"
            each.understood = _understood(config, each.message, sender) if each.message.valid else None
            each.text = f"no partner has the identifier {interchange.receiver}: add it to a partner file"
    else:
        _messages(config, judged, released)
    return judged


def _parties(config: Config, interchange: Interchange) -> tuple[Partner | None, Partner | None]:
    """Sender and receiver by the envelope, with what is agreed between them."""
    sender = config.by_identifier(interchange.standard, interchange.sender)
    receiver = config.by_identifier(interchange.standard, interchange.receiver)
    return (sender, receiver) if sender is None or receiver is None else config.between(sender, receiver)


def _messages(config: Config, judged: JudgedInterchange, released: Released) -> None:
    """Decide message by message. What the acknowledgement does not accept goes no further."""
    accepted = {id(message) for message in acknowledge.accepted_messages(judged.interchange)}
    for number, each in enumerate(judged.messages, 1):
        if acknowledge.is_acknowledgement(each.message):
            each.state = "accepted"  # it is read as far as it can be, never answered and never passed on
        elif id(each.message) not in accepted:
            errors = (f.code for f in each.message.findings if f.severity == "error")
            each.reason = next(errors, "group_rejected")
        else:
            _route(config, each, judged.sender, judged.receiver, released.get((judged.position, number), ()))
    judged.sum_up()


def _understood(config: Config, message: Message, sender: Partner) -> Understood | None:
    """What a message says that is held anyhow."""
    try:
        return understand(config, message, sender)
    except Held:
        return None


def _check_key(receiver: Partner) -> None:
    """Raises Held if what goes to the receiver is to be encrypted for a key that has expired since the start."""
    for certificate in receiver.certificates if receiver.openpgp.send != "clear" else ():
        if text := expired(certificate, utc_now()):
            raise Held("openpgp_key_expired", f"what {receiver.code} gets is encrypted, but {text}: ask for a new key")


def _route(
    config: Config, each: JudgedMessage, sender: Partner | None, receiver: Partner | None, released: Collection[str]
) -> None:
    if sender is None or receiver is None:
        return
    try:
        each.understood = understand(config, each.message, sender)
        _check_key(receiver)
        each.outgoing = translate(config, each.message, each.understood, sender, receiver, released)
        each.state = "accepted"
    except Held as held:
        each.state, each.reason, each.text, each.weighed = "held", held.code, held.text, held.weighed
