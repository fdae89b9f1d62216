"""A stretch of sound as a picture of its peaks and in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tui.core.playback import SILENCE_DB

COLUMNS: Final = 1024
"""The finest envelope: no pane is wider, at two columns a cell."""
FULL_SCALE: Final = 32_768
GAINS: Final = (32, 16, 8, 4, 2, 1)
"""Quiet sound is drawn so many times higher, and says so."""

_BLANK: Final = 0x2800
_LEFT: Final = (0x01, 0x02, 0x04, 0x40)
_RIGHT: Final = (0x08, 0x10, 0x20, 0x80)
"""The dots of a braille cell from top to bottom (Unicode, chapter 21.1)."""


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
        columns, dots = 2 * width, 4 * height
        cells = [[_BLANK] * width for _ in range(height)]
        for column in range(columns):
            low, high = self._between(column / columns, (column + 1) / columns)
            for dot in range(self._dot(high, dots), self._dot(low, dots) + 1):
                bits = _RIGHT if column % 2 else _LEFT
                cells[dot // 4][column // 2] |= bits[dot % 4]
        return ["".join(map(chr, row)) for row in cells]

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
