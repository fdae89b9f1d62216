"""What a client can send, to begin writing with: one template for each kind of message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tui.core import models
from tui.core.json_tree import json_text
from tui.core.session import Session

SETUP = "setup"


class Template(NamedTuple):
    """A message to begin with."""

    name: str
    meaning: str
    text: str


def templates(session: Session, setup: Mapping[str, Any]) -> Iterator[Template]:
    """What makes sense in a session now; ``setup`` is what it would be asked for next."""
    turns = [{"role": "user", "parts": [{"text": ""}]}]
    yield _made("clientContent", "turns of the conversation; turnComplete asks for an answer",
                {"turns": turns, "turnComplete": True})  # fmt: skip
    yield _input("text", "words of the person, while they are being heard", "")
    yield _input("audioStreamEnd", "the microphone pauses", True)
    yield _input("activityStart", "somebody begins to speak", {})
    yield _input("activityEnd", "somebody has ended", {})
    yield _answer(session)
    model = models.model(session.connection.model if session.connection else "")
    if model.context_update:
        told = {"systemInstruction": {"parts": [{"text": ""}]}, "tools": {"tools": []}}
        yield _made("contextUpdate", "another instruction, other tools, in mid-session", told)
    yield _made(SETUP, "what a connection begins with: it connects anew", setup)


def _answer(session: Session) -> Template:
    pending = session.board.pending
    rows = [
        {**({"id": call.id} if call.id else {}), "name": call.name, "response": {"result": ""}}
        for call in pending
    ]
    none = [{"id": "", "name": "", "response": {"result": ""}}]
    names = ", ".join(call.name for call in pending)
    waits = f"the answer to {names}" if pending else "an answer; no call waits for one"
    return _made("toolResponse", waits, {"functionResponses": rows or none})


def _input(name: str, meaning: str, value: Any) -> Template:
    made = _made("realtimeInput", meaning, {name: value})
    return made._replace(name=f"realtimeInput.{name}")


def _made(name: str, meaning: str, value: Any) -> Template:
    return Template(name, meaning, json_text({name: value}))
