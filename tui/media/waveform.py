"""Measuring a stretch of sound."""

from __future__ import annotations

import numpy as np

from tui.core.clip import Clip
from tui.core.waveform import COLUMNS, FULL_SCALE, Waveform
from tui.media.level import levels_db


def measured(clip: Clip) -> Waveform:
    """Its peaks and levels; numpy leaves the interpreter to others meanwhile."""
    samples = np.frombuffer(clip.pcm, "<i2")
    edges = np.linspace(0, len(samples), min(COLUMNS, len(samples)), endpoint=False).astype(int)
    lows, highs = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
    rms_db, peak_db = levels_db(samples)
    clipped = int(np.count_nonzero((samples == FULL_SCALE - 1) | (samples == -FULL_SCALE)))
    return Waveform(lows.tolist(), highs.tolist(), peak_db, rms_db, clipped)
