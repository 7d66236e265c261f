"""The story of a bundle as a page to read or to print: what happened, what proves it, and what is not proved.

The page needs nothing from elsewhere, runs nothing, and everything in it that a partner wrote is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

from edigw.log.anchors.records import Anchored
from edigw.log.bundle_report import WORDS, Line, plain
from edigw.log.bundle_rules import Rule
from edigw.log.entry import Entry
from edigw.log.note import Checkpoint, VerifierKey
from edigw.store.clock import stamp

_GOOD = (".accepted", ".passed", ".completed", ".positive")
_BAD = (".rejected", ".failed", ".negative", ".expired", ".unmatched")


@dataclass(frozen=True, slots=True)
class Frame:
    """What a bundle holds beside its entries."""

    subject: str  # what the bundle is about, "order 4711"; may be empty
    created: str
    anchored: Anchored
    before: Anchored | None
    keys: Sequence[VerifierKey]
    withheld: Mapping[str, str]
    erased: Mapping[str, str]
    rules: Sequence[Rule] = ()

    @property
    def checkpoint(self) -> Checkpoint:
        """What all proofs lead to."""
        return Checkpoint.of(self.anchored.note)


def page(frame: Frame, lines: Sequence[Line]) -> str:
    """The page, complete, in UTF-8."""
    title = f"Evidence about {frame.subject or ', '.join(_numbers(lines)[:5]) or 'an exchange of files'}"
    style = files("edigw.log").joinpath("bundle.css").read_text("utf-8")
    body = [
        f"<h1>{_text(title)}</h1>",
        f'<p class="lead">What the log {_code(frame.checkpoint.origin)} recorded, exported {_when(frame.created)}. '
        f"{len(lines)} events, from {_when(lines[0].entry.at)} to {_when(lines[-1].entry.at)}.</p>",
        *_parties(lines),
        *_files(lines),
        *_story(lines),
        *_rules(frame),
        *_proof(frame, lines),
        *_unproved(frame, lines),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{_text(title)}</title><style>\n{style}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


# ---------------------------------------------------------------- who and what


def _parties(lines: Sequence[Line]) -> Iterator[str]:
    """Partner codes with the identifiers under which events name them."""
    known: dict[str, set[str]] = {}
    for line in lines:
        kind, _, code = line.entry.actor.partition(":")
        if kind == "partner":
            own = line.entry.sender if line.entry.type.startswith("submission.") else line.entry.recipient
            known.setdefault(code, set()).update([own] if own else [])
        for message in _messages(line):
            for role in ("sender", "receiver"):
                if message.get(role):
                    known.setdefault(str(message[role]), set())
    if not known:
        return
    yield "<h2>Parties</h2><table><tr><th>Partner</th><th>Identifiers in the log</th></tr>"
    for code, names in sorted(known.items()):
        yield f"<tr><td>{_text(code)}</td><td>{_text(', '.join(sorted(names)) or 'none named')}</td></tr>"
    yield "</table>"


def _files(lines: Sequence[Line]) -> Iterator[str]:
    """Every file that events state, when it came or was written, and its messages."""
    rows = []
    for line in lines:
        stated = line.detail.get("transmission")
        if not isinstance(stated, Mapping) or "name" not in stated:
            continue
        messages = "; ".join(
            plain(" ".join(str(m.get(name, "")) for name in ("type", "version", "number"))).strip()
            for m in _messages(line)
        )
        way = f"{'from' if stated.get('direction') == 'in' else 'for'} {plain(stated.get('partner', ''))}"
        size = f"{plain(stated.get('size', ''))} bytes"
        rows.append(
            f"<tr><td>{_when(line.entry.at)}</td><td>{escape(way)}</td>"
            f"<td>{_text(stated['name'])}<br>{_text(messages)}</td>"
            f"<td>{escape(size)}<br>{_hash(stated.get('sha256', ''))}</td></tr>"
        )
    if rows:
        yield "<h2>Files</h2><table><tr><th>Received or written</th><th>Partner</th><th>File</th>"
        yield "<th>Size, SHA-256</th></tr>"
        yield from rows
        yield "</table>"


def _story(lines: Sequence[Line]) -> Iterator[str]:
    xids = {xid: number for number, xid in enumerate(dict.fromkeys(line.entry.xid for line in lines), 1)}
    yield "<h2>What happened</h2><p>Times are those of the gateway's clock, in UTC. An exchange is the life of one"
    yield "file or of one message in it.</p>"
    yield '<ol class="line">'
    for line in lines:
        entry = line.entry
        mood = "good" if entry.type.endswith(_GOOD) else "bad" if entry.type.endswith(_BAD) else "plain"
        told = WORDS.get(entry.type, entry.type.replace(".", " ").replace("_", " "))
        facts = "".join(f"<li>{fact}</li>" for fact in _facts(line))
        where = f"exchange {xids[entry.xid]}, event {entry.n}; entry {line.index} of the log, entries/{line.number:04d}"
        yield (
            f'<li class="{mood}"><time>{_when(entry.at)}</time><div class="what"><strong>{_text(_upper(told))}</strong>'
            f'<ul class="facts">{facts}<li>{where}</li></ul></div></li>'
        )
    yield "</ol>"


def _facts(line: Line) -> Iterator[str]:
    entry, detail = line.entry, line.detail
    between = [f"by {entry.actor.replace(':', ' ')}"]
    between += [f"{word} {value}" for word, value in (("from", entry.sender), ("to", entry.recipient)) if value]
    yield _text(", ".join(between))
    if entry.reason:
        yield f"reason: {_text(entry.reason)}"
    stated = detail.get("transmission")
    name = stated.get("name") if isinstance(stated, Mapping) else detail.get("file")
    if name:
        yield f"file {_text(name)}"
    session = detail.get("session")
    if isinstance(session, Mapping):
        user, peer = _text(session.get("user", "")), _text(session.get("peer", ""))
        yield f"login {user} with the key {_code(session.get('key', ''))} from {peer}"
    signature = detail.get("signature")
    if isinstance(signature, Mapping):
        by, key = _text(signature.get("principal", "")), _code(signature.get("key", ""))
        yield f"signature {_text(signature.get('file', ''))} of {by}, made with the SSH key {key}"
    message = detail.get("openpgp")
    if isinstance(message, Mapping):
        yield "it was encrypted for the gateway" if message.get("encrypted") else "it was not encrypted"
        for each in message.get("signatures", []):
            verdict = "it holds" if each.get("valid") else f"it does not count ({_text(each.get('reason', ''))})"
            yield f"OpenPGP signature of the key {_code(each.get('key', ''))}: {verdict}"
    remote = detail.get("remote")
    if isinstance(remote, Mapping):
        server = _text(f"{remote.get('host')}:{remote.get('port')}")
        how = f"; {_text(detail['confirmed'])}" if detail.get("confirmed") else ""
        yield f"server {server}, its host key {_code(remote.get('host_key', ''))}{how}"
    bindings = detail.get("bindings")
    if isinstance(bindings, list) and bindings:
        names = ", ".join(f"{b.get('name')} {b.get('version')}" for b in bindings if isinstance(b, Mapping))
        lost = len(detail.get("losses") or [])
        yield f"by the bindings {_text(names)}; " + (
            f"{lost} values not carried one to one" if lost else "nothing lost"
        )
    answered = detail.get("acknowledgement")
    if isinstance(answered, Mapping):
        said = f"with {answered.get('type', '')} in {answered.get('file', '')}: {detail.get('outcome', '')}"
        yield _text(said)
    for key in ("error", "action", "why"):
        if detail.get(key):
            yield f"{key}: {_text(detail[key])}"
    for item in entry.objects:
        if item.commit in line.files:
            yield f"{_text(item.role)}: {item.size} bytes, SHA-256 {_hash(line.files[item.commit])}"


def _rules(frame: Frame) -> Iterator[str]:
    """What was agreed when it happened, and the bindings that translated."""
    if not frame.rules:
        return
    yield "<h2>Which rules applied</h2><p>The events name the rules that they happened under by their hash. What stood"
    yield "in them lies in the folder <code>rules</code>, each under its hash; secrets in it are replaced by ***.</p>"
    yield "<table><tr><th>Rule</th><th>SHA-256</th></tr>"
    for rule in frame.rules:
        where = "" if rule.there else "<br>not in this bundle"
        yield f"<tr><td>{_text(rule.words)}</td><td>{_hash(rule.sha256)}{where}</td></tr>"
    yield "</table>"


# ---------------------------------------------------------------- what it is worth


def _proof(frame: Frame, lines: Sequence[Line]) -> Iterator[str]:
    tree = frame.checkpoint
    yield "<h2>What proves it</h2>"
    yield from _list(
        f"Each of the {len(lines)} events is an entry of the log {_code(tree.origin)}. For each the bundle holds the "
        f"proof that it is one of the first {tree.size} entries, whose root hash is {_hash(tree.root.hex())} "
        "(RFC 6962).",
        "The log has signed that root (file <code>checkpoint</code>). No entry can be changed, removed or put in "
        "between without another root, and so without another signature.",
        "The events of an exchange are chained by their hashes and numbered without gaps: none is missing between two "
        "others.",
        "Files and particulars are bound to the entries by salted SHA-256; the bundle holds them with their salts, so "
        "that anybody can compute the same.",
        *_signed(lines),
        *_attested("That state", "checkpoint", frame.anchored),
        frame.before is not None
        and f"An earlier signed state, of {Checkpoint.of(frame.before.note).size} entries, had none of these events, "
        "and the log has only grown since.",
        *(_attested("The earlier state", "before/checkpoint", frame.before) if frame.before else ()),
    )
    yield "<p>To check all this, without the gateway and without a network, take the log's public key from your"
    yield "agreement with the operator of the gateway, and run</p>"
    stamped = " --tsa-ca AUTHORITY.pem" if frame.anchored.tokens else ""
    seen = " --witness 'NAME+ID+KEY'" if frame.anchored.cosignatures else ""
    signers = " --allowed-signers FILE" if any(_signed(lines)) else ""
    yield f"<pre>python3 verify.py --key 'NAME+ID+KEY'{seen}{stamped}{signers} BUNDLE</pre>"
    yield "<p>The keys that the gateway states for itself (compare them with the agreement):</p>"
    yield "<pre>" + "\n".join(_text(key) for key in frame.keys) + "</pre>"


def _unproved(frame: Frame, lines: Sequence[Line]) -> Iterator[str]:
    entries = [line.entry for line in lines]
    types = {entry.type for entry in entries}
    yield '<h2>What is not proved</h2><div class="not">'
    yield from _list(
        "This page is for reading. It proves nothing; the files beside it do.",
        _times(frame),
        _unsigned(lines),
        _unacknowledged(lines),
        bool(types & {"ack.positive", "ack.negative"})
        and "An acknowledgement shows that the recipient's system answered; it is not signed by the recipient.",
        _open_ends(entries),
        _missing("withheld", frame.withheld),
        _missing("erased from the gateway", frame.erased),
        "The bytes are proved, not that what they say is true: goods may not have been shipped although a despatch "
        "advice says so.",
        not frame.anchored.cosignatures
        and "A log could show different histories to different people. Who has a receipt or another bundle of the same "
        "log can compare: two checkpoints of one size with different roots prove it.",
    )
    yield "</div>"


def _signed(lines: Sequence[Line]) -> Iterator[str]:
    """What partners signed themselves."""
    for line in lines:
        if line.entry.type not in ("submission.signed", "ack.signed"):
            continue
        who = _text(line.entry.actor.partition(":")[2])
        what = "a receipt" if line.entry.type == "ack.signed" else f"the file {_name(line)}"
        signature = line.detail.get("signature", {})
        yield (
            f"{who} signed {what} with the SSH key {_code(signature.get('key', 'that is not shown'))} "
            f"(entries/{line.number:04d}). Who knows from the agreement with {who} that the key is {who}'s need not "
            "take the gateway's word for it."
        )


def _unsigned(lines: Sequence[Line]) -> str:
    """Files of which only the gateway says who handed them in."""
    signed = {line.entry.xid for line in lines for item in line.entry.objects if item.role == "signature.origin"}
    handed_in = [line for line in lines if line.entry.type == "submission.accepted"]
    names = dict.fromkeys(_name(line) for line in handed_in if line.entry.xid not in signed)
    said = "These files came under a login, without a signature of the sender; that it was the sender who logged in is "
    return f"{said}the gateway's word: {', '.join(names)}." if names else ""


def _unacknowledged(lines: Sequence[Line]) -> str:
    """Files of which only the gateway says that they came into the recipient's hands."""
    signed = {line.detail.get("signed", {}).get("event") for line in lines if line.entry.type == "ack.signed"}
    given = [line for line in lines if line.entry.type in ("retrieval.completed", "delivery.completed")]
    names = dict.fromkeys(_name(line) for line in given if line.entry.eid not in signed)
    said = "That the recipient fetched these files, or that its server took them, is the gateway's word, unless the "
    return f"{said}recipient's own acknowledgement is in the bundle: {', '.join(names)}." if names else ""


