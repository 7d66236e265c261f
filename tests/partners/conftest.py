"""A working configuration in a folder of its own, to be broken in one place by each test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

Write = Callable[[str, str], Path]


def private_key() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def public_key() -> str:
    key = Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def retailer(key: str) -> str:
    return f"""
        name = "Muster Markt"
        [identifiers]
        edifact = [{{ id = "4012345000009", qualifier = "14" }}, {{ id = "MUSTER" }}]
        [login]
        user = "muster"
        keys = ["{key}"]
        [[receives]]
        document = "DespatchAdvice"
        message = "DESADV"
        version = "D.96A"
    """


def supplier(host_key: str) -> str:
    return f"""
        name = "Acme Supply"
        [identifiers]
        x12 = [{{ id = "ACME", qualifier = "ZZ", group = "ACMEAPP" }}]
        [login]
        user = "acme"
        key_files = ["acme.pub"]
        [[receives]]
        document = "Order"
        message = "850"
        version = "004010"
        [delivery]
        method = "sftp"
        [delivery.sftp]
        host = "sftp.acme.example"
        user = "edigw"
        key_file = "../keys/push"
        host_key = "{host_key}"
    """


SETTINGS = """
    [log]
    origin = "edi.example.com/log"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose edigw.toml loads."""
    for name in ("partners", "keys"):
        (tmp_path / name).mkdir()
    (tmp_path / "keys/host_ed25519").write_bytes(private_key())
    (tmp_path / "keys/push").write_bytes(private_key())
    (tmp_path / "keys/log.key").write_bytes(b"")
    for key in (tmp_path / "keys").iterdir():
        key.chmod(0o600)
    (tmp_path / "edigw.toml").write_text(SETTINGS)
    (tmp_path / "partners/muster.toml").write_text(retailer(public_key()))
    (tmp_path / "partners/acme.pub").write_text(f"# Acme\n{public_key()}\n")
    (tmp_path / "partners/acme.toml").write_text(supplier(public_key()))
    return tmp_path


@pytest.fixture
def change(folder: Path) -> Callable[[str, str, str], Path]:
    """Replace text in one of the files; returns the path of edigw.toml."""

    def replace(name: str, old: str, new: str) -> Path:
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return folder / "edigw.toml"

    return replace
