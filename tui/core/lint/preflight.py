"""What is known to be wrong with a set-up before it is sent: the rules of the findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tui.core.frame import TEXT, Direction, Event, Frame
from tui.core.lint.finding import Finding
from tui.core.lint.linter import Linter
from tui.core.lint.rule import Severity


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
    return [f"{each.sentence} {each.rule.advice}" for each in grave]
