"""Sound as a client sends it → 16 kHz, 16 bit, mono PCM; and how loud such sound is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.emulator.perception.ears import RATE_HZ

if TYPE_CHECKING:
    import soxr

SILENCE_DB = -120.0
"""The level of digital silence."""


def level_db(pcm: bytes, *, every: int = 1) -> float:
    """The level of 16 bit PCM in dBFS (a full square wave has 0); not below `SILENCE_DB`.

    That of ``every`` second or third sample is about the same.
    """
    import numpy as np

    samples = np.frombuffer(pcm, "<i2")[::every].astype(np.float32)
    power = float(np.add.reduce(samples * samples)) / 2**30 / max(1, samples.size)
    return max(SILENCE_DB, 10 * math.log10(power)) if power else SILENCE_DB


class Resampler:
    """Brings a stream of 16 bit, mono PCM to 16 kHz; holds back some 6 ms of it."""

    def __init__(self) -> None:
        self._rate_hz = RATE_HZ
        self._stream: soxr.ResampleStream | None = None

    def to_16_khz(self, pcm: bytes, rate_hz: int) -> bytes:
        """More of the stream; half a sample at the end of ``pcm`` is dropped."""
        whole = pcm[: len(pcm) & ~1]
        if rate_hz != self._rate_hz:
            self._rate_hz, self._stream = rate_hz, _stream(rate_hz)
        if self._stream is None:
            return whole
        import numpy as np

        resampled: bytes = self._stream.resample_chunk(np.frombuffer(whole, "<i2")).tobytes()
        return resampled


def _stream(rate_hz: int) -> soxr.ResampleStream | None:
    if rate_hz == RATE_HZ:
        return None
    import soxr

    return soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="int16", quality="LQ")
