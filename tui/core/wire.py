"""Bytes of one message → facts, after google-genai's schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from tui.core import schema
from tui.core.text import safe


class Family(StrEnum):
    """The three families of server messages that panes filter by, and the client's own."""

    SERVER_CONTENT = "server_content"
    EVENTS = "events"
    METADATA = "metadata"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a message says.

    ``kind`` is dotted (``serverContent.modelTurn.audio``) and safe for a terminal. ``path`` is
    where it stands in the canonical message (``serverContent.modelTurn.parts[0].inlineData``),
    ``value`` is what stands there, keys in camelCase: the Blob of audio, images and video, the
    whole Part of text, thoughts and code. A flag may be there and false, so test the value.

    ``unknown`` lists the paths at this fact that the SDK does not know: fields that it drops,
    and objects or arrays where its schema has none, or the other way round. A field that it does
    not know keeps its own spelling, and so do the keys below it.
    """

    kind: str
    family: Family
    path: str
    value: Any
    unknown: tuple[str, ...] = ()


class Undecodable(ValueError):
    """The payload is no JSON object; the message says why in one sentence."""


_FAMILIES = {
    "serverContent": Family.SERVER_CONTENT,
    "usageMetadata": Family.METADATA,
    "sessionResumptionUpdate": Family.METADATA,
}

_SPLIT = frozenset({"serverContent", "realtimeInput"})
"""Messages whose every field is a fact of its own."""

_MODEL_TURN = "serverContent.modelTurn"

MAX_LABEL_CHARS = 80
"""How much of an unknown key its kind shows; the path has all of it."""

_JSON_NAMES = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}


def parse(payload: bytes) -> dict[str, Any]:
    """The JSON object in ``payload``, ``{}`` for an empty one; raises `Undecodable`.

    Of a key that comes twice the last value counts; integers beyond 64 bits become floats.
    """
    if not payload:
        return {}
    try:
        message = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Undecodable(_why(payload, error)) from None
    if not isinstance(message, dict):
        found = _JSON_NAMES.get(type(message), "a number")
        raise Undecodable(f"The message is {found}, where the protocol has a JSON object.")
    return message


def _why(payload: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        payload.decode()
    except UnicodeDecodeError as broken:
        at = broken.start
        return f"The message is not UTF-8: byte 0x{payload[at]:02x} at offset {at}."
    return f"The message is not JSON: {error.msg}, at character {error.pos}."


def canonical(message: dict[str, Any]) -> dict[str, Any]:
    """The message with the protocol's keys in camelCase; user data keeps its own."""
    return schema.read(message, schema.either())[0]


def decode(payload: bytes, direction: str) -> tuple[Fact, ...]:
    """All facts of a message, in the order of the wire; at least one, and never raises.

    ``direction`` is ``send`` for what a client sent. A field that is null is not set (proto3
    JSON). A message that sets nothing is the kind ``empty``, one that is no JSON object
    ``invalid``, its value ``{"reason": sentence}``.
    """
    sent = direction == "send"
    family = Family.CLIENT if sent else Family.EVENTS
    try:
        message = parse(payload)
    except Undecodable as error:
        return (Fact("invalid", family, "", {"reason": str(error)}),)
    root = schema.client() if sent else schema.server()
    facts = tuple(_fields("", message, root, family))
    return facts or (Fact("empty", family, "", message),)


def _fields(
    prefix: str, value: dict[str, Any], message: schema.Message, family: Family
) -> Iterator[Fact]:
    """A fact for each field that is set."""
    for key, item in value.items():
        field = message.get(key)
        if field is None:
            path = prefix + key
            yield Fact(prefix + _label(key), family, path, item, (path,))
        elif item is not None:
            yield from _field(prefix + field.name, item, field, family)


def _label(key: str) -> str:
    """A name for an unknown key; no dot in it can make it look like a kind that is known."""
    return safe(key[:MAX_LABEL_CHARS]).replace(".", "·") or '""'


def _field(path: str, item: Any, field: schema.Field, family: Family) -> Iterator[Fact]:
    """The facts of one field; where it splits into none, the field itself is the fact."""
    family = _FAMILIES.get(path, family)
    facts: tuple[Fact, ...] = ()
    if isinstance(item, dict) and field.message is not None:
        if path in _SPLIT:
            facts = tuple(_fields(f"{path}.", item, field.message, family))
        elif path == _MODEL_TURN and isinstance(item.get("parts"), list):
            facts = tuple(_model_turn(item, field.message, family))
    if facts:
        yield from facts
    else:
        value, unknown = schema.read_field(item, field)
        yield Fact(path, family, path, value, tuple(path + below for below in unknown))


def _model_turn(turn: dict[str, Any], message: schema.Message, family: Family) -> Iterator[Fact]:
    """A fact for each part, and one for fields beside the parts that are not known."""
    for index, part in enumerate(turn["parts"]):
        yield _part(f"{_MODEL_TURN}.parts[{index}]", part, family)
    beside = {key: item for key, item in turn.items() if key != "parts"}
    value, unknown = schema.read(beside, message)
    if unknown:
        paths = tuple(_MODEL_TURN + below for below in unknown)
        yield Fact(_MODEL_TURN, family, _MODEL_TURN, value, paths)


def _part(path: str, part: Any, family: Family) -> Fact:
    if not isinstance(part, dict):
        return Fact(f"{_MODEL_TURN}.part", family, path, part, (path,))
    value, below = schema.read(part, schema.part())
    unknown = tuple(path + each for each in below)
    blob = value.get("inlineData")
    medium = _medium(blob)
    if medium:
        return Fact(f"{_MODEL_TURN}.{medium}", family, f"{path}.inlineData", blob, unknown)
    return Fact(f"{_MODEL_TURN}.{_part_kind(value)}", family, path, value, unknown)


def _medium(blob: Any) -> str:
    """``audio``, ``image`` or ``video`` after the mime type; else empty."""
    mime_type = blob.get("mimeType") if isinstance(blob, dict) else None
    medium = mime_type.partition("/")[0].lower() if isinstance(mime_type, str) else ""
    return medium if medium in ("audio", "image", "video") else ""


def _part_kind(part: dict[str, Any]) -> str:
    for name in ("executableCode", "codeExecutionResult", "functionCall"):
        if part.get(name) is not None:
            return name
    if isinstance(part.get("text"), str):
        return "thought" if part.get("thought") is True else "text"
    return "part"
