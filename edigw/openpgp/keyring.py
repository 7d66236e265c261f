"""The OpenPGP keys of the gateway and its partners, and what is done with them: open what comes, seal what goes out."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edigw.openpgp.errors import OpenPgpError
from edigw.openpgp.keys import OwnKey, certificates_in, load_own

if TYPE_CHECKING:
    from pysequoia import Cert, PySigner

_logger = logging.getLogger("edigw.openpgp")
_SURROUNDINGS = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG")  # of the process; no passphrases of other things
_SECONDS = 15  # of processor time to open one message, and four times that in all
_MEMORY = 512 << 20  # bytes of address space beside what the message needs


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature in a message. `reason` and `text` say why it does not count, if it does not."""

    valid: bool
    issuer: str  # fingerprint or id of the key that it names, in hex
    certificate: str  # the fingerprint of the sender's certificate that it belongs to; "" if to none
    hash: str
    armored: str  # the signature alone: over the content, as `gpg --verify` checks it
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in a message."""

    content: bytes
    encrypted: bool
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that a configuration names. `certificates` are those of partners, by code."""

    own: tuple[OwnKey, ...] = ()
    certificates: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    _parsed: Mapping[str, tuple[Cert, ...]] = field(default_factory=dict, repr=False)
    _signer: PySigner | None = field(default=None, repr=False)

    @classmethod
    def load(cls, own: Sequence[Path], certificates: Mapping[str, Sequence[bytes]]) -> Keyring:
        """Read and unlock our keys in the files `own`; `certificates` are contents of files of partners, by code.

        Raises OpenPgpKeyError."""
        keys = tuple(load_own(path) for path in own)
        known = {
            code: tuple(cert for content in contents for cert in certificates_in(content))
            for code, contents in certificates.items()
            if contents
        }
        return cls(
            keys,
            {code: tuple(bytes(cert) for cert in certs) for code, certs in known.items()},
            known,
            keys[0].signer() if keys else None,
        )

    def open(self, message: bytes, sender: str, limit: int) -> Opened:
        """The content of a message of the partner `sender`, of at most `limit` bytes, decrypted by one of our keys, and
        what its signatures are worth by the partner's certificates. In a process of its own.

        Raises OpenPgpError."""
        asked = {
            "keys": [{"key": _encoded(key.data), "passphrase": key.passphrase} for key in self.own],
            "certificates": [_encoded(each) for each in self.certificates.get(sender, ())],
            "limit": limit,
            "memory": _MEMORY + 6 * (limit + len(message)),
            "seconds": _SECONDS,
        }
        told, content = _ask(json.dumps(asked).encode() + b"\n" + message)
        if "reason" in told:
            raise OpenPgpError(told["reason"], told["text"])
        signatures = tuple(
            Signature(
                valid=each["valid"],
                issuer=each["issuer"],
                certificate=each.get("certificate", ""),
                hash=each["hash"],
                armored=each.get("armored", ""),
                reason=each.get("reason", ""),
                text=each.get("text", ""),
            )
            for each in told["signatures"]
        )
        return Opened(content, told["encrypted"], signatures)

    def seal(self, content: bytes, receiver: str, *, sign: bool, armor: bool) -> bytes:
        """`content` as a message encrypted for the partner `receiver`; `sign`: and signed by our first key."""
        import pysequoia

        signer = self._signer if sign else None
        return pysequoia.encrypt(content, list(self._parsed[receiver]), signer, armor=armor)

    def serves(self, partner: str) -> bool:
        """Whether messages of a partner can be opened: there is a key of ours, or a certificate of the partner's."""
        return bool(self.own) or bool(self.certificates.get(partner))


def _ask(request: bytes) -> tuple[dict[str, Any], bytes]:
    """What the process answers that opens messages. Raises OpenPgpError if it came to grief."""
    command = [sys.executable, "-P", "-m", "edigw.openpgp.child"]
    secretless = {name: os.environ[name] for name in _SURROUNDINGS if name in os.environ}
    too_costly = OpenPgpError("openpgp_too_costly", "to open it takes more memory or time than a file may cost")
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=request, capture_output=True, timeout=4 * _SECONDS, check=False, env=secretless
        )
    except subprocess.TimeoutExpired:
        raise too_costly from None
    if done.returncode != 0:
        _logger.warning("opening an OpenPGP message ended with %d: %s", done.returncode, done.stderr[-2000:])
        raise too_costly
    line, _, content = done.stdout.partition(b"\n")
    return json.loads(line), content


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
