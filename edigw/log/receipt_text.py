"""What a receipt proves, in words: one sentence, and the text that lies beside it for people to read."""

from __future__ import annotations

import shlex

from edigw.log.entry import Entry, ObjectRef
from edigw.log.merkle import leaf_hash
from edigw.log.note import VerifierKey
from edigw.log.receipt import Receipt
from edigw.log.sshsig import RECEIPT

_DEEDS = {
    "submission.accepted": "{actor} handed in {what}",
    "retrieval.completed": "{actor} fetched {what}",
    "delivery.completed": "the gateway delivered {what} to the server of {recipient}",
}
_OTHERWISE = "{actor} caused {type}, about {what}"


def sentence(receipt: Receipt, shown: ObjectRef | None = None, name: str = "", sha256: str = "") -> str:
    """In one line: who did what with which bytes, when, and who says so.

    `shown` is the object of the entry that the file `name`, whose SHA-256 in hex is `sha256`, was found to be.
    """
    entry = receipt.entry
    told = _deed(entry, f"{name} ({shown.size} bytes, SHA-256 {sha256})" if shown else _unseen(entry))
    return (
        f"{told} at {when(entry)}; so says entry {receipt.index} of the log {entry.log}, "
        f"signed over its first {receipt.checkpoint.size} entries"
    )


def rendering(
    receipt: Receipt, key: VerifierKey, *, receipt_name: str, name: str, sha256: str, signing: str = "none"
) -> str:
    """The text for people. It names the file that the receipt is about and says how to check the proof.

    `receipt_name` is the proof's file name, `name` and `sha256` are those of the file that it is about. `signing`, as
    in the agreement ("none", "allow", "ask"), says whether the text also tells how the holder signs the receipt.
    """
    entry = receipt.entry
    size = next((item.size for item in entry.objects if item.role != "detail"), 0)
    rows = [
        ("What", _deed(entry, "the file named below")),
        ("When", when(entry)),
        ("File", name),
        ("Size", f"{size} bytes"),
        ("SHA-256", sha256),
        ("Log", f"{entry.log}, entry {receipt.index} of the first {receipt.checkpoint.size} that are signed"),
        ("Event", f"{entry.type}, {entry.eid}"),
        ("Leaf", leaf_hash(receipt.data).hex()),
        ("Key", str(key)),
    ]
    lines = [f"{title:9}{plain(value)}" for title, value in rows]
    asked = signing == "ask" and not entry.type.startswith("submission.")  # a sender need not sign that it sent
    how = _how(plain(receipt_name), plain(name))
    if signing != "none":
        how += _signing(plain(receipt_name), asked)
    return "\n".join([f"Receipt of {entry.log}", "", *lines, "", *how]) + "\n"


def when(entry: Entry) -> str:
    """The time that the entry states."""
    return f"{entry.at.replace('T', ' ').removesuffix('Z')} UTC by the gateway's clock"


def plain(value: str) -> str:
    """Text from partners, without line breaks or other control characters."""
    return "".join(character if character.isprintable() else "?" for character in value)


def _deed(entry: Entry, what: str) -> str:
    kind, _, code = entry.actor.partition(":")
    party = entry.sender if entry.type.startswith("submission.") else entry.recipient
    actor = f"{kind} {code} ({party})" if code and party else f"{kind} {code}" if code else f"the {kind}"
    said = {"actor": actor, "what": what, "recipient": entry.recipient or "the recipient", "type": entry.type}
    return _DEEDS.get(entry.type, _OTHERWISE).format_map(said)


def _unseen(entry: Entry) -> str:
    sizes = [item.size for item in entry.objects if item.role != "detail"]
    return f"a file of {sizes[0]} bytes" if sizes else "no file"


def _how(receipt_name: str, name: str) -> list[str]:
    return [
        f"This text is for reading and proves nothing. The proof is the file {receipt_name}. It is checked without the",
        "gateway and without a network, against the public key of the log that stands in your agreement:",
        "",
        f"    edigw receipt verify {shlex.quote(receipt_name)} --original {shlex.quote(name)} --key log.vkey",
    ]


def _signing(receipt_name: str, asked: bool) -> list[str]:
    name, signed = shlex.quote(receipt_name), shlex.quote(f"{receipt_name}.sig")
    return [
        "",
        f"By the agreement you {'are asked to' if asked else 'may'} sign this receipt. The command for that, with your",
        "own KEY, is",
        "",
        f"    edigw receipt entry {name} | ssh-keygen -Y sign -n {RECEIPT} -f KEY > {signed}",
        "",
        "or, without edigw,",
        "",
        f'    sed -n \'s/^extra //p\' {name} | base64 -d | sed \'s/.*"entry":"\\([^"]*\\)".*/\\1/\' | base64 -d |',
        f"        ssh-keygen -Y sign -n {RECEIPT} -f KEY > {signed}",
        "",
        f"Then upload {plain(signed)} to /inbox.",
    ]
