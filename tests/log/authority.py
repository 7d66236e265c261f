"""A timestamping authority with certificates of its own: openssl answers honestly, and lies when told to."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONFIG = """
[tsa]
default_tsa = one
[one]
serial = serial
default_policy = 1.2.3.4
digests = sha256, sha512
signer_digest = sha256
ess_cert_id_alg = sha256
"""
DAY = timedelta(days=1)


class Authority:
    """`folder` holds `roots.pem`, the certificate that its tokens lead to."""

    def __init__(self, folder: Path, since: datetime | None = None, until: datetime | None = None) -> None:
        """The certificates are valid from `since` (yesterday) to `until` (tomorrow)."""
        folder.mkdir()
        self.folder = folder
        self.roots = folder / "roots.pem"
        now = datetime.now(UTC)
        valid = since or now - DAY, until or now + DAY
        root, signer = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
        name = _name("root")
        made = _certificate(name, root, name, root, valid, (x509.BasicConstraints(True, None), True))
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        _write(self.roots, made.public_bytes(serialization.Encoding.PEM))
        _write(folder / "signer.pem", _certificate(_name("tsa"), signer, name, root, valid, (usage, True)))
        _write(folder / "signer.key", signer)
        (folder / "tsa.cnf").write_text(CONFIG)
        (folder / "serial").write_text("01\n")

    def answer(self, query: bytes) -> bytes:
        """What an honest authority answers."""
        (self.folder / "query").write_bytes(query)
        self._openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "answer")
        return (self.folder / "answer").read_bytes()

    def stamp(self, imprint: bytes, at: datetime, nonce: int | None = None) -> bytes:
        """A token over any hash, of any time: what one could have been given at that time."""
        policy, serial = b"\x06\x03\x2a\x03\x04", b"\x02\x01\x07"
        said = _tlv(0x30, SHA256 + _tlv(4, imprint)) + serial + _time(at) + _nonce(nonce)
        info = _tlv(0x30, b"\x02\x01\x01" + policy + said)
        (self.folder / "info").write_bytes(info)
        form = ["-econtent_type", TST_INFO, "-binary", "-nodetach", "-cades", "-md", "sha256", "-outform", "DER"]
        self._openssl("cms", "-sign", "-in", "info", *form, "-out", "token")
        return _tlv(0x30, _tlv(0x30, b"\x02\x01\x00") + (self.folder / "token").read_bytes())

    def _openssl(self, *arguments: str) -> None:
        command = ["openssl", *arguments, "-signer", "signer.pem", "-inkey", "signer.key"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr


@contextmanager
def serving(
    answer: Callable[[bytes], bytes | tuple[int, bytes]],
    credentials: list[str | None] | None = None,
    port: int = 0,
) -> Iterator[str]:
    """The address of a server that answers every POST so, with 200 if nothing else is said."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if credentials is not None:
                credentials.append(self.headers["Authorization"])
            found = answer(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = (200, found) if isinstance(found, bytes) else found
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def dripping() -> Iterator[str]:
    """The address of a server whose header never ends."""
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection, suppress(OSError):
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                    while True:
                        connection.sendall(b"X-Drip: y\r\n")
                        time.sleep(0.05)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    server.close()


def nonce_of(query: bytes) -> int:
    """The nonce in a TimeStampReq that asks for certificates as well: its last but one value."""
    end = query.rindex(b"\x01\x01\xff")  # certReq TRUE
    length = next(n for n in range(1, 21) if query[end - n - 2] == 2 and query[end - n - 1] == n)
    return int.from_bytes(query[end - length : end], "big")


def slowly(_: bytes) -> bytes:
    """An authority that takes its time."""
    time.sleep(1.5)
    return b""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name,
    key: EllipticCurvePrivateKey,
    issuer: x509.Name,
    by: EllipticCurvePrivateKey,
    valid: tuple[datetime, datetime],
    extension: tuple[x509.ExtensionType, bool],
) -> x509.Certificate:
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), *valid)
    return builder.add_extension(*extension).sign(by, hashes.SHA256())


def _write(path: Path, what: x509.Certificate | EllipticCurvePrivateKey | bytes) -> None:
    pem = serialization.Encoding.PEM
    if isinstance(what, x509.Certificate):
        what = what.public_bytes(pem)
    elif isinstance(what, EllipticCurvePrivateKey):
        what = what.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(what)


def _tlv(tag: int, value: bytes) -> bytes:
    length = bytes([len(value)]) if len(value) < 128 else b"\x82" + len(value).to_bytes(2, "big")
    return bytes([tag]) + length + value


def _time(at: datetime) -> bytes:
    return _tlv(0x18, f"{at:%Y%m%d%H%M%SZ}".encode())


def _nonce(nonce: int | None) -> bytes:
    return b"" if nonce is None else _tlv(2, nonce.to_bytes(nonce.bit_length() // 8 + 1, "big"))
