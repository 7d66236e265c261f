"""The log's key on disk."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from edigw.log import keys
from edigw.log.errors import LogKeyError
from edigw.log.keys import create_key, load_key, load_verifiers

ORIGIN = "edi.example/log/test"


def test_a_new_key_starts_unattended_and_its_files_are_private(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    created = create_key(path, ORIGIN)
    assert load_key(path, ORIGIN).verifier == created.verifier
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "log.key.passphrase").stat().st_mode & 0o777 == 0o600
    assert load_verifiers(tmp_path / "log.vkey") == [created.verifier]
    assert b"bcrypt" in base64.b64decode(b"".join(path.read_bytes().splitlines()[1:-1]))
    assert "private" not in repr(created)


def test_a_passphrase_from_the_environment_is_not_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(keys.PASSPHRASE, "correct horse")
    created = create_key(tmp_path / "log.key", ORIGIN)
    assert not (tmp_path / "log.key.passphrase").exists()
    assert load_key(tmp_path / "log.key", ORIGIN).verifier == created.verifier
    monkeypatch.delenv(keys.PASSPHRASE)
    secret = tmp_path / "secret"
    secret.write_text("correct horse\n")
    monkeypatch.setenv(f"{keys.PASSPHRASE}_FILE", str(secret))
    assert load_key(tmp_path / "log.key", ORIGIN).verifier == created.verifier
    monkeypatch.setenv(keys.PASSPHRASE, "wrong")
    with pytest.raises(LogKeyError, match="unlocked"):
        load_key(tmp_path / "log.key", ORIGIN)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    create_key(tmp_path / "log.key", ORIGIN)
    (tmp_path / "log.key.passphrase").chmod(0o644)
    with pytest.raises(LogKeyError, match="others may read"):
        load_key(tmp_path / "log.key", ORIGIN)


def test_an_existing_key_is_never_overwritten(tmp_path: Path) -> None:
    create_key(tmp_path / "log.key", ORIGIN)
    before = (tmp_path / "log.key").read_bytes()
    with pytest.raises(LogKeyError):
        create_key(tmp_path / "log.key", ORIGIN)
    assert (tmp_path / "log.key").read_bytes() == before


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(LogKeyError, match=r"log\.key"):
        load_key(tmp_path / "log.key", ORIGIN)
    with pytest.raises(LogKeyError, match=r"log\.vkey"):
        load_verifiers(tmp_path / "log.vkey")
