"""A stretch of sound as a picture of its peaks and in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tui.core.playback import SILENCE_DB

COLUMNS: Final = 1024
"""The finest envelope: no pane has more cells."""
FULL_SCALE: Final = 32_768
GAINS: Final = (32, 16, 8, 4, 2, 1)
"""Quiet sound is drawn so many times higher, and says so."""

_CELLS: Final = " ▀▄█"
"""Nothing, the upper half, the lower half, both: what every terminal's font has."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """The lowest and highest sample of each of at most `COLUMNS` equal stretches, and levels."""

    lows: Sequence[int]
    highs: Sequence[int]
    peak_db: float
    """Highest sample, dBFS."""
    rms_db: float
    """Of all of it, dBFS."""
    clipped: int
    """Samples at full scale."""

    @property
    def silent(self) -> bool:
        """Digital silence: bytes without energy."""
        return self.peak_db <= SILENCE_DB

    @property
    def gain(self) -> int:
        """How many times higher it is drawn."""
        peak = max(1, -min(self.lows, default=0), max(self.highs, default=0))
        return next(gain for gain in GAINS if gain * peak <= FULL_SCALE or gain == 1)

    def rows(self, width: int, height: int) -> list[str]:
        """The envelope in so many cells, full scale from the top to the bottom."""
        cells = [[0] * width for _ in range(height)]
        for column in range(width):
            low, high = self._between(column / width, (column + 1) / width)
            for dot in range(self._dot(high, 2 * height), self._dot(low, 2 * height) + 1):
                cells[dot // 2][column] |= 1 + dot % 2
        return ["".join(_CELLS[cell] for cell in row) for row in cells]

    def _between(self, start: float, end: float) -> tuple[int, int]:
        """The extremes of a stretch, given by shares of the whole."""
        count = len(self.lows)
        first = min(count - 1, int(start * count))
        last = max(first + 1, min(count, int(end * count)))
        return min(self.lows[first:last]), max(self.highs[first:last])

    def _dot(self, sample: int, dots: int) -> int:
        """The row of dots of a sample; 0 is the top."""
        share = 0.5 - sample * self.gain / FULL_SCALE / 2
        return min(dots - 1, max(0, int(share * dots)))
