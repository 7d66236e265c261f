"""Signed notes and checkpoints: the published vectors, and what must be refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edigw.log import note, verify
from edigw.log.errors import NoteError

ORIGIN = "edi.example/log/test"
LOG = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
ROOT = bytes.fromhex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
LOG_KEY = "edi.example/log/test+845e5a4b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
WITNESS_KEY = "partner.example/w1+93929328+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
NOTE = """edi.example/log/test
8
XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

— edi.example/log/test hF5aS9Z598MvOryRo4d3EwUxeGqD+5FHO/6NaPDMFhdjumXlsO6vG4fl/NQce3UlQxjm08+Tl6qWzlpUTAyyy1pgrAY=
— partner.example/w1 k5KTKAAAAABlU/EARJzVNaCga+8GNJnzcbDsS56OTgbeG17C9pjGhEEcthmxmqFO\
FxkCeo4YZHkITUvKrf26DIE5YVR3UCxEDeDlBA==
"""
KEYS = [note.VerifierKey.parse(LOG_KEY), note.VerifierKey.parse(WITNESS_KEY)]


def test_keys_and_note_are_those_of_the_vectors() -> None:
    assert str(note.public_key(ORIGIN, LOG)) == LOG_KEY
    assert str(note.public_key("partner.example/w1", WITNESS, note.COSIGNATURE)) == WITNESS_KEY
    body = note.Checkpoint(ORIGIN, 8, ROOT).body()
    signatures = note.sign(body, ORIGIN, LOG), note.cosign(body, "partner.example/w1", WITNESS, 1700000000)
    assert note.assemble(body, *signatures) == NOTE


def test_the_note_opens_with_both_signatures() -> None:
    body, signers = note.open_note(NOTE, KEYS)
    assert signers == {ORIGIN: None, "partner.example/w1": 1700000000}
    assert note.Checkpoint.parse(body) == note.Checkpoint(ORIGIN, 8, ROOT)
    assert note.open_checkpoint(NOTE, ORIGIN, KEYS[:1]).size == 8


def test_the_stand_alone_verifier_opens_it_too() -> None:
    keys = [verify.Key.parse(LOG_KEY), verify.Key.parse(WITNESS_KEY)]
    assert verify.open_checkpoint(NOTE, "", keys, "x").witnesses == {"partner.example/w1": 1700000000}
    assert [key.id.hex() for key in keys] == ["845e5a4b", "93929328"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n8\n", "\n9\n"),
        ("\n8\n", "\n08\n"),
        ("hF5aS9Z5", "hF5aS9Z6"),
        ("k5KTKAAAAABlU/EA", "k5KTKAAAAABlU/EB"),
        ("— edi", "- edi"),
        ("\n\n", "\n"),
        ("\n8\n", "\n8\nextension\n"),
        ("XcnaeacG", "XcnaeacH"),
        ("8\n", "8\t\n"),
    ],
)
def test_a_changed_note_is_refused_by_both_verifiers(old: str, new: str) -> None:
    changed = NOTE.replace(old, new, 1)
    assert changed != NOTE
    with pytest.raises(NoteError):
        note.open_checkpoint(changed, ORIGIN, KEYS)
    with pytest.raises(verify.Failure):
        verify.open_checkpoint(changed, "", [verify.Key.parse(LOG_KEY), verify.Key.parse(WITNESS_KEY)], "x")


def test_a_note_that_only_strangers_signed_is_refused() -> None:
    with pytest.raises(NoteError):
        note.open_note(NOTE, [note.public_key(ORIGIN, WITNESS)])
    with pytest.raises(NoteError):
        note.open_checkpoint(NOTE, ORIGIN, KEYS[1:])
    with pytest.raises(NoteError):
        note.open_checkpoint(NOTE, "edi.example/log/other", KEYS)


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+00000000+AQ==", LOG_KEY.replace("845e", "845f"), LOG_KEY.replace("+AQ", "+Ag"), "a b+c+d"],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        note.VerifierKey.parse(text)
    with pytest.raises(verify.Unusable):
        verify.Key.parse(text)


def test_the_pure_python_ed25519_agrees_with_the_library() -> None:
    public = LOG.public_key().public_bytes_raw()
    for text in (b"", b"x", b"checkpoint" * 100):
        signature = LOG.sign(text)
        assert verify.ed25519(public, text, signature)
        assert not verify.ed25519(public, text + b".", signature)
        assert not verify.ed25519(public, text, signature[:32] + b"\xff" * 32)
        assert not verify.ed25519(public, text, b"\xff" * 32 + signature[32:])
        assert not verify.ed25519(public, text, signature[:-1])


def test_ed25519_verifies_the_vector_of_rfc_8032() -> None:
    public = bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
    signature = bytes.fromhex(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )
    assert verify.ed25519(public, bytes.fromhex("af82"), signature)


def test_a_scalar_beyond_the_order_is_refused() -> None:
    signature = LOG.sign(b"x")
    scalar = int.from_bytes(signature[32:], "little") + verify.ORDER
    assert not verify.ed25519(LOG.public_key().public_bytes_raw(), b"x", signature[:32] + scalar.to_bytes(32, "little"))
