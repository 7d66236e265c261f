"""Signatures of partners in an evidence bundle: what they prove there, and that nobody can bend or drop them unseen."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edigw.admin.cli import main
from edigw.gateway.desk import queries
from edigw.log.bundle import export
from edigw.log.receipt import entry_of
from edigw.log.sshsig import RECEIPT, SUBMISSION, SigningKey
from edigw.log.verify import Report, verify_bundle

from ..log.ssh_signing import Signer, needs_keygen
from .house import House, sample
from .test_receipts import fetch

SENDER, RECIPIENT, STRANGER = Signer.new(), Signer.new("sk"), Signer.new()
EXPORTED = "po.edi"


def told(signer: Signer, principal: str) -> str:
    return SigningKey(signer.line).allowed_signer(principal) + "\n"


SIGNERS = told(SENDER, "prairie") + told(RECIPIENT, "nordwind")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A bundle about a despatch advice that its sender signed and whose receipt its recipient signed; the log's key."""
    folder = tmp_path_factory.mktemp("signed")
    house = House(folder)
    for partner, signer in (("prairie", SENDER), ("nordwind", RECIPIENT)):
        agreed = f'[signatures]\nsubmissions = "allow"\nreceipts = "ask"\n[[signatures.keys]]\nkey = "{signer.line}"\n'
        house.edit(partner, "[delivery]\n", f"{agreed}[delivery]\n")
    data = sample("asn_4711.x12")
    house.drop("prairie", "asn.x12.sig", SENDER.sign(data, SUBMISSION))
    id = house.drop("prairie", "asn.x12", data)
    house.settle()
    (name,) = house.outbox("nordwind")
    fetch(house, "nordwind", name)
    receipt = house.outbox("nordwind", "receipts")[f"{name}.receipt"].decode()
    house.drop("nordwind", f"{name}.receipt.sig", RECIPIENT.sign(entry_of(receipt), RECEIPT))
    house.settle()
    assert house.problems() == []
    with house.context.database.read() as conn:
        row = queries.find_transmission(conn, id)
        assert row is not None
        xids = queries.exchanges_of_transmission(conn, row)
    export(house.context.log, xids, folder / "evidence.zip")
    with zipfile.ZipFile(folder / "evidence.zip") as archive:
        archive.extractall(folder / "bundle")
    return folder / "bundle", str(house.context.log.keys[0])


@pytest.fixture
def folder(original: tuple[Path, str], tmp_path: Path) -> Path:
    return shutil.copytree(original[0], tmp_path / "bundle")


@pytest.fixture
def verified(original: tuple[Path, str], folder: Path) -> Callable[..., Report]:
    def verify(signers: str | None = SIGNERS) -> Report:
        sums = {path: path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()}
        lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n" for path, name in sums.items())
        (folder / "SHA256SUMS").write_text("".join(line for line in lines if not line.endswith("  SHA256SUMS\n")))
        path = folder.parent / "signers"
        if signers is not None:
            path.write_text(signers)
        return verify_bundle(folder, [original[1]], allowed_signers=path if signers is not None else None)

    return verify


def entries(folder: Path, type: str) -> list[tuple[Path, dict[str, Any]]]:
    found = [(path, json.loads(path.read_text())) for path in sorted((folder / "entries").glob("*.json"))]
    return [(path, entry) for path, entry in found if entry["type"] == type]


def content(folder: Path, type: str, role: str) -> Path:
    (_, entry), *_ = entries(folder, type)
    (commit,) = (o["commit"] for o in entry["objects"] if o["role"] == role)
    return folder / f"objects/{commit}.bin"


@needs_keygen
def test_who_signed_what_is_verified_with_the_keys_that_the_verifier_gives(verified: Callable[..., Report]) -> None:
    report = verified()
    assert report.ok, report.failure
    signed = [note for note in report.notes if " signed the " in note]
    assert [note.split(" with the key")[0].split(" of entries")[0] for note in signed] == [
        "prairie signed the payload.original",
        "nordwind signed the receipt",
    ]
    assert not any("rests on the gateway's word" in line for line in report.unproved)
    assert not any("signed no receipt" in line for line in report.unproved)


@needs_keygen
def test_identifiers_may_name_the_signers_too(verified: Callable[..., Report], folder: Path) -> None:
    (_, signed), *_ = entries(folder, "submission.signed")
    (_, receipt), *_ = entries(folder, "ack.signed")
    report = verified(told(SENDER, signed["sender"]) + told(RECIPIENT, receipt["recipient"]))
    assert report.ok, report.failure


