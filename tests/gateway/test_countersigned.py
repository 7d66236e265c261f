"""Receipts that partners sign: a recipient can't deny any more that it fetched a file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from edigw.admin.cli import main
from edigw.gateway.desk import queries
from edigw.log.receipt import entry_of
from edigw.log.sshsig import RECEIPT, SUBMISSION

from ..log.ssh_signing import Signer, keygen, needs_keygen
from .house import SESSION, House, sample
from .test_receipts import fetch

SIGNER = Signer.new()


def asn(house: House) -> bytes:
    return house.fresh(sample("asn_4711.x12"), b"000088231")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One gateway for all tests; each fetches a file of its own."""
    house = House(tmp_path_factory.mktemp("house"))
    agree(house, SIGNER.line)
    return house


def agree(house: House, key: str) -> None:
    house.agree("nordwind", f'[signatures]\nreceipts = "ask"\n[[signatures.keys]]\nkey = "{key}"')


def fetched(house: House) -> tuple[str, str]:
    """The name of a new file that nordwind fetches, and the receipt that it gets."""
    before = set(house.outbox("nordwind"))
    house.send("prairie", f"asn{house.number()}.x12", asn(house))
    (name,) = set(house.outbox("nordwind")) - before
    fetch(house, "nordwind", name)
    return name, house.outbox("nordwind", "receipts")[f"{name}.receipt"].decode()


def countersign(house: House, name: str, text: str, signer: Signer = SIGNER, namespace: str = RECEIPT) -> str:
    id = house.drop("nordwind", f"{name}.receipt.sig", signer.sign(entry_of(text), namespace))
    house.settle()
    return id


def owed(house: House, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["receipt", "owed", "-c", str(house.config)]) == 0
    return capsys.readouterr().out


def state(house: House, id: str) -> tuple[Any, Any]:
    shown = house.show(id)
    return shown["state"], shown["reason"]


def test_a_signed_receipt_is_in_the_exchange_that_it_is_about_and_owed_no_more(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    name, text = fetched(house)
    assert name in owed(house, capsys)
    id = countersign(house, name, text)
    assert state(house, id) == ("accepted", "")
    with house.context.database.read() as conn:
        (sent,) = queries.search(conn, queries.Filters(text=name))[-1:]
    signed: dict[str, Any] = house.show(sent["id"])["events"][-1]  # type: ignore[index]
    assert (signed["type"], signed["actor"]) == ("ack.signed", "partner:nordwind")
    assert [o["role"] for o in signed["objects"]] == ["ack.receipt", "detail"]
    assert signed["detail"]["signed"]["type"] == "retrieval.completed"
    assert name not in owed(house, capsys)
    assert house.problems() == []


def test_the_words_beside_the_receipt_ask_for_the_signature(house: House) -> None:
    name, _ = fetched(house)
    words = house.outbox("nordwind", "receipts")[f"{name}.receipt.txt"].decode()
    assert "you are asked to sign this receipt" in words
    assert f"edigw receipt entry {name}.receipt | ssh-keygen -Y sign" in words
    sender = [text for name, text in house.outbox("prairie", "receipts").items() if name.endswith(".txt")]
    assert all(b"you may sign this receipt" in text for text in sender)


@needs_keygen
@pytest.mark.skipif(shutil.which("base64") is None, reason="needs base64")
def test_the_plain_command_in_the_words_makes_a_signature_that_counts(house: House, tmp_path: Path) -> None:
    keygen("-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key")
    agree(house, (tmp_path / "key.pub").read_text().strip())
    name, text = fetched(house)
    (tmp_path / f"{name}.receipt").write_text(text)
    words = house.outbox("nordwind", "receipts")[f"{name}.receipt.txt"].decode().splitlines()
    at = next(n for n, line in enumerate(words) if line.startswith("    sed "))
    command = "\n".join(words[at : at + 2]).replace("-f KEY", "-f key")
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, timeout=30)
    id = house.drop("nordwind", f"{name}.receipt.sig", (tmp_path / f"{name}.receipt.sig").read_bytes())
    house.settle()
    agree(house, SIGNER.line)
    assert state(house, id) == ("accepted", "")


def test_a_sender_can_sign_the_receipt_for_what_it_handed_in(house: House) -> None:
    house.drop("nordwind", "po.edi", sample("orders_3.edi"))
    house.settle()
    id = countersign(house, "po.edi", house.outbox("nordwind", "receipts")["po.edi.receipt"].decode())
    assert state(house, id) == ("accepted", "")
    assert house.problems() == []


def test_a_receipt_is_signed_once(house: House) -> None:
    name, text = fetched(house)
    countersign(house, name, text)
    assert state(house, countersign(house, name, text)) == ("duplicate", "signed_before")
    assert house.problems() == []


def test_a_signature_still_counts_when_the_receipt_was_taken_out_of_the_mailbox(house: House) -> None:
    name, text = fetched(house)
    home = house.home("nordwind")
    entry = home.find("receipts", f"{name}.receipt")
    assert entry is not None
    home.remove(entry, SESSION)
    assert state(house, countersign(house, name, text)) == ("accepted", "")


@pytest.mark.parametrize(
    ("signer", "namespace", "reason"),
    [(Signer.new(), RECEIPT, "unknown_key"), (SIGNER, SUBMISSION, "wrong_namespace")],
)
def test_what_does_not_count_is_told_and_stays_owed(
    house: House, signer: Signer, namespace: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, text = fetched(house)
    assert state(house, countersign(house, name, text, signer, namespace)) == ("rejected", reason)
    assert f"{name}.receipt.sig.report.txt" in house.outbox("nordwind", "receipts")
    assert name in owed(house, capsys)
    assert house.problems() == []


def test_the_signature_over_another_receipt_does_not_count_for_this_one(house: House) -> None:
    name, text = fetched(house)
    house.send("prairie", "other.x12", asn(house))
    other = house.outbox("prairie", "receipts")["other.x12.receipt"].decode()
    assert state(house, countersign(house, name, other)) == ("rejected", "signature_wrong")
    assert state(house, countersign(house, "nothing.edi", text)) == ("rejected", "nothing_signed")


def test_entry_writes_what_is_signed_and_verifies_first_if_it_has_the_key(
    house: House, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    _, text = fetched(house)
    path = tmp_path / "x.receipt"
    path.write_text(text)
    key = str(house.context.log.keys[0])
    assert main(["receipt", "entry", str(path)]) == 0
    assert main(["receipt", "entry", str(path), "--key", key]) == 0
    assert capfdbinary.readouterr().out == entry_of(text) * 2
    path.write_text(text.replace("index ", "index 1"))
    assert main(["receipt", "entry", str(path), "--key", key]) == 1
    assert capfdbinary.readouterr().out == b""
