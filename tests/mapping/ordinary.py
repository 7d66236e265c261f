"""Documents as partners send them: nearly everything is said, and in words and numbers that messages have room for.

Arbitrary documents (`strategies`) show what happens to what can't be said. These go where most rules are: behind a key
that is known, beside a value that others need. They are made from a seed, which is quicker than drawing each value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from edigw import documents
from edigw.documents import Moment, Package, ReceiptPackage
from edigw.mapping.resolver import Field, fields
from tests.mapping.strategies import CODES, DOCUMENTS

_DENSITIES = (0.4, 0.8, 1.0)  # of the fields of an item that say something
_RARE = {"PaymentTerm": 0.5, "Reference.line": 0.3, "ApplicationFinding.line": 0.3}  # what excludes others
_SHORT: dict[str, tuple[Any, ...]] = {  # what there is little room for, or a few values only
    "Note.code": ("001", "A2"),
    "code_list": ("ZZZ",),
    "code_agency": ("92",),
    "information": ("51", "53"),
    "means": ("31",),
    "price_basis": (Decimal(1), Decimal(12), Decimal(100)),
    "units_per_pack": (Decimal(12),),
    "units_per_inner_pack": (Decimal(4),),
    "version": ("004010",),
    "carrier": ("PFWL",),
}
_DIGITS = frozenset(
    {"number", "id", "line", "order_line", "postal_code", "control", "group_control", "code", "own_code"}
)
_DEEPEST = 2  # packages in packages
_WORDS = ("north", "dock", "4", "blue", "return", "paid", "Größe", "crate", "B7", "until", "noon")


class Making:
    """One document: `Making(seed).document("Order")`."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._density = self._random.choice(_DENSITIES)
        self._depth = 0

    def document(self, kind: str) -> Any:
        return self.item(getattr(documents, kind))

    def item(self, cls: type) -> Any:
        density = self._density * _RARE.get(cls.__name__, 1)
        said = {}
        for name, field in fields(cls).items():
            if self._random.random() < density * _RARE.get(f"{cls.__name__}.{name}", 1):
                said[name] = self._many(cls, name, field) if field.many else self._value(cls, name, field)
        return cls(**said)

    def _many(self, cls: type, name: str, field: Field) -> list[Any]:
        if field.type in (Package, ReceiptPackage):
            return self._packages(field.type)
        count = 3 if name == "lines" else self._random.randint(1, 2)
        items = [self._value(cls, name, field) for _ in range(count)]
        if name == "lines":
            self._number(items)
        return items

    def _packages(self, cls: type) -> list[Any]:
        if self._depth == _DEEPEST:
            return []
        self._depth += 1
        packages = [self.item(cls) for _ in range(self._random.randint(1, 2))]
        self._depth -= 1
        return packages

    def _number(self, lines: Sequence[Any]) -> None:
        """Lines are counted; some of an order are components of one before."""
        for index, line in enumerate(lines, 1):
            line.number = str(index)
            if hasattr(line, "parent"):
                inside = index > 1 and self._random.random() < self._density / 2
                line.parent = str(self._random.randint(1, index - 1)) if inside else None

    def _value(self, cls: type, name: str, field: Field) -> Any:
        if short := _SHORT.get(f"{cls.__name__}.{name}", _SHORT.get(name)):
            return self._random.choice(short)
        if field.type is Decimal:
            return Decimal(self._random.randint(1, 9999)) / 100
        if field.type is Moment:
            return self._moment()
        if field.type is bool:
            return self._random.random() < 0.5
        if field.type is int:
            return self._random.randint(1, 99)
        return self._text(cls, name) if field.type is str else self.item(field.type)

    def _moment(self) -> Moment:
        day = dt.date(2026, 1, 1) + dt.timedelta(days=self._random.randint(0, 700))
        return Moment(day, self._random.choice((None, dt.time(self._random.randint(0, 23), 30))))

    def _text(self, cls: type, name: str) -> str:
        codes = CODES.get(f"{cls.__name__}.{name}") or CODES.get(name)
        if codes:
            return self._random.choice(codes)
        if name == "sscc" or cls.__name__ == "PackageId":
            return self._sscc()
        if name == "order":
            return f"PO{self._random.randint(1, 3)}"
        if cls.__name__ == "Equipment":
            return f"TRLU{self._random.randint(1000, 9999)}"
        if name in _DIGITS:
            return str(self._random.randint(1000, 99999))
        return " ".join(self._random.choice(_WORDS) for _ in range(self._random.randint(1, 3)))

    def _sscc(self) -> str:
        """GS1 General Specifications: 17 digits and a check digit."""
        digits = f"{self._random.randrange(10**17):017}"
        weighed = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(digits))
        return f"{digits}{-weighed % 10}"


def made(kind: str, seed: int) -> Any:
    """The document of a seed."""
    return Making(seed).document(kind)


def any_document(kind: str) -> st.SearchStrategy[Any]:
    """Arbitrary documents, and as many that say what partners say."""
    return st.one_of(DOCUMENTS[kind](), st.integers(0, 10**9).map(lambda seed: made(kind, seed)))
