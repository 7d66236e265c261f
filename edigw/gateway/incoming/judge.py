"""What is to be done with each message of a received file: decided from its content and the configuration alone."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TypeAlias

from edigw import acknowledge
from edigw.directory.guides import apply as apply_guides
from edigw.directory.options import ValidationOptions
from edigw.gateway.outgoing.dispatch import Dispatch
from edigw.gateway.outgoing.translate import Held, Understood, understand
from edigw.partners.config import Config
from edigw.partners.routing import Facts, listed, route_of
from edigw.partners.tables.partner import Partner
from edigw.partners.tables.routes import Route
from edigw.syntax.findings import Finding
from edigw.syntax.model import Group, Interchange, Message, ParsedFile


@dataclass(slots=True)
class JudgedMessage:
    """A message, what it says, and what becomes of it: accepted, rejected or held. It goes to the receivers of
    `dispatches`, and is held as long as it is for one of them."""

    message: Message
    state: str
    reason: str = ""
    text: str = ""  # why it is held and what to do
    approval: str = ""  # what a release is bound to that lets it go although its reason still stands
    understood: Understood | None = None
    receiver: str = ""  # the code of the partner that it goes to, copies aside
    route: str = ""  # the name of the rule that decided so; "" if none did
    dispatches: list[Dispatch] = field(default_factory=list)

    def end(self, state: str, reason: str) -> None:
        """Let it go nowhere."""
        self.state, self.reason, self.dispatches = state, reason, []

    def hold(self, reason: str, text: str, approval: str = "") -> None:
        """Let it wait for a person."""
        self.end("held", reason)
        self.text, self.approval = text, approval


@dataclass(slots=True)
class JudgedInterchange:
    """An interchange of the file. `state` is what the sender is told: accepted, partly_accepted, rejected or held (then
    it is told nothing yet)."""

    interchange: Interchange
    position: int  # from 1 in the file
    digest: str  # SHA-256 of its bytes, in hex
    sender: Partner | None
    receiver: Partner | None
    state: str = "accepted"
    reason: str = ""
    messages: list[JudgedMessage] = field(default_factory=list)
    acknowledgement: bool = False  # it only acknowledges what we sent
    repeats: bool = False  # it stands in the file before, byte for byte
    entitled: bool = False  # whether whoever sent the file may send in the name of `sender`
    judgeable: bool = False  # whether its envelope lets its messages be judged one by one
    _groups: dict[int, Group] = field(init=False)

    def __post_init__(self) -> None:
        self._groups = {id(m): g for g in self.interchange.groups for m in g.messages}

    @property
    def positions(self) -> range:
        """Of its messages, from 1."""
        return range(1, len(self.messages) + 1)

    def group_of(self, message: Message) -> Group | None:
        """The functional group in which a message stands; None if there are no groups."""
        return self._groups.get(id(message))

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
            judged.end("rejected", finding.code)

    def hold(self, reason: str, text: str) -> None:
        """Hold it whole."""
        self.state, self.reason = "held", reason
        for judged in self.messages:
            judged.hold(reason, text)


Place: TypeAlias = tuple[int, int]  # of a message in a file: interchange, and position in it, from 1
# Approvals (`Weighed.approval`, `JudgedMessage.approval`) that an admin gave.
Released: TypeAlias = Mapping[Place, Collection[str]]


def check_guides(config: Config, login: Partner, parsed: ParsedFile, options: ValidationOptions) -> None:
    """Hold every interchange of a file that `login` sent against the guides that are agreed for its parties."""
    for interchange in parsed.interchanges:
        check_guides_of(config, login, interchange, interchange.messages, options)


def check_guides_of(
    config: Config,
    login: Partner,
    interchange: Interchange,
    messages: Sequence[Message],
    options: ValidationOptions,
) -> None:
    """The same for some messages of an interchange."""
    sender, _ = _parties(config, interchange)
    if guides := (sender or login).loaded_guides:
        apply_guides(ParsedFile([replace(interchange, messages=list(messages))]), guides, options)


def judge(
    config: Config,
    login: Partner,
    data: bytes,
    parsed: ParsedFile,
    released: Released = MappingProxyType({}),
    *,
    dispatching: bool = True,
) -> list[JudgedInterchange]:
    """Judge every interchange of a file that `login` sent. Findings about its envelopes, and about what is accepted
    only together, are added to them. Without `dispatching`, it is only decided what is accepted: `dispatch` decides
    where that goes, and `conclude` is told when it has done so for all of an interchange."""
    judged = [_interchange(config, login, data, i, n) for n, i in enumerate(parsed.interchanges, 1)]
    for each in judged if dispatching else ():
        dispatch(config, login, each, each.positions, released)
        conclude(each)
    seen: set[str] = set()
    for each in judged:
        each.repeats = each.digest in seen
        seen.add(each.digest)
    if login.reading.accept != "message":
        _bind(judged, login.reading.accept, broken=any(finding.severity == "error" for finding in parsed.findings))
    return judged


def _bind(judged: list[JudgedInterchange], accept: str, broken: bool) -> None:
    """Reject all messages of an interchange, or of the file, if something in it is rejected and all or none are to be
    accepted; hold them if something can't be judged yet. `broken`: the file has an error outside of interchanges.
    Acknowledgements stand for themselves."""
    for together in [judged] if accept == "file" else [[each] for each in judged]:
        business = [
            one for each in together for one in each.messages if not acknowledge.is_acknowledgement(one.message)
        ]
        rejected = any(one.state == "rejected" for one in business) or any(
            each.state == "rejected" for each in together
        )
        if not rejected and not (broken and accept == "file"):
            if any(one.reason == "unknown_type" for one in business):
                _hold_with_unknown(together, business, accept)
            continue
        text = f"the {accept} is accepted as a whole or not at all, and something else in it is rejected"
        for one in business:
            if one.state != "rejected":
                one.message.findings.append(Finding("all_or_nothing", text, offset=one.message.start))
                one.end("rejected", "all_or_nothing")
        for each in together:
            each.sum_up()


def _hold_with_unknown(together: list[JudgedInterchange], business: list[JudgedMessage], accept: str) -> None:
    for one in business:
        if one.reason != "unknown_type":
            one.hold("all_or_nothing", f"the {accept} is accepted as a whole, and has a message of an unknown type")
    for each in together:
        each.state, each.reason = "held", "unknown_type"


def dispatch(
    config: Config,
    login: Partner,
    judged: JudgedInterchange,
    positions: Iterable[int],
    released: Released = MappingProxyType({}),
) -> None:
    """Read the messages at these positions (from 1) of an interchange, and decide where those go that are accepted."""
    sender = judged.sender
    for number in positions:
        each = judged.messages[number - 1]
        if each.state == "accepted" and sender is not None and not acknowledge.is_acknowledgement(each.message):
            each.understood = _understood(config, each.message, sender)
            _send(config, judged, each, sender, released.get((judged.position, number), ()))
        if each.state == "held" and each.understood is None:
            each.understood = _understood(config, each.message, sender or login)


def conclude(judged: JudgedInterchange) -> None:
    """Decide what becomes of an interchange of which nothing has found a receiver."""
    sender = judged.sender
    lost = judged.receiver is None and not judged.acknowledgement and not any(each.receiver for each in judged.messages)
    if lost and sender is not None and judged.judgeable:
        _unknown_receiver(judged, sender)


def _interchange(
    config: Config, login: Partner, data: bytes, interchange: Interchange, position: int
) -> JudgedInterchange:
    sender, receiver = _parties(config, interchange)
    judged = JudgedInterchange(
        interchange=interchange,
        position=position,
        digest=hashlib.sha256(data[interchange.start : interchange.end]).hexdigest(),
        sender=sender,
        receiver=receiver,
        acknowledgement=acknowledge.is_acknowledgement(interchange),
        entitled=sender is not None and sender.code in (login.code, *login.sends_for),
    )
    judged.messages = [JudgedMessage(message, "rejected") for message in interchange.messages]
    if not interchange.accepted:
        judged.state = "rejected"
        judged.reason = next(f.code for f in interchange.findings if f.severity == "error")
    elif sender is None:
        _unknown_sender(judged, login)
    elif not judged.entitled:
        text = f"the login of {login.code} may not send for {interchange.sender}"
        judged.reject(Finding("sender_not_entitled", text, value=str(interchange.sender)))
    elif not sender.active:
        judged.hold("partner_inactive", f"partner {sender.code} is not active: say active = true in its file")
    elif interchange.test and sender.test == "reject":
        judged.reject(Finding("test_not_accepted", f"{sender.code} has not agreed to send test interchanges"))
    else:
        judged.judgeable = True
        _messages(judged, sender)
    return judged


def _unknown_sender(judged: JudgedInterchange, login: Partner) -> None:
    sender = judged.interchange.sender
    if login.unknown.sender == "reject":
        judged.reject(Finding("unknown_sender", f"the sender {sender} is not known here", value=str(sender)))
    else:
        text = (
            f"no partner has the identifier {sender}: add it to the file of {login.code}, or of one that it sends for"
        )
        judged.hold("unknown_sender", text)


def _unknown_receiver(judged: JudgedInterchange, sender: Partner) -> None:
    """Nothing of the interchange has found a receiver."""
    receiver = judged.interchange.receiver
    if sender.unknown.receiver == "reject":
        judged.reject(Finding("unknown_receiver", f"the receiver {receiver} is not known here", value=str(receiver)))
    elif any(each.reason == "unknown_receiver" for each in judged.messages):
        judged.state, judged.reason = "held", "unknown_receiver"


def _parties(config: Config, interchange: Interchange) -> tuple[Partner | None, Partner | None]:
    """Sender and receiver by the envelope, with what is agreed between them."""
    sender = config.by_identifier(interchange.standard, interchange.sender)
    receiver = config.by_identifier(interchange.standard, interchange.receiver)
    return (sender, receiver) if sender is None or receiver is None else config.between(sender, receiver)


def _messages(judged: JudgedInterchange, sender: Partner) -> None:
    """Decide message by message. What the acknowledgement does not accept goes no further."""
    accepted = {id(message) for message in acknowledge.accepted_messages(judged.interchange)}
    for each in judged.messages:
        if acknowledge.is_acknowledgement(each.message):
            each.state = "accepted"  # it is read as far as it can be, never answered and never passed on
        elif sender.unknown.type == "hold" and _of_unknown_type(each.message):
            _hold_unknown_type(judged, each)
        elif id(each.message) not in accepted:
            errors = (f.code for f in each.message.findings if f.severity == "error")
            each.reason = next(errors, "group_rejected")
        elif not _agreed(each.message, sender):
            text = (
                f"{sender.code} has not agreed to send {each.message.type} {each.message.version}: add it to [[sends]]"
            )
            each.hold("type_not_agreed", text)
        else:
            each.state = "accepted"
    if judged.state == "accepted":
        judged.sum_up()


def _of_unknown_type(message: Message) -> bool:
    return {f.code for f in message.findings if f.severity == "error"} == {"message_not_supported"}


def _hold_unknown_type(judged: JudgedInterchange, each: JudgedMessage) -> None:
    """Whether the message is right can't be told yet, so the interchange is not answered yet."""
    message = each.message
    each.hold("unknown_type", f"no directory has {message.type} {message.version}: add one of your own, then reprocess")
    message.findings = [replace(f, severity="warning") for f in message.findings]
    judged.state, judged.reason = "held", "unknown_type"


