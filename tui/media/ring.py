"""The samples between the network and the sound card: jitter buffer, fades, and what was heard.

One thread writes, another flushes, the sound card's callback reads, and anyone asks what was
heard. Nobody waits for anybody: appending to a deque, taking from it and replacing an attribute
are each atomic in CPython, and every attribute has exactly one thread that writes it.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.int16]

BLOCK_S = 0.01
"""What the device asks for at a time. A cut fades out over one block, so this is the fade, too."""

PREBUFFER_S = 0.08
"""How much of an answer must be there before it starts, and again after it ran dry."""


@dataclass(frozen=True, slots=True)
class Played:
    """A block that the device has taken."""

    samples: Samples
    rate_hz: int
    at: float
    """`time.perf_counter()` at which its first sample leaves the device."""


Reference: TypeAlias = deque[Played]
"""The last blocks played, oldest first. Its one reader takes them from the left."""

REFERENCE_BLOCKS = 200


@dataclass(slots=True, eq=False)
class Track:
    """One answer and its samples, in the order of playing."""

    number: int = 0
    received_s: float = 0.0
    """Seconds that came over the wire; the samples written may lag behind, or be none."""
    blocks: deque[Samples] = field(default_factory=deque)
    written: int = 0
    taken: int = 0
    complete: bool = False
    """No more samples will be written."""

    @property
    def ahead(self) -> int:
        """Samples that were written and not yet taken."""
        return self.written - self.taken

    def write(self, samples: Samples) -> None:
        """Append samples; the array is kept, not copied."""
        self.blocks.append(samples)
        self.written += len(samples)

    def read(self, out: Samples) -> int:
        """Move as many samples as there are into `out`; returns how many."""
        used = 0
        while used < len(out) and self.blocks:
            piece = self.blocks.popleft()
            room = len(out) - used
            if len(piece) > room:
                self.blocks.appendleft(piece[room:])
                piece = piece[:room]
            out[used : used + len(piece)] = piece
            used += len(piece)
        self.taken += used
        return used


Lane: TypeAlias = deque[Track]
"""Answers that play one after the other. A flush puts an empty lane in the place of the old one."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the device has read, at the last block with sound in it."""

    track: Track
    since: int
    """Samples of the track that were taken before it last began to flow."""
    taken: int
    at: float
    """`time.perf_counter()` of the read."""


class Ring:
    """Holds answers until the device reads them, block by block.

    Args:
        rate_hz: samples per second, mono.
        latency_s: time between the end of a read and the last of its samples being heard.
    """

    def __init__(self, rate_hz: int = 24000, latency_s: float = 0.0) -> None:
        self.rate_hz = rate_hz
        self.latency_s = latency_s
        self.lane: Lane = deque()
        self.mark: Mark | None = None
        self.block: Samples = np.zeros(1, np.int16)
        """The block last read."""
        self.read_at = 0.0
        """`time.perf_counter()` of the last read."""
        self.played: Reference = deque(maxlen=REFERENCE_BLOCKS)
        self.underruns = 0
        self._source = self.lane
        self._flowing = False
        self._fading = False

    def flush(self, *, fade: bool) -> None:
        """Drop everything; ``fade``: the block that is read next fades out what was sounding."""
        self._fading = fade
        self.lane = deque()

    def read(self, out: Samples, leaves_s: float) -> None:
        """Fill one block for the device: sound as far as there is any, then zeros. Never raises.

        Args:
            out: one block.
            leaves_s: `time.perf_counter()` at which its first sample leaves the device.
        """
        lane = self.lane
        cut = self._source is not lane
        used = self._take(out) if not cut or (self._flowing and self._fading) else 0
        out[used:] = 0
        if cut:
            _fade_out(out[:used])
            self._flowing = False
            self._source = lane
        self.block = out.copy()
        self.read_at = time.perf_counter()
        self.played.append(Played(self.block, self.rate_hz, leaves_s))

    def waiting(self) -> Track | None:
        """The answer that is read next, be it begun or not."""
        try:
            return self.lane[0]
        except IndexError:
            return None

    def sounding(self, now: float) -> Track | None:
        """The answer whose samples leave the device at `now` (perf_counter)."""
        mark = self.mark
        return mark.track if mark and self.heard(mark.track, now) < mark.taken else None

    def heard(self, track: Track, now: float) -> int:
        """Samples of an answer that have left the device at `now` (perf_counter)."""
        mark = self.mark
        if mark is None or mark.track is not track:
            return 0
        inside = round((self.latency_s - (now - mark.at)) * self.rate_hz)
        return min(mark.taken, max(mark.since, mark.taken - inside))

    def quiet_s(self, now: float) -> float:
        """Seconds since anything was heard or waited to be."""
        return 0.0 if self.waiting() else now - (self.mark.at if self.mark else 0.0)

    def _take(self, out: Samples) -> int:
        used = 0
        while self._source and used < len(out):
            track = self._source[0]
            complete = track.complete  # before the read: the writer completes after its last write
            if not self._flowing and not complete and track.ahead < PREBUFFER_S * self.rate_hz:
                break
            piece = out[used : used + track.read(out[used:])]
            used += len(piece)
            self._advance(track, piece)
            # An unfinished answer keeps a block back, so that there is one to fade out over
            # when the next chunk is late.
            if not complete and track.ahead < BLOCK_S * self.rate_hz:
                _fade_out(piece)
                self._flowing = False
                self.underruns += 1
                break
            if complete and not track.ahead:
                self._source.popleft()
                self._flowing = False
        return used

    def _advance(self, track: Track, piece: Samples) -> None:
        since = self.mark.since if self.mark and self._flowing else track.taken - len(piece)
        if since and not self._flowing:
            _fade_out(piece[::-1])
        self._flowing = True
        self.mark = Mark(track, since, track.taken, time.perf_counter())


def _fade_out(piece: Samples) -> None:
    """Fade in place. Squared, because a straight line stays loud until its very end."""
    piece[:] = piece * np.linspace(1, 0, len(piece), dtype=np.float32) ** 2