def _name(line: Line) -> str:
    """The name of the file that an event is about."""
    stated = line.detail.get("transmission")
    name = stated.get("name") if isinstance(stated, Mapping) else line.detail.get("file")
    return _text(name or f"that of entries/{line.number:04d}")


def _attested(what: str, file: str, anchored: Anchored) -> Iterator[str]:
    """What authorities and witnesses say of a checkpoint."""
    for number, token in enumerate(anchored.tokens):
        name = f"{file}.{token.authority}.tsr" if number else f"{file}.tsr"
        yield (
            f"{what} was timestamped at {_when(token.at)} by the authority that the gateway calls "
            f"{_text(token.authority)} (RFC 3161, {_code(name)})."
        )
    for each in anchored.cosignatures:
        yield (
            f"{what} was seen by the witness {_text(each.witness)} at {_when(stamp(each.at))}, as the only history of "
            "this log that was shown to it (its signature is in the bundle)."
        )


def _times(frame: Frame) -> str:
    """What is left to the gateway's word about times."""
    said = "The time of each event is the gateway's word."
    if not (frame.anchored.tokens or frame.anchored.cosignatures):
        return f"{said} No authority and no witness has attested when the log was in this state."
    if frame.before is None or not (frame.before.tokens or frame.before.cosignatures):
        return f"{said} By what others attest, it is certain only before which time all of them were logged."
    if frame.before.cosignatures:
        return f"{said} By what others attest, it is certain between which times all of them were logged."
    return (
        f"{said} By what others attest, it is certain before which time all of them were logged; and after which, if "
        "the gateway had its earlier state timestamped at once."
    )


