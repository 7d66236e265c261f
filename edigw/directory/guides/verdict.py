"""The findings of one message against one guide, while it is checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

from edigw.directory.guides.instance import Line, Value
from edigw.directory.guides.model import Guide
from edigw.directory.options import ValidationOptions
from edigw.directory.places import Place
from edigw.directory.values import NO_NUMBER
from edigw.directory.words import cut
from edigw.syntax.findings import Finding, Severity, Trigger
from edigw.syntax.model import Message

Spot: TypeAlias = tuple[int | None, int | None, int | None, int | None]  # segment, element, component, repetition

_ABOUT_VALUES = NO_NUMBER | {"invalid_code", "eancom_code", "too_short", "too_long", "wrong_characters"}


def spot(finding: Finding) -> Spot:
    """Where a finding is."""
    return finding.segment, finding.element, finding.component, finding.repetition


class Verdict:
    """Collects what a guide finds, and what it permits of that which the standard does not."""

    def __init__(self, guide: Guide, message: Message, options: ValidationOptions) -> None:
        self.guide = guide
        self.message = message
        self.options = options
        self._values: list[Finding] = []
        self._others: list[Finding] = []
        self._permitted: dict[Spot, set[str]] = defaultdict(set)
        self._replaced: set[Spot] = set()

    @property
    def full(self) -> bool:
        """Whether no more findings are listed."""
        return len(self._values) + len(self._others) >= self.options.max_findings

    def segment(
        self,
        code: str,
        text: str,
        position: int,
        path: str,
        wanted: Severity,
        *,
        tag: str | None = None,
        trigger: Trigger | None = None,
    ) -> None:
        """A finding about a segment or group."""
        name = path.rpartition("/")[2] if tag is None else tag
        self._add(code, text, wanted, segment=position, tag=name, path=path, trigger=trigger)

    def element(
        self, code: str, text: str, line: Line, place: Place, wanted: Severity, trigger: Trigger | None = None
    ) -> None:
        """A finding about an element that is not there."""
        number, repetition = line.origin(place.element)
        component = None if place.component is None else place.component + 1
        id = place.spec.id if place.spec else ""
        value = Value("", number, component, repetition if repetition != 1 else None)
        self.value(code, text, line, value, id, wanted, about_value=False, trigger=trigger)

    def value(
        self,
        code: str,
        text: str,
        line: Line,
        value: Value,
        id: str,
        wanted: Severity,
        *,
        about_value: bool = True,
        trigger: Trigger | None = None,
    ) -> None:
        """A finding about a value. `about_value`: say nothing if the standard has refused it already."""
        self._add(
            code,
            text,
            wanted,
            about_value,
            segment=line.position,
            tag=cut(line.tag),
            path=line.path,
            element=value.element,
            component=value.component,
            repetition=value.repetition,
            data_element=id,
            value=cut(value.text),
            trigger=trigger,
        )

    def permit(self, line: Line, value: Value, codes: Iterable[str]) -> None:
        """The guide allows at this place what the standard reports under these codes."""
        self._permitted[line.position, value.element, value.component, value.repetition].update(codes)

    def replaces(self, line: Line, value: Value) -> None:
        """The guide judges the check digit of this value itself."""
        self._replaced.add((line.position, value.element, value.component, value.repetition))

    def conclude(self, lenient: frozenset[str], plenty: frozenset[str], private: frozenset[str]) -> None:
        """Put the findings into the message, in the order of its segments. `lenient` and `plenty` are the paths of
        segments that may be missing, or occur more often, and `private` the segments of the partner's own."""
        told = [f for f in self.message.findings if not (f.code == "check_digit" and spot(f) in self._replaced)]
        for n, finding in enumerate(told):
            code = finding.code
            if (
                code in self._permitted.get(spot(finding), ())
                or (code in ("segment_missing", "loop_missing") and finding.path in lenient)
                or (code in ("segment_too_often", "loop_too_often") and finding.path in plenty)
                or (code in ("segment_unknown", "segment_not_in_message") and finding.tag in private)
            ):
                text = f"{finding.text}; {self.guide.name} allows it"
                told[n] = replace(finding, severity="note", text=text, guide=self.guide.name)
        refused = {spot(f) for f in told if f.code in _ABOUT_VALUES and f.severity == "error"}
        told += self._others
        told += (finding for finding in self._values if spot(finding) not in refused)
        told.sort(key=lambda f: (f.segment or 0, f.element or 0, f.repetition or 0, f.component or 0))
        self.message.findings[:] = told

    def _add(
        self,
        code: str,
        text: str,
        wanted: Severity,
        about_value: bool = False,
        *,
        segment: int,
        tag: str,
        path: str,
        element: int | None = None,
        component: int | None = None,
        repetition: int | None = None,
        data_element: str = "",
        value: str = "",
        trigger: Trigger | None = None,
    ) -> None:
        usual = self.options.severity(code)
        if usual is None or self.full:
            return
        offsets = self.message.offsets
        finding = Finding(
            code,
            f"{text} ({self.guide.name})",
            usual if wanted == "error" else wanted,
            segment,
            cut(tag),
            path,
            element,
            component,
            repetition,
            data_element,
            value,
            offsets[min(segment, len(offsets)) - 1] if offsets else None,
            guide=self.guide.name,
            trigger=trigger,
        )
        (self._values if about_value else self._others).append(finding)
