"""A line spoken in the voice of a configuration, by a short session of its own."""

from __future__ import annotations

import time
from dataclasses import replace

from tui.core import models
from tui.core.clip import Clip
from tui.core.configuration.message import Configuration
from tui.core.devices import Source
from tui.core.frame import Event
from tui.core.media import OUTPUT_RATE_HZ
from tui.core.playback import Playback
from tui.core.session import Session
from tui.options import Options
from tui.rig import Rig

LINE = "Hello, this is how I sound."
PATIENCE_S = 20.0
POLL_S = 0.02


class SampleError(Exception):
    """No sample came; one sentence."""


class Collector:
    """A speaker that keeps what it is given and plays nothing."""

    def __init__(self) -> None:
        self.pcm, self.rate_hz = bytearray(), OUTPUT_RATE_HZ

    def open(self) -> None:
        """There is nothing to open."""

    def play(self, answer: int, pcm: bytes, rate_hz: int) -> None:
        """Keep it."""
        self.pcm += pcm
        self.rate_hz = rate_hz

    def finish(self, answer: int) -> None:
        """Nothing waits for the end."""

    def flush(self, *, abort: bool = False) -> Playback:
        """Nothing is playing."""
        return Playback()

    def switch(self, device: Source) -> None:
        """There is only this one."""

    def snapshot(self) -> Playback:
        """Always idle."""
        return Playback()

    def close(self) -> None:
        """There is nothing to close."""


def sample(configuration: Configuration, model: str, key: str | None) -> Clip:
    """The line as the model says it; blocks until it is there.

    Raises:
        SampleError: It is refused, or does not come.
    """
    if not models.voices(models.model(model)):
        raise SampleError(f"{model} has no voices to choose from.")
    asked = configuration.with_values(
        system_instruction="Say what you are asked to say, word for word, and nothing else.",
        modality="audio",
        push_to_talk=None,
    )
    collector = Collector()
    options = Options(model=model, configuration=replace(asked, rest={}), recorded=False)
    rig = Rig(options, lambda: (collector, None), key=key)
    try:
        rig.engine.start()
        rig.engine.connect()
        rig.engine.say(f"Say: {LINE}")
        _wait(rig)
    finally:
        rig.stop()
    if not collector.pcm:
        raise SampleError("The model said nothing.")
    return Clip(bytes(collector.pcm), collector.rate_hz, rate_named=True, messages=1)


def _wait(rig: Rig) -> None:
    session, end_s = Session(), time.monotonic() + PATIENCE_S
    while not (session.turns and session.turns[-1].generated_s):
        if not rig.engine.inbox:
            time.sleep(POLL_S)
        while rig.engine.inbox:
            record, _ = rig.engine.inbox.popleft()
            session.apply(record)
            if isinstance(record, Event) and record.name == "connection.closed":
                raise SampleError(session.problem or "The connection was closed.")
        if time.monotonic() > end_s:
            raise SampleError(f"Nothing came within {PATIENCE_S:g} s.")
