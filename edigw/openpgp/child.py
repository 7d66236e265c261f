"""Opens one OpenPGP message, in a process of its own: `python -m edigw.openpgp.child`.

Standard input: a line of JSON (`keys`: the gateway's private keys and their passphrases, `certificates`: those of the
sender, each key in base64; `limit`: bytes that the content may have; `memory`, `seconds`), then the message. Standard
output: a line of JSON, then the content. The line has `reason` and `text` if the message can't be opened; else
`encrypted`, and `signatures`: for each its `hash`, `issuer`, whether it is `valid`, the `certificate` that
made it, the signature itself (`armored`), and `reason` and `text` of why it does not count.

Whatever happens to this process, the gateway lives on: it sets its own limits before it reads anything.
"""

from __future__ import annotations

import base64
import json
import resource
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from edigw.openpgp.errors import OpenPgpError

T = TypeVar("T")
_ARMOR = b"-----BEGIN PGP MESSAGE"
_CLEARTEXT = b"-----BEGIN PGP SIGNED MESSAGE"
_WEAK_HASHES = {"md5", "sha1", "ripemd160"}


def main() -> None:
    """The whole life of the process."""
    asked = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"], asked["seconds"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    message = sys.stdin.buffer.read()
    content = b""
    try:
        told, content = opened(message, asked)
        if len(content) > asked["limit"]:
            raise OpenPgpError("openpgp_too_large", f"what is in it has more than {asked['limit']} bytes")
    except OpenPgpError as error:
        told, content = {"reason": error.reason, "text": str(error)}, b""
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + content)


