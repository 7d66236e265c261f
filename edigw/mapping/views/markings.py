"""What is to be written on packages: X12 says it beside them (MAN), the documents with the packages that it is for."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from edigw.documents import Marking, Packaging

MARKED: dict[str, Any] = {"marks": list[Marking]}
"""The field of a view for it."""


def put_marks(view: Any) -> None:
    """The markings of all packages of a view, in one list."""
    if any(packaging.markings for packaging in view.packaging):
        view.marks = [marking for packaging in view.packaging for marking in packaging.markings]
        view.packaging = [replace(packaging, markings=[]) for packaging in view.packaging]
        if view.packaging == [Packaging()]:  # `take_marks` makes it again
            view.packaging = []


def take_marks(view: Any) -> None:
    """The markings with the first packages, or alone."""
    if view.marks:
        first, *rest = view.packaging or [Packaging()]
        view.packaging = [replace(first, markings=[*first.markings, *view.marks]), *rest]
