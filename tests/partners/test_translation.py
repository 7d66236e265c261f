"""What an agreement says of translation: overlays, codes that no list has, losses, envelopes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edigw.mapping import Loss
from edigw.partners import ConfigError, load
from edigw.partners.adaptation import overlay_for, unmapped_codes
from edigw.partners.tables.translation import LossPolicy, LossRule
from edigw.partners.translation import action

Change = Callable[[str, str, str], Path]
A = "partners/acme.toml"


def agreed(change: Change, text: str) -> Path:
    """Add tables to Acme's file."""
    return change(A, "[delivery]\n", f"{text}\n[delivery]\n")


def overlay(folder: Path, change: Change, text: str, name: str = "own.yaml", direction: str = "both") -> Path:
    (folder / name).write_text(text, "utf-8")
    return agreed(change, f'[[overlays]]\nfile = "../{name}"\ndirection = "{direction}"\n')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("extends: order/850\nremove: [refrences]\n", "own.yaml:2: order/850 has no rule refrences; did you mean"),
        ("extends: order/ORDERZ\n", 'own.yaml:1: there is no binding order/ORDERZ; did you mean "order/ORDERS"?'),
        ("extends: order/850\nremoves: [x]\n", 'own.yaml:2: unknown key removes; did you mean "remove"?'),
        (
            "extends: order/850\nchange:\n- {id: number, at: BEG/99}\n",
            "own.yaml:3: rule 'number': BEG has no element 99",
        ),
        (
            "extends: order/850\nchange:\n- {id: number, where: BEG/03}\n",
            "own.yaml:3: rule 'number': unknown key where",
        ),
        (
            "extends: order/850\nadd:\n- after: number\n  rule: {id: x, doc: contrat, at: BEG/06}\n",
            "has no field 'contrat'; did you mean \"contract\"?",
        ),
        ("extends: order/850\nadd:\n- {rule: {id: x, at: BEG/06}}\n", "own.yaml:3: add: say either after or before"),
        ("extends: order/850\nconstants: {number: '1'}\n", "own.yaml:2: number is no constant"),
        (
            "extends: order/850\nqualifiers: {'DTM[01=02]': X}\n",
            "own.yaml:2: no location of order/850 has DTM[01=02]; did",
        ),
        ("extends: order/850\ncodes: {unit: {PCE: P1}}\n", "own.yaml:2: codes: order/850 has no list or rule unit"),
        (
            "extends: order/850\ncodes: {units: {PCE: P1, EA: P1}}\n",
            "own.yaml:2: codes: units: P1 stands for two codes",
        ),
        ("extends: order/850\ndates: {issued: '102'}\n", "own.yaml:2: rule 'issued': a date has one form in X12"),
        ("extends: order/ORDERS\ndates: {issued: '718'}\n", "own.yaml:2: rule 'issued': format is one of 101, 102"),
        (
            "extends: order/850\nnumbering: {lines.number: {begin: 1}}\n",
            "own.yaml:2: rule 'number': numbering: unknown",
        ),
        ("extends: order/850\nversions: ['002040']\n", "own.yaml:2: order/850 is not for 002040"),
        ("extends: order/850\nremove: number\n", "own.yaml:2: remove: expected a list"),
        ("partner: prairie\n", "own.yaml:1: extends is missing"),
        ("extends: order/850\ncodes: {lines.price: {'1': '2'}}\n", "own.yaml:2: rule 'price': price takes no codes"),
        ("extends: order/850\ncodes: {'380': {EA: P1}}\n", "own.yaml:2: codes: no rule has codes of 380 in 850 004010"),
        (
            "extends: order/850\nnumbering: {lines.price: {start: 1}}\n",
            "own.yaml:2: rule 'price': price is no number of",
        ),
        (
            "extends: order/850\nchange:\n- {id: number, key: maybe}\n",
            "own.yaml:3: rule 'number': key: expected yes or no",
        ),
        ("extends: [\n", "own.yaml:2: "),
        ("extends: order/850\nremove: [number]\n", "no rule fills the mandatory element 324"),
    ],
)
def test_what_is_wrong_with_an_overlay_is_told_when_the_configuration_is_loaded(
    folder: Path, change: Change, text: str, told: str
) -> None:
    path = overlay(folder, change, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert (caught.value.file, caught.value.key) == (A, "overlays[1].file")
    assert told in str(caught.value)


def test_two_overlays_of_one_binding_are_refused(folder: Path, change: Change) -> None:
    overlay(folder, change, "extends: order/850\n", direction="sends")
    load(overlay(folder, change, "extends: order/850\n", name="other.yaml", direction="receives"))
    overlay(folder, change, "extends: order/850\n", name="third.yaml")
    with pytest.raises(ConfigError, match="there is an overlay of order/850 already"):
        load(folder / "edigw.toml")


def test_each_direction_and_version_has_its_overlay(folder: Path, change: Change) -> None:
    overlay(folder, change, "extends: order/850\nversions: ['004010']\n", direction="sends")
    config = load(overlay(folder, change, "extends: order/850\n", name="other.yaml", direction="receives"))
    acme = config.partners["acme"]

    def found(direction: str, version: str) -> str:
        one = overlay_for(acme, direction, "order/850", version)  # type: ignore[arg-type]
        return one.file.name if one else ""

    assert [found("sends", "004010"), found("sends", "005010")] == ["own.yaml", ""]
    assert [found("receives", "004010"), found("receives", "005010")] == ["other.yaml", "other.yaml"]


def test_the_configurations_digest_covers_overlays(folder: Path, change: Change) -> None:
    path = overlay(folder, change, "extends: order/850\n")
    before = load(path).digest
    (folder / "own.yaml").write_text("extends: order/850\nnote: new\n")
    assert load(path).digest != before


def test_codes_that_no_list_has_go_by_list_then_by_the_rest(change: Change) -> None:
    path = agreed(
        change, '[codes]\nunmapped = "pass"\nlists = { units = "hold" }\ndefaults = { party_roles = "ZZZ" }\n'
    )
    codes = unmapped_codes(load(path).partners["acme"])
    told = [(each.action, each.default) for each in map(codes.of, ("units", "party_roles", "references"))]
    assert told == [("hold", ""), ("default", "ZZZ"), ("pass", "")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('lists = { unit = "hold" }', 'codes.lists.unit: there is no code list of that name; did you mean "units"?'),
        (
            'lists = { units = "hodl" }',
            'codes.lists.units: expected one of "drop", "pass", "hold", got "hodl"; did you',
        ),
        ('lists = { units = "hold" }\ndefaults = { units = "EA" }', "codes.lists.units: stands in codes.defaults, too"),
        ('unmapped = "ignore"', 'codes.unmapped: expected one of "drop", "hold", "pass", got "ignore"'),
        ('defaults = { units = "" }', "codes.defaults.units: expected a canonical code"),
    ],
)
def test_mistakes_about_codes_are_told(change: Change, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(agreed(change, f"[codes]\n{text}\n"))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('element = ":"', "edifact.component: ':' is already the element character"),
        ('release = "a"', "edifact.release: 'a' can't be a service character"),
        ('element = "|"\nuna = false', "edifact.una: other service characters"),
        ('element = "."', "edifact.element: '.' is already the decimal character"),
    ],
)
def test_service_characters_that_cannot_be_are_told(change: Change, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(agreed(change, f"[edifact]\n{text}\n"))
    assert told in str(caught.value)


def test_an_implementation_is_named_by_transaction_set(change: Change) -> None:
    with pytest.raises(ConfigError, match="expected a transaction set such as"):
        load(agreed(change, '[x12]\nimplementations = { ORDERS = "X" }\n'))


PRICE = Loss("changed", "lines[2].price", "4.355", "too exact")
NOTE = Loss("dropped", "notes[0].text", "Ring twice")


@pytest.mark.parametrize(
    ("loss", "places", "at", "kind", "fits"),
    [
        (PRICE, ["lines[2].price"], "lines.price", None, True),
        (PRICE, ["lines[2].price"], "price", None, True),
        (PRICE, ["lines[2].price_basis"], "price", None, False),
        (PRICE, ["lines[2].price_basis"], "price*", None, True),
        (PRICE, ["lines[2].price"], "lines", "converted", True),
        (PRICE, ["lines[2].price"], "lines", "dropped", False),
        (PRICE, ["lines[2].price", "SG25/SG28/PRI/5118"], "PRI", None, True),
        (PRICE, ["lines[2].price", "SG25/SG28/PRI/5118"], "SG28/PRI/5118", None, True),
        (PRICE, ["lines[2].price", "SG25/SG28/PRI/5118"], "SG25/PRI", None, False),
        (NOTE, ["notes[0].text", "N9/MSG01"], "MSG", None, True),
        (NOTE, ["notes[0].text", "N9/MSG01"], "MSG01", None, True),
        (NOTE, ["notes[0].text", "N9/MSG01"], "MSG02", None, False),
        (NOTE, ["notes[0].text"], "*", "dropped", True),
    ],
)
def test_a_rule_fits_a_place_or_a_part_of_one(
    loss: Loss, places: list[str], at: str, kind: str | None, fits: bool
) -> None:
    rule = LossRule(action="hold", at=at, kind=kind)  # type: ignore[arg-type]
    assert action(LossPolicy(action="allow", rules=(rule,)), loss, places) == ("hold" if fits else "allow")


def test_the_first_rule_that_fits_decides() -> None:
    rules = (LossRule(action="allow", at="notes"), LossRule(action="hold"))
    assert action(LossPolicy(rules=rules), NOTE, ["notes[0].text"]) == "allow"
    assert action(LossPolicy(rules=rules), PRICE, ["lines[0].price"]) == "hold"
    assert action(LossPolicy(), PRICE, ["lines[0].price"]) == "flag"
