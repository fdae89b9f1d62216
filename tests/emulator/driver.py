"""A client of a `Dialogue`: no socket, no voice, and a clock that moves only when it says so."""

from __future__ import annotations

import base64
import json
import struct
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.emulator.rules import Rules
from tui.core.fault import Fault
from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.effects import Arm, Close, Consult, Effect, Send, Speak, Transcribe
from tui.emulator.mind import brain
from tui.emulator.mouth.voice import BYTES_PER_S
from tui.emulator.perception.ears import BYTES_PER_S as HEARD_BYTES_PER_S
from tui.emulator.perception.ears import Detector
from tui.emulator.scenario.scenario import Party
from tui.emulator.session.dialogue import Dialogue
from tui.emulator.session.resumption import Handles
from tui.emulator.session.scene import Brain
from tui.emulator.session.steps import Step
from tui.emulator.terms.profiles import Timbre

TEXT_MODEL, AUDIO_MODEL = "models/gemini-2.0-flash-exp", "models/gemini-3.8-live"
CHAR_S = 0.06
"""Seconds of speech for each character of a clause."""
SYNTHESIS_S = 0.02
RECOGNITION_S = 0.25
CHUNK_S = 0.02
"""Of sound that is sent, like a microphone's."""

Message = dict[str, Any]


class Client:
    """Sends messages, lets time pass, and keeps what comes back and when."""

    def __init__(
        self,
        *,
        vertex: bool = False,
        version: str = "v1beta",
        handles: Handles | None = None,
        ears: Callable[[], Detector] | None = None,
        model: str = "",
        ages: bool = False,
        answer: Brain = brain.answer,
    ) -> None:
        self.now = 1000.0
        self.received: list[tuple[float, Message]] = []
        self.payloads: list[bytes] = []
        self.closed: Close | None = None
        self.clauses: list[str] = []
        self.timbres: list[Timbre] = []
        self.understood: deque[str | None] = deque()
        """What will be understood of each sound that is transcribed; the last one stays."""
        self.transcribed: list[bytes] = []
        self.armed: list[Fault] = []
        self.consults: list[Consult] = []
        self.rules: Rules | None = Rules(vertex=vertex)
        """Judges every frame; None where a test has frames sent that break them."""
        self._handles = handles or Handles()
        endpoint = Endpoint("v1beta1" if vertex else version, vertex)
        made = Dialogue(
            endpoint,
            self._handles,
            _noon,
            ears=ears or (lambda: likelihood),
            model=model,
            ages=ages,
            answer=answer,
        )
        self._dialogue: Party = made
        self._end = made.end
        self._speaking: list[tuple[float, Speak]] = []
        self.recognition_s = RECOGNITION_S
        self.recognition_cost = 0.0
        """Seconds more for each second of sound."""
        self._understanding: float | None = None

    @classmethod
    def ready(cls, modality: str = "TEXT", answer: Brain = brain.answer, **setup: Any) -> Client:
        """A client whose setup is complete; 2.0 answers with text, 3.8 with audio."""
        client = cls(answer=answer)
        model = TEXT_MODEL if modality == "TEXT" else AUDIO_MODEL
        config = {"responseModalities": [modality]}
        client.send({"setup": {"model": model, "generationConfig": config, **setup}})
        assert client.kinds()[0] == "setupComplete"
        client.forget()
        return client

    def send(self, message: Message | bytes) -> None:
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        if self.rules:
            self.rules.heard(payload)
        self._do(self._dialogue.receive(payload, self.now))

    def consulted(self, consult: Consult, steps: list[Step], *, more: bool = False) -> None:
        """The brain has found the answer, or a piece of it."""
        self._do(self._dialogue.consulted(consult, steps, self.now, more=more))

    def ask(self, text: str, *, complete: bool = True) -> None:
        turn = {"role": "user", "parts": [{"text": text}]}
        self.send({"clientContent": {"turns": [turn], "turnComplete": complete}})

    def sound(self, seconds: float, speech: float = 0.0, *, rate_hz: int = 16_000) -> None:
        """Stream sound in real time that the detector finds so likely to be ``speech``."""
        mime_type = f"audio/pcm;rate={rate_hz}"
        for _ in range(round(seconds / CHUNK_S)):
            self.wait(CHUNK_S)
            self.blob("audio", tone(CHUNK_S, speech, rate_hz), mime_type)

    def blob(self, field: str, data: bytes, mime_type: str) -> None:
        """Send sound or a picture."""
        media = {"data": base64.b64encode(data).decode(), "mimeType": mime_type}
        self.send({"realtimeInput": {field: media}})

    def wait(self, seconds: float) -> None:
        """Let so much time pass, whatever happens in it."""
        end = self.now + seconds
        self.run(seconds)
        self.now = end

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
            if self._understanding is not None and self._understanding <= self.now:
                self._understanding = None
                words = (
                    self.understood.popleft() if len(self.understood) > 1 else self.understood[0]
                )
                self._do(self._dialogue.understood(words, self.now))
            self._do(self._dialogue.tick(self.now))
        if self._next() is not None:
            self.now = end

    def answer(self, text: str) -> str:
        """What is answered to ``text``, in whichever modality."""
        self.forget()
        self.ask(text)
        self.run()
        return self.words()

    def leave(self) -> None:
        """Close the connection."""
        self._end()

    def forget(self) -> None:
        """Start with an empty list of what was received."""
        self.received.clear()

    @property
    def messages(self) -> list[Message]:
        return [message for _, message in self.received]

    def kinds(self) -> list[str]:
        """What was received, in short, without empty frames; a run of the same kind is one."""
        kinds: list[str] = []
        for message in self.messages:
            kind = _kind(message)
            if kind and (not kinds or kinds[-1] != kind):
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

    def texts(self, kind: str) -> list[str]:
        """The text of each transcription of this kind."""
        contents = [message.get("serverContent", {}) for message in self.messages]
        return [content[kind]["text"] for content in contents if content.get(kind)]

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
        moments += [at for at in (self._understanding, self._dialogue.next_due()) if at is not None]
        return min(moments, default=None)

    def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            assert self.closed is None, "nothing may follow a close"
            match effect:
                case Send(payload):
                    if self.rules:
                        self.rules.check(payload)
                    self.payloads.append(payload)
                    self.received.append((self.now, json.loads(payload)))
                case Speak():
                    self.clauses.append(effect.clause)
                    self.timbres.append(effect.timbre)
                    self._speaking.append((self.now + SYNTHESIS_S, effect))
                case Transcribe(pcm):
                    assert self._understanding is None, "one at a time"
                    self.transcribed.append(pcm)
                    taken_s = self.recognition_s + self.recognition_cost * seconds_of(pcm)
                    self._understanding = self.now + taken_s
                case Arm(fault):
                    self.armed.append(fault)
                case Consult():
                    self.consults.append(effect)
                case Close():
                    self.closed = effect


def likelihood(window: bytes) -> float:
    """The detector: sound of amplitude 500 is speech with a probability of 0.5."""
    return int(max(struct.unpack(f"<{len(window) // 2}h", window))) / 1000


def tone(seconds: float, speech: float, rate_hz: int = 16_000) -> bytes:
    """Sound that `likelihood` finds so likely to be speech."""
    return struct.pack("<h", round(speech * 1000)) * round(seconds * rate_hz)


def seconds_of(pcm: bytes) -> float:
    """The length of sound that was given to be transcribed."""
    return len(pcm) / HEARD_BYTES_PER_S


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
