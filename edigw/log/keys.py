"""The log's own key: Ed25519, in an encrypted file that the gateway can open at an unattended start.

`log.key` is an OpenSSH private key (bcrypt, 32 rounds; `ssh-keygen` reads it). Its passphrase comes from the
first of

1. the environment: `EDIGW_LOG_PASSPHRASE`,
2. the file that `EDIGW_LOG_PASSPHRASE_FILE` names (for secrets that a service manager mounts),
3. `log.key.passphrase` next to the key, mode 0600, which `create_key` writes.

The third is the default and protects copies of the key file alone. Who wants more keeps the passphrase on
another disk or in the service manager and deletes that file. `log.vkey` is the public half, for partners.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, load_ssh_private_key

from edigw.log import note
from edigw.log.errors import LogKeyError

PASSPHRASE = "EDIGW_LOG_PASSPHRASE"  # noqa: S105 - the name of a variable
PASSPHRASE_FILE = "EDIGW_LOG_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable
_ROUNDS = 32


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


def create_key(path: Path, origin: str) -> LogKey:
    """Makes a key and writes it to `path`, its passphrase and public half beside it.

    With a passphrase in the environment that one is used and none is written. Raises LogKeyError if a file
    exists.
    """
    key = LogKey(origin, Ed25519PrivateKey.generate())
    verifier = f"{key.verifier}\n"
    passphrase = _given_passphrase()
    if passphrase is None:
        passphrase = secrets.token_urlsafe(32).encode()
        _write_new(_passphrase_path(path), passphrase + b"\n", 0o600)
    encryption = PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(_ROUNDS).build(passphrase)
    _write_new(path, key.private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, encryption), 0o600)
    _write_new(path.with_suffix(".vkey"), verifier.encode(), 0o644)
    return key


def load_key(path: Path, origin: str) -> LogKey:
    """The key in `path`.

    Raises LogKeyError if it can't be read or unlocked, or others may read it or its passphrase.
    """
    passphrase = _given_passphrase()
    if passphrase is None:
        passphrase = _read_secret(_passphrase_path(path)).strip()
    try:
        private = load_ssh_private_key(_read_secret(path), passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise LogKeyError(f"{path}: can't be unlocked with the passphrase at hand ({error})") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise LogKeyError(f"{path}: not an Ed25519 key")
    return LogKey(origin, private)


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


def _given_passphrase() -> bytes | None:
    if text := os.environ.get(PASSPHRASE):
        return text.encode()
    if name := os.environ.get(PASSPHRASE_FILE):
        return _read_secret(Path(name), mounted=True).strip()
    return None


def _passphrase_path(path: Path) -> Path:
    return path.with_name(path.name + ".passphrase")


def _read_secret(path: Path, mounted: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            if not mounted and os.fstat(file.fileno()).st_mode & 0o077:
                raise LogKeyError(f"{path}: others may read it; chmod 600 it")
            return file.read(1 << 16)
    except OSError as error:
        raise LogKeyError(f"{path}: {error.strerror}") from error


def _write_new(path: Path, data: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LogKeyError(f"{path}: {error.strerror}") from error
