"""What a function's response says, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.emulator.session.toolbox import spelt

LENGTH = 400
"""Characters of a response that are told."""
DEPTH = 4
MEMBERS = 8
"""Of a list or an object."""


def told(name: str, response: Mapping[str, Any], parts: tuple[str, ...] = ()) -> str:
    """A sentence about the response to ``name``; ``parts`` are the MIME types of its media.

    `error` and `output` are what they say; without them the whole object is the output
    (google-genai 3.4.0, FunctionResponse).
    """
    function = spelt(name) or "the function"
    if response.get("error"):
        return _sentence(f"{function} failed: {_value(response['error'])}")
    output = response.get("output", response)
    words = _value(output) if output not in (None, "", {}, []) else "done"
    media = f"; it sent {_listed([*parts])}" if parts else ""
    return _sentence(f"{function}: {words}{media}")


def _value(value: Any, depth: int = DEPTH) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"{value:.10g}" if isinstance(value, float) else str(value)
        case str():
            return " ".join(value.split())
        case _ if depth == 0:
            return "more"
        case {"$ref": str(name)}:
            return f"the file {name}"
        case dict():
            pairs = [(spelt(str(key)) or str(key), one) for key, one in value.items()]
            told = [f"{key} {_linked(one, depth)}" for key, one in pairs[:MEMBERS]]
            return _listed(told + _more(pairs))
        case list():
            return _listed([_value(one, depth - 1) for one in value[:MEMBERS]] + _more(value))
    return str(value)


def _linked(value: Any, depth: int) -> str:
    words = _value(value, depth - 1)
    return f"({words})" if isinstance(value, dict) and "$ref" not in value else words


def _more(members: list[Any]) -> list[str]:
    more = len(members) - MEMBERS
    return [f"{more} more"] if more > 0 else []


def _listed(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words) or "nothing"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _sentence(text: str) -> str:
    text = text if len(text) <= LENGTH else f"{text[: LENGTH - 1].rstrip()}…"
    return f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.!?…' else '.'}"
