"""Sessions in a few words, for the tests of the linter."""

from __future__ import annotations

import base64
import json
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tui.core.frame import BINARY, TEXT, Direction, Event, Frame, Record
from tui.core.journal import FileStorage, Journal, MemoryStorage, Storage
from tui.core.lint.finding import Findings
from tui.core.lint.linter import Linter
from tui.core.log import SessionLog
from tui.core.secrets import Mask

TIME_S = 1_795_000_000.0
"""November 2026."""

Step = tuple[float, str, Any]
"""When it happens, "send", "receive" or an event's name, and the message or detail."""


def sent(at_s: float, **message: Any) -> Step:
    return at_s, "send", message


def got(at_s: float, **message: Any) -> Step:
    return at_s, "receive", message


def raw(at_s: float, direction: str, payload: bytes) -> Step:
    return at_s, direction, payload


def event(at_s: float, name: str, **detail: Any) -> Step:
    return at_s, name, detail


def content(at_s: float, **fields: Any) -> Step:
    """A serverContent."""
    return got(at_s, serverContent=fields)


def opened(
    model: str = "gemini-3.8-live", *, at_s: float = 0.0, origin: str = "gemini", **setup: Any
) -> list[Step]:
    """A connection, set up and accepted 0.3 s later."""
    modalities = setup.pop("modalities", ["AUDIO"])
    config = {"responseModalities": modalities, **setup.pop("config", {})}
    path = setup.pop("path", f"models/{model}")
    return [
        event(at_s, "connection.opening", model=model, modality=modalities[0], origin=origin),
        sent(at_s + 0.1, setup={"model": path, "generationConfig": config, **setup}),
        got(at_s + 0.3, setupComplete={}),
    ]


def closed(at_s: float, code: int | None = 1000, reason: str = "", by: str = "client") -> Step:
    return event(at_s, "connection.closed", code=code, reason=reason, by=by)


def asked(at_s: float, text: str = "Hello?", *, complete: bool = True) -> Step:
    turns = [{"role": "user", "parts": [{"text": text}]}]
    return sent(at_s, clientContent={"turns": turns, "turnComplete": complete})


def said(at_s: float, text: str) -> Step:
    """A piece of written answer."""
    return content(at_s, modelTurn={"parts": [{"text": text}]})


def pcm(seconds: float, level: int = 3000, rate_hz: int = 24_000) -> bytes:
    """A square wave of that level."""
    count = round(seconds * rate_hz)
    return array("h", [level, level, -level, -level] * (count // 4 + 1))[:count].tobytes()


def blob(data: bytes, mime_type: str = "audio/pcm;rate=24000") -> dict[str, str]:
    return {"mimeType": mime_type, "data": base64.b64encode(data).decode()}


def voice(at_s: float, seconds: float = 0.2, level: int = 3000, **more: Any) -> Step:
    """A chunk of the model's voice."""
    part = {"inlineData": blob(pcm(seconds, level))}
    return content(at_s, modelTurn={"parts": [part]}, **more)


def mic(
    at_s: float,
    seconds: float = 0.1,
    level: int = 40,
    mime_type: str = "audio/pcm;rate=16000",
    rate_hz: int = 16_000,
) -> Step:
    """A chunk of the microphone."""
    return sent(at_s, realtimeInput={"audio": blob(pcm(seconds, level, rate_hz), mime_type)})


def mics(start_s: float, end_s: float, period_s: float = 0.1, **sound: Any) -> list[Step]:
    """A chunk of the microphone every ``period_s``."""
    count = round((end_s - start_s) / period_s)
    return [mic(start_s + number * period_s, **sound) for number in range(count)]


def complete(at_s: float, *, generated: bool = True, **more: Any) -> list[Step]:
    """The end of a turn."""
    first = [content(at_s, generationComplete=True)] if generated else []
    return [*first, got(at_s + 0.1, serverContent={"turnComplete": True}, **more)]


def answered(at_s: float) -> list[Step]:
    """A spoken answer of 0.6 s, whole."""
    return [*(voice(at_s + number / 20) for number in range(3)), *complete(at_s + 0.7)]


def called(at_s: float, name: str = "weather", key: str = "c1") -> Step:
    return got(at_s, toolCall={"functionCalls": [{"id": key, "name": name, "args": {}}]})


def responded(at_s: float, **response: Any) -> Step:
    row = {"id": "c1", "name": "weather", "response": {"output": "sun"}, **response}
    row = {key: value for key, value in row.items() if value is not None}
    return sent(at_s, toolResponse={"functionResponses": [row]})


def record(number: int, step: Step, time_s: float = TIME_S) -> Record:
    """The journal's record of a step."""
    at_s, what, value = step
    if what not in ("send", "receive"):
        return Event(number, at_s, time_s + at_s, what, value)
    payload = value if isinstance(value, bytes) else json.dumps(value).encode()
    opcode = TEXT if what == "send" else BINARY
    return Frame(number, at_s, time_s + at_s, Direction(what), opcode, payload)


def examined(steps: Iterable[Step], time_s: float = TIME_S) -> Findings:
    """What the linter finds; the clock stands still after the last step."""
    linter = Linter()
    for row, step in enumerate(steps):
        linter.take(record(row + 1, step, time_s), row)
    return linter.findings


def logged(steps: Iterable[Step], storage: Storage | None = None) -> SessionLog:
    """A log of the steps, its lines in memory or where ``storage`` keeps them."""
    kept = storage or MemoryStorage()
    journal, log = Journal(kept, {"tool": "tests"}, Mask()), SessionLog(kept.read)
    for at_s, what, value in steps:
        times = {"time_s": TIME_S + at_s, "mono_s": at_s}
        if what in ("send", "receive"):
            payload = value if isinstance(value, bytes) else json.dumps(value).encode()
            log.ingest(*journal.frame(Direction(what), TEXT, payload, **times))
        else:
            log.ingest(*journal.event(what, value, **times))
    return log


def recorded(path: Path, steps: Iterable[Step]) -> Path:
    """A recording of the steps."""
    storage = FileStorage(path)
    logged(steps, storage)
    storage.close()
    return path
