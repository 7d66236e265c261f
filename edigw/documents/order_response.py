"""The seller's response to a purchase order or to a change of it. UBL 2: OrderResponse; EDIFACT: ORDRSP; X12: 855, 865.

A line repeats what was ordered, says in `action` what the seller makes of it as a whole, and in `confirmations` what
becomes of the quantity: 60 come on the 20th, 30 follow, 10 never.
"""
# ruff: noqa: RUF012 - msgspec gives every document an empty list of its own

from __future__ import annotations

from decimal import Decimal

from edigw.documents.common import Date, ItemId, Note, Part
from edigw.documents.moment import Moment
from edigw.documents.order import OrderHeading, OrderLine


class Confirmation(Part):
    """What the seller does with a part of the ordered quantity."""

    type: str | None = None  # 6063: 113 to be delivered, 83 back-ordered, 185 rejected, 94 substituted, 27 on hold
    quantity: Decimal | None = None
    unit: str | None = None  # 6411
    dates: list[Date] = []  # 67 delivery, 69 promised
    reason: str | None = None  # a code of the trade
    reason_list: str | None = None  # the list that it is of
    reason_agency: str | None = None  # whose list it is


class OrderResponseLine(OrderLine):
    """`number` is that of the order's line."""

    answered: str | None = None  # 1229, in the answer to a change: what it did to the line
    confirmations: list[Confirmation] = []
    substitutes: list[ItemId] = []  # what comes in place of the item
    substituted: list[ItemId] = []  # in whose place the item comes
    outstanding: Decimal | None = None  # still to be delivered
    outstanding_unit: str | None = None  # 6411
    reason: str | None = None  # 4465: 49 substitute product, 57 price change
    reason_notes: list[Note] = []


class OrderResponse(OrderHeading):
    """`id` is the response's own number. `response` and `purpose` tell the verdict as a whole."""

    order: str | None = None  # the buyer's order number
    order_issued: Moment | None = None
    order_release: str | None = None
    sales_order: str | None = None  # the supplier's number of the order
    change: str | None = None  # number of the order change that is answered
    change_issued: Moment | None = None
    request: str | None = None  # of a request or quotation
    reason: str | None = None  # 4465
    reason_notes: list[Note] = []
    lines: list[OrderResponseLine] = []