@needs_keygen
def test_without_their_keys_it_is_said_that_the_signers_are_not_known(verified: Callable[..., Report]) -> None:
    report = verified(None)
    assert report.ok
    assert sum("give the partners' keys with --allowed-signers" in line for line in report.unproved) == 2


@needs_keygen
def test_the_keys_in_the_bundle_have_the_form_that_the_verifier_reads(
    original: tuple[Path, str], folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signers = ["--allowed-signers", str(folder / "trust/allowed_signers")]
    assert main(["evidence", "verify", str(folder), "--key", original[1], *signers]) == 0
    assert "prairie signed the payload.original" in capsys.readouterr().out
    command = [sys.executable, str(folder / "verify.py"), "--key", original[1], *signers]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "nordwind signed the receipt" in done.stdout


def test_a_machine_without_ssh_keygen_is_told_what_could_not_be_checked(
    verified: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert verified(None).ok
    assert sum("ssh-keygen is not installed" in line for line in verified(None).unproved) == 2
    assert "can't be run" in verified().failure


@needs_keygen
@pytest.mark.parametrize(
    ("signers", "told_of"),
    [
        (told(STRANGER, "prairie") + told(RECIPIENT, "nordwind"), "was none of prairie or "),  # another key
        (told(SENDER, "nordwind") + told(RECIPIENT, "prairie"), "was none of prairie or "),  # another partner's
        (told(SENDER, "prairie").replace("submission@", "other@") + told(RECIPIENT, "nordwind"), "was none of prairie"),
        ("", "was none of prairie or "),
    ],
)
def test_a_signature_does_not_count_for_a_partner_whose_key_it_is_not(
    verified: Callable[..., Report], signers: str, told_of: str
) -> None:
    swapped = verified(signers)
    assert told_of in swapped.failure


@needs_keygen
@pytest.mark.parametrize("option", ['valid-after="29990101"', 'valid-before="20200101"'])
def test_a_key_counts_only_in_its_time_which_is_that_of_the_entry(verified: Callable[..., Report], option: str) -> None:
    report = verified(SIGNERS.replace("namespaces=", f"{option},namespaces="))
    assert "was none of prairie or " in report.failure


def test_a_signature_that_is_dropped_from_the_bundle_is_missed(folder: Path, verified: Callable[..., Report]) -> None:
    content(folder, "submission.signed", "signature.origin").unlink()
    assert "is missing, and no reason is given" in verified().failure


def test_a_countersignature_that_is_dropped_beside_its_entry_is_missed(
    folder: Path, verified: Callable[..., Report]
) -> None:
    (beside,) = (folder / "entries").glob("*.json.sig")
    beside.unlink()
    assert "lies beside no entry of its exchange" in verified(None).failure


def test_an_entry_about_a_signature_can_not_be_dropped(folder: Path, verified: Callable[..., Report]) -> None:
    (path, _), *_ = entries(folder, "submission.signed")
    for each in (path, path.with_suffix(".tlog-proof")):
        each.unlink()
    assert verified().failure


@pytest.mark.parametrize("role", ["signature.origin", "payload.original"])
def test_an_altered_byte_of_signature_or_file_is_found(
    folder: Path, verified: Callable[..., Report], role: str
) -> None:
    path = content(folder, "submission.signed", role)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "not what entries/" in verified().failure


@needs_keygen
def test_a_signature_moved_to_another_entry_is_found(folder: Path, verified: Callable[..., Report]) -> None:
    (beside,) = (folder / "entries").glob("*.json.sig")
    (other, _), *_ = entries(folder, "translation.completed")
    os.replace(beside, other.with_name(f"{other.name}.sig"))
    assert "not a signature over entries/" in verified().failure


def test_what_is_withheld_is_said_to_be_unproved(folder: Path, verified: Callable[..., Report]) -> None:
    path = content(folder, "submission.signed", "signature.origin")
    bundle = json.loads((folder / "bundle.json").read_text())
    bundle["withheld"][path.stem] = "agreed"
    (folder / "bundle.json").write_text(json.dumps(bundle))
    path.unlink()
    path.with_suffix(".salt").unlink()
    report = verified(None)
    assert report.ok, report.failure
    assert any("that prairie signed the file of" in line and "withheld" in line for line in report.unproved)


def test_the_page_for_people_says_who_signed_what(folder: Path) -> None:
    page = (folder / "report.html").read_text()
    assert "prairie signed the file asn.x12 with the SSH key" in page
    assert "nordwind signed a receipt with the SSH key" in page
    assert "came under a login, without a signature" not in page
    assert "--allowed-signers FILE" in page
