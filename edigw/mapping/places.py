"""Positions inside a segment, for bindings: those of `edigw.directory.places`, with a binding's errors."""

from __future__ import annotations

from edigw.directory import places
from edigw.directory.notation import NotationError
from edigw.directory.places import Place
from edigw.mapping.errors import BindingError

__all__ = ["Place", "SegmentPlaces"]


class SegmentPlaces(places.SegmentPlaces):
    """The positions of one segment of one directory."""

    def find(self, ref: str, inside: int | None = None) -> list[Place]:
        """As in the base class. Raises BindingError."""
        try:
            return super().find(ref, inside)
        except NotationError as error:
            raise BindingError(str(error)) from None

    def one(self, ref: str, inside: int | None = None) -> Place:
        """As in the base class. Raises BindingError."""
        try:
            return super().one(ref, inside)
        except NotationError as error:
            raise BindingError(str(error)) from None
