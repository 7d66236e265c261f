"""What a configuration says of OpenPGP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pysequoia
import pytest

from edigw.admin.cli import main
from edigw.partners import ConfigError, load

Change = Callable[[str, str, str], Path]
A = "partners/acme.toml"
CERTIFICATE = pysequoia.Tsk.generate("acme").extract_certificate()


@pytest.fixture
def certificate(folder: Path) -> Path:
    path = folder / "partners/acme.asc"
    path.write_text(str(CERTIFICATE))
    return path


def agree(change: Change, text: str) -> Path:
    return change(A, "[delivery]\n", f"[openpgp]\n{text}\n[delivery]\n")


def test_a_partner_has_certificates(certificate: Path, change: Change) -> None:
    config = load(agree(change, 'key_files = ["acme.asc"]\nsend = "encrypted"'))
    assert config.partners["acme"].certificates == (certificate.read_bytes(),)


def test_certificates_count_in_the_digest(certificate: Path, change: Change) -> None:
    before = load(agree(change, 'key_files = ["acme.asc"]')).digest
    certificate.write_text(str(pysequoia.Tsk.generate("acme").extract_certificate()))
    assert load(certificate.parents[1] / "edigw.toml").digest != before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('send = "encrypted"', "openpgp.key_files: missing; the partner's certificate is needed"),
        ('demand = ["signature"]', "openpgp.key_files: missing"),
        ('demand = ["encryption"]', "openpgp.demand: needs a key of the gateway, [openpgp] in edigw.toml"),
        ('key_files = ["acme.asc"]\nsend = "encrypted-and-signed"', "openpgp.send: needs a key of the gateway"),
        ('key_files = ["acme.pub"]', "openpgp.key_files[1]: no OpenPGP certificate, as gpg --export writes it"),
        ('key_files = ["missing.asc"]', "openpgp.key_files[1]: "),
        ('demand = ["seal"]', 'openpgp.demand[1]: expected one of "encryption", "signature", got "seal"'),
        ('suffix = "/x"', "openpgp.suffix: expected the end of a file name"),
    ],
)
def test_a_mistake_is_told_with_its_place(certificate: Path, change: Change, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(agree(change, text))
    assert told in str(error.value)


@pytest.mark.parametrize("how", ["expired", "revoked"])
def test_a_certificate_that_counts_no_more_is_refused(certificate: Path, change: Change, how: str) -> None:
    key = pysequoia.Tsk.generate("acme", validity_seconds=1 if how == "expired" else None)
    cert = key.extract_certificate()
    if how == "revoked":
        cert = pysequoia.Cert.from_bytes(bytes(cert) + bytes(cert.revoke(key.certifier())))
    certificate.write_bytes(bytes(cert))
    with pytest.raises(ConfigError, match=f"{cert.fingerprint}: the key .*{how}"):
        load(agree(change, 'key_files = ["acme.asc"]'))


def test_new_key_makes_what_edigw_toml_names(folder: Path, change: Change, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "keys/openpgp.asc"
    assert main(["openpgp", "new-key", str(path), "A <a@example.com>"]) == 0
    assert f'key_files = ["{path}"]' in capsys.readouterr().out
    config = change("edigw.toml", "[log]", '[openpgp]\nkey_files = ["keys/openpgp.asc"]\n[log]')
    assert load(config).openpgp is not None
    assert main(["openpgp", "new-key", str(path), "A <a@example.com>"]) == 2
    path.with_name("openpgp.asc.passphrase").write_text("wrong\n")
    with pytest.raises(ConfigError, match=r"openpgp.key_files\[1\]: .* can't be unlocked"):
        load(config)
    assert load(config, private_keys=False).openpgp is not None
