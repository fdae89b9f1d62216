"""What is known about a field of a message, in two short lines. "SDK" is google-genai."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
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
        return "in no SDK"
    return "since the first SDK" if version == OLDEST else f"since SDK {version}"


def _values(note: FieldNote, value: Any) -> Line:
    """An enum's values, and what is to be said of the one that stands here."""
    if not note.values:
        return []
    line: Line = []
    if isinstance(value, str) and value not in note.values:
        line.append((f" · {safe(value[:40])} is no value that the SDK knows", "unknown"))
    elif isinstance(value, str) and value in note.deprecated_values:
        line.append((f" · {value} is deprecated: {note.deprecated_values[value]}", "unknown"))
    values = note.values[1:]  # the first is "unspecified"
    stem = _stem(values)
    shown = " | ".join(value.removeprefix(stem) for value in values[:MOST_VALUES])
    more = " …" if len(values) > MOST_VALUES else ""
    return [*line, (f" · {stem and f'{stem}… '}{shown}{more}", "word")]


def _stem(values: Iterable[str]) -> str:
    """The words that all of them begin with, to the last ``_``."""
    words = zip(*(value.split("_")[:-1] for value in values), strict=False)
    return "".join(f"{each[0]}_" for each in takewhile(lambda each: len({*each}) == 1, words))
