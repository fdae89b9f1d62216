from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recorded import blob, tone
from tui.core.levels import SLOT_S, Peaks, levels_db, pcm, peaks
from tui.core.playback import SILENCE_DB


def test_a_sine_has_its_known_level() -> None:
    sound, rate_hz = pcm(blob(tone(1.0, 16_000, 0.5), 16_000), sent=True)
    rms_db, peak_db = levels_db(sound)
    assert rate_hz == 16_000
    assert peak_db == pytest.approx(20 * math.log10(0.5), abs=0.1)
    assert rms_db == pytest.approx(20 * math.log10(0.5 / math.sqrt(2)), abs=0.1)
    each = peaks(sound, rate_hz)
    assert len(each) == round(1 / SLOT_S)
    assert {level + SILENCE_DB for level in each} == {round(peak_db)}


def test_silence_clipping_and_nothing() -> None:
    assert levels_db(pcm(blob(bytes(640), 16_000), sent=True)[0]) == (SILENCE_DB, SILENCE_DB)
    lowest = (-32768).to_bytes(2, "little", signed=True) * 320
    assert levels_db(pcm(blob(lowest, 16_000), sent=True)[0]) == (0.0, 0.0)
    assert levels_db(pcm({"mimeType": "audio/pcm", "data": "%%"}, sent=True)[0])[1] == SILENCE_DB
    assert not pcm({"mimeType": "audio/ogg", "data": "AAAA"}, sent=True)[0]
    assert not peaks(pcm(blob(b"", 16_000), sent=True)[0], 16_000)


@given(st.integers(0, 3000), st.integers(1, 3000), st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_every_zoom_shows_the_loudest_slot(first: int, count: int, seed: int) -> None:
    dice = random.Random(seed)
    levels = bytes(dice.randrange(91) for _ in range(4000))
    along = Peaks()
    for start in range(0, len(levels), 50):
        along.add(start * SLOT_S, levels[start : start + 50])
    count = min(count, len(levels) - first)
    seen = along.peak_db(first * SLOT_S, (first + count) * SLOT_S)
    assert seen == max(levels[first : first + count]) + SILENCE_DB


def test_distant_sound_costs_no_memory_and_no_time() -> None:
    along = Peaks()
    along.add(0.0, b"\x50")
    along.add(1e9, b"\x40")
    assert along.peak_db(0.0, 2e9) == 0x50 + SILENCE_DB
    assert along.peak_db(1e9, 1e9 + 1) == 0x40 + SILENCE_DB
    assert along.peak_db(100.0, 5000.0) == SILENCE_DB
    assert not Peaks()
