"""The log's own key, and a witness's: Ed25519, in an encrypted file that can be opened at an unattended start.

`log.key` is an OpenSSH private key (bcrypt, 32 rounds; `ssh-keygen` reads it). Its passphrase comes from
`EDIGW_LOG_PASSPHRASE`, the file that `EDIGW_LOG_PASSPHRASE_FILE` names, or `log.key.passphrase` beside it, which
`create_key` writes (see `edigw.store.secrets`). `log.vkey` is the public half, for partners: a line for each key that
the log has had, the one in use first.

When the key is changed (`next_key`, `put_in_use`), the old one is kept as `log.key.ID.until-DATE` and signs beside the
new one up to that date; afterwards the gateway deletes it when it starts. All share one passphrase.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, load_ssh_private_key

from edigw.log import note
from edigw.log.errors import LogKeyError
from edigw.store.durable import create_file, replace_file, sync_folder
from edigw.store.secrets import SecretProblem, given_passphrase, passphrase, passphrase_path, read_secret

PASSPHRASE = "EDIGW_LOG_PASSPHRASE"  # noqa: S105 - the name of a variable
_ROUNDS = 32
_UNTIL = re.compile(r"\.[0-9a-f]{8}\.until-([0-9]{4}-[0-9]{2}-[0-9]{2})")


@dataclass(frozen=True, slots=True)
class LogKey:
    """The private key and the name under which it signs: the log's origin."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)

    @property
    def verifier(self) -> note.VerifierKey:
        """The public half."""
        return note.public_key(self.name, self.private)

    def sign(self, body: str) -> str:
        """The signature line under a checkpoint's body."""
        return note.sign(body, self.name, self.private)


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The private key and the name with which a witness confirms to have seen checkpoints of others."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)

    @property
    def verifier(self) -> note.VerifierKey:
        """The public half."""
        return note.public_key(self.name, self.private, note.COSIGNATURE)

    def cosign(self, body: str, moment: int) -> str:
        """The signature line under a checkpoint's body, seen at `moment`, seconds since 1970."""
        return note.cosign(body, self.name, self.private, moment)


def create_key(path: Path, origin: str) -> LogKey:
    """Makes a key and writes it to `path`, its passphrase and public half beside it.

    With a passphrase in the environment that one is used and none is written. Raises LogKeyError if a file
    exists.
    """
    key = LogKey(origin, Ed25519PrivateKey.generate())
    _create(path, key)
    return key


def create_witness_key(path: Path, name: str) -> WitnessKey:
    """As `create_key`, for a witness. Raises LogKeyError, NoteError if `name` can't be the name of a key."""
    key = WitnessKey(name, Ed25519PrivateKey.generate())
    _create(path, key)
    return key


def load_key(path: Path, origin: str) -> LogKey:
    """The key in `path`.

    Raises LogKeyError if it can't be read or unlocked, or others may read it or its passphrase.
    """
    return LogKey(origin, _unlock(path, _passphrase(path)))


def load_witness_key(path: Path, name: str) -> WitnessKey:
    """As `load_key`, for a witness."""
    return WitnessKey(name, _unlock(path, _passphrase(path)))


def _create(path: Path, key: LogKey | WitnessKey) -> None:
    verifier = f"{key.verifier}\n"
    with _told(path):
        opened_by = given_passphrase(PASSPHRASE)
    if opened_by is None:
        opened_by = secrets.token_urlsafe(32).encode()
        _write_new(passphrase_path(path), opened_by + b"\n", 0o600)
    _write_new(path, _locked(key.private, opened_by), 0o600)
    _write_new(path.with_suffix(".vkey"), verifier.encode(), 0o644)


def _passphrase(path: Path) -> bytes:
    with _told(path):
        return passphrase(path, PASSPHRASE)


def _locked(private: Ed25519PrivateKey, passphrase: bytes) -> bytes:
    encryption = PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(_ROUNDS).build(passphrase)
    return private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, encryption)


def _unlock(path: Path, passphrase: bytes) -> Ed25519PrivateKey:
    try:
        private = load_ssh_private_key(_read_secret(path), passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise LogKeyError(f"{path}: can't be unlocked with the passphrase at hand ({error})") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise LogKeyError(f"{path}: not an Ed25519 key")
    return private


def next_key(path: Path, origin: str) -> LogKey:
    """The key that is to follow the one in `path`, and its public half in `log.vkey`. Not in use yet.

    It waits in `log.key.next`; one that waits there already, since a change was interrupted, is taken. Raises
    LogKeyError.
    """
    waiting = _next_path(path)
    if waiting.exists():
        key = LogKey(origin, _unlock(waiting, _passphrase(path)))
    else:
        key = LogKey(origin, Ed25519PrivateKey.generate())
        _write_new(waiting, _locked(key.private, _passphrase(path)), 0o600)
    public = path.with_suffix(".vkey")
    known = load_verifiers(public)
    _replace(public, "".join(f"{each}\n" for each in dict.fromkeys([key.verifier, *known])).encode(), 0o644)
    return key


def put_in_use(path: Path, origin: str, until: date) -> None:
    """Makes the key that `next_key` gave the log's key. The old one goes on signing beside it, up to and with `until`.

    Raises LogKeyError.
    """
    old = load_key(path, origin).verifier.key_id.hex()
    _replace(path.with_name(f"{path.name}.{old}.until-{until:%Y-%m-%d}"), _read_secret(path), 0o600)
    with _told(path):
        _next_path(path).replace(path)
        sync_folder(path.parent)


def load_previous(path: Path, origin: str, today: date) -> list[LogKey]:
    """The log's earlier keys that sign beside the one in use. Those whose time is over are deleted.

    Raises LogKeyError.
    """
    keys = []
    for old in sorted(path.parent.glob(f"{path.name}.*.until-*")):
        named = _UNTIL.fullmatch(old.name.removeprefix(path.name))
        if named is None:
            continue
        if date.fromisoformat(named[1]) >= today:
            keys.append(LogKey(origin, _unlock(old, _passphrase(path))))
        else:
            with _told(old):
                old.unlink(missing_ok=True)
                sync_folder(path.parent)
    return keys


def load_verifiers(path: Path) -> list[note.VerifierKey]:
    """The verifier keys in a file, one a line. Raises LogKeyError, or NoteError for a line that is none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LogKeyError(f"{path}: can't be read ({error})") from error
    keys = [note.VerifierKey.parse(line) for line in lines if line.strip()]
    if not keys:
        raise LogKeyError(f"{path}: holds no key")
    return keys


def _next_path(path: Path) -> Path:
    return path.with_name(path.name + ".next")


def _read_secret(path: Path) -> bytes:
    with _told(path):
        return read_secret(path)


def _write_new(path: Path, data: bytes, mode: int) -> None:
    with _told(path):
        create_file(path, data, mode)


def _replace(path: Path, data: bytes, mode: int) -> None:
    with _told(path):
        replace_file(path, data, mode)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LogKeyError(f"{path}: {error.strerror}") from error
    except SecretProblem as error:
        raise LogKeyError(str(error)) from error
