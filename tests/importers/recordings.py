"""Recordings of other programs, made for tests."""

from __future__ import annotations

import base64
import json
from typing import Any

KEY = "AIza" + "k" * 35
URL = (
    "wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta."
    f"GenerativeService.BidiGenerateContent?key={KEY}"
)
SETUP = {"setup": {"model": "models/gemini-3.8-live", "systemInstruction": {"parts": []}}}
SAID = {"serverContent": {"outputTranscription": {"text": "hello"}}}
DONE = {"serverContent": {"turnComplete": True}}
CONVERSATION: tuple[tuple[str, dict[str, Any]], ...] = (
    ("send", SETUP),
    ("receive", {"setupComplete": {}}),
    ("receive", SAID),
    ("receive", DONE),
)
START_S = 1_795_363_200.0


def element(way: str, message: Any, time_s: float, binary: bool = True) -> dict[str, Any]:
    """One of Chrome's `_webSocketMessages`."""
    text = json.dumps(message)
    if way == "receive" and binary:
        data = base64.b64encode(text.encode()).decode()
        return {"type": way, "time": time_s, "opcode": 2, "data": data}
    return {"type": way, "time": time_s, "opcode": 1, "data": text}


def elements(start_s: float = START_S) -> list[dict[str, Any]]:
    """A conversation of four messages, half a second apart."""
    return [
        element(way, message, start_s + 0.5 * nth)
        for nth, (way, message) in enumerate(CONVERSATION)
    ]


def entry(messages: list[Any], url: str = URL) -> dict[str, Any]:
    """As Chrome orders it: the messages stand before the URL."""
    request = {"method": "GET", "url": url, "headers": [{"name": "a", "value": ["b"]}]}
    return {"_webSocketMessages": messages, "cache": {}, "request": request, "time": 4.5}


def har(*entries: Any) -> bytes:
    """The document."""
    log = {"version": "1.2", "pages": [{"id": "page_1"}], "entries": list(entries)}
    return json.dumps({"log": log}).encode()


def lines(*rows: Any) -> bytes:
    """JSON Lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
