"""What a caller decides about validation: how severe each kind of finding is, and how many are listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from edigw.syntax.findings import RULES, Severity

_MILDER: Mapping[str, Severity] = MappingProxyType({"check_digit": "warning", "repaired": "note"})
DEFAULT_SEVERITIES: Mapping[str, Severity] = MappingProxyType({code: _MILDER.get(code, "error") for code in RULES})


@dataclass(frozen=True, slots=True)
class ValidationOptions:
    """Raises ValueError for a rule that does not exist and for a limit below 1."""

    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    """By rule code (`RULES`), where it differs from DEFAULT_SEVERITIES; None: don't look for it."""
    codes: bool = True
    """Whether values are checked against code lists."""
    max_findings: int = 10_000
    """Findings listed for a message; the text of the last one says if there were more."""

    def __post_init__(self) -> None:
        unknown = self.severities.keys() - RULES.keys()
        if unknown:
            raise ValueError(f"there is no rule {', '.join(sorted(unknown))}")
        if self.max_findings < 1:
            raise ValueError("max_findings must be at least 1")

    def severity(self, code: str) -> Severity | None:
        """The severity of a rule; None if findings of it are not wanted."""
        return self.severities[code] if code in self.severities else DEFAULT_SEVERITIES[code]
