"""SSH keys: host keys and user keys made and read, public keys compared and shown."""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncssh
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

MIN_RSA = 2048  # bits
PRIVATE_MODE = 0o600


class KeyProblem(Exception):
    """A key that cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Of one public key, as tools show them."""

    sha256: str  # "SHA256:" and 43 characters of base64, as OpenSSH
    md5: str  # "MD5:" and 16 hex pairs, as older clients


def public_blob(line: str) -> bytes:
    """The key in an OpenSSH public key line ("ssh-ed25519 AAAA… comment"), as the bytes that SSH sends (RFC
    4253, 6.6).

    Raises KeyProblem unless it is ed25519, ECDSA on a NIST curve, their FIDO variants, or RSA of at least
    2048 bits.
    """
    parts = line.split()
    if len(parts) < 2:
        raise KeyProblem(f"not an OpenSSH public key line: {line[:40]!r}")
    try:
        blob = base64.b64decode(parts[1], validate=True)
    except binascii.Error:
        raise KeyProblem(f"the key in {line[:40]!r} is not base64") from None
    if parts[0].startswith("sk-"):
        return blob
    try:
        key = load_ssh_public_key(f"{parts[0]} {parts[1]}".encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyProblem(f"{parts[0]} key: {error}") from error
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MIN_RSA:
            raise KeyProblem(f"an RSA key of {key.key_size} bits is too short; {MIN_RSA} at least")
    elif not isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey):
        raise KeyProblem(f"{parts[0]} keys are not accepted")
    return blob


def fingerprints(line: str) -> Fingerprints:
    """Both fingerprints of an OpenSSH public key line. Raises KeyProblem."""
    blob = public_blob(line)
    md5 = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    return Fingerprints(blob_fingerprint(blob), "MD5:" + ":".join(md5[i : i + 2] for i in range(0, 32, 2)))


def fingerprint(line: str) -> str:
    """The SHA-256 fingerprint of an OpenSSH public key line. Raises KeyProblem."""
    return blob_fingerprint(public_blob(line))


def blob_fingerprint(blob: bytes) -> str:
    """The SHA-256 fingerprint of a key as SSH sends it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")


def generate(path: Path, comment: str = "") -> str:
    """Make an ed25519 key: the private one at `path` (mode 0600), the public line beside it as `<path>.pub`.

    The public line. Raises FileExistsError rather than replacing a key.
    """
    key = asyncssh.generate_private_key("ssh-ed25519", comment=comment)
    line = key.export_public_key().decode("utf-8").strip()
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE)
    with os.fdopen(fd, "wb") as file:
        file.write(key.export_private_key())
        file.flush()
        os.fsync(file.fileno())
    public_path(path).write_text(line + "\n", encoding="utf-8")
    return line


def public_path(path: Path) -> Path:
    """Where the public line of a private key lies."""
    return path.with_name(path.name + ".pub")


def load(path: Path, passphrase: str | None = None) -> asyncssh.SSHKey:
    """A private key. Raises KeyProblem if it is missing, unreadable, or open to others on this machine."""
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            raise KeyProblem(f"{path} can be read by others (mode {mode & 0o777:o}); run: chmod 600 {path}")
        return asyncssh.read_private_key(path, passphrase)
    except OSError as error:
        raise KeyProblem(f"{path}: {error.strerror}") from error
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise KeyProblem(f"{path}: {error}") from error


def load_host_keys(paths: Sequence[Path]) -> tuple[asyncssh.SSHKey, ...]:
    """The host keys of a server, to be passed as objects: asyncssh reads paths again at every login.

    Raises KeyProblem.
    """
    return tuple(load(path) for path in paths)


def public_line(key: asyncssh.SSHKey) -> str:
    """The OpenSSH public key line of a key."""
    return key.export_public_key().decode("utf-8").strip()
