"""Entries that claim a partner's signature: a gateway that lies in its own log is found out by whoever has the keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edigw.log.bundle import export
from edigw.log.eventlog import Content, EventLog, new_xid
from edigw.log.sshsig import RECEIPT, SUBMISSION, SigningKey
from edigw.log.verify import Report, verify_bundle

from .ssh_signing import Signer, needs_keygen

pytestmark = needs_keygen
SENDER = Signer.new()
ORDER, OTHER = b"ISA*the order~", b"ISA*another order~"


def verified(log: EventLog, folder: Path, signers: bool = True, **entry: Any) -> Report:
    """The verdict about a bundle with one `submission.signed`, made as the gateway would make it, but for `entry`."""
    content, xid = log.payloads.files.put(ORDER), new_xid()
    objects = [
        Content("payload.original", sha256=content, size=len(ORDER)),
        Content("signature.origin", data=entry.pop("signature", SENDER.sign(ORDER, SUBMISSION))),
    ]
    facts: dict[str, Any] = {"actor": "partner:prairie", "sender": "GLN:0799999000107", "objects": objects, **entry}
    with log.database.write() as conn:
        log.append(conn, type="submission.signed", xid=xid, **facts)
    while log.integrate():
        pass
    bundle = export(log, [xid], folder / "evidence.zip")
    (folder / "signers").write_text(SigningKey(SENDER.line).allowed_signer("prairie") + "\n")
    return verify_bundle(bundle, [str(log.keys[0])], allowed_signers=folder / "signers" if signers else None)


def test_a_signature_of_the_sender_over_the_file_holds(log: EventLog, tmp_path: Path) -> None:
    assert verified(log, tmp_path).ok


@pytest.mark.parametrize(
    ("signature", "told"),
    [
        (SENDER.sign(OTHER, SUBMISSION), "not a signature over objects/"),
        (SENDER.sign(ORDER, RECEIPT), "not a signature over objects/"),
        (Signer.new().sign(ORDER, SUBMISSION), "was none of prairie or GLN:0799999000107"),
        (b"no signature", "not a signature over objects/"),
    ],
)
def test_a_signature_that_is_not_the_senders_over_the_file_is_found_out(
    log: EventLog, tmp_path: Path, signature: bytes, told: str
) -> None:
    assert told in verified(log, tmp_path, signature=signature).failure


def test_the_senders_signature_under_another_partners_name_is_found_out(log: EventLog, tmp_path: Path) -> None:
    report = verified(log, tmp_path, actor="partner:nordwind", sender="GLN:4299999000016")
    assert "was none of nordwind or GLN:4299999000016" in report.failure


def test_a_signature_that_nobody_is_said_to_have_made_counts_for_nobody(log: EventLog, tmp_path: Path) -> None:
    assert "was none of any partner" in verified(log, tmp_path, actor="gateway").failure
    assert verified(log, tmp_path, signers=False, actor="gateway").ok


def test_a_signature_without_what_it_is_over_is_none(log: EventLog, tmp_path: Path) -> None:
    objects = [Content("signature.origin", data=SENDER.sign(ORDER, SUBMISSION))]
    assert "but not what that is over" in verified(log, tmp_path, objects=objects).failure
