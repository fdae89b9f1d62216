"""Whatever comes: the linter does not raise, and finds the same live and in the recording."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from tests.core.lint.cases import CASES
from tests.core.lint.wire import Step, logged
from tests.core.test_session_properties import STEPS
from tui.core.closing import explain
from tui.core.lint import words
from tui.core.lint.finding import Findings
from tui.core.lint.linter import Linter, lint
from tui.core.log import SessionLog
from tui.core.text import safe


def both_ways(steps: list[Step]) -> tuple[SessionLog, Findings, Findings]:
    """The log, what is found in whole records, and what by glances."""
    log = logged(steps)
    live, recorded = Linter(), Linter.of(log)
    for row in range(len(log)):
        live.take(log.record(row), row)
    for _ in lint(log, recorded):
        pass
    return log, live.findings, recorded.findings


def told(findings: Findings) -> list[tuple[str, str, list[int], int, int]]:
    return [(each.rule.id, each.sentence, each.rows, each.count, each.turn) for each in findings]


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_no_session_is_too_strange(steps: list[tuple[str, Any]]) -> None:
    script = [
        (number / 3, *(value if kind == "event" else (kind, value)))
        for number, (kind, value) in enumerate(steps)
    ]
    log, live, recorded = both_ways(script)
    assert told(live) == told(recorded)
    for finding in live:
        assert finding.sentence == safe(finding.sentence)
        assert list(words.details(finding, log))
        assert all(finding in live.at(row) for row in finding.rows)
    for row in range(len(log)):
        if log.kinds(row) == ("connection.closed",):
            assert list(words.explanation(explain(log, row, live), log))


def test_every_case_is_found_by_glances_as_in_whole_records() -> None:
    for rule, (fires, _) in CASES.items():
        _, live, recorded = both_ways(sorted(fires, key=lambda step: step[0]))
        assert told(live) == told(recorded), rule
