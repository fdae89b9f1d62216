"""Whether what a client sent is what a script expects of it; if not, why, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import regex

from tui.core.json_diff import changes
from tui.emulator.scenario.script import SEARCH_S, pattern

SHOWN_CHARS = 60


def has(value: Any, path: Sequence[str]) -> bool:
    """Whether there is something at the path; of lists, in any element."""
    if isinstance(value, list):
        return any(has(each, path) for each in value)
    if not path:
        return value is not None
    return isinstance(value, dict) and path[0] in value and has(value[path[0]], path[1:])


def lack(expected: Any, given: Any, path: str = "") -> str:
    """How ``given`` is not what was expected; empty when it is.

    Of an object the expected keys alone count; a ``/pattern/`` is found in the text or number.
    """
    if isinstance(expected, dict) and isinstance(given, dict):
        for key, value in expected.items():
            below = f"{path}.{key}" if path else key
            if key not in given:
                return f"without {below}"
            if why := lack(value, given[key], below):
                return why
        return ""
    if _fits(expected, given):
        return ""
    return f"{path or 'it'} = {_shown(given)}, not {_shown(expected)}"


def _fits(expected: Any, given: Any) -> bool:
    source = pattern(expected) if isinstance(expected, str) else ""
    if not source or isinstance(given, (dict, list)):
        return next(changes(expected, given), None) is None
    try:
        return regex.search(source, str(given), timeout=SEARCH_S) is not None
    except TimeoutError:
        return False


def shortened(text: str) -> str:
    """The beginning of a text that is long."""
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1]}…"


def _shown(value: Any) -> str:
    return shortened(repr(value))
