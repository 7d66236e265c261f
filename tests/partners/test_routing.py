"""Rules of routing: which one a message meets, and what is wrong with a file of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edigw.partners import ConfigError, load
from edigw.partners.routing import Facts, route_of
from edigw.partners.tables.routes import Route

FACTS = Facts(
    sender="acme",
    receiver="muster",
    receiver_id="4012345000009:14",
    group_receiver="DEPOT-7",
    standard="x12",
    message="856",
    version="004010",
    document="DespatchAdvice",
    test=False,
)


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"sender": "acme"}, True),
        ({"sender": "a*"}, False),  # codes are no patterns
        ({"sender": ("muster", "acme"), "receiver": "muster"}, True),
        ({"sender": "acme", "receiver": "acme"}, False),
        ({"receiver_id": "40*:14"}, True),
        ({"group_receiver": ("WMS", "DEPOT*")}, True),
        ({"message": ("DESADV", "855")}, False),
        ({"version": "0040*", "document": "DespatchAdvice", "standard": "x12", "test": False}, True),
        ({"test": True}, False),
        ({"standard": "edifact"}, False),
    ],
)
def test_all_conditions_have_to_fit_and_of_a_list_one(conditions: dict[str, object], fits: bool) -> None:
    route = Route(name="x", hold="why", **conditions)  # type: ignore[arg-type]
    assert (route_of([route], FACTS) is route) is fits


def test_the_first_rule_that_fits_decides() -> None:
    routes = [Route(name=n, message=m, to="acme") for n, m in (("a", "850"), ("b", "85*"), ("c", "*"))]
    assert [getattr(route_of(routes, replace(FACTS, message=m)), "name", "") for m in ("850", "855", "ORDERS")] == [
        "a", "b", "c"
    ]  # fmt: skip
    assert route_of(routes[:2], replace(FACTS, message="ORDERS")) is None


_some = st.sampled_from(["acme", "muster", "850", "8*", "*", ""])


@given(st.lists(st.builds(Route, name=_some, sender=_some, message=_some, hold=_some), max_size=4), _some, _some)
def test_rules_behind_the_one_that_decides_change_nothing(routes: list[Route], sender: str, message: str) -> None:
    facts = replace(FACTS, sender=sender, message=message)
    found = route_of(routes, facts)
    if found is not None:
        at = next(n for n, route in enumerate(routes) if route is found)
        assert route_of(routes[: at + 1], facts) is found and route_of(routes[:at], facts) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[routes]]\nname = "a"\nto = "acm"\n', '3: routes[1].to: there is no partner "acm"; did you mean "acme"?'),
        ('[[routes]]\nname = "a"\nsender = ["acme", "x"]\nhold = "y"\n', "3: routes[1].sender: there is no partner"),
        ('[[routes]]\nname = "a"\ndocument = "Oder"\nto = "acme"\n', '3: routes[1].document: there is no document'),
        ('[[routes]]\nname = "a"\nmesage = "850"\n', '3: routes[1].mesage: unknown key; did you mean "message"?'),
        ('[[routes]]\nname = "a"\nmessage = 850\n', "3: routes[1].message: expected a text, or a list of texts"),
        ('[[routes]]\nname = "a"\nmessage = "850"\n', "1: routes[1]: says nothing of what becomes of the message"),
        ('[[routes]]\nname = "a"\nto = "acme"\nhold = "x"\n', "4: routes[1].hold: says something else than to"),
        ('[[routes]]\nname = "a"\nto = "acme"\n\n[[routes]]\nname = "b"\nto = "acme"\n', "1: routes[1]: has no cond"),
        ('[[routes]]\nname = "a"\ntest = true\nto = "acme"\n[[routes]]\nname = "a"\nhold = "x"\n', "6: routes[2]."),
        ('[[routes]]\nto = "acme"\n', "1: routes[1].name: missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(folder: Path, text: str, told: str) -> None:
    (folder / "routes.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(folder / "edigw.toml")
    assert str(caught.value).startswith(f"routes.toml:{told}")


def test_rules_are_part_of_the_digest(folder: Path) -> None:
    before = load(folder / "edigw.toml")
    (folder / "routes.toml").write_text('[[routes]]\nname = "a"\nto = "acme"\n')
    after = load(folder / "edigw.toml")
    assert [route.name for route in after.routes] == ["a"] and after.digest != before.digest


def test_who_sends_for_others_must_name_partners(folder: Path) -> None:
    path = folder / "partners/acme.toml"
    path.write_text('sends_for = ["mustr"]\n' + path.read_text())
    with pytest.raises(ConfigError, match=r'acme\.toml:1: sends_for\[1\]: there is no partner "mustr"; did you mean'):
        load(folder / "edigw.toml")
