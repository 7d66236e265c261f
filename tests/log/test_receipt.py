"""Receipts."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edigw.log import note
from edigw.log.errors import EntryError, LogError, NoteError, ProofError
from edigw.log.eventlog import EventLog
from edigw.log.keys import LogKey
from edigw.log.receipt import build_receipt, verify_receipt

from .story import ORDER, tell


def test_a_receipt_proves_the_submission_with_the_public_key_alone(log: EventLog, key: LogKey) -> None:
    tell(log)
    told = tell(log, "mine.edi")
    log.integrate()
    text = build_receipt(log, told.first.eid)
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra ")
    receipt = verify_receipt(text, [key.verifier])
    assert receipt.entry.type == "submission.accepted"
    assert receipt.entry.eid == told.first.eid
    assert receipt.index == 5
    assert receipt.covers("payload.original", ORDER + b"mine.edi")
    assert not receipt.covers("payload.original", ORDER + b"other")
    assert not receipt.covers("detail", ORDER + b"mine.edi")
    assert len(receipt.salts) == 1


def test_a_receipt_with_no_salts_reveals_nothing(log: EventLog, key: LogKey) -> None:
    told = tell(log)
    log.integrate()
    receipt = verify_receipt(build_receipt(log, told.first.eid, reveal=()), [key.verifier])
    assert receipt.salts == {}


def test_there_is_no_receipt_before_the_log_has_signed(log: EventLog) -> None:
    told = tell(log)
    with pytest.raises(LogError, match="not in the log"):
        build_receipt(log, told.first.eid)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("index 0", "index 1", "the entry is not in the log that the checkpoint signs"),
        ("index 0", "index 01", "not a receipt: expected a proof with an entry and its place"),
        ("@v1", "@v2", "not a receipt: expected a proof"),
        ("extra ", "extra A", "what follows extra is not base64"),
        ("\n5\n", "\n6\n", "the signature of edi.example/log/test is wrong"),
        ("index 0\n", "index 0\nAAAA\n", "a hash has not 32 bytes"),
    ],
)
def test_a_changed_receipt_does_not_verify(log: EventLog, key: LogKey, old: str, new: str, said: str) -> None:
    told = tell(log)
    log.integrate()
    text = build_receipt(log, told.first.eid)
    assert old in text
    with pytest.raises((NoteError, ProofError, EntryError), match=said):
        verify_receipt(text.replace(old, new, 1), [key.verifier])


def test_a_receipt_of_another_key_does_not_verify(log: EventLog) -> None:
    told = tell(log)
    log.integrate()
    with pytest.raises(NoteError, match="no known key signed the note"):
        verify_receipt(build_receipt(log, told.first.eid), [note.public_key(log.origin, Ed25519PrivateKey.generate())])
