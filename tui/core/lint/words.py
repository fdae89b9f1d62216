"""Findings and closes in lines of text: what the command prints and the pane shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.core.closing import MAX_REASON_BYTES, Alike, Cause, Explanation
from tui.core.lint.finding import Finding, Findings
from tui.core.lint.rule import Severity
from tui.core.log import SessionLog
from tui.core.row_text import ARROWS, clock, duration, short_kind
from tui.core.text import safe

SHOWN_ROWS = 5
"""So many rows of evidence are named."""

_PLURALS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARN: ("warning", "warnings"),
    Severity.NOTE: ("note", "notes"),
    Severity.CHAT: ("chat", "chats"),
}
_DIRECTIONS = {ord("s"): "sent", ord("r"): "received", ord("e"): "event"}


def counts(findings: Findings, least: Severity = Severity.CHAT) -> str:
    """``2 errors · 1 note``; empty when nothing so grave was found."""
    found = {each: findings.count(each) for each in reversed(Severity) if each >= least}
    return " · ".join(f"{n} {_PLURALS[each][n > 1]}" for each, n in found.items() if n)


def place(log: SessionLog, row: int) -> str:
    """``#17 00:03.120``: the number of a message and its time."""
    return f"#{log.seqs[row]} {clock(log.mono_s[row])}"


def message(log: SessionLog, row: int) -> str:
    """``#17 00:03.120 ▲ clientContent``."""
    kinds = " + ".join(short_kind(kind) for kind in log.kinds(row)[:3])
    return f"{place(log, row)} {ARROWS[_DIRECTIONS[log.directions[row]]]} {kinds}"


def evidence(log: SessionLog, rows: Iterable[int], count: int = 1) -> str:
    """``#17, #18 and 40 more``."""
    rows = list(rows)
    named = ", ".join(f"#{log.seqs[row]}" for row in rows[:SHOWN_ROWS])
    more = max(len(rows), count) - SHOWN_ROWS
    return f"{named} and {more:,} more" if more > 0 else named


def details(finding: Finding, log: SessionLog) -> Iterator[tuple[str, str]]:
    """What stands under a finding: a title and its text."""
    yield "Do", finding.rule.advice
    at = evidence(log, finding.rows, finding.count)
    turn = f" · turn {finding.turn}" if finding.turn else ""
    yield "Where", f"{at}{turn}"
    yield "Rule", f"{finding.rule.id} · {finding.rule.group}"
    yield "Source", " · ".join(finding.rule.source)


def explanation(close: Explanation, log: SessionLog) -> Iterator[tuple[str, str]]:
    """What stands under a close: a title and its text; no title goes on with the one before."""
    if close.cut:
        yield (
            "Cut",
            f"A close frame holds {MAX_REASON_BYTES} bytes: the reason is cut there, it seems.",
        )
    age = "never open" if not close.opened else "open for n/a"
    if close.age_s is not None:
        age = f"open for {duration(close.age_s)}"
    model = f" · {safe(close.model)}" if close.model else ""
    yield "Who", f"{close.who}, {age}{model}"
    if close.means:
        yield "Means", close.means
    causes = (f"{n}. {_cause(cause, log)}" for n, cause in enumerate(close.causes, 1))
    yield from _titled("Causes", causes)
    yield from _titled("Try", close.tries)
    yield from _titled("Sent last", (_alike(log, each) for each in close.sent))
    yield from _titled("Came last", (_alike(log, each) for each in close.received))
    if close.source:
        yield "Source", " · ".join(close.source)


def _alike(log: SessionLog, last: Alike) -> str:
    return message(log, last.row) + (f" ×{last.count:,}" if last.count > 1 else "")


def _cause(cause: Cause, log: SessionLog) -> str:
    known = f"here, {evidence(log, cause.rows)}" if cause.evident else "known of others"
    return f"{cause.says} ({known}; {cause.source})"


def _titled(title: str, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines):
        yield "" if number else title, line
