"""A scene as the body of a chat completion request. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

import orjson

from tui.emulator.scene import Scene

_CALL = re.compile(r"(\S+) (\{.*\})", re.S)
"""A call as `tui.emulator.calls.told` puts it into the conversation."""


def body(scene: Scene, model: str) -> dict[str, Any]:
    """The request: conversation, system instruction and declared functions."""
    request: dict[str, Any] = {"model": model, "messages": [*_messages(scene)], "stream": True}
    if scene.tools.functions:
        request["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": one.name,
                    "description": one.description,
                    "parameters": dict(one.schema) or {"type": "object", "properties": {}},
                },
            }
            for one in scene.tools.functions
        ]
    return request


def _messages(scene: Scene) -> Iterator[dict[str, Any]]:
    if scene.instruction:
        yield {"role": "system", "content": scene.instruction}
    exact = {one.words: orjson.dumps(dict(one.response)).decode() for one in scene.responses}
    calls = deque[str]()
    last = len(scene.said) - 1
    for number, said in enumerate(scene.said):
        if said.role == "tool":
            yield _tool(said.text, f"call_{number}", calls, exact)
            continue
        yield from _unanswered(calls)
        text = said.text.strip() or (_unspoken(scene) if number == last else "")
        if text:
            yield {"role": "user" if said.role == "user" else "assistant", "content": text}
    yield from _unanswered(calls)


def _tool(text: str, name: str, calls: deque[str], exact: dict[str, str]) -> dict[str, Any]:
    """A call, or else what came of the oldest one that is not answered."""
    called = _CALL.fullmatch(text)
    if called:
        calls.append(name)
        function = {"name": called[1], "arguments": called[2]}
        tool_call = {"id": name, "type": "function", "function": function}
        return {"role": "assistant", "content": "", "tool_calls": [tool_call]}
    content = exact.get(text, text)
    if not calls:  # a search, or code that the emulator itself has run
        return {"role": "assistant", "content": content}
    return {"role": "tool", "tool_call_id": calls.popleft(), "content": content}


def _unanswered(calls: deque[str]) -> Iterator[dict[str, Any]]:
    """Servers refuse a call without its result."""
    while calls:
        yield {"role": "tool", "tool_call_id": calls.popleft(), "content": "no response yet"}


def _unspoken(scene: Scene) -> str:
    """What came without words."""
    last = scene.said[-1]
    return f"({scene.seen if last.images and not last.spoken_s else scene.heard})"
