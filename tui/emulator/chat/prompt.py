"""A scene as the body of a chat completion request. Pure."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

import orjson

from tui.emulator.session.scene import Scene

NO_RESPONSE = "no response yet"

_CALL = re.compile(r"(\S+) (\{.*\})", re.S)
"""A call as `tui.emulator.session.calls.told` puts it into the conversation."""


def body(scene: Scene, model: str) -> dict[str, Any]:
    """The request: conversation, system instruction and declared functions."""
    request: dict[str, Any] = {"model": model, "messages": _messages(scene), "stream": True}
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


def _messages(scene: Scene) -> list[dict[str, Any]]:
    history = _History()
    if scene.instruction:
        history.messages.append({"role": "system", "content": scene.instruction})
    exact = {one.words: orjson.dumps(dict(one.response)).decode() for one in scene.responses}
    last = len(scene.said) - 1
    for number, said in enumerate(scene.said):
        text = said.text.strip() or (_unspoken(scene) if number == last else "")
        if said.role == "tool":
            called = _CALL.fullmatch(said.text)
            if called:
                history.call(f"call_{number}", called[1], called[2])
            else:
                history.respond(text, exact.get(text, text))
        elif text and said.role == "user":
            history.ask(text)
        elif text:
            history.answer(text)
    history.settle()
    return history.messages


class _History:
    """The messages, in the order on which servers insist: each call is followed by its result."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self._open: deque[str] = deque()
        """Calls without a result."""

    def ask(self, text: str) -> None:
        """A person has said something."""
        self.settle()
        self.messages.append({"role": "user", "content": text})

    def answer(self, text: str) -> None:
        """The model has said something; it may be told after the calls that came with it."""
        if self._open and self.messages[-1].get("tool_calls"):
            self.messages[-1]["content"] += text
            return
        self.settle()
        self.messages.append({"role": "assistant", "content": text})

    def call(self, id_: str, name: str, arguments: str) -> None:
        """The model has called a function."""
        call = {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
        if not (self._open and self.messages[-1].get("tool_calls")):
            self.settle()
            self.messages.append({"role": "assistant", "content": "", "tool_calls": []})
        self.messages[-1]["tool_calls"].append(call)
        self._open.append(id_)

    def respond(self, words: str, exact: str) -> None:
        """What came of the oldest call; of one that was settled it is only told."""
        if self._open:
            message = {"role": "tool", "tool_call_id": self._open.popleft(), "content": exact}
        else:
            message = {"role": "user", "content": f"({words})"}
        self.messages.append(message)

    def settle(self) -> None:
        """Give the calls that are open a result."""
        while self._open:
            self.respond("", NO_RESPONSE)


def _unspoken(scene: Scene) -> str:
    """What came without words."""
    last = scene.said[-1]
    return f"({scene.seen if last.images and not last.spoken_s else scene.heard})"
