"""A client of a `Dialogue`: no socket, no voice, and a clock that moves only when it says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tui.emulator.dialogue import Close, Dialogue, Effect, Send, Speak
from tui.emulator.endpoint import Endpoint
from tui.emulator.resumption import Handles
from tui.emulator.voice import BYTES_PER_S

TEXT_MODEL, AUDIO_MODEL = "models/gemini-2.0-flash-exp", "models/gemini-3.8-live"
CHAR_S = 0.06
"""Seconds of speech for each character of a clause."""
SYNTHESIS_S = 0.02

Message = dict[str, Any]


class Client:
    """Sends messages, lets time pass, and keeps what comes back and when."""

    def __init__(self, *, vertex: bool = False, handles: Handles | None = None) -> None:
        self.now = 1000.0
        self.received: list[tuple[float, Message]] = []
        self.payloads: list[bytes] = []
        self.closed: Close | None = None
        self.clauses: list[str] = []
        self._handles = handles or Handles()
        self._dialogue = Dialogue(
            Endpoint("v1beta1" if vertex else "v1beta", vertex), self._handles, _noon
        )
        self._speaking: list[tuple[float, Speak]] = []

    @classmethod
    def ready(cls, modality: str = "TEXT", **setup: Any) -> Client:
        """A client whose setup is complete; 2.0 answers with text, 3.8 with audio."""
        client = cls()
        model = TEXT_MODEL if modality == "TEXT" else AUDIO_MODEL
        config = {"responseModalities": [modality]}
        client.send({"setup": {"model": model, "generationConfig": config, **setup}})
        assert client.kinds()[0] == "setupComplete"
        client.forget()
        return client

    def send(self, message: Message | bytes) -> None:
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        self._do(self._dialogue.receive(payload, self.now))

    def ask(self, text: str, *, complete: bool = True) -> None:
        turn = {"role": "user", "parts": [{"text": text}]}
        self.send({"clientContent": {"turns": [turn], "turnComplete": complete}})

    def run(self, seconds: float = 600.0) -> None:
        """Let the time pass, moment by moment, until it is over or nothing is due."""
        end = self.now + seconds
        while (moment := self._next()) is not None and moment <= end:
            self.now = max(self.now, moment)
            due = [job for job in self._speaking if job[0] <= self.now]
            for job in due:
                self._speaking.remove(job)
                pcm = b"\x01\x00" * int(len(job[1].clause) * CHAR_S * BYTES_PER_S / 2)
                self._do(self._dialogue.spoken(job[1], pcm, self.now))
            self._do(self._dialogue.tick(self.now))
        if self._next() is not None:
            self.now = end

    def answer(self, text: str) -> str:
        """What is answered to ``text``, in whichever modality."""
        self.forget()
        self.ask(text)
        self.run()
        return self.words()

    def forget(self) -> None:
        """Start with an empty list of what was received."""
        self.received.clear()

    @property
    def messages(self) -> list[Message]:
        return [message for _, message in self.received]

    def kinds(self) -> list[str]:
        """What was received, in short; a run of the same kind is one."""
        kinds: list[str] = []
        for message in self.messages:
            kind = _kind(message)
            if not kinds or kinds[-1] != kind:
                kinds.append(kind)
        return kinds

    def words(self) -> str:
        """The text of the answer, or the words of its speech."""
        words = ""
        for message in self.messages:
            content = message.get("serverContent", {})
            words += content.get("outputTranscription", {}).get("text", "")
            for part in content.get("modelTurn", {}).get("parts", []):
                words += part.get("text", "")
        return words

    def audio(self) -> list[tuple[float, Message]]:
        """Each chunk of audio as it was received: when, and its Blob."""
        return [
            (at, part["inlineData"])
            for at, message in self.received
            for part in message.get("serverContent", {}).get("modelTurn", {}).get("parts", [])
            if "inlineData" in part
        ]

    def at(self, kind: str) -> float:
        """When the first message of this kind was received."""
        return next(at for at, message in self.received if _kind(message) == kind)

    def usage(self) -> Message:
        """The last usage that was reported."""
        return next(m["usageMetadata"] for m in self.messages[::-1] if "usageMetadata" in m)

    def handle(self) -> str:
        """The newest resumption handle."""
        updates = [m["sessionResumptionUpdate"] for m in self.messages if _is_update(m)]
        handle: str = updates[-1]["newHandle"]
        return handle

    def _next(self) -> float | None:
        moments = [at for at, _ in self._speaking]
        due = self._dialogue.next_due()
        return min([*moments, due] if due is not None else moments, default=None)

    def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            assert self.closed is None, "nothing may follow a close"
            match effect:
                case Send(payload):
                    self.payloads.append(payload)
                    self.received.append((self.now, json.loads(payload)))
                case Speak():
                    self.clauses.append(effect.clause)
                    self._speaking.append((self.now + SYNTHESIS_S, effect))
                case Close():
                    self.closed = effect


def _noon() -> datetime:
    return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def _is_update(message: Message) -> bool:
    return "sessionResumptionUpdate" in message


def _kind(message: Message) -> str:
    content = message.get("serverContent")
    if content is None:
        return "+".join(message)
    if "modelTurn" in content:
        return "text" if "text" in content["modelTurn"]["parts"][0] else "audio"
    return "+".join([*content, *(["usage"] if "usageMetadata" in message else [])])
