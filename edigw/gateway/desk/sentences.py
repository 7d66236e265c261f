"""Events of the log as sentences for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edigw.wording import plural, printable


def sentence(event: Mapping[str, Any]) -> str:
    """What happened, in one sentence; the parts that a partner gave are made printable."""
    say = _SENTENCES.get(event["type"])
    text = say(event, event["detail"]) if say else event["type"]
    return printable(text)


def _removed(event: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    if event["actor"] == "gateway":
        return f"took {detail.get('file')} out of the outbox: {event['reason'].replace('_', ' ')}"
    return f"{event['actor'].partition(':')[2]} deleted {detail.get('file')} from its outbox"


def _submitted(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    t, session = d.get("transmission", {}), d.get("session", {})
    return f"{t.get('partner')} sent {t.get('name')} ({t.get('size')} bytes), logged in with key {session.get('key')}"


def _validated(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    if "interchanges" not in d:
        again = "only repeats a signature that came before"
        return f"not processed: {d['findings'][0]['text']}" if d.get("findings") else again
    states = d.get("states", {})
    ids = [m["id"] for m in d.get("messages", [])]
    counts = {word: sum(states.get(f"message/{id}") == word for id in ids) for word in ("accepted", "rejected", "held")}
    said = [f"{plural(n, 'message')} {word}" for word, n in counts.items() if n]
    if any(i.get("test") for i in d.get("interchanges", [])):
        said.append("a test")
    if any(i.get("state") == "duplicate" for i in d.get("interchanges", [])):
        said.append("sent before: not processed again")
    errors = [f["text"] for f in d.get("findings", []) if f.get("severity") == "error"]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return "checked: " + (", ".join(said) or "no message") + (f"; {errors[0]}{more}" if errors else "")


def _signed(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    s = d.get("signature", {})
    return f"{s.get('principal')} signed {d.get('file')} with the key {s.get('key')} ({s.get('file')})"


def _opened(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    if "archive" in d:
        count = d["archive"].get("members_in_all", 0)
        return f"unpacked {d.get('file')}: {plural(count, 'file')}, {d.get('size')} bytes"
    told = d.get("openpgp", {})
    how = "decrypted" if told.get("encrypted") else "unpacked"
    signers = ", ".join(s["key"] for s in told.get("signatures", []) if s.get("valid"))
    return f"{how} {d.get('file')}: {d.get('size')} bytes, " + (
        f"signed with the key {signers}" if signers else "unsigned"
    )


def _countersigned(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    s, signed = d.get("signature", {}), d.get("signed", {})
    return f"{s.get('principal')} signed {d.get('file')}, of #{signed.get('index')}, with the key {s.get('key')}"


def _translated(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    source, m = d.get("source", {}), d["messages"][0]
    losses = d.get("losses_in_all", len(d.get("losses", [])))
    if not d.get("bindings"):
        return f"passed on {m['type']} {m['version']} {m['number']} as it was sent"
    lost = f"{plural(losses, 'value')} not carried one to one" if losses else "every value carried"
    values = d.get("values", {})
    carried = f" ({values['carried']} of {values['values']} were)" if losses and values else ""
    return f"translated {source.get('type')} {m['number']} to {m['type']} {m['version']}: {lost}{carried}"


def _deposited(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    kind = d["messages"][0]["type"] + " " if d.get("messages") else ""
    return (
        f"put {kind}{d.get('file')} into the {'test folder' if d.get('test') else 'outbox'} of {_recipient(event, d)}"
    )


def _recipient(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    return str(d.get("transmission", {}).get("partner") or event.get("recipient", "the partner"))


def _remote(d: Mapping[str, Any]) -> str:
    remote = d.get("remote", {})
    return f"{remote.get('host')}:{remote.get('port')}"


def _person(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    who = event["actor"].partition(":")[2] or event["actor"]
    return f"{d['user']} of {who}" if d.get("user") not in (None, who) else str(who)


def _because(d: Mapping[str, Any]) -> str:
    return f", because: {d['why']}" if d.get("why") else ""


def _configured(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    names = ", ".join(each["name"] for each in d.get("changed", []))
    was = "changed" if d.get("before") else "read for the first time"
    return f"the configuration was {was}, its digest is {str(d.get('configuration'))[:12]}: {names}"


def _acknowledged(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    who = event["actor"].partition(":")[2]
    codes = "; ".join(f"{c['text']} ({c['place']})" if c["place"] else c["text"] for c in d.get("codes", []))
    before = f" (after it had said {d['before']})" if d.get("before") not in (None, d["outcome"]) else ""
    return f"{who} answered with {d['acknowledgement']['type']}: {d['outcome']}{before}{': ' + codes if codes else ''}"


def _anchored(event: Mapping[str, Any], d: Mapping[str, Any]) -> str:
    names = [each["authority"] for each in d.get("timestamps", [])]
    names += [line.split(" ")[1] for line in d.get("cosignatures", [])]
    return f"{', '.join(names)} attested the first {d.get('size')} entries"


_SENTENCES: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str]] = {
    "submission.accepted": _submitted,
    "submission.signed": _signed,
    "submission.opened": _opened,
    "validation.passed": _validated,
    "validation.failed": _validated,
    "translation.completed": _translated,
    "mailbox.deposited": _deposited,
    "mailbox.removed": _removed,
    "mailbox.read": lambda e, d: f"{e['actor'].partition(':')[2]} read {d.get('file')} in its {d.get('folder')}",
    "ack.queued": lambda e, d: f"queued {d['messages'][0]['type'] if d['messages'] else 'TA1'} for {_recipient(e, d)}",
    "relay.accepted": lambda e, d: f"uploaded {d.get('file')} to {_remote(d)} under a temporary name",
    "relay.failed": lambda e, d: f"delivery of {d.get('file')} failed, will be tried again: {d.get('error')}",
    "delivery.completed": lambda e, d: (
        f"delivered {'the test ' if d.get('test') else ''}{d.get('file')} to {_remote(d)} "
        f"(SHA-256 {d.get('sha256', '')[:16]}...)"
    ),
    "delivery.failed": lambda e, d: f"delivery of {d.get('file')} failed for good: {d.get('error')}",
    "retrieval.completed": lambda e, d: (
        f"{e['actor'].partition(':')[2]} fetched {d.get('file')} (all of its {d.get('size')} bytes)"
    ),
    "notification.sent": lambda e, d: (
        f"{'gave a receipt' if d.get('receipt_of') else 'told the sender in plain words'}: {d.get('file')}"
    ),
    "submission.rejected": lambda e, d: (
        f"{e['actor'].partition(':')[2]} sent {d.get('file')} ({d.get('size')} bytes), which was not taken in: "
        f"{d.get('text')}"
    ),
    "translation.failed": lambda e, d: f"not translated, the message waits for a person: {d.get('text')}",
    "relay.rejected": lambda e, d: f"delivery of {d.get('file')} was refused: {d.get('error')}",
    "mailbox.failed": lambda e, d: f"{d.get('file')} can't be handed out: {d.get('error')}",
    "ack.received": _acknowledged,
    "ack.positive": _acknowledged,
    "ack.negative": _acknowledged,
    "ack.signed": _countersigned,
    "ack.overdue": lambda e, d: str(d.get("text")),
    "ack.unmatched": lambda e, d: (d.get("texts") or [""])[0],
    "admin.action": lambda e, d: (
        _configured(e, d) if "changed" in d else f"{_person(e, d)}: {d.get('action')}{_because(d)}"
    ),
    "partner.changed": _configured,
    "log.anchored": _anchored,
    "exchange.expired": lambda e, d: f"no acknowledgement came within {d.get('days')} days",
    "exchange.closed": lambda e, d: f"closed: nothing was added for {d.get('quiet_days')} days",
    "object.erased": lambda e, d: f"{e['actor'].partition(':')[2] or e['actor']} erased content",
    "map.published": lambda e, d: (
        f"{plural(len(d.get('changed', [])), 'file')} of bindings changed, run by {d.get('engine')}"
    ),
    "log.opened": lambda e, d: f"a process of the gateway began ({', '.join(d.get('roles', []))}), {d.get('engine')}",
    "log.closed": lambda e, d: f"a process of the gateway ended ({', '.join(d.get('roles', []))})",
    "log.key": lambda e, d: f"the log's key was changed, the old one signs until {d.get('until')}",
    "log.recovered": lambda e, d: f"carries on the log {d.get('log')}, of which {d.get('size')} entries were signed",
    "evidence.exported": lambda e, d: f"{e['actor'].partition(':')[2]} exported evidence",
}
