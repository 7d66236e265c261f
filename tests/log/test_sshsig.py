"""Signatures made with SSH keys: ours and OpenSSH's verdicts agree, and what does not count is refused by name."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edigw.log.errors import SignatureError
from edigw.log.sshsig import RECEIPT, SUBMISSION, SigningKey, SshSignature, signed_by

from .ssh_signing import Signer, armored, keygen, needs_keygen, string

CONTENT = b"UNB+UNOC:3+4012345000009:14+5412345000013:14+260102:0304+REF1'UNZ+0+REF1'"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SIGNER = Signer.new()
SIGNATURE = SIGNER.sign(CONTENT, SUBMISSION)


def holds(text: bytes, content: bytes, key: str, namespace: str = SUBMISSION) -> bool:
    signature = SshSignature.parse(text)
    signed_by(signature, namespace, [SigningKey(key)], NOW)
    return signature.covers(signature.digest([content]))


def refusal(text: bytes, keys: list[SigningKey], namespace: str = SUBMISSION, at: datetime = NOW) -> str:
    with pytest.raises(SignatureError) as told:
        signature = SshSignature.parse(text)
        signed_by(signature, namespace, keys, at)
        signature.covers(signature.digest([CONTENT]))
    assert str(told.value)
    return told.value.reason


@pytest.fixture(
    scope="module",
    params=["-t ed25519", "-t ecdsa -b 256", "-t ecdsa -b 384", "-t ecdsa -b 521", "-t rsa -b 2048", "-t rsa -b 2049"],
)
def key_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ssh") / "key"
    done = keygen("-q", *request.param.split(), "-N", "", "-f", path)
    if done.returncode:
        pytest.skip(f"this ssh-keygen makes no such key: {done.stderr.decode()}")
    return path


@needs_keygen
@pytest.mark.parametrize("hash", ["sha512", "sha256"])
def test_what_ssh_keygen_signs_is_accepted_for_just_these_bytes(key_file: Path, hash: str, tmp_path: Path) -> None:
    (tmp_path / "po.edi").write_bytes(CONTENT)
    keygen("-Y", "sign", "-q", "-f", key_file, "-n", SUBMISSION, "-O", f"hashalg={hash}", tmp_path / "po.edi")
    text = (tmp_path / "po.edi.sig").read_bytes()
    public = key_file.with_suffix(".pub").read_text()
    assert holds(text, CONTENT, public)
    assert not holds(text, CONTENT + b"\n", public)
    assert SshSignature.parse(text).fingerprint in keygen("-l", "-f", key_file).stdout.decode()


@needs_keygen
@pytest.mark.parametrize("kind", ["", "sk", "sk-ecdsa"])
def test_signatures_of_software_and_token_keys_hold_for_us_and_for_ssh_keygen(kind: str, tmp_path: Path) -> None:
    signer = Signer.new(kind)
    text = signer.sign(CONTENT, RECEIPT)
    (tmp_path / "sig").write_bytes(text)
    (tmp_path / "known").write_text(SigningKey(signer.line).allowed_signer("prairie") + "\n")
    verify = ("-Y", "verify", "-f", tmp_path / "known", "-I", "prairie", "-n", RECEIPT, "-s", tmp_path / "sig")
    assert keygen(*verify, data=CONTENT).returncode == 0
    assert keygen(*verify, data=CONTENT + b"x").returncode != 0
    assert holds(text, CONTENT, signer.line, RECEIPT)
    assert not holds(text, CONTENT + b"x", signer.line, RECEIPT)


def test_a_signature_for_another_purpose_does_not_count() -> None:
    assert refusal(SIGNER.sign(CONTENT, RECEIPT), [SigningKey(SIGNER.line)]) == "wrong_namespace"
    assert refusal(SIGNER.sign(CONTENT, "file"), [SigningKey(SIGNER.line)]) == "wrong_namespace"


def test_a_key_that_is_not_agreed_does_not_count() -> None:
    assert refusal(SIGNATURE, [SigningKey(Signer.new().line)]) == "unknown_key"
    assert refusal(SIGNATURE, []) == "unknown_key"


def test_the_name_of_another_key_over_a_signature_does_not_help() -> None:
    other = Signer.new()
    blob = base64.b64decode(b"".join(SIGNATURE.split(b"\n")[1:-2])).replace(SIGNER.blob, other.blob)
    assert not holds(armored(blob), CONTENT, other.line)


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        (date(2026, 1, 3), None, "key_not_yet_valid"),
        (None, date(2026, 1, 1), "key_expired"),
        (date(2026, 1, 2), date(2026, 1, 2), ""),
    ],
)
def test_a_key_counts_on_the_days_that_are_agreed_and_ssh_keygen_says_the_same(
    since: date | None, until: date | None, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = SigningKey(SIGNER.line, since, until)
    if reason:
        assert refusal(SIGNATURE, [key]) == reason
    else:
        assert signed_by(SshSignature.parse(SIGNATURE), SUBMISSION, [key], NOW) is key
    if keygen_says := _keygen_at(key, tmp_path, monkeypatch):
        assert keygen_says == ("no" if reason else "yes")


def _keygen_at(key: SigningKey, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if needs_keygen.args[0]:
        return ""
    monkeypatch.setenv("TZ", "UTC")
    (folder / "sig").write_bytes(SIGNATURE)
    (folder / "known").write_text(key.allowed_signer("prairie") + "\n")
    known = ("-f", folder / "known", "-I", "prairie", "-n", SUBMISSION, "-s", folder / "sig")
    done = keygen("-Y", "verify", *known, "-O", f"verify-time={NOW:%Y%m%d%H%M%S}", data=CONTENT)
    return "no" if done.returncode else "yes"


def test_of_two_terms_of_one_key_that_counts_which_holds_then() -> None:
    terms = [SigningKey(SIGNER.line, until=date(2025, 6, 30)), SigningKey(SIGNER.line, since=date(2026, 1, 1))]
    assert signed_by(SshSignature.parse(SIGNATURE), SUBMISSION, terms, NOW) is terms[1]
    at = datetime(2025, 9, 1, tzinfo=UTC)
    assert refusal(SIGNATURE, terms, at=at) == "key_expired"


@needs_keygen
@pytest.mark.parametrize("options", ["-t rsa -b 1024", "-t dsa"])
def test_weak_keys_do_not_count(options: str, tmp_path: Path) -> None:
    if keygen("-q", *options.split(), "-N", "", "-f", tmp_path / "key").returncode:
        pytest.skip("this ssh-keygen makes no such key any more")
    text = keygen("-Y", "sign", "-f", tmp_path / "key", "-n", SUBMISSION, data=CONTENT).stdout
    assert refusal(text, [SigningKey((tmp_path / "key.pub").read_text())]) == "weak_key"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n",
        armored(b""),
        armored(b"SSHSIG\0\0\0\x02"),
        armored(b"SSHSIG\0\0\0\x01" + string(b"key")),
        armored(b"SSHSIG\0\0\0\x01\xff\xff\xff\xff"),
        SIGNATURE + b"more",
        SIGNATURE[:-40],
        SIGNER.sign(CONTENT, SUBMISSION, "sha1"),
        armored(bytes(20_000)),
    ],
)
def test_what_is_no_signature_is_called_so(text: bytes) -> None:
    assert refusal(text, [SigningKey(SIGNER.line)]) == "signature_unreadable"


@given(at=st.integers(0), by=st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_a_signature_of_which_any_byte_is_altered_does_not_hold(at: int, by: int) -> None:
    blob = bytearray(base64.b64decode(b"".join(SIGNATURE.split(b"\n")[1:-2])))
    blob[at % len(blob)] ^= by
    try:
        assert not holds(armored(bytes(blob)), CONTENT, SIGNER.line)
    except SignatureError as error:
        assert error.reason


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_in_the_armour_are_refused_by_name(blob: bytes) -> None:
    with pytest.raises(SignatureError):
        signature = SshSignature.parse(armored(b"SSHSIG\0\0\0\x01" + blob))
        signature.covers(b"")
