"""Recordings for tests of what is done with them afterwards."""

from __future__ import annotations

import base64
import json
import math
import struct
from pathlib import Path
from typing import Any

from tests.rehearsal import Rehearsal
from tui.core.frame import Direction
from tui.core.journal import Journal, MemoryStorage
from tui.core.log import SessionLog
from tui.core.secrets import Mask
from tui.core.timeline import Timeline

DATA = Path(__file__).parent / "data"
MESSAGES = DATA / "messages" / "recorded_js_genai.jsonl"
"""Frames of ten real sessions."""


def tone(seconds: float, rate_hz: int, amplitude: float = 0.25) -> bytes:
    """A sine of 440 Hz, s16le."""
    step = 2 * math.pi * 440 / rate_hz
    count = round(seconds * rate_hz)
    return struct.pack(
        f"<{count}h", *(int(32767 * amplitude * math.sin(n * step)) for n in range(count))
    )


def blob(pcm: bytes, rate_hz: int) -> dict[str, str]:
    return {"mimeType": f"audio/pcm;rate={rate_hz}", "data": base64.b64encode(pcm).decode()}


class Session(Rehearsal):
    """A scene whose records have the times that a test says."""

    def at(self, mono_s: float) -> Session:
        """Let the next one happen then."""
        self.engine.clock.mono_s = mono_s
        return self

    def tell(self, name: str, **detail: Any) -> None:
        self.event(name, 0.0, **detail)

    def sent(self, **message: Any) -> None:
        self.send(0.0, **message)

    def came(self, **message: Any) -> None:
        self.receive(0.0, **message)

    def says(self, **content: Any) -> None:
        self.receive(0.0, serverContent=content)

    def voice(self, seconds: float, amplitude: float = 0.25) -> None:
        """Audio of the model."""
        part = {"inlineData": blob(tone(seconds, 24_000, amplitude), 24_000)}
        self.says(modelTurn={"parts": [part]})

    def mic(self, seconds: float, amplitude: float = 0.25) -> None:
        """Audio of the person, captured just now."""
        self.sent(realtimeInput={"audio": blob(tone(seconds, 16_000, amplitude), 16_000)})

    def log(self) -> SessionLog:
        return log_of(self)


def log_of(play: Rehearsal) -> SessionLog:
    """All that has happened in a scene."""
    log = SessionLog(play.storage.read)
    while play.engine.inbox:
        log.ingest(*play.engine.inbox.popleft())
    return log


def real_sessions() -> SessionLog:
    """The real ones, one after the other, 100 ms between two frames."""
    storage = MemoryStorage()
    log, journal = SessionLog(storage.read), Journal(storage, {"tool": "tests"}, Mask())
    for number, line in enumerate(MESSAGES.read_text().splitlines()):
        row = json.loads(line)
        direction = Direction.SEND if row["direction"] == "client" else Direction.RECEIVE
        payload = json.dumps(row["message"]).encode()
        times = {"time_s": number / 10, "mono_s": number / 10}
        log.ingest(*journal.frame(direction, 1, payload, **times))
    return log


def timeline_of(log: SessionLog) -> Timeline:
    """Built to its end."""
    timeline = Timeline()
    for _ in timeline.catch_up(log):
        pass
    return timeline
