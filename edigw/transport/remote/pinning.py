"""Pinned host keys: what the partner's server must show before anything is sent to it."""

import hashlib
from dataclasses import dataclass

from edigw.transport.keys import KeyProblem, blob_fingerprint, public_blob

FAMILIES = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
FINGERPRINT_LENGTH = len("SHA256:") + -(-hashlib.sha256().digest_size * 8 // 6)


@dataclass(frozen=True, slots=True)
class Pin:
    """One pinned key: its fingerprint, and the algorithm families that a server may prove it with."""

    fingerprint: str
    families: tuple[tuple[str, ...], ...]

    @classmethod
    def parse(cls, text: str) -> "Pin":
        """From an OpenSSH public key line or a "SHA256:…" fingerprint. Raises KeyProblem."""
        text = text.strip()
        if text.startswith("SHA256:"):
            fingerprint = text.rstrip("=")
            if len(fingerprint) != FINGERPRINT_LENGTH:
                raise KeyProblem(f"{text!r} is not a SHA-256 fingerprint")
            return cls(fingerprint, FAMILIES)
        kind = text.partition(" ")[0]
        blob = public_blob(text)
        kinds = ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
        return cls(blob_fingerprint(blob), (kinds,))

    def matches(self, blob: bytes) -> bool:
        """Whether a server's key, as SSH sends it, is the pinned one."""
        return blob_fingerprint(blob) == self.fingerprint
