"""A session fed by hand: records at times that a test names."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui.core.captions import Passage
from tui.core.frame import Direction
from tui.core.journal import FileStorage, Journal, MemoryStorage
from tui.core.log import SessionLog
from tui.core.secrets import Mask
from tui.core.session import Session


class Script:
    """A journal and its log, in memory or in a file. Every record says when it happens."""

    def __init__(
        self, model: str = "gemini-3.8-live", origin: str = "key", path: Path | None = None
    ) -> None:
        storage = MemoryStorage() if path is None else FileStorage(path)
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


def conversation(path: Path | None = None, *, model: str = "gemini-3.8-live") -> Script:
    """Two spoken turns, the second interrupted, and a typed one with a tool call."""
    script = Script(model, path=path)
    script.connect(0.0, 0.25)
    script.mic(1.0, 4.0)
    script.receive(2.0, voiceActivity={"type": "ACTIVITY_START", "audioOffset": "0.5s"})
    script.receive(3.9, voiceActivity={"type": "ACTIVITY_END", "audioOffset": "2.5s"})
    script.content(3.95, inputTranscription={"text": "What is six times seven?"})
    script.audio(4.0, 2.0)
    script.event(4.1, "playback.started", turn=1)
    script.words(4.2, "It is forty-two.")
    script.content(4.3, generationComplete=True)
    script.event(6.1, "playback.drained", turn=1, heard_s=2.0, received_s=2.0, underruns=1)
    script.complete(6.2, usage(1000, 50))
    script.mic(8.0, 9.0)
    script.event(9.5, "speech.ended", quiet_s=0.5)
    script.content(9.6, inputTranscription={"text": "Tell me a story."})
    script.audio(10.0, 8.0)
    script.event(10.2, "playback.started", turn=2)
    script.words(10.3, "Once upon a time")
    script.event(12.0, "speech.started")
    script.content(12.4, interrupted=True)
    script.event(12.42, "playback.flushed", turn=2, heard_s=2.2, received_s=8.0, underruns=0)
    script.complete(12.5, usage(1100, 60))
    script.ask(15.0, "And the weather?")
    script.receive(15.5, toolCall={"functionCalls": [{"id": "1", "name": "weather", "args": {}}]})
    script.send(15.8, toolResponse={"functionResponses": [{"id": "1", "name": "weather"}]})
    script.audio(16.0, 1.0)
    script.words(16.1, "It rains.")
    script.complete(17.0, usage(1200, 20))
    script.event(20.0, "connection.closed", code=1000, reason="", by="client")
    return script


def usage(prompt: int, response: int) -> dict[str, Any]:
    """Half of the prompt is text; all else is audio."""
    audio = {"modality": "AUDIO", "tokenCount": prompt - prompt // 2}
    return {
        "promptTokenCount": prompt,
        "responseTokenCount": response,
        "totalTokenCount": prompt + response,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt // 2}, audio],
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": response}],
    }


TRANSLATE, TRANSCRIBE = "gemini-3.5-live-translate-preview", "gemini-3.5-transcribe-live"


class Continuous(Script):
    """A session of such a model, accepted at 0.2 s."""

    def __init__(self, model: str = TRANSLATE, **setup: Any) -> None:
        super().__init__(model)
        modality = "TEXT" if model == TRANSCRIBE else "AUDIO"
        self.event(0.0, "connection.opening", model=model, modality=modality, origin="key")
        config = {"responseModalities": [modality], **setup}
        self.send(0.1, setup={"model": f"models/{model}", "generationConfig": config})
        self.receive(0.2, setupComplete={})

    def heard(self, at_s: float, text: str, **more: Any) -> None:
        self.content(at_s, inputTranscription={"text": text, **more})

    def guessed(self, at_s: float, text: str) -> None:
        self.content(at_s, interimInputTranscription={"text": text})

    def made(self, at_s: float, text: str, **more: Any) -> None:
        self.content(at_s, outputTranscription={"text": text, **more})

    @property
    def passages(self) -> list[Passage]:
        return self.session.captions.passages
