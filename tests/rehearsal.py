"""A session without a connection: scripted records in, commands noted, for tests of the screen."""

from __future__ import annotations

import base64
import json
import math
import struct
from collections import deque
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from tui.app import Bidiscope
from tui.core import cost
from tui.core.capture import Capture
from tui.core.configuration.message import Configuration
from tui.core.frame import Direction, Record
from tui.core.instant import Instant
from tui.core.journal import Journal, MemoryStorage, Place
from tui.core.playback import Playback
from tui.core.secrets import Mask
from tui.core.video import Video
from tui.live.setup import Wish
from tui.options import Options
from tui.rig import Rig


class StillClock:
    """Stands where it is put."""

    mono_s = 0.0


class NotedEngine:
    """Takes the commands that the app gives, and holds the records that it shall show."""

    def __init__(self) -> None:
        self.inbox: deque[tuple[Record, Place]] = deque()
        self.clock = StillClock()
        self.playback = Playback(device="default")
        self.capture = Capture(off=True)
        self.video = Video()
        self.wish = Wish(Rehearsal.model)
        self.commands: list[tuple[object, ...]] = []

    @property
    def now(self) -> Instant:
        """What the screen shows of the devices."""
        return Instant(self.clock.mono_s, self.playback, self.capture, self.video)

    def view(self, view: str) -> Future[None]:
        """It is done as soon as it is asked for."""
        self.commands.append(("view", view))
        self.wish = replace(self.wish, view=view)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def __getattr__(self, name: str) -> Any:
        def command(*arguments: object, **more: object) -> Future[None]:
            self.commands.append((name, *arguments, *more.values()))
            return Future()

        return command


