"""How loud recorded sound is: samples in figures, and peaks that any zoom can be drawn of."""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Mapping
from operator import mul
from typing import Any, TypeAlias

from tui.core import media
from tui.core.playback import SILENCE_DB

Samples: TypeAlias = "array[int]"
"""Mono, 16 bits."""

SLOT_S = 0.02
"""What one peak stands for."""
_STEP = 8
"""How many slots of a scale one slot of the next coarser one is the peak of."""
_SCALES = 8
"""The coarsest has slots of half a day."""
_PAGE = 128
_FULL_SCALE = 32768


def pcm(blob: Mapping[str, Any], *, sent: bool) -> tuple[Samples, int]:
    """A Blob's samples and their rate in Hz; none where it holds no PCM, or no base64."""
    default_hz = media.INPUT_RATE_HZ if sent else media.OUTPUT_RATE_HZ
    rate_hz = media.pcm_rate_hz(str(blob.get("mimeType", "")), default_hz)
    if not media.is_pcm(blob):
        return array("h"), rate_hz
    try:
        sound = media.data_bytes(blob)
    except ValueError:
        return array("h"), rate_hz
    samples = array("h", sound[: len(sound) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples, rate_hz


def decibels(amplitude: float) -> float:
    """An amplitude of 0..1 in dBFS, not lower than what silence is shown as."""
    return max(20 * math.log10(max(amplitude, 1e-9)), SILENCE_DB)


def levels_db(sound: Samples) -> tuple[float, float]:
    """RMS and peak in dBFS."""
    if not sound:
        return SILENCE_DB, SILENCE_DB
    rms = math.sqrt(sum(map(mul, sound, sound)) / len(sound)) / _FULL_SCALE
    return decibels(rms), decibels(_peak(sound) / _FULL_SCALE)


def peaks(sound: Samples, rate_hz: int) -> bytes:
    """The peak of each `SLOT_S`, in dB above `SILENCE_DB`; about 15 us each at 16 kHz."""
    width = round(rate_hz * SLOT_S)
    blocks = (sound[start : start + width] for start in range(0, len(sound), width))
    return bytes(round(decibels(_peak(block) / _FULL_SCALE) - SILENCE_DB) for block in blocks)


def _peak(sound: Samples) -> int:
    return max(max(sound), -min(sound))


class Peaks:
    """Peaks along a clock, at every zoom.

    Each scale holds the peaks of `_STEP` slots of the finer one, so that a cell of any width is
    the peak of a few slots. Only where there was sound is there a page, however far apart.
    """

    def __init__(self) -> None:
        self._scales: list[dict[int, bytearray]] = [{} for _ in range(_SCALES)]
        """Pages by their number; a byte is a level in dB above `SILENCE_DB`."""

    def __bool__(self) -> bool:
        return bool(self._scales[0])

    def add(self, start_s: float, levels: bytes) -> None:
        """Lay `peaks` along the clock, from a time on."""
        for slot, level in enumerate(levels, round(start_s / SLOT_S)):
            self._raise(slot, level)

    def peak_db(self, start_s: float, end_s: float) -> float:
        """The highest peak from a time to another one; `SILENCE_DB` where there is no sound.

        Fine slots at both ends and coarse ones between: some 40 are looked at, however long it is.
        """
        first = int(start_s / SLOT_S + 1e-6)
        last, highest = max(first + 1, math.ceil(end_s / SLOT_S - 1e-6)), 0
        for pages in self._scales:
            while first < last and first % _STEP:
                highest, first = max(highest, self._read(pages, first)), first + 1
            while first < last and last % _STEP:
                highest, last = max(highest, self._read(pages, last - 1)), last - 1
            if first == last:
                break
            if pages is not self._scales[-1]:
                first, last = first // _STEP, last // _STEP
        for number, page in self._scales[-1].items() if first < last else ():
            there = page[max(0, first - number * _PAGE) : max(0, last - number * _PAGE)]
            highest = max(highest, max(there, default=0))
        return highest + SILENCE_DB

    def _raise(self, slot: int, level: int) -> None:
        for pages in self._scales:
            number, at = divmod(slot, _PAGE)
            page = pages.get(number)
            if page is None:
                page = pages[number] = bytearray(_PAGE)
            elif page[at] >= level:
                return
            page[at] = level
            slot //= _STEP

    @staticmethod
    def _read(pages: dict[int, bytearray], slot: int) -> int:
        page = pages.get(slot // _PAGE)
        return 0 if page is None else page[slot % _PAGE]
