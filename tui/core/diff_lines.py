"""The differences of two messages in lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import orjson

from tui.core import media
from tui.core.json_diff import Change, changes
from tui.core.json_tree import Line, chip, json_text
from tui.core.text import safe

MOST = 1_000
"""So many differences are shown."""
VALUE_CHARS = 200
"""The length at which a value is cut,"""
STRING_CHARS = 80
"""and a string in it."""
LEVELS, ITEMS = 6, 40
"""How much of a container is told."""

PIECES = {"+": "added", "-": "removed", "~": "changed"}
"""What a sign is drawn as."""


class DiffLines:
    """One difference a line: its sign, where it is, and what it was and is."""

    def __init__(self, title: str, found: Sequence[Change]) -> None:
        """``title`` is the first line."""
        self._title = title
        self._changes = found[:MOST]
        self._more = len(found) > MOST

    @classmethod
    def of(cls, title: str, before: Any, after: Any) -> DiffLines:
        """The differences of two JSON values."""
        return cls(title, [*islice(changes(before, after), MOST + 1)])

    def __len__(self) -> int:
        return 1 + max(1, len(self._changes)) + self._more

    def line(self, at: int) -> Line:
        """One line; safe for a terminal."""
        if at == 0:
            return [(self._title, "dim")]
        if not self._changes:
            return [("They say the same.", "text")]
        if at > len(self._changes):
            return [(f"… and more than {MOST:,} differences", "dim")]
        change = self._changes[at - 1]
        piece = PIECES[change.sign]
        line: Line = [(f"{change.sign} {safe(change.path)} ", piece)]
        if change.sign == "~":
            return [
                *line,
                (_said(change.before), "dim"),
                (" → ", "dim"),
                (_said(change.after), piece),
            ]
        return [*line, (_said(change.after if change.sign == "+" else change.before), piece)]

    def text(self, at: int) -> str:
        """What the line holds, to be copied: a string as it reads, anything else as JSON.

        Raises ValueError where it nests deeper than 254 levels.
        """
        if not 0 < at <= len(self._changes):
            return ""
        change = self._changes[at - 1]
        value = change.before if change.sign == "-" else change.after
        return safe(value, lines=True) if isinstance(value, str) else json_text(value)

    def path(self, at: int) -> str:
        """Where the difference of that line is, canonical; empty for no difference."""
        return self._changes[at - 1].path if 0 < at <= len(self._changes) else ""


def _said(value: Any) -> str:
    """A value in a few words, media without their base64."""
    text = orjson.dumps(_brief(value, LEVELS)).decode()
    return safe(text if len(text) <= VALUE_CHARS else text[: VALUE_CHARS - 1] + "…")


def _brief(value: Any, levels: int) -> Any:
    """What of a value there may be room for."""
    if words := chip(value, media.OUTPUT_RATE_HZ):
        return words
    if isinstance(value, str):
        return value if len(value) <= STRING_CHARS else value[: STRING_CHARS - 1] + "…"
    if not isinstance(value, (dict, list)):
        return value
    if levels == 0:
        return "…"
    if isinstance(value, list):
        return [_brief(each, levels - 1) for each in value[:ITEMS]]
    return {key: _brief(each, levels - 1) for key, each in islice(value.items(), ITEMS)}
