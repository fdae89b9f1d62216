"""What a check has found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """Something is missing that bidiscope can do without."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding in words, and what to do about it unless it is fine."""

    verdict: Verdict
    words: str
    fix: str = ""


Check: TypeAlias = Callable[[], Answer | None]
"""Looks at one thing; None when it does not concern this machine. What it raises is a failure."""


def ok(words: str) -> Answer:
    """It works."""
    return Answer(Verdict.OK, words)


def warn(words: str, fix: str) -> Answer:
    """It is missing, and the rest works."""
    return Answer(Verdict.WARN, words, fix)


def fail(words: str, fix: str) -> Answer:
    """It is broken."""
    return Answer(Verdict.FAIL, words, fix)
