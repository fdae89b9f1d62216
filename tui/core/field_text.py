"""What is known about a field, in one sentence or two."""

from __future__ import annotations

from typing import Any

from tui.core.field_guide import OLDEST, FieldNote
from tui.core.json_tree import Line
from tui.core.text import safe

MOST_VALUES = 8
"""So many values of an enum are listed."""


def described(note: FieldNote | None, value: Any = None) -> Line:
    """A note in pieces as the inspector draws them; empty for no note.

    ``value`` is what the field holds here: an enum's is looked up.
    """
    if note is None:
        return []
    name = f"{safe(note.name)} "
    if not note.known:
        words = "is not in google-genai's schema: the SDK drops it"
        return [(name, "key"), (f"{words}. It would stand in {note.message}.", "unknown")]
    line: Line = [(name, "key"), (f"{note.type} · ", "number")]
    if note.deprecated:
        line.append((f"deprecated: {note.deprecated} · ", "unknown"))
    line.append((note.meaning, "text"))
    line.append((f" · of {note.message}, {_since(note.since)}", "dim"))
    if note.user_data:
        line.append((" · what is below is yours, not the protocol's", "dim"))
    return line + _values(note, value)


def _since(version: str) -> str:
    if not version:
        return "in no version of google-genai"
    return (
        "in google-genai from the first" if version == OLDEST else f"since google-genai {version}"
    )


def _values(note: FieldNote, value: Any) -> Line:
    """An enum's values, and what is to be said of the one that stands here."""
    if not note.values:
        return []
    line: Line = []
    if isinstance(value, str) and value not in note.values:
        line.append((f" · {safe(value[:40])} is no value that the SDK knows", "unknown"))
    elif isinstance(value, str) and value in note.deprecated_values:
        line.append((f" · {value} is deprecated: {note.deprecated_values[value]}", "unknown"))
    shown = " | ".join(note.values[1:][:MOST_VALUES])  # the first is "unspecified"
    more = " …" if len(note.values) > MOST_VALUES + 1 else ""
    return [*line, (f" · {shown}{more}", "word")]
