"""How findings name things: short, in lower case, with the numbers that the standards use."""

from __future__ import annotations

_SHOWN = 99  # X12 copies at most 99 characters of a bad value (AK404); a message text needs no more either


def plain(name: str) -> str:
    """A directory's name in running text: "NAME AND ADDRESS" and "Name And Address" alike."""
    return name.lower()


def cut(value: str) -> str:
    """A value as a finding carries it."""
    return value[:_SHOWN]


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def allowed(number: int) -> str:
    """ "at most 1 is allowed", "at most 5 are allowed"."""
    return f"at most {number} {'is' if number == 1 else 'are'} allowed"


def counted(number: int, noun: str) -> str:
    """ "1 digit", "2 digits"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
