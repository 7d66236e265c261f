"""Timestamps over checkpoints (RFC 3161): what is asked of an authority, and whether its answer holds.

The chain of certificates is validated at the time that the token states, so a token holds long after the authority's
certificate has run out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edigw.log.errors import AnchorError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

ANSWER_LIMIT = 64 << 10  # bytes of an answer: a token with a long chain of certificates has some 10 KiB
ROOTS_LIMIT = 1 << 20
QUERY_TYPE = "application/timestamp-query"  # RFC 3161 3.4
ANSWER_TYPE = "application/timestamp-reply"
_GRANTED = 0  # RFC 3161 2.4.2
_ALGORITHMS = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_STAND_IN = b"edigw"


@dataclass(frozen=True, slots=True)
class Query:
    """A request for a token over `data`, bytes or a file: `der` is sent, `nonce` must come back."""

    data: bytes | Path
    der: bytes
    nonce: int


def query(data: bytes | Path, *, sha512: bool = False) -> Query:
    """The request for a token over `data`, by its SHA-256, with a nonce, asking for the certificates as well."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    algorithm, name = (HashAlgorithm.SHA512, "sha512") if sha512 else (HashAlgorithm.SHA256, "sha256")
    built = TimestampRequestBuilder(data=_STAND_IN, hash_algorithm=algorithm).build()
    if built.nonce is None:
        raise AnchorError("the request for a timestamp has no nonce")
    # The library hashes what it is given, and would have a file of any size in memory.
    asked, hashed = built.as_bytes(), hashlib.new(name, _STAND_IN).digest()
    return Query(data, asked.replace(hashed, _hashed(data, name)), built.nonce)


def verify(answer: bytes, data: bytes | Path, roots: Sequence[Certificate], nonce: int | None = None) -> datetime:
    """The time that the token in `answer` (TimeStampResp, DER) states, if it holds: over `data`, with this nonce where
    one is given, signed for timestamping by a certificate that leads to one of `roots`.

    Raises AnchorError.
    """
    from rfc3161_client import VerificationError, VerifierBuilder

    token = _decoded(answer)
    try:
        stated = token.tst_info.nonce if nonce is not None else None
        if stated != nonce:
            raise AnchorError("the timestamp is not the one that was asked for: it has another nonce, or none")
        imprint = token.tst_info.message_imprint.hash_algorithm.dotted_string
        if imprint not in _ALGORITHMS:
            raise AnchorError(f"the timestamp is by a hash that is not accepted ({imprint})")
        VerifierBuilder(roots=list(roots)).build().verify(token, _hashed(data, _ALGORITHMS[imprint]))
        return token.tst_info.gen_time.astimezone(UTC)
    except VerificationError as error:
        raise AnchorError(_told(str(error))) from error
    except ValueError as error:
        raise AnchorError(f"the timestamp can't be read: {error}") from error


def _hashed(data: bytes | Path, algorithm: str) -> bytes:
    """Raises AnchorError if the file can't be read."""
    if isinstance(data, bytes):
        return hashlib.new(algorithm, data).digest()
    try:
        with data.open("rb") as file:
            return hashlib.file_digest(file, algorithm).digest()
    except OSError as error:
        raise AnchorError(f"{data}: {error.strerror}") from error


def load_roots(path: Path) -> tuple[Certificate, ...]:
    """The certificates in a PEM file. Raises AnchorError."""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        with path.open("rb") as file:
            return tuple(load_pem_x509_certificates(file.read(ROOTS_LIMIT)))
    except (OSError, ValueError) as error:
        raise AnchorError(f"{path}: no certificates in PEM form ({error})") from error


def _decoded(answer: bytes) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response

    if len(answer) > ANSWER_LIMIT:
        raise AnchorError(f"the authority's answer is larger than {ANSWER_LIMIT} bytes")
    try:
        token = decode_timestamp_response(answer)
    except ValueError as error:
        raise AnchorError(f"the authority's answer is no timestamp: {error}") from error
    if token.status != _GRANTED:
        said = ", ".join(token.status_string)
        raise AnchorError(f"the authority refused: status {token.status}{f', {said}' if said else ''}")
    return token


def _told(error: str) -> str:
    if "Mismatch between messages" in error:
        return "the timestamp is over something else"
    if found := re.search(r'Verify error: ([^"]+)', error):
        return f"the timestamp is not signed by somebody whom the given certificates vouch for ({found[1]})"
    return f"the timestamp does not hold: {error}"
