"""A function that the model may call: its declaration, and how its calls are answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import orjson

SCHEDULES = ("WHEN_IDLE", "INTERRUPT", "SILENT")
DECLARED = ("name", "description", "parameters", "parametersJsonSchema", "behavior")
ANSWERED = ("reply", "fail", "delay", "scheduling")
LONGEST_DELAY_S = 600.0
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")


class ToolsError(ValueError):
    """Tools that cannot be used: a clause, or a sentence for each source of them."""

    def __init__(self, words: str, usable: tuple[Tool, ...] = ()) -> None:
        super().__init__(words)
        self.usable = usable
        """Those beside them that can."""


@dataclass(frozen=True)
class Tool:
    """A declared function.

    With ``module`` calls run the function of that Python file; with ``server`` that MCP server
    carries them out; with ``reply`` each gets that answer; ``fail`` answers with an error; with
    none of them a call waits for a person.
    """

    declaration: Mapping[str, Any]
    module: str = ""
    reply: Mapping[str, Any] | None = None
    fail: str = ""
    delay_s: float = 0.0
    scheduling: str = ""
    server: str = ""
    """A short name of the MCP server."""
    hints: tuple[str, ...] = ()
    """What a person wants to know before a call, in its server's words."""

    @property
    def name(self) -> str:
        """What the model calls it by."""
        return str(self.declaration["name"])

    @property
    def origin(self) -> str:
        """What declares it, in words."""
        if self.server:
            return f"the MCP server {self.server}"
        return PurePath(self.module).name if self.module else "a file of declarations"

    @property
    def automatic(self) -> bool:
        """Whether calls are answered without a person."""
        return bool(self.module or self.server or self.fail) or self.reply is not None


def declared(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """The ``tools`` of a set-up that offers them."""
    rows = [dict(tool.declaration) for tool in tools]
    return [{"functionDeclarations": rows}] if rows else []


def of_json(data: bytes) -> list[Tool]:
    """Tools of a JSON file: a list of declarations, each with what answers it.

    Raises:
        ToolsError: It is none; the sentence does not name the file.
    """
    try:
        rows = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ToolsError(f"it is no JSON: {error}") from None
    rows = [rows] if isinstance(rows, dict) else rows
    if not isinstance(rows, list) or not rows:
        raise ToolsError("it holds no list of functions")
    return [_tool(row, f"function {number}") for number, row in enumerate(rows, 1)]


def distinct(tools: Sequence[Tool]) -> None:
    """Raises `ToolsError` where two tools have one name."""
    first: dict[str, Tool] = {}
    for tool in tools:
        if (other := first.setdefault(tool.name, tool)) is not tool:
            both = " and ".join(dict.fromkeys((other.origin, tool.origin)))
            raise ToolsError(
                f"The function {tool.name} is declared twice, by {both}: leave one out."
            )


def _tool(row: Any, which: str) -> Tool:
    if not isinstance(row, dict):
        raise ToolsError(f"{which} is no object")
    name = row.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ToolsError(f"{which} has no name of letters, digits, _ . : -")
    for key in row:
        if key not in DECLARED + ANSWERED:
            raise ToolsError(f"{name} has {key[:60]}, which is none of {_listed()}")
    for key, kind in _KINDS.items():
        if not isinstance(row.get(key, kind()), kind):
            raise ToolsError(f"{key} of {name} is no {_WORDS[kind]}")
    if row.get("scheduling", SCHEDULES[0]) not in SCHEDULES:
        raise ToolsError(f"scheduling of {name} is none of {', '.join(SCHEDULES)}")
    return Tool(
        {key: row[key] for key in DECLARED if key in row},
        reply=row.get("reply"),
        fail=row.get("fail", ""),
        delay_s=_delay_s(row.get("delay", 0), name),
        scheduling=row.get("scheduling", ""),
    )


_KINDS: Mapping[str, type] = {
    "description": str,
    "parameters": dict,
    "parametersJsonSchema": dict,
    "behavior": str,
    "reply": dict,
    "fail": str,
    "scheduling": str,
}
_WORDS: Mapping[type, str] = {str: "text", dict: "object"}


def _delay_s(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ToolsError(f"delay of {name} is no number of seconds")
    if not 0 <= value <= LONGEST_DELAY_S:
        raise ToolsError(f"delay of {name} is not from 0 to {LONGEST_DELAY_S:g} seconds")
    return float(value)


def _listed() -> str:
    return ", ".join(DECLARED + ANSWERED)
