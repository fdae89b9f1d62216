"""The tools that a session has: functions of the client, Google Search, code execution."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tui.emulator.fields import Fields

BLOCKING, NON_BLOCKING = "BLOCKING", "NON_BLOCKING"

_COUNTS = frozenset({"minItems", "maxItems", "minLength", "maxLength"})
_COUNTS |= {"minProperties", "maxProperties"}
_NO_KEYWORDS = frozenset({"nullable", "propertyOrdering", "format", "example", "title"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_a-zA-Z]+")


def spelt(identifier: str) -> str:
    """The words in an identifier: ``getWeather_v2`` → ``get weather v 2``."""
    return " ".join(_WORD.findall(identifier)).lower()


@dataclass(frozen=True, slots=True)
class Declaration:
    """A function that the client offers."""

    name: str
    description: str
    schema: Mapping[str, Any]
    """JSON Schema of its arguments."""
    blocking: bool
    """The model waits for its response."""

    @property
    def words(self) -> str:
        """Its name as it is said."""
        return spelt(self.name)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What setup, or a later contextUpdate, declares."""

    functions: tuple[Declaration, ...] = ()
    search: bool = False
    code: bool = False
    default: str = BLOCKING
    """The behaviour of a function that names none."""

    @classmethod
    def of(cls, tools: Iterable[Fields], default: str, *, asynchronous: bool) -> Toolbox:
        """The declared ``tools``; raises `Refusal` for what has a wrong type.

        ``default`` is the behaviour of a function that names none; a model that is not
        ``asynchronous`` waits for every one.
        """
        tools = list(tools)
        functions = [
            _declaration(function, default, asynchronous=asynchronous)
            for tool in tools
            for function in tool.objects("functionDeclarations")
        ]
        return cls(
            tuple(functions),
            search=any(tool.has("googleSearch") for tool in tools),
            code=any(tool.has("codeExecution") for tool in tools),
            default=default if asynchronous else BLOCKING,
        )

    def function(self, name: str) -> Declaration | None:
        """The function of this name."""
        return next((one for one in self.functions if one.name == name), None)

    def waits(self, name: str) -> bool:
        """Whether the model waits for the function's response."""
        function = self.function(name)
        return function.blocking if function else self.default != NON_BLOCKING


NO_TOOLS = Toolbox()


def _declaration(function: Fields, default: str, *, asynchronous: bool) -> Declaration:
    behavior = function.text("behavior")
    if not behavior or behavior == "UNSPECIFIED":
        behavior = default
    schema = function.raw.get("parametersJsonSchema")
    if not isinstance(schema, dict):
        schema = json_schema(function.object("parameters").raw)
    return Declaration(
        function.text("name"),
        function.text("description"),
        schema,
        blocking=behavior != NON_BLOCKING or not asynchronous,
    )


def json_schema(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A `Schema` of the API (a part of OpenAPI 3.0: ``STRING``, nullable) as JSON Schema."""
    schema: dict[str, Any] = {
        key: int(value) if key in _COUNTS else value
        for key, value in parameters.items()
        if key not in _NO_KEYWORDS and value is not None
    }
    kind = str(schema.pop("type", "TYPE_UNSPECIFIED")).lower()
    if kind != "type_unspecified":
        schema["type"] = [kind, "null"] if parameters.get("nullable") else kind
    if "items" in schema:
        schema["items"] = json_schema(schema["items"])
    if "anyOf" in schema:
        schema["anyOf"] = [json_schema(one) for one in schema["anyOf"]]
    if "properties" in schema:
        properties = schema["properties"].items()
        schema["properties"] = {name: json_schema(one) for name, one in properties}
    return _with_hints(schema, parameters)


def _with_hints(schema: dict[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    if "example" in parameters:
        schema["examples"] = [parameters["example"]]
    if "ref" in schema:
        schema["$ref"] = schema.pop("ref").replace("#/defs/", "#/$defs/")
    if "defs" in schema:
        schema["$defs"] = {name: json_schema(one) for name, one in schema.pop("defs").items()}
    if parameters.get("format") in ("date", "date-time", "time"):
        schema["format"] = parameters["format"]
    if parameters.get("nullable") and "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema
