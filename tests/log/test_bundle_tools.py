"""Evidence from outside in a bundle: timestamps by openssl, signatures of partners by ssh-keygen."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from edigw.log.verify import verify_bundle

from .conftest import KEY
from .test_bundle import original, reseal

__all__ = ["original"]  # the fixture

KEYS = [str(KEY.verifier)]
TSA = """
[req]
distinguished_name = dn
x509_extensions = ext
[dn]
[ext]
basicConstraints = critical,CA:TRUE
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = one
[one]
serial = serial
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
"""


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "unpacked")


def call(*command: object, cwd: Path) -> None:
    subprocess.run([str(part) for part in command], cwd=cwd, check=True, capture_output=True, timeout=60)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_a_partners_signature_over_an_entry_is_checked(folder: Path, tmp_path: Path) -> None:
    call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "partner", cwd=tmp_path)
    entry = folder / "entries/0003.json"
    call("ssh-keygen", "-q", "-Y", "sign", "-f", "partner", "-n", "receipt@edi-evidence", entry, cwd=tmp_path)
    reseal(folder)
    signers = tmp_path / "allowed"
    signers.write_text(f"GLN:5412345000013 {(tmp_path / 'partner.pub').read_text()}")
    assert any(line.startswith("whose entries/0003.json.sig is") for line in verify_bundle(folder, KEYS).unproved)
    report = verify_bundle(folder, KEYS, allowed_signers=signers)
    assert report.ok, report.failure
    assert "GLN:5412345000013 signed entries/0003.json; the log does not tell when" in report.notes
    entry.with_name("0003.json.sig").rename(entry.with_name("0002.json.sig"))
    reseal(folder)
    report = verify_bundle(folder, KEYS, allowed_signers=signers)
    assert report.failure == "entries/0002.json.sig: not a signature over entries/0002.json for receipt@edi-evidence"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_timestamps_bound_when_the_events_were_logged(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tsa.cnf").write_text(TSA)
    (tmp_path / "serial").write_text("01\n")
    certificate = ["-config", "tsa.cnf", "-subj", "/CN=tsa", "-keyout", "key.pem", "-out", "ca.pem", "-days", "2"]
    call("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *certificate, cwd=tmp_path)
    for name in ("checkpoint", "before/checkpoint"):
        call("openssl", "ts", "-query", "-data", folder / name, "-sha256", "-cert", "-out", "query", cwd=tmp_path)
        signing = ["-config", "tsa.cnf", "-signer", "ca.pem", "-inkey", "key.pem"]
        answer = ["-queryfile", "query", "-out", folder / f"{name}.tsr"]
        call("openssl", "ts", "-reply", *signing, *answer, cwd=tmp_path)
    reseal(folder)
    assert any("was not checked" in line for line in verify_bundle(folder, KEYS).warnings)
    report = verify_bundle(folder, KEYS, tsa_ca=[tmp_path / "ca.pem"])
    assert report.ok, report.failure
    assert any(line.startswith("by what others attest, the events were logged after ") for line in report.notes)
    shutil.copy(folder / "before/checkpoint.tsr", folder / "checkpoint.tsr")
    reseal(folder)
    report = verify_bundle(folder, KEYS, tsa_ca=[tmp_path / "ca.pem"])
    assert report.failure.startswith("checkpoint.tsr: not a timestamp of this checkpoint")
