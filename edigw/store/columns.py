"""Column types that take less room than text: hashes as bytes, small JSON compressed.

In Python both look as they would without: a hash is hex text, packed bytes are the bytes that were given.
"""

from __future__ import annotations

import zlib
from typing import Any

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

UNPACKED_LIMIT = 1 << 20
_PLAIN, _DEFLATED = b"\0", b"\1"

# What details of events have in common. Packed bytes need just these to be read again: never change them, add another
# method. https://www.rfc-editor.org/rfc/rfc1950, 2.2: a stream names the Adler-32 of the dictionary it was made with.
_COMMON = (
    b'"losses":[{"kind":"changed","location":"","reason":"written as ","segment":,"value":"","code":"","severity":'
    b'"error","text":""}],"error":"","attempt":1,"confirmed":"renamed","temp_name":"","acknowledgement":{"file":"",'
    b'"transmission":"","type":"CONTRL"},"codes":[],"outcome":"accepted","before":"rejected"{"action":"","why":"",'
    b'"bindings":[{"name":"order/ORDERS","sha256":"","version":"D.96A"},{"name":"order/850","sha256":"","version":'
    b'"004010"}],"source":{"file_sha256":"","from_byte":,"message":"","sha256":"","to_byte":,"transmission":"",'
    b'"type":"ORDERS"},"remote":{"folder":"incoming","host":"127.0.0.1","host_key":"SHA256:","port":22,"user":"edigw"}'
    b'"interchanges":[{"control":"","position":1,"reason":"","receiver":":14","sender":":14","sha256":"","standard":'
    b'"edifact","state":"accepted","test":false}],"findings":[],"findings_in_all":0,"messages":[{"control":"0001",'
    b'"created_at":"2026-01-01T00:00:00.000Z","document":"DespatchAdvice","group_control":"","id":"","interchange":1,'
    b'"number":"","position":1,"receiver":"","sender":"","source":"","standard":"x12","transmission":"","type":"997",'
    b'"version":"004010","xid":""}],"session":{"algorithms":"cipher=aes128-ctr mac=hmac-sha2-256 hostkey=ssh-ed25519",'
    b'"client":"SSH-2.0-OpenSSH_","key":"SHA256:","peer":"127.0.0.1:","user":""},"states":{"ack/":"none","message/":'
    b'"sent","reason/":"","transmission/":"received"},"transmission":{"created_at":"2026-01-01T00:00:00.000Z",'
    b'"direction":"in","id":"","kind":"business","name":"","partner":"","sha256":"","size":,"source":"","via":'
    b'"mailbox","xid":""}}{"about":{"message":"01","transmission":"01"},"configuration":"","file":"","kept":{"01":{'
    b'"finding":"","interchange":"","mailbox_item":"","reference":""}}'
)


def pack(data: bytes) -> bytes:
    """`data` in the form in which it is stored: the shorter one of compressed and as it is, after a byte that tells."""
    compressor = zlib.compressobj(6, zdict=_COMMON)
    deflated = compressor.compress(data) + compressor.flush()
    return _DEFLATED + deflated if len(deflated) < len(data) else _PLAIN + data


def unpack(stored: bytes) -> bytes:
    """The bytes that `pack` was given. What it never wrote comes back as it is: whoever checks hashes finds it out."""
    method, packed = stored[:1], stored[1:]
    if method == _PLAIN:
        return packed
    if method != _DEFLATED:
        return stored
    try:
        return zlib.decompressobj(zdict=_COMMON).decompress(packed, UNPACKED_LIMIT)
    except zlib.error:
        return stored


class Hex(TypeDecorator[str]):
    """Text of hex digits, kept as bytes: half as long, and in the same order."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Raises ValueError for what is not hex."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """In lower case."""
        return None if value is None else bytes(value).hex()


class Packed(TypeDecorator[bytes]):
    """Bytes, compressed where that helps."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """What is stored."""
        return None if value is None else pack(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """What was given."""
        return None if value is None else unpack(bytes(value))
