"""A guide held against one version of its standard: every location found, every value checked for sense."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from edigw.directory.directory import Directory, edifact, x12
from edigw.directory.errors import NotInDirectory
from edigw.directory.guides.errors import GuideError
from edigw.directory.guides.locate import Locator, Target
from edigw.directory.guides.model import Entry, Guide, PrivateSegment, Rule
from edigw.directory.guides.patterns import PatternError, compile_pattern
from edigw.directory.model import ElementSpec, LoopUse
from edigw.directory.notation import NotationError
from edigw.directory.table import Table, table

_NUMERIC = frozenset({"n", "R"})


@dataclass(frozen=True, slots=True)
class Occurrence:
    """How often a segment or group stands in each group that may hold it."""

    entry: Entry
    target: Target
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class ElementRule:
    """What is said about an element. `codes` are those that may stand, None: any."""

    entry: Entry
    target: Target
    low: int
    high: int | None
    codes: frozenset[str] | None
    pattern: re.Pattern[str] | None
    bounded: ElementSpec | None = None  # the element with the lengths that the guide says, if it says any


@dataclass(frozen=True, slots=True)
class Unit:
    """A segment or group that the guide names, with all that is said about its elements."""

    target: Target
    rules: tuple[ElementRule, ...]
    places: frozenset[tuple[int, int | None]]  # of all of them


@dataclass(frozen=True, slots=True)
class SituationRule:
    """A rule with its locations found."""

    rule: Rule
    scope: Target | None
    when: tuple[Target, ...]
    unless: tuple[Target, ...]
    require: tuple[Target, ...]
    forbid: tuple[Target, ...]
    same: tuple[Target, ...]
    sum: Target | None
    equals: Target | None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A guide for one version."""

    guide: Guide
    directory: Directory
    table: Table
    occurrences: tuple[Occurrence, ...]
    units: tuple[Unit, ...]
    rules: tuple[SituationRule, ...]
    private: Mapping[str, PrivateSegment]
    targets: tuple[tuple[Entry, Target], ...]  # all entries, in the order of the file
    lenient: frozenset[str]  # paths that the standard requires and the guide does not
    plenty: frozenset[str]  # paths that may occur more often than the standard says


@lru_cache(maxsize=256)
def compiled(guide: Guide, version: str) -> Compiled:
    """The guide for a version (one of `guide.versions`). Raises the first GuideError of `problems`."""
    found, wrong = examine(guide, version)
    if found is None:
        raise wrong[0]
    return found


def examine(guide: Guide, version: str) -> tuple[Compiled | None, list[GuideError]]:
    """The guide for a version, or None and everything in it that does not fit the standard."""
    try:
        directory = edifact(version) if guide.standard == "edifact" else x12(version)
        return _Compiler(guide, directory).run()
    except NotInDirectory as error:
        return None, [GuideError(str(error), guide.file, 1)]


