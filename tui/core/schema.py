"""The SDK's message schema from `schema.json`, and how JSON reads against it.

A reading is the canonical value (the protocol's keys in camelCase, user data as it came) and the
paths at or below it that the SDK does not know: ``.name``, ``[0].name``, or ``""`` for the value
itself. A field is not known when the schema lacks it, or has no object or array where the message
has one, or the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import orjson

MAX_DEPTH = 100
"""Messages nested deeper stay as they came and are not known; protobuf's parsers refuse them."""

_SCALAR, _SCALARS, _USER_DATA = "", "[]", "*"
_MESSAGE, _MESSAGES, _MESSAGE_MAP = "M", "M[]", "M{}"
"""The shapes of a field; in the file the name of a message stands where these have ``M``."""


class Field(NamedTuple):
    """One field of a message; ``message`` is its type where the shape has one."""

    name: str
    shape: str
    message: Message | None

    @property
    def repeated(self) -> bool:
        """It holds a list."""
        return self.shape in (_SCALARS, _MESSAGES)

    @property
    def keyed(self) -> bool:
        """It holds messages by names of the user's own."""
        return self.shape == _MESSAGE_MAP


Message = dict[str, Field]
"""The fields of a message by both names that proto3 JSON accepts: camelCase and snake_case."""

Unknown = Sequence[str]

_NOTHING: Unknown = ()
_ITSELF: Unknown = ("",)


@cache
def client() -> Message:
    """What a client sends."""
    return messages()["LiveClientMessage"]


@cache
def server() -> Message:
    """What a server sends."""
    return messages()["LiveServerMessage"]


@cache
def either() -> Message:
    """Both; their top-level names differ."""
    return client() | server()


@cache
def part() -> Message:
    """One part of a turn's content."""
    return messages()["Part"]


@cache
def messages() -> dict[str, Message]:
    """All messages by the names of the SDK's models."""
    data = resources.files(__package__).joinpath("schema.json").read_bytes()
    rows: dict[str, dict[str, str]] = orjson.loads(data)["messages"]
    found: dict[str, Message] = {name: {} for name in rows}
    for name, row in rows.items():
        for camel, spelt in row.items():
            field = _field(camel, spelt, found)
            found[name][camel] = found[name][_snake(camel)] = field
    return found


def read(
    value: dict[str, Any], message: Message, depth: int = MAX_DEPTH
) -> tuple[dict[str, Any], Unknown]:
    """The reading of an object as a message; of a field named twice the last value counts."""
    canonical: dict[str, Any] = {}
    unknown: list[str] = []
    for key, item in value.items():
        field = message.get(key)
        if field is None:
            canonical[key] = item
            unknown.append(f".{key}")
            continue
        canonical[field.name], below = read_field(item, field, depth)
        if below:
            unknown += [f".{field.name}{path}" for path in below]
    return canonical, unknown


def read_field(item: Any, field: Field, depth: int = MAX_DEPTH) -> tuple[Any, Unknown]:
    """The reading of what a field holds. Null fits everywhere: the field is not set."""
    _, shape, message = field
    if item is None or shape == _USER_DATA:
        return item, _NOTHING
    if message is None:
        fits = isinstance(item, list) if shape == _SCALARS else not isinstance(item, (dict, list))
        return item, _NOTHING if fits else _ITSELF
    if shape == _MESSAGE:
        return _element(item, message, depth)
    if shape == _MESSAGES and isinstance(item, list):
        rows = [_element(child, message, depth) for child in item]
        paths = [f"[{at}]{path}" for at, (_, below) in enumerate(rows) for path in below]
        return [value for value, _ in rows], paths
    if shape == _MESSAGE_MAP and isinstance(item, dict):
        named = {key: _element(child, message, depth) for key, child in item.items()}
        paths = [f".{key}{path}" for key, (_, below) in named.items() for path in below]
        return {key: value for key, (value, _) in named.items()}, paths
    return item, _ITSELF


def _element(item: Any, message: Message, depth: int) -> tuple[Any, Unknown]:
    if item is None:
        return None, _NOTHING
    if not isinstance(item, dict) or depth == 0:
        return item, _ITSELF
    return read(item, message, depth - 1)


def _field(name: str, spelt: str, messages: dict[str, Message]) -> Field:
    if spelt in (_SCALAR, _SCALARS, _USER_DATA):
        return Field(name, spelt, None)
    of = spelt.rstrip("[]{}")
    return Field(name, _MESSAGE + spelt.removeprefix(of), messages[of])


def _snake(camel: str) -> str:
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), camel)
