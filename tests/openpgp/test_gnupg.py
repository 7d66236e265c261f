"""Held against GnuPG: we open what it makes, it opens what we make, and what does not count is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from edigw.openpgp.errors import OpenPgpError
from edigw.openpgp.keyring import Keyring, Opened
from edigw.openpgp.keys import create_own

from .conftest import PARTNER
from .gnupg import GnuPG, needs_gpg

pytestmark = needs_gpg
CONTENT = b"UNB+UNOC:3+4012345000009:14+5412345000013:14+260102:0304+REF1'\n" * 50
GATEWAY = "edi@example.com"
LIMIT = 1_000_000


@pytest.fixture(scope="session")
def certificate(gpg: GnuPG) -> bytes:
    return gpg.public(PARTNER)


@pytest.fixture(scope="session")
def keyring(own: Path, certificate: bytes) -> Keyring:
    return Keyring.load([own], {"prairie": [certificate]})


def make(gpg: GnuPG, *options: str, signer: str = PARTNER, data: bytes = CONTENT) -> bytes:
    return gpg("--encrypt", "--sign", "--local-user", signer, "--recipient", GATEWAY, *options, data=data)


def refusal(keyring: Keyring, message: bytes, limit: int = LIMIT) -> str:
    with pytest.raises(OpenPgpError) as told:
        keyring.open(message, "prairie", limit)
    assert str(told.value)
    return told.value.reason


def only_signature(opened: Opened) -> tuple[bool, str]:
    (signature,) = opened.signatures
    return signature.valid, signature.reason


@pytest.mark.parametrize("options", [(), ("--armor",), ("-z", "0"), ("--compress-algo", "zip"), ("--throw-keyids",)])
def test_what_gpg_encrypts_and_signs_is_opened(keyring: Keyring, gpg: GnuPG, options: tuple[str, ...]) -> None:
    opened = keyring.open(make(gpg, *options), "prairie", LIMIT)
    assert (opened.content, opened.encrypted) == (CONTENT, True)
    (signature,) = opened.signatures
    assert signature.valid
    assert signature.certificate == gpg.fingerprint(PARTNER).lower()


def test_the_signature_taken_out_of_a_message_is_one_that_gpg_accepts(
    keyring: Keyring, gpg: GnuPG, tmp_path: Path
) -> None:
    opened = keyring.open(make(gpg), "prairie", LIMIT)
    (tmp_path / "content").write_bytes(opened.content)
    (tmp_path / "content.asc").write_text(opened.signatures[0].armored)
    gpg("--verify", str(tmp_path / "content.asc"), str(tmp_path / "content"))


def test_what_is_only_encrypted_or_only_signed_is_opened_and_said_to_be_so(keyring: Keyring, gpg: GnuPG) -> None:
    opened = keyring.open(gpg("--encrypt", "--recipient", GATEWAY, data=CONTENT), "prairie", LIMIT)
    assert (opened.content, opened.encrypted, opened.signatures) == (CONTENT, True, ())
    opened = keyring.open(gpg("--sign", "--local-user", PARTNER, data=CONTENT), "prairie", LIMIT)
    assert (opened.content, opened.encrypted, only_signature(opened)) == (CONTENT, False, (True, ""))


def test_text_mode_turns_line_ends_as_it_does_everywhere(keyring: Keyring, gpg: GnuPG) -> None:
    opened = keyring.open(make(gpg, "--textmode"), "prairie", LIMIT)
    assert opened.content.replace(b"\r\n", b"\n") == CONTENT
    assert only_signature(opened) == (True, "")


@pytest.mark.parametrize(("sign", "rsa"), [(False, False), (True, False), (True, True)])
def test_what_we_seal_gpg_opens(
    keyring: Keyring, certificate: bytes, gpg: GnuPG, sign: bool, rsa: bool, tmp_path: Path
) -> None:
    if rsa:
        create_own(tmp_path / "rsa.asc", "EDI gateway RSA <rsa@example.com>", rsa=True)
        gpg("--import", data=(tmp_path / "rsa.asc.pub").read_bytes())
        keyring = Keyring.load([tmp_path / "rsa.asc"], {"prairie": [certificate]})
    message = keyring.seal(CONTENT, "prairie", sign=sign, armor=False)
    done = gpg.run("--decrypt", "--status-fd", "2", data=message)
    assert done.stdout == CONTENT
    assert (b"GOODSIG" in done.stderr) == sign
    assert keyring.seal(CONTENT, "prairie", sign=sign, armor=True).startswith(b"-----BEGIN PGP MESSAGE-----")


def test_a_key_that_gpg_exports_opens_and_signs_too(gpg: GnuPG, certificate: bytes, tmp_path: Path) -> None:
    fingerprint = gpg.new_key("second@example.com", passphrase="open it")
    path = tmp_path / "second.asc"
    path.write_bytes(gpg("--armor", "--export-secret-keys", fingerprint, passphrase="open it"))
    path.chmod(0o600)
    path.with_name("second.asc.passphrase").write_text("open it\n")
    path.with_name("second.asc.passphrase").chmod(0o600)
    keyring = Keyring.load([path], {"prairie": [certificate]})
    message = gpg("--encrypt", "--recipient", fingerprint, data=CONTENT)
    assert keyring.open(message, "prairie", LIMIT).content == CONTENT
    assert gpg("--decrypt", data=keyring.seal(CONTENT, "prairie", sign=True, armor=False)) == CONTENT


# ---------------------------------------------------------------- what does not count


@pytest.mark.parametrize(
    ("cipher", "reason"), [("3DES", "openpgp_weak"), ("CAST5", "openpgp_weak"), ("BLOWFISH", "openpgp_unreadable")]
)
def test_weak_ciphers_are_refused(keyring: Keyring, gpg: GnuPG, cipher: str, reason: str) -> None:
    assert refusal(keyring, make(gpg, "--cipher-algo", cipher)) == reason


@pytest.mark.parametrize("hash", ["SHA1", "RIPEMD160"])
def test_weak_hashes_do_not_sign(keyring: Keyring, gpg: GnuPG, hash: str) -> None:
    opened = keyring.open(make(gpg, "--digest-algo", hash), "prairie", LIMIT)
    assert only_signature(opened) == (False, "openpgp_weak")


def test_a_message_for_somebody_else_is_told_so(keyring: Keyring, gpg: GnuPG) -> None:
    message = gpg("--encrypt", "--recipient", PARTNER, data=CONTENT)
    with pytest.raises(OpenPgpError, match="which is not the gateway's") as told:
        keyring.open(message, "prairie", LIMIT)
    assert told.value.reason == "openpgp_not_for_us"
    hidden = gpg("--encrypt", "--throw-keyids", "--recipient", PARTNER, data=CONTENT)
    assert refusal(keyring, hidden) == "openpgp_not_for_us"


def test_a_password_is_no_key(keyring: Keyring, gpg: GnuPG) -> None:
    message = gpg("--symmetric", data=CONTENT, passphrase="secret")
    assert refusal(keyring, message) == "openpgp_not_for_us"


def test_whoever_has_no_key_can_open_nothing_that_is_encrypted(gpg: GnuPG, certificate: bytes) -> None:
    assert refusal(Keyring.load([], {"prairie": [certificate]}), make(gpg)) == "openpgp_no_key"


def test_a_signature_of_a_key_that_is_not_agreed_does_not_count(keyring: Keyring, gpg: GnuPG) -> None:
    gpg.new_key("stranger@example.com")
    opened = keyring.open(make(gpg, signer="stranger@example.com"), "prairie", LIMIT)
    assert only_signature(opened) == (False, "openpgp_unknown_signer")
    assert keyring.open(make(gpg), "somebody-else", LIMIT).signatures[0].reason == "openpgp_unknown_signer"


def test_a_key_that_has_expired_does_not_count_whatever_time_its_signature_states(own: Path, gpg: GnuPG) -> None:
    past = ("--faked-system-time", "20200101T000000!")
    gpg.new_key("old@example.com", *past, expires="1y")
    keyring = Keyring.load([own], {"prairie": [gpg.public("old@example.com")]})
    message = gpg(*past, "--sign", "--local-user", "old@example.com", data=CONTENT)
    assert only_signature(keyring.open(message, "prairie", LIMIT)) == (False, "openpgp_key_expired")


def test_a_subkey_that_has_expired_or_was_revoked_does_not_count_either(own: Path, gpg: GnuPG) -> None:
    past = ("--faked-system-time", "20200101T000000!")
    fingerprint = gpg.new_key("subkey@example.com", *past)
    gpg(*past, "--quick-add-key", fingerprint, "ed25519", "sign", "1y")
    message = gpg(*past, "--sign", "--local-user", "subkey@example.com", data=CONTENT)  # it takes the newest
    keyring = Keyring.load([own], {"prairie": [gpg.public("subkey@example.com")]})
    assert only_signature(keyring.open(message, "prairie", LIMIT)) == (False, "openpgp_key_expired")
    message = gpg("--sign", "--local-user", "subkey@example.com", data=CONTENT)  # the primary key
    assert only_signature(keyring.open(message, "prairie", LIMIT)) == (True, "")
    subkey = gpg.newest_subkey(fingerprint)
    gpg("--quick-set-expire", fingerprint, "0", subkey)
    message = gpg("--sign", "--local-user", f"{subkey}!", data=CONTENT)
    keyring = Keyring.load([own], {"prairie": [gpg.public("subkey@example.com")]})
    assert only_signature(keyring.open(message, "prairie", LIMIT)) == (True, "")
    revoke = "key 2\nrevkey\ny\n0\n\ny\nsave\n"
    gpg("--command-fd", "0", "--edit-key", fingerprint, data=revoke.encode())
    keyring = Keyring.load([own], {"prairie": [gpg.public("subkey@example.com")]})
    assert only_signature(keyring.open(message, "prairie", LIMIT)) == (False, "openpgp_key_revoked")


def test_a_revoked_key_does_not_count(own: Path, gpg: GnuPG) -> None:
    fingerprint = gpg.new_key("revoked@example.com")
    message = make(gpg, signer="revoked@example.com")
    certificate = (gpg.home / f"openpgp-revocs.d/{fingerprint}.rev").read_text()
    gpg("--import", data=certificate.replace(":-----BEGIN", "-----BEGIN").encode())
    keyring = Keyring.load([own], {"prairie": [gpg.public("revoked@example.com")]})
    assert only_signature(keyring.open(message, "prairie", LIMIT)) == (False, "openpgp_key_revoked")


def test_a_text_with_a_signature_below_it_is_told_what_to_do(keyring: Keyring, gpg: GnuPG) -> None:
    assert refusal(keyring, gpg("--clearsign", "--local-user", PARTNER, data=CONTENT)) == "openpgp_unreadable"


def test_bzip2_is_told_so(keyring: Keyring, gpg: GnuPG) -> None:
    with pytest.raises(OpenPgpError, match="ZIP and ZLIB"):
        keyring.open(make(gpg, "--compress-algo", "bzip2"), "prairie", LIMIT)


def test_what_unpacks_to_more_than_a_file_may_have_is_refused(keyring: Keyring, gpg: GnuPG) -> None:
    message = make(gpg, "-z", "9", data=bytes(30_000_000))
    assert len(message) < 100_000
    assert refusal(keyring, message) == "openpgp_too_large"
    assert refusal(keyring, gpg("--store", "-z", "9", data=bytes(30_000_000))) == "openpgp_too_large"
