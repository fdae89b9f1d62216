from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from tui.media.ring import BLOCK_S, PREBUFFER_S, Ring, Track

RATE_HZ = 24000
BLOCK = round(BLOCK_S * RATE_HZ)
PREBUFFER = round(PREBUFFER_S * RATE_HZ)


@pytest.fixture
def ring() -> Ring:
    return Ring(RATE_HZ, latency_s=0.02)


def tone(samples: int) -> NDArray[np.int16]:
    return (np.sin(np.arange(samples) * 2 * np.pi * 440 / RATE_HZ) * 12000).astype(np.int16)


def track(ring: Ring, samples: NDArray[np.int16], number: int = 1, complete: bool = False) -> Track:
    track = Track(number)
    track.write(samples)
    track.complete = complete
    ring.lane.append(track)
    return track


def read(ring: Ring, blocks: int = 1) -> NDArray[np.int16]:
    out = np.full(blocks * BLOCK, 9999, np.int16)
    for start in range(0, len(out), BLOCK):
        ring.read(out[start : start + BLOCK], 0.0)
    return out


def step(sound: NDArray[np.int16]) -> int:
    return int(np.abs(np.diff(sound.astype(np.int32))).max())


def test_an_empty_ring_is_silent(ring: Ring) -> None:
    assert not read(ring, 3).any()
    assert ring.underruns == 0


def test_an_answer_waits_for_the_prebuffer_and_then_starts_at_its_first_sample(ring: Ring) -> None:
    sound = tone(PREBUFFER)
    answer = track(ring, sound[:-1])
    assert not read(ring).any()
    answer.write(sound[-1:])
    assert (read(ring) == sound[:BLOCK]).all()


def test_a_complete_answer_shorter_than_the_prebuffer_is_played_whole(ring: Ring) -> None:
    sound = tone(100)
    track(ring, sound, complete=True)
    assert (read(ring)[:100] == sound).all()
    assert not ring.lane
    assert ring.underruns == 0


@pytest.mark.parametrize("chunk", [1, 37, BLOCK, BLOCK + 1, 4800])
def test_blocks_and_chunks_of_any_size_give_every_sample_once(ring: Ring, chunk: int) -> None:
    sound = tone(3 * 4800 + 11)
    answer = Track(1)
    for start in range(0, len(sound), chunk):
        answer.write(sound[start : start + chunk])
    answer.complete = True
    ring.lane.append(answer)
    played = read(ring, len(sound) // BLOCK + 1)
    assert (played[: len(sound)] == sound).all()
    assert not played[len(sound) :].any()


def test_answers_follow_each_other_without_a_gap(ring: Ring) -> None:
    first, second = tone(100), tone(500) // 2
    track(ring, first, 1, complete=True)
    track(ring, second, 2, complete=True)
    assert (read(ring, 3)[:600] == np.concatenate([first, second])).all()


def test_an_answer_that_runs_dry_fades_out_and_buffers_again(ring: Ring) -> None:
    sound = tone(2 * PREBUFFER)
    answer = track(ring, sound[:PREBUFFER])
    played = read(ring, PREBUFFER // BLOCK + 4)
    assert ring.underruns == 1
    assert step(played) <= step(sound)
    assert not played[-BLOCK:].any()
    answer.write(sound[PREBUFFER : PREBUFFER + BLOCK])
    assert not read(ring).any()
    answer.write(sound[PREBUFFER + BLOCK :])
    resumed = read(ring, 3)
    assert resumed.any()
    assert abs(int(resumed[0])) < 100
    assert step(resumed) <= step(sound)


def test_no_sample_is_lost_or_repeated_when_an_answer_runs_dry(ring: Ring) -> None:
    answer = track(ring, tone(PREBUFFER))
    read(ring, 20)
    answer.write(tone(PREBUFFER))
    answer.complete = True
    read(ring, 20)
    assert answer.taken == answer.written == 2 * PREBUFFER


def test_a_flush_fades_the_next_block_and_then_is_silent(ring: Ring) -> None:
    sound = tone(24000)
    track(ring, sound)
    before = read(ring, 5)
    ring.flush(fade=True)
    after = read(ring, 4)
    assert np.abs(after[:BLOCK]).max() > 1000
    assert not after[BLOCK:].any()
    assert step(np.concatenate([before, after])) <= step(sound)


def test_a_flush_without_a_fade_is_silent_at_once(ring: Ring) -> None:
    track(ring, tone(24000))
    read(ring, 5)
    ring.flush(fade=False)
    assert not read(ring, 4).any()


def test_a_flush_before_the_first_sample_leaves_nothing_to_hear(ring: Ring) -> None:
    track(ring, tone(24000))
    ring.flush(fade=True)
    assert not read(ring, 4).any()


def test_an_answer_after_a_flush_plays_from_its_start(ring: Ring) -> None:
    track(ring, tone(24000))
    read(ring, 5)
    ring.flush(fade=True)
    sound = tone(4800) // 3
    track(ring, sound, 2)
    assert (read(ring, 5)[BLOCK:] == sound[: 4 * BLOCK]).all()


def test_what_was_heard_is_what_was_read_less_the_latency(ring: Ring) -> None:
    answer = track(ring, tone(24000))
    read(ring, 10)
    assert ring.mark is not None
    at = ring.mark.at
    assert ring.heard(answer, at) == 10 * BLOCK - 480
    assert ring.heard(answer, at + 0.01) == 10 * BLOCK - 240
    assert ring.heard(answer, at + 5) == 10 * BLOCK
    assert ring.sounding(at) is answer
    assert ring.sounding(at + 5) is None


def test_what_was_heard_never_goes_back_when_an_answer_resumes(ring: Ring) -> None:
    answer = track(ring, tone(PREBUFFER))
    read(ring, 20)
    heard = ring.heard(answer, time.perf_counter() + 1)
    answer.write(tone(PREBUFFER))
    read(ring)
    assert ring.mark is not None
    assert ring.heard(answer, ring.mark.at) == heard == ring.mark.taken - BLOCK
