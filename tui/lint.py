"""What `bidiscope lint` does: findings of recordings, in words or as JSON."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import orjson

from tui.core.closing import Alike, Explanation, explain
from tui.core.journal import JournalError
from tui.core.lint import words
from tui.core.lint.finding import Finding, Findings
from tui.core.lint.linter import all_findings
from tui.core.lint.rule import CLOSES, Rule, Severity, rules
from tui.core.log import SessionLog
from tui.core.text import safe
from tui.importers.opening import open_log
from tui.outcome import Outcome

WIDTH = 100
TITLE_WIDTH = 10


@dataclass(frozen=True)
class Wanted:
    """Which rules count; no name in ``only`` is all of them."""

    only: frozenset[str]
    ignored: frozenset[str]
    fail_on: str

    def __contains__(self, finding: Finding) -> bool:
        name = finding.rule.id
        return (not self.only or name in self.only) and name not in self.ignored

    def fails(self, finding: Finding) -> bool:
        """Whether it is as grave as what makes the command fail."""
        return finding.severity >= Severity[self.fail_on.upper()]


@dataclass(frozen=True)
class Report:
    """What was found in one file."""

    path: Path
    log: SessionLog
    findings: tuple[Finding, ...]
    """Those wanted, the gravest first."""
    closes: tuple[Explanation, ...]


def run(paths: Sequence[Path], wanted: Wanted, *, as_json: bool, output: TextIO) -> int:
    """Look at each file and print; returns the exit code."""
    failed = unreadable = False
    printed: list[dict[str, Any]] = []
    for path in paths:
        try:
            with closing(open_log(path)) as log:
                report = examined(path, log, wanted)
                if as_json:
                    printed.append(_json(report))
                else:
                    print("\n".join(_lines(report)), file=output, flush=True)
        except JournalError as error:
            print(f"bidiscope: {error}", file=sys.stderr)
            printed.append({"file": str(path), "error": str(error)})
            unreadable = True
            continue
        failed = failed or any(map(wanted.fails, report.findings))
    if as_json:
        print(_dumped({"files": printed}), file=output, flush=True)
    if unreadable:
        return Outcome.UNREADABLE
    return Outcome.FOUND if failed else Outcome.OK


def examined(path: Path, log: SessionLog, wanted: Wanted) -> Report:
    """Look at all records of a log."""
    findings = all_findings(log)
    shown = tuple(finding for finding in findings.by_severity() if finding in wanted)
    closes = (each.rows[-1] for each in shown if each.rule.id in CLOSES)
    return Report(path, log, shown, tuple(explain(log, row, findings) for row in closes))


def list_rules(*, as_json: bool) -> None:
    """Print the table of rules."""
    if as_json:
        print(_dumped({"rules": [_rule(rule) for rule in rules().values()]}))
        return
    for rule in rules().values():
        print(f"{rule.severity.word:<6}{rule.id}  ({rule.group})")
        for title, text in (("", rule.about), ("Do", rule.advice), ("Source", _joined(rule))):
            print("\n".join(_wrapped(title, text)))


def _lines(report: Report) -> Iterator[str]:
    found = Findings()
    for finding in report.findings:
        found.add(Finding(finding.rule, finding.turn, finding.time_s, list(finding.rows)))
    log = report.log
    yield f"{safe(str(report.path))}: {words.counts(found) or 'nothing found'}"
    for close in report.closes:
        yield f"\n{words.place(log, close.row)}"
        yield from textwrap.wrap(close.sentence, WIDTH)
        for title, text in words.explanation(close, log):
            yield from _wrapped(title, text)
    explained = {close.row for close in report.closes}
    for finding in report.findings:
        if finding.rule.id in CLOSES and finding.rows[-1] in explained:
            continue
        place = words.place(log, finding.rows[0])
        yield f"\n{finding.severity.word:<6}{place}  {finding.rule.id}"
        yield from _wrapped("", finding.sentence)
        for title, text in words.details(finding, log):
            if title != "Rule":
                yield from _wrapped(title, text)


def _wrapped(title: str, text: str) -> list[str]:
    head, rest = f"      {title:<{TITLE_WIDTH}}", " " * (6 + TITLE_WIDTH)
    width = WIDTH - len(rest)
    lines = textwrap.wrap(text, width, break_on_hyphens=False) or [""]
    return [(rest if number else head) + line for number, line in enumerate(lines)]


def _joined(rule: Rule) -> str:
    return " · ".join(rule.source)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "severity": rule.severity.word,
        "group": rule.group,
        "sentence": rule.about,
        "advice": rule.advice,
        "source": rule.source,
    }


def _json(report: Report) -> dict[str, Any]:
    log = report.log
    return {
        "file": str(report.path),
        "messages": len(log),
        "findings": [
            {
                **_rule(finding.rule),
                "sentence": finding.sentence,
                "time_s": round(finding.time_s, 6),
                "turn": finding.turn,
                "count": finding.count,
                "messages": [log.seqs[row] for row in finding.rows],
            }
            for finding in report.findings
        ],
        "closes": [_close(close, log) for close in report.closes],
    }


def _close(close: Explanation, log: SessionLog) -> dict[str, Any]:
    def numbers(rows: Sequence[int]) -> list[int]:
        return [log.seqs[row] for row in rows]

    def alike(last: Alike) -> dict[str, int]:
        return {"message": log.seqs[last.row], "count": last.count}

    return {
        "message": log.seqs[close.row],
        "code": close.code,
        "name": close.name,
        "reason": close.reason,
        "cut": close.cut,
        "by": close.by,
        "age_s": close.age_s,
        "model": close.model,
        "sent": [alike(last) for last in close.sent],
        "received": [alike(last) for last in close.received],
        "means": close.means,
        "causes": [
            {
                "says": cause.says,
                "source": cause.source,
                "evident": cause.evident,
                "messages": numbers(cause.rows),
            }
            for cause in close.causes
        ],
        "try": close.tries,
        "source": close.source,
    }


def _dumped(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
