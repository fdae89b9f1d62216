"""What the speaker played, laid out beside what the microphone hears, sample by sample."""

from __future__ import annotations

from collections import deque

import numpy as np
import soxr

from tui.core.capture import RATE_HZ
from tui.media.ring import Played, Reference, Samples

SIZE = 1 << 16
"""Samples that are kept, past and future: four seconds."""

AHEAD = RATE_HZ
"""So far may a device be given samples before they are heard."""

GAP = RATE_HZ // 50
"""A block that sounds so much later than the one before it ended comes after a gap; one that sounds
so much sooner, after an abort that threw away what the device held."""

HEAD_START_S = 0.015
"""An echo comes after its cause, also where a device tells its times wrongly by so much. Not more:
a block must be laid before the microphone gives what sounded with it."""

SLIP = RATE_HZ // 125
SLIP_BLOCKS = 8
"""A run that has led its times by 8 ms in all of its last 8 blocks has slipped: one of the devices
has lost or repeated samples, as a busy machine makes them do, or told a wrong time at its start."""

CLOCK_BLOCKS = 50
"""Over so many blocks the earliest arrival tells the time; the others were held up on the way."""


class FarEnd:
    """A line of played samples at 16 kHz that runs along with the microphone's samples.

    The two devices start, stop and drift apart as they like. What ties them together is the time
    at which each block was in the air. Inside a run of blocks only samples count, so that times
    that are not exact do not shift them; after a gap the run starts again at its time, and after a
    slip it is moved. The delay that is left, of the room and of the head start, is constant and
    positive, as AEC3 wants it.

    Args:
        reference: the blocks played; None when nothing is.
    """

    def __init__(self, reference: Reference | None) -> None:
        self._reference: Reference = deque() if reference is None else reference
        self._line = np.zeros(SIZE, np.int16)
        self._heard = 0
        self._laid = 0.0
        """Where the last run ends, on the microphone's line."""
        self._written = 0
        """How far it is written: the resampler gives its samples late, and many at a time."""
        self._starts: deque[float] = deque(maxlen=CLOCK_BLOCKS)
        self._leads: deque[int] = deque(maxlen=SLIP_BLOCKS)
        self._rate_hz = 0
        self._resampler: soxr.ResampleStream | None = None

    def beside(self, count: int, sounded_s: float) -> Samples:
        """The samples beside the microphone's next ones.

        Args:
            count: how many the microphone gave.
            sounded_s: `time.perf_counter()` at which the last of them was in the air.
        """
        self._starts.append(sounded_s - (self._heard + count) / RATE_HZ)
        while self._reference:
            self._lay(self._reference.popleft())
        begin, self._heard = self._heard, self._heard + count
        stale = self._heard + AHEAD
        self._line[np.arange(stale, stale + count) % SIZE] = 0
        return self._between(begin, self._heard)

    def last(self, seconds: float) -> Samples:
        """The samples beside the microphone's last ones; any thread may ask."""
        return self._between(self._heard - round(seconds * RATE_HZ), self._heard)

    def _between(self, begin: int, end: int) -> Samples:
        samples: Samples = self._line[np.arange(begin, end) % SIZE]
        return samples

    def _lay(self, played: Played) -> None:
        at = round((played.at - HEAD_START_S - min(self._starts)) * RATE_HZ)
        if abs(self._laid - at) > GAP or played.rate_hz != self._rate_hz:
            self._begin(at, played.rate_hz)
        self._follow(round(self._laid) - at)
        assert self._resampler is not None
        samples: Samples = self._resampler.resample_chunk(played.samples)
        self._laid += len(played.samples) * RATE_HZ / played.rate_hz
        begin, self._written = self._written, self._written + len(samples)
        if begin > self._heard - RATE_HZ and self._written < self._heard + AHEAD:
            self._line[np.arange(begin, self._written) % SIZE] = samples

    def _begin(self, at: int, rate_hz: int) -> None:
        self._laid = self._written = at
        self._leads.clear()
        self._rate_hz = rate_hz
        self._resampler = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="int16", quality="LQ")

    def _follow(self, lead: int) -> None:
        self._leads.append(lead)
        most = max(self._leads)  # of the block whose time is the least late
        if len(self._leads) == SLIP_BLOCKS and abs(most) > SLIP:
            self._laid -= most
            self._written -= most
            self._leads.clear()
