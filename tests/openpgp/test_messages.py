"""Messages without GnuPG: sealed and opened by us, bent by others, and hostile ones."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edigw.openpgp.errors import OpenPgpError, OpenPgpKeyError
from edigw.openpgp.keyring import Keyring
from edigw.openpgp.keys import PASSPHRASE, create_own, load_own

CONTENT = b"ISA*00*          *00*          ~IEA*1*000000001~"


@pytest.fixture(scope="module")
def keyring(own: Path) -> Keyring:
    """A gateway whose partner has the gateway's own key: it can seal for itself."""
    return Keyring.load([own], {"self": [own.with_name("openpgp.asc.pub").read_bytes()]})


@pytest.fixture(scope="module")
def message(keyring: Keyring) -> bytes:
    return keyring.seal(CONTENT, "self", sign=True, armor=False)


def test_what_is_sealed_is_opened(keyring: Keyring, message: bytes) -> None:
    opened = keyring.open(message, "self", 1000)
    assert opened.content == CONTENT
    assert [each.valid for each in opened.signatures] == [True]
    assert keyring.seal(CONTENT, "self", sign=True, armor=False) != message


def test_a_message_of_which_any_byte_is_altered_is_refused_or_says_the_same(keyring: Keyring, message: bytes) -> None:
    """The id of the recipient's key, for one, is not protected, and not believed."""
    for at in range(0, len(message), 17):
        bent = bytearray(message)
        bent[at] ^= 0x10
        try:
            opened = keyring.open(bytes(bent), "self", 1000)
        except OpenPgpError as error:
            assert error.reason.startswith("openpgp_")
        else:
            assert opened.content == CONTENT
            assert all(each.valid or each.reason for each in opened.signatures)


@given(st.binary(max_size=300))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused_by_name(keyring: Keyring, data: bytes) -> None:
    with pytest.raises(OpenPgpError) as told:
        keyring.open(data, "self", 1000)
    assert told.value.reason.startswith("openpgp_")


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4, "big") + body


def compressed(inside: bytes) -> bytes:
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packet(8, b"\x01" + squeezed.compress(inside) + squeezed.flush())


def test_compression_inside_of_compression_costs_no_more_than_its_bounds(keyring: Keyring) -> None:
    literal = packet(11, b"b\x00" + bytes(4) + bytes(200_000_000))
    bomb = literal
    for _ in range(3):
        bomb = compressed(bomb)
    assert len(bomb) < 2000
    with pytest.raises(OpenPgpError) as told:
        keyring.open(bomb, "self", 1_000_000)
    assert told.value.reason in ("openpgp_too_large", "openpgp_too_costly", "openpgp_unreadable")


def nested(levels: int) -> bytes:
    """CONTENT in so many packets, one inside of the other, each "compressed" by the method that compresses nothing."""
    inner = packet(11, b"b\x00" + bytes(4) + CONTENT)
    sizes = [len(inner) + 1 + 7 * level for level in range(levels)]
    return b"".join(b"\xc8\xff" + size.to_bytes(4, "big") + b"\x00" for size in reversed(sizes)) + inner


def test_a_message_that_is_nested_without_end_harms_nobody(keyring: Keyring) -> None:
    assert keyring.open(nested(3), "self", 1000).content == CONTENT
    with pytest.raises(OpenPgpError) as told:
        keyring.open(nested(60_000), "self", 1000)
    assert told.value.reason == "openpgp_too_costly"


# ---------------------------------------------------------------- keys


def test_a_private_key_lies_encrypted_and_for_its_owner_alone(own: Path) -> None:
    assert own.stat().st_mode & 0o077 == 0
    assert own.with_name("openpgp.asc.passphrase").stat().st_mode & 0o077 == 0
    assert "BEGIN PGP PUBLIC KEY" in own.with_name("openpgp.asc.pub").read_text()
    assert "secret" not in repr(load_own(own))


def test_a_passphrase_from_the_environment_is_not_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "a phrase")
    create_own(tmp_path / "key.asc", "A <a@example.com>")
    assert not (tmp_path / "key.asc.passphrase").exists()
    monkeypatch.setenv(PASSPHRASE, "another")
    with pytest.raises(OpenPgpKeyError, match="can't be unlocked") as told:
        load_own(tmp_path / "key.asc")
    assert "phrase at hand" in str(told.value) and "another" not in str(told.value)


def test_a_key_that_exists_is_never_overwritten(own: Path) -> None:
    before = own.read_bytes()
    with pytest.raises(OpenPgpKeyError, match="exist"):
        create_own(own, "A <a@example.com>")
    assert own.read_bytes() == before


def test_what_is_no_key_is_told_so(own: Path, tmp_path: Path) -> None:
    (tmp_path / "no.asc").write_text("no key")
    (tmp_path / "no.asc").chmod(0o600)
    with pytest.raises(OpenPgpKeyError, match=r"passphrase"):
        load_own(tmp_path / "no.asc")
    with pytest.raises(OpenPgpKeyError, match="no OpenPGP certificate"):
        Keyring.load([], {"a": [b"no key"]})
    with pytest.raises(OpenPgpKeyError, match="this is a private key"):
        Keyring.load([], {"a": [own.read_bytes()]})
