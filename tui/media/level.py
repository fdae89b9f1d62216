"""How loud samples are."""

from __future__ import annotations

import math

import numpy as np

from tui.core.playback import SILENCE_DB
from tui.media.ring import Samples


def levels_db(block: Samples) -> tuple[float, float]:
    """RMS and peak of a block in dBFS."""
    sound = block.astype(np.float32) / 32768
    rms = math.sqrt(float(np.dot(sound, sound)) / len(sound))
    return decibels(rms), decibels(float(np.max(np.abs(sound))))


def decibels(amplitude: float) -> float:
    """An amplitude of 0..1 in dBFS, not lower than what silence is shown as."""
    return max(20 * math.log10(max(amplitude, 1e-9)), SILENCE_DB)
