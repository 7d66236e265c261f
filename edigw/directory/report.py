"""The findings of one message while it is checked."""

from __future__ import annotations

from dataclasses import replace

from edigw.directory.options import ValidationOptions
from edigw.directory.words import cut
from edigw.syntax.findings import Finding


class Report:
    """Collects findings with their severities, up to the limit of the options. `offsets` as in Message."""

    def __init__(self, offsets: list[int], options: ValidationOptions) -> None:
        self.options = options
        self._offsets = offsets
        self._findings: list[Finding] = []
        self._withdrawn: set[int] = set()
        self._cut_short = False

    @property
    def full(self) -> bool:
        """Whether no more findings are listed. Asking for more says that there may be some."""
        self._cut_short = self._cut_short or len(self._findings) >= self.options.max_findings
        return self._cut_short

    def wants(self, code: str) -> bool:
        """Whether a finding by this rule would be listed."""
        return self.options.severity(code) is not None and not self.full

    def add(
        self,
        code: str,
        text: str,
        segment: int | None = None,
        tag: str = "",
        path: str = "",
        *,
        element: int | None = None,
        component: int | None = None,
        repetition: int | None = None,
        data_element: str = "",
        value: str = "",
        certain: bool = True,
    ) -> Finding | None:
        """Note a finding; None if it is not wanted or no more are listed. What is not `certain` only
        warns."""
        severity = self.options.severity(code)
        if severity is None:
            return None
        if self.full:
            return None
        finding = Finding(
            code,
            text,
            severity if certain or severity != "error" else "warning",
            segment,
            cut(tag),
            path,
            element,
            component,
            repetition,
            data_element,
            cut(value),
            self._offset(segment),
        )
        self._findings.append(finding)
        return finding

    def withdraw(self, finding: Finding) -> None:
        """Take a finding back that a later segment explained."""
        self._withdrawn.add(id(finding))

    def findings(self) -> list[Finding]:
        """What was found, in the order of the message."""
        found = [finding for finding in self._findings if id(finding) not in self._withdrawn]
        found.sort(key=lambda f: (f.segment or 0, f.element or 0, f.repetition or 0, f.component or 0))
        if self._cut_short and found:
            found[-1] = replace(found[-1], text=f"{found[-1].text} (further findings are not listed)")
        return found

    def _offset(self, segment: int | None) -> int | None:
        """The byte at which a segment begins; of what is missing at the end, where the last segment
        begins."""
        if segment is None or not self._offsets:
            return None
        return self._offsets[min(segment, len(self._offsets)) - 1]
