"""A session fed by hand: records at times that a test names."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from tui.core.frame import Direction
from tui.core.journal import Journal, MemoryStorage
from tui.core.log import SessionLog
from tui.core.secrets import Mask
from tui.core.session import Session


class Script:
    """A journal in memory and its log. Every record says when it happens."""

    def __init__(self, model: str = "gemini-3.8-live", origin: str = "key") -> None:
        storage = MemoryStorage()
        self.log = SessionLog(storage.read)
        self._journal = Journal(storage, {"tool": "tests"}, Mask())
        self._model, self._origin = model, origin

    @property
    def session(self) -> Session:
        return self.log.session

    def event(self, at_s: float, name: str, **detail: Any) -> None:
        self.log.ingest(*self._journal.event(name, detail, time_s=1e9 + at_s, mono_s=at_s))

    def send(self, at_s: float, **message: Any) -> None:
        self._frame(Direction.SEND, at_s, message)

    def receive(self, at_s: float, **message: Any) -> None:
        self._frame(Direction.RECEIVE, at_s, message)

    def content(self, at_s: float, **content: Any) -> None:
        self.receive(at_s, serverContent=content)

    def connect(self, at_s: float = 0.0, took_s: float = 0.2, modality: str = "AUDIO") -> None:
        opening = {"model": self._model, "modality": modality, "origin": self._origin}
        self.event(at_s, "connection.opening", **opening, host="h", carry="new", turns=0)
        config = {"responseModalities": [modality]}
        self.send(at_s + took_s / 2, setup={"model": self._model, "generationConfig": config})
        self.receive(at_s + took_s, setupComplete={})

    def ask(self, at_s: float, text: str) -> None:
        turns = [{"role": "user", "parts": [{"text": text}]}]
        self.send(at_s, clientContent={"turns": turns, "turnComplete": True})

    def mic(self, begin_s: float, end_s: float, period_s: float = 0.02) -> None:
        """Silence from a microphone, in real time."""
        for number in range(round((end_s - begin_s) / period_s)):
            audio = pcm(period_s, 16000)
            self.send(begin_s + (number + 1) * period_s, realtimeInput={"audio": audio})

    def audio(self, at_s: float, seconds: float = 1.0) -> None:
        self.content(at_s, modelTurn={"parts": [{"inlineData": pcm(seconds, 24000)}]})

    def words(self, at_s: float, text: str) -> None:
        self.content(at_s, outputTranscription={"text": text})

    def complete(self, at_s: float, usage: Mapping[str, Any] | None = None) -> None:
        more = {"usageMetadata": usage} if usage else {}
        self.receive(at_s, serverContent={"turnComplete": True}, **more)

    def _frame(self, direction: Direction, at_s: float, message: Mapping[str, Any]) -> None:
        payload = json.dumps(message).encode()
        times = {"time_s": 1e9 + at_s, "mono_s": at_s}
        self.log.ingest(*self._journal.frame(direction, 1, payload, **times))


def pcm(seconds: float, rate_hz: int) -> dict[str, str]:
    """Silence as a Blob."""
    data = base64.b64encode(bytes(round(seconds * rate_hz) * 2)).decode()
    return {"mimeType": f"audio/pcm;rate={rate_hz}", "data": data}