def opened(message: bytes, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What is in a message, and what is to be said of it. Raises OpenPgpError."""
    if message.lstrip().startswith(_CLEARTEXT):
        text = "it is a text with a signature below it: sign the file as a whole (gpg --sign)"
        raise OpenPgpError("openpgp_unreadable", text)
    outer = _parsed(message)
    if outer.kind == "encrypted":
        own = _OwnKeys(asked["keys"])
        content = own.decrypt(message, outer)
        inner = own.taken_apart(outer)
    else:
        inner, content = outer, _readable(outer.as_data_vec)
    certificates = _certificates(asked["certificates"])
    signatures = [_judged(each, content, certificates) for each in _readable(inner.signatures)]
    return {"encrypted": outer.kind == "encrypted", "signatures": signatures}, content


def _parsed(message: bytes) -> Any:
    from openpgp.composed import Message

    if message.lstrip().startswith(_ARMOR):
        return _readable(lambda: Message.from_armor(message.lstrip().decode("ascii", "replace"))[0])
    return _readable(lambda: Message.from_bytes(message))


# ---------------------------------------------------------------- decryption


class _OwnKeys:
    """The gateway's private keys."""

    def __init__(self, keys: Sequence[Mapping[str, str]]) -> None:
        self._keys = [(base64.b64decode(each["key"]), each["passphrase"]) for each in keys]

    def decrypt(self, message: bytes, outer: Any) -> bytes:
        """The content of an encrypted message, if algorithms and keys are good enough. Raises OpenPgpError."""
        import pysequoia

        kind = _readable(outer.encrypted_data_packet).kind
        if kind == "sed":
            raise OpenPgpError("openpgp_weak", "its encryption has no protection against changes (MDC)")
        if kind == "gnupg-aead":
            text = "it is encrypted in a form of GnuPG's own (OCB) that is in no standard: add --rfc4880 to gpg"
            raise OpenPgpError("openpgp_unsupported", text)
        if not outer.public_key_encrypted_session_key_packets():
            raise OpenPgpError("openpgp_not_for_us", "it is encrypted with a password, not for the gateway's key")
        failures = []
        for key, passphrase in self._keys:
            decryptor, failure = _tried(partial(pysequoia.Tsk.from_bytes(key).decryptor, passphrase))
            if not failure:
                decrypted, failure = _tried(partial(pysequoia.decrypt, message, decryptor))
                if decrypted is not None:
                    return decrypted.bytes or b""
            failures.append(failure)
        raise self._failure(outer, failures)

    def _failure(self, outer: Any, failures: Sequence[str]) -> OpenPgpError:
        """Why no key opened the message."""
        if not failures:
            return OpenPgpError("openpgp_no_key", "it is encrypted, and the gateway has no OpenPGP key")
        if any("Policy rejected" in text for text in failures):
            return OpenPgpError("openpgp_weak", "it is encrypted by an algorithm that is not secure any more")
        wanted = {packet.recipient_key_id for packet in outer.public_key_encrypted_session_key_packets()}
        ours = {id for key, _ in self._keys for id in _key_ids(key)}
        named = {each.lower() for each in wanted if each}
        if named and not named & ours:
            text = f"it is encrypted for the key {', '.join(sorted(named))}, which is not the gateway's"
            return OpenPgpError("openpgp_not_for_us", text)
        if any("No suitable decryption subkey" in text for text in failures):
            return OpenPgpError("openpgp_own_key", "it is for a key of the gateway that has expired or was revoked")
        if all("No key to decrypt" in text for text in failures):
            return OpenPgpError("openpgp_not_for_us", "none of the gateway's keys opens it")
        text = (
            "it is damaged, was changed on its way, or uses a method other than ZIP and ZLIB, AES, Twofish and Camellia"
        )
        return OpenPgpError("openpgp_unreadable", text)

    def taken_apart(self, outer: Any) -> Any:
        """The decrypted message with its signatures. Raises OpenPgpError."""
        from openpgp.composed import SignedSecretKey

        for key, passphrase in self._keys:
            inner, failure = _tried(partial(outer.decrypt, passphrase, SignedSecretKey.from_bytes(key)))
            if not failure:
                return inner
        raise OpenPgpError("openpgp_unreadable", "its structure can't be read")


def _key_ids(key: bytes) -> set[str]:
    """The ids of a key and its subkeys, 16 hex digits each."""
    from pysequoia.packet import PacketPile

    return {str(packet.key_id) for packet in PacketPile.from_bytes(key) if packet.key_id}


# ---------------------------------------------------------------- signatures


def _certificates(encoded: Sequence[str]) -> list[Any]:
    import pysequoia

    return [cert for each in encoded for cert in pysequoia.Cert.split_bytes(base64.b64decode(each))]


def _judged(signature: Any, content: bytes, certificates: Sequence[Any]) -> dict[str, Any]:
    """Whether one of the sender's keys made the signature over the content, and could at that time."""
    import pysequoia

    hash = str(signature.hash_alg() or "unknown")
    issuers = {*signature.issuer_fingerprint(), *signature.issuer_key_id()}
    issuer = max(issuers, key=len, default="")
    told: dict[str, Any] = {"hash": hash, "issuer": issuer, "valid": False}
    made_by = next((cert for cert in certificates if issuers & _names(cert)), None)
    if made_by is None:
        text = f"the key {issuer or 'that signed it'} is not agreed with the partner"
        return {**told, "reason": "openpgp_unknown_signer", "text": text}
    told["certificate"] = made_by.fingerprint
    detached, failure = _tried(lambda: pysequoia.Sig.from_bytes(_packet(signature.to_bytes())))
    if not failure:
        told["armored"] = str(detached)
        _, failure = _tried(lambda: pysequoia.verify(content, lambda _: [made_by], signature=detached))
    unusable = _unusable(made_by, issuers)
    if not failure and not unusable:  # it raises unless one of these certificates holds
        return {**told, "valid": True}
    reason, text = unusable or _why_not(hash)
    return {**told, "reason": reason, "text": text}


def _names(cert: Any) -> set[str]:
    """Fingerprints and ids under which signatures name the keys of a certificate."""
    from pysequoia.packet import PacketPile

    packets = [packet for packet in PacketPile.from_bytes(bytes(cert)) if packet.fingerprint]
    return {name for packet in packets for name in (str(packet.fingerprint), str(packet.key_id))}


def _unusable(cert: Any, issuers: set[str]) -> tuple[str, str] | None:
    """Why nothing counts any more that a certificate signs with the key that `issuers` name. A signature states its
    time itself; what counts is the time at which it comes."""
    revoked, expires = _ends(cert, issuers)
    if cert.is_revoked or revoked:
        return "openpgp_key_revoked", f"the key {cert.fingerprint} that signed it was revoked"
    expires = min((end for end in (cert.expiration, expires) if end is not None), default=None)
    if expires is not None and expires < datetime.now(UTC):
        return "openpgp_key_expired", f"the key {cert.fingerprint} that signed it expired on {expires:%Y-%m-%d}"
    return None


def _ends(cert: Any, issuers: set[str]) -> tuple[bool, datetime | None]:
    """Whether the subkey that `issuers` name was revoked, and when it expires, by its newest binding signature."""
    from pysequoia.packet import PacketPile, SignatureType

    key: Any = None
    revoked, bound = False, None
    expires: datetime | None = None
    for packet in PacketPile.from_bytes(bytes(cert)):
        if packet.fingerprint:  # a key; what follows is about it
            key = packet if issuers & {str(packet.fingerprint), str(packet.key_id)} else None
        elif key is not None and packet.signature_type == SignatureType.SubkeyRevocation:
            revoked = True
        elif key is not None and packet.signature_type == SignatureType.SubkeyBinding:
            made = packet.signature_created
            if made is not None and (bound is None or made >= bound):
                lasts = packet.key_validity_period
                bound, expires = made, key.key_created + lasts if lasts else None
    return revoked, expires


def _why_not(hash: str) -> tuple[str, str]:
    if hash in _WEAK_HASHES:
        return (
            "openpgp_weak",
            f"its signature uses {hash.upper()}, which is not secure any more: use SHA-256 or SHA-512",
        )
    return "openpgp_signature_wrong", "its signature does not hold: the content was changed, or the key may not sign"


def _packet(body: bytes) -> bytes:
    """A signature packet (RFC 9580, 4.2.1: type 2, a length of five octets)."""
    return b"\xc2\xff" + len(body).to_bytes(4, "big") + body


# ---------------------------------------------------------------- errors


def _tried(call: Callable[[], T]) -> tuple[T | None, str]:
    """What a library gives, or in one line what it raised, be it a panic, which is no Exception."""
    try:
        return call(), ""
    except MemoryError:
        raise
    except BaseException as error:
        return None, str(error).partition("\n")[0][:200] or type(error).__name__


def _readable(call: Callable[[], T]) -> T:
    """What a library reads out of a message. Raises OpenPgpError."""
    found, failure = _tried(call)
    if failure or found is None:
        raise OpenPgpError("openpgp_unreadable", f"it is no OpenPGP message, or is damaged ({failure})")
    return found


if __name__ == "__main__":
    main()
