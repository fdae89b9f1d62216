"""What is sent again, and where somebody speaks in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from tui.core import media
from tui.core.capture import BLOCK_S, QUIET_S, RATE_HZ
from tui.core.tool_call import ToolCall
from tui.core.trial import Input
from tui.media.voice_activity import VoiceActivity

BLOCK = round(BLOCK_S * RATE_HZ)
"""Samples in 20 ms."""


class Beat(NamedTuple):
    """One thing that is sent, at a second of its source: one of the others is there."""

    at_s: float
    sound: bytes = b""
    """s16le, mono, 16 kHz."""
    text: str = ""
    """A typed question."""
    talks: bool | None = None
    """The person tells that they begin or end to speak."""
    message: bytes = b""
    """Anything else, as it crossed the wire."""

    @property
    def seconds(self) -> float:
        """How long it sounds; it is sent at the end of that."""
        return len(self.sound) / media.BYTES_PER_SAMPLE / RATE_HZ


class Answer(NamedTuple):
    """What a call was answered with."""

    call: ToolCall
    response: Mapping[str, Any]
    """The `FunctionResponse`."""


class Source(Protocol):
    """Something to send. ``inputs`` takes a while: all of its sound is listened to."""

    name: str
    path: Path
    manual: bool
    """The person tells when they speak; sound is sent only then."""
    silence: bool
    """Silence follows it, as from a microphone."""
    answers: list[Answer]
    notes: list[str]
    """Sentences about what cannot be sent again."""

    @property
    def inputs(self) -> list[Input]:
        """What is said and typed in it."""
        ...

    @property
    def answered(self) -> bool:
        """Whether the last of it shall have an answer, as far as is known."""
        ...

    def beats(self) -> Iterator[Beat]:
        """All of it, in order."""
        ...

    def close(self) -> None:
        """Let its file go."""
        ...


def speech(beats: Iterator[Beat]) -> Iterator[Input]:
    """Where a person speaks, as this machine hears it."""
    activity = VoiceActivity()
    begin_s: float | None = None
    at_s = 0.0
    for beat in beats:
        if not beat.sound:
            continue
        if begin_s is not None and beat.at_s - beat.seconds - at_s > QUIET_S:  # it has stopped
            yield Input(begin_s, at_s)
            activity, begin_s = VoiceActivity(), None
        samples = np.frombuffer(beat.sound, np.int16)
        for start in range(0, len(samples), BLOCK):
            block = samples[start : start + BLOCK]
            at_s = beat.at_s - (len(samples) - start - len(block)) / RATE_HZ
            speaks = activity.hears(block)
            if speaks and begin_s is None:
                begin_s = at_s
            elif not speaks and begin_s is not None:
                yield Input(begin_s, max(begin_s, at_s - QUIET_S))
                begin_s = None
    if begin_s is not None:
        yield Input(begin_s, at_s)
