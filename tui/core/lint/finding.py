"""Findings, and which records they stand on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tui.core.lint.rule import Rule, Severity
from tui.core.text import safe

MOST_ROWS = 1000
"""So many records of its evidence a finding keeps; `Finding.count` counts on."""


@dataclass(slots=True)
class Finding:
    """One thing found, however often it came: its rule, its evidence, the figures of the case."""

    rule: Rule
    turn: int
    """Number of the turn that the server was at; 0 before the first."""
    time_s: float
    """When it was found, on the journal's clock."""
    rows: list[int]
    """Records of the log, the first cause first."""
    figures: dict[str, Any] = field(default_factory=dict)
    count: int = 1
    """How often it came."""

    @property
    def severity(self) -> Severity:
        """The rule's."""
        return self.rule.severity

    @property
    def sentence(self) -> str:
        """What was found, with the figures; safe for a terminal."""
        return safe(self.rule.sentence.format(count=self.count, **self.figures))

    @property
    def ahead(self) -> str:
        """The same of a message that is still to be sent."""
        return safe(self.rule.ahead.format(count=self.count, **self.figures))


class Findings:
    """All findings in the order of the log, and what stands at a row."""

    def __init__(self) -> None:
        self._all: list[Finding] = []
        self._at: dict[int, list[Finding]] = {}
        self._rows: dict[Severity, list[int]] = {severity: [] for severity in Severity}
        """Rows that are evidence of a finding so grave, in order."""
        self.version = 0
        """Another number whenever anything changed."""
        self.marked: list[int] = []
        """Rows in the order in which they became evidence of anything above chat."""

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._all)

    def by_severity(self) -> list[Finding]:
        """The gravest first, else in the order of the log."""
        return sorted(self._all, key=lambda finding: -finding.severity)

    def count(self, severity: Severity) -> int:
        """How many findings are so grave."""
        return sum(finding.severity is severity for finding in self._all)

    def at(self, row: int) -> tuple[Finding, ...]:
        """The findings that a record is evidence of, the gravest first."""
        return tuple(sorted(self._at.get(row, ()), key=lambda finding: -finding.severity))

    def has(self, row: int, name: str) -> bool:
        """Whether a record is evidence of a finding of that rule or severity; ``*`` is any."""
        here = self._at.get(row, ())
        return any(name in ("*", each.rule.id, each.severity.word) for each in here)

    def rows(self, severity: Severity) -> list[int]:
        """The records that are evidence of a finding so grave, in order; not to be changed."""
        return self._rows[severity]

    def gravest(self, first: int, last: int) -> Finding | None:
        """The gravest finding above chat that stands on a record from ``first`` to ``last``."""
        for severity in (Severity.ERROR, Severity.WARN, Severity.NOTE):
            rows = self._rows[severity]
            at = bisect_left(rows, first)
            if at < bisect_right(rows, last):
                return self.at(rows[at])[0]
        return None

    def add(self, finding: Finding) -> None:
        """Take a finding in, with its evidence."""
        rows, finding.rows = finding.rows, []
        self._all.append(finding)
        self.extend(finding, rows)

    def extend(self, finding: Finding, rows: Iterable[int]) -> None:
        """More evidence of a finding."""
        self.version += 1
        for row in rows:
            here = self._at.setdefault(row, [])
            if len(finding.rows) < MOST_ROWS and not any(each is finding for each in here):
                finding.rows.append(row)
                self._mark(row, finding, here)

    def _mark(self, row: int, finding: Finding, here: list[Finding]) -> None:
        if not any(each.severity is finding.severity for each in here):
            insort(self._rows[finding.severity], row)
        here.append(finding)
        if finding.severity > Severity.CHAT:
            self.marked.append(row)
