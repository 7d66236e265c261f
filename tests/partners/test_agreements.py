"""Agreements between two partners: what counts in place of their own files, and what can't."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edigw.partners import Config, ConfigError, load
from edigw.partners.agreements import Pair

Change = Callable[[str, str, str], Path]
AGREEMENT = 'sender = "muster"\nreceiver = "acme"\n'


@pytest.fixture
def agree(folder: Path) -> Callable[[str], Config]:
    """Write an agreement of what muster sends to acme, and load."""

    def write(text: str) -> Config:
        (folder / "agreements").mkdir(exist_ok=True)
        (folder / "agreements/muster-to-acme.toml").write_text(AGREEMENT + text)
        return load(folder / "edigw.toml")

    return write


def between(config: Config) -> Pair:
    return config.between(config.partners["muster"], config.partners["acme"])


def test_without_an_agreement_the_partners_own_files_count(folder: Path) -> None:
    config = load(folder / "edigw.toml")
    assert between(config) == (config.partners["muster"], config.partners["acme"])


def test_a_key_of_the_agreement_counts_in_place_of_the_partners(agree: Callable[[str], Config], change: Change) -> None:
    change("partners/acme.toml", "[delivery]\n", '[x12]\nelement = "|"\nsuffix = "VICS"\n[delivery]\ntogether = true\n')
    config = agree("""
        duplicate_days = 30
        [x12]
        suffix = ""
        implementations = { "850" = "005010X1" }
        [delivery]
        file_name = "muster_{control}.x12"
        [acknowledgements]
        ta1 = "always"
    """)
    sender, receiver = between(config)
    assert (receiver.x12.element, receiver.x12.suffix) == ("|", "")
    assert receiver.x12.implementations == {"850": "005010X1"}
    assert (receiver.delivery.file_name, receiver.delivery.together) == ("muster_{control}.x12", True)
    assert receiver.delivery.sftp == config.partners["acme"].delivery.sftp
    assert (sender.acknowledgements.ta1, sender.acknowledgements.send) == ("always", "always")
    assert sender.duplicate_days == 30


def test_it_counts_in_its_own_direction_only(agree: Callable[[str], Config]) -> None:
    config = agree('[loss]\naction = "hold"\n')
    assert [each.loss.action for each in between(config)] == ["hold", "hold"]
    back = config.between(config.partners["acme"], config.partners["muster"])
    assert [each.loss.action for each in back] == ["flag", "flag"]


def test_a_form_takes_the_place_of_the_same_document_s(agree: Callable[[str], Config], change: Change) -> None:
    change("partners/acme.toml", "[delivery]\n", '[[receives]]\ndocument = "OrderChange"\nmessage = "860"\n'
           'version = "004010"\n[delivery]\n')  # fmt: skip
    config = agree('[[receives]]\ndocument = "Order"\nmessage = "850"\nversion = "005010"\n')
    forms = [(form.document, form.version) for form in between(config).receiver.receives]
    assert forms == [("Order", "005010"), ("OrderChange", "004010")]


def test_another_of_the_partners_identifiers_may_be_written(agree: Callable[[str], Config]) -> None:
    config = agree('sender_id = "MUSTER"\n')
    assert str(config.identifier_for(between(config).sender, "edifact")) == "MUSTER"
    assert str(config.identifier_for(config.partners["muster"], "edifact")) == "4012345000009:14"


def test_overlays_of_the_agreement_come_before_the_partners(agree: Callable[[str], Config], folder: Path) -> None:
    for name, element in (("own", "04"), ("agreed", "06")):
        text = f"extends: order/850\nchange:\n- {{id: contract, at: BEG/{element}}}\n- {{id: release, at: BEG/05}}\n"
        (folder / f"partners/{name}.yaml").write_text(text)
    path = folder / "partners/acme.toml"
    path.write_text(path.read_text().replace("[delivery]\n", '[[overlays]]\nfile = "own.yaml"\n[delivery]\n', 1))
    config = agree('[[overlays]]\nfile = "../partners/agreed.yaml"\n')
    files = [each.overlay.file.name for each in between(config).receiver.adaptations]
    assert files == ["agreed.yaml", "own.yaml"]


def test_an_agreement_is_part_of_the_digest(agree: Callable[[str], Config], folder: Path) -> None:
    before = load(folder / "edigw.toml").digest
    assert agree("").digest != before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("testing = 1\n", '3: testing: unknown key; did you mean "test"?'),
        ("[delivery]\nmethod = 'sftp'\n", "4: delivery.method: unknown key, expected one of file_name, together"),
        ('sender_id = "MUSTR"\n', '3: sender_id: "MUSTR" is no identifier of partner muster; did you mean "MUSTER"?'),
        ("[x12]\nelement = '>'\n", "3: x12.component: '>' is already the element delimiter"),
        ('[delivery]\nfile_name = "a"\n', "4: delivery.file_name: needs {control} or {id}"),
        ('[[receives]]\ndocument = "Order"\nmessage = "850"\nversion = "1"\n', "6: receives[1].version: there is no"),
        ('[[receives]]\ndocument = "Order"\nmessage = "ORDERS"\nversion = "D.96A"\n', "identifiers.edifact: missing"),
        ('[codes]\nlists = { unit = "hold" }\n', '4: codes.lists.unit: there is no code list of that name; did you'),
        ('guides = ["no.yaml"]\n', "3: guides[1]: "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(agree: Callable[[str], Config], text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        agree(text)
    assert str(caught.value).startswith("agreements/muster-to-acme.toml:")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("sender", "receiver", "told"),
    [
        ("mustr", "acme", 'agreements/x.toml:1: sender: there is no partner "mustr"; did you mean "muster"?'),
        ("acme", "acme", "agreements/x.toml:2: receiver: is the sender, too"),
        ("muster", "acme", "agreements/x.toml:2: receiver: there is an agreement of muster and acme already"),
    ],
)
def test_partners_that_can_t_agree_are_told(
    agree: Callable[[str], Config], folder: Path, sender: str, receiver: str, told: str
) -> None:
    agree("")
    (folder / "agreements/x.toml").write_text(f'sender = "{sender}"\nreceiver = "{receiver}"\n')
    with pytest.raises(ConfigError) as caught:
        load(folder / "edigw.toml")
    assert told in str(caught.value)


def test_of_a_partner_whose_file_is_wrong_only_that_is_told(agree: Callable[[str], Config], change: Change) -> None:
    agree("")
    path = change("partners/acme.toml", "host =", "hosst =")
    with pytest.raises(ConfigError, match="hosst"):
        load(path)
