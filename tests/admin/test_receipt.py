"""`edigw receipt verify`: one line that says what a receipt proves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edigw.admin.cli import main
from edigw.log.keys import create_key
from tests.gateway.house import House, sample

SENT = "orders_3.edi"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a partner has: its file, the receipt, the log's public key."""
    folder = tmp_path_factory.mktemp("partner")
    house = House(tmp_path_factory.mktemp("house"))
    house.send("nordwind", SENT, sample(SENT))
    (folder / SENT).write_bytes(sample(SENT))
    (folder / "other.edi").write_bytes(sample(SENT)[:-1] + b"!")
    (folder / "short.edi").write_bytes(sample(SENT)[:-1])
    for name in (f"{SENT}.receipt", f"{SENT}.receipt.txt"):
        (folder / name).write_bytes(house.outbox("nordwind", "receipts")[name])
    (folder / "log.vkey").write_text(f"{house.context.log.keys[0]}\n")
    return folder


def verify(folder: Path, *arguments: str, receipt: str = f"{SENT}.receipt", key: str = "log.vkey") -> int:
    return main(["receipt", "verify", str(folder / receipt), "--key", str(folder / key), *arguments])


def test_it_says_in_one_line_who_sent_what_and_when(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "--original", str(folder / SENT)) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.startswith("VERIFIED: partner nordwind (GLN:")
    assert f"{SENT} (3412 bytes, SHA-256 " in out and "UTC by the gateway's clock" in out
    assert "entry 0 of the log edigw.example/test" in out


def test_without_the_original_it_says_how_large_the_file_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder) == 0
    assert "handed in a file of 3412 bytes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"), [("other.edi", "other bytes than the file"), ("short.edi", "has 3411 bytes, the receipt is")]
)
def test_another_file_does_not_verify(folder: Path, capsys: pytest.CaptureFixture[str], name: str, said: str) -> None:
    assert verify(folder, "--original", str(folder / name)) == 1
    out = capsys.readouterr().out
    assert out.startswith("DOES NOT VERIFY: ") and said in out


def test_an_altered_receipt_and_another_logs_key_do_not_verify(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (folder / f"{SENT}.receipt").read_text()
    (tmp_path / "altered").write_text(text.replace("index 0", "index 1"))
    assert main(["receipt", "verify", str(tmp_path / "altered"), "--key", str(folder / "log.vkey")]) == 1
    create_key(tmp_path / "log.key", "edigw.example/test")
    assert verify(folder, key=str(tmp_path / "log.vkey")) == 1
    said = capsys.readouterr().out.splitlines()
    assert "the entry is not in the log" in said[0] or "no leaf" in said[0]
    assert said[1] == "DOES NOT VERIFY: no known key signed the note"


@pytest.mark.parametrize(
    "arguments",
    [
        ["{folder}/nowhere.receipt", "--key", "{folder}/log.vkey"],
        ["{folder}/" + SENT, "--key", "{folder}/log.vkey"],
        ["{folder}/" + SENT + ".receipt"],
        ["{folder}/" + SENT + ".receipt", "--key", "{folder}/" + SENT],
        ["{folder}/" + SENT + ".receipt", "--key", "{folder}/log.vkey", "--original", "{folder}/nowhere"],
    ],
)
def test_what_cannot_be_used_is_one_line_and_code_2(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["receipt", "verify", *(argument.format(folder=folder) for argument in arguments)]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1


def test_json_says_what_was_proved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "--original", str(folder / SENT), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verified"] and told["type"] == "submission.accepted" and told["actor"] == "partner:nordwind"
    assert told["original"]["role"] == "payload.original"


def test_the_words_beside_it_tell_the_same(folder: Path) -> None:
    words = (folder / f"{SENT}.receipt.txt").read_text()
    assert f"File     {SENT}\nSize     3412 bytes\n" in words
