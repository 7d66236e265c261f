"""A point in time as a trading partner states it: a day, or a day with a time of day."""

from __future__ import annotations

import datetime as dt


class Moment:
    """A date, with a time of day where one was given and a UTC offset where one was given.

    "On 5 October" and "on 5 October at midnight" are different facts, so a missing time stays missing. The
    text form (also in JSON) is ISO 8601: `2026-10-05`, `2026-10-05T14:30`, `2026-10-05T14:30:15+02:00`.
    Immutable.
    """

    __slots__ = ("date", "time")

    date: dt.date
    time: dt.time | None

    def __init__(self, date: dt.date, time: dt.time | None = None) -> None:
        object.__setattr__(self, "date", date)
        object.__setattr__(self, "time", time)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Moment does not change")

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Read the ISO 8601 text form. Raises ValueError."""
        day, mark, rest = text.partition("T")
        return cls(dt.date.fromisoformat(day), dt.time.fromisoformat(rest) if mark else None)

    def __str__(self) -> str:
        if self.time is None:
            return self.date.isoformat()
        whole_minute = self.time.second == 0 and self.time.microsecond == 0
        clock = self.time.isoformat("minutes" if whole_minute else "auto")
        return f"{self.date.isoformat()}T{clock}"

    def __repr__(self) -> str:
        return f"Moment({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Moment):
            return NotImplemented
        return self.date == other.date and self.time == other.time

    def __hash__(self) -> int:
        return hash((self.date, self.time))