class Rehearsal:
    """The rig of a rehearsed session: a real journal in memory, and the script's own clock."""

    model = "gemini-2.0-flash-exp"
    origin = "emulator"
    key = None
    prices = cost.shipped()
    recording = Path("20261123-101500-gemini-2.0-flash-exp.jsonl")
    no_faults = ""
    side_px = 768

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.engine = NotedEngine()
        self.beside: Rehearsal
        """The second session."""
        self._journal = Journal(self.storage, {"tool": "rehearsal"}, Mask())

    def second(self, options: Options) -> Rehearsal:
        """A session beside this one, on the same clock."""
        self.beside = Rehearsal()
        self.beside.engine.clock = self.engine.clock
        self.beside.model = options.model
        self.beside.recording = self.recording.with_stem("second")
        self.beside.engine.wish = Wish(options.model, options.view, options.configuration)
        return self.beside

    def stop(self) -> None:
        """The session is over."""
        self.engine.commands.append(("stop",))

    def trouble(self) -> list[str]:
        """Nothing is known against the set-up."""
        return []

    def configure(self, configuration: Configuration, key: str | None = None) -> None:
        """Note what was asked for, and hold it."""
        self.engine.commands.append(("configure", configuration, key))
        model = str(configuration.values["model"])
        self.engine.wish = replace(self.engine.wish, model=model, configuration=configuration)

    def masked(self, text: str) -> str:
        """A text as it is."""
        return text

    def arm(self, spec: str) -> None:
        """A fault is asked of the emulator."""
        self.engine.commands.append(("arm", spec))

    def app(self, options: Options | None = None) -> Bidiscope:
        """The app on this rig."""
        app = Bidiscope(cast(Rig, self), options or Options())
        app.animation_level = "none"
        return app

    def event(self, name: str, after_s: float = 0.01, **detail: Any) -> None:
        """Something happens on this side."""
        self.engine.clock.mono_s = round(self.engine.clock.mono_s + after_s, 6)
        mono_s = self.engine.clock.mono_s
        self.engine.inbox.append(self._journal.event(name, detail, time_s=mono_s, mono_s=mono_s))

    def send(self, after_s: float = 0.01, **message: Any) -> None:
        """A message goes out."""
        self._frame(Direction.SEND, message, after_s)

    def receive(self, after_s: float = 0.01, **message: Any) -> None:
        """A message comes."""
        self._frame(Direction.RECEIVE, message, after_s)

    def _frame(self, direction: Direction, message: dict[str, Any], after_s: float) -> None:
        self.engine.clock.mono_s = round(self.engine.clock.mono_s + after_s, 6)
        mono_s = self.engine.clock.mono_s
        payload = json.dumps(message, indent=2).encode()
        opcode = 1 if direction is Direction.SEND else 2
        times = {"time_s": mono_s, "mono_s": mono_s}
        self.engine.inbox.append(self._journal.frame(direction, opcode, payload, **times))

    # ---- scenes

    def connect(self, modality: str = "AUDIO", model: str = model) -> None:
        """A connection to the emulator is opened."""
        self.event(
            "connection.opening",
            model=model,
            modality=modality,
            origin="emulator",
            host="localhost:41234",
            carry="new",
        )
        self.send(
            setup={
                "model": f"models/{model}",
                "generationConfig": {"responseModalities": [modality]},
            }
        )
        self.receive(setupComplete={})

    def ask(self, text: str) -> None:
        """The person types a question."""
        turns = [{"role": "user", "parts": [{"text": text}]}]
        self.send(1.0, client_content={"turns": turns, "turnComplete": True})

    def speak(self, words: str) -> None:
        """The model answers by voice: 240 ms of audio for each word."""
        for word in words.split():
            blob = {"mimeType": "audio/pcm;rate=24000", "data": TONE}
            self.receive(0.06, serverContent={"modelTurn": {"parts": [{"inlineData": blob}]}})
            self.receive(0.0, serverContent={"outputTranscription": {"text": f"{word} "}})

    def write(self, *deltas: str) -> None:
        """The model answers in writing."""
        for delta in deltas:
            self.receive(0.05, serverContent={"modelTurn": {"parts": [{"text": delta}]}})

    def complete(self, total: int = 120) -> None:
        """The turn is over."""
        self.receive(0.05, serverContent={"generationComplete": True})
        usage = {"promptTokenCount": total // 3, "responseTokenCount": total - total // 3}
        self.receive(
            0.05,
            serverContent={"turnComplete": True},
            usageMetadata={**usage, "totalTokenCount": total},
        )


TONE = base64.b64encode(
    b"".join(struct.pack("<h", int(8000 * math.sin(n / 9))) for n in range(5760))
).decode()
"""240 ms at 24 kHz."""


def conversation() -> Rehearsal:
    """Three turns: answered, interrupted, and being spoken at this moment."""
    play = Rehearsal()
    play.connect()
    play.ask("My number is 4711.")
    play.speak("I will remember that your number is 4711.")
    play.event("playback.started", turn=1)
    play.complete()
    play.event("playback.drained", 1.0, turn=1, heard_s=1.92)
    play.ask("Tell me a very long story.")
    play.speak("Once upon a time there was an old oscilloscope that lived on a shelf")
    play.event("playback.flushed", turn=2, heard_s=1.2, received_s=3.36)
    play.event("interrupt", route="clientContent", turn=2)
    play.receive(0.043, serverContent={"interrupted": True})
    play.receive(0.01, serverContent={"turnComplete": True}, usageMetadata={"totalTokenCount": 310})
    play.receive(0.01, sessionResumptionUpdate={"newHandle": "h-0123456789", "resumable": True})
    play.receive(0.01, brandNew={"answer": 42})
    play.ask("What number did I tell you?")
    play.receive(0.2, serverContent={"modelTurn": {"parts": [{"text": "recall", "thought": True}]}})
    play.speak("You told me the number 4711, a moment ago.")
    play.event("playback.started", turn=3)
    play.engine.playback = Playback(
        answer=3,
        received_s=2.16,
        heard_s=0.9,
        playing=True,
        level_db=-17.0,
        peak_db=-6.5,
        device="default",
    )
    return play
