"""Makes `field_types.json` of the installed google-genai: ``python -m tests.core.field_table``.

Types and enums are the SDK's own, so a test can hold the file against them. The first versions
cannot be read from one SDK: they stay as they are in the file, and a field that is new gets the
installed version.
"""

from __future__ import annotations

import datetime
import re
import types as python_types
import typing
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
from google.genai import types

from tui.core import schema

FILE = Path(schema.__file__).with_name("field_types.json")

SOURCE = (
    "google-genai 3.4.0, google/genai/types.py; first versions from the types.py of every release "
    "from 0.3.0, the oldest with a tag, to 3.4.0 (github.com/googleapis/python-genai and PyPI), "
    "read 2026-11-25"
)

PLAIN = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    bytes: "bytes",
    datetime.datetime: "timestamp",
}

BEYOND = {
    ("LiveClientSetup", "realtimeInputConfig"): "RealtimeInputConfig",
    ("UsageMetadata", "candidatesTokenCount"): "integer",
    ("UsageMetadata", "candidatesTokensDetails"): "ModalityTokenCount[]",
    ("VoiceActivity", "type"): "VoiceActivityType",
}
"""Fields of the wire that the SDK's models lack; see `schema.json`."""

Enums = dict[str, list[str]]


def camel(name: str) -> str:
    return re.sub("_(.)", lambda match: match[1].upper(), name)


def table(first: dict[str, dict[str, str | None]]) -> dict[str, Any]:
    """All that the file holds; ``first`` has the versions that fields came with."""
    enums: Enums = {}
    messages = {
        name: {
            each: [_type(name, each, enums), first.get(name, {}).get(each, version("google-genai"))]
            for each in dict.fromkeys(field.name for field in message.values())
        }
        for name, message in schema.messages().items()
    }
    return {"source": SOURCE, "enums": dict(sorted(enums.items())), "messages": messages}


def shipped() -> dict[str, dict[str, str | None]]:
    """The first versions in the file."""
    messages = orjson.loads(FILE.read_bytes())["messages"]
    return {name: {key: since for key, (_, since) in row.items()} for name, row in messages.items()}


def written(whole: dict[str, Any]) -> str:
    """A line a message, a line an enum."""
    blocks = [f' "source": {_json(whole["source"])}']
    for part in ("enums", "messages"):
        rows = ",\n".join(f"  {_json(name)}: {_json(row)}" for name, row in whole[part].items())
        blocks.append(f' "{part}": {{\n{rows}\n }}')
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _type(message: str, name: str, enums: Enums) -> str:
    fields = {
        camel(field.alias or key): field
        for key, field in getattr(types, message).model_fields.items()
    }
    shape = next(f.shape for f in schema.messages()[message].values() if f.name == name)
    if (message, name) in BEYOND:
        spelt = BEYOND[message, name]
        _word(getattr(types, spelt, str), enums)
        return spelt
    field = schema.messages()[message][name]
    if field.message is not None:
        of = next(key for key, each in schema.messages().items() if each is field.message)
        return of + shape.removeprefix("M")
    if shape == "*":
        return "JSON"
    return _word(fields[name].annotation, enums)


def _word(annotation: Any, enums: Enums) -> str:
    """A type as the inspector says it; the values of an enum go to ``enums``."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        enums[annotation.__name__] = [str(member.value) for member in annotation]
        return annotation.__name__
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " | ".join(inside)
    if origin is list:
        return f"{_word(inside[0], enums)}[]"
    if origin is dict:
        return f"{_word(inside[1], enums)}{{}}"
    if origin in (typing.Union, python_types.UnionType):
        some = [each for each in inside if each is not type(None)]
        if len(some) == 1:
            return _word(some[0], enums)
    return "JSON"


if __name__ == "__main__":
    FILE.write_text(written(table(shipped())))
