"""A microphone with a list at its other end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from tests.media.virtual_sound import RATE_HZ, until, voice
from tui.core.capture import Block
from tui.media.microphone import Microphone
from tui.media.speaker import Speaker


class Wire(list[Block]):
    """What a microphone handed on."""

    @property
    def audio(self) -> NDArray[np.int16]:
        return np.frombuffer(b"".join(block.pcm for block in self), "<i2")

    def after(self, start: int) -> Wire:
        return Wire(self[start:])

    def speech(self) -> float:
        return float(np.mean([block.speech for block in self]))


@contextlib.contextmanager
def listening(source: str | int | None = None, **options: Any) -> Iterator[tuple[Microphone, Wire]]:
    wire = Wire()
    microphone = Microphone(source, on_block=wire.append, **options)
    microphone.open()
    try:
        until(lambda: len(wire) > 0)
        yield microphone, wire
    finally:
        microphone.close()


@contextlib.contextmanager
def hearing(**options: Any) -> Iterator[tuple[Microphone, Wire]]:
    """A microphone whose device has begun to speak."""
    with listening(**options) as (microphone, wire):
        until(lambda: bool(microphone.snapshot().device))
        time.sleep(0.3)
        yield microphone, wire


def wide(name: str) -> NDArray[np.int16]:
    resampled: NDArray[np.int16] = soxr.resample(voice(name), RATE_HZ, 16000)
    return resampled


def answer(speaker: Speaker, number: int, speech: NDArray[np.int16]) -> None:
    for start in range(0, len(speech), 4800):
        speaker.play(number, speech[start : start + 4800].tobytes(), RATE_HZ)
    speaker.finish(number)
