"""Documents as JSON."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import msgspec

from edigw.documents.application_response import ApplicationResponse
from edigw.documents.despatch import DespatchAdvice
from edigw.documents.invoice import Invoice
from edigw.documents.moment import Moment
from edigw.documents.order import Order
from edigw.documents.order_change import OrderChange
from edigw.documents.order_response import OrderResponse
from edigw.documents.receipt import ReceiptAdvice
from edigw.documents.transport_status import TransportStatus

Document: TypeAlias = (
    Order
    | OrderChange
    | OrderResponse
    | DespatchAdvice
    | ReceiptAdvice
    | Invoice
    | TransportStatus
    | ApplicationResponse
)
T = TypeVar("T")

DOCUMENTS: dict[str, type[Document]] = {
    "Order": Order,
    "OrderChange": OrderChange,
    "OrderResponse": OrderResponse,
    "DespatchAdvice": DespatchAdvice,
    "ReceiptAdvice": ReceiptAdvice,
    "Invoice": Invoice,
    "TransportStatus": TransportStatus,
    "ApplicationResponse": ApplicationResponse,
}


def _encode_hook(value: Any) -> str:
    if isinstance(value, Moment):
        return str(value)
    raise NotImplementedError(f"a document can't hold {type(value).__name__}")


def _decode_hook(type_: type, value: Any) -> Any:
    if type_ is Moment and isinstance(value, str):
        return Moment.parse(value)
    raise ValueError(f"expected a {type_.__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_encode_hook, decimal_format="string")


def encode(document: msgspec.Struct, indent: int = 0) -> bytes:
    """A document, or a part of one, as JSON (UTF-8). Decimals are strings, so that no digit is lost; `indent`
    is the number of blanks for each level, 0 for one line."""
    data = _encoder.encode(document)
    return msgspec.json.format(data, indent=indent) if indent else data


def decode(data: bytes | str, type: type[T]) -> T:
    """Read what `encode` wrote. Raises msgspec.DecodeError or msgspec.ValidationError, which name the path of
    the field."""
    return msgspec.json.decode(data, type=type, dec_hook=_decode_hook)
