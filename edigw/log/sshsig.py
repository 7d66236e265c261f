"""Detached signatures made with an SSH key: what `ssh-keygen -Y sign -n NAMESPACE` writes, checked.

The format is OpenSSH's, PROTOCOL.sshsig; the encodings of keys and signatures are those of RFC 4253 (RSA), RFC 5656
(ECDSA), RFC 8332 (RSA with SHA-2), RFC 8709 (Ed25519) and OpenSSH's PROTOCOL.u2f (keys in a security token, `sk-`).
Certificates and DSA are not accepted. The signature covers the bytes and the namespace; it says nothing of a file's
name or of the time, so that "the key was valid then" is always about a time known from elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from edigw.log.errors import SignatureError

SUBMISSION = "submission@edi-evidence"
RECEIPT = "receipt@edi-evidence"
REASONS = frozenset(  # of a SignatureError that these functions raise
    {"signature_unreadable", "wrong_namespace", "unknown_key", "key_not_yet_valid", "key_expired", "weak_key"}
)
LARGEST = 16 << 10  # bytes of a signature file: an RSA signature of 16384 bits has some 6000
_MAGIC = b"SSHSIG"
_HASHES = ("sha256", "sha512")
_SMALLEST_RSA = 2048  # NIST SP 800-131A
_ARMOR = re.compile(rb"\s*-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----\s*")
_CURVES: dict[bytes, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    b"nistp256": (ec.SECP256R1(), hashes.SHA256()),
    b"nistp384": (ec.SECP384R1(), hashes.SHA384()),
    b"nistp521": (ec.SECP521R1(), hashes.SHA512()),
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key of a partner, and the days, UTC, from and up to which its signatures count (None: always)."""

    line: str  # as OpenSSH writes it, "ssh-ed25519 AAAA... comment"
    since: date | None = None
    until: date | None = None

    @classmethod
    def stated(cls, facts: Mapping[str, str]) -> SigningKey:
        """The key that the detail of an event states, in its member `signature` (docs/evidence.md, section 5)."""
        days = [date.fromisoformat(facts[name]) if name in facts else None for name in ("valid_from", "valid_until")]
        return cls(facts["public_key"], *days)

    def facts(self) -> dict[str, str | None]:
        """The key as the detail of an event states it."""
        return {
            "public_key": " ".join(self.line.split()[:2]),
            "valid_from": self.since.isoformat() if self.since else None,
            "valid_until": self.until.isoformat() if self.until else None,
        }

    @property
    def blob(self) -> bytes:
        """The key as SSH sends it (RFC 4253, 6.6). Raises SignatureError."""
        parts = self.line.split()
        try:
            return base64.b64decode(parts[1], validate=True)
        except (IndexError, binascii.Error):
            raise SignatureError("unknown_key", "a registered key can't be read") from None

    def allowed_signer(self, principal: str) -> str:
        """The key as a line of `ssh-keygen`'s ALLOWED SIGNERS, for both namespaces. The days in it are read in the time
        zone of whoever reads them: run ssh-keygen with TZ=UTC."""
        options = [f'namespaces="{SUBMISSION},{RECEIPT}"']
        if self.since:
            options.append(f'valid-after="{self.since:%Y%m%d}"')
        if self.until:
            options.append(f'valid-before="{self.until:%Y%m%d}235959"')
        return f"{principal} {','.join(options)} {' '.join(self.line.split()[:2])}"


@dataclass(frozen=True, slots=True)
class SshSignature:
    """A signature as it is written; nothing is checked yet."""

    key: bytes  # the public key, as SSH sends it
    namespace: str
    reserved: bytes
    hash: str  # sha256 | sha512
    algorithm: str
    value: bytes

    @classmethod
    def parse(cls, text: bytes) -> SshSignature:
        """The signature in a file. Raises SignatureError, reason `signature_unreadable`."""
        if b"-----BEGIN PGP SIGNATURE-----" in text[:200]:
            raise _unreadable("it is an OpenPGP signature; expected one that ssh-keygen made")
        armored = _ARMOR.fullmatch(text) if len(text) <= LARGEST else None
        if armored is None:
            raise _unreadable("expected what `ssh-keygen -Y sign` writes, -----BEGIN SSH SIGNATURE-----")
        try:
            data = base64.b64decode(b"".join(armored[1].split()), validate=True)
        except binascii.Error:
            raise _unreadable("its base64 is damaged") from None
        if not data.startswith(_MAGIC + b"\0\0\0\x01"):
            raise _unreadable("it has another version than 1")
        fields = _strings(data[len(_MAGIC) + 4 :])
        if len(fields) != 5:
            raise _unreadable("it is damaged")
        key, namespace, reserved, hash, signature = fields
        inner = _strings(signature, at_least=2)
        found = cls(key, _text(namespace), reserved, _text(hash), _text(inner[0]), signature)
        if found.hash not in _HASHES:
            raise _unreadable(f"it uses the hash {found.hash[:40]!r}; only SHA-256 and SHA-512 are accepted")
        return found

    @property
    def fingerprint(self) -> str:
        """Of the key: "SHA256:..." as OpenSSH shows it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.key).digest()).decode().rstrip("=")

    def digest(self, content: Iterable[bytes]) -> bytes:
        """The hash of a content under this signature's hash algorithm."""
        running = hashlib.new(self.hash)
        for piece in content:
            running.update(piece)
        return running.digest()

    def covers(self, digest: bytes) -> bool:
        """Whether the key has signed the content with this `digest`. Raises SignatureError, reason `weak_key` or
        `signature_unreadable`, if the key is of a kind that is not accepted or the signature has a wrong form."""
        signed = _MAGIC + b"".join(
            _string(each) for each in (self.namespace.encode(), self.reserved, self.hash.encode(), digest)
        )
        try:
            _verify(self.key, self.algorithm, self.value, signed)
        except InvalidSignature:
            return False
        except ValueError:  # a point that is not on its curve, numbers that are no RSA key
            raise _unreadable("the key in it is damaged") from None
        return True


