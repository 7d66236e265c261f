"""`edigw log anchor`, `log anchors`, and what `log verify`, `log export` and `evidence verify` make of anchors."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, select

from edigw.admin.cli import main
from edigw.log import keys
from edigw.log.highwater import write_mark
from edigw.log.keys import LogKey, WitnessKey, load_key, load_verifiers
from edigw.store.schema import ev_cosignature, ev_entry, ev_timestamp

from ..gateway.house import House, sample
from ..gateway.test_anchoring import unused_port, witness
from ..log.authority import Authority, serving
from ..log.test_attacks import rebuild
from .test_witness import running

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
WITNESS = WitnessKey("partner.example/w1", Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tsa")


@pytest.fixture
def house(tmp_path: Path, authority: Authority) -> Iterator[House]:
    """A gateway with one order, an authority and a witness that answer."""
    made = House(tmp_path)
    made.send("nordwind", "orders.edi", sample("orders_text.edi"))
    settings = made.context.config.log
    key = load_key(settings.key_file, settings.origin)
    with ExitStack() as stack:
        url = stack.enter_context(serving(authority.answer))
        seeing = stack.enter_context(witness(tmp_path / "w.db", LogKey(key.name, key.private)))
        attest(made.config, authority.roots, url, str(WITNESS.verifier), seeing)
        yield made


def attest(config: Path, roots: Path, url: str, key: str, seeing: str, anchors: str = "") -> None:
    """Writes an authority and a witness into edigw.toml."""
    (config.parent / "anchors").mkdir()
    text = f"""
