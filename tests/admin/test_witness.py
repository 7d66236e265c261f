"""`edigw witness`: set up, told whom to witness, run, killed, looked at."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edigw.admin.cli import main
from edigw.log import keys
from edigw.log.anchors.witness import origin_hash, read_cosignature
from edigw.log.keys import load_verifiers
from edigw.log.note import COSIGNATURE, split_note

from ..witness.tree import KEY, ORIGIN, Growing

NAME = "partner.example/w1"
LOG = Growing()
DIES_BEFORE_IT_SIGNS = (
    "import os, sys\n"
    "from edigw.log.keys import WitnessKey\n"
    "WitnessKey.cosign = lambda *_: os.kill(os.getpid(), 9)\n"
    "from edigw.admin.cli import main\n"
    "main(sys.argv[1:])\n"
)


@contextmanager
def running(folder: Path, program: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A witness in a process of its own, and its address."""
    start = ["-c", program] if program else ["-m", "edigw.admin.cli"]
    command = [sys.executable, *start, "witness", "serve", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        found = re.search(r"on 127\.0\.0\.1 port ([0-9]+)", said)
        assert found, said + process.stderr.read()
        yield process, f"http://127.0.0.1:{found[1]}"
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A witness of one log."""
    monkeypatch.setattr(keys, "_ROUNDS", 1)
    assert main(["witness", "init", str(tmp_path / "w"), "--name", NAME, "--port", "0"]) == 0
    assert main(["witness", "trust", str(tmp_path / "w"), str(KEY.verifier)]) == 0
    return tmp_path / "w"


def test_it_is_set_up_with_an_encrypted_key_that_nobody_else_can_read(folder: Path) -> None:
    (key,) = load_verifiers(folder / "witness.vkey")
    assert (key.name, key.kind) == (NAME, COSIGNATURE)
    assert (folder / "witness.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert main(["witness", "init", str(folder), "--name", NAME]) == 2, "a key is never overwritten"


def test_mistakes_are_told_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def told(*arguments: str) -> str:
        capsys.readouterr()
        assert main(["witness", *arguments]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        return error

    assert "name: expected a domain and a path" in told("init", str(tmp_path / "x"), "--name", "no spaces please")
    assert "the key of a witness, not of a log" in told("trust", str(folder), str(folder / "witness.vkey"))
    assert "no such file" in told("serve", str(tmp_path / "nowhere"))
    (folder / "logs.vkey").write_text("rubbish\n")
    assert "logs.vkey: line 1: not a verifier key" in told("serve", str(folder))


def test_killed_between_remembering_and_signing_it_goes_on_from_there(folder: Path) -> None:
    (key,) = load_verifiers(folder / "witness.vkey")
    with running(folder) as (process, url):
        assert httpx.post(f"{url}/add-checkpoint", content=LOG.request(0, 5)).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    with running(folder, DIES_BEFORE_IT_SIGNS) as (process, url):
        with pytest.raises(httpx.HTTPError):
            httpx.post(f"{url}/add-checkpoint", content=LOG.request(5, 9))
        assert process.wait(20) == -signal.SIGKILL
    with running(folder) as (_, url):
        fork = Growing("other", shared=5)
        assert httpx.post(f"{url}/add-checkpoint", content=fork.request(5, 9)).text == "9\n", "it remembers"
        assert httpx.post(f"{url}/add-checkpoint", content=fork.request(9, 9)).status_code == 422
        again = httpx.post(f"{url}/add-checkpoint", content=LOG.request(9, 9))
        assert read_cosignature(again.content, split_note(LOG.note(9))[0], key).witness == NAME
        assert httpx.get(f"{url}/{origin_hash(ORIGIN)}/checkpoint").text == LOG.note(9) + again.text
    done = subprocess.run(
        [sys.executable, "-m", "edigw.admin.cli", "witness", "list", str(folder), "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 1, "a log that shows two histories is bad news"
    told = json.loads(done.stdout)
    assert told["logs"] == [{"log": ORIGIN, "size": 9, "at": told["logs"][0]["at"]}]
    (conflict,) = told["conflicts"]
    assert (conflict["held"], conflict["refused"]) == (LOG.note(9), fork.note(9))


def test_it_answers_by_https(folder: Path, make_certificate: Callable[[Path], Path]) -> None:
    certificate = make_certificate(folder)
    with (folder / "witness.toml").open("a") as file:
        file.write('tls_certificate = "cert.pem"\ntls_key = "key.pem"\n')
    with running(folder) as (_, url):
        context = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(base_url=url.replace("http://", "https://"), verify=context) as client:
            assert client.post("/add-checkpoint", content=LOG.request(0, 5)).status_code == 200


@pytest.fixture
def make_certificate() -> Callable[[Path], Path]:
    """Writes cert.pem and key.pem for 127.0.0.1."""

    def making(folder: Path) -> Path:
        key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "witness")])
        valid = now - timedelta(days=1), now + timedelta(days=1)
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), *valid)
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        made = builder.add_extension(address, False).sign(key, hashes.SHA256())
        (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
        (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return folder / "cert.pem"

    return making
