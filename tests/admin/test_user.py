"""`edigw user`: who may log in to the console."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edigw.admin import setup
from edigw.admin.cli import main
from edigw.gateway.service import open_context
from edigw.partners import load


def test_users_are_added_listed_and_disabled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = setup.create(tmp_path / "gw")
    open_context(load(config))
    at, secret = ["-c", str(config)], tmp_path / "secret"
    secret.write_text("a long enough password\n")
    secret.chmod(0o600)
    password = ["--password-file", str(secret)]
    assert main(["user", "list", *at]) == 0 and "nobody yet" in capsys.readouterr().out
    assert main(["user", "add", "anna", "--role", "admin", *password, *at]) == 0
    assert main(["user", "add", "rita", "--role", "partner", "--partner", "retailer", *password, *at]) == 0
    assert main(["user", "disable", "rita", "--reason", "left", *at]) == 0
    capsys.readouterr()
    assert main(["user", "list", "--json", *at]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"name": "anna", "role": "admin", "partner": "", "enabled": True},
        {"name": "rita", "role": "partner", "partner": "retailer", "enabled": False},
    ]
    assert main(["user", "enable", "rita", "--reason", "back", *at]) == 0
    assert main(["user", "password", "rita", *password, *at]) == 0
    for wrong in (
        ["x", "--role", "partner", "--partner", "nobody"],
        ["x", "--role", "cook"],
        ["anna", "--role", "admin"],
    ):
        assert main(["user", "add", *wrong, *password, *at]) == 2
    secret.write_text("short\n")
    assert main(["user", "password", "anna", *password, *at]) == 2
    assert "12 to 1024 characters" in capsys.readouterr().err