def signed_by(signature: SshSignature, namespace: str, keys: Sequence[SigningKey], at: datetime) -> SigningKey:
    """The key of `keys` that `signature` names, if it may sign for `namespace` at `at`; the signature itself is checked
    by `SshSignature.covers`.

    Raises SignatureError: `wrong_namespace`, `unknown_key`, `key_not_yet_valid`, `key_expired`."""
    if signature.namespace != namespace:
        text = f"it was made for {signature.namespace[:80]!r}, not for {namespace}: run ssh-keygen with -n {namespace}"
        raise SignatureError("wrong_namespace", text)
    known = [key for key in keys if key.blob == signature.key]
    if not known:
        raise SignatureError("unknown_key", f"it was made with the key {signature.fingerprint}, which is not agreed")
    today = at.astimezone(UTC).date()
    for key in known:
        if (key.since is None or key.since <= today) and (key.until is None or today <= key.until):
            return key
    key = known[0]
    if key.since is not None and today < key.since:
        text = f"the key {signature.fingerprint} counts only from {key.since} on"
        raise SignatureError("key_not_yet_valid", text)
    raise SignatureError("key_expired", f"the key {signature.fingerprint} counts only up to {key.until}")


# ---------------------------------------------------------------- encodings (RFC 4251, 5)


def _unreadable(why: str) -> SignatureError:
    return SignatureError("signature_unreadable", f"the signature can't be read: {why}")


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _strings(data: bytes, at_least: int = 0) -> list[bytes]:
    """The strings that `data` consists of; with `at_least`, what follows so many may be something else, and is the
    last."""
    found: list[bytes] = []
    while data:
        if at_least and len(found) == at_least:
            return [*found, data]
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 + size:
            raise _unreadable("it is cut off or damaged")
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    if len(found) < at_least:
        raise _unreadable("it is cut off or damaged")
    return found


def _text(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise _unreadable("it is damaged") from None


def _number(data: bytes) -> int:
    """An mpint that is not negative."""
    if data and data[0] & 0x80:
        raise _unreadable("it holds a negative number")
    return int.from_bytes(data, "big")


# ---------------------------------------------------------------- keys


def _verify(key: bytes, algorithm: str, signature: bytes, signed: bytes) -> None:
    """Raises InvalidSignature; SignatureError; ValueError from the library for numbers that make no key."""
    kind, *parts = _strings(key)
    name = _text(kind)
    if name in ("sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"):
        signed = _by_token(parts[-1], signature, signed)
    elif len(_strings(signature)) != 2:
        raise _unreadable("it is damaged")
    value = _strings(signature, at_least=2)[1]
    match name, parts:
        case ("ssh-ed25519", [point]) | ("sk-ssh-ed25519@openssh.com", [point, _]) if algorithm == name:
            ed25519.Ed25519PublicKey.from_public_bytes(point).verify(value, signed)
        case ("ssh-rsa", [e, n]) if algorithm in ("rsa-sha2-256", "rsa-sha2-512"):
            public = rsa.RSAPublicNumbers(_number(e), _number(n)).public_key()
            if public.key_size < _SMALLEST_RSA:
                raise SignatureError("weak_key", f"its RSA key has {public.key_size} bits; {_SMALLEST_RSA} are needed")
            chosen = hashes.SHA512() if algorithm == "rsa-sha2-512" else hashes.SHA256()
            public.verify(value.rjust((public.key_size + 7) // 8, b"\0"), signed, padding.PKCS1v15(), chosen)
        case (_, [curve, point, *more]) if algorithm == name and _is_ecdsa(name, curve, len(more)):
            group, hashed = _CURVES[curve]
            numbers = _strings(value)
            if len(numbers) != 2:
                raise _unreadable("it is damaged")
            encoded = encode_dss_signature(_number(numbers[0]), _number(numbers[1]))
            ec.EllipticCurvePublicKey.from_encoded_point(group, point).verify(encoded, signed, ec.ECDSA(hashed))
        case _:
            text = f"keys of the kind {name[:60]!r} with {algorithm[:60]!r} are not accepted"
            raise SignatureError("weak_key", text)


def _is_ecdsa(name: str, curve: bytes, more: int) -> bool:
    """Whether a key of this kind is on that curve, `more` fields follow its point, and we know the curve."""
    if name == "sk-ecdsa-sha2-nistp256@openssh.com":
        return curve == b"nistp256" and more == 1
    return curve in _CURVES and name.encode() == b"ecdsa-sha2-" + curve and more == 0


def _by_token(application: bytes, signature: bytes, signed: bytes) -> bytes:
    """What a security token signs (PROTOCOL.u2f, "SSH U2F signatures"): a hash of the application, flags, counter."""
    behind = _strings(signature, at_least=2)[2:]
    if not behind or len(behind[0]) != 5:
        raise _unreadable("it is damaged")
    return hashlib.sha256(application).digest() + behind[0] + hashlib.sha256(signed).digest()
