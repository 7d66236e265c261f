"""Documents as JSON."""

import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from edigw.documents import DespatchAdvice, Order, OrderLine, decode, encode
from tests.mapping.strategies import advices, orders

_QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@_QUICK
@given(orders())
def test_an_order_survives_json(order: Order) -> None:
    assert decode(encode(order), Order) == order


@_QUICK
@given(advices())
def test_a_despatch_advice_survives_json(advice: DespatchAdvice) -> None:
    assert decode(encode(advice, indent=2), DespatchAdvice) == advice


def test_no_digit_of_a_number_is_lost() -> None:
    line = OrderLine(quantity=Decimal("12.500"), price=Decimal("0.10000000000000000001"))
    assert json.loads(encode(line)) == {"quantity": "12.500", "price": "0.10000000000000000001"}


def test_what_was_not_said_is_not_in_the_json() -> None:
    assert encode(Order(id="PO1")) == b'{"id":"PO1"}'


@pytest.mark.parametrize("data", ['{"issued": "yesterday"}', '{"lines": [{"quantity": "many"}]}', '{"lines": 1}'])
def test_json_that_is_no_document_is_refused_with_the_path(data: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$"):
        decode(data, Order)
