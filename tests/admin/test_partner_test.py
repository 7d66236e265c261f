"""`edigw partner test`: a partner's server is tried step by step, and the step that fails says what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edigw.admin.cli import main
from edigw.admin.setup import create
from edigw.transport.keys import generate
from tests.transport.sftp_world import Loop, World, make_world

Capture = pytest.CaptureFixture[str]
STEPS = ["resolve", "port", "host_key", "login", "folder", "write", "round_trip"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    loop = Loop()
    world = make_world(tmp_path_factory.mktemp("server"), loop).start(ban_points=10_000)
    yield world
    world.stop(drain=0)
    loop.close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create(tmp_path_factory.mktemp("gw"))


def server(world: World, table: str = "delivery.sftp", **changed: Any) -> str:
    values = {
        "host": "127.0.0.1",
        "port": world.port,
        "user": "acme",
        "key_file": str(world.client_key),
        "host_key": world.host_line,
        "folder": "inbox",
        **changed,
    }
    return f"[{table}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def tried(config: Path, delivery: str, capsys: Capture) -> tuple[int, dict[str, Any]]:
    path = config.parent / "partners" / "acme.toml"
    path.write_text(f'name = "A"\nidentifiers = {{ x12 = [{{ id = "ACME", qualifier = "ZZ" }}] }}\n{delivery}')
    code = main(["partner", "test", "acme", "--json", "-c", str(config)])
    return code, json.loads(capsys.readouterr().out)


def test_every_step_is_told(gateway: Path, world: World, capsys: Capture) -> None:
    tests = server(world, "delivery.test.sftp", folder="outbox")
    text = f'[delivery]\nmethod = "sftp"\n{server(world)}[delivery.test]\nmethod = "sftp"\n{tests}'
    code, told = tried(gateway, text, capsys)
    first, second = told["places"]
    assert (code, told["ok"], first["ok"], first["key"]) == (1, False, True, "delivery.sftp")
    assert [step["step"] for step in first["steps"]] == STEPS
    assert first["steps"][2]["text"].startswith("SHA256:")
    assert first["steps"][5]["text"].endswith(".part was put, renamed and removed")
    assert first["steps"][6]["text"].endswith(" ms") and all(step["ms"] >= 0 for step in first["steps"])
    assert (
        world.home.list("inbox") == []
        and [path for path in (world.staging / "ACME").rglob("*") if path.is_file()] == []
    )
    last = second["steps"][-1]
    assert (second["ok"], last["step"], last["ok"]) == (False, "write", False)
    assert "nothing done, then: " in last["text"] and "right to write" in last["advice"]
    assert main(["partner", "test", "acme", "-c", str(gateway)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"acme, [delivery.sftp]: 127.0.0.1:{world.port} as acme"
    assert lines[2].startswith("  ok      port        ") and lines[-1].startswith("          -> ")


@pytest.mark.parametrize(
    ("changed", "step", "text", "advice"),
    [
        ({"host": "nowhere.invalid"}, "resolve", "nowhere.invalid is not found", "name service"),
        ({"port": 1}, "port", "nobody listens at port 1", "`port`"),
        ({"host_key": "other"}, "host_key", "the server shows SHA256:", "telephone"),
        ({"host_key": "ecdsa"}, "host_key", "no host key of the pinned kind", "`legacy = true`"),
        ({"user": "eve"}, "login", "refuses user 'eve'", "does their server know user 'eve'"),
        ({"folder": "nowhere"}, "folder", "the folder nowhere is not there", "ask what the folder is called"),
    ],
)
def test_the_step_that_fails_says_what_to_do(
    gateway: Path,
    world: World,
    tmp_path: Path,
    capsys: Capture,
    changed: dict[str, Any],
    step: str,
    text: str,
    advice: str,
) -> None:
    if changed.get("host_key") == "other":
        changed = {"host_key": generate(tmp_path / "other")}
    elif changed.get("host_key") == "ecdsa":
        import asyncssh

        key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
        changed = {"host_key": key.export_public_key().decode().strip()}
    code, told = tried(gateway, f'[delivery]\nmethod = "sftp"\n{server(world, **changed)}', capsys)
    (place,) = told["places"]
    last = place["steps"][-1]
    assert (code, last["step"], last["ok"]) == (1, step, False)
    assert text in last["text"] and advice in last["advice"]
    assert [each["step"] for each in place["steps"]] == STEPS[: STEPS.index(step) + 1]


@pytest.mark.parametrize("legacy", [False, True])
def test_a_fingerprint_is_enough_and_old_servers_are_tried_alike(
    gateway: Path, world: World, capsys: Capture, legacy: bool
) -> None:
    from edigw.transport.keys import fingerprints

    text = server(world, host_key=fingerprints(world.host_line).sha256, legacy=legacy, temp_suffix="")
    code, told = tried(gateway, f'[delivery]\nmethod = "sftp"\n{text}', capsys)
    assert code == 0 and told["places"][0]["steps"][5]["text"].endswith(".part was put and removed")


def test_folders_and_places_of_collection_are_tried_too(gateway: Path, tmp_path: Path, capsys: Capture) -> None:
    share = tmp_path / "share"
    place = json.dumps(str(share))
    text = f'[collection]\nfolder = {place}\n[delivery]\nmethod = "folder"\nfolder = {{ path = {place} }}\n'
    code, told = tried(gateway, text, capsys)
    assert code == 1 and [p["steps"][-1]["step"] for p in told["places"]] == ["folder", "folder"]
    share.mkdir()
    code, told = tried(gateway, text, capsys)
    assert code == 0
    assert [[step["step"] for step in p["steps"]] for p in told["places"]] == [["folder", "write"], ["folder"]]
    assert list(share.iterdir()) == []


def test_a_partner_that_fetches_its_files_has_no_server_to_test(gateway: Path, capsys: Capture) -> None:
    assert main(["partner", "test", "retailer", "-c", str(gateway)]) == 2
    assert "it fetches its files here" in capsys.readouterr().err
