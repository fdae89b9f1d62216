"""Speech into text, offline: Moonshine's small English model, where it is installed."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import types
from collections.abc import Iterator
from typing import Any

RATE_HZ = 16_000
_OPTIONS = {"vad_threshold": 0.0}
"""No voice detection of its own: it finds stray words ("You", "We") in the silence before."""


def installed() -> bool:
    """Whether words can be recognized here."""
    return importlib.util.find_spec("moonshine_voice") is not None


class Recognizer:
    """Transcribes one piece of speech at a time; not for several threads at once."""

    def __init__(self) -> None:
        """Load the model and warm it up, if there is one; takes about a second."""
        self._moonshine = _moonshine()
        self.transcribe(bytes(RATE_HZ))

    def transcribe(self, pcm: bytes) -> str | None:
        """The words of ``pcm`` (16 kHz, s16le, mono); None where there is no model."""
        if self._moonshine is None:
            return None
        import numpy as np

        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        heard = self._moonshine.transcribe_without_streaming(samples.tolist(), RATE_HZ)
        return " ".join(line.text.strip() for line in heard.lines if line.text.strip())


def _moonshine() -> Any | None:
    """The model; None where it is not installed or this system cannot load it."""
    if not installed():
        return None
    try:
        with _without_microphone():
            from moonshine_voice import ModelArch, Transcriber
            from moonshine_voice.utils import get_model_path
        return Transcriber(get_model_path("tiny-en"), ModelArch.TINY, options=_OPTIONS)
    except (ImportError, OSError):
        return None


@contextlib.contextmanager
def _without_microphone() -> Iterator[None]:
    """An empty `sounddevice`, unless the real one is there already.

    moonshine_voice imports it for a microphone of its own (0.0.73): where PortAudio is missing
    that fails, and where it is not, PortAudio would look for all devices.
    """
    stand_in = types.ModuleType("sounddevice")
    there = sys.modules.setdefault("sounddevice", stand_in)
    try:
        yield
    finally:
        if there is stand_in:
            del sys.modules["sounddevice"]
