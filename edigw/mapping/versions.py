"""Versions of a standard as bindings, overlays and code lists name them: "D.96A"; "D.97B..D.99A", from one to another;
"D.99B.." and "..D.97A", from one on and up to one. What lies between is what the packaged directories have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from edigw.directory import packaged
from edigw.mapping.errors import BindingError, did_you_mean

_TO = ".."


@cache
def expanded(said: str) -> tuple[str, ...]:
    """The versions that are meant, oldest first. Raises BindingError for what is no version and no range."""
    first, mark, last = said.partition(_TO)
    if not mark:
        return (said,)
    ends = [end for end in (first, last) if end]
    known = next((names for names in _standards() if all(end in names for end in ends)), ())
    if not known or not ends:
        near = did_you_mean(ends[0], [name for names in _standards() for name in names]) if ends else ""
        raise BindingError(f"no range of versions: {said!r}{near}")
    begin = known.index(first) if first else 0
    end = known.index(last) if last else len(known) - 1
    if begin > end:
        raise BindingError(f"no range of versions: {said!r} ends before it begins")
    return known[begin : end + 1]


def all_of(said: Iterable[object]) -> list[str]:
    """The versions that are named one by one or by ranges, each once, in the order in which they are first named.
    Raises BindingError."""
    return list(dict.fromkeys(version for one in said for version in expanded(str(one))))


def chosen(where: dict[str, object], version: str) -> object:
    """The value for a version in {versions: value}; the first that fits counts, "else" is for the rest. None: there is
    none. Raises BindingError."""
    for said, value in where.items():
        if said != "else" and version in expanded(str(said)):
            return value
    return where.get("else")


def spans(versions: Sequence[str]) -> list[str]:
    """Versions in the shortest words: those that lie side by side as a range, the first one where it stands alone."""
    told: list[str] = []
    rest = list(versions)
    for names in _standards():
        places = sorted(names.index(version) for version in rest if version in names)
        run: list[int] = []
        for place in [*places, -1]:
            if run and place != run[-1] + 1:
                told.append(names[run[0]] if len(run) == 1 else f"{names[run[0]]}{_TO}{names[run[-1]]}")
                run = []
            run.append(place)
        rest = [version for version in rest if version not in names]
    return told + rest


@cache
def _standards() -> tuple[tuple[str, ...], ...]:
    """The packaged versions of each standard; a user's own ones lie in no range."""
    return packaged.released("edifact"), packaged.released("x12")
