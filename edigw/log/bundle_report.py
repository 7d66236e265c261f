"""The words for people that lie in an evidence bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edigw.log.entry import Entry

README = """\
Evidence bundle

This file proves what an EDI gateway recorded about some exchanges of files between trading partners: what was
received, from whom, when, which bytes, what they became, and who fetched them. It can be checked without the gateway
and without a network.

    report.html     the story in plain words, to be read in a browser or printed; report.pdf is the same page, and
                    report.txt the same as text (for reading: none of them proves anything by itself)
    entries/        the records of the gateway's log, each with the proof that it is in the log
    objects/        the bytes that the records are about: files as sent and as delivered, details
    checkpoint      the state of the log, signed by it
    *.tsr           when timestamping authorities saw that state, if they were asked
    cosignatures    when witnesses saw it, if there are any
    before/         an earlier signed state of the log, which had none of these records yet
    verify.py       checks everything; needs Python 3.9 or newer and nothing else
    verify.sh       checks most of it with openssl and the usual tools; says what it skips
    rules/          what was agreed and the bindings that translated, under the hashes by which the records name them
    keys/           changes of the log's key, where there were any
    trust/          the public key of the log, and SSH keys of partners that signed: for convenience only

To check it, get the log's public key from your agreement with the operator of the gateway, then run

    python3 verify.py --key 'NAME+ID+KEY' BUNDLE

and add --witness 'NAME+ID+KEY' for each witness and --tsa-ca FILE for each authority that you trust. Signatures of the
partners are checked with --allowed-signers FILE, which holds their SSH keys as they stand in your agreements.

With the key from trust/ the check shows only that the bundle is consistent in itself.
"""

WORDS = {
    "submission.accepted": "the gateway took in a file",
    "submission.signed": "the sender had signed the file",
    "submission.opened": "the gateway opened the OpenPGP message, or unpacked the archive, that came",
    "submission.rejected": "the gateway refused a file",
    "relay.accepted": "the next system took the file over",
    "relay.rejected": "the next system refused the file",
    "relay.failed": "the next system could not be reached",
    "validation.passed": "the content was found valid",
    "validation.failed": "the content was found invalid",
    "translation.completed": "the content was translated",
    "translation.failed": "the content could not be translated",
    "mailbox.deposited": "a file was laid into the recipient's mailbox",
    "mailbox.failed": "a file in the mailbox could not be handed out",
    "mailbox.read": "a partner read its own upload again, or a receipt or report",
    "mailbox.removed": "a file was removed from the mailbox",
    "notification.sent": "a receipt or a report was laid into the partner's mailbox",
    "retrieval.completed": "the recipient fetched the file",
    "delivery.completed": "the file was delivered to the recipient's server",
    "delivery.failed": "the file could not be delivered",
    "ack.received": "the recipient said that it has received it",
    "ack.positive": "the recipient acknowledged it",
    "ack.negative": "the recipient rejected it",
    "ack.signed": "a partner signed the receipt that it was given",
    "ack.queued": "an acknowledgement was queued for delivery",
    "ack.overdue": "an acknowledgement that was asked for has not come in the agreed time",
    "ack.unmatched": "an acknowledgement came that answers nothing that was sent",
    "exchange.expired": "no acknowledgement came in time",
    "exchange.closed": "the exchange was closed",
    "object.erased": "content was erased",
    "evidence.exported": "evidence was exported",
    "partner.changed": "the configuration of a partner was changed",
    "admin.action": "somebody acted at the gateway",
    "map.published": "bindings or the translation engine changed",
    "log.opened": "a process of the gateway began",
    "log.closed": "a process of the gateway ended",
    "log.recovered": "the log carries on a lost one",
    "log.key": "the log was given a new key",
    "log.anchored": "others attested the state of the log",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the report tells it: its number in the bundle, its place in the log, what may be shown of it."""

    number: int
    index: int
    entry: Entry
    detail: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # SHA-256 by commitment


def report(origin: str, created: str, lines: Sequence[Line]) -> str:
    """The story in plain words."""
    xids = list(dict.fromkeys(line.entry.xid for line in lines))
    letters = {xid: f"exchange {number}" for number, xid in enumerate(xids, 1)}
    text = [
        f"What the log {origin} recorded, exported {created}.",
        "Times are those of the gateway's clock, UTC.",
        "",
        *(f"{letters[xid]}: {xid}" for xid in xids),
    ]
    for line in lines:
        text += ["", *_event(line, letters)]
    return "\n".join(text) + "\n"


def _event(line: Line, letters: Mapping[str, str]) -> list[str]:
    entry = line.entry
    when = entry.at.replace("T", " ").removesuffix("Z")
    told = WORDS.get(entry.type, entry.type.replace(".", " ").replace("_", " "))
    text = [f"{line.number:04d}  {when}  {told} ({letters[entry.xid]}, event {entry.n})"]
    between = [f"by {entry.actor.replace(':', ' ')}"]
    between += [f"{word} {value}" for word, value in (("from", entry.sender), ("to", entry.recipient)) if value]
    text.append(f"      {', '.join(between)}")
    if entry.reason:
        text.append(f"      reason: {entry.reason}")
    stated = line.detail.get("transmission")
    if isinstance(stated, Mapping) and "name" in stated:
        way = {"in": "received", "out": "sent"}.get(str(stated.get("direction")), "file")
        text.append(f"      {way}: {plain(stated['name'])}, transmission {plain(stated.get('id', ''))}")
    messages = line.detail.get("messages")
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, Mapping):
            words = (message.get(name) for name in ("type", "version", "number", "sender", "receiver"))
            text.append("      message: {} {}, number {}, from {} to {}".format(*map(plain, words)))
    text += (
        f"      {item.role}: {item.size} bytes, SHA-256 {line.files[item.commit]}"
        for item in entry.objects
        if item.commit in line.files
    )
    text.append(f"      entry {line.index} of the log")
    return text


def plain(value: object) -> str:
    """Text from partners, without line breaks or other control characters."""
    return "".join(character if character.isprintable() else "?" for character in str(value))
