from __future__ import annotations

import sys

import numpy as np
import pytest
import soxr

from tests.media.virtual_sound import RATE_HZ, voice
from tui.media.echo import EchoCanceller, Loss, likeness
from tui.media.ring import Samples

BLOCK = 320


def wide(name: str) -> Samples:
    resampled: Samples = soxr.resample(voice(name), RATE_HZ, 16000)
    return resampled


def room(played: Samples, delay_s: float = 0.08) -> Samples:
    """The echo of a small room: a tail of 60 ms, at a quarter of the level."""
    tail = np.random.default_rng(2).normal(0, 1, 960) * np.exp(-np.arange(960) / 200)
    tail[0] = 4
    wet = np.convolve(played, tail / np.abs(tail).max() / 4)[: len(played)]
    return np.concatenate([np.zeros(round(delay_s * 16000)), wet]).astype(np.int16)


def through(canceller: EchoCanceller, near: Samples, far: Samples) -> Samples:
    far = np.pad(far, (0, max(0, len(near) - len(far))))
    clean = []
    for at in range(0, len(near) - BLOCK + 1, BLOCK):
        piece = slice(at, at + BLOCK)
        clean.append(canceller.process(near[piece], far[piece]))
        canceller.measure(near[piece], far[piece], clean[-1], speech=False)
    return np.concatenate(clean)


def level_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean((samples / 32768.0) ** 2) + 1e-12))


def test_the_echo_of_a_room_is_removed_and_the_loss_is_what_the_words_say() -> None:
    far = np.concatenate([wide("greeting"), wide("weather"), wide("greeting")])
    near = room(far)
    canceller = EchoCanceller()
    assert (canceller.words, canceller.erle_db) == ("echo cancelling: starting", None)
    clean = through(canceller, near, far)
    last = slice(-60000, -10000)
    removed_db = level_db(near[: len(clean)][last]) - level_db(clean[last])
    assert removed_db > 25
    assert canceller.erle_db is not None and canceller.erle_db == pytest.approx(removed_db, abs=6)
    assert canceller.words == f"echo cancelling {canceller.erle_db:.0f} dB"


def test_off_and_unavailable_are_told_apart_and_leave_the_sound_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    off, unavailable = EchoCanceller(wanted=False), EchoCanceller()
    assert off.words == "off by --no-aec"
    assert unavailable.words == "no echo cancelling: use headphones"
    near = wide("weather")[:BLOCK]
    for canceller in (off, unavailable):
        canceller.measure(near, near, near, speech=False)
        assert canceller.process(near, near) is near
        assert canceller.erle_db is None


def blocks(level: int, count: int) -> list[Samples]:
    random = np.random.default_rng(3)
    return [random.normal(0, level, BLOCK).astype(np.int16) for _ in range(count)]


def test_a_block_in_which_a_person_speaks_does_not_count_nor_those_just_before() -> None:
    loss = Loss()
    for block in blocks(3000, 60):
        loss.add(block, block, block // 100, speech=False)
    before_db = loss.db
    for number, block in enumerate(blocks(9000, 60)):
        loss.add(block, block, block, speech=number > 5)
    assert before_db == pytest.approx(40, abs=1)
    assert loss.db == pytest.approx(40, abs=1)


def test_nothing_is_measured_while_nothing_is_played() -> None:
    loss = Loss()
    silence = np.zeros(BLOCK, np.int16)
    for block in blocks(3000, 100):
        loss.add(block, silence, block, speech=False)
    assert (loss.db, loss.inaudible) == (None, False)


def test_headphones_are_no_echo() -> None:
    loss = Loss()
    for far, near in zip(blocks(3000, 100), blocks(5, 100), strict=True):
        loss.add(near, far, near, speech=False)
    assert (loss.db, loss.inaudible) == (None, True)


def test_our_own_voice_is_recognised_and_another_one_is_not() -> None:
    played = wide("weather")[8000:32000]
    echo = room(played)[8000:24000]
    person = wide("count-en-GB")[8000:24000]
    assert likeness(echo, played) > 0.4
    assert likeness(person, played) < 0.2
    assert likeness(np.zeros(16000, np.int16), played) == 0.0
    assert likeness(person, np.zeros(24000, np.int16)) == 0.0
    assert likeness(played[4000:20000] // 3, played) == pytest.approx(1, abs=0.01)
