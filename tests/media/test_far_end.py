from __future__ import annotations

from collections import deque

import numpy as np
import pytest

from tui.media.far_end import HEAD_START_S, FarEnd
from tui.media.ring import Played, Reference, Samples

BLOCK = 320


def played(at: float, number: int, rate_hz: int = 16000) -> Played:
    """10 ms of a noise that is different for each number, laid at that time."""
    random = np.random.default_rng(number)
    noise = random.integers(-9000, 9000, rate_hz // 100).astype(np.int16)
    return Played(noise, rate_hz, at + HEAD_START_S)


def heard(far_end: FarEnd, block: int, late_s: float = 0.0) -> Samples:
    return far_end.beside(BLOCK, (block + 1) * 0.02 + late_s)


def test_without_a_speaker_there_is_silence() -> None:
    far_end = FarEnd(None)
    assert not heard(far_end, 0).any()
    assert not far_end.last(1.5).any()


def test_blocks_lie_where_they_were_played_however_late_the_callbacks_come() -> None:
    reference: Reference = deque()
    far_end = FarEnd(reference)
    heard(far_end, 0)
    line = []
    for block in range(1, 50):
        jitter_s = 0.004 * (block % 3)
        reference.extend(
            played(block * 0.02 + jitter_s * (block > 1) + half * 0.01, block * 2 + half)
            for half in (0, 1)
        )
        line.append(heard(far_end, block, late_s=0.003 * (block % 2)))
    expected = np.concatenate([played(0, number).samples.astype(int) for number in range(2, 100)])
    assert np.abs(np.concatenate(line) - expected).max() <= 1
    assert np.abs(far_end.last(0.5) - expected[-8000:]).max() <= 1


def test_a_new_answer_begins_at_its_time_after_silence() -> None:
    reference: Reference = deque()
    far_end = FarEnd(reference)
    heard(far_end, 0)
    reference.append(played(0.02, 1))
    line = [heard(far_end, block) for block in range(1, 50)]
    reference.append(played(1.005, 2))
    line.append(heard(far_end, 50))
    sound = np.concatenate(line)
    assert np.flatnonzero(sound)[-1] - 160 == pytest.approx((1.005 - 0.02) * 16000, abs=2)
    assert (np.abs(sound[160 : 49 * BLOCK]) == 0).all()


@pytest.mark.parametrize("slip_s", [0.015, -0.015])
def test_a_device_that_slips_is_followed(slip_s: float) -> None:
    reference: Reference = deque()
    far_end = FarEnd(reference)
    heard(far_end, 0)
    line = []
    for block in range(1, 150):
        at = (block + 1) * 0.02 + slip_s * (block >= 60)
        reference.extend(played(at + half * 0.01, block * 2 + half) for half in (0, 1))
        line.append(heard(far_end, block))
    sound = np.concatenate(line)
    last = played(0, 240).samples.astype(np.float64)
    offset = int(np.argmax(np.correlate(sound.astype(np.float64), last, "valid")))
    assert offset == pytest.approx(240 / 2 * BLOCK + slip_s * 16000, abs=16)


def test_what_was_played_is_forgotten_after_some_seconds() -> None:
    reference: Reference = deque([played(0.0, 1)])
    far_end = FarEnd(reference)
    line = [heard(far_end, block) for block in range(600)]
    assert line[0].any()
    assert not np.concatenate(line[1:]).any()


def test_a_speaker_of_24_khz_is_resampled_without_a_hole() -> None:
    """Devices hold blocks for some 30 ms: so the resampler's bursts are there in time."""
    reference: Reference = deque()
    far_end = FarEnd(reference)
    tone = (9000 * np.sin(2 * np.pi * 440 * np.arange(24000) / 24000)).astype(np.int16)
    heard(far_end, 0)
    line = []
    for block in range(1, 50):
        for half in (0, 1):
            at_s = (block + 1) * 0.02 + half * 0.01 + HEAD_START_S
            begin = (block - 1) * 480 + half * 240
            reference.append(Played(tone[begin : begin + 240], 24000, at_s))
        line.append(heard(far_end, block))
    sound = np.concatenate(line)[BLOCK:].astype(np.float64)
    expected = 9000 * np.sin(2 * np.pi * 440 * np.arange(len(sound)) / 16000)
    assert np.abs(sound[1000:-1000] - expected[1000:-1000]).max() < 400


def test_blocks_that_nobody_read_for_long_do_no_harm() -> None:
    reference: Reference = deque(played(number * 0.01, number) for number in range(200))
    far_end = FarEnd(reference)
    for block in range(500, 520):
        far_end.beside(BLOCK, block * 0.02)
    assert not reference
    assert not far_end.last(0.3).any()
