"""What a caller decides about validation: how severe each kind of finding is, and how many are listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from edigw.syntax.findings import RULES, Severities, Severity, check_severities, severity_of

DEFAULT_SEVERITIES: Mapping[str, Severity] = MappingProxyType({code: rule.severity for code, rule in RULES.items()})


@dataclass(frozen=True, slots=True)
class ValidationOptions:
    """Raises ValueError for a rule that does not exist and for a limit below 1."""

    severities: Severities = field(default_factory=dict)
    """By rule code (`RULES`), where it differs from DEFAULT_SEVERITIES; None: don't look for it."""
    codes: bool = True
    """Whether values are checked against code lists."""
    max_findings: int = 10_000
    """Findings listed for a message; the text of the last one says if there were more."""
    bytes_per_finding: int = 100
    """Bytes that a file must have for each finding of its messages, the first `max_findings` aside; behind the message
    with which there are more, none is checked."""

    def __post_init__(self) -> None:
        check_severities(self.severities)
        for name in ("max_findings", "bytes_per_finding"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")

    def severity(self, code: str) -> Severity | None:
        """The severity of a rule; None if findings of it are not wanted."""
        return severity_of(code, self.severities)

    def tolerates(self, code: str) -> bool:
        """Whether a deviation is put right, with a note or without."""
        return self.severity(code) != "error"
