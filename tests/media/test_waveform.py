from __future__ import annotations

import numpy as np
import pytest

from tui.core.clip import Clip
from tui.core.playback import SILENCE_DB
from tui.core.waveform import COLUMNS, Waveform
from tui.media.waveform import measured

RATE_HZ = 24_000


def wave(samples: object) -> Waveform:
    return measured(Clip(np.asarray(samples).astype("<i2").tobytes(), RATE_HZ, True, 1))


def tone(amplitude: float, seconds: float = 1.0) -> np.ndarray:
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return amplitude * 32767 * np.sin(2 * np.pi * 440 * times)


def test_a_tone_has_the_levels_of_a_tone() -> None:
    found = wave(tone(0.5))
    assert found.peak_db == pytest.approx(-6.02, abs=0.01)
    assert found.rms_db == pytest.approx(-9.03, abs=0.01)
    assert (found.clipped, found.silent, found.gain) == (0, False, 2)
    assert len(found.lows) == len(found.highs) == COLUMNS


def test_the_envelope_has_every_extreme() -> None:
    samples = np.zeros(100_000)
    samples[[7, 77_777]] = 30_000, -20_000
    found = wave(samples)
    assert max(found.highs) == 30_000
    assert found.lows.index(-20_000) == 77_777 * COLUMNS // 100_000
    assert sum(map(bool, found.lows)) == 1


def test_silence_and_clipping_are_told() -> None:
    assert wave(np.zeros(100)).silent
    assert wave(np.zeros(100)).rms_db == SILENCE_DB
    assert wave([32767, -32768, 0, 32767]).clipped == 3


def test_a_single_sample_can_be_drawn() -> None:
    assert wave([100]).rows(10, 2)


def test_louder_sound_is_drawn_higher_and_in_its_place() -> None:
    samples = np.concatenate([np.zeros(RATE_HZ), tone(1.0)])
    rows = wave(samples).rows(20, 4)
    assert [len(row) for row in rows] == [20] * 4
    assert [row[:9] for row in rows] == [" " * 9, " " * 9, "▀" * 9, " " * 9]
    assert [row[11:] for row in rows] == ["█" * 9] * 4


def test_quiet_sound_is_drawn_larger() -> None:
    assert wave(tone(0.01)).gain == 32
    assert wave(tone(1.0)).gain == 1
    assert wave([-32768]).gain == 1
