"""Timestamps over checkpoints (RFC 3161): what is asked of an authority, and whether its answer holds.

The chain of certificates is validated at the time that the token states, so a token holds long after the authority's
certificate has run out.
"""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Query:
    """A request for a token: `der` is sent, `nonce` must come back."""

    data: bytes
    der: bytes
    nonce: int


def query(data: bytes, *, sha512: bool = False) -> Query:
    """The request for a token over `data`, by its SHA-256, with a nonce, asking for the certificates as well."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    algorithm = HashAlgorithm.SHA512 if sha512 else HashAlgorithm.SHA256
    built = TimestampRequestBuilder(data=data, hash_algorithm=algorithm).build()
    if built.nonce is None:
        raise AnchorError("the request for a timestamp has no nonce")
    return Query(data, built.as_bytes(), built.nonce)


def verify(answer: bytes, data: bytes, roots: Sequence[Certificate], nonce: int | None = None) -> datetime:
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
        VerifierBuilder(roots=list(roots)).build().verify_message(token, data)
        return token.tst_info.gen_time.astimezone(UTC)
    except VerificationError as error:
        raise AnchorError(_told(str(error))) from error
    except ValueError as error:
        raise AnchorError(f"the timestamp can't be read: {error}") from error


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