def _agreed(message: Message, sender: Partner) -> bool:
    fitting = (s for s in sender.sends if s.message == message.type and fnmatchcase(message.version, s.version))
    return not sender.sends or next(fitting, None) is not None


def _understood(config: Config, message: Message, sender: Partner) -> Understood | None:
    """What a message says, whatever becomes of it; None if it can't be read."""
    try:
        return understand(config, message, sender) if message.valid else None
    except Held:
        return None


def _send(
    config: Config, judged: JudgedInterchange, each: JudgedMessage, sender: Partner, released: Collection[str]
) -> None:
    """Decide where a good message goes, and in which form."""
    route = route_of(config.routes, _facts(judged, each, sender))
    each.route = route.name if route else ""
    each.receiver = (route.to if route else None) or (judged.receiver.code if judged.receiver else "")
    for reason, text in _reservations(judged, sender, route):
        approval = hashlib.sha256(f"{reason}: {text}".encode()).hexdigest()
        if approval not in released:
            each.hold(reason, text, approval)
            return
    each.state = "accepted"
    if route is None or not route.only_check:
        if not each.receiver:
            each.hold("unknown_receiver", _add_identifier(judged.interchange))
            return
        each.dispatches.append(Dispatch(*config.between(config.partners[sender.code], config.partners[each.receiver])))
    for code in listed(route.copy_to) if route else ():
        if code != each.receiver:
            pair = config.between(config.partners[sender.code], config.partners[code])
            each.dispatches.append(Dispatch(*pair, copy=True))
    for dispatch in each.dispatches:
        known = each.understood if dispatch.sender is judged.sender else None
        dispatch.prepare(config, each.message, known, released, test=judged.interchange.test)
        if dispatch.reason and each.state == "accepted":
            each.state, each.reason, each.text = "held", dispatch.reason, dispatch.text


def _reservations(judged: JudgedInterchange, sender: Partner, route: Route | None) -> Iterator[tuple[str, str]]:
    """Why a good message goes nowhere before somebody releases it, as a code and in words."""
    if judged.interchange.test and sender.test == "hold":
        yield "test_held", f"tests of {sender.code} wait to be released one by one, as is agreed"
    if route is not None and route.hold is not None:
        yield "held_by_route", f'the rule "{route.name}" of routes.toml says: {route.hold}'


def _add_identifier(interchange: Interchange) -> str:
    return f"no partner has the identifier {interchange.receiver}: add it to a partner file"


def _facts(judged: JudgedInterchange, each: JudgedMessage, sender: Partner) -> Facts:
    group = judged.group_of(each.message)
    return Facts(
        sender=sender.code,
        receiver=judged.receiver.code if judged.receiver else "",
        receiver_id=str(judged.interchange.receiver),
        group_receiver=group.receiver if group else "",
        standard=each.message.standard,
        message=each.message.type,
        version=each.message.version,
        document=each.understood.name if each.understood else "",
        test=judged.interchange.test,
    )
