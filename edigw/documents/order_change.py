"""The change of a purchase order. UBL 2: OrderChange, OrderCancellation; EDIFACT: ORDCHG; X12: 860.

A line that changes says its `action` and what is true from now on; lines that are not named stay as they were, unless
the purpose is 5: then the change takes the place of the order.
"""
# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own

from __future__ import annotations

from decimal import Decimal

from edigw.documents.common import Note
from edigw.documents.moment import Moment
from edigw.documents.order import OrderHeading, OrderLine


class OrderChangeLine(OrderLine):
    outstanding: Decimal | None = None  # still to be delivered
    outstanding_unit: str | None = None  # 6411
    reason: str | None = None  # 4465: 57 price change, 49 substitute product
    reason_notes: list[Note] = []


class OrderChange(OrderHeading):
    """`id` is the change's own number, not that of the order."""

    order: str | None = None  # the buyer's order number
    order_issued: Moment | None = None
    order_release: str | None = None
    order_type: str | None = None  # 1001: 220 order, 221 blanket order
    sales_order: str | None = None  # the supplier's number of the order
    request: str | None = None  # of a request or quotation that it follows
    reason: str | None = None  # 4465
    reason_notes: list[Note] = []
    lines: list[OrderChangeLine] = []
