"""What a loaded configuration answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edigw.partners import load
from edigw.syntax.model import PartyId

Change = Callable[[str, str, str], Path]


def test_a_minimal_configuration_gets_defaults_inside_its_own_folder(folder: Path) -> None:
    config = load(folder / "edigw.toml")
    assert config.data == folder / "data"
    assert config.database_url == f"sqlite:///{folder}/data/edigw.db"
    assert config.payload_folder == folder / "data/payloads"
    assert config.sftp.host_keys == (folder / "keys/host_ed25519",)
    assert config.max_file_size == 64_000_000


def test_paths_are_relative_to_the_file_they_stand_in(folder: Path, change: Change) -> None:
    change("edigw.toml", "[log]", 'payloads = "/srv/edi"\ndatabase = "sqlite:///state/x.db"\n[log]')
    config = load(folder / "edigw.toml")
    assert config.payload_folder == Path("/srv/edi")
    assert config.database_url == f"sqlite:///{folder}/state/x.db"
    target = config.partners["acme"].delivery.sftp
    assert target is not None
    assert target.key_file.resolve() == folder / "keys/push"


def test_a_relative_path_to_the_configuration_works(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert load(Path("edigw.toml")).data == folder / "data"


def test_partners_are_found_by_their_user_name(folder: Path) -> None:
    config = load(folder / "edigw.toml")
    found = config.by_user("acme")
    assert found is not None
    assert found.code == "acme"
    assert config.by_user("nobody") is None


@pytest.mark.parametrize(
    ("standard", "party", "code"),
    [
        ("edifact", PartyId("4012345000009", "14"), "muster"),
        ("edifact", PartyId("MUSTER"), "muster"),
        ("x12", PartyId("ACME", "ZZ"), "acme"),
        ("edifact", PartyId("4012345000009"), None),
        ("edifact", PartyId("MUSTER", "14"), None),
        ("x12", PartyId("4012345000009", "14"), None),
        ("edifact", PartyId("ACME", "ZZ"), None),
    ],
)
def test_partners_are_found_by_identifier_with_exactly_its_qualifier(
    folder: Path, standard: str, party: PartyId, code: str | None
) -> None:
    found = load(folder / "edigw.toml").by_identifier(standard, party)  # type: ignore[arg-type]
    assert (found.code if found else None) == code


def test_the_first_identifier_is_the_one_that_is_written(folder: Path) -> None:
    config = load(folder / "edigw.toml")
    assert config.identifier_for(config.partners["muster"], "edifact") == PartyId("4012345000009", "14")
    assert config.group_code_for(config.partners["acme"]) == "ACMEAPP"
    with pytest.raises(LookupError, match="muster has no x12 identifier"):
        config.identifier_for(config.partners["muster"], "x12")
    with pytest.raises(LookupError, match="muster has no x12 identifier"):
        config.group_code_for(config.partners["muster"])


def test_the_application_code_is_the_identifier_unless_one_is_given(folder: Path, change: Change) -> None:
    config = load(change("partners/acme.toml", ', group = "ACMEAPP"', ""))
    assert config.group_code_for(config.partners["acme"]) == "ACME"


def test_an_agreement_names_the_form_of_each_document(folder: Path) -> None:
    config = load(folder / "edigw.toml")
    assert config.receives(config.partners["acme"], "Order") == ("850", "004010")
    assert config.receives(config.partners["muster"], "DespatchAdvice") == ("DESADV", "D.96A")
    assert config.receives(config.partners["acme"], "Invoice") is None


def test_keys_of_key_files_stand_beside_those_of_the_partner_file(folder: Path, change: Change) -> None:
    inline = (folder / "partners/muster.toml").read_text().partition('keys = ["')[2].partition('"')[0]
    other = f"{inline[:-1]}{'B' if inline.endswith('A') else 'A'}"
    config = load(change("partners/acme.toml", "key_files", f'keys = ["{other}"]\n        key_files'))
    login = config.partners["acme"].login
    assert login is not None
    assert len(login.keys) == 2
    assert login.keys[1] == (folder / "partners/acme.pub").read_text().splitlines()[1]


def test_the_digest_changes_with_any_file_and_with_nothing_else(folder: Path) -> None:
    first = load(folder / "edigw.toml").digest
    assert load(folder / "edigw.toml").digest == first
    (folder / "partners/notes.txt").write_text("not read")
    assert load(folder / "edigw.toml").digest == first
    with (folder / "partners/acme.pub").open("a") as keys:
        keys.write("# one more line\n")
    second = load(folder / "edigw.toml").digest
    assert second != first
    (folder / "partners/muster.toml").rename(folder / "partners/muster-2.toml")
    assert load(folder / "edigw.toml").digest not in (first, second)


def test_a_folder_without_partners_is_a_configuration(folder: Path) -> None:
    for path in (folder / "partners").iterdir():
        path.unlink()
    (folder / "partners").rmdir()
    assert load(folder / "edigw.toml").partners == {}


def test_private_keys_can_be_left_unread(folder: Path) -> None:
    for path in (folder / "keys").iterdir():
        path.unlink()
    assert len(load(folder / "edigw.toml", private_keys=False).partners) == 2


def test_a_printed_configuration_does_not_show_the_database_password(folder: Path, change: Change) -> None:
    path = change("edigw.toml", "[log]", 'database = "postgresql+psycopg://edigw:hunter2@db/edigw"\n[log]')
    config = load(path)
    assert "hunter2" in config.database_url
    assert "hunter2" not in repr(config)