class _Compiler:
    """One use: `_Compiler(...).run()`."""

    def __init__(self, guide: Guide, directory: Directory) -> None:
        self.guide = guide
        self.directory = directory
        own_codes = frozenset(code for entry in guide.entries for code in entry.add_codes)
        self.locator = Locator(directory, guide.message, own_codes)
        self.table = table(directory, guide.message)
        self.problems: list[GuideError] = []
        self.lenient: set[str] = set()
        self.plenty: set[str] = set()

    def run(self) -> tuple[Compiled | None, list[GuideError]]:
        targets: list[tuple[Entry, Target]] = []
        occurrences: list[Occurrence] = []
        elements: list[ElementRule] = []
        for entry in self.guide.entries:
            target = self._target(entry.at, None, entry.line)
            if target is None:
                continue
            targets.append((entry, target))
            try:
                if target.places:
                    elements.append(self._element(entry, target))
                else:
                    occurrences += self._occurrence(entry, target)
            except NotationError as error:
                self._wrong(f"{entry.at}: {error}", entry.line)
        rules = [self._rule(rule) for rule in self.guide.rules]
        for segment in self.guide.segments:
            self._private(segment)
        made = Compiled(
            self.guide,
            self.directory,
            self.table,
            tuple(occurrences),
            _units(targets, elements),
            tuple(rules),
            {segment.tag: segment for segment in self.guide.segments},
            tuple(targets),
            frozenset(self.lenient),
            frozenset(self.plenty),
        )
        return (None if self.problems else made), self.problems

    def _wrong(self, reason: str, line: int) -> None:
        self.problems.append(GuideError(reason, self.guide.file, line))

    def _target(self, at: str, base: Target | None, line: int) -> Target | None:
        try:
            return self.locator.locate(at, base)
        except NotInDirectory as error:
            self._wrong(f"{at}: {error}", line)
        except NotationError as error:
            text = str(error)
            self._wrong(text if text.startswith(at) else f"{at}: {text}", line)
        return None

    # ---- segments and groups

    def _occurrence(self, entry: Entry, target: Target) -> Iterator[Occurrence]:
        if entry.about_values:
            raise NotationError("codes, lengths and patterns are said about elements")
        low, high = _bounds(entry)
        row = target.row
        path = target.path
        if row.mandatory and not target.conditions and not target.below:
            if entry.use == "forbidden" or (entry.max == 0):
                raise NotationError(f"{self.directory} requires it; a guide can't forbid it")
            if entry.use == "optional":
                self._must_widen(entry, f"{self.directory} requires it")
                self.lenient.add(path)
            elif low <= 1:
                low = 0  # the standard sees to it
        if high is not None and high > row.max:
            self._must_widen(entry, f"{self.directory} allows {row.max}")
            self.plenty.add(path)
        if low > (high if high is not None else row.max):
            raise NotationError("the least is more than the most")
        if low or high is not None:
            yield Occurrence(entry, target, low, high)

    def _must_widen(self, entry: Entry, standard: str) -> None:
        if not entry.widens:
            raise NotationError(f"{standard}; write `widens: true` if the partner really differs")

    # ---- elements

    def _element(self, entry: Entry, target: Target) -> ElementRule:
        spec = target.places[0].spec
        low, high = _bounds(entry)
        mandatory = target.places[0].mandatory and len(target.places) == 1
        if entry.min is not None and entry.min > len(target.places) and self.directory.standard == "edifact":
            raise NotationError(f"it has {len(target.places)} places only")
        if mandatory:
            if entry.use == "forbidden" or entry.max == 0:
                raise NotationError(f"{self.directory} requires it; a guide can't forbid it")
            if entry.use == "optional":
                self._must_widen(entry, f"{self.directory} requires it")
            elif low <= 1:
                low = 0
        if spec is None:
            if entry.about_values:
                raise NotationError("codes, lengths and patterns are said about its components")
            return ElementRule(entry, target, low, high, None, None)
        return ElementRule(
            entry, target, low, high, self._codes(entry, spec), self._pattern(entry), self._lengths(entry, spec)
        )

    def _codes(self, entry: Entry, spec: ElementSpec) -> frozenset[str] | None:
        standard = self.directory.codes(spec.id)
        name = f"{spec.id} ({spec.name})"
        for code in entry.add_codes:
            if standard and code in standard:
                raise NotationError(f"{name} has the code {code!r} anyway: {standard[code]}")
        for code in (*(entry.codes or ()), *entry.remove_codes):
            if standard and code not in standard:
                raise NotationError(f"{name} has no code {code!r}; what the partner adds is said in add_codes")
        for code in (*(entry.codes or ()), *entry.add_codes):
            if len(code) > spec.max and not entry.max_length:
                raise NotationError(f"{code!r} is longer than {name}, {spec.max} at most")
        if entry.codes is not None:
            return frozenset((*entry.codes, *entry.add_codes)) - set(entry.remove_codes)
        if not (entry.add_codes or entry.remove_codes):
            return None
        if not standard:
            if entry.add_codes:
                raise NotationError(f"{name} has no code list to add to: any code may stand")
            return None
        return frozenset((*standard, *entry.add_codes)) - set(entry.remove_codes)

    def _pattern(self, entry: Entry) -> re.Pattern[str] | None:
        if not entry.pattern:
            return None
        try:
            return compile_pattern(entry.pattern)
        except PatternError as error:
            raise NotationError(f"pattern: {error}") from None

    def _lengths(self, entry: Entry, spec: ElementSpec) -> ElementSpec | None:
        if entry.decimals is not None and spec.type not in _NUMERIC:
            raise NotationError(f"decimals are said about numbers; {spec.id} ({spec.name}) is none")
        low, high = entry.min_length, entry.max_length
        if high is not None and high > spec.max:
            self._must_widen(entry, f"{spec.id} ({spec.name}) has {spec.max} at most")
        if low is not None and low < spec.min:
            self._must_widen(entry, f"{spec.id} ({spec.name}) has at least {spec.min}")
        if high is not None and high < spec.min:
            raise NotationError(f"{spec.id} ({spec.name}) has at least {spec.min}")
        if low is not None and high is None and low > spec.max:
            raise NotationError(f"{spec.id} ({spec.name}) has {spec.max} at most")
        if low is None and high is None:
            return None
        return replace(spec, min=spec.min if low is None else low, max=spec.max if high is None else high)

    # ---- rules

    def _rule(self, rule: Rule) -> SituationRule:
        scope = self._target(rule.scope, None, rule.line) if rule.scope else None
        if scope is not None and scope.places:
            self._wrong(f"{rule.scope}: a rule is for a group or a segment", rule.line)
            scope = None

        def found(locations: tuple[str, ...]) -> tuple[Target, ...]:
            if rule.scope and scope is None:
                return ()
            targets = (self._target(at, scope, rule.line) for at in locations)
            return tuple(target for target in targets if target is not None)

        same, total = found(rule.same), found(tuple(at for at in (rule.sum, rule.equals) if at))
        for target in (*same, *total):
            if not target.places or target.places[0].spec is None:
                self._wrong(f"{target.at}: same, sum and equals are said about elements", rule.line)
        both = len(total) == 2
        return SituationRule(
            rule,
            scope,
            found(rule.when),
            found(rule.unless),
            found(rule.require),
            found(rule.forbid),
            same,
            total[0] if both else None,
            total[1] if both else None,
        )

    # ---- segments of the partner's own

    def _private(self, segment: PrivateSegment) -> None:
        if segment.tag in self.table.tags:
            self._wrong(f"{segment.tag} stands in {self.guide.message} anyway: say it in locations", segment.line)
        if self.directory.has_segment(segment.tag) and segment.elements:
            self._wrong(f"the elements of {segment.tag} are those of {self.directory}", segment.line)
        paths = {node.path for node in self.table.nodes if isinstance(node.row, LoopUse)}
        if segment.inside and segment.inside not in paths:
            self._wrong(f"{self.guide.message} has no group {segment.inside}", segment.line)


def _units(targets: Sequence[tuple[Entry, Target]], elements: Sequence[ElementRule]) -> tuple[Unit, ...]:
    """What is said about one form of a segment, together: it is looked up in a message once."""
    found: dict[tuple[str, str], Target] = {}
    rules: dict[tuple[str, str], list[ElementRule]] = defaultdict(list)
    for _, target in targets:
        found.setdefault((target.path, target.situation), target)
    for rule in elements:
        rules[rule.target.path, rule.target.situation].append(rule)
    return tuple(
        Unit(target, tuple(rules[key]), frozenset(p.key for rule in rules[key] for p in rule.target.places))
        for key, target in found.items()
    )


def _bounds(entry: Entry) -> tuple[int, int | None]:
    """The least and the most that an entry wants to see."""
    if entry.use == "forbidden":
        if entry.min or entry.max:
            raise NotationError("what is forbidden has neither min nor max")
        return 0, 0
    low = entry.min if entry.min is not None else 1 if entry.use == "required" else 0
    if entry.use == "optional" and low:
        raise NotationError("what is optional has no min")
    if entry.max is not None and entry.max < low:
        raise NotationError("min is greater than max")
    return low, entry.max
