"""The code lists that one compiled binding uses: those of its folder, a partner's own codes in them, and what is agreed
for codes that they lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edigw.directory.model import ElementSpec
from edigw.mapping import codecs
from edigw.mapping.codecs import Codec
from edigw.mapping.codes import CodeList, code_list
from edigw.mapping.loader import Entry
from edigw.mapping.unmapped import NOTHING_AGREED, UnmappedCodes

_IDENTITY = CodeList({}, {}, identity=True)


@dataclass(frozen=True, slots=True)
class CodeSource:
    """`overrides` are a partner's own codes, {canonical: partner's}, by the name of a list ("units") or by a data
    element ("6411"); `folder` is that of the bindings, None for the one that ships with the gateway. `used` are the
    names of those overrides that some rule had use for."""

    standard: str
    version: str
    overrides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unmapped: UnmappedCodes = NOTHING_AGREED
    folder: Path | None = None
    used: set[str] = field(default_factory=set)

    def list(self, name: str, rule: Entry | None = None, element: str = "") -> CodeList:
        """A code list with the partner's own codes in it. Raises BindingError if there is none of that name."""
        codes = code_list(name, self.standard, self.version, self.folder)
        own = self.own(name, rule, element)
        return codes.overridden(own) if own else codes

    def known(self, name: str | None, rule: Entry, element: str) -> CodeList | None:
        """The list for a rule: the one that it names, or the partner's own codes beside those of the standard; None if
        it has neither. Raises BindingError."""
        if name is not None:
            return self.list(name, rule, element)
        own = self.own(None, rule, element)
        return _IDENTITY.overridden(own) if own else None

    def own(self, name: str | None, rule: Entry | None, element: str) -> Mapping[str, str]:
        """The partner's own codes at a rule: those of the rule itself win over those of its list and of its element."""
        found: dict[str, str] = {}
        for key in (element, name):
            if key and key in self.overrides:
                self.used.add(key)
                found.update(self.overrides[key])
        found.update(rule.get("own_codes", {}) if rule is not None else {})
        return found

    def codec(self, name: str, spec: ElementSpec) -> Codec:
        """The codec of a list, for segments that a list codec reads and writes as a whole. Raises BindingError."""
        return codecs.agreed(codecs.listed(self.list(name), None), name, self.unmapped.of(name), spec)
