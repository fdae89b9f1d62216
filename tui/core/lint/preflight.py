"""What is known to be wrong with a message before it is sent: the rules of the findings."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import orjson

from tui.core.frame import TEXT, Direction, Event, Frame
from tui.core.journal import JournalError
from tui.core.lint.finding import Finding
from tui.core.lint.linter import Linter
from tui.core.lint.rule import Severity
from tui.core.log import SessionLog
from tui.core.occurrences import Occurrences


def check(setup: Mapping[str, Any], origin: str, unix_s: float) -> list[Finding]:
    """The findings on a set-up, the gravest first.

    ``origin`` is the service that it would go to ("gemini", "vertex", "emulator"), ``unix_s`` when.
    """
    linter = Linter()
    linter.take(Event(0, 0.0, unix_s, "connection.opening", {"origin": origin}), 0)
    payload = orjson.dumps({"setup": setup})
    linter.take(Frame(1, 0.0, unix_s, Direction.SEND, TEXT, payload), 1)
    return linter.findings.by_severity()


def warnings(setup: Mapping[str, Any], origin: str, unix_s: float) -> list[str]:
    """What a person should know before it is sent: a sentence, and what to do, for each."""
    grave = (each for each in check(setup, origin, unix_s) if each.severity >= Severity.WARN)
    return [f"{each.ahead} {each.rule.advice}" for each in grave]


_OPENING, _SETUP, _SOUND = "connection.opening", "setup", "realtimeInput.audio"
_TOLD = (
    *("setupComplete", "clientContent", "realtimeInput.text", "serverContent.turnComplete"),
    *("toolCall", "toolCallCancellation", "toolResponse"),
    *("realtimeInput.activityStart", "realtimeInput.activityEnd"),
)
"""What the rules on a client's messages depend on."""
MOST_TOLD = 300
"""So many records of a connection are looked at, the newest."""


class Outlook:
    """Says what would be found of a message that was sent next, on a log's last connection."""

    def __init__(self, log: SessionLog) -> None:
        self._log = log
        self._rows = Occurrences(log, (_OPENING, _SETUP, _SOUND, *_TOLD))

    def check(self, payload: bytes, mono_s: float, unix_s: float) -> list[Finding]:
        """The findings on a client's message that is sent at that time, the gravest first."""
        linter, end = Linter.of(self._log), len(self._log)
        for row in self._told(end):
            with contextlib.suppress(JournalError):
                linter.take(self._log.glance(row), row)
        linter.take(Frame(end, mono_s, unix_s, Direction.SEND, TEXT, payload), end)
        return list(linter.findings.at(end))

    def _told(self, end: int) -> list[int]:
        """The rows of the connection that matter."""
        begun = self._rows.last(_OPENING, end)
        setup = self._rows.last(_SETUP, end)
        start = begun if begun is not None else setup or 0
        found = [row for kind in _TOLD for row in self._rows.between(kind, start, end)]
        found = sorted({*found, *self._rows.between(_SETUP, start, end)})[-MOST_TOLD:]
        sound = self._rows.next(_SOUND, start)
        first = [row for row in (begun, setup, sound) if row is not None]
        return sorted({*first, *found})