[log.anchors]
folder = "anchors"
{anchors}
[[log.authorities]]
name = "one"
url = "{url}"
roots = "{roots}"
[[log.witnesses]]
key = "{key}"
url = "{seeing}"
"""
    config.write_text(config.read_text() + text)


@pytest.fixture
def run(house: House) -> Callable[..., int]:
    return lambda *arguments: main([*map(str, arguments), "-c", str(house.config)])


Out = pytest.CaptureFixture[str]


def test_the_log_is_anchored_and_evidence_says_so(
    house: House, run: Callable[..., int], authority: Authority, tmp_path: Path, capsys: Out
) -> None:
    assert run("log", "anchor", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["attested"]) == {"one", WITNESS.name} and not told["troubles"]
    assert run("log", "anchor") == 0
    assert "has not grown since everybody attested it" in capsys.readouterr().out
    assert run("log", "anchors") == 0
    assert f"one (http://127.0.0.1:{authority_port(house)}/): {told['size']} entries at " in capsys.readouterr().out
    assert run("log", "verify") == run("log", "verify", "--ask-witnesses", "--without-content") == 0
    bundle = tmp_path / "evidence.zip"
    assert run("evidence", "export", "--thread", "NW-4714", "-o", bundle) == 0
    capsys.readouterr()
    public = house.context.config.log.key_file.with_suffix(".vkey")
    trusted = ["--key", str(public), "--witness", str(WITNESS.verifier), "--tsa-ca", str(authority.roots)]
    assert main(["evidence", "verify", str(bundle), *trusted]) == 0
    said = capsys.readouterr().out
    assert "note: the witness partner.example/w1 saw the checkpoint at " in said
    assert "note: by what others attest, the events were logged before " in said
    assert "not proved: from when on the events were logged" in said
    stranger = WitnessKey("partner.example/w2", Ed25519PrivateKey.generate())
    assert main(["evidence", "verify", str(bundle), "--key", str(public), "--witness", str(stranger.verifier)]) == 1
    assert "the witness partner.example/w2 has not signed it" in capsys.readouterr().out


def authority_port(house: House) -> str:
    return house.config.read_text().split('url = "http://127.0.0.1:')[1].split("/")[0]


def test_who_attests_nothing_is_named_with_the_reason(house: House, run: Callable[..., int], capsys: Out) -> None:
    house.config.write_text(house.config.read_text().replace(authority_port(house), str(unused_port())))
    assert run("log", "anchor") == 1
    said = capsys.readouterr().out
    assert "partner.example/w1: " in said and "one: nothing: 127.0.0.1:" in said
    assert run("log", "anchors", "--json") == 1
    told = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert "connect" in told["one"]["trouble"].lower() and told[WITNESS.name]["trouble"] == ""


def test_an_export_proves_its_anchors_and_is_timestamped_itself(
    house: House, run: Callable[..., int], authority: Authority, tmp_path: Path, capsys: Out
) -> None:
    assert run("log", "anchor") == 0
    folder = tmp_path / "open"
    assert run("log", "export", folder, "--timestamp") == 0
    public = house.context.config.log.key_file.with_suffix(".vkey")
    plain = ["log", "verify", "--offline", str(folder), "--key", str(public)]
    trusted = [*plain, "--witness", str(WITNESS.verifier), "--tsa-ca", str(authority.roots)]
    assert main(trusted) == 0
    capsys.readouterr()
    assert main(plain) == 0
    assert "warning: timestamps and cosignatures were not checked" in capsys.readouterr().out
    data = {"-data": "SHA512SUMS", "-in": "SHA512SUMS.one.tsr", "-CAfile": str(authority.roots)}
    command = ["openssl", "ts", "-verify", *(part for pair in data.items() for part in pair)]
    assert subprocess.run(command, cwd=folder, capture_output=True, timeout=60).returncode == 0

    def found(*arguments: str) -> str:
        capsys.readouterr()
        assert main(list(arguments)) == 1
        return capsys.readouterr().out

    other = Authority(tmp_path / "other")
    assert "entry " in found(*trusted[:-1], str(other.roots))
    sums = (folder / "SHA512SUMS").read_text()
    (folder / "SHA512SUMS").write_text(sums.replace("log.json", "log.jsox"))
    said = found(*trusted)
    assert "SHA512SUMS.one.tsr: the timestamp is over something else" in said
    assert "log.jsox: missing, SHA512SUMS lists it" in said and "log.json: not listed in SHA512SUMS" in said
    (folder / "SHA512SUMS").write_text(sums)
    (folder / "log.vkey").write_text("")
    assert "log.vkey: its SHA-512 is not the one in SHA512SUMS" in found(*trusted)


def test_a_log_rebuilt_and_signed_anew_is_betrayed_by_witness_and_folder(
    house: House, run: Callable[..., int], capsys: Out
) -> None:
    assert run("log", "anchor") == 0
    settings = house.context.config.log
    key = load_key(settings.key_file, settings.origin)
    with house.context.database.write() as connection:
        rows = connection.execute(select(ev_entry.c.entry).order_by(ev_entry.c.seq)).scalars()
        entries = [bytes(entry) for entry in rows if b'"type":"log.anchored"' not in entry]
        entries[0] = entries[0].replace(b'"type":"submission.accepted"', b'"type":"submission.received"')
        note = rebuild(connection, key, entries)
        for table in (ev_timestamp, ev_cosignature):
            connection.execute(delete(table))
    write_mark(settings.highwater_file, note)
    anchors = house.config.parent / "anchors"
    capsys.readouterr()
    assert run("log", "verify", "--without-content") == 1
    out = capsys.readouterr().out
    assert out.startswith("ev_entry rows 0 to ") and f": not those that {anchors}/20" in out
    shutil.rmtree(anchors)
    run("log", "verify", "--without-content")
    assert "not those that" not in capsys.readouterr().out, "its signatures are good"
    assert run("log", "verify", "--ask-witnesses", "--without-content") == 1
    assert ": not those that the witness partner.example/w1 is about" in capsys.readouterr().out


def test_what_is_wrong_in_the_configuration_is_told_with_its_place(house: House, capsys: Out) -> None:
    good = house.config.read_text()
    log_key = load_verifiers(house.context.config.log.key_file.with_suffix(".vkey"))[0]
    for old, new, what in (
        ('name = "one"', 'name = "One!"', "log.authorities[1].name: expected a name of a-z"),
        ('name = "one"', 'nam = "one"', 'log.authorities[1].nam: unknown key; did you mean "name"?'),
        ("tsa/roots.pem", "tsa/tsa.cnf", "log.authorities[1].roots: "),
        ("tsa/roots.pem", "tsa/nothing.pem", "log.authorities[1].roots: "),
        ('url = "http://127', 'url = "ftp://127', "log.authorities[1].url: expected an address"),
        ('url = "http://127', 'url = "http://ann:secret@127', "log.authorities[1].url: expected an address"),
        (str(WITNESS.verifier), "rubbish", "log.witnesses[1].key: not a verifier key"),
        (str(WITNESS.verifier), str(log_key), "not of a witness"),
        (
            "\n[log.anchors]\n",
            "\n[log.anchors]\ntimeout_seconds = 200\n",
            "log.anchors.timeout_seconds: is longer than half",
        ),
        ("\n[log.anchors]\n", "\n[log.anchors]\nevery_minutes = 0\n", "log.anchors.every_minutes: "),
    ):
        assert old in good
        house.config.write_text(good.replace(old, new, 1))
        assert main(["log", "anchors", "-c", str(house.config)]) == 2
        assert what in capsys.readouterr().err, new
    house.config.write_text(good)


@contextmanager
def serving_gateway(config: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "edigw.admin.cli", "serve", "-c", str(config)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def test_two_gateways_of_one_name_can_not_show_two_histories_to_one_witness(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    """Two gateways and a witness, each a process: the second is a copy of the first, with the log's key."""
    monkeypatch.setattr(keys, "_ROUNDS", 1)
    house = House(tmp_path)
    house.send("nordwind", "orders.edi", sample("orders_text.edi"))
    house.context.database.close()
    public = house.context.config.log.key_file.with_suffix(".vkey")
    assert main(["witness", "init", str(tmp_path / "w"), "--name", WITNESS.name, "--port", "0"]) == 0
    assert main(["witness", "trust", str(tmp_path / "w"), str(public)]) == 0
    (key,) = load_verifiers(tmp_path / "w" / "witness.vkey")
    with running(tmp_path / "w") as (_, seeing), serving(authority.answer) as url:
        attest(house.config, authority.roots, url, str(key), seeing, "every_minutes = 0.1\ntimeout_seconds = 3")
        copy = shutil.copytree(house.config.parent, tmp_path / "copy") / "edigw.toml"
        for each in (house.config, copy):
            each.write_text(re.sub(r"(?m)^port = [0-9]+", lambda _: f"port = {unused_port()}", each.read_text()))
        with serving_gateway(house.config) as one, serving_gateway(copy) as two:
            deadline = time.monotonic() + 90
            while one.poll() is None and two.poll() is None:  # each begins with an event of its own
                assert time.monotonic() < deadline
                time.sleep(0.1)
            (lost, config) = (one, house.config) if two.poll() is None else (two, copy)
            assert (one.poll(), two.poll()).count(None) == 1 and lost.returncode == 2
            assert lost.stderr is not None
            assert "the witness partner.example/w1 shows" in lost.stderr.read()
        with serving_gateway(config) as process:
            assert process.wait(60) == 2
            assert process.stderr is not None
            assert "the witness partner.example/w1 shows" in process.stderr.read(), "it does not even start"
    winner = copy if config == house.config else house.config
    assert main(["log", "verify", "-c", str(winner)]) == 0
