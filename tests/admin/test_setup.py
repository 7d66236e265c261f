"""`edigw init`: what it makes can be used as it is."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import msgspec
import pytest

from edigw.admin.cli import main
from edigw.admin.output import CommandError
from edigw.admin.setup import TEMPLATES, create
from edigw.log.keys import load_key
from edigw.partners import ConfigError, load
from edigw.partners.tables.agreement import AgreementFile
from edigw.partners.tables.partner import PartnerFile
from edigw.partners.tables.routes import RoutesFile
from edigw.partners.tables.settings import Settings

UNSET = {
    "certificate",
    "certificate_key",
    "fallback_charset",
    "folder",
    "key_files",
    "payloads",
    "sender_id",
    "receiver_id",
}  # examples of values; default: none


def test_a_new_gateway_loads_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "gw"), "--origin", "edi.mycompany.com/log"]) == 0
    config = load(tmp_path / "gw/edigw.toml")
    assert config.log.origin == "edi.mycompany.com/log"
    assert load_key(config.log.key_file, config.log.origin).name == "edi.mycompany.com/log"
    assert list(config.partners) == ["retailer", "supplier"]
    assert list(config.agreements) == [("retailer", "supplier")]
    assert config.receives(config.partners["retailer"], "DespatchAdvice") == ("DESADV", "D.96A")
    assert config.receives(config.partners["supplier"], "Order") == ("850", "004010")
    assert config.partners["retailer"].delivery.method == "mailbox"
    assert config.partners["supplier"].delivery.method == "sftp"
    assert "edigw serve -c" in capsys.readouterr().out


def test_folders_and_private_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    create(tmp_path / "gw")
    for folder in (".", "keys", "partners", "data"):
        assert stat.S_IMODE((tmp_path / "gw" / folder).stat().st_mode) == 0o700
    for key in ("host_ed25519", "push_ed25519", "log.key", "log.key.passphrase"):
        assert stat.S_IMODE((tmp_path / "gw/keys" / key).stat().st_mode) == 0o600


def test_a_gateway_that_exists_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert main(["init", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"edigw: {tmp_path}/edigw.toml exists already; nothing was changed\n"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_key_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/host_ed25519").write_text("precious")
    with pytest.raises(CommandError, match="exists already"):
        create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_a_wrong_origin_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"log\.origin"):
        create(tmp_path / "gw", origin="no path")
    assert not (tmp_path / "gw").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["init", str(tmp_path / "file/gw")]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"edigw: {tmp_path}/file")
    assert error.count("\n") == 1


def test_partners_of_ones_own_take_the_place_of_the_examples(tmp_path: Path) -> None:
    path = create(
        tmp_path, port=12345, partners={"acme": 'name = "A"\nidentifiers = {x12 = [{id = "ACME", qualifier = "ZZ"}]}'
        '\nlogin = {user = "acme", key_files = ["../keys/push_ed25519.pub"]}'}
    )  # fmt: skip
    config = load(path)
    assert list(config.partners) == ["acme"]
    assert config.sftp.port == 12345


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (["edigw.toml"], Settings),
        (["partners/retailer.toml", "partners/supplier.toml"], PartnerFile),
        (["routes.toml"], RoutesFile),
        (["agreements/retailer-to-supplier.toml", "partners/retailer.toml", "partners/supplier.toml"], AgreementFile),
    ],
)
def test_the_templates_name_every_key_there_is(files: list[str], kind: type[msgspec.Struct]) -> None:
    text = "\n".join((TEMPLATES / name).read_text() for name in files)

    def keys(struct: type[msgspec.Struct]) -> set[str]:
        found = set()
        for field in msgspec.structs.fields(struct):
            found.add(field.name)
            for part in getattr(field.type, "__args__", (field.type,)):
                if isinstance(part, type) and issubclass(part, msgspec.Struct):
                    found |= keys(part)
        return found

    assert [key for key in sorted(keys(kind)) if key not in text] == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("edigw.toml", Settings),
        ("partners/retailer.toml", PartnerFile),
        ("partners/supplier.toml", PartnerFile),
        ("agreements/retailer-to-supplier.toml", AgreementFile),
    ],
)
def test_what_the_templates_show_as_default_is_the_default(name: str, kind: type[msgspec.Struct]) -> None:
    table: type[msgspec.Struct] = kind
    for text in (TEMPLATES / name).read_text().splitlines():
        if text.startswith(("[", "# [")):
            steps = text.split("]")[0].lstrip("# [").split(".")
            table = kind
            for step in steps:
                kinds = {field.name: field.type for field in msgspec.structs.fields(table)}
                args = getattr(kinds[step], "__args__", (kinds[step],))
                structs = [part for part in args if isinstance(part, type) and issubclass(part, msgspec.Struct)]
                table = structs[0] if structs else msgspec.Struct  # [severities] has whatever keys
        elif text.startswith("# ") and " = " in text:
            key, _, value = text[2:].partition(" = ")
            defaults = {field.name: field.default for field in msgspec.structs.fields(table)}
            if key not in defaults or '"default' in value or key in UNSET:
                continue
            shown = tomllib.loads(f"{key} = {value}")[key]
            assert msgspec.to_builtins(defaults[key], enc_hook=str) == (
                tuple(shown) if isinstance(shown, list) else shown
            )
