"""SSH keys and signatures made in Python, so that tests run where OpenSSH is not installed; `keygen` where it is."""

from __future__ import annotations

import base64
import hashlib
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEYGEN = shutil.which("ssh-keygen")
needs_keygen = pytest.mark.skipif(KEYGEN is None, reason="needs ssh-keygen")


def keygen(*arguments: str | Path, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """OpenSSH's ssh-keygen, which never asks."""
    assert KEYGEN is not None
    return subprocess.run([KEYGEN, *map(str, arguments)], input=data, capture_output=True, timeout=30, check=False)


def string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def mpint(number: int) -> bytes:
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def armored(blob: bytes) -> bytes:
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


@dataclass(frozen=True)
class Signer:
    """A key of a partner, Ed25519; `kind` "sk" makes it one that lies in a security token, "sk-ecdsa" likewise."""

    private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    kind: str = ""

    @classmethod
    def new(cls, kind: str = "") -> Signer:
        if kind == "sk-ecdsa":
            return cls(ec.generate_private_key(ec.SECP256R1()), kind)
        return cls(ed25519.Ed25519PrivateKey.generate(), kind)

    @property
    def algorithm(self) -> bytes:
        names = {"sk": b"sk-ssh-ed25519@openssh.com", "sk-ecdsa": b"sk-ecdsa-sha2-nistp256@openssh.com"}
        return names.get(self.kind, b"ssh-ed25519")

    @property
    def blob(self) -> bytes:
        application = string(b"ssh:") if self.kind else b""
        public = self.private.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            return string(self.algorithm) + string(b"nistp256") + string(point) + application
        return string(self.algorithm) + string(public.public_bytes_raw()) + application

    @property
    def line(self) -> str:
        return f"{self.algorithm.decode()} {base64.b64encode(self.blob).decode()} test"

    def sign(self, content: bytes, namespace: str, hash: str = "sha512") -> bytes:
        """What `ssh-keygen -Y sign -n NAMESPACE` writes for `content`."""
        digest = hashlib.new(hash, content).digest()
        about = string(namespace.encode()) + string(b"") + string(hash.encode())
        signed, behind = b"SSHSIG" + about + string(digest), b""
        if self.kind:
            behind = b"\x01" + struct.pack(">I", 7)  # touched; the token's counter
            signed = hashlib.sha256(b"ssh:").digest() + behind + hashlib.sha256(signed).digest()
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.private.sign(signed, ec.ECDSA(hashes.SHA256())))
            value = mpint(r) + mpint(s)
        else:
            value = self.private.sign(signed)
        signature = string(self.algorithm) + string(value) + behind
        return armored(b"SSHSIG" + struct.pack(">I", 1) + string(self.blob) + about + string(signature))
