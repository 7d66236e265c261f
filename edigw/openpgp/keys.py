"""OpenPGP keys in files: the gateway's own, which are encrypted, and the certificates of partners."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from edigw.openpgp.errors import OpenPgpKeyError
from edigw.store.durable import create_file
from edigw.store.secrets import SecretProblem, given_passphrase, passphrase, passphrase_path, read_secret

if TYPE_CHECKING:
    from pysequoia import Cert, PySigner, Tsk

PASSPHRASE = "EDIGW_OPENPGP_PASSPHRASE"  # noqa: S105 - the name of a variable
# Coded counts of iterated S2K (RFC 9580, 3.7.1.3): 65 MB are hashed for a passphrase that a person chose; for one of
# 256 random bits, which is needed for each message, 64 KB are enough.
_COSTLY, _CHEAP = 255, 96
_REFUSALS = (RuntimeError, ValueError)  # what pysequoia raises for keys that it can't read, unlock or use


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A private key of the gateway with its passphrase, checked."""

    path: Path
    data: bytes = field(repr=False)  # as RFC 9580 has it, 10.2, not armored; its secrets still encrypted
    passphrase: str = field(repr=False)

    @property
    def certificate(self) -> Cert:
        """The public half."""
        return _tsk(self).extract_certificate()

    def signer(self) -> PySigner:
        """Signs with it."""
        return _tsk(self).signer(self.passphrase)


def installed() -> str:
    """What is missing to work with OpenPGP; "" if nothing is."""
    packages = {"pysequoia": "pysequoia", "openpgp": "rpgp-py"}
    missing = [package for module, package in packages.items() if find_spec(module) is None]
    return f"needs the packages {' and '.join(missing)}: pip install 'edigw[openpgp]'" if missing else ""


def load_own(path: Path) -> OwnKey:
    """The private key in a file, armored or not, with its passphrase (see `edigw.store.secrets`).

    Raises OpenPgpKeyError if it can't be read or unlocked, has expired or was revoked, or can't both decrypt and
    sign."""
    import pysequoia

    try:
        content = read_secret(path)
        opened_by = passphrase(path, PASSPHRASE).decode()
    except (SecretProblem, UnicodeDecodeError) as error:
        raise OpenPgpKeyError(str(error)) from None
    try:
        data = bytes(pysequoia.Tsk.from_bytes(content))
        key = OwnKey(path, data, opened_by)
        cert = key.certificate
    except _REFUSALS as error:
        raise OpenPgpKeyError(f"{path}: not a private OpenPGP key ({_first_line(error)})") from None
    if text := _unusable(cert):
        raise OpenPgpKeyError(f"{path}: {text}")
    try:
        _tsk(key).decryptor(opened_by)
        key.signer()
    except _REFUSALS as error:
        text = "can't be unlocked with the passphrase at hand, or has no part for encryption and one for signing"
        raise OpenPgpKeyError(f"{path}: {text} ({_first_line(error)})") from None
    return key


def certificates_in(content: bytes) -> list[Cert]:
    """The certificates (public keys) in the content of a file, armored or not. Raises OpenPgpKeyError."""
    import pysequoia

    if b"PRIVATE KEY" in content:
        raise OpenPgpKeyError("this is a private key; take the public one (gpg --export)")
    try:
        found = pysequoia.Cert.split_bytes(content)
    except _REFUSALS as error:
        text = f"no OpenPGP certificate, as gpg --export writes it ({_first_line(error)})"
        raise OpenPgpKeyError(text) from None
    if not found:
        raise OpenPgpKeyError("no OpenPGP certificate, as gpg --export writes it")
    return found


def certificate_problem(cert: Cert, *, encrypts: bool) -> str:
    """Why nothing can be encrypted for a certificate (`encrypts`), or no new signature of it counts; "" if nothing is
    wrong."""
    import pysequoia

    text = _unusable(cert)
    if not text and encrypts:
        try:
            pysequoia.encrypt(b"", [cert])
        except _REFUSALS as error:
            text = f"it has no key that is good enough to encrypt with ({_first_line(error)})"
    return f"{cert.fingerprint}: {text}" if text else ""


def expired(content: bytes, now: datetime) -> str:
    """Which of the certificates in the content of a file, all of them good once, has expired by `now`; "" if none."""
    for fingerprint, expires in _expirations(content):
        if expires <= now:
            return f"the key {fingerprint} expired on {expires:%Y-%m-%d}"
    return ""


@lru_cache(maxsize=256)
def _expirations(content: bytes) -> tuple[tuple[str, datetime], ...]:
    return tuple((cert.fingerprint, cert.expiration) for cert in certificates_in(content) if cert.expiration)


def _first_line(error: Exception) -> str:
    """What pysequoia says, without the trace of calls behind it."""
    return str(error).partition("\n")[0]


def _unusable(cert: Cert) -> str:
    if cert.is_revoked:
        return "the key was revoked"
    if cert.expiration is not None and cert.expiration < datetime.now(UTC):
        return f"the key expired on {cert.expiration:%Y-%m-%d}"
    return ""


def create_own(path: Path, user_id: str, *, rsa: bool = False) -> OwnKey:
    """Make a private key: Ed25519 and Curve25519, or RSA of 3072 bits (`rsa`) for partners whose software needs that.

    It is written to `path`, encrypted; the certificate for partners beside it as `PATH.pub`, and the passphrase as
    `PATH.passphrase` unless one is in the environment. Raises OpenPgpKeyError if a file exists."""
    try:
        given = given_passphrase(PASSPHRASE)
        opened_by = secrets.token_urlsafe(32) if given is None else given.decode()
        armored = _generate(user_id, opened_by, rsa, _CHEAP if given is None else _COSTLY)
        if given is None:
            create_file(passphrase_path(path), f"{opened_by}\n".encode())
        create_file(path, armored.encode())
        key = load_own(path)
        create_file(path.with_name(f"{path.name}.pub"), str(key.certificate).encode(), 0o644)
    except OSError as error:
        raise OpenPgpKeyError(f"{error.filename or path}: {(error.strerror or '').lower()}") from error
    except SecretProblem as error:
        raise OpenPgpKeyError(str(error)) from error
    return key


def _generate(user_id: str, opened_by: str, rsa: bool, count: int) -> str:
    from openpgp.composed import EncryptionCaps, KeyType, SecretKeyParamsBuilder, SubkeyParamsBuilder
    from openpgp.types import S2kParams, StringToKey

    locked = S2kParams.cfb("aes256", StringToKey.iterated("sha256", count))
    for_encryption = (
        SubkeyParamsBuilder()
        .version(4)
        .key_type(KeyType.rsa(3072) if rsa else KeyType.ecdh("curve25519"))
        .can_encrypt(EncryptionCaps.all())
        .passphrase(opened_by)
        .s2k(locked)
        .build()
    )
    key = (
        SecretKeyParamsBuilder()
        .version(4)
        .key_type(KeyType.rsa(3072) if rsa else KeyType.ed25519_legacy())
        .can_certify(True)
        .can_sign(True)
        .feature_seipd_v1(True)
        .preferred_symmetric_algorithms(["aes256", "aes192", "aes128"])
        .preferred_hash_algorithms(["sha512", "sha384", "sha256"])
        .preferred_compression_algorithms(["zlib", "zip", "uncompressed"])
        .primary_user_id(user_id)
        .passphrase(opened_by)
        .s2k(locked)
        .subkey(for_encryption)
        .generate()
    )
    return key.to_armored()


def _tsk(key: OwnKey) -> Tsk:
    from pysequoia import Tsk

    return Tsk.from_bytes(key.data)
