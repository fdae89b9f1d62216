"""Whether what came is what a script expects; pure."""

from __future__ import annotations

import re
import statistics

from tui.core.lint.finding import Findings
from tui.core.lint.rule import Severity
from tui.core.session import Session
from tui.core.turn import Turn

MOST = {"none": Severity.CHAT, "note": Severity.NOTE, "warning": Severity.WARN}
"""The gravest finding that is allowed; the usual course of a session is none."""


def unmet(what: str, wanted: str | float, session: Session, since_s: float, found: Findings) -> str:
    """Why an expectation does not hold, in a clause; empty when it does.

    Args:
        what: one of `tui.core.script.step.EXPECTATIONS` but "match".
        wanted: its value.
        session: the state now.
        since_s: when the last question was sent; turns since then count.
        found: the findings of the whole session.
    """
    turns = [turn for turn in session.turns if turn.started_s >= since_s]
    passages = [each for each in session.captions.passages if each.started_s >= since_s]
    match what:
        case "answer":
            made = [target.text for each in passages for target in each.targets]
            return _matches(str(wanted), [*(turn.answer for turn in turns), *made], "the answer")
        case "heard":
            said = [each.source.text for each in passages if each.source is not None]
            return _matches(str(wanted), [*(turn.user for turn in turns), *said], "what was heard")
        case "tool":
            names = [call.name for turn in turns for call in turn.calls]
            return "" if wanted in names else f"called was {', '.join(names) or 'nothing'}"
        case "findings":
            return _findings(str(wanted), found)
        case _:
            return _latency(float(wanted), session.turns)


def _matches(pattern: str, texts: list[str], what: str) -> str:
    if any(re.search(pattern, text, re.IGNORECASE) for text in texts):
        return ""
    said = " … ".join(filter(None, (text.strip() for text in texts)))
    return f"{what} is {said!r}" if said else f"{what} is empty"


def _findings(level: str, found: Findings) -> str:
    graver = [each for each in found if each.severity > MOST[level]]
    return ", ".join(dict.fromkeys(each.rule.id for each in graver))


def _latency(ratio: float, turns: list[Turn]) -> str:
    """The last latency against the median of those before it."""
    timed = [turn.latency_s for turn in turns if turn.latency_s is not None]
    if len(timed) < 2:
        return "a ratio needs two turns with a latency"
    median_s = statistics.median(timed[:-1])
    return (
        ""
        if timed[-1] <= ratio * median_s
        else f"{timed[-1]:.2f} s after a median of {median_s:.2f} s"
    )