def _open_ends(entries: Sequence[Entry]) -> str:
    newest = {entry.xid: entry.type for entry in entries}
    still = sum(kind != "exchange.closed" for kind in newest.values())
    said = f"{still} of {len(newest)} exchanges are not closed: events that came after this bundle can't be excluded."
    return said if still else ""


def _missing(how: str, reasons: Mapping[str, str]) -> str:
    why = _text(", ".join(sorted(set(reasons.values()))))
    said = f"Objects that are {how}: {len(reasons)} ({why}). That they existed, and their size, is proved; what they"
    return f"{said} say is not." if reasons else ""


def _list(*items: str | bool) -> Iterator[str]:
    """A list of those that have something to say."""
    yield "<ul>"
    yield from (f"<li>{item}</li>" for item in items if item)
    yield "</ul>"


# ---------------------------------------------------------------- text


def _numbers(lines: Sequence[Line]) -> list[str]:
    """Documents by kind and number, in the order in which they came."""
    found = {f"{m.get('type')} {m['number']}": None for line in lines for m in _messages(line) if m.get("number")}
    return [plain(each) for each in found]


def _messages(line: Line) -> list[Mapping[str, Any]]:
    messages = line.detail.get("messages")
    return [m for m in messages if isinstance(m, Mapping)] if isinstance(messages, list) else []


def _when(at: str) -> str:
    return escape(at.replace("T", " ").removesuffix("Z"))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _text(value: object) -> str:
    return escape(plain(value))


def _hash(value: object) -> str:
    return f'<span class="hash">{_text(value)}</span>'


def _code(value: object) -> str:
    return f"<code>{_text(value)}</code>"
