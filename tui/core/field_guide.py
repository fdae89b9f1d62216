"""What a field of a message is: its type, its values, what it means and since when.

Types, enums and first versions are google-genai's (`field_types.json`), meanings are our own words
(`meanings.toml`); both files say when and where they were read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import orjson

from tui.core import schema

OLDEST = "0.3.0"
"""The first release of google-genai whose types could be read."""

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class FieldNote:
    """What is known about one field."""

    message: str
    """The message that has it; empty at the top of what is not known."""
    name: str
    type: str = ""
    """``string``, ``integer``, ``bytes``, an enum or a message; ``[]`` is a list of it."""
    values: tuple[str, ...] = ()
    """Of an enum."""
    since: str = ""
    """The first google-genai that has it; empty where no version has."""
    meaning: str = ""
    deprecated: str = ""
    """What to do in its place; empty while it holds."""
    deprecated_values: Mapping[str, str] = field(default_factory=dict)
    """Of `values`, with what to use in their place."""
    user_data: bool = False
    """Its keys are not the protocol's."""

    @property
    def known(self) -> bool:
        """Whether the SDK has it."""
        return bool(self.type)


def note(path: str, direction: str) -> FieldNote | None:
    """The note for a path in a message as it is on the wire, in either spelling of its keys.

    ``direction`` is ``send`` for what a client sent. Below user data, and below what is not known,
    it is that field's note. None for no path.
    """
    message = "LiveClientMessage" if direction == "send" else "LiveServerMessage"
    found, named = None, False
    for step in _steps(path):
        if found is not None and (found.user_data or not found.known):
            break
        if step is None or named:  # an element of an array or of a map
            named = False
            continue
        found = _note(message, step)
        named = found.type.endswith("{}")
        message = found.type.rstrip("[]{}")
    return found


def type_of(message: str, key: str) -> str:
    """The type of a message's field, by either of its names; empty where it is not known."""
    found = schema.messages().get(message, {}).get(key)
    return str(_table()["messages"][message][found.name][0]) if found else ""


def is_message(kind: str) -> bool:
    """Whether ``kind``, a type without brackets, is a message."""
    return kind in _table()["messages"]


def values_of(kind: str) -> Sequence[str]:
    """The values of an enum; nothing for any other type."""
    values: Sequence[str] = _table()["enums"].get(kind, ())
    return values


def _steps(path: str) -> Iterator[str | None]:
    """Keys on the way, None for an element of an array."""
    for match in _STEP.finditer(path):
        yield match[1]


def _note(message: str, key: str) -> FieldNote:
    found = schema.messages().get(message, {}).get(key)
    if found is None:
        return FieldNote(message, key)
    spelt, since = _table()["messages"][message][found.name]
    words, kind = _meanings(), spelt.rstrip("[]{}")
    return FieldNote(
        message,
        found.name,
        spelt,
        tuple(_table()["enums"].get(kind, ())),
        since or "",
        words[message][found.name],
        words["deprecated"].get(f"{message}.{found.name}", ""),
        {
            value.partition(".")[2]: why
            for value, why in words["deprecatedValues"].items()
            if value.startswith(f"{kind}.")
        },
        kind == "JSON",
    )


@cache
def _table() -> dict[str, Any]:
    data = resources.files(__package__).joinpath("field_types.json").read_bytes()
    table: dict[str, Any] = orjson.loads(data)
    return table


@cache
def _meanings() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files(__package__).joinpath("meanings.toml").read_text("utf-8"))
