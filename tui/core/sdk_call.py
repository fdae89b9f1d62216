"""Which call of google-genai makes a client's message, with which arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tui.core import field_guide, media, schema

OF_CONFIG = frozenset(
    {
        *("responseModalities", "temperature", "topP", "topK", "maxOutputTokens", "seed"),
        *("mediaResolution", "speechConfig", "thinkingConfig", "enableAffectiveDialog"),
        "translationConfig",
    }
)
"""Fields of GenerationConfig that LiveConnectConfig has beside it (google-genai 3.4.0)."""

DEEPEST = 60
"""Python's own parser takes 100 levels of brackets, and each level here may take two of them."""

CONNECT = "connect"


@dataclass(frozen=True, slots=True)
class Call:
    """A call and its keyword arguments, named as in Python; media are bytes."""

    method: str
    """Of `AsyncSession`; `CONNECT` is ``client.aio.live.connect``."""
    arguments: Mapping[str, Any]


class NoCall(ValueError):
    """No call makes this message; the words say why, in a clause."""


def call(message: Mapping[str, Any]) -> Call:
    """The call that makes a message of a client, its keys as on the wire or canonical.

    Raises:
        NoCall: None does.
    """
    known, unknown = schema.read(dict(message), schema.client())
    if unknown:
        raise NoCall(f"the SDK does not know {unknown[0].lstrip('.')}")
    said = {key: value for key, value in known.items() if value is not None}
    if len(said) != 1:
        raise NoCall("it sends one kind of message at a time")
    ((kind, value),) = said.items()
    if not isinstance(value, dict):
        raise NoCall(f"{kind} is no object")
    return Call(_METHODS[kind], _ARGUMENTS[kind](value))


def _setup(value: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(value.get("model"), str):
        raise NoCall("the set-up names no model")
    of_setup = {key: item for key, item in value.items() if key not in _ELSEWHERE}
    generation = value.get("generationConfig")
    fields = generation.items() if isinstance(generation, dict) else ()
    config = _snaked(of_setup, "LiveClientSetup")
    config |= _snaked({key: item for key, item in fields if key in OF_CONFIG}, _GENERATION)
    if beside := {key: item for key, item in fields if key not in OF_CONFIG}:
        config["generation_config"] = _snaked(beside, _GENERATION)
    return {"model": value["model"], "config": config}


def _client_content(value: dict[str, Any]) -> dict[str, Any]:
    return {"turn_complete": None} | _snaked(value, "LiveClientContent")


def _realtime_input(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) != 1:
        raise NoCall("send_realtime_input takes one argument at a time")
    if "mediaChunks" not in value:
        return _snaked(value, "LiveClientRealtimeInput")
    chunks = value["mediaChunks"]
    if not isinstance(chunks, list) or len(chunks) != 1:
        raise NoCall("it sends one media chunk a message")
    return {"media": _value(chunks[0], "Blob", 0)}


def _tool_response(value: dict[str, Any]) -> dict[str, Any]:
    return {"function_responses": [], **_snaked(value, "LiveClientToolResponse")}


def _context_update(value: dict[str, Any]) -> dict[str, Any]:
    arguments = _snaked(value, "LiveClientContextUpdate")
    if isinstance(arguments.get("tools"), dict):
        arguments["tools"] = arguments["tools"].get("tools", [])
    return arguments


_ELSEWHERE = ("model", "generationConfig")
_GENERATION = "GenerationConfig"

_METHODS = {
    "setup": CONNECT,
    "clientContent": "send_client_content",
    "realtimeInput": "send_realtime_input",
    "toolResponse": "send_tool_response",
    "contextUpdate": "send_context_update",
}

_ARGUMENTS = {
    "setup": _setup,
    "clientContent": _client_content,
    "realtimeInput": _realtime_input,
    "toolResponse": _tool_response,
    "contextUpdate": _context_update,
}


def _snaked(fields: Mapping[str, Any], message: str, depth: int = 0) -> dict[str, Any]:
    """A canonical message with Python's names; user data keeps its own, media become bytes."""
    if depth > DEEPEST:
        raise NoCall("it nests too deep")
    return {
        _snake(key): _value(value, field_guide.type_of(message, key), depth + 1)
        for key, value in fields.items()
    }


def _value(value: Any, of: str, depth: int) -> Any:
    """What a field of that type holds."""
    kind = of.rstrip("[]{}")
    if kind == "bytes" and isinstance(value, str):
        try:
            return media.data_bytes({"data": value})
        except ValueError as error:
            raise NoCall(str(error).rstrip(".")) from None
    if kind not in schema.messages() or not isinstance(value, (dict, list)):
        return value
    if isinstance(value, list):
        return [_value(each, kind, depth) for each in value]
    if of.endswith("{}"):
        return {name: _value(each, kind, depth) for name, each in value.items()}
    return _snaked(value, kind, depth)


def _snake(camel: str) -> str:
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), camel)
