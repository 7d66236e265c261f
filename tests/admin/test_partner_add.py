"""`edigw partner add`: a partner's files are written, checked, and taken back if they are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edigw.admin.cli import main
from edigw.admin.partner_add import Server, parse_server
from edigw.admin.setup import HOST_KEY, create
from edigw.partners.load import load
from edigw.transport.keys import fingerprints, generate
from tests.transport.sftp_world import Loop, make_world

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create(tmp_path_factory.mktemp("gw"))


@pytest.fixture
def config(made: Path) -> Path:
    for folder in ("partners", "agreements"):
        for path in (made.parent / folder).iterdir():
            if path.stem not in ("retailer", "supplier", "retailer-to-supplier"):
                path.unlink()
    return made


def files(config: Path) -> list[str]:
    return sorted(path.name for folder in ("partners", "agreements") for path in (config.parent / folder).iterdir())


def test_a_partner_that_fetches_its_files_is_set_up_and_told_how(config: Path, tmp_path: Path, capsys: Capture) -> None:
    line = generate(tmp_path / "acme", "edi@acme.example")
    options = ["--name", 'Acme "Ltd" \\ Söhne', "--x12", "ACME:ZZ", "--edifact", "4012345000009:14", "--edifact", "AC"]
    options += ["--key", str(tmp_path / "acme.pub"), "--network", "192.0.2.0/24", "--user", "acme-edi"]
    options += ["--receives", "850:004010", "--receives", "ORDCHG:D.96A", "--with", "retailer"]
    assert main(["partner", "add", "acme", *options, "-c", str(config)]) == 0
    told = capsys.readouterr().out
    partner = load(config).partners["acme"]
    assert partner.name == 'Acme "Ltd" \\ Söhne' and partner.login is not None
    assert (partner.login.user, partner.login.keys, partner.login.networks) == ("acme-edi", (line,), ("192.0.2.0/24",))
    assert [str(one.party) for one in partner.identifiers.edifact] == ["4012345000009:14", "AC"]
    forms = [(r.document, r.message, r.version) for r in partner.receives]
    assert forms == [("Order", "850", "004010"), ("OrderChange", "ORDCHG", "D.96A")]
    assert {("acme", "retailer"), ("retailer", "acme")} <= load(config).agreements.keys()
    host = fingerprints((config.parent / f"{HOST_KEY}.pub").read_text())
    for text in (
        host.sha256,
        host.md5,
        fingerprints(line).sha256,
        "acme-edi",
        "/inbox",
        "/outbox",
        "/test",
        "port 2222",
    ):
        assert text in told
    assert (config.parent / "keys/log.vkey").read_text().split("\n")[0] in told
    assert main(["partner", "add", "acme", *options, "-c", str(config)]) == 2
    assert "acme.toml exists already; nothing was changed" in capsys.readouterr().err


def test_a_partner_with_a_server_is_told_which_key_to_let_in(config: Path, tmp_path: Path, capsys: Capture) -> None:
    host_key = generate(tmp_path / "host")
    options = ["--x12", "ACME:ZZ", "--sftp", "edigw@sftp.acme.example:2022/in/edi", "--host-key", host_key]
    assert main(["partner", "add", "acme", *options, "--json", "-c", str(config)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == ["partners/acme.toml"] and "server" not in told["for_the_partner"]
    assert told["for_the_partner"]["delivery"] == {
        "user": "edigw",
        "folder": "in/edi",
        "key": (config.parent / "keys/push_ed25519.pub").read_text().strip(),
    }
    server = load(config).partners["acme"].delivery.sftp
    assert server is not None and (server.host, server.port, server.host_key) == ("sftp.acme.example", 2022, host_key)


def test_the_key_that_a_server_shows_is_told_and_not_taken(config: Path, tmp_path: Path, capsys: Capture) -> None:
    loop = Loop()
    world = make_world(tmp_path, loop).start()
    try:
        server = f"edigw@127.0.0.1:{world.port}"
        assert main(["partner", "add", "acme", "--x12", "ACME:ZZ", "--sftp", server, "-c", str(config)]) == 2
        assert f"it shows {fingerprints(world.host_line).sha256} now" in capsys.readouterr().err
    finally:
        world.stop(drain=0)
        loop.close()
    assert "acme.toml" not in files(config)


@pytest.mark.parametrize(
    ("code", "options", "text"),
    [
        ("../acme", ["--x12", "ACME:ZZ"], "a partner's code is made of"),
        ("acme", ["--x12", "ACME:ZZ"], "nothing was changed: partners/acme.toml: login: missing"),
        ("acme", ["--x12", "ACME"], "ACME: expected ID:QUALIFIER"),
        ("acme", ["--x12", "EXSUPPLY:ZZ", "--folder", "/srv/x"], "EXSUPPLY:ZZ is already an identifier of partner"),
        ("acme", ["--x12", "ACME:ZZ", "--folder", "/srv/x", "--with", "nobody"], 'there is no partner "nobody"'),
        (
            "acme",
            ["--x12", "ACME:ZZ", "--folder", "/srv/x", "--receives", "85O:004010"],
            "no binding writes 85O 004010",
        ),
        ("acme", ["--x12", "ACME:ZZ", "--key", "nowhere.pub"], "nowhere.pub: no such file"),
        ("acme", ["--x12", "ACME:ZZ", "--sftp", "sftp.acme.example"], "expected USER@HOST"),
        ("acme", ["--folder", "/srv/x"], "at least one identifier is needed"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_stays(
    config: Path, capsys: Capture, code: str, options: list[str], text: str
) -> None:
    before = files(config)
    assert main(["partner", "add", code, *options, "-c", str(config)]) == 2
    error = capsys.readouterr().err
    assert text in error and error.count("\n") == 1
    assert files(config) == before and not (config.parent / "acme.toml").exists()


def test_a_server_may_be_named_by_an_ipv6_address() -> None:
    assert parse_server("u@[2001:db8::7]:2022/in") == Server("u", "2001:db8::7", 2022, "in")
    assert parse_server("u@host") == Server("u", "host", 22, ".")
