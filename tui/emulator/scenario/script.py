"""A scripted scenario: what is answered to what, and what clients must do. Pure data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import regex

from tui.core.fault import Fault
from tui.emulator.session.steps import Call, FunctionCall, Say, Step, Think

ANY = "any"
SEARCH_S = 0.5
"""A regular expression that takes longer finds nothing."""

_GROUP = re.compile(r"\{(\w+)\}")
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be said: words, in any case and with any signs between them, or a pattern."""

    words: str = ""
    """Nothing fits anything that is said."""
    pattern: regex.Pattern[str] | None = None

    def groups(self, said: str) -> Mapping[str, str] | None:
        """The pattern's groups by name and number where this fits what was said; else None."""
        if self.pattern is None:
            return {} if not self.words or f" {self.words} " in f" {plain(said)} " else None
        try:
            found = self.pattern.search(said, timeout=SEARCH_S)
        except TimeoutError:
            return None
        if found is None:
            return None
        numbered = {str(number): found[number] for number in range(len(found.groups()) + 1)}
        return {name: text or "" for name, text in (numbered | found.groupdict()).items()}


def plain(text: str) -> str:
    """The words alone, in lower case, a blank between two."""
    return _BETWEEN.sub(" ", text).strip().casefold()


def pattern(text: str) -> str:
    """The regular expression in ``/…/``; empty where the text is none."""
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == "/" else ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the response to a call must hold."""

    function: str
    response: Mapping[str, Any]
    within_s: float | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A ``[[turn]]``: what is said, and the answer's steps."""

    number: int
    conditions: tuple[Condition, ...]
    shown: str
    """The conditions as they were written."""
    steps: tuple[Step, ...]
    expectations: tuple[Expectation, ...] = ()
    times: int | None = None
    """How often it is played; None is as often as it fits."""
    must: bool = False
    """It has to be played in each session."""

    def groups(self, said: str) -> Mapping[str, str] | None:
        """As `Condition.groups`, of the first that fits."""
        found = (condition.groups(said) for condition in self.conditions)
        return next((groups for groups in found if groups is not None), None)

    def __str__(self) -> str:
        return f"turn {self.number} ({self.shown})"


@dataclass(frozen=True)
class Script:
    """A scenario file, as it was understood."""

    name: str
    exchanges: tuple[Exchange, ...]
    about: str = ""
    strict: bool = False
    loop: bool = False
    otherwise: str = "brain"
    closes: bool = False
    """A failure ends the session."""
    model: str = ""
    """Played whatever the client names."""
    seed: int | None = None
    required_model: str = ""
    required: Sequence[str] = ()
    """Fields that the setup must have, by path."""
    faults: Sequence[Fault] = field(default_factory=tuple)


def filled(steps: Iterable[Step], groups: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps with ``{name}`` replaced by what was said there."""
    return tuple(_filled(step, groups) for step in steps) if groups else tuple(steps)


def _filled(step: Step, groups: Mapping[str, str]) -> Step:
    if isinstance(step, (Say, Think)):
        return replace(step, text=_text(step.text, groups))
    if isinstance(step, Call):
        return Call(tuple(_called(each, groups) for each in step.functions))
    return step


def _called(call: FunctionCall, groups: Mapping[str, str]) -> FunctionCall:
    return replace(call, args=_value(dict(call.args), groups))


def _value(value: Any, groups: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _text(value, groups)
    if isinstance(value, dict):
        return {key: _value(item, groups) for key, item in value.items()}
    return [_value(item, groups) for item in value] if isinstance(value, list) else value


def _text(text: str, groups: Mapping[str, str]) -> str:
    return _GROUP.sub(lambda found: groups.get(found[1], found[0]), text)
