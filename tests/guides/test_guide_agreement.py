"""Guides in a partner's agreement: read with the configuration, applied to what the partner sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from edigw import acknowledge, syntax
from edigw.partners import ConfigError, load
from tests.gateway.house import House, sample

GUIDE = """\
guide: House rules
standard: edifact
message: ORDERS
versions: [D.96A]
locations:
  - at: FTX
    use: forbidden
"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def agree(house: House, *texts: str) -> None:
    """Put guides beside the partners' folder and name them in the retailer's file."""
    folder = house.config.parent / "guides"
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts, 1):
        (folder / f"orders{number}.yaml").write_text(text)
    names = ", ".join(f'"../guides/orders{number}.yaml"' for number in range(1, len(texts) + 1))
    house.edit("nordwind", 'name = "Nord', f'guides = [{names}]\nname = "Nord')


def test_what_breaks_the_guide_is_rejected_and_acknowledged(house: House) -> None:
    """Of three orders the one with a text is refused, at its segment; the others go on."""
    agree(house, GUIDE)
    shown = house.send("nordwind", "orders.edi", sample("orders_3.edi"))
    assert shown["state"] == "partly_accepted"
    assert [m["state"] for m in shown["messages"]] == ["rejected", "accepted", "accepted"]
    (contrl,) = house.outbox("nordwind").values()
    verdicts = acknowledge.read_acknowledgement(syntax.parse(contrl).interchanges[0])
    codes = [(c.code, c.place.segment) for v in verdicts for c in v.codes]
    assert ("15", 5) in codes
    report = house.outbox("nordwind", "receipts")["orders.edi.report.txt"].decode()
    assert "FTX (free text) is not used (House rules)" in report
    assert len(house.sent("prairie")) == 2
    assert house.problems() == []


def test_what_keeps_the_guide_goes_on(house: House) -> None:
    """A guide for another kind of message, and another association of the same, change nothing."""
    others = GUIDE.replace("ORDERS", "DESADV").replace("FTX", "ALI"), GUIDE + "associations: [EAN009]\n"
    agree(house, GUIDE.replace("FTX", "SG9/TDT"), *others)
    assert house.send("nordwind", "orders.edi", sample("orders_3.edi"))["state"] == "accepted"


def test_a_guide_is_part_of_the_configuration(house: House) -> None:
    """Its path is relative to the partner's file, and a change of it changes the configuration's digest."""
    agree(house, GUIDE)
    before = load(house.config)
    assert [guide.name for guide in before.partners["nordwind"].loaded_guides] == ["House rules"]
    assert before.partners["nordwind"].guides[0].is_absolute()
    (house.config.parent / "guides" / "orders1.yaml").write_text(GUIDE + "title: New\n")
    assert load(house.config).digest != before.digest


def test_a_wrong_guide_is_told_when_the_configuration_is_read(house: House) -> None:
    """One line: the partner's file, the key, the guide's file and line, and what is wrong."""
    agree(house, GUIDE)
    path = house.config.parent / "guides" / "orders1.yaml"
    for text, reason in (
        (GUIDE.replace("at: FTX", "at: FTY"), "orders1.yaml: line 6: FTY does not stand in ORDERS D.96A"),
        (GUIDE.replace("use:", "usage:"), "orders1.yaml: line 7: unknown key 'usage'"),
        (GUIDE.replace("D.96A", "D.00Z"), "there is no version 'D.00Z'"),
        (None, "no such file or directory"),
    ):
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
        with pytest.raises(ConfigError) as refused:
            load(house.config)
        assert str(refused.value).startswith("partners/nordwind.toml:3: guides[1]: ")
        assert reason in str(refused.value)
        assert "\n" not in str(refused.value)
